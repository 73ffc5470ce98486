//! Demo data with a data folder: another start changes nothing that is stored, whatever an operator
//! did with it.

use recourse_dispute::addresses::MailAddress;
use recourse_dispute::event::PerformedBy;
use recourse_dispute::ids::{AccountId, KeyId, UserName};
use recourse_dispute::lifecycle::Actor;
use recourse_dispute::time::UnixMillis;
use recourse_local::dynamodb::Engine;
use recourse_local::{Options, demo};
use recourse_store::{AccountStatus, Amendment, AuditContext, WriteToken};
use serde_json::json;

use crate::arbiter::{FBN, token_request};
use crate::harness::{CLIENT, Call, HttpResponse, PLATFORM, Stack, options, root, run, support_options, unique};

fn token() -> WriteToken {
    WriteToken::new(u128::from(unique("n").rsplit_once('-').unwrap().1.parse::<u64>().unwrap()).to_be_bytes())
}

#[test]
fn a_start_does_not_change_stored_data() {
    run(async {
        let folder = tempfile::tempdir().unwrap();
        let stored = || Options { data: Some(folder.path().to_owned()), engine: Engine::Embedded, ..options() };
        let audit = AuditContext {
            by: PerformedBy { actor: Actor::Operator, name: "alice".to_owned() },
            at: UnixMillis(1_800_000_000_000),
            why: None,
        };
        let (demo, fbn) = (AccountId::parse("acct_demo").unwrap(), AccountId::parse("acct_fbn").unwrap());
        let signed_in = async |stack: &Stack| stack.raw(token_request(&FBN.key, &FBN.form(FBN.password))).await.status;
        let sent = async |stack: &Stack| {
            stack.send(&Call::new(&PLATFORM, "GET", "/platform/v1/transactions/50001", b"")).await.status
        };

        let stack = Stack::start(stored()).await;
        assert_eq!((signed_in(&stack).await, sent(&stack).await), (200, 200));
        let mut configuration = stack.store().configuration(&demo).await.unwrap().unwrap();
        configuration.due_days = 23;
        stack.store().configure(&demo, &configuration, &audit, token).await.unwrap();
        let email = Some(MailAddress::parse("works@demo.example").unwrap());
        let amendment = Amendment { email, merchant_id: None, domain_code: None };
        stack.store().amend_account(&demo, &amendment, &audit, token).await.unwrap();
        let page = stack.get("/").await.text;
        assert!(page.contains("<dd>works@demo.example</dd>"), "the start page shows the address that was set: {page}");
        stack.stop().await;

        let stack = Stack::start(stored()).await;
        assert_eq!(stack.store().configuration(&demo).await.unwrap(), Some(configuration.clone()));
        stack.store().remove_user(&fbn, &UserName::parse(FBN.user).unwrap(), &audit, token).await.unwrap();
        stack.stop().await;

        let stack = Stack::start(stored()).await;
        assert_eq!(signed_in(&stack).await, 400, "nobody gets the published password back");
        stack.store().revoke_credential(&KeyId::parse(PLATFORM.id).unwrap(), &audit, token).await.unwrap();
        stack.stop().await;

        let stack = Stack::start(stored()).await;
        assert_eq!((signed_in(&stack).await, sent(&stack).await), (400, 401));
        assert!(stack.log().iter().any(|line| line.from == "demo" && line.text.contains("platform_demo")));
        let report = stack.report(&CLIENT, &json!({"refid": "123456", "user_email": ["user@example.com"]})).await;
        assert!(report.status == 200 && report.text.contains("Success"), "the transactions are there: {report:?}");
        let page = stack.get("/").await.text;
        for (shown, gone) in [("revoked", PLATFORM.secret), ("removed", FBN.password)] {
            assert!(page.contains(shown) && !page.contains(gone), "the start page shows what is live: {page}");
        }
        let platform = AccountId::parse("acct_platform_staging").unwrap();
        stack.store().set_status(&platform, AccountStatus::Suspended, &audit, token).await.unwrap();
        stack.stop().await;

        let stack = Stack::start(stored()).await;
        assert_eq!(stack.store().configuration(&demo).await.unwrap(), Some(configuration));
        assert_eq!(signed_in(&stack).await, 400);
    });
}

/// The cases that a page of the queue lists.
fn listed(page: &HttpResponse) -> usize {
    assert_eq!(page.status, 200, "{page:?}");
    page.text.matches("<td><a href=\"/console/cases/").count()
}

#[test]
fn there_are_cases_in_every_state_and_a_data_folder_gets_them_once() {
    run(async {
        let folder = tempfile::tempdir().unwrap();
        let stored = || {
            let ours = Options { emulator: None, ..support_options() };
            let mut ours = Options { data: Some(folder.path().to_owned()), engine: Engine::Embedded, ..ours };
            ours.parameters.remove("SupportTimeLimits");
            ours
        };
        let (accounts, path) = (root().join("local/demo.json"), root().join("local/demo-cases.json"));
        let cases: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let cases = cases["cases"].as_array().unwrap();

        let stack = Stack::start(stored()).await;
        assert!(!stack.get("/").await.text.contains("cases to look at"));
        let made = demo::make_cases(stack.cloud(), &accounts, &path).await.unwrap();
        let failed: Vec<_> = stack.log().into_iter().filter(|line| line.from == "demo").collect();
        assert_eq!((made, failed), (Some(cases.len()), vec![]));
        let sentence = format!("{} cases to look at are in its queue, in every state.", cases.len());
        assert!(stack.get("/").await.text.contains(&sentence));

        let carol = stack.sign_in_as("Carol").await;
        let mut all = 0;
        for state in
            ["waiting_for_agent", "new", "waiting_for_provider", "waiting_for_customer", "answered", "resolved"]
        {
            let wanted = cases.iter().filter(|case| case["ends"] == state).count();
            let page = carol.get(&format!("/console/queue?list={state}")).await;
            assert_eq!(listed(&page), wanted, "{state}: {page:?}");
            assert!(wanted > 0, "{state}");
            all += wanted;
        }
        let others = carol.get("/console/queue?list=disputes").await;
        assert!(listed(&others) > 0, "{others:?}");
        assert!(all < cases.len(), "disputes of the other APIs, too");
        let waiting = carol.get("/console/queue").await;
        assert!(waiting.text.contains("overdue by") && waiting.text.contains("Aisyah"), "{waiting:?}");
        // Everything is as old as it says: the numbers are of several days.
        let numbers = carol.get("/console/numbers.csv").await;
        let days = numbers.text.lines().skip(1).filter(|line| line.split(',').any(|field| field == "1")).count();
        assert!(days >= 4, "{numbers:?}");
        // The mails are apart in the inbox.
        let inbox = stack.get("/inbox").await;
        assert!(
            inbox.text.contains("Mails of the demo&#39;s cases") || inbox.text.contains("Mails of the demo's cases")
        );
        assert!(inbox.text.contains("No mail yet."), "{inbox:?}");
        let now = stack.cloud().clock.now_millis().0;
        assert!(stack.cloud().ses.mails().iter().all(|mail| i64::try_from(mail.at).unwrap().abs_diff(now) < 600_000));

        // What people can do with a case, they can do with these.
        let mail = stack.cloud().ses.mails().into_iter().find(|mail| mail.to == ["sofia@customers.example"]).unwrap();
        stack.reply(&mail, "It works now, thank you!", &[]).await;
        stack.sweep().await;
        let resolved = cases.iter().filter(|case| case["ends"] == "resolved").count();
        assert_eq!(listed(&carol.get("/console/queue?list=resolved").await), resolved + 1);
        stack.stop().await;

        let stack = Stack::start(stored()).await;
        assert_eq!(demo::make_cases(stack.cloud(), &accounts, &path).await.unwrap(), None);
        assert!(stack.get("/inbox").await.text.contains("sent while the cases were made"));
        stack.stop().await;
    });
}
