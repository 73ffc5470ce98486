//! The sign-in at an identity provider: attempts, the secret, and who an operator is there.

use std::sync::Arc;

use recourse_dispute::time::UnixMillis;
use recourse_local::dynamodb::Fault;
use recourse_store::{
    ConsoleToken, IDENTITY_MS, IdentityAttempt, LinkIdentityOutcome, Operator, OperatorEvent, OperatorIdentity,
    OperatorRole, ResetIdentityOutcome, Sealer, TakeIdentityOutcome,
};

use crate::accounts::{kms, sealer};
use crate::bench::Bench;
use crate::operators::{address, aisyah, new, remove};
use crate::things::{NOW, audit, next, token};
use recourse_test_harness::{run, run_alone};

fn random() -> [u8; 32] {
    let mut bytes = [7; 32];
    bytes[..8].copy_from_slice(&next().to_be_bytes());
    bytes
}

/// An attempt that was begun at [`NOW`].
async fn begun(bench: &Bench) -> IdentityAttempt {
    let attempt = IdentityAttempt { state: ConsoleToken::new(random()), browser: ConsoleToken::new(random()) };
    bench.store.begin_identity(&attempt, &token(), NOW).await.unwrap();
    attempt
}

async fn take(bench: &Bench, attempt: &IdentityAttempt, now: UnixMillis) -> TakeIdentityOutcome {
    bench.store.take_identity(attempt, &token(), now).await.unwrap()
}

fn identity(subject: &str) -> OperatorIdentity {
    OperatorIdentity { issuer: "https://id.example".to_owned(), subject: subject.to_owned() }
}

async fn link(bench: &Bench, operator: &Operator, subject: &str) -> LinkIdentityOutcome {
    bench.store.link_identity(&operator.email, &identity(subject), &audit("Aisyah"), token).await.unwrap()
}

async fn reset(bench: &Bench, operator: &Operator) -> ResetIdentityOutcome {
    bench.store.reset_identity(&operator.email, &audit("eve"), token).await.unwrap()
}

async fn stored(bench: &Bench, operator: &Operator) -> Operator {
    bench.store.operator(&operator.email).await.unwrap().unwrap()
}

#[test]
fn an_attempt_counts_once_for_ten_minutes_in_the_browser_that_began() {
    run(async {
        let bench = Bench::start().await;
        let attempt = begun(&bench).await;
        let other = IdentityAttempt { browser: ConsoleToken::new(random()), ..attempt.clone() };
        assert_eq!(take(&bench, &other, NOW).await, TakeIdentityOutcome::OtherBrowser);
        assert_eq!(take(&bench, &attempt, NOW.plus(IDENTITY_MS)).await, TakeIdentityOutcome::NotGood);
        assert_eq!(take(&bench, &other, NOW.plus(IDENTITY_MS)).await, TakeIdentityOutcome::NotGood);
        assert_eq!(take(&bench, &attempt, NOW.plus(IDENTITY_MS - 1)).await, TakeIdentityOutcome::Taken);
        for attempt in [&attempt, &other] {
            assert_eq!(take(&bench, attempt, NOW).await, TakeIdentityOutcome::NotGood, "it was used");
        }
        let unknown = IdentityAttempt { state: ConsoleToken::new(random()), ..attempt.clone() };
        assert_eq!(take(&bench, &unknown, NOW).await, TakeIdentityOutcome::NotGood);
        let everything = format!("{:?}", bench.everything().await);
        for secret in [attempt.state.reveal(), attempt.browser.reveal()] {
            assert!(!everything.contains(secret));
        }
        for item in bench.ephemeral().await.values() {
            assert!(item.get("expires_at").is_some(), "{item:?}");
        }
    });
}

#[test]
fn of_many_at_once_one_has_the_attempt_and_a_request_that_is_sent_again_keeps_it() {
    run(async {
        let bench = Arc::new(Bench::start().await);
        let attempt = begun(&bench).await;
        let taking: Vec<_> = (0..8)
            .map(|_| {
                let (bench, attempt) = (Arc::clone(&bench), attempt.clone());
                tokio::spawn(async move { take(&bench, &attempt, NOW).await })
            })
            .collect();
        let mut taken = 0;
        for one in taking {
            taken += usize::from(one.await.unwrap() == TakeIdentityOutcome::Taken);
        }
        assert_eq!(taken, 1);
        let (attempt, request) = (begun(&bench).await, token());
        for _ in 0..2 {
            let taken = bench.store.take_identity(&attempt, &request, NOW).await.unwrap();
            assert_eq!(taken, TakeIdentityOutcome::Taken);
        }
    });
}

#[test]
fn an_operator_is_one_person_until_that_is_reset() {
    run(async {
        let bench = Bench::start().await;
        let operator = aisyah(&bench).await;
        assert_eq!(reset(&bench, &operator).await, ResetIdentityOutcome::Already);
        let LinkIdentityOutcome::Linked(linked) = link(&bench, &operator, "one").await else { panic!("not linked") };
        assert_eq!((linked.version, *linked.identity.clone().unwrap()), (2, identity("one")));
        assert_eq!(stored(&bench, &operator).await, *linked);
        let before = bench.disputes().await;
        assert_eq!(link(&bench, &operator, "one").await, LinkIdentityOutcome::Linked(linked.clone()));
        assert_eq!(link(&bench, &operator, "two").await, LinkIdentityOutcome::Other(linked));
        assert_eq!(bench.disputes().await, before);
        assert_eq!(reset(&bench, &operator).await, ResetIdentityOutcome::Reset);
        assert!(matches!(link(&bench, &operator, "two").await, LinkIdentityOutcome::Linked(_)));
        let record = bench.store.operator_record(&operator.email).await.unwrap().unwrap();
        let events: Vec<_> = record.audit.into_iter().skip(1).map(|entry| entry.event).collect();
        let linked = |subject| OperatorEvent::IdentityLinked(identity(subject));
        assert_eq!(events, [linked("one"), OperatorEvent::IdentityReset, linked("two")]);
        assert!(!format!("{events:?}").contains("one"), "{events:?}");

        remove(&bench, &operator.email).await;
        assert_eq!(link(&bench, &operator, "two").await, LinkIdentityOutcome::NoOperator);
        assert_eq!(reset(&bench, &operator).await, ResetIdentityOutcome::NoOperator);
        let again = new("aisyah@demo.example", "Aisyah", OperatorRole::Agent);
        bench.store.create_operator(&again, &audit("eve"), token).await.unwrap();
        assert_eq!(stored(&bench, &operator).await.identity, None, "it may be somebody else");
        let nobody = Operator { email: address("nobody@demo.example"), ..operator };
        assert_eq!(link(&bench, &nobody, "two").await, LinkIdentityOutcome::NoOperator);
    });
}

#[test]
fn of_two_persons_at_once_one_is_the_operator() {
    run(async {
        let bench = Arc::new(Bench::start().await);
        let operator = aisyah(&bench).await;
        let linking: Vec<_> = (0..6)
            .map(|number| {
                let (bench, operator) = (Arc::clone(&bench), operator.clone());
                tokio::spawn(async move { link(&bench, &operator, ["one", "two"][number % 2]).await })
            })
            .collect();
        let mut outcomes = Vec::new();
        for one in linking {
            outcomes.push(one.await.unwrap());
        }
        let stored = Box::new(stored(&bench, &operator).await);
        assert_eq!(stored.version, 2);
        let linked = LinkIdentityOutcome::Linked(stored.clone());
        assert_eq!(outcomes.iter().filter(|outcome| **outcome == linked).count(), 3);
        assert_eq!(
            outcomes.iter().filter(|outcome| **outcome == LinkIdentityOutcome::Other(stored.clone())).count(),
            3
        );
    });
}

/// Another operator than [`aisyah`].
async fn ben(bench: &Bench) -> Operator {
    let new = new("ben@demo.example", "Ben", OperatorRole::Agent);
    bench.store.create_operator(&new, &audit("eve"), token).await.unwrap();
    bench.store.operator(&new.email).await.unwrap().unwrap()
}

#[test]
fn a_person_is_one_operator_until_that_is_reset_or_the_operator_removed() {
    run(async {
        let bench = Bench::start().await;
        let (aisyah, ben) = (aisyah(&bench).await, ben(&bench).await);
        assert!(matches!(link(&bench, &aisyah, "one").await, LinkIdentityOutcome::Linked(_)));
        let before = bench.disputes().await;
        assert_eq!(link(&bench, &ben, "one").await, LinkIdentityOutcome::Taken(Box::new(ben.clone())));
        assert_eq!(bench.disputes().await, before);
        reset(&bench, &aisyah).await;
        let LinkIdentityOutcome::Linked(linked) = link(&bench, &ben, "one").await else { panic!("not linked") };
        assert!(matches!(link(&bench, &aisyah, "one").await, LinkIdentityOutcome::Taken(_)));
        // A person of another provider is somebody else, whatever the subject.
        let mut other = identity("one");
        other.issuer.push_str("/2");
        let outcome = bench.store.link_identity(&aisyah.email, &other, &audit("Aisyah"), token).await.unwrap();
        assert!(matches!(outcome, LinkIdentityOutcome::Linked(_)), "{outcome:?}");
        reset(&bench, &aisyah).await;
        remove(&bench, &linked.email).await;
        assert!(matches!(link(&bench, &aisyah, "one").await, LinkIdentityOutcome::Linked(_)));
    });
}

#[test]
fn of_two_operators_with_one_person_at_once_one_gets_it() {
    run(async {
        let bench = Arc::new(Bench::start().await);
        let operators = [aisyah(&bench).await, ben(&bench).await];
        for round in 0..4 {
            let linking = operators.clone().map(|operator| {
                let bench = Arc::clone(&bench);
                tokio::spawn(async move { link(&bench, &operator, &format!("person {round}")).await })
            });
            let mut linked = 0;
            for one in linking {
                match one.await.unwrap() {
                    LinkIdentityOutcome::Linked(_) => linked += 1,
                    outcome => assert!(matches!(outcome, LinkIdentityOutcome::Taken(_)), "{outcome:?}"),
                }
            }
            assert_eq!(linked, 1);
            for operator in &operators {
                reset(&bench, operator).await;
            }
        }
    });
}

async fn set(bench: &Bench, sealer: &Sealer, secret: &str, nonce: u8, who: &str) {
    bench.store.set_identity_secret(sealer, secret, [nonce; 12], &audit(who), token).await.unwrap();
}

async fn secret(bench: &Bench, sealer: &Sealer) -> Option<String> {
    bench.store.identity_secret(sealer).await.unwrap().map(|secret| secret.expose().to_owned())
}

#[test]
fn the_last_secret_holds_and_is_sealed_and_who_set_each_is_recorded() {
    run(async {
        let bench = Bench::start().await;
        let kms = kms().await;
        let sealer = sealer(&kms);
        assert_eq!((secret(&bench, &sealer).await, bench.store.identity_secret_audit().await.unwrap()), (None, vec![]));
        set(&bench, &sealer, "first-secret", 1, "alice").await;
        set(&bench, &sealer, "second-secret", 2, "bob").await;
        assert_eq!(secret(&bench, &sealer).await.as_deref(), Some("second-secret"));
        let audit = bench.store.identity_secret_audit().await.unwrap();
        let entries: Vec<_> = audit.iter().map(|entry| (entry.version, entry.by.name.as_str())).collect();
        assert_eq!(entries, [(1, "alice"), (2, "bob")]);
        let everything = format!("{:?}", bench.everything().await);
        assert!(!everything.contains("secret-") && !everything.contains("second-secret"));
    });
}

#[test]
fn a_lost_answer_does_not_repeat_a_change() {
    run_alone(async {
        let bench = Bench::alone().await;
        let (operator, kms) = (aisyah(&bench).await, kms().await);
        let sealer = sealer(&kms);
        let lose = || bench.db.set_fault(Fault::LoseAnswer { times: 1 });
        set(&bench, &sealer, "first-secret", 1, "alice").await;
        lose();
        set(&bench, &sealer, "second-secret", 2, "bob").await;
        assert_eq!(bench.store.identity_secret_audit().await.unwrap().len(), 2);
        lose();
        let attempt = begun(&bench).await;
        assert_eq!(take(&bench, &attempt, NOW).await, TakeIdentityOutcome::Taken);
        lose();
        assert!(matches!(link(&bench, &operator, "one").await, LinkIdentityOutcome::Linked(_)));
        lose();
        assert_eq!(reset(&bench, &operator).await, ResetIdentityOutcome::Reset);
        assert_eq!(stored(&bench, &operator).await.version, 3);
        bench.db.set_fault(Fault::Unreachable);
        assert!(bench.store.begin_identity(&attempt, &token(), NOW).await.unwrap_err().is_temporary());
        bench.db.set_fault(Fault::None);
    });
}
