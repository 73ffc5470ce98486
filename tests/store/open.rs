//! Opening: all of it, and nothing else.

use recourse_dispute::environment::Environment;
use recourse_dispute::ids::Refid;
use recourse_dispute::lifecycle::State;
use recourse_dispute::notification::Audience;
use recourse_dispute::transaction::Status;
use recourse_store::{MailId, MailState, OpenOutcome, OutboxMail, WriteToken};

use crate::bench::Bench;
use crate::things::{NOW, account, dispute, opening, transaction};
use recourse_test_harness::run;

#[test]
fn all_of_it_is_there_and_nothing_else() {
    run(async {
        let bench = Bench::start().await;
        let paid = transaction("50001", Status::Succesful);
        bench.upsert(&paid).await;
        let known = bench.keys().await;
        let opening = opening(&paid);
        assert!(matches!(bench.open(&opening).await, OpenOutcome::Opened(_)));

        let number = opening.dispute.number;
        let by_date = format!("{:015}#{:015}", NOW.0, number.get());
        let mut expected = known;
        expected.extend([
            "TXN#production#50001 LIVE".to_owned(),
            format!("TXN#production#50001 DSP#{number}"),
            format!("DSP#{number} DSP"),
            format!("DSP#{number} EVT#0000000001"),
            format!("DSP#{number} MAIL#0000000001"),
            format!("PTY#account#acct_demo {by_date}"),
            format!("PTY#domain#production#FBN {by_date}"),
            format!("PTY#domain#production#GTB {by_date}"),
        ]);
        expected.sort();
        assert_eq!(bench.keys().await, expected);
        let nonce = format!("NONCE#iimm_prod_demo#{}", opening.guard.nonce);
        assert_eq!(bench.ephemeral().await.into_keys().collect::<Vec<_>>(), [(nonce.clone(), nonce)]);
        for (key, item) in bench.everything().await {
            assert_eq!(item["schema"]["N"], "1", "{key:?} has a schema version");
        }

        let record = bench.store.record_of(number).await.unwrap().unwrap();
        assert_eq!(record.dispute, opening.dispute);
        assert_eq!(record.events, [opening.dispute.opened(opening.by.clone())]);
        let event = opening.dispute.opened(opening.by.clone());
        let notification = opening.dispute.notifications(&event, None).remove(0);
        let mail = OutboxMail {
            id: MailId { number, version: 1, audience: Audience::Case },
            notification,
            mail_state: MailState::Pending,
            enqueued_at: NOW,
            attempts: 0,
            attempts_since_redrive: 0,
            unanswered: 0,
            changed_at: NOW,
            message_id: None,
            reason: None,
            left_out: Vec::new(),
            counted: None,
            redriven: Vec::new(),
        };
        assert_eq!(record.mails, [mail]);
        let known = bench.store.transaction_record(paid.facts.environment, &paid.facts.trxid).await.unwrap().unwrap();
        assert_eq!((known.transaction, known.disputes), (paid, vec![number]));
    });
}

#[test]
fn the_writes_of_an_opening_are_those_that_it_sends() {
    run(async {
        let bench = Bench::start().await;
        let paid = transaction("50001", Status::Succesful);
        bench.upsert(&paid).await;
        let (known, opening) = (bench.keys().await, opening(&paid));
        let writes = bench.store.opening_writes(&opening, &WriteToken::new([7; 16]), NOW).unwrap();
        assert_eq!(bench.keys().await, known, "nothing is sent");

        assert!(matches!(bench.open(&opening).await, OpenOutcome::Opened(_)));
        let nonce = format!("NONCE#iimm_prod_demo#{}", opening.guard.nonce);
        let mut stored: Vec<String> = bench.keys().await.into_iter().filter(|key| !known.contains(key)).collect();
        stored.push(format!("{nonce} {nonce}"));
        stored.sort();
        let puts = writes.iter().filter_map(|write| write.put()).map(|put| {
            let part = |name: &str| put.item()[name].as_s().unwrap().clone();
            format!("{} {}", part("PK"), part("SK"))
        });
        let mut puts: Vec<String> = puts.collect();
        puts.sort();
        assert_eq!(puts, stored);
        assert_eq!(writes.iter().filter_map(|write| write.condition_check()).count(), 1, "of the transaction's status");
    });
}

#[test]
fn every_list_entry_has_the_members_that_never_change() {
    run(async {
        let bench = Bench::start().await;
        let (_, dispute) = bench.disputed("50001").await;
        let items = bench.disputes().await;
        let summaries: Vec<_> =
            items.iter().filter(|((pk, sk), _)| pk.starts_with("PTY#") || sk.starts_with("DSP#")).collect();
        assert_eq!(summaries.len(), 4);
        for (key, summary) in summaries {
            assert_eq!(summary["number"]["N"], dispute.number.to_string(), "{key:?}");
            assert_eq!(summary["trxid"]["S"], "50001", "{key:?}");
            assert_eq!(summary["channel"]["S"], "iimmpact", "{key:?}");
            assert_eq!(summary["opener"]["S"], "acct_demo", "{key:?}");
            assert_eq!(summary["opened_at"]["N"], NOW.0.to_string(), "{key:?}");
            assert_eq!((&summary["issuer"]["S"], &summary["acquirer"]["S"]), (&"FBN".into(), &"GTB".into()), "{key:?}");
        }
    });
}

#[test]
fn another_account_that_opens_has_a_list_entry_too() {
    run(async {
        let bench = Bench::start().await;
        let paid = transaction("50001", Status::Succesful);
        bench.upsert(&paid).await;
        let mut opening = opening(&paid);
        opening.dispute.opener = account("acct_bank");
        assert!(matches!(bench.open(&opening).await, OpenOutcome::Opened(_)));
        let lists: Vec<String> = bench.keys().await.into_iter().filter(|key| key.starts_with("PTY#account#")).collect();
        assert!(lists.len() == 2 && lists[0].contains("acct_bank") && lists[1].contains("acct_demo"), "{lists:?}");
    });
}

#[test]
fn closed_on_creation_it_holds_no_lock() {
    run(async {
        let bench = Bench::start().await;
        let failed = transaction("50001", Status::Failed);
        bench.upsert(&failed).await;
        for _ in 0..2 {
            let mut opening = opening(&failed);
            opening.dispute.state = State::CLOSED_ON_CREATION;
            opening.transaction_is = Status::Failed;
            assert!(matches!(bench.open(&opening).await, OpenOutcome::Opened(_)));
        }
        assert!(!bench.keys().await.contains(&"TXN#production#50001 LIVE".to_owned()));
        assert_eq!(
            bench
                .store
                .transaction_record(failed.facts.environment, &failed.facts.trxid)
                .await
                .unwrap()
                .unwrap()
                .disputes
                .len(),
            2
        );
    });
}

#[test]
fn in_staging_it_enqueues_no_mail() {
    run(async {
        let bench = Bench::start().await;
        let mut paid = transaction("50001", Status::Succesful);
        paid.facts.environment = Environment::Staging;
        bench.upsert(&paid).await;
        let mut opening = opening(&paid);
        opening.dispute.recipients = None;
        assert!(matches!(bench.open(&opening).await, OpenOutcome::Opened(_)));
        assert!(matches!(bench.open(&crate::things::opening(&paid)).await, OpenOutcome::Duplicate(_)));
        let record = bench.store.record_of(opening.dispute.number).await.unwrap().unwrap();
        assert_eq!((record.events.len(), record.mails.len()), (1, 0));
    });
}

#[test]
fn names_with_a_hash_stay_apart() {
    run(async {
        let bench = Bench::start().await;
        let mut tricky = transaction("50001", Status::Succesful);
        tricky.facts.refid = Refid::parse("a#REF#%23").unwrap();
        bench.upsert(&tricky).await;
        let mut plain = transaction("50002", Status::Succesful);
        plain.facts.refid = Refid::parse("a").unwrap();
        bench.upsert(&plain).await;
        let of =
            async |owner, refid| bench.store.by_refid(Environment::Production, &account(owner), refid).await.unwrap();
        assert_eq!(of("acct_demo", &tricky.facts.refid).await.unwrap(), tricky.facts);
        assert_eq!(of("acct_demo", &plain.facts.refid).await.unwrap(), plain.facts);
        assert_eq!(of("acct_other", &plain.facts.refid).await, None);
    });
}

#[test]
fn a_missing_item_is_none() {
    run(async {
        let bench = Bench::start().await;
        let unpaid = transaction("50001", Status::Succesful);
        let unknown = dispute(&unpaid);
        assert_eq!(bench.store.dispute(unknown.number).await.unwrap(), None);
        assert!(bench.store.record_of(unknown.number).await.unwrap().is_none());
        assert!(
            bench.store.transaction_record(unknown.facts.environment, &unknown.facts.trxid).await.unwrap().is_none()
        );
        assert_eq!(bench.known(&unpaid).await, None);
    });
}
