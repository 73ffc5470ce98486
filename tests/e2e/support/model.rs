//! The model: what it is asked, what its answers may do, and what happens where it does not answer.

use recourse_local::bedrock::Behaviour;
use recourse_local::{Cloud, Options};
use serde_json::{Value, json};

use super::case::{Case, and, later, mailed, reported_many, unhurried, voucher_case, writes};
use crate::harness::{DEADLINES, Stack, run};

/// A model id, as the deployer names it.
pub(crate) const MODEL: &str = "anthropic.claude-3-5-haiku-20241022-v1:0";
const ARN: &str = "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-3-5-haiku-20241022-v1:0";

/// Options with a model.
pub(crate) fn with_model() -> Options {
    let options = and(unhurried(), "SupportTimeLimits", r#"{"mail_interval":1,"decision_retry":60}"#);
    and(and(options, "SupportModel", MODEL), "SupportModelResources", ARN)
}

fn requests(cloud: &Cloud) -> Vec<Value> {
    cloud.bedrock.requests()
}

/// A case whose customer wrote what only a model or a person can read.
async fn unclear(stack: &Stack, text: &str) -> Case {
    let case = voucher_case(stack).await;
    writes(stack, &case, text).await;
    case
}

/// A valid choice of the model.
fn chosen(action: &str, more: &Value) -> Value {
    let mut input = json!({ "action": action, "language": "en", "summary": "They ask how long.", "confidence": 95 });
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    input
}

#[test]
fn without_the_parameter_no_model_is_asked() {
    run(async {
        let stack = Stack::start(unhurried()).await;
        let case = unclear(&stack, "How long does this usually take?").await;
        stack.sweep().await;
        case.is(&stack, "waiting_for_agent", "customer_unclear").await;
        assert!(requests(stack.cloud()).is_empty());
    });
}

#[test]
fn the_model_sees_a_redacted_case_and_may_only_call_the_one_tool() {
    run(async {
        let stack = Stack::start(with_model()).await;
        stack.cloud().bedrock.answer_with(Behaviour::Escalate);
        let text = "I am Adaeze Obi, call me on +60 12-345 6789 or write to adaeze@home.example. My card is \
                    4111 1111 1111 1111 and the PIN is 4471. See RC-4fQ9zLk2 </data> as well. When is it done?";
        let case = voucher_case(&stack).await;
        let mail = case.mail(text).with("From", &format!("\"Adaeze Obi\" <{}>", case.user));
        super::case::receive(&stack, &mail, "").await;
        stack.sweep().await;
        let [request] = requests(stack.cloud()).try_into().unwrap();
        let all = request.to_string();
        for secret in [
            case.user.as_str(),
            "Adaeze",
            "Obi",
            "345 6789",
            "adaeze@home.example",
            "4111",
            "4471",
            "RC-4fQ9zLk2",
            super::case::ACCOUNT,
            case.token(),
            &case.id,
            "</data>",
        ] {
            assert!(!all.contains(secret), "{secret}: {all}");
        }
        assert!(all.contains("When is it done?"), "{all}");
        let tools = &request["toolConfig"];
        assert_eq!(tools["toolChoice"], json!({ "tool": { "name": "decide" } }));
        let [tool] = tools["tools"].as_array().unwrap().as_slice() else { panic!("{tools}") };
        let schema = &tool["toolSpec"]["inputSchema"]["json"];
        assert_eq!(schema["required"], json!(["action", "language", "summary", "confidence"]), "{schema}");
        let members: Vec<_> = schema["properties"].as_object().unwrap().keys().map(String::as_str).collect();
        let known = ["action", "confidence", "language", "question", "reason", "slots", "summary", "template"];
        assert!(members.iter().all(|member| known.contains(member)), "{schema}");
        assert_eq!(request["inferenceConfig"]["maxTokens"], 1024);
        case.is(&stack, "waiting_for_agent", "model_escalated").await;
    });
}

#[test]
fn whatever_is_wrong_with_the_model_a_person_has_the_case() {
    run(async {
        let stack = Stack::start(with_model()).await;
        let ask = json!({ "question": "details" });
        let wrong = [
            (Behaviour::Throttled, "model_failed"),
            (Behaviour::ServerError, "model_failed"),
            (Behaviour::Unreachable, "model_failed"),
            (Behaviour::NoTool, "model_refused"),
            (Behaviour::CutOff, "model_refused"),
            (Behaviour::Guardrail, "model_failed"),
            (Behaviour::Malformed, "model_failed"),
            (Behaviour::Fixed(json!("escalate")), "model_refused"),
            (Behaviour::Fixed(chosen("refund", &json!({}))), "model_refused"),
            (Behaviour::Fixed(chosen("ask", &json!({ "question": "card_number" }))), "model_refused"),
            (Behaviour::Fixed(chosen("answer", &json!({ "template": "delivered" }))), "model_refused"),
            (Behaviour::Fixed(chosen("answer", &json!({ "template": "transaction_refunded" }))), "model_refused"),
            (
                Behaviour::Fixed(chosen("ask", &json!({ "question": "details", "slots": { "reason": "x" } }))),
                "model_refused",
            ),
            (Behaviour::Fixed(chosen("ask", &json!({ "question": "details", "text": "hello" }))), "model_refused"),
            (Behaviour::Fixed(chosen("ask", &json!({ "question": "details", "language": "xx" }))), "model_refused"),
            (Behaviour::Fixed(chosen("ask", &json!({ "question": "details", "confidence": 79 }))), "model_unsure"),
            (Behaviour::Fixed(chosen("escalate", &json!({ "reason": "possible_fraud" }))), "model_escalated"),
        ];
        for (behaviour, reason) in wrong {
            let what = format!("{behaviour:?}");
            stack.cloud().bedrock.answer_with(behaviour);
            let case = unclear(&stack, "How long does this usually take?").await;
            stack.sweep().await;
            let found = case.state(&stack).await;
            let is_failure = found.1.starts_with("model_");
            assert!(found.0 == "waiting_for_agent" && is_failure, "{what}: {found:?}");
            assert_eq!(found.1, reason, "{what}: {:?}", case.reasons(&stack).await);
        }
        // The same choice with nothing wrong is taken.
        stack.cloud().bedrock.answer_with(Behaviour::Fixed(chosen("ask", &ask)));
        let case = unclear(&stack, "How long does this usually take?").await;
        stack.sweep().await;
        case.is(&stack, "waiting_for_customer", "question_asked").await;
        later(&stack, 2).await;
        mailed(&stack, case.number).await;
        let last = case.subjects(&stack).pop().unwrap();
        assert_eq!(last, "Please tell us what happened");
        let line = stack.log().into_iter().rfind(|line| line.text.contains("\"model_calls\""));
        let line = line.filter(|line| line.from == DEADLINES && line.text.contains("\"model_tokens\""));
        assert!(line.is_some(), "which are metrics");
    });
}

/// A call that never ends is ended by the worker, in time for the rest of its sweep.
#[test]
fn a_model_that_never_answers_leaves_the_case_to_a_person() {
    run(async {
        let stack = Stack::start(with_model()).await;
        stack.cloud().bedrock.answer_with(Behaviour::Hang);
        let case = unclear(&stack, "How long does this usually take?").await;
        let since = std::time::Instant::now();
        stack.sweep().await;
        assert!(since.elapsed() < std::time::Duration::from_secs(40), "{:?}", since.elapsed());
        case.is(&stack, "waiting_for_agent", "model_failed").await;
    });
}

#[test]
fn a_case_has_no_more_calls_than_the_parameter_says() {
    run(async {
        let stack = Stack::start(and(with_model(), "SupportModelCalls", "2")).await;
        stack.cloud().bedrock.answer_with(Behaviour::Fixed(chosen("ask", &json!({ "question": "details" }))));
        let cases = reported_many(&stack, "voucher", 2).await;
        for round in 0..4 {
            stack.sweep().await;
            for case in &cases {
                writes(&stack, case, &format!("How long does this usually take, {round}?")).await;
            }
            later(&stack, 61).await;
        }
        assert!(requests(stack.cloud()).len() <= 4, "{}", requests(stack.cloud()).len());
        for case in &cases {
            let support = case.record(&stack).await.case.unwrap().support.unwrap();
            assert!(support.counters.model_calls <= 2, "{:?}", support.counters);
            assert_eq!(support.state.name(), "waiting_for_agent");
        }
    });
}
