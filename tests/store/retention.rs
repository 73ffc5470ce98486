//! What belongs to no dispute expires as the deployment says, and nothing else does.

use recourse_aws::{Aws, BadVariable};
use recourse_dispute::addresses::MailAddress;
use recourse_store::{AuditLogEntry, AuditOutcome, InboundOutcome, MailId, Retention, Store};
use serde_json::Value;

use crate::bench::Bench;
use crate::cases::notification;
use crate::things::{NOW, token};
use recourse_test_harness::run;

const DAY: i64 = 86_400;

/// When the items whose partition keys begin with `prefix` expire.
async fn expiry(bench: &Bench, prefix: &str) -> Vec<Option<i64>> {
    let items = bench.disputes().await.into_iter().filter(|((pk, _), _)| pk.starts_with(prefix));
    let at = |item: &Value| item["expires_at"]["N"].as_str().map(|seconds| seconds.parse().unwrap());
    items.map(|(_, item)| at(&item)).collect()
}

#[test]
fn the_audit_log_and_mails_without_a_case_expire_and_disputes_do_not() {
    run(async {
        let bench = Bench::start().await;
        let number = bench.case("50001").await;
        let retention = Retention::parse(r#"{"audit_log":365,"mails_without_case":90}"#).unwrap();
        let entry = AuditLogEntry {
            at: NOW,
            operator: None,
            action: "sign_in".to_owned(),
            case: None,
            from: None,
            outcome: AuditOutcome::Done,
        };
        let outcome =
            InboundOutcome { at: NOW, outcome: "no_case".to_owned(), number: None, class: "written".to_owned() };
        let stranger = MailAddress::parse("a@b.example").unwrap();
        let mail = notification(&bench.store.dispute(number).await.unwrap().unwrap());
        for (place, store) in [bench.store.clone(), bench.store.clone().with_retention(retention)].iter().enumerate() {
            let at = NOW.plus(i64::try_from(place).unwrap());
            store.write_audit(&AuditLogEntry { at, ..entry.clone() }, &token()).await.unwrap();
            let id = MailId::no_case(&stranger, i64::try_from(place).unwrap());
            let key = format!("inbound/{place}");
            assert!(store.record_inbound(&key, &outcome, Some((id, &mail)), token, NOW).await.unwrap());
        }
        assert_eq!(expiry(&bench, "AUDIT#").await, [None, Some(NOW.seconds() + 365 * DAY)]);
        let mut mails = expiry(&bench, &format!("DSP#{}", recourse_dispute::number::DisputeNumber::NO_CASE)).await;
        mails.sort_unstable();
        assert_eq!(mails, [None, Some(NOW.seconds() + 90 * DAY)]);
        let of_dispute = expiry(&bench, &format!("DSP#{number}")).await;
        assert!(of_dispute.len() > 3 && of_dispute.iter().all(Option::is_none), "{of_dispute:?}");
    });
}

#[test]
fn a_function_does_not_start_with_a_retention_that_cannot_be_read() {
    let store = |retention: &'static str| {
        let aws = Aws::with(move |name| match name {
            "RETENTION" => Some(retention.to_owned()),
            "AWS_REGION" => Some("us-east-1".to_owned()),
            "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" | "DISPUTES_TABLE" | "EPHEMERAL_TABLE" => {
                Some("x".to_owned())
            }
            _ => None,
        });
        Store::from_environment(&aws.unwrap())
    };
    assert_eq!(store(r#"{"audit_log":365}"#).unwrap().retention().audit_log, Some(365));
    assert_eq!(store("").unwrap().retention(), Retention::default());
    for wrong in ["[]", r#"{"audit_log":1}"#, r#"{"mails":365}"#] {
        let refused = store(wrong).unwrap_err();
        assert!(matches!(refused, BadVariable::Invalid { name: "RETENTION", .. }), "{refused:?}");
    }
}
