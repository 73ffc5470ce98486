use super::*;
use crate::money::Currency;

fn transaction(status: Status, updated_at: i64) -> Transaction {
    Transaction {
        facts: Facts {
            environment: Environment::Production,
            trxid: Trxid::parse("50001").unwrap(),
            account: AccountId::parse("acct_demo").unwrap(),
            refid: Refid::parse("123456").unwrap(),
            product: None,
            amount: Money::from_minor(155_000, Currency::parse("NGN").unwrap()),
            occurred_at: UnixMillis(0),
            parties: Parties::default(),
            details: TransactionDetails::default(),
        },
        status,
        kind: Kind::Other,
        updated_at: UnixMillis(updated_at).into(),
    }
}

#[test]
fn the_newer_update_wins_and_an_equal_one_replaces() {
    let known = transaction(Status::Processing, 10);
    assert_eq!(known.evaluate_update(&transaction(Status::Succesful, 11)), UpdateDecision::Replaces);
    assert_eq!(known.evaluate_update(&transaction(Status::Succesful, 10)), UpdateDecision::Replaces);
    assert_eq!(known.evaluate_update(&transaction(Status::Succesful, 9)), UpdateDecision::Stale);
}

#[test]
fn of_two_updates_in_one_millisecond_the_newer_wins() {
    let at = |nanos| Transaction {
        updated_at: PreciseTime::new(UnixMillis(10), nanos).unwrap(),
        ..transaction(Status::Processing, 10)
    };
    assert_eq!(at(123_001).evaluate_update(&at(123_000)), UpdateDecision::Stale);
    assert_eq!(at(123_001).evaluate_update(&at(123_001)), UpdateDecision::Replaces);
    assert_eq!(at(123_001).evaluate_update(&at(123_002)), UpdateDecision::Replaces);
}

#[test]
fn captures_are_added_and_never_taken_away() {
    let capture = |number: usize| CaptureId::parse(&format!("c{number}")).unwrap();
    let with = |captures: std::ops::Range<usize>, updated_at| {
        let mut transaction = transaction(Status::Succesful, updated_at);
        transaction.facts.details.captures = captures.map(capture).collect();
        transaction
    };
    let known = with(0..3, 10);
    let after = |update: &Transaction| (known.evaluate_update(update), known.facts.with_captures(&update.facts));
    assert_eq!(after(&with(0..0, 11)), (UpdateDecision::Replaces, None));
    assert_eq!(after(&with(1..3, 11)), (UpdateDecision::Replaces, None));
    assert_eq!(after(&with(2..5, 11)), (UpdateDecision::Replaces, Some(with(0..5, 10).facts)));
    assert_eq!(after(&with(2..20, 11)), (UpdateDecision::Replaces, Some(with(0..20, 10).facts)));
    assert_eq!(known.evaluate_update(&with(3..21, 11)), UpdateDecision::TooManyCaptures);
    assert_eq!(known.evaluate_update(&with(3..21, 9)), UpdateDecision::Stale);
}

#[test]
fn a_final_status_never_goes_back() {
    for known in Status::ALL.into_iter().filter(|status| status.is_final()) {
        for update in Status::ALL {
            let expected = if update.is_final() { UpdateDecision::Replaces } else { UpdateDecision::Stale };
            assert_eq!(
                transaction(known, 10).evaluate_update(&transaction(update, 20)),
                expected,
                "{known:?} {update:?}"
            );
        }
    }
}

#[test]
fn a_fixed_fact_does_not_change_however_new_the_update() {
    let known = transaction(Status::Succesful, 10);
    let mut update = transaction(Status::Succesful, 20);
    update.facts.amount = Money::from_minor(1, update.facts.amount.currency());
    assert_eq!(known.evaluate_update(&update), UpdateDecision::Contradicts("amount"));
    update = transaction(Status::Succesful, 20);
    update.facts.refid = Refid::parse("x").unwrap();
    assert_eq!(known.evaluate_update(&update), UpdateDecision::Contradicts("refid"));
    update = transaction(Status::Succesful, 20);
    (update.facts.product, update.facts.occurred_at) = (Some("renamed".into()), UnixMillis(1));
    assert_eq!(known.evaluate_update(&update), UpdateDecision::Replaces);
}

#[test]
fn both_spellings_are_read_and_one_is_written() {
    assert_eq!(Status::parse("Successful"), Some(Status::Succesful));
    assert_eq!(serde_json::to_string(&Status::Succesful).unwrap(), "\"Succesful\"");
    assert_eq!(Status::parse("successful"), None);
}
