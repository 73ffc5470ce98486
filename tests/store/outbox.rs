//! Enqueued mails: the index finds them when they are due, one worker claims each, and whoever
//! holds the claim ends it.

use recourse_dispute::dispute::Dispute;
use recourse_dispute::notification::{Audience, ThreadEntry};
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;
use recourse_dispute::transaction::Status;
use recourse_store::{
    ClaimOutcome, ClaimedMail, Counted, MailEnd, MailId, MailState, NoGuard, OpenOutcome, OutboxMail, Thread, Waiting,
    WriteToken,
};

use crate::bench::Bench;
use crate::things::{NOW, decision, later, opening, token, transaction};
use recourse_test_harness::{run, until};

const LEASE_MS: i64 = 60_000;

fn mail_of(dispute: &Dispute) -> MailId {
    MailId { number: dispute.number, version: 1, audience: Audience::Case }
}

/// The first mail of a new dispute.
async fn enqueued(bench: &Bench, trxid: &str) -> MailId {
    mail_of(&bench.disputed(trxid).await.1)
}

async fn claim_by(bench: &Bench, id: MailId, owner: &WriteToken, now: UnixMillis) -> Option<ClaimedMail> {
    match bench.store.claim(id, owner, now, LEASE_MS).await.unwrap() {
        ClaimOutcome::Claimed(claimed) => Some(*claimed),
        ClaimOutcome::ClaimedByOther => None,
    }
}

async fn claim(bench: &Bench, id: MailId, now: UnixMillis) -> Option<ClaimedMail> {
    claim_by(bench, id, &token(), now).await
}

/// The mail as it is on record.
async fn on_record(bench: &Bench, id: MailId) -> OutboxMail {
    let record = bench.store.record_of(id.number).await.unwrap().unwrap();
    record.mails.into_iter().find(|mail| mail.id == id).unwrap()
}

/// Waits until the index, which may lag behind the table, names `expected` as due at `now`.
async fn due(bench: &Bench, now: UnixMillis, expected: &[MailId]) {
    let key = |id: &MailId| (id.number, id.version);
    let mut expected = expected.to_vec();
    expected.sort_by_key(key);
    until("what is due", async || {
        let mut due: Vec<_> = bench.store.due(now, 10).await.unwrap().into_iter().map(|waiting| waiting.id).collect();
        due.sort_by_key(key);
        (due == expected).then_some(())
    })
    .await;
}

#[test]
fn a_mail_is_claimed_by_one() {
    run(async {
        let bench = Bench::start().await;
        let id = enqueued(&bench, "50001").await;
        let claimed = claim(&bench, id, NOW).await.unwrap();
        assert_eq!((claimed.mail.id, claimed.mail.attempts, claimed.mail.mail_state), (id, 1, MailState::Sending));
        assert_eq!(claimed.mail, on_record(&bench, id).await);
        assert!(claim(&bench, id, NOW.plus(LEASE_MS - 1)).await.is_none());
        assert!(claim(&bench, MailId { version: 9, ..id }, NOW).await.is_none(), "there is none");
    });
}

#[test]
fn one_of_many_claims_at_once_holds() {
    run(async {
        let bench = std::sync::Arc::new(Bench::start().await);
        let id = enqueued(&bench, "50001").await;
        let claims: Vec<_> = (0..16)
            .map(|_| {
                let bench = std::sync::Arc::clone(&bench);
                tokio::spawn(async move { claim(&bench, id, NOW).await.is_some() })
            })
            .collect();
        let mut held = 0;
        for claim in claims {
            held += usize::from(claim.await.unwrap());
        }
        assert_eq!((held, on_record(&bench, id).await.attempts), (1, 1));
    });
}

#[test]
fn the_same_claim_sent_again_is_one_attempt() {
    run(async {
        let bench = Bench::start().await;
        let id = enqueued(&bench, "50001").await;
        let owner = token();
        for _ in 0..2 {
            assert_eq!(claim_by(&bench, id, &owner, NOW).await.unwrap().mail.attempts, 1);
        }
    });
}

#[test]
fn a_mail_that_was_never_tried_is_due_whatever_the_clocks_say() {
    run(async {
        let bench = Bench::start().await;
        let id = enqueued(&bench, "50001").await;
        assert!(claim(&bench, id, NOW.plus(-5_000)).await.is_some());
    });
}

#[test]
fn a_lease_that_ran_out_is_taken_and_the_slow_owner_changes_nothing() {
    run(async {
        let bench = Bench::start().await;
        let id = enqueued(&bench, "50001").await;
        let slow = claim(&bench, id, NOW).await.unwrap();
        let over = NOW.plus(LEASE_MS);
        let quick = claim(&bench, id, over).await.unwrap();
        assert_eq!(quick.mail.attempts, 2);
        bench.store.dead(&slow, "too slow", over).await.unwrap();
        bench.store.sent(&slow, "message-slow", over).await.unwrap();
        bench.store.later(&slow, NOW, "too slow", over).await.unwrap();
        assert_eq!(on_record(&bench, id).await, quick.mail);
        bench.store.sent(&quick, "message-quick", over).await.unwrap();
        bench.store.held(&slow, "too slow", over).await.unwrap();
        let sent = on_record(&bench, id).await;
        assert_eq!(
            (sent.mail_state, sent.message_id.as_deref(), sent.reason),
            (MailState::Sent, Some("message-quick"), None)
        );
    });
}

#[test]
fn an_ended_mail_is_recorded_with_its_reason_and_never_due_again() {
    run(async {
        let bench = Bench::start().await;
        let ids = [enqueued(&bench, "50001").await, enqueued(&bench, "50002").await, enqueued(&bench, "50003").await];
        due(&bench, NOW, &ids).await;
        let ended = NOW.plus(700);
        for (id, state) in ids.into_iter().zip([MailState::Sent, MailState::Held, MailState::Dead]) {
            let claimed = claim(&bench, id, NOW).await.unwrap();
            let expected = match state {
                MailState::Held => bench.store.held(&claimed, "a cap", ended).await.map(|_| (None, Some("a cap"))),
                MailState::Dead => bench.store.dead(&claimed, "refused", ended).await.map(|_| (None, Some("refused"))),
                _ => bench.store.sent(&claimed, "message", ended).await.map(|_| (Some("message"), None)),
            };
            let mail = on_record(&bench, id).await;
            assert_eq!((mail.message_id.as_deref(), mail.reason.as_deref()), expected.unwrap());
            assert_eq!((mail.mail_state, mail.changed_at), (state, ended));
            assert!(claim(&bench, id, NOW.plus(10 * LEASE_MS)).await.is_none(), "{state:?}");
        }
        due(&bench, UnixMillis(i64::MAX), &[]).await;
        // A sent mail is not in the index any more. An unsent one is there for an operator, in
        // shards that no sweep reads.
        for (key, item) in bench.disputes().await {
            assert_eq!(item.get("outbox_shard").is_some(), item.get("outbox_due").is_some(), "{key:?}");
        }
        for (state, expected) in
            [(MailState::Sent, None), (MailState::Held, Some(ids[1])), (MailState::Dead, Some(ids[2]))]
        {
            let found = async || bench.store.indexed(state, UnixMillis(i64::MAX), 10).await.unwrap();
            let expected: Vec<_> = expected.map(|id| Waiting { id, due: ended }).into_iter().collect();
            until("the index says so", async || (found().await == expected).then_some(())).await;
        }
    });
}

#[test]
fn a_mail_put_back_waits_until_it_is_due_again() {
    run(async {
        let bench = Bench::start().await;
        let id = enqueued(&bench, "50001").await;
        let claimed = claim(&bench, id, NOW).await.unwrap();
        let again = NOW.plus(120_000);
        bench.store.later(&claimed, again, "SES is out of reach", NOW).await.unwrap();
        let mail = on_record(&bench, id).await;
        assert_eq!(
            (mail.mail_state, mail.attempts, mail.reason.as_deref()),
            (MailState::Pending, 1, Some("SES is out of reach"))
        );
        assert!(claim(&bench, id, again.plus(-1)).await.is_none());
        due(&bench, again.plus(-1), &[]).await;
        due(&bench, again, &[id]).await;
        let claimed = claim(&bench, id, again).await.unwrap();
        assert_eq!(claimed.mail.attempts, 2);
        bench.store.sent(&claimed, "message", again).await.unwrap();
        assert_eq!(on_record(&bench, id).await.reason, None);
    });
}

#[test]
fn the_index_names_what_waits_and_what_is_being_sent_when_its_lease_is_over() {
    run(async {
        let bench = Bench::start().await;
        let (waiting, sending) = (enqueued(&bench, "50001").await, enqueued(&bench, "50002").await);
        claim(&bench, sending, NOW).await.unwrap();
        due(&bench, NOW.plus(-1), &[]).await;
        due(&bench, NOW, &[waiting]).await;
        due(&bench, NOW.plus(LEASE_MS), &[waiting, sending]).await;
    });
}

#[test]
fn of_each_shard_the_index_names_no_more_than_asked() {
    run(async {
        let bench = Bench::start().await;
        // The last digit in base eight is the shard.
        for number in 1_000_000..1_000_024 {
            let paid = transaction(&number.to_string(), Status::Succesful);
            bench.upsert(&paid).await;
            let mut opening = opening(&paid);
            opening.dispute.number = DisputeNumber::try_from(number).unwrap();
            assert!(matches!(bench.open(&opening).await, OpenOutcome::Opened(_)));
        }
        until("all are due", async || (bench.store.due(NOW, 10).await.unwrap().len() == 24).then_some(())).await;
        assert_eq!(bench.store.due(NOW, 2).await.unwrap().len(), 16, "two of each of eight shards");
    });
}

#[test]
fn a_mail_threads_on_those_that_went_out_before() {
    run(async {
        let bench = Bench::start().await;
        let (paid, dispute) = bench.disputed("50001").await;
        let first = mail_of(&dispute);
        assert_eq!(bench.store.thread(first).await.unwrap(), Thread::default());
        let decision = decision(&dispute);
        bench.store.change(&dispute, &decision, &NoGuard, &token(), NOW).await.unwrap();
        let second = MailId { version: 2, ..first };
        let thread = bench.store.thread(second).await.unwrap();
        assert_eq!((thread.earlier, thread.ahead.len()), (vec![], 1), "the first is not sent yet");
        assert_eq!(thread.ahead[0].id, first);
        let claimed = claim(&bench, first, NOW).await.unwrap();
        bench.store.sent(&claimed, "message-1", NOW.plus(10)).await.unwrap();
        let recipients = dispute.recipients.clone().unwrap();
        let sent = ThreadEntry::Sent { message_id: "message-1".to_owned(), recipients };
        assert_eq!(bench.store.thread(second).await.unwrap(), Thread { earlier: vec![sent], ahead: vec![] });
        assert_eq!(bench.store.thread(first).await.unwrap(), Thread::default(), "it waits for no later one");
        bench.upsert(&later(&paid, Status::Refund, 60)).await;
        assert_eq!(
            bench.store.record_of(dispute.number).await.unwrap().unwrap().mails.len(),
            2,
            "it was closed already"
        );
    });
}

#[test]
fn a_counted_mail_stays_counted_until_it_is_dropped() {
    run(async {
        let bench = Bench::start().await;
        let id = enqueued(&bench, "50001").await;
        let mut claimed = claim(&bench, id, NOW).await.unwrap();
        let address = claimed.mail.notification.recipients.to().clone();
        let counted = Counted { at: NOW, addresses: vec![], capped: vec![address.clone()] };
        claimed.mail.counted = Some(counted.clone());
        assert_eq!(bench.store.later(&claimed, NOW, "later", NOW).await.unwrap(), MailEnd::Noted);
        assert_eq!(bench.store.later(&claimed, NOW, "later", NOW).await.unwrap(), MailEnd::ClaimedByOther);
        let again = claim(&bench, id, NOW).await.unwrap();
        assert_eq!(again.mail.counted, Some(counted.clone()));
        bench.store.dead(&again, "refused", NOW).await.unwrap();
        assert_eq!(on_record(&bench, id).await.counted, None);

        let other = enqueued(&bench, "50002").await;
        let mut claimed = claim(&bench, other, NOW).await.unwrap();
        claimed.mail.counted = Some(counted);
        bench.store.sent(&claimed, "message", NOW).await.unwrap();
        let mail = on_record(&bench, other).await;
        assert_eq!(mail.capped(), std::slice::from_ref(&address));
        let thread = bench.store.thread(MailId { version: 9, ..other }).await.unwrap();
        assert!(!thread.earlier[0].is_known_to(&address), "it never got it");
    });
}
