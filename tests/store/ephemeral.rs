//! The ephemeral table: nonces, idempotence keys, caps. Code compares expiry times; nothing here
//! deletes items.

use recourse_dispute::addresses::MailAddress;
use recourse_dispute::ids::UserName;
use recourse_dispute::transaction::Status;
use recourse_store::{
    Admission, Cap, CapOutcome, ChangeOutcome, Idempotence, LoginOutcome, LoginThrottle, Nonce, NonceUse, OpenOutcome,
    StoredResponse,
};

use crate::bench::Bench;
use crate::things::{NOW, account, decision, guarded_by, nonce, opening, token, transaction};
use recourse_test_harness::run;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

fn idempotence(key: &str, body: &str) -> Idempotence {
    Idempotence {
        merchant: "1001".to_owned(),
        method: "POST".to_owned(),
        path: "/v1/1001/disputes".to_owned(),
        key: key.to_owned(),
        answer: StoredResponse {
            fingerprint: "digest".to_owned(),
            requested_at: NOW,
            status: 201,
            body: body.to_owned(),
            headers: Default::default(),
        },
    }
}

#[test]
fn a_nonce_is_good_once_for_a_key() {
    run(async {
        let bench = Bench::start().await;
        let first = nonce();
        let again = async |nonce: &Nonce| bench.store.use_nonce(nonce, &token(), NOW).await.unwrap();
        assert_eq!(again(&first).await, NonceUse::Fresh);
        assert_eq!(again(&first).await, NonceUse::Replayed);
        let other_key = Nonce { key: recourse_dispute::ids::KeyId::parse("another_key").unwrap(), ..first.clone() };
        assert_eq!(again(&other_key).await, NonceUse::Fresh);
        assert_eq!(again(&nonce()).await, NonceUse::Fresh);
    });
}

#[test]
fn a_nonce_sent_again_with_the_same_write_token_is_no_replay() {
    run(async {
        let bench = Bench::start().await;
        let (nonce, token) = (nonce(), token());
        for _ in 0..2 {
            assert_eq!(bench.store.use_nonce(&nonce, &token, NOW).await.unwrap(), NonceUse::Fresh);
        }
    });
}

#[test]
fn a_nonce_is_free_again_once_its_time_is_over_before_its_item_is_deleted() {
    run(async {
        let bench = Bench::start().await;
        let nonce = nonce();
        let at = |seconds: i64| recourse_dispute::time::UnixMillis(seconds * 1000);
        let again = async |seconds| bench.store.use_nonce(&nonce, &token(), at(seconds)).await.unwrap();
        assert_eq!(again(NOW.seconds()).await, NonceUse::Fresh);
        assert_eq!(again(nonce.expires_at).await, NonceUse::Replayed, "in its last second");
        assert_eq!(bench.ephemeral().await.len(), 1);
        assert_eq!(again(nonce.expires_at + 1).await, NonceUse::Fresh);

        let paid = transaction("50001", Status::Succesful);
        bench.upsert(&paid).await;
        let mut opening = opening(&paid);
        let used = crate::things::nonce();
        bench.store.use_nonce(&used, &token(), NOW).await.unwrap();
        opening.guard = Nonce { expires_at: used.expires_at + 600, ..used.clone() };
        let opened = bench.store.open(&opening, &token(), at(used.expires_at + 1)).await.unwrap();
        assert!(matches!(opened, OpenOutcome::Opened(_)), "in a transaction, too");
    });
}

#[test]
fn an_idempotence_key_repeats_the_answer_it_had_and_opens_nothing() {
    run(async {
        let bench = Bench::start().await;
        let paid = transaction("50001", Status::Succesful);
        bench.upsert(&paid).await;
        let first = guarded_by(opening(&paid), Some(idempotence("key-1", "first")));
        assert!(matches!(bench.open(&first).await, OpenOutcome::Opened(_)));
        let before = bench.everything().await;
        let mut repeat = guarded_by(opening(&paid), Some(idempotence("key-1", "second")));
        let stored = idempotence("key-1", "first").answer;
        assert_eq!(
            bench.open(&repeat).await,
            OpenOutcome::Guarded(Box::new(stored.clone())),
            "which outranks the duplicate"
        );
        repeat.guard = Some(idempotence("key-2", "second"));
        assert!(matches!(bench.open(&repeat).await, OpenOutcome::Duplicate(_)), "another key is another request");
        assert_eq!(bench.everything().await, before);

        let change = decision(&first.dispute);
        let again = idempotence("key-1", "third");
        let changed = bench.store.change(&first.dispute, &change, &Some(again), &token(), NOW).await.unwrap();
        assert_eq!(changed, ChangeOutcome::Guarded(Box::new(stored)));
    });
}

#[test]
fn an_idempotence_key_is_free_after_a_day_before_its_item_is_deleted() {
    run(async {
        let bench = Bench::start().await;
        let at = [NOW, NOW.plus(DAY_MS), NOW.plus(DAY_MS + 1000)];
        let repeated = OpenOutcome::Guarded(Box::new(idempotence("key-1", "0").answer));
        for (which, (now, is_repeat)) in at.into_iter().zip([false, true, false]).enumerate() {
            let paid = transaction(&format!("5000{which}"), Status::Succesful);
            bench.upsert(&paid).await;
            let opening = guarded_by(opening(&paid), Some(idempotence("key-1", &which.to_string())));
            let opened = bench.store.open(&opening, &token(), now).await.unwrap();
            assert!(if is_repeat { opened == repeated } else { matches!(opened, OpenOutcome::Opened(_)) }, "{now:?}");
        }
    });
}

#[test]
fn a_cap_counts_to_its_limit_each_day_and_each_subject_for_itself() {
    run(async {
        let bench = Bench::start().await;
        let (demo, other) = (account("acct_demo"), account("acct_other"));
        let count = async |cap: &Cap<'_>, limit, now| bench.store.count(cap, limit, now).await.unwrap();
        let of_demo = Cap::MailsOfAccount(&demo);
        assert_eq!(count(&of_demo, 2, NOW).await, CapOutcome::Within);
        assert_eq!(count(&of_demo, 2, NOW).await, CapOutcome::Within);
        assert_eq!(count(&of_demo, 2, NOW).await, CapOutcome::Over);
        assert_eq!(count(&of_demo, 3, NOW).await, CapOutcome::Within, "what was refused was not counted");
        assert_eq!(count(&of_demo, 2, NOW.plus(DAY_MS)).await, CapOutcome::Within, "a new day");
        assert_eq!(count(&Cap::MailsOfAccount(&other), 2, NOW).await, CapOutcome::Within);
        let address = |text| MailAddress::parse(text).unwrap();
        assert_eq!(count(&Cap::MailsToAddress(&address("nobody@x.example")), 0, NOW).await, CapOutcome::Over);
        assert_eq!(count(&Cap::MailsToAddress(&address("User@x.example")), 1, NOW).await, CapOutcome::Within);
        assert_eq!(
            count(&Cap::MailsToAddress(&address("uSER@x.example")), 1, NOW).await,
            CapOutcome::Over,
            "one mailbox"
        );
        bench.store.uncount(&Cap::MailsToAddress(&address("user@x.example")), NOW.plus(DAY_MS)).await.unwrap();
        assert_eq!(
            count(&Cap::MailsToAddress(&address("user@x.example")), 1, NOW).await,
            CapOutcome::Over,
            "another day's"
        );
        bench.store.uncount(&Cap::MailsToAddress(&address("user@x.example")), NOW).await.unwrap();
        assert_eq!(count(&Cap::MailsToAddress(&address("user@x.example")), 1, NOW).await, CapOutcome::Within);
        for (pk, _) in bench.ephemeral().await.keys() {
            assert!(!pk.contains('@') && !pk.contains("x.example"), "{pk}");
        }
    });
}

#[test]
fn tries_of_a_password_are_bounded_by_the_wrong_ones_and_by_those_under_way() {
    run(async {
        let bench = Bench::start().await;
        let (bank, user) = (account("acct_fbn"), UserName::parse("A.B").unwrap());
        let throttle = LoginThrottle { account: &bank, user: &user, max_wrong: 3, max_at_once: 5 };
        let begin = async |now| bench.store.begin_login(&throttle, now).await.unwrap();
        let end = async |ended| bench.store.end_login(&throttle, ended, NOW).await.unwrap();
        for _ in 0..20 {
            assert_eq!(begin(NOW).await, Admission::Open, "good ones are not counted");
            end(LoginOutcome::Good).await;
        }
        for _ in 0..5 {
            assert_eq!(begin(NOW).await, Admission::Open);
        }
        assert_eq!(begin(NOW).await, Admission::Contended, "however many more come");
        for _ in 0..2 {
            end(LoginOutcome::Wrong).await;
        }
        assert_eq!(begin(NOW).await, Admission::Open, "two were wrong, three are under way");
        end(LoginOutcome::Wrong).await;
        assert_eq!(begin(NOW).await, Admission::Locked);
        end(LoginOutcome::Locked).await;
        assert_eq!(begin(NOW).await, Admission::Locked, "a locked try ends nobody else's");
        assert_eq!(begin(NOW.plus(15 * 60 * 1000)).await, Admission::Open, "the next quarter of an hour");
        let other = LoginThrottle { user: &UserName::parse("C.D").unwrap(), ..throttle };
        assert_eq!(bench.store.begin_login(&other, NOW).await.unwrap(), Admission::Open);
        // Long over and deleted, its end does not bring it back.
        let before = bench.everything().await;
        bench.store.end_login(&throttle, LoginOutcome::Good, NOW.plus(-DAY_MS)).await.unwrap();
        assert_eq!(bench.everything().await, before);
    });
}
