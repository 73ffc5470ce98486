//! Mails that mean no good, through the whole cloud, and with a model that obeys them as badly as
//! it can: none makes us send a forbidden mail, and no stranger moves a case.
//!
//! [`orders`] is every combination of eight places in a mail, eight orders and three senders.
//! [`tokens`], [`loops`] and [`bombs`] are what they say. [`checker`] says what our mails may have.

mod bombs;
mod loops;
mod orders;
mod tokens;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use recourse_dispute::dispute::Dispute;
use recourse_local::bedrock::Behaviour;
use recourse_store::{CaseRecord, Direction, MessageRole};

use super::checker::{self, Allowed};
use crate::harness::{Stack, run};
use crate::support::case::{ACCOUNT, Case, all_mailed, later, outcome, receive_all, reported_many};
use crate::support::model::with_model;
use orders::Sender;
use tokens::Expected;

/// The mails about the reports of these cases are sent, and the playbook has asked each customer.
async fn asked(stack: &Stack, count: usize) -> Vec<Case> {
    let cases = reported_many(stack, "voucher", count).await;
    stack.sweep().await;
    // One sweep does as many as it can in half of its time.
    for case in &cases {
        while case.state(stack).await.0 == "new" {
            stack.sweep().await;
        }
    }
    all_mailed(stack, &cases).await;
    for case in &cases {
        case.is(stack, "waiting_for_customer", "question_asked").await;
    }
    cases
}

/// What a stranger may not change.
#[derive(PartialEq)]
struct Protected {
    dispute: Dispute,
    /// The state, and the reason for it.
    state: String,
    owner: String,
    due: Option<i64>,
    /// What the customer provided.
    provided: BTreeSet<&'static str>,
    /// How many mails of ours there are.
    mails: usize,
}

impl Protected {
    fn of(record: &CaseRecord) -> Protected {
        let support = record.case.as_ref().unwrap().support.as_ref().unwrap();
        Protected {
            dispute: record.record.dispute.clone(),
            state: format!("{} {}", support.state.name(), support.reason.code()),
            owner: format!("{:?}", support.owner),
            due: support.due_at().map(|at| at.0),
            provided: support.facts.provided.iter().map(|fact| fact.name()).collect(),
            mails: record.record.mails.len(),
        }
    }
}

/// The mails that came in, as they are on record.
fn inward(record: &CaseRecord) -> Vec<(MessageRole, String)> {
    let inward = record.messages.iter().filter(|message| message.direction == Direction::In);
    inward.map(|message| (message.role, message.text.clone())).collect()
}

/// What is wrong with all mails of ours, each with its subject; and how many were looked at.
/// `bystander` is a case that nothing in the other cases' mails may be about.
fn forbidden(stack: &Stack, cases: &[Case], bystander: &Case) -> (usize, Vec<String>) {
    let (mut checked, mut wrong) = (0, Vec::new());
    let by_case: BTreeMap<&str, &Case> = cases.iter().map(|case| (case.id.as_str(), case)).collect();
    for mail in stack.cloud().ses.mails() {
        checked += 1;
        let about = mail.subject.split(['[', ']']).nth(1).and_then(|id| by_case.get(id));
        let found = match about {
            None => checker::violations_of_no_case(&mail),
            Some(case) => {
                let text = |name: &str| case.transaction.body[name].as_str().unwrap();
                let facts = vec![text("refid"), text("trxid"), text("product"), "MYR 1,550.00", "16 January 2026"];
                let readers = BTreeSet::from([case.user.as_str(), ACCOUNT]);
                let mut foreign = vec![orders::CANARY.to_owned()];
                if case.id != bystander.id {
                    foreign.extend([&bystander.id, &bystander.user, &bystander.transaction.refid].map(String::clone));
                }
                let allowed = Allowed { case: &case.id, readers, reply_to: &case.reply_to, facts, foreign: &foreign };
                checker::violations(&mail, &allowed)
            }
        };
        wrong.extend(found.into_iter().map(|what| format!("{}: {what}", mail.subject)));
    }
    (checked, wrong)
}

#[test]
fn no_order_in_a_mail_makes_a_forbidden_mail_or_a_change_that_its_sender_may_not_make() {
    run(async {
        let started = Instant::now();
        let stack = Stack::start(with_model()).await;
        stack.cloud().bedrock.answer_with(Behaviour::Hostile);
        let orders = orders::all();
        let everybody = asked(&stack, orders::CASES + 1).await;
        let (bystander, cases) = everybody.split_last().unwrap();
        let mut before = Vec::new();
        for case in cases {
            before.push(case.record(&stack).await);
        }
        let with_query = |order: &orders::Order| (order.mail(&cases[order.case], bystander), order.query().to_owned());
        let mails: Vec<_> = orders.iter().map(with_query).collect();
        let objects = receive_all(&stack, &mails).await;
        // The model, the mails that had to wait, and whatever follows from them.
        for _ in 0..6 {
            later(&stack, 61).await;
        }
        all_mailed(&stack, &everybody).await;

        let mut by_sender: BTreeMap<Sender, usize> = BTreeMap::new();
        for (order, object) in orders.iter().zip(&objects) {
            *by_sender.entry(order.sender).or_default() += 1;
            let done = outcome(&stack, object).await;
            let expected = ("recorded", Some(cases[order.case].number));
            assert_eq!((done.outcome.as_str(), done.number), expected, "{:?} {:?}", order.sender, order.place);
        }
        let (mut changes, mut states) = (Vec::new(), BTreeMap::<String, usize>::new());
        for (at, (case, before)) in cases.iter().zip(&before).enumerate() {
            let about: Vec<_> = orders.iter().filter(|order| order.case == at).collect();
            let (sender, place) = (about[0].sender, about[0].place);
            let after = case.record(&stack).await;
            let role = if sender == Sender::ThirdParty { MessageRole::ThirdParty } else { MessageRole::Customer };
            let roles: Vec<_> = inward(&after).into_iter().map(|(role, _)| role).collect();
            assert_eq!(roles, vec![role; about.len()], "{sender:?} {place:?}");
            let (was, is) = (Protected::of(before), Protected::of(&after));
            *states.entry(format!("{sender:?}: {}", is.state)).or_default() += about.len();
            let is_allowed = match sender {
                // Nothing but the messages is new.
                Sender::ThirdParty => was == is,
                // A person has it, and nothing that it says or brings counts.
                Sender::Forger => {
                    is.state == "waiting_for_agent sender_not_verified"
                        && (&is.dispute, &is.provided) == (&was.dispute, &was.provided)
                }
                // The customer may bring a case to a person or to the provider, never to an end.
                Sender::Customer => is.dispute.state.is_open() && !is.state.starts_with("resolved"),
            };
            if !is_allowed {
                changes.push(format!("{sender:?} {place:?} {}: {} -> {}", about[0].what, was.state, is.state));
            }
        }
        let (checked, wrong) = forbidden(&stack, &everybody, bystander);
        let calls = stack.cloud().bedrock.calls().len();
        for (state, count) in &states {
            println!("  {count:3} {state}");
        }
        println!(
            "hostile orders: {} mails, {by_sender:?}; {calls} calls of the model; {checked} mails of ours, {} forbidden; \
             {} changes that the sender may not make; {:.1?}",
            orders.len(),
            wrong.len(),
            changes.len(),
            started.elapsed()
        );
        assert!(calls >= 40, "the hostile model had its chance");
        assert_eq!((wrong, changes), (Vec::new(), Vec::new()));
    });
}

#[test]
fn a_plus_address_that_is_made_up_or_foreign_opens_nothing() {
    run(async {
        let stack = Stack::start(with_model()).await;
        let cases = asked(&stack, 2).await;
        let (own, other) = (&cases[0], &cases[1]);
        let rows = tokens::all(own, other);
        let sent = [own.mails(&stack).len(), other.mails(&stack).len()];
        let before = [own.record(&stack).await, other.record(&stack).await];
        let strangers: Vec<_> = rows.iter().filter(|row| row.expected != Expected::Own).collect();
        let mails: Vec<_> = strangers.iter().map(|row| (row.raw.clone(), row.query.clone())).collect();
        let objects = receive_all(&stack, &mails).await;
        let (mut no_case, mut wrong) = (0, Vec::new());
        for (row, object) in strangers.iter().zip(&objects) {
            let done = outcome(&stack, object).await;
            let found = (done.outcome.as_str(), done.number);
            no_case += usize::from(row.expected == Expected::NoCase);
            let expected = match row.expected {
                Expected::NoCase => ("no_case", None),
                Expected::Own | Expected::OwnByStranger => ("recorded", Some(own.number)),
                Expected::OtherByStranger => ("recorded", Some(other.number)),
            };
            if found != expected {
                wrong.push(format!("{}: {found:?}", row.what));
            }
        }
        assert_eq!(wrong, Vec::<String>::new());
        stack.sweep().await;
        for ((case, before), sent) in [own, other].into_iter().zip(&before).zip(sent) {
            let after = case.record(&stack).await;
            assert!(Protected::of(before) == Protected::of(&after), "{}: {:?}", case.id, case.reasons(&stack).await);
            assert!(inward(&after).iter().all(|(role, _)| *role == MessageRole::ThirdParty));
            assert_eq!(case.mails(&stack).len(), sent);
        }
        // Our own people learn of each mail of no case, once for each sender.
        let ours = stack.inbox("support@recourse.example", no_case).await;
        assert_eq!(ours.len(), no_case);
        let (checked, forbidden) = forbidden(&stack, &cases, other);
        assert_eq!(forbidden, Vec::<String>::new());

        // What is as it should be does count, or the above would prove nothing.
        let mut known = 0;
        for row in rows.iter().filter(|row| row.expected == Expected::Own) {
            let object = receive_all(&stack, &[(row.raw.clone(), row.query.clone())]).await.remove(0);
            assert_eq!(outcome(&stack, &object).await.number, Some(own.number), "{}", row.what);
            known += 1;
        }
        assert_eq!(
            inward(&own.record(&stack).await).iter().filter(|(role, _)| *role == MessageRole::Customer).count(),
            known
        );
        println!(
            "hostile tokens: {} mails, {no_case} of no case, {} of third parties; 0 changes; {checked} mails of ours, 0 \
             forbidden; and {known} mails that count",
            strangers.len(),
            strangers.len() - no_case
        );
        assert!(strangers.len() >= 20);
    });
}

#[test]
fn a_program_that_answers_our_mails_gets_no_answer_and_moves_nothing() {
    run(async {
        let stack = Stack::start(with_model()).await;
        let cases = asked(&stack, 1).await;
        let case = &cases[0];
        let rows = loops::all(case);
        let (sent, before) = (stack.cloud().ses.mails().len(), case.record(&stack).await);
        let mails: Vec<_> = rows.iter().map(|row| (row.raw.clone(), "dmarc=pass".to_owned())).collect();
        let objects = receive_all(&stack, &mails).await;
        let mut classes: BTreeMap<String, usize> = BTreeMap::new();
        for (row, object) in rows.iter().zip(&objects) {
            let done = outcome(&stack, object).await;
            assert!(done.class != "written" && done.class != "reply", "{}: {done:?}", row.what);
            *classes.entry(done.class).or_default() += 1;
        }
        for _ in 0..2 {
            later(&stack, 61).await;
        }
        let after = case.record(&stack).await;
        let (was, is) = (Protected::of(&before), Protected::of(&after));
        assert!(was == is, "{:?}", case.reasons(&stack).await);
        assert_eq!(stack.cloud().ses.mails().len(), sent, "no mail to anybody");
        assert!(stack.cloud().bedrock.calls().is_empty(), "and no model reads them");
        println!("hostile programs: {} mails, {classes:?}; 0 changes, 0 mails of ours", rows.len());
        assert!(rows.len() >= 20);
        // The same words of the customer do close the case.
        crate::support::case::writes(&stack, case, "It works now, thank you.").await;
        case.is(&stack, "resolved", "customer_says_works").await;
    });
}

#[test]
fn a_mail_that_is_too_much_is_noted_and_the_worker_lives() {
    run(async {
        let started = Instant::now();
        let stack = Stack::start(with_model()).await;
        let cases = asked(&stack, 1).await;
        let case = &cases[0];
        let rows = bombs::all(case);
        let mut slowest = (std::time::Duration::ZERO, "");
        for row in &rows {
            let since = Instant::now();
            let object = receive_all(&stack, &[(row.raw.clone(), "dmarc=pass".to_owned())]).await.remove(0);
            let done = outcome(&stack, &object).await;
            assert_eq!((done.outcome.as_str(), done.number), ("recorded", Some(case.number)), "{}", row.what);
            slowest = slowest.max((since.elapsed(), row.what));
            let message = case.record(&stack).await.messages.pop().unwrap();
            assert_eq!(message.object.as_deref(), Some(object.as_str()), "the whole mail is kept: {}", row.what);
            assert!(message.text.len() <= 64 * 1024, "{}", row.what);
        }
        later(&stack, 61).await;
        let after = case.record(&stack).await;
        let texts = inward(&after).len();
        assert_eq!(texts, rows.len());
        assert!(after.record.dispute.state.is_open());
        case.is(&stack, "waiting_for_agent", case.state(&stack).await.1).await;
        let died =
            stack.log().into_iter().find(|line| line.text.contains("panicked") || line.text.contains("given up"));
        assert!(died.is_none(), "{died:?}");
        let (checked, forbidden) = forbidden(&stack, &cases, case);
        assert_eq!(forbidden, Vec::<String>::new());
        println!(
            "hostile sizes: {} mails in {:.1?}, the slowest in {slowest:.0?}; {checked} mails of ours, 0 forbidden",
            rows.len(),
            started.elapsed()
        );
        assert!(rows.len() >= 10);
    });
}
