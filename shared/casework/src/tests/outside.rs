//! The provider and the model: what they are asked, and what their answers do.

use recourse_store::{Direction, Message, MessageRole, Work, WorkKind};
use recourse_support::event::ProviderState;
use recourse_support::model::parse_tool_use;

use super::story::{answer, asked};
use super::*;

const MODEL: &[(&str, &str)] = &[("SUPPORT_MODEL", "anthropic.claude-x"), ("SUPPORT_MODEL_CALLS", "2")];

#[test]
fn the_provider_is_asked_for_what_was_paid() {
    let run = asked(&[]);
    let work = run.file().work.unwrap();
    let order = run.casework.provider_order(&run.snapshot, work).unwrap();
    assert_eq!(
        (order.url.as_str(), order.question.case.as_str(), order.question.work),
        ("https://provider.example/ask", "RC-4fQ9zLk2", 1)
    );
    let question = &order.question;
    assert_eq!(
        (question.trxid.as_str(), question.refid.as_str(), question.kind.name()),
        ("50001", "123456", "voucher")
    );
    assert_eq!((question.amount.as_str(), question.currency.as_str(), question.asked_at), ("50.00", "MYR", run.now));
    assert!(!format!("{order:?}").contains("customer.example"));
    assert!(run.casework.provider_order(&run.snapshot, Work { id: 2, ..work }).is_none(), "another order");
    let mut without = asked(&[]);
    without.snapshot.provider_secret = None;
    assert!(without.casework.provider_order(&without.snapshot, work).is_none());
}

#[test]
fn without_an_address_or_a_secret_there_is_no_provider() {
    for change in
        [(|snapshot: &mut SupportSnapshot| snapshot.provider_secret = None) as fn(&mut SupportSnapshot), |snapshot| {
            snapshot.configuration.support.providers.clear()
        }]
    {
        let mut run = Run::reported(&[]);
        change(&mut run.snapshot);
        run.step(&CaseInput::Opened);
        let mut reply = mail("Here");
        reply.attachments.push(photo(1, 1));
        run.after(HOUR, &CaseInput::Mail(&reply));
        assert_eq!((run.state(), run.file().work), (State::WaitingForAgent, None));
    }
}

#[test]
fn a_provider_that_does_not_answer_is_asked_again_under_another_number() {
    let mut run = asked(&[]);
    run.snapshot.case.as_mut().unwrap().claimed_until = Some(run.now.plus(45_000));
    run.after(2_000, &CaseInput::Provider { work: 1, result: Err("no answer in time") });
    assert_eq!((run.state(), run.file().work, run.file().claimed_until), (State::WaitingForProvider, None, None));
    let event = run.last.as_ref().unwrap().event.clone().unwrap();
    assert_eq!(event.ids, ["provider attempt 1", "provider: no answer in time"]);
    run.now = run.file().due().unwrap();
    run.step(&CaseInput::Due);
    assert_eq!(run.file().work.map(|work| work.id), Some(2));
    let late = answer(ProviderState::Failed);
    let decided = run.decided(&CaseInput::Provider { work: 1, result: Ok(&late) }).unwrap();
    assert!(decided.is_none(), "the answer of a worker that was too slow");
    run.after(24 * HOUR, &CaseInput::Due);
    assert_eq!((run.state(), run.file().work), (State::WaitingForAgent, None));
}

#[test]
fn an_order_begins_once() {
    let mut run = Run::reported(&[]);
    run.step(&CaseInput::Opened);
    assert!(run.decided(&CaseInput::Opened).unwrap().is_none());
    assert!(run.decided(&CaseInput::Due).unwrap().is_none(), "nothing is due");
}

/// A case in which the customer wrote what only a model may understand.
fn unclear() -> Run {
    let mut run = asked(MODEL);
    run.after(HOUR, &CaseInput::Mail(&mail("Aisyah here, when will it come? Call 0123456789 or aisyah@x.example")));
    assert_eq!((run.state(), run.file().work.map(|work| work.kind)), (State::New, Some(WorkKind::Model)));
    run
}

/// The prompt's message for a case.
fn prompted(run: &Run, wrote: &str) -> String {
    let question = run.casework.model_question(&run.snapshot, run.file().work.unwrap(), wrote).unwrap();
    let message = Message {
        from_name: Some("Adaeze N. Okafor".to_owned()),
        ..Message::new(Direction::In, MessageRole::Customer, "")
    };
    let question = question.without_names_of(&[message]);
    assert_eq!(format!("{question:?}"), "ModelQuestion([REDACTED])");
    let asking = std::pin::pin!(question.ask(async |prompt| prompt.message()));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match asking.poll(&mut context) {
        std::task::Poll::Ready(message) => message,
        std::task::Poll::Pending => panic!("nothing is waited for"),
    }
}

#[test]
fn a_model_sees_no_names_numbers_or_addresses() {
    let run = unclear();
    let message = prompted(&run, "Aisyah here (or ADAEZE okafor), PIN 12345, 0123456789, aisyah@x.example");
    let told = ["Aisyah", "aisyah", "Rahman", "ADAEZE", "okafor", "12345", "0123456789"];
    for hidden in told.into_iter().chain(["x.example", "RC-4fQ9zLk2", "customer.example"]) {
        assert!(!message.contains(hidden), "{hidden}: {message}");
    }
    assert!(message.contains("still_waiting") && message.contains("Succesful"), "{message}");
    let question = run.casework.model_question(&run.snapshot, run.file().work.unwrap(), "").unwrap();
    assert!(!question.offer.questions.is_empty());
    let mut deaf = unclear();
    deaf.casework = casework(&[MODEL, &[("INBOUND_MAIL", "off")]].concat());
    let question = deaf.casework.model_question(&deaf.snapshot, deaf.file().work.unwrap(), "").unwrap();
    assert!(question.offer.questions.is_empty(), "nobody would read the answer");
}

#[test]
fn a_models_choice_is_a_template_and_a_note_for_the_agent() {
    let mut run = unclear();
    let work = run.file().work.unwrap();
    let question = run.casework.model_question(&run.snapshot, work, "").unwrap();
    let input = r#"{"action": "answer", "template": "still_waiting", "language": "ms", "summary": "Wants to know when.", "confidence": 95}"#;
    let decision = parse_tool_use(input, &question.offer).unwrap();
    run.after(3_000, &CaseInput::Model { work: work.id, tokens: 812, outcome: ModelOutcome::Decided(&decision) });
    assert_eq!((run.state(), run.mail_names()), (State::WaitingForProvider, vec!["still_waiting"]));
    assert_eq!(run.mails()[0].language, "ms", "the account has no setting");
    let event = run.last.as_ref().unwrap().event.clone().unwrap();
    assert_eq!(event.note.as_deref(), Some("Wants to know when."));
    assert_eq!(event.ids[..2], ["model call 1", "812 tokens"]);
    assert!(event.entries.iter().any(|entry| format!("{:?}", entry.decided_by).contains("anthropic.claude-x")));
}

#[test]
fn a_model_that_fails_or_breaks_a_rule_leaves_the_case_to_a_person() {
    for (outcome, reason) in [
        (ModelOutcome::Failed("throttled"), "model_failed"),
        (ModelOutcome::Refused { code: "not_offered", is_unsure: false }, "model_refused"),
        (ModelOutcome::Refused { code: "below_threshold", is_unsure: true }, "model_unsure"),
    ] {
        let mut run = unclear();
        let work = run.file().work.unwrap().id;
        run.after(3_000, &CaseInput::Model { work, tokens: 0, outcome });
        assert_eq!((run.state(), run.case().reason.code()), (State::WaitingForAgent, reason));
        assert!(run.decided(&CaseInput::Model { work, tokens: 0, outcome }).unwrap().is_none(), "it was taken");
    }
}

#[test]
fn the_customers_last_words_are_a_persons() {
    let message = |role, class: &str, text: &str| Message {
        class: Some(class.to_owned()),
        ..Message::new(Direction::In, role, text)
    };
    let messages = [
        message(MessageRole::Customer, "written", "first"),
        message(MessageRole::Customer, "written", "second"),
        message(MessageRole::Customer, "auto_reply", "I am away"),
        message(MessageRole::ThirdParty, "written", "evil"),
        Message::new(Direction::Out, MessageRole::Agent, "ours"),
    ];
    assert_eq!((customer_words(&messages), customer_words(&[])), ("second", ""));
}
