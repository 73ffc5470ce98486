//! Operators of the console: who they are, who has which name, and who changed them.

use std::sync::Arc;

use recourse_dispute::addresses::MailAddress;
use recourse_local::dynamodb::Fault;
use recourse_store::{
    CreateOperatorOutcome, EndSessionsOutcome, NewOperator, Operator, OperatorEvent, OperatorId, OperatorRole,
    OperatorStatus, RemoveOperatorOutcome, SetRoleOutcome,
};
use recourse_support::case::AgentName;

use crate::bench::Bench;
use crate::things::{audit, token};
use recourse_test_harness::{run, run_alone};

pub(crate) fn address(text: &str) -> MailAddress {
    MailAddress::parse(text).unwrap()
}

pub(crate) fn new(email: &str, name: &str, role: OperatorRole) -> NewOperator {
    NewOperator { email: address(email), name: AgentName::parse(name).unwrap(), role, reuse_name: false }
}

async fn create(bench: &Bench, new: &NewOperator) -> CreateOperatorOutcome {
    bench.store.create_operator(new, &audit("eve"), token).await.unwrap()
}

/// An agent of the demo, as stored.
pub(crate) async fn aisyah(bench: &Bench) -> Operator {
    let new = new("aisyah@demo.example", "Aisyah", OperatorRole::Agent);
    assert_eq!(create(bench, &new).await, CreateOperatorOutcome::Created);
    bench.store.operator(&new.email).await.unwrap().unwrap()
}

pub(crate) async fn remove(bench: &Bench, email: &MailAddress) -> RemoveOperatorOutcome {
    bench.store.remove_operator(email, None, &audit("eve"), token).await.unwrap()
}

pub(crate) async fn end_sessions(bench: &Bench, email: &MailAddress) -> EndSessionsOutcome {
    bench.store.end_operator_sessions(email, &audit("eve"), token).await.unwrap()
}

#[test]
fn an_operator_is_known_by_the_address_in_any_case_and_the_keys_do_not_show_it() {
    run(async {
        let bench = Bench::start().await;
        let operator = aisyah(&bench).await;
        assert_eq!((operator.version, operator.status), (1, OperatorStatus::Active));
        let shouted = address("AISYAH@demo.example");
        assert_eq!(bench.store.operator(&shouted).await.unwrap(), Some(operator.clone()));
        assert_eq!(bench.store.operator(&address("ben@demo.example")).await.unwrap(), None);
        let id = operator.id();
        let expected = [
            "LIST#operators ".to_owned() + id.as_str(),
            "OPN#aisyah OPN#aisyah".to_owned(),
            format!("OPR#{0} AUD#0000000001", id.as_str()),
            format!("OPR#{0} OPR#{0}", id.as_str()),
        ];
        assert_eq!(bench.keys().await, expected);
        let again = new("Aisyah@demo.example", "Somebody else", OperatorRole::Admin);
        let before = bench.disputes().await;
        assert_eq!(create(&bench, &again).await, CreateOperatorOutcome::Taken);
        assert_eq!(bench.disputes().await, before);
    });
}

#[test]
fn no_two_operators_have_a_name_and_that_of_a_removed_one_is_used_again_by_order_alone() {
    run(async {
        let bench = Bench::start().await;
        let first = aisyah(&bench).await;
        let mut other = new("a.rahman@demo.example", "AISYAH", OperatorRole::Agent);
        assert_eq!(create(&bench, &other).await, CreateOperatorOutcome::NameTaken);
        other.reuse_name = true;
        assert_eq!(create(&bench, &other).await, CreateOperatorOutcome::NameTaken, "its holder is still there");
        assert_eq!(remove(&bench, &first.email).await, RemoveOperatorOutcome::Removed);
        other.reuse_name = false;
        assert_eq!(create(&bench, &other).await, CreateOperatorOutcome::NameRetired);
        other.reuse_name = true;
        assert_eq!(create(&bench, &other).await, CreateOperatorOutcome::Created);
        // The name is the other's now, so the first one comes back under another name.
        let mut back = new("aisyah@demo.example", "Aisyah", OperatorRole::Agent);
        assert_eq!(create(&bench, &back).await, CreateOperatorOutcome::NameTaken);
        back.name = AgentName::parse("Aisyah B.").unwrap();
        assert_eq!(create(&bench, &back).await, CreateOperatorOutcome::Created);
        let names: Vec<_> =
            bench.store.operators().await.unwrap().into_iter().map(|one| one.name.to_string()).collect();
        assert_eq!(names, ["AISYAH", "Aisyah B."]);
    });
}

#[test]
fn a_former_name_of_an_operator_who_came_back_is_retired() {
    run(async {
        let bench = Bench::start().await;
        let first = aisyah(&bench).await;
        remove(&bench, &first.email).await;
        assert_eq!(
            create(&bench, &new("aisyah@demo.example", "Aisyah B.", OperatorRole::Agent)).await,
            CreateOperatorOutcome::Created
        );
        let mut other = new("ben@demo.example", "Aisyah", OperatorRole::Agent);
        assert_eq!(create(&bench, &other).await, CreateOperatorOutcome::NameRetired);
        other.reuse_name = true;
        assert_eq!(create(&bench, &other).await, CreateOperatorOutcome::Created);
    });
}

#[test]
fn every_change_is_recorded_with_who_made_it() {
    run(async {
        let bench = Bench::start().await;
        let operator = aisyah(&bench).await;
        let set = async |role| {
            bench.store.set_operator_role(&operator.email, role, None, &audit("dev"), token).await.unwrap()
        };
        assert_eq!(set(OperatorRole::Supervisor).await, SetRoleOutcome::Changed);
        let before = bench.disputes().await;
        assert_eq!(set(OperatorRole::Supervisor).await, SetRoleOutcome::Already);
        assert_eq!(bench.disputes().await, before);
        assert_eq!(end_sessions(&bench, &operator.email).await, EndSessionsOutcome::Ended);
        assert_eq!(remove(&bench, &operator.email).await, RemoveOperatorOutcome::Removed);
        let before = bench.disputes().await;
        assert_eq!(remove(&bench, &operator.email).await, RemoveOperatorOutcome::NoOperator);
        assert_eq!(end_sessions(&bench, &operator.email).await, EndSessionsOutcome::NoOperator);
        assert_eq!(set(OperatorRole::Admin).await, SetRoleOutcome::NoOperator);
        assert_eq!(bench.disputes().await, before);
        let again = new("aisyah@demo.example", "Aisyah", OperatorRole::Auditor);
        assert_eq!(create(&bench, &again).await, CreateOperatorOutcome::Created, "with the name from before");
        let record = bench.store.operator_record(&operator.email).await.unwrap().unwrap();
        let created = |role| OperatorEvent::Created { name: operator.name.clone(), role };
        let events: Vec<_> = record.audit.iter().map(|entry| (entry.version, entry.event.clone())).collect();
        let expected = [
            created(OperatorRole::Agent),
            OperatorEvent::RoleSet(OperatorRole::Supervisor),
            OperatorEvent::SessionsEnded,
            OperatorEvent::Removed,
            created(OperatorRole::Auditor),
        ];
        assert_eq!(events, (1..).zip(expected).collect::<Vec<_>>());
        assert_eq!(record.audit[1].by.name, "dev");
        let Operator { version, role, status, session_epoch, .. } = record.operator;
        assert_eq!((version, role, status), (5, OperatorRole::Auditor, OperatorStatus::Active));
        assert_eq!(session_epoch, 2, "sessions from before the removal stay over");
        assert!(bench.store.operator_record(&address("ben@demo.example")).await.unwrap().is_none());
    });
}

#[test]
fn the_list_has_every_operator_however_many_there_are() {
    run(async {
        let bench = Bench::start().await;
        assert!(bench.store.operators().await.unwrap().is_empty());
        for number in 0..120 {
            let new = new(&format!("agent{number}@demo.example"), &format!("Agent {number:03}"), OperatorRole::Agent);
            assert_eq!(create(&bench, &new).await, CreateOperatorOutcome::Created);
        }
        remove(&bench, &address("agent7@demo.example")).await;
        let operators = bench.store.operators().await.unwrap();
        let names: Vec<_> = operators.iter().map(|operator| operator.name.to_string()).collect();
        assert_eq!(names, (0..120).map(|number| format!("Agent {number:03}")).collect::<Vec<_>>());
        let removed: Vec<_> = operators.iter().filter(|operator| !operator.is_active()).collect();
        assert_eq!(removed.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["Agent 007"]);
    });
}

#[test]
fn of_many_at_once_one_gets_the_name_and_one_makes_each_change() {
    run(async {
        let bench = Arc::new(Bench::start().await);
        let creating: Vec<_> = (0..8)
            .map(|number| {
                let bench = Arc::clone(&bench);
                let new = new(&format!("agent{number}@demo.example"), "Aisyah", OperatorRole::Agent);
                tokio::spawn(async move { create(&bench, &new).await })
            })
            .collect();
        let mut created = 0;
        for one in creating {
            match one.await.unwrap() {
                CreateOperatorOutcome::Created => created += 1,
                outcome => assert_eq!(outcome, CreateOperatorOutcome::NameTaken),
            }
        }
        let operators = bench.store.operators().await.unwrap();
        assert_eq!((created, operators.len()), (1, 1));
        let email = &operators[0].email;
        let ending: Vec<_> = (0..4)
            .map(|_| {
                let (bench, email) = (Arc::clone(&bench), email.clone());
                tokio::spawn(async move { end_sessions(&bench, &email).await })
            })
            .collect();
        for one in ending {
            assert_eq!(one.await.unwrap(), EndSessionsOutcome::Ended);
        }
        let record = bench.store.operator_record(email).await.unwrap().unwrap();
        assert_eq!((record.operator.session_epoch, record.operator.version, record.audit.len()), (4, 5, 5));
    });
}

#[test]
fn of_admins_who_remove_or_demote_each_other_at_once_one_stays() {
    run(async {
        let bench = Arc::new(Bench::start().await);
        let emails = ["a", "b", "c"].map(|name| address(&format!("{name}@demo.example")));
        let is_admin = |one: &Operator| one.is_active() && one.role == OperatorRole::Admin;
        for round in 0..6 {
            for (email, name) in emails.iter().zip(["A", "B", "C"]) {
                create(&bench, &new(email.as_str(), name, OperatorRole::Admin)).await;
                bench.store.set_operator_role(email, OperatorRole::Admin, None, &audit("dev"), token).await.unwrap();
            }
            // Each one changes the next one.
            let changing: Vec<_> = (0..3)
                .map(|at| {
                    let (bench, by, of) =
                        (Arc::clone(&bench), OperatorId::of(&emails[at]), emails[(at + 1) % 3].clone());
                    tokio::spawn(async move {
                        let (by, audit) = (Some(&by), audit("dev"));
                        if (round + at) % 2 == 0 {
                            let removed = bench.store.remove_operator(&of, by, &audit, token).await.unwrap();
                            removed == RemoveOperatorOutcome::Removed
                        } else {
                            let agent = OperatorRole::Agent;
                            let set = bench.store.set_operator_role(&of, agent, by, &audit, token).await.unwrap();
                            set == SetRoleOutcome::Changed
                        }
                    })
                })
                .collect();
            let mut changed = 0;
            for one in changing {
                changed += usize::from(one.await.unwrap());
            }
            let admins = bench.store.operators().await.unwrap().iter().filter(|one| is_admin(one)).count();
            assert_eq!((admins, (1..=2).contains(&changed)), (3 - changed, true), "{changed}");
        }
    });
}

#[test]
fn who_is_no_admin_any_more_changes_no_operator() {
    run(async {
        let bench = Bench::start().await;
        let aisyah = aisyah(&bench).await;
        create(&bench, &new("eve@demo.example", "Eve", OperatorRole::Admin)).await;
        create(&bench, &new("finn@demo.example", "Finn", OperatorRole::Admin)).await;
        let [eve, finn] = ["eve@demo.example", "finn@demo.example"].map(|email| OperatorId::of(&address(email)));
        remove(&bench, &address("finn@demo.example")).await;
        let (nobody, before) = (OperatorId::of(&address("nobody@demo.example")), bench.disputes().await);
        for by in [&finn, &nobody, &aisyah.id()] {
            let (email, agent) = (&address("eve@demo.example"), OperatorRole::Agent);
            let set = bench.store.set_operator_role(email, agent, Some(by), &audit("x"), token).await.unwrap();
            let removed = bench.store.remove_operator(email, Some(by), &audit("x"), token).await.unwrap();
            assert_eq!((set, removed), (SetRoleOutcome::NoAdmin, RemoveOperatorOutcome::NoAdmin));
        }
        let email = address("eve@demo.example");
        let own = bench.store.remove_operator(&email, Some(&eve), &audit("x"), token).await.unwrap();
        assert_eq!(own, RemoveOperatorOutcome::NoAdmin, "nobody removes themselves");
        assert_eq!(bench.disputes().await, before);
        let removed = bench.store.remove_operator(&aisyah.email, Some(&eve), &audit("eve"), token).await.unwrap();
        assert_eq!(removed, RemoveOperatorOutcome::Removed);
    });
}

#[test]
fn a_lost_answer_does_not_repeat_a_change() {
    run_alone(async {
        let bench = Bench::alone().await;
        let lose = || bench.db.set_fault(Fault::LoseAnswer { times: 1 });
        lose();
        let operator = aisyah(&bench).await;
        lose();
        assert_eq!(end_sessions(&bench, &operator.email).await, EndSessionsOutcome::Ended);
        lose();
        assert_eq!(remove(&bench, &operator.email).await, RemoveOperatorOutcome::Removed);
        let record = bench.store.operator_record(&operator.email).await.unwrap().unwrap();
        assert_eq!((record.operator.version, record.operator.session_epoch, record.audit.len()), (3, 2, 3));
        bench.db.set_fault(Fault::Unreachable);
        assert!(bench.store.operators().await.unwrap_err().is_temporary());
        bench.db.set_fault(Fault::None);
    });
}
