//! Deadlines, expired by the real worker: each one once, however often it runs, and nothing after
//! the end.
//!
//! Most disputes here began days ago, so that what is due is due now.

use std::sync::Arc;

use recourse_dispute::addresses::{MailAddress, Recipients};
use recourse_dispute::channel::Channel;
use recourse_dispute::dispute::Dispute;
use recourse_dispute::environment::Environment;
use recourse_dispute::event::{EventKind, PerformedBy};
use recourse_dispute::ids::{AccountId, Trxid};
use recourse_dispute::lifecycle::{Action, Actor, Category, Closing, Stage, State};
use recourse_dispute::notification::EmailTemplate;
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;
use recourse_dispute::transaction::Status;
use recourse_local::ses::AcceptedMail;
use recourse_store::{Cursor, NoGuard, OpenOutcome, Opening, WriteToken};
use serde_json::json;

use crate::harness::{DEADLINES, Stack, Transaction, now, options, run, shared, unique, until};

const DAY: i64 = 24 * 60 * 60 * 1000;

fn millis() -> UnixMillis {
    UnixMillis(i64::try_from(now()).unwrap() * 1000)
}

/// Lets the worker run.
pub(crate) async fn sweep(stack: &Stack) {
    stack.cloud().run_schedule(DEADLINES).await.unwrap();
}

/// A chargeback that FBN opened this many days ago, about a transaction of its own with this
/// acquirer.
pub(crate) async fn opened(stack: &Stack, acquirer: &str, days: i64) -> Dispute {
    opened_as(stack, acquirer, days, State::initial(Category::Chargeback), Environment::Production).await
}

/// A chargeback between FBN and GTB that was raised at the Tutelar API just now.
pub(crate) async fn raised(stack: &Stack) -> Dispute {
    opened_through(stack, Channel::Tutelar).await
}

/// The same, through any API.
pub(crate) async fn opened_through(stack: &Stack, channel: Channel) -> Dispute {
    opened_at(stack, channel, "GTB", 0, State::initial(Category::Chargeback), Environment::Production).await
}

async fn opened_as(stack: &Stack, acquirer: &str, days: i64, state: State, environment: Environment) -> Dispute {
    let channel = if state == State::Draft { Channel::Connect } else { Channel::Arbiter };
    opened_at(stack, channel, acquirer, days, state, environment).await
}

async fn opened_at(
    stack: &Stack,
    channel: Channel,
    acquirer: &str,
    days: i64,
    state: State,
    environment: Environment,
) -> Dispute {
    let account = match environment {
        Environment::Production => "acct_demo",
        Environment::Staging => "acct_staging",
    };
    let mut transaction = Transaction::new(account, "Succesful");
    transaction.body["parties"] =
        json!({ "issuer": { "code": "FBN", "name": "FBN" }, "acquirer": { "code": acquirer, "name": acquirer } });
    stack.upsert(&transaction.body).await;
    let trxid = Trxid::parse(&transaction.trxid).unwrap();
    let known = stack.store().transaction(environment, &trxid).await.unwrap().unwrap();
    let random: u64 = unique("n").rsplit_once('-').unwrap().1.parse().unwrap();
    let since = millis().plus(-days * DAY);
    let address = MailAddress::parse(&format!("{}@bank.example", transaction.trxid)).unwrap();
    let number = DisputeNumber::try_from(1_000_000 + random).unwrap();
    let opener = AccountId::parse("acct_fbn").unwrap();
    let dispute = Dispute {
        state,
        recipients: (environment == Environment::Production).then(|| Recipients::parse(&[], &address).unwrap()),
        ..Dispute::begin(number, channel, opener, known.facts, Category::Chargeback, since)
    };
    let opening = Opening {
        dispute: dispute.clone(),
        by: PerformedBy { actor: Actor::Opener, name: "fbn_demo".to_owned() },
        transaction_is: Status::Succesful,
        parties: None,
        guard: NoGuard,
        support: None,
    };
    let token = WriteToken::new(u128::from(random).to_be_bytes());
    assert!(matches!(stack.store().open(&opening, &token, since).await.unwrap(), OpenOutcome::Opened(_)));
    dispute
}

#[test]
fn the_due_party_that_does_not_respond_loses_once_however_often_the_worker_runs() {
    run(async {
        let stack = Arc::new(Stack::start(options()).await);
        let mut disputes = Vec::new();
        for _ in 0..8 {
            disputes.push(opened(&stack, "GTB", 21).await);
        }
        let workers: Vec<_> = (0..4)
            .map(|_| {
                let stack = Arc::clone(&stack);
                tokio::spawn(async move { sweep(&stack).await })
            })
            .collect();
        for worker in workers {
            worker.await.unwrap();
        }
        sweep(&stack).await;
        for dispute in &disputes {
            let record = stack.store().record_of(dispute.number).await.unwrap().unwrap();
            assert_eq!(record.dispute.state, State::Closed { closing: Closing::Customer, stage: Stage::First });
            let did: Vec<_> = record.events.iter().map(|event| (event.kind, event.by.actor)).collect();
            assert_eq!(did, [(EventKind::Opened, Actor::Opener), (EventKind::Did(Action::Expire), Actor::Clock)]);
            let templates: Vec<_> = record.mails.iter().map(|mail| mail.notification.template).collect();
            assert_eq!(
                templates,
                [EmailTemplate::Logged, EmailTemplate::ExpiredForCustomer, EmailTemplate::ExpiredForCustomer],
                "the case, twice, and the parties"
            );
            let to = dispute.recipients.as_ref().unwrap().to().as_str();
            let text = stack.inbox(to, 2).await.remove(1).text.unwrap();
            assert!(text.contains("Status: Accepted"), "{text}");
        }
    });
}

#[test]
fn the_party_due_to_respond_is_reminded_once_with_the_time_and_its_zone() {
    run(async {
        let stack = Stack::start(options()).await;
        let dispute = opened(&stack, "GTB", 19).await;
        for _ in 0..3 {
            sweep(&stack).await;
        }
        let record = stack.store().record_of(dispute.number).await.unwrap().unwrap();
        assert_eq!(record.dispute.state, dispute.state);
        let did: Vec<_> = record.events.iter().map(|event| event.kind).collect();
        assert_eq!(did, [EventKind::Opened, EventKind::Reminded]);
        let mail = stack.inbox("disputes@gtb.example", 1).await.remove(0);
        let ends_at = dispute.state_since.plus(20 * DAY).in_words();
        assert!(ends_at.ends_with(" UTC"));
        for body in [mail.text.unwrap(), mail.html.unwrap()] {
            assert!(body.contains(&ends_at), "{body}");
        }
        assert!(stack.mails_to("disputes@fbn.example").is_empty(), "another party is due to respond");
        assert_eq!(record.dispute.deadline.unwrap().ends_at, dispute.state_since.plus(20 * DAY));
    });
}

#[test]
fn nothing_is_sent_about_a_staging_dispute_and_nothing_after_the_end() {
    run(async {
        let stack = Stack::start(options()).await;
        let first = State::initial(Category::Chargeback);
        let reminded = opened_as(&stack, "GTB", 19, first, Environment::Staging).await;
        let ended = opened_as(&stack, "GTB", 21, first, Environment::Staging).await;
        let closed = opened(&stack, "GTB", 19).await;
        let decided = closed.decided(Action::CloseForMerchant, "bob".into(), "why".into(), millis()).unwrap();
        let token = WriteToken::new([9; 16]);
        stack.store().change(&closed, &decided, &NoGuard, &token, millis()).await.unwrap();
        sweep(&stack).await;
        let record = async |dispute: &Dispute| stack.store().record_of(dispute.number).await.unwrap().unwrap();
        assert_eq!(record(&reminded).await.events.len(), 2, "opened, and the reminder as an event alone");
        assert!(record(&reminded).await.mails.is_empty());
        assert_eq!(record(&ended).await.dispute.state.closing(), Some(Closing::Customer));
        assert!(record(&ended).await.mails.is_empty());
        assert_eq!(record(&closed).await.events.len(), 2, "opened and decided, and no reminder");
        assert!(stack.mails_to("disputes@gtb.example").is_empty());
    });
}

#[test]
fn a_merchant_is_reminded_of_the_dispute_that_it_opened() {
    run(async {
        let stack = Stack::start(options()).await;
        let first = State::initial(Category::Chargeback);
        for channel in [Channel::Tutelar, Channel::Connect] {
            let dispute = opened_at(&stack, channel, "GTB", 19, first, Environment::Production).await;
            sweep(&stack).await;
            let own = dispute.recipients.as_ref().unwrap().to().as_str();
            let case = dispute.number.case_id();
            let is_reminder = |mail: &AcceptedMail| {
                let text = mail.text.as_ref().unwrap();
                text.contains("and the time for it ends soon") && text.contains(&case)
            };
            let reminder =
                async |to: &str| until("a reminder", async || stack.mails_to(to).into_iter().rfind(is_reminder)).await;
            // Neither mail shows the other's address, and only banks get the log code.
            let (case, bank) = (reminder(own).await, reminder("disputes@gtb.example").await);
            assert_eq!((&case.to, &case.cc), (&vec![own.to_owned()], &vec![]), "{channel:?}");
            assert_eq!((&bank.to, &bank.cc), (&vec!["disputes@gtb.example".to_owned()], &vec![]), "{channel:?}");
            let code = format!("Log code: FBN00II{}\n", dispute.number);
            assert_eq!([case, bank].map(|mail| mail.text.unwrap().contains(&code)), [false, true]);
        }
        assert!(stack.mails_to("disputes@fbn.example").is_empty(), "another party is due to respond");
    });
}

#[test]
fn without_anybody_to_remind_there_is_no_history_entry() {
    run(async {
        let stack = Stack::start(options()).await;
        let dispute = opened(&stack, "NOBODYS", 19).await;
        let due = || async {
            let overdue = stack.store().overdue(&mut Cursor::over(millis()), 10).await.unwrap();
            overdue.iter().any(|overdue| overdue.number == dispute.number)
        };
        assert!(due().await, "its reminder is due");
        for _ in 0..2 {
            sweep(&stack).await;
        }
        let record = stack.store().record_of(dispute.number).await.unwrap().unwrap();
        assert_eq!((record.events.len(), record.dispute.version), (1, 1));
        assert!(record.mails.iter().all(|mail| mail.notification.template != EmailTemplate::Reminder));
        let deadline = record.dispute.deadline.unwrap();
        assert_eq!((deadline.remind_at, deadline.ends_at), (None, dispute.state_since.plus(20 * DAY)));
        assert!(!due().await);
    });
}

#[test]
fn an_abandoned_draft_is_cancelled_and_frees_its_transaction() {
    run(async {
        let stack = shared().await;
        let old = opened_as(&stack, "GTB", 8, State::Draft, Environment::Production).await;
        let new = opened_as(&stack, "GTB", 6, State::Draft, Environment::Production).await;
        sweep(&stack).await;
        let state = async |dispute: &Dispute| stack.store().dispute(dispute.number).await.unwrap().unwrap().state;
        assert_eq!(state(&old).await.closing(), Some(Closing::Cancelled));
        assert_eq!(state(&new).await, State::Draft);
        let report = json!({ "trxid": old.facts.trxid });
        let answer = stack.report(&crate::harness::CLIENT, &report).await;
        assert_eq!(answer.json()["data"]["status"], "Success", "{answer:?}");
    });
}
