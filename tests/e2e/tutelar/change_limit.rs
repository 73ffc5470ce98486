//! A dispute that has changed a thousand times can still be read and shown, and takes only a few
//! more changes.

use recourse_dispute::event::PerformedBy;
use recourse_dispute::lifecycle::{Action, Actor};
use recourse_store::{ChangeOutcome, NoGuard, WriteToken};
use serde_json::{Value, json};

use super::{dispute, failure, put, success, update, view};
use crate::harness::{Stack, run, shared};

/// From this version on, updates are refused.
const MOST: u64 = 1_000;

/// The id of a new dispute that has changed as often as one may.
pub(crate) async fn at_change_limit(stack: &Stack) -> String {
    let (transaction, id) = dispute(stack).await;
    wear(stack, &transaction.trxid).await;
    id
}

/// Makes a transaction's only dispute one that has changed so often, in one go.
async fn wear(stack: &Stack, trxid: &str) {
    let before = stack.dispute(trxid).await.dispute;
    let now = before.state_since;
    let by = PerformedBy { actor: Actor::Merchant, name: "test".to_owned() };
    let mut change = before.moved(Action::Update, before.state, by, None, now);
    (change.dispute.version, change.event.version) = (MOST, MOST);
    let token = WriteToken::new(u128::from(before.number.get()).to_be_bytes());
    let changed = stack.store().change(&before, &change, &NoGuard, &token, now).await.unwrap();
    assert!(matches!(changed, ChangeOutcome::Changed(_)));
}

#[test]
fn a_dispute_that_changed_a_thousand_times_can_be_decided_but_not_updated() {
    run(async {
        let stack = shared().await;
        let (transaction, id) = dispute(&stack).await;
        assert_eq!(update(&stack, &id, &json!({"comments": "known"})).await.status, 200);
        wear(&stack, &transaction.trxid).await;
        let answer = update(&stack, &id, &json!({"comments": "one more"})).await;
        assert_eq!((answer.status, answer.text), (422, failure("Dispute cannot be updated any more")));
        let same = update(&stack, &id, &json!({"comments": "known"})).await;
        assert_eq!(same.text, success("Dispute Details updated successfully"), "it is so already");
        for (path, text) in [
            ("move-level", "Dispute moved to level_2"),
            ("move-level", "Dispute moved to level_3"),
            ("merchant-won", "Merchant Won this dispute"),
        ] {
            assert_eq!(put(&stack, path, &id, &Value::Null).await.text, success(text));
        }
        assert_eq!(put(&stack, "reopen", &id, &json!({})).await.text, failure("Dispute cannot be reopened"));
        let view = view(&stack, &id).await;
        assert_eq!((&view["verdict"], view["journey"].as_array().unwrap().len()), (&json!("won"), 6));
    });
}
