//! Each function may do what it does, nothing less and nothing more.
//!
//! The local cloud refuses what the policies of template.yaml do not allow, so every end-to-end
//! test proves that they allow enough. This test makes every function do all that it ever does. It
//! finds grants that nobody used, and each part of a policy that could be missing unnoticed.

mod connect;
mod refused;

use std::collections::BTreeMap;

use recourse_local::policy::Use;
use recourse_local::template::Policy;
use recourse_store::MailState;
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use crate::console::identity;
use crate::harness::{
    CLIENT, Call, EVIDENCE, HttpResponse, KeyKind, OUTBOX, PLATFORM, Stack, Transaction, address, run, simulator,
    unique, until,
};
use crate::{arbiter, deadlines, support};

/// A transaction with every kind of pointer that leads to one.
pub(crate) fn transaction() -> Transaction {
    let mut transaction = Transaction::new("acct_demo", "Succesful");
    // Its parties are notified of its disputes.
    transaction.body["parties"] = json!({ "issuer": { "code": "FBN", "name": "FIRST BANK OF NIGERIA" } });
    transaction.body["details"] =
        json!({ "type": "BillPayment", "reference": unique("reference"), "captures": [unique("capture")] });
    transaction
}

async fn done(stack: &Stack, call: Call) -> HttpResponse {
    let answer = stack.send(&call).await;
    assert!([200, 201].contains(&answer.status), "{answer:?}");
    answer
}

/// Makes every function do everything that it is for, at least once. What a function learns to do
/// is added here.
async fn everything(stack: &Stack) {
    let put = |sent: &Value| Call::put(&PLATFORM, sent);
    let import = |sent: &Value| Call::import(&PLATFORM, std::slice::from_ref(sent));
    for upsert in [&put as &(dyn Fn(&Value) -> Call + Sync), &import] {
        let (disputed, quiet) = (transaction(), transaction());
        for transaction in [&disputed, &quiet] {
            done(stack, upsert(&transaction.body)).await;
            done(stack, Call::get(&PLATFORM, &transaction.trxid)).await;
        }
        let user = address();
        done(stack, Call::report(&CLIENT, &json!({ "refid": disputed.refid, "user_email": [user] }))).await;
        done(stack, Call::report(&CLIENT, &json!({ "trxid": disputed.trxid }))).await;
        // The end of a transaction ends its dispute. If it has none, none can be opened.
        done(stack, upsert(&disputed.later("Refund", 1))).await;
        done(stack, upsert(&quiet.later("Refund", 1))).await;
        stack.inbox(&user, 2).await;
        // A transaction with a dispute, an account's disputes, and those of a day.
        done(stack, Call::get(&PLATFORM, &disputed.trxid)).await;
        let case_id = stack.dispute(&disputed.trxid).await.dispute.number.case_id();
        done(stack, Call::dispute(&PLATFORM, &case_id)).await;
        done(stack, Call::disputes(&PLATFORM, "account=acct_demo")).await;
        done(stack, Call::disputes(&PLATFORM, "")).await;
    }
    let disputed = transaction();
    done(stack, put(&disputed.body)).await;
    connect::everything(stack, &disputed.trxid, disputed.body["details"]["captures"][0].as_str().unwrap()).await;
    // An address whose mail bounces is marked, and its account is notified.
    let (bounced, gone) = (transaction(), simulator("bounce"));
    done(stack, put(&bounced.body)).await;
    done(stack, Call::report(&CLIENT, &json!({ "refid": bounced.refid, "user_email": [gone] }))).await;
    until("the account is notified", async || {
        let mails = stack.dispute(&bounced.trxid).await.mails;
        (mails.len() == 3 && mails.iter().all(|mail| mail.mail_state == MailState::Sent)).then_some(())
    })
    .await;
    stack.cloud().run_schedule(OUTBOX).await.unwrap();
    // One dispute that expires, and one whose due party is reminded.
    for days in [21, 19] {
        deadlines::opened(stack, "GTB", days).await;
    }
    deadlines::sweep(stack).await;
    arbiter::everything(stack).await;
    support::everything(stack).await;
    crate::tutelar::everything(stack).await;
    crate::webhooks::everything(stack).await;
    crate::platform::webhooks::everything(stack).await;
    crate::event_bus::everything(stack).await;
    crate::sandbox::everything(stack).await;
    crate::ingest::everything(stack).await;
    // These two move the clock, so they come last.
    crate::console::everything(stack).await;
    crate::retention::everything(stack).await;
}

/// The policies and the calls that they allowed, by function.
type Exercised = BTreeMap<String, (Policy, Vec<Use>)>;

/// What [`exercise`] found. To make every function do everything takes long, so it is done once.
async fn exercised() -> &'static Exercised {
    static EXERCISED: OnceCell<Exercised> = OnceCell::const_new();
    EXERCISED.get_or_init(exercise).await
}

async fn exercise() -> Exercised {
    let mut options = support::model::with_model();
    for (name, value) in [
        ("MalwareScan", "on"),
        ("SupportPlaybooks", support::PLAYBOOKS),
        ("Retention", crate::retention::RETENTION),
        ("EventBus", crate::event_bus::EVENT_BUS),
        ("IngestAccount", crate::ingest::ACCOUNT),
    ] {
        options.parameters.insert(name.to_owned(), value.to_owned());
    }
    let provider = identity::provider_for(&mut options, KeyKind::Ecdsa).await;
    let stack = Stack::start(options).await;
    // A worker that finds none does not look again for a minute.
    stack.cloud().s3.place(EVIDENCE, support::PLAYBOOKS, &support::own_playbooks()).unwrap();
    identity::everything(&stack, &provider).await;
    everything(&stack).await;
    let cloud = stack.cloud();
    assert_eq!(cloud.iam.refused(), [], "functions may do what they do");
    let functions = cloud.template.functions.iter();
    let mut exercised: Exercised =
        functions.map(|function| (function.id.clone(), (function.policy.clone(), Vec::new()))).collect();
    for (function, used) in cloud.iam.allowed() {
        exercised.get_mut(&function).unwrap().1.push(used);
    }
    exercised
}

/// The policy without one of its actions, resources or values, for each of them: what was removed,
/// and the rest.
fn lessened(policy: &Policy) -> Vec<(String, Policy)> {
    let mut lessened = Vec::new();
    for (at, statement) in policy.statements.iter().enumerate() {
        let mut without = |what: String, statement| {
            let mut less = policy.clone();
            less.statements[at] = statement;
            lessened.push((what, less));
        };
        for action in &statement.actions {
            let mut less = statement.clone();
            less.actions.retain(|stored| stored != action);
            without(action.clone(), less);
        }
        for resource in &statement.resources {
            let mut less = statement.clone();
            less.resources.retain(|stored| stored != resource);
            without(format!("{:?} on {resource}", statement.actions), less);
        }
        for (nth, condition) in statement.conditions.iter().enumerate() {
            for value in &condition.values {
                let mut less = statement.clone();
                less.conditions[nth].values.retain(|stored| stored != value);
                without(format!("{:?} on {value}", statement.actions), less);
            }
        }
    }
    lessened
}

#[test]
fn a_function_uses_every_permission_that_it_has_and_needs_each_part_of_it() {
    run(async {
        let mut wrong = Vec::new();
        for (function, (policy, uses)) in exercised().await {
            // A function without permissions makes no calls.
            assert!(policy.statements.is_empty() == uses.is_empty(), "{function} was not exercised");
            for grant in policy.unused(uses.iter()) {
                let only: Vec<_> =
                    grant.conditions.iter().map(|condition| (&condition.key, &condition.values)).collect();
                wrong.push(format!("{function} never uses {:?} on {:?} {only:?}", grant.actions, grant.resources));
            }
            for (what, less) in lessened(policy) {
                if uses.iter().all(|used| less.allows(used)) {
                    wrong.push(format!("{function} would not miss {what}: nothing that it does needs it, or another statement allows it, too"));
                }
            }
        }
        assert!(wrong.is_empty(), "policies in template.yaml that allow more than is used:\n{}", wrong.join("\n"));
    });
}

/// The test above would fail: one of its own findings, made on purpose.
#[test]
fn an_unused_grant_and_a_duplicate_grant_are_found() {
    run(async {
        let (policy, uses) = &exercised().await["PlatformGet"];
        let mut more = policy.clone();
        more.statements[1].actions.push("dynamodb:DeleteItem".to_owned());
        let unused = more.unused(uses.iter());
        assert!(
            !unused.is_empty() && unused.iter().all(|grant| grant.actions == ["dynamodb:DeleteItem"]),
            "{unused:?}"
        );

        let mut twice = policy.clone();
        twice.statements.push(policy.statements[1].clone());
        let missed = |policy: &Policy| {
            let less = lessened(policy).into_iter();
            less.filter(|(_, less)| uses.iter().all(|used| less.allows(used))).count()
        };
        assert_eq!(missed(policy), 0);
        assert!(missed(&twice) > 0);
    });
}
