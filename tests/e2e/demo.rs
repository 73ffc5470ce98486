//! Demo data with a data folder: another start changes nothing that is stored, whatever an operator
//! did with it.

use recourse_dispute::addresses::MailAddress;
use recourse_dispute::event::PerformedBy;
use recourse_dispute::ids::{AccountId, KeyId, UserName};
use recourse_dispute::lifecycle::Actor;
use recourse_dispute::time::UnixMillis;
use recourse_local::Options;
use recourse_local::dynamodb::Engine;
use recourse_store::{AccountStatus, Amendment, AuditContext, WriteToken};
use serde_json::json;

use crate::arbiter::{FBN, token_request};
use crate::harness::{CLIENT, Call, PLATFORM, Stack, options, run, unique};

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
