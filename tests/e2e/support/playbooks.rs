//! Playbooks of a deployment's own: an object in the evidence bucket that replaces those that ship.

use recourse_local::Options;
use serde_json::{Value, json};

use super::PLAYBOOKS;
use super::case::{all_mailed, and, mailed, unhurried, voucher_case};
use crate::cli::{folder, recourse};
use crate::harness::{EVIDENCE, Stack, root, run};

/// The playbooks that ship as one object, with another question about a voucher.
pub(super) fn own() -> Value {
    let mut own = json!({});
    for kind in ["voucher", "bill", "topup", "other"] {
        let shipped = root().join(format!("shared/support/data/playbooks/{kind}.json"));
        own[kind] = serde_json::from_str(&std::fs::read_to_string(shipped).unwrap()).unwrap();
    }
    own["voucher"]["name"] = json!("own_voucher");
    own["voucher"]["steps"]["photo"]["question"] = json!("details");
    own
}

fn options() -> Options {
    and(unhurried(), "SupportPlaybooks", PLAYBOOKS)
}

#[test]
fn a_deployments_own_playbook_decides_and_its_version_is_in_the_history() {
    run(async {
        let (stack, folder) = (Stack::start(options()).await, folder());
        let text = own().to_string();
        let file = folder.path().join("own.json");
        std::fs::write(&file, &text).unwrap();
        let check = ["playbook", "check", file.to_str().unwrap()];
        assert_eq!(recourse(&stack, folder.path(), &check).await.code, 0);
        stack.cloud().s3.place(EVIDENCE, PLAYBOOKS, text.as_bytes()).unwrap();

        let case = voucher_case(&stack).await;
        case.is(&stack, "waiting_for_customer", "question_asked").await;
        mailed(&stack, case.number).await;
        assert_eq!(case.subjects(&stack).pop().unwrap(), "Please tell us what happened");
        let position = case.record(&stack).await.case.unwrap().support.unwrap().position.unwrap();
        assert_eq!((position.playbook.as_str(), position.step.as_str()), ("own_voucher", "photo"));
        let history = format!("{:?}", case.record(&stack).await.history);
        assert!(history.contains("own_voucher") && history.contains(&position.version), "{history}");
    });
}

#[test]
fn playbooks_that_cannot_be_read_hand_each_case_to_a_person() {
    run(async {
        let (stack, folder) = (Stack::start(options()).await, folder());
        // There is none.
        let first = voucher_case(&stack).await;
        assert_eq!(first.state(&stack).await.0, "waiting_for_agent");
        // There is a wrong one, which the check names.
        let mut wrong = own();
        wrong["voucher"]["steps"]["photo"]["then"] = json!("nowhere");
        let file = folder.path().join("wrong.json");
        std::fs::write(&file, wrong.to_string()).unwrap();
        let checked = recourse(&stack, folder.path(), &["playbook", "check", file.to_str().unwrap()]).await;
        assert_eq!(checked.code, 1);
        assert!((checked.out + &checked.err).contains("nowhere"));
        stack.cloud().s3.place(EVIDENCE, PLAYBOOKS, wrong.to_string().as_bytes()).unwrap();
        let second = voucher_case(&stack).await;
        assert_eq!(second.state(&stack).await.0, "waiting_for_agent");
        all_mailed(&stack, &[first, second]).await;
    });
}
