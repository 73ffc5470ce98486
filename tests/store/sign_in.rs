//! Signing in to the console: links that work once and in one browser, and sessions that end.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use recourse_dispute::notification::{EmailTemplate, Notification};
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;
use recourse_local::dynamodb::Fault;
use recourse_store::{
    Cap, CapOutcome, ConsoleToken, LINK_MS, MailId, MailState, Operator, OperatorId, OperatorRole, SESSION_IDLE_MS,
    SESSION_MAX_MS, Session, SessionToken, SignInLink, TakeLinkOutcome,
};

use crate::bench::Bench;
use crate::operators::{address, aisyah, end_sessions, new, remove};
use crate::things::{NOW, audit, next, token};
use recourse_test_harness::{run, run_alone};

const MINUTE_MS: i64 = 60_000;

fn random() -> [u8; 32] {
    let mut bytes = [9; 32];
    bytes[..8].copy_from_slice(&next().to_be_bytes());
    bytes
}

fn link() -> SignInLink {
    SignInLink { token: ConsoleToken::new(random()), browser: ConsoleToken::new(random()) }
}

/// A link that was mailed at [`NOW`].
async fn mailed(bench: &Bench, operator: &Operator) -> (SignInLink, MailId) {
    let link = link();
    let page = format!("https://console.example/console/link?token={}", link.token.reveal());
    let mail = Notification::sign_in(&operator.email, operator.name.as_str(), &page, NOW, NOW.plus(LINK_MS)).unwrap();
    let id = bench.store.enqueue_sign_in(operator, &link, &mail, &token(), NOW).await.unwrap();
    (link, id)
}

async fn take(bench: &Bench, link: &SignInLink, now: UnixMillis) -> TakeLinkOutcome {
    bench.store.take_link(link, &token(), now).await.unwrap()
}

async fn begin(bench: &Bench, operator: &Operator) -> SessionToken {
    let session = SessionToken::new(&operator.id(), random());
    bench.store.begin_session(operator, &session, &token(), NOW).await.unwrap();
    session
}

async fn session(bench: &Bench, token: &SessionToken, now: UnixMillis) -> Option<(Session, Operator)> {
    bench.store.session(token, now).await.unwrap()
}

#[test]
fn a_link_and_its_mail_are_one_transaction_and_the_tables_hold_no_token_of_a_browser() {
    run(async {
        let bench = Bench::alone().await;
        let operator = aisyah(&bench).await;
        bench.db.clear_calls();
        let (link, id) = mailed(&bench, &operator).await;
        assert_eq!(bench.operations(), ["TransactWriteItems"]);
        let mail = bench.store.mail(id).await.unwrap().unwrap();
        assert_eq!((id.number, mail.mail_state), (DisputeNumber::NO_CASE, MailState::Pending));
        let notification = &mail.notification;
        assert_eq!((notification.template, notification.recipients.to()), (EmailTemplate::SignIn, &operator.email));
        assert_eq!(id.to_string().parse(), Ok(id));
        let session = begin(&bench, &operator).await;
        let ephemeral = format!("{:?}", bench.ephemeral().await);
        assert!(!ephemeral.contains(link.token.reveal()), "the mail alone has it");
        let everything = format!("{:?}", bench.everything().await);
        for secret in [link.browser.reveal(), session.reveal()] {
            assert!(!everything.contains(secret));
        }
        for item in bench.ephemeral().await.values() {
            assert!(item.get("expires_at").is_some(), "{item:?}");
        }
    });
}

#[test]
fn a_link_works_once_for_ten_minutes_and_in_the_browser_that_asked() {
    run(async {
        let bench = Bench::start().await;
        let operator = aisyah(&bench).await;
        let (link, _) = mailed(&bench, &operator).await;
        let elsewhere = SignInLink { browser: ConsoleToken::new(random()), ..link.clone() };
        assert_eq!(take(&bench, &elsewhere, NOW).await, TakeLinkOutcome::OtherBrowser);
        let unknown = SignInLink { token: ConsoleToken::new(random()), ..link.clone() };
        assert_eq!(take(&bench, &unknown, NOW).await, TakeLinkOutcome::NotGood);
        let last = NOW.plus(LINK_MS - 1);
        assert_eq!(take(&bench, &link, last).await, TakeLinkOutcome::Taken(Box::new(operator.clone())));
        assert_eq!(take(&bench, &link, last).await, TakeLinkOutcome::NotGood);
        assert_eq!(take(&bench, &elsewhere, last).await, TakeLinkOutcome::NotGood, "a used one is good nowhere");
        let (late, _) = mailed(&bench, &operator).await;
        assert_eq!(take(&bench, &late, NOW.plus(LINK_MS)).await, TakeLinkOutcome::NotGood);
        let elsewhere = SignInLink { browser: ConsoleToken::new(random()), ..late };
        assert_eq!(take(&bench, &elsewhere, NOW.plus(LINK_MS)).await, TakeLinkOutcome::NotGood);
    });
}

#[test]
fn one_of_many_who_open_a_link_at_once_has_it_and_a_lost_answer_costs_nobody_a_link() {
    run(async {
        let bench = Arc::new(Bench::start().await);
        let operator = aisyah(&bench).await;
        let (link, _) = mailed(&bench, &operator).await;
        let taking: Vec<_> = (0..8)
            .map(|_| {
                let (bench, link) = (Arc::clone(&bench), link.clone());
                tokio::spawn(async move { take(&bench, &link, NOW).await })
            })
            .collect();
        let mut taken = 0;
        for one in taking {
            taken += usize::from(matches!(one.await.unwrap(), TakeLinkOutcome::Taken(_)));
        }
        assert_eq!(taken, 1);
        let (link, _) = mailed(&bench, &operator).await;
        let request = token();
        for _ in 0..2 {
            let taken = bench.store.take_link(&link, &request, NOW).await.unwrap();
            assert_eq!(taken, TakeLinkOutcome::Taken(Box::new(operator.clone())), "the SDK sends it again");
        }
    });
}

#[test]
fn a_link_is_no_use_to_who_was_removed_or_whose_sessions_were_ended_since() {
    run(async {
        let bench = Bench::start().await;
        let operator = aisyah(&bench).await;
        let (link, _) = mailed(&bench, &operator).await;
        end_sessions(&bench, &operator.email).await;
        assert_eq!(take(&bench, &link, NOW).await, TakeLinkOutcome::NotGood);
        let operator = bench.store.operator(&operator.email).await.unwrap().unwrap();
        let (link, _) = mailed(&bench, &operator).await;
        remove(&bench, &operator.email).await;
        assert_eq!(take(&bench, &link, NOW).await, TakeLinkOutcome::NotGood);
    });
}

#[test]
fn a_lost_answer_enqueues_one_mail() {
    run_alone(async {
        let bench = Bench::alone().await;
        let operator = aisyah(&bench).await;
        bench.db.set_fault(Fault::LoseAnswer { times: 1 });
        mailed(&bench, &operator).await;
        bench.db.set_fault(Fault::LoseAnswer { times: 1 });
        let token = begin(&bench, &operator).await;
        assert!(session(&bench, &token, NOW).await.is_some());
        let mails = bench.keys().await.into_iter().filter(|key| key.contains(" MAIL#"));
        assert_eq!(mails.count(), 1);
    });
}

#[test]
fn a_session_is_read_with_its_operator_and_ends_when_it_is_idle_or_twelve_hours_old() {
    run(async {
        let bench = Bench::alone().await;
        let operator = aisyah(&bench).await;
        let token = begin(&bench, &operator).await;
        bench.db.clear_calls();
        let (begun, who) = session(&bench, &token, NOW).await.unwrap();
        assert_eq!(bench.operations(), ["GetItem", "GetItem"]);
        assert_eq!((begun.began(), begun.used_at(), who), (NOW, NOW, operator.clone()));
        assert!(session(&bench, &token, NOW.plus(SESSION_IDLE_MS - 1)).await.is_some());
        assert!(session(&bench, &token, NOW.plus(SESSION_IDLE_MS)).await.is_none());
        let mut now = NOW;
        while now < NOW.plus(SESSION_MAX_MS - 1) {
            let (read, _) = session(&bench, &token, now).await.unwrap();
            bench.store.touch_session(&read, now).await.unwrap();
            now = now.plus(SESSION_IDLE_MS - 1).min(NOW.plus(SESSION_MAX_MS - 1));
        }
        assert!(session(&bench, &token, now).await.is_some(), "its last millisecond");
        assert!(session(&bench, &token, NOW.plus(SESSION_MAX_MS)).await.is_none());
        let other = SessionToken::new(&operator.id(), random());
        assert!(session(&bench, &other, NOW).await.is_none(), "there is none");
    });
}

#[test]
fn that_a_session_was_used_is_written_at_most_once_a_minute_and_never_after_its_end() {
    run(async {
        let bench = Bench::alone().await;
        let operator = aisyah(&bench).await;
        let token = begin(&bench, &operator).await;
        let (read, _) = session(&bench, &token, NOW).await.unwrap();
        bench.db.clear_calls();
        bench.store.touch_session(&read, NOW.plus(MINUTE_MS - 1)).await.unwrap();
        assert!(bench.operations().is_empty());
        let minute = NOW.plus(MINUTE_MS);
        bench.store.touch_session(&read, minute).await.unwrap();
        assert_eq!(session(&bench, &token, minute).await.unwrap().0.used_at(), minute);
        let before = bench.ephemeral().await;
        bench.store.touch_session(&read, minute.plus(-1)).await.unwrap();
        bench.store.touch_session(&read, minute).await.unwrap();
        assert_eq!(bench.ephemeral().await, before, "an older request changes nothing");
        for _ in 0..2 {
            bench.store.end_session(&read).await.unwrap();
        }
        bench.store.touch_session(&read, minute.plus(2 * MINUTE_MS)).await.unwrap();
        assert!(bench.ephemeral().await.is_empty());
        assert!(session(&bench, &token, minute).await.is_none());
    });
}

#[test]
fn a_session_follows_its_operator() {
    run(async {
        let bench = Bench::start().await;
        let operator = aisyah(&bench).await;
        let (one, two) = (begin(&bench, &operator).await, begin(&bench, &operator).await);
        let supervisor = OperatorRole::Supervisor;
        bench.store.set_operator_role(&operator.email, supervisor, None, &audit("eve"), token).await.unwrap();
        assert_eq!(session(&bench, &one, NOW).await.unwrap().1.role, supervisor, "a role holds at once");
        end_sessions(&bench, &operator.email).await;
        for ended in [&one, &two] {
            assert!(session(&bench, ended, NOW).await.is_none());
        }
        let operator = bench.store.operator(&operator.email).await.unwrap().unwrap();
        let three = begin(&bench, &operator).await;
        assert!(session(&bench, &three, NOW).await.is_some());
        remove(&bench, &operator.email).await;
        assert!(session(&bench, &three, NOW).await.is_none());
        let again = new("aisyah@demo.example", "Aisyah", OperatorRole::Agent);
        bench.store.create_operator(&again, &audit("eve"), token).await.unwrap();
        assert!(session(&bench, &three, NOW).await.is_none(), "also when the operator is back");
    });
}

#[test]
fn nobody_makes_a_session_that_of_another_operator() {
    run(async {
        let bench = Bench::start().await;
        let operator = aisyah(&bench).await;
        let admin = new("eve@demo.example", "Eve", OperatorRole::Admin);
        bench.store.create_operator(&admin, &audit("eve"), token).await.unwrap();
        let token = begin(&bench, &operator).await;
        let (_, secret) = token.reveal().split_once('.').unwrap();
        let forged = format!("{}.{secret}", OperatorId::of(&address("eve@demo.example")).as_str());
        assert!(session(&bench, &SessionToken::parse(&forged).unwrap(), NOW).await.is_none());
    });
}

#[test]
fn links_are_capped_for_an_operator_and_for_a_source() {
    run(async {
        let bench = Bench::start().await;
        let count = async |cap: Cap<'_>, limit, now| bench.store.count(&cap, limit, now).await.unwrap();
        let email = address("aisyah@demo.example");
        for _ in 0..5 {
            assert_eq!(count(Cap::LinksToAddress(&email), 5, NOW).await, CapOutcome::Within);
        }
        let shouted = address("AISYAH@demo.example");
        assert_eq!(count(Cap::LinksToAddress(&shouted), 5, NOW).await, CapOutcome::Over);
        let hour = NOW.plus(60 * MINUTE_MS);
        assert_eq!(count(Cap::LinksToAddress(&email), 5, hour).await, CapOutcome::Within);
        // What one source or one browser asked for is counted by itself.
        let [one, other] = ["192.0.2.7", "192.0.2.8"].map(|text| text.parse::<IpAddr>().unwrap());
        for _ in 0..2 {
            assert_eq!(count(Cap::LinksToAddressFrom(&email, one), 2, NOW).await, CapOutcome::Within);
            assert_eq!(count(Cap::LinksToAddressIn(&email, "browser"), 2, NOW).await, CapOutcome::Within);
        }
        let ben = address("ben@demo.example");
        for (cap, expected) in [
            (Cap::LinksToAddressFrom(&shouted, one), CapOutcome::Over),
            (Cap::LinksToAddressFrom(&email, other), CapOutcome::Within),
            (Cap::LinksToAddressFrom(&ben, one), CapOutcome::Within),
            (Cap::LinksToAddressIn(&shouted, "browser"), CapOutcome::Over),
            (Cap::LinksToAddressIn(&email, "another"), CapOutcome::Within),
            (Cap::LinksToAddressIn(&ben, "browser"), CapOutcome::Within),
        ] {
            assert_eq!(count(cap.clone(), 2, NOW).await, expected, "{cap:?}");
        }
        let source = |text: &str| Cap::LinksFromSource(text.parse::<IpAddr>().unwrap());
        for host in 0..20 {
            let counted = count(source(&format!("2001:db8:1:2::{host:x}")), 20, NOW).await;
            assert_eq!(counted, CapOutcome::Within);
        }
        assert_eq!(count(source("2001:db8:1:2:ffff::1"), 20, NOW).await, CapOutcome::Over);
        assert_eq!(count(source("2001:db8:1:3::1"), 20, NOW).await, CapOutcome::Within);
        for text in ["192.0.2.1", "::ffff:192.0.2.1"] {
            assert_eq!(count(source(text), 2, NOW).await, CapOutcome::Within);
        }
        assert_eq!(count(source("192.0.2.1"), 2, NOW).await, CapOutcome::Over, "one source in two spellings");
        assert_eq!(count(source("192.0.2.2"), 2, NOW).await, CapOutcome::Within);
        let keys: BTreeSet<_> = bench.ephemeral().await.into_keys().map(|(pk, _)| pk).collect();
        assert!(keys.iter().all(|key| !key.contains("demo.example") && !key.contains("192.0.2")), "{keys:?}");
    });
}
