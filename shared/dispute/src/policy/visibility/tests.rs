//! The whole table, written out a second time, and who has which role.

use super::*;
use crate::channel::Channel;
use crate::dispute::Dispute;
use crate::dispute::tests::dispute;
use crate::environment::Environment;
use crate::ids::{AccountId, DomainCode};
use crate::lifecycle::{Closing, Stage, State};
use crate::transaction::{Parties, Party};

const ROLES: [Actor; 9] = [
    Actor::Account,
    Actor::Opener,
    Actor::Issuer,
    Actor::Acquirer,
    Actor::Merchant,
    Actor::Operator,
    Actor::Platform,
    Actor::Clock,
    Actor::Automation,
];

const FIELDS: [Field; 20] = [
    Field::CustomerName,
    Field::CustomerEmail,
    Field::CustomerMobile,
    Field::MerchantName,
    Field::MerchantEmail,
    Field::MerchantMobile,
    Field::MerchantId,
    Field::NodalAccount,
    Field::PaymentInstrument,
    Field::GatewayOrder,
    Field::Charges,
    Field::InternalDueDate,
    Field::DueDate,
    Field::Comments,
    Field::Refid,
    Field::ClaimContact,
    Field::ClaimMessage,
    Field::SupportCase,
    Field::EvidenceList,
    Field::EvidenceFile,
];

/// Who reads a field, in the order of [`ROLES`]. A new field does not compile without its line.
fn readers(field: Field) -> &'static str {
    match field {
        //                                    acct. open. issu. acqu. merch. oper. plat. clock auto.
        Field::CustomerName => "              yes   -     yes   -     -      yes   -     -     -",
        Field::CustomerEmail => "             yes   -     -     -     -      yes   -     -     -",
        Field::CustomerMobile => "            yes   -     -     -     -      yes   -     -     -",
        Field::MerchantName => "              yes   yes   yes   yes   yes    yes   -     -     -",
        Field::MerchantEmail => "             yes   -     -     -     -      yes   -     -     -",
        Field::MerchantMobile => "            yes   -     -     -     -      yes   -     -     -",
        Field::MerchantId => "                yes   -     -     -     -      yes   -     -     -",
        Field::NodalAccount => "              yes   -     -     -     -      yes   -     -     -",
        Field::PaymentInstrument => "         yes   -     -     -     -      yes   -     -     -",
        Field::GatewayOrder => "              yes   -     -     -     -      yes   -     -     -",
        Field::Charges => "                   yes   -     -     -     -      yes   -     -     -",
        Field::InternalDueDate => "           yes   -     -     -     -      yes   -     -     -",
        Field::DueDate => "                   yes   yes   yes   yes   yes    yes   -     -     -",
        Field::Comments => "                  yes   -     -     -     -      yes   -     -     -",
        Field::Refid => "                     yes   -     -     -     -      yes   yes   -     -",
        Field::ClaimContact => "              -     yes   -     -     -      yes   -     -     -",
        Field::ClaimMessage => "              -     yes   -     -     -      yes   -     -     -",
        Field::SupportCase => "               yes   yes   -     -     -      yes   yes   -     -",
        Field::EvidenceList => "              yes   yes   yes   yes   yes    yes   -     -     -",
        Field::EvidenceFile => "              yes   yes   yes   yes   yes    yes   -     -     -",
        Field::NoteBy(Actor::Account) => "     yes   -     -     -     -      yes   -     -     -",
        Field::NoteBy(Actor::Opener) => "      -     yes   -     -     -      yes   -     -     -",
        Field::NoteBy(Actor::Issuer) => "      -     -     yes   yes   yes    yes   -     -     -",
        Field::NoteBy(Actor::Acquirer) => "    -     -     yes   yes   yes    yes   -     -     -",
        Field::NoteBy(Actor::Merchant) => "    -     -     yes   yes   yes    yes   -     -     -",
        Field::NoteBy(Actor::Operator) => "    yes   yes   yes   yes   yes    yes   -     -     -",
        Field::NoteBy(Actor::Platform) => "    -     -     -     -     -      yes   -     -     -",
        Field::NoteBy(Actor::Clock) => "       -     -     -     -     -      yes   -     -     -",
        Field::NoteBy(Actor::Automation) => "  -     -     -     -     -      yes   -     -     -",
        Field::NameOf(Actor::Automation) => "  -     -     -     -     -      yes   -     -     -",
        Field::NameOf(Actor::Account) => "     yes   -     -     -     -      yes   -     -     -",
        Field::NameOf(Actor::Opener) => "      -     yes   -     -     -      yes   -     -     -",
        Field::NameOf(Actor::Issuer) => "      -     -     yes   yes   yes    yes   -     -     -",
        Field::NameOf(Actor::Acquirer) => "    -     -     yes   yes   yes    yes   -     -     -",
        Field::NameOf(Actor::Merchant) => "    -     -     yes   yes   yes    yes   -     -     -",
        Field::NameOf(Actor::Operator) => "    -     -     -     -     -      yes   -     -     -",
        Field::NameOf(Actor::Platform) => "    -     -     -     -     -      yes   -     -     -",
        Field::NameOf(Actor::Clock) => "       -     -     -     -     -      yes   -     -     -",
    }
}

#[test]
fn every_role_reads_of_every_field_what_the_table_says() {
    let of_roles = ROLES.into_iter().flat_map(|role| [Field::NoteBy(role), Field::NameOf(role)]);
    for field in FIELDS.into_iter().chain(of_roles) {
        let columns: Vec<_> = readers(field).split_whitespace().collect();
        assert_eq!(columns.len(), ROLES.len(), "{field:?}");
        for (role, column) in ROLES.into_iter().zip(columns) {
            assert_eq!(may_see(role, field), column == "yes", "{role:?} {field:?}");
        }
    }
}

fn account(id: &str) -> AccountId {
    AccountId::parse(id).unwrap()
}

/// A dispute of acct_demo's transaction that a bank has opened.
fn opened_by_a_bank(state: State) -> Dispute {
    let party = |code: &str| {
        let code = DomainCode::parse(code).unwrap();
        Some(Party { name: code.to_string(), code, reference: None, category: None })
    };
    let mut dispute = Dispute { opener: account("acct_gtb"), state, ..dispute(Channel::Arbiter) };
    dispute.facts.parties = Parties { issuer: party("FBN"), acquirer: party("GTB"), merchant: party("DEMO") };
    dispute
}

fn roles(state: State, id: &str, code: Option<&str>, environment: Environment) -> Vec<Actor> {
    let code = code.map(|code| DomainCode::parse(code).unwrap());
    opened_by_a_bank(state).viewer(&account(id), code.as_ref(), environment).0
}

#[test]
fn an_account_has_every_role_that_the_dispute_gives_it() {
    let of = |id, code| roles(State::Live(Stage::First), id, code, Environment::Production);
    assert_eq!(of("acct_demo", None), [Actor::Account]);
    assert_eq!(of("acct_demo", Some("DEMO")), [Actor::Account, Actor::Merchant]);
    assert_eq!(of("acct_gtb", Some("GTB")), [Actor::Opener, Actor::Acquirer]);
    assert_eq!(of("acct_fbn", Some("FBN")), [Actor::Issuer]);
    assert_eq!(of("acct_other", Some("OTHER")), []);
    assert_eq!(of("acct_other", None), []);
}

#[test]
fn a_draft_is_no_partys_and_what_was_live_stays_theirs() {
    let cancelled = State::Closed { closing: Closing::Cancelled, stage: Stage::First };
    for state in [State::Draft, cancelled] {
        let of = |id, code| roles(state, id, code, Environment::Production);
        assert_eq!(of("acct_demo", Some("DEMO")), [Actor::Account]);
        assert_eq!(of("acct_gtb", Some("GTB")), [Actor::Opener]);
        assert_eq!(of("acct_fbn", Some("FBN")), []);
    }
    let withdrawn = State::Closed { closing: Closing::Withdrawn, stage: Stage::First };
    assert_eq!(roles(withdrawn, "acct_fbn", Some("FBN"), Environment::Production), [Actor::Issuer]);
}

#[test]
fn nobody_has_a_role_in_the_other_environment() {
    for (id, code) in [("acct_demo", "DEMO"), ("acct_gtb", "GTB"), ("acct_fbn", "FBN")] {
        assert_eq!(roles(State::Live(Stage::First), id, Some(code), Environment::Staging), []);
    }
}

#[test]
fn a_viewer_reads_what_any_of_its_roles_may() {
    let viewer = Viewer(vec![Actor::Opener, Actor::Issuer]);
    for (field, may) in [
        (Field::ClaimContact, true),
        (Field::CustomerName, true),
        (Field::NoteBy(Actor::Acquirer), true),
        (Field::Comments, false),
    ] {
        assert_eq!(viewer.may_see(field), may, "{field:?}");
    }
    assert!(viewer.has_a_role() && !Viewer(Vec::new()).has_a_role());
    assert!(!Viewer(Vec::new()).may_see(Field::MerchantName));
}
