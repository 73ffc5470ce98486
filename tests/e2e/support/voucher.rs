//! The story of a voucher, from the report to the resolution, with the default time limits. All of
//! it goes over HTTP and through the binary `recourse`, as a person does it who tries the local
//! cloud; the clock is moved as `recourse clock advance` moves it.

use std::path::Path;

use recourse_local::Options;
use serde_json::{Value, json};

use super::case::{ACCOUNT, listed, printed, show};
use super::eml::photo;
use crate::cli::folder;
use crate::harness::{Stack, address, run, support_options, until};

/// The mails to an address on the inbox page's JSON, oldest first, once there are `count`.
async fn inbox(stack: &Stack, to: &str, count: usize) -> Vec<Value> {
    until(&format!("{count} mails to {to}"), async || {
        let all = stack.get("/inbox.json").await.json();
        let is_to = |mail: &&Value| mail["to"].as_array().unwrap().contains(&json!(to));
        let mails: Vec<Value> = all.as_array().unwrap().iter().filter(is_to).cloned().collect();
        (mails.len() >= count).then_some(mails)
    })
    .await
}

/// "Reply as the customer" of the inbox page.
async fn reply(stack: &Stack, mail: &Value, user: &str, text: &str, files: &[(&str, &str, &[u8])]) {
    let mail = stack.cloud().ses.mails().into_iter().find(|known| mail["id"] == known.message_id.as_str()).unwrap();
    let answer = stack.reply_from(&mail, user, text, files).await;
    assert_eq!(answer.status, 303, "{answer:?}");
}

/// The case once it is in this state.
async fn shown(stack: &Stack, folder: &Path, case: &str, state: &str) -> Value {
    until(&format!("{case} is {state}"), async || {
        let shown = show(stack, folder, case).await;
        (shown["support"]["state"] == state).then_some(shown)
    })
    .await
}

/// The messages of this direction and role.
fn messages<'a>(shown: &'a Value, direction: &str, role: &str) -> Vec<&'a Value> {
    let all = shown["messages"].as_array().unwrap().iter();
    all.filter(|message| message["direction"] == direction && message["role"] == role).collect()
}

/// The member of a header of a mail in the inbox's JSON.
fn header<'a>(mail: &'a Value, name: &str) -> &'a str {
    mail["headers"][name].as_str().unwrap_or_default()
}

/// Fails unless a mail to the customer is in the thread, after the message with this id.
#[track_caller]
fn is_in_thread(mail: &Value, user: &str, case: &str, after: &str) {
    assert_eq!((&mail["to"], &mail["cc"]), (&json!([user]), &json!([ACCOUNT])), "{mail}");
    assert!(mail["subject"].as_str().unwrap().contains(&format!("[{case}]")), "{mail}");
    assert_eq!(header(mail, "In-Reply-To"), after, "{mail}");
    assert!(header(mail, "References").ends_with(after), "{mail}");
}

#[test]
fn a_voucher_is_reported_asked_about_answered_objected_to_and_resolved_by_an_agent() {
    run(async {
        // Under AWS's own emulator, functions have the machine's clock.
        let mut options = Options { sweep: true, emulator: None, ..support_options() };
        options.parameters.remove("SupportTimeLimits");
        // As make run does: by this file, the command line follows the clock.
        let folder = folder();
        let folder = folder.path();
        options.environment_file = Some(folder.join(".recourse.env"));
        let stack = Stack::start(options).await;
        let (transaction, user) = (stack.transaction("acct_demo", "Succesful").await, address());
        let hour = async || printed(&stack, folder, &["clock", "advance", "61m"]).await;

        let report = ["report", "--refid", &transaction.refid, "--email", &user];
        assert!(printed(&stack, folder, &report).await.starts_with("200 Success"));
        let received = inbox(&stack, &user, 1).await.remove(0);
        let subject = received["subject"].as_str().unwrap();
        let case = subject.split(['[', ']']).nth(1).unwrap();
        assert_eq!(subject, format!("[{case}] We received your report"));

        // The playbook asks for the photo.
        printed(&stack, folder, &["clock", "advance", "1m"]).await;
        let question = inbox(&stack, &user, 2).await.remove(1);
        assert!(question["subject"].as_str().unwrap().ends_with("Please send us a photo of your voucher"));
        is_in_thread(&question, &user, case, header(&received, "Message-ID"));
        assert_eq!(header(&question, "Auto-Submitted"), "auto-generated");
        let waiting = shown(&stack, folder, case, "waiting_for_customer").await;
        assert_eq!((&waiting["case"], &waiting["support"]["owner"]), (&json!(case), &json!("automation")));
        assert!(waiting["support"]["due_at"].is_string(), "{waiting}");
        let row = listed(&stack, folder, "waiting_for_customer").await.remove(0);
        assert_eq!((&row["case"], &row["subject"]["refid"]), (&json!(case), &json!(transaction.refid)), "{row}");

        // The customer replies with a picture, and with a file that is no evidence.
        let answer = json!({ "state": "delivered", "reference": "REF-77", "evidence": "Shown in the app at noon" });
        stack.provider_answers(&transaction.trxid, &answer).await;
        let picture = photo();
        let files = [("voucher.png", "image/png", &picture[..]), ("run.exe", "application/octet-stream", b"MZ")];
        reply(&stack, &question, &user, "Here is the photo of it.", &files).await;
        let waiting = shown(&stack, folder, case, "waiting_for_provider").await;
        let [told] = messages(&waiting, "in", "customer").try_into().unwrap();
        assert_eq!(told["text"], "Here is the photo of it.", "without what it quotes: {told}");
        let [photo, program] = told["attachments"].as_array().unwrap().as_slice() else { panic!("{told}") };
        assert_eq!((&photo["name"], &photo["accepted"]), (&json!("voucher.png"), &json!(true)), "{told}");
        assert_eq!((&program["name"], &program["accepted"]), (&json!("run.exe"), &json!(false)), "{told}");
        assert!(program["reason"].is_string(), "{told}");
        let sent = told["message_id"].as_str().unwrap().to_owned();

        // The provider is asked, by nothing but what it needs.
        hour().await;
        let answered = inbox(&stack, &user, 3).await.remove(2);
        assert!(answered["subject"].as_str().unwrap().ends_with("The provider's answer about your payment"));
        is_in_thread(&answered, &user, case, &sent);
        assert!(header(&answered, "Auto-Submitted").starts_with("auto-"), "{answered}");
        let text = answered["text"].as_str().unwrap();
        assert!(text.contains("REF-77") && text.contains("Shown in the app at noon"), "{text}");
        let asked = stack.get(&format!("/provider/{}", transaction.trxid)).await.text;
        assert!(asked.contains("transaction.state") && asked.contains(&format!("ask_{case}_")), "{asked}");
        assert!(!asked.contains(&user) && !asked.contains("Here is the photo"), "{asked}");
        shown(&stack, folder, case, "answered").await;

        // The customer objects, and an agent has the case.
        reply(&stack, &answered, &user, "It still does not work.", &[]).await;
        let objected = shown(&stack, folder, case, "waiting_for_agent").await;
        assert_eq!(objected["support"]["reason"], "customer_objected");
        let objection = messages(&objected, "in", "customer")[1]["message_id"].as_str().unwrap().to_owned();
        let rows = listed(&stack, folder, "waiting_for_agent").await;
        assert_eq!((rows.len(), &rows[0]["case"], &rows[0]["owner"]), (1, &json!(case), &Value::Null));
        hour().await;
        let handed = inbox(&stack, &user, 4).await.remove(3);
        assert!(handed["subject"].as_str().unwrap().ends_with("Your report is with our support team"));
        is_in_thread(&handed, &user, case, &objection);

        // The agent replies in the thread.
        printed(&stack, folder, &["case", "take", case, "--by", "Aisyah"]).await;
        let text = "We looked at the voucher again, and we see what you see. One moment, please.";
        printed(&stack, folder, &["case", "reply", case, "--text", text, "--by", "Aisyah"]).await;
        let by_agent = inbox(&stack, &user, 5).await.remove(4);
        is_in_thread(&by_agent, &user, case, header(&handed, "Message-ID"));
        assert!(by_agent["text"].as_str().unwrap().contains(text), "{by_agent}");
        assert_eq!(header(&by_agent, "Auto-Submitted"), "", "a person wrote it");
        let replied = shown(&stack, folder, case, "waiting_for_customer").await;
        assert_eq!(replied["support"]["owner"], "Aisyah");

        // The agent resolves it for the customer, which frees the transaction.
        let resolve = ["case", "resolve", case, "--for", "customer", "--why", "the voucher is empty", "--by", "Aisyah"];
        printed(&stack, folder, &resolve).await;
        let resolved = shown(&stack, folder, case, "resolved").await;
        assert_eq!(resolved["support"]["reason"], "agent_resolved");
        let roles: Vec<_> = resolved["messages"].as_array().unwrap().iter().map(|message| &message["role"]).collect();
        let expected = ["system", "automation", "customer", "automation", "customer", "automation", "agent", "system"];
        assert_eq!(roles, expected, "one thread, in its order");
        let steps = resolved["history"].as_array().unwrap().iter();
        assert!(steps.clone().all(|step| step["at"].is_string() && !step["decided_by"].is_null()), "{resolved}");
        let reasons: Vec<_> = steps.map(|step| step["reason"].as_str().unwrap()).collect();
        for reason in ["reported", "question_asked", "information_received", "provider_delivered", "customer_objected"]
        {
            assert!(reasons.contains(&reason), "{reason}: {reasons:?}");
        }
        assert!(printed(&stack, folder, &["dispute", "show", case]).await.contains("closed"));
        assert!(listed(&stack, folder, "waiting_for_agent").await.is_empty());
        let again = printed(&stack, folder, &report).await;
        assert!(again.starts_with("200 Success"), "the transaction is free: {again}");
    });
}
