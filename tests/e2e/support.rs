//! The support process: a reported case is answered, or in a person's hands, within its time.

pub(crate) mod case;
pub(crate) mod eml;
mod exactly_once;
mod kills;
mod limits;
pub(crate) mod model;
mod other_apis;
mod playbooks;
mod provider;
mod race;
mod staging;
mod voucher;

use serde_json::json;

use crate::harness::{OUTBOX, Stack, Transaction};

/// The object with the playbooks of a deployment's own.
pub(crate) const PLAYBOOKS: &str = "playbooks/own.json";

/// Such playbooks, which [`everything`] needs there from the beginning.
pub(crate) fn own_playbooks() -> Vec<u8> {
    playbooks::own().to_string().into_bytes()
}

/// Makes the workers do everything of the support process that they are for, at least once: with a
/// provider, a model, and playbooks of the deployment's own.
pub(crate) async fn everything(stack: &Stack) {
    let transaction = |kind: &str| {
        let mut transaction = Transaction::new("acct_demo", "Succesful");
        transaction.body["kind"] = kind.into();
        // Its parties are notified of its disputes.
        transaction.body["parties"] = json!({ "issuer": { "code": "FBN", "name": "FIRST BANK OF NIGERIA" } });
        transaction
    };
    let kinds = ["topup", "topup", "voucher", "voucher", "voucher"];
    let cases = case::reported_about(stack, kinds.map(transaction).into()).await;
    let [works, failed, photo, unclear, threaded] = cases.as_slice() else { panic!("{} cases", cases.len()) };
    case::provider_says(stack, works, &json!({ "state": "delivered" })).await;
    case::provider_says(stack, failed, &json!({ "state": "failed" })).await;
    stack.sweep().await;
    // The customer's word and the provider's each end a dispute.
    case::writes(stack, works, "It works now, thank you.").await;
    case::receive(stack, &photo.mail("Here it is.").file("a.png", "image/png", &eml::photo()), "").await;
    // A model reads what rules cannot.
    case::writes(stack, unclear, "How long does this usually take?").await;
    // Found by the thread alone; and one of no case.
    case::receive(stack, &threaded.mail("Is there any news?").with("To", case::CASES), "").await;
    case::receive(stack, &eml::Eml::new("a@b.example", case::CASES, "Hello", "Hello"), "").await;
    stack.sweep().await;
    stack.cloud().run_schedule(OUTBOX).await.unwrap();
    case::all_mailed(stack, &cases).await;
    works.is(stack, "resolved", "customer_says_works").await;
    failed.is(stack, "resolved", "provider_failed").await;
}
