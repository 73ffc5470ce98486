//! The sums, against the same done longhand: digit by digit, as one does it on paper.

use proptest::prelude::*;

use super::*;

fn decimal(text: &str) -> Decimal {
    Decimal::parse(text).unwrap()
}

fn charge(basis: Basis, measure: Measure, amount: &str) -> Charge {
    Charge { basis, measure, amount: decimal(amount) }
}

/// A number on paper: its digits, the last of which stands for 10^-18.
fn paper(number: &str) -> Vec<u8> {
    let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
    format!("{whole}{decimals:0<18}").bytes().map(|digit| digit - b'0').collect()
}

fn add(one: &[u8], other: &[u8]) -> Vec<u8> {
    let (mut sum, mut carry) = (Vec::new(), 0);
    let digit = |number: &[u8], place: usize| number.iter().rev().nth(place).copied().unwrap_or(0);
    for place in 0..one.len().max(other.len()) {
        let column = digit(one, place) + digit(other, place) + carry;
        sum.push(column % 10);
        carry = column / 10;
    }
    sum.push(carry);
    sum.reverse();
    sum
}

/// One line per digit of `other`, each added as often as the digit says and shifted by its place.
fn multiply(one: &[u8], other: &[u8]) -> Vec<u8> {
    let mut product = vec![0];
    for digit in other {
        product.push(0);
        for _ in 0..*digit {
            product = add(&product, one);
        }
    }
    product
}

fn is_more(one: &[u8], other: &[u8]) -> bool {
    let stripped = |number: &[u8]| number.iter().skip_while(|digit| **digit == 0).copied().collect::<Vec<_>>();
    let (one, other) = (stripped(one), stripped(other));
    (one.len(), one) > (other.len(), other)
}

/// What a charge comes to, on paper, with 36 decimals and two more for the hundredth.
fn longhand(charge: &Charge, disputed: &str) -> Vec<u8> {
    let factor = match charge.measure {
        Measure::Price => "100".to_owned(),
        Measure::Percentage => disputed.to_owned(),
    };
    multiply(&paper(&charge.amount.to_string()), &paper(&factor))
}

fn slow(disputed: &str, tdr: Option<&Charge>, tax: Option<&Charge>) -> Option<Excess> {
    let most = multiply(&paper(disputed), &paper("100"));
    let share = |charge: Option<&Charge>| charge.map_or(vec![0], |charge| longhand(charge, disputed));
    let (tdr, tax) = (share(tdr), share(tax));
    [(Excess::Tdr, tdr.clone()), (Excess::Tax, tax.clone()), (Excess::Total, add(&tdr, &tax))]
        .into_iter()
        .find_map(|(excess, sum)| is_more(&sum, &most).then_some(excess))
}

fn amounts() -> impl Strategy<Value = String> {
    prop_oneof![
        "[0-9]{1,3}",
        "[0-9]{1,3}[.][0-9]{1,2}",
        "[0-9]{1,15}[.][0-9]{1,18}",
        "(0|50|100|99[.]99|33[.]333333333333336|100[.]000000000000000001)"
    ]
}

fn charges() -> impl Strategy<Value = Option<Charge>> {
    let basis = prop_oneof![Just(Basis::Include), Just(Basis::Exclude)];
    let measure = prop_oneof![Just(Measure::Price), Just(Measure::Percentage)];
    prop::option::of((basis, measure, amounts()).prop_map(|(basis, measure, amount)| charge(basis, measure, &amount)))
}

#[test]
fn seed_003_takes_the_whole_of_its_disputed_amount() {
    let (tdr, tax) = (charge(Basis::Include, Measure::Price, "50"), charge(Basis::Exclude, Measure::Percentage, "50"));
    assert_eq!(excess(decimal("100"), Some(&tdr), Some(&tax)), None);
    assert_eq!(excess(decimal("99.999999999999999999"), Some(&tdr), Some(&tax)), Some(Excess::Total));
    assert_eq!(excess(decimal("49.99"), Some(&tdr), Some(&tax)), Some(Excess::Tdr));
}

#[test]
fn the_last_decimal_too_much_is_too_much_and_nothing_overflows() {
    let price = |amount: &str| charge(Basis::Include, Measure::Price, amount);
    let percentage = |amount: &str| charge(Basis::Exclude, Measure::Percentage, amount);
    assert_eq!(excess(decimal("0.1"), Some(&price("0.1")), None), None);
    assert_eq!(excess(decimal("0.1"), Some(&price("0.100000000000000001")), None), Some(Excess::Tdr));
    assert_eq!(excess(decimal("0.1"), None, Some(&percentage("100.000000000000000001"))), Some(Excess::Tax));
    let most = "999999999999999.999999999999999999";
    assert_eq!(excess(decimal(most), Some(&percentage(most)), None), Some(Excess::Tdr));
    assert_eq!(excess(decimal(most), Some(&price(most)), None), None);
    assert_eq!(excess(decimal(most), Some(&price(most)), Some(&price(most))), Some(Excess::Total));
    // A percentage of nothing is nothing.
    assert_eq!(excess(decimal("0"), Some(&percentage("100")), Some(&percentage(most))), None);
    assert_eq!(excess(decimal("0"), Some(&price("0.000000000000000001")), None), Some(Excess::Tdr));
}

proptest! {
    #[test]
    fn the_sums_are_those_done_longhand(disputed in amounts(), tdr in charges(), tax in charges()) {
        let fast = excess(decimal(&disputed), tdr.as_ref(), tax.as_ref());
        prop_assert_eq!(fast, slow(&disputed, tdr.as_ref(), tax.as_ref()), "{} {:?} {:?}", disputed, tdr, tax);
    }

    #[test]
    fn whether_a_charge_is_included_is_no_matter_to_the_limits(disputed in amounts(), tdr in charges(), tax in charges()) {
        let turned = |charge: Option<Charge>| charge.map(|charge| Charge { basis: Basis::Include, ..charge });
        let as_sent = excess(decimal(&disputed), tdr.as_ref(), tax.as_ref());
        prop_assert_eq!(as_sent, excess(decimal(&disputed), turned(tdr).as_ref(), turned(tax).as_ref()));
    }
}
