//! `recourse doctor` finds nothing in a sound deployment, and names what is wrong in another.

use recourse_local::dynamodb::Fault;
use recourse_local::ses::SesFault;
use recourse_store::MailState;
use serde_json::{Value, json};

use crate::cli::{CommandOutput, folder, recourse};
use crate::harness::{CLIENT, Stack, address, options, root, run, until};

async fn doctor(stack: &Stack, arguments: &[&str]) -> CommandOutput {
    recourse(stack, folder().path(), &[&["doctor"], arguments].concat()).await
}

/// The checks that found something wrong.
async fn wrong(stack: &Stack, arguments: &[&str]) -> Vec<String> {
    let said = doctor(stack, &[&["--json"], arguments].concat()).await;
    let checks: Vec<Value> = serde_json::from_str(&said.out).unwrap_or_else(|_| panic!("{}{}", said.out, said.err));
    let wrong = checks.iter().filter(|check| check["verdict"] == "wrong");
    let wrong: Vec<_> = wrong.map(|check| check["check"].as_str().unwrap().to_owned()).collect();
    assert!(checks.iter().all(|check| check["verdict"] != "wrong" || check["fix"].is_string()), "{}", said.out);
    assert_eq!(said.code, i32::from(!wrong.is_empty()), "{}{}", said.out, said.err);
    wrong
}

#[test]
fn a_deployment_as_it_should_be_passes_and_each_fault_is_found() {
    run(async {
        let stack = Stack::start(options()).await;
        let said = doctor(&stack, &[]).await;
        assert_eq!(said.code, 0, "{}{}", said.out, said.err);
        for check in [
            "clock",
            "tables",
            "indexes",
            "recovery",
            "protection",
            "stream",
            "forgetting",
            "retention",
            "agents",
            "sandbox",
            "identity",
            "dkim",
            "unsent mails",
            "dead mails",
            "key age",
            "key rotation",
        ] {
            assert!(
                said.out.lines().any(|line| line.strip_prefix("ok     ").is_some_and(|rest| rest.starts_with(check))),
                "{check}: {}",
                said.out
            );
        }
        assert!(said.out.lines().any(|line| line.starts_with("-      stream reader")), "says what it does not look at");
        assert!(!said.out.contains(CLIENT.secret));

        assert_eq!(wrong(&stack, &["--mail-from", "nobody@elsewhere.example"]).await, ["identity", "dkim"]);
        assert_eq!(wrong(&stack, &["--key-age-days", "0"]).await, ["key age"]);
        let key = recourse(&stack, folder().path(), &["key", "create", "acct_demo", "--role", "client"]).await;
        assert_eq!(key.code, 0, "{}", key.err);
        assert_eq!(wrong(&stack, &[]).await, ["key rotation"]);

        stack.cloud().ses.set_fault(SesFault::Rejected);
        let transaction = stack.transaction("acct_demo", "Succesful").await;
        stack.report(&CLIENT, &json!({ "refid": transaction.refid, "user_email": [address()] })).await;
        until("its mail is given up", async || {
            let mail = stack.dispute(&transaction.trxid).await.mails.remove(0);
            (mail.mail_state == MailState::Dead).then_some(())
        })
        .await;
        stack.cloud().ses.set_fault(SesFault::None);
        until("the index says so", async || (wrong(&stack, &[]).await == ["dead mails", "key rotation"]).then_some(()))
            .await;

        stack.cloud().ses.set_fault(SesFault::ServerError);
        let without_ses = wrong(&stack, &[]).await;
        assert!(without_ses.starts_with(&["mail account".to_owned(), "identity".to_owned()]), "{without_ses:?}");
        stack.cloud().ses.set_fault(SesFault::None);
        stack.cloud().dynamodb.set_fault(Fault::Unreachable);
        let without_tables = wrong(&stack, &[]).await;
        assert_eq!(without_tables, ["tables", "unsent mails", "dead mails", "held mails", "cases", "agents", "keys"]);
    });
}

/// A first and a following mail to each address of the simulator, with the headers of real ones.
#[test]
fn send_hands_real_mails_to_the_simulator_and_says_what_came_back() {
    run(async {
        let stack = Stack::start(options()).await;
        let said = doctor(&stack, &["--send"]).await;
        assert_eq!(said.code, 0, "{}{}", said.out, said.err);
        let mails = stack.cloud().ses.mails();
        assert_eq!(mails.len(), 10, "{}", said.out);
        let header = |nth: usize, name: &str| {
            mails[nth].headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
        };
        for (nth, name) in ["success", "bounce", "complaint", "ooto", "suppressionlist"].into_iter().enumerate() {
            let (first, following) = (&mails[2 * nth], &mails[2 * nth + 1]);
            assert_eq!(first.to, [format!("{name}@simulator.amazonses.com")]);
            assert_eq!(following.to, first.to);
            assert!(said.out.contains(&first.message_id) && said.out.contains(&following.message_id), "{}", said.out);
            let answers = Some(format!("<{}@email.amazonses.com>", first.message_id));
            assert_eq!((header(2 * nth, "In-Reply-To"), header(2 * nth, "References")), (None, None));
            assert_eq!(header(2 * nth + 1, "In-Reply-To"), answers);
            assert_eq!(header(2 * nth + 1, "References"), answers);
            assert!(first.tags.iter().all(|(_, value)| value == "doctor"), "no dispute's: {:?}", first.tags);
        }

        stack.cloud().ses.set_fault(SesFault::HeaderRefused);
        let said = doctor(&stack, &["--send"]).await;
        assert_eq!(said.code, 1);
        let line = said.out.lines().find(|line| line.contains("mail success")).unwrap();
        assert!(line.starts_with("WRONG") && line.contains("BadRequestException"), "{line}");
        assert!(line.contains("mail_blocked"), "{line}");
    });
}

/// The probes of the first day that need no deployment, on the local API.
#[test]
fn deep_probes_the_api_as_a_client() {
    run(async {
        let stack = Stack::start(options()).await;
        let (reported, disputed) =
            (stack.transaction("acct_demo", "Succesful").await, stack.transaction("acct_demo", "Succesful").await);
        let about = ["--refid", &reported.refid, "--payment", &disputed.trxid];
        let said = doctor(&stack, &[&["--deep"], &about[..]].concat()).await;
        assert_eq!(said.code, 0, "{}{}", said.out, said.err);
        for check in ["challenge", "encoded slash", "gcs get", "gcs post", "presigned put", "many reports"] {
            assert!(
                said.out.lines().any(|line| line.starts_with(&format!("ok     {check} "))),
                "{check}: {}",
                said.out
            );
        }
        assert!(said.out.contains("1 times 200 Success"), "{}", said.out);
        assert_eq!(stack.disputes(&reported.trxid).await.len(), 1);
        // The draft is cancelled, so that it holds its payment no longer.
        let again = doctor(&stack, &[&["--deep"], &about[..]].concat()).await;
        assert_eq!(again.code, 0, "{}{}", again.out, again.err);

        // Without a transaction nothing is written.
        let said = doctor(&stack, &["--deep"]).await;
        assert!(said.code == 0 && said.out.contains("50 reports at once: 50 times 400"), "{}{}", said.out, said.err);
        assert!(said.out.lines().any(|line| line.starts_with("-      presigned put")), "{}", said.out);

        let mut disabled = options();
        for api in ["ConnectApi", "TutelarApi", "ArbiterApi"] {
            disabled.parameters.insert(api.to_owned(), "disabled".to_owned());
        }
        let closed = Stack::start(disabled).await;
        assert_eq!(wrong(&closed, &["--deep"]).await, ["challenge", "encoded slash", "gcs get", "gcs post"]);
    });
}

#[test]
fn settings_that_the_template_leaves_off_are_found() {
    run(async {
        let template = std::fs::read_to_string(root().join("template.yaml")).unwrap();
        let lacking = template
            .replacen("PointInTimeRecoveryEnabled: true", "PointInTimeRecoveryEnabled: false", 1)
            .replace("AttributeName: expires_at, Enabled: true", "AttributeName: expires_at, Enabled: false");
        let place = tempfile::tempdir().unwrap();
        std::fs::write(place.path().join("template.yaml"), lacking).unwrap();
        let mut options = options();
        options.root = place.path().to_owned();
        let stack = Stack::start(options).await;
        assert_eq!(wrong(&stack, &[]).await, ["recovery", "forgetting", "retention"]);
    });
}
