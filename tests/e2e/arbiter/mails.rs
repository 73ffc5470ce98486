//! The mails to banks, in their own terms, from the log to an end by another API.

use recourse_local::ses::AcceptedMail;
use serde_json::json;

use super::bank::{FBN, GTB, code_of, log_of, paid};
use crate::harness::{Stack, options, run};

#[test]
fn a_dispute_without_an_end_or_closed_on_creation_says_so() {
    run(async {
        let stack = Stack::start(options()).await;
        let fbn = FBN.sign_in(&stack).await;
        fbn.log(&stack, &log_of(&paid(&stack).await, "Government Biller")).await;
        let [mail] = stack.inbox("disputes@gtb.example", 1).await.try_into().unwrap();
        let text = mail.text.unwrap();
        assert!(
            text.contains("The issuer logged a dispute: accepted as it was logged")
                && !text.contains("has to respond by"),
            "{text}"
        );
        let gtb = GTB.sign_in(&stack).await;
        let code = code_of(&fbn.log(&stack, &log_of(&paid(&stack).await, "Chargeback")).await);
        for (user, action) in
            [(&gtb, "REPRESENTMENT"), (&fbn, "PRE_ARBITRATION"), (&gtb, "PRE_ARBITRATION_II"), (&fbn, "ARBITRATION")]
        {
            assert_eq!(user.put(&stack, &code, action).await.status, 200, "{action}");
        }
        let mails = stack.inbox("disputes@gtb.example", 6).await;
        let ends = |mail: &AcceptedMail| mail.text.as_ref().unwrap().contains("Deadline: ");
        assert_eq!(mails.iter().map(ends).collect::<Vec<_>>(), [false, true, true, true, true, false]);
        let last = mails[5].text.as_ref().unwrap();
        assert!(
            last.contains("Arbitration") && last.contains("The payment platform's dispute team has to decide"),
            "{last}"
        );
    });
}

#[test]
fn banks_read_the_log_code_and_both_amounts_and_of_a_refund_as_parties() {
    run(async {
        let stack = Stack::start(options()).await;
        let fbn = FBN.sign_in(&stack).await;
        let transaction = paid(&stack).await;
        let mut log = log_of(&transaction, "Chargeback");
        (log["disputeAmountType"], log["disputeAmount"]) = (json!("PARTIAL"), json!("10.00"));
        let code = code_of(&fbn.log(&stack, &log).await);
        GTB.sign_in(&stack).await.put(&stack, &code, "REPRESENTMENT").await;
        stack.upsert(&transaction.later("Refund", 1)).await;
        let mails = stack.inbox("disputes@gtb.example", 3).await;
        for mail in &mails {
            for body in [mail.text.as_ref().unwrap(), mail.html.as_ref().unwrap()] {
                for said in
                    [&code, "NGN 1,550.00", "NGN 10.00", "Disputed", "your organisation is a party to this payment"]
                {
                    assert!(body.contains(said), "{said} in {body}");
                }
                assert!(!body.contains(&transaction.refid), "the account's own reference: {body}");
            }
        }
        let last = mails[2].text.as_ref().unwrap();
        assert!(last.contains("The payment was refunded: the dispute is closed") && !last.contains("Your"), "{last}");
        // The subjects in their order are the story of the dispute, each after the case id.
        let case = stack.dispute(&transaction.trxid).await.dispute.number.case_id();
        let subjects: Vec<_> =
            mails.iter().filter_map(|mail| mail.subject.strip_prefix(&format!("[{case}] "))).collect();
        assert_eq!(
            subjects,
            [
                "The issuer logged a dispute: the acquirer acts next",
                "The acquirer answered the claim (representment): the issuer acts next",
                "The payment was refunded: the dispute is closed",
            ]
        );
        // Registered addresses are under no cap of their own, whoever else names them.
        for mail in stack.dispute(&transaction.trxid).await.mails {
            assert_eq!(mail.notification.named().count(), 0);
        }
    });
}
