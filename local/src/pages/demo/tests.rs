//! What the pages show of accounts that an operator has changed.

use recourse_dispute::event::PerformedBy;
use recourse_dispute::ids::{KeyId, UserName};
use recourse_dispute::lifecycle::Actor;
use recourse_dispute::time::UnixMillis;
use recourse_store::{AuditEntry, KeyRecord, Role};
use serde_json::json;

use super::*;

fn bank() -> Account {
    Account::deserialize(json!({
        "id": "acct_fbn", "name": "FBN", "environment": "production", "email": "d@fbn.example",
        "keys": [{"id": "fbn_demo", "secret": "c2VjcmV0", "role": "client"}],
        "users": [{"username": "Jideobi.Onuora", "password": "demo-password"}],
    }))
    .unwrap()
}

/// The account in the table, after these events by these operators.
fn record(events: &[(&str, AccountEvent)]) -> AccountRecord {
    let account = json!({"id": "acct_fbn", "name": "FBN", "environment": "production", "email": "d@fbn.example"});
    let entry = |(version, (name, event)): (u64, &(&str, AccountEvent))| AuditEntry {
        version,
        at: UnixMillis(0),
        by: PerformedBy { actor: Actor::Operator, name: (*name).to_owned() },
        event: event.clone(),
        why: None,
    };
    let key = KeyId::parse("fbn_demo").unwrap();
    let is_revoked = events.iter().any(|(_, event)| *event == AccountEvent::KeyRevoked(key.clone()));
    let is_suspended = events.iter().any(|(_, event)| *event == AccountEvent::Suspended);
    AccountRecord {
        account: serde_json::from_value(account).unwrap(),
        status: if is_suspended { AccountStatus::Suspended } else { AccountStatus::Active },
        version: 1,
        keys: vec![KeyRecord {
            key,
            role: Role::Client,
            created_at: None,
            revoked_at: is_revoked.then_some(UnixMillis(1)),
        }],
        audit: (1..).zip(events).map(entry).collect(),
    }
}

#[test]
fn an_account_is_shown_as_it_was_set() {
    let mut bank = bank();
    let mut known = record(&[]);
    known.account = serde_json::from_value(json!({
        "id": "acct_fbn", "name": "FBN", "environment": "production", "email": "new@fbn.example", "merchant_id": "1009",
        "domain_code": "FBN"
    }))
    .unwrap();
    bank.update(&known);
    assert_eq!(
        (bank.email.as_str(), bank.merchant_id.as_deref(), bank.domain_code.as_deref()),
        ("new@fbn.example", Some("1009"), Some("FBN"))
    );
}

#[test]
fn only_what_still_works_is_used() {
    let name = || UserName::parse("Jideobi.Onuora").unwrap();
    let set = |by| (by, AccountEvent::PasswordSet(name()));
    let removed = ("alice", AccountEvent::UserRemoved(name()));
    let revoked = ("alice", AccountEvent::KeyRevoked(KeyId::parse("fbn_demo").unwrap()));
    for (events, has_key, refused) in [
        (vec![set(DEMO_OPERATOR)], true, None),
        (vec![set(DEMO_OPERATOR), revoked], false, None),
        (vec![set(DEMO_OPERATOR), ("alice", AccountEvent::Suspended)], false, None),
        (vec![set(DEMO_OPERATOR), set("alice")], true, Some("has another password")),
        (vec![set(DEMO_OPERATOR), removed.clone()], true, Some("removed")),
        (vec![set(DEMO_OPERATOR), removed, set("alice")], true, Some("has another password")),
        (vec![], true, Some("removed")),
    ] {
        let mut bank = bank();
        bank.update(&record(&events));
        assert_eq!((bank.key("client").is_some(), bank.users[0].refused), (has_key, refused), "{events:?}");
        assert_eq!(bank.user().is_some(), refused.is_none(), "{events:?}");
    }
}

#[test]
fn cases_are_in_every_state_only_where_each_was_made() {
    let cases = DemoCases::default();
    assert_eq!(cases.sentence(), None);
    cases.set(CasesState::Made { made: 12, failed: 0 });
    assert_eq!(cases.sentence().unwrap(), "12 cases to look at are in its queue, in every state.");
    cases.set(CasesState::Made { made: 11, failed: 1 });
    let sentence = cases.sentence().unwrap();
    assert_eq!(sentence, "11 cases to look at are in its queue. 1 could not be made; the log says why.");
}
