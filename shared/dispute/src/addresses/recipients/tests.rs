//! Nobody twice, in whatever spelling, and never more than a message takes.

use super::*;
use proptest::prelude::*;

fn account() -> MailAddress {
    MailAddress::parse("account@client.example").unwrap()
}

fn parse(given: &[&str]) -> Result<(String, Vec<String>), AddressError> {
    let given: Vec<String> = given.iter().map(|text| (*text).to_owned()).collect();
    let recipients = Recipients::parse(&given, &account())?;
    let cc = recipients.cc().iter().map(|address| address.as_str().to_owned()).collect();
    Ok((recipients.to().as_str().to_owned(), cc))
}

#[test]
fn first_in_to_others_and_the_account_in_cc() {
    let (to, cc) = parse(&["b@x.example", "a@x.example", "b@X.Example"]).unwrap();
    assert_eq!(to, "b@x.example");
    assert_eq!(cc, ["a@x.example", "account@client.example"]);
}

#[test]
fn one_mailbox_in_many_spellings_gets_one_mail_under_the_first() {
    let (to, cc) =
        parse(&["Victim@x.example", "victim@x.example", "VICTIM@X.EXAMPLE", "Account@client.example"]).unwrap();
    assert_eq!((to.as_str(), cc), ("Victim@x.example", vec!["account@client.example".to_owned()]));
    let mut spellings: Vec<String> = (0..49).map(|n| format!("u{n}@x.example")).collect();
    spellings.extend((0..49).map(|n| format!("U{n}@x.example")));
    assert_eq!(Recipients::parse(&spellings, &account()).unwrap().all().count(), 50);
}

fn address(text: &str) -> MailAddress {
    MailAddress::parse(text).unwrap()
}

fn texts<'a>(addresses: impl Iterator<Item = &'a MailAddress>) -> Vec<&'a str> {
    addresses.map(MailAddress::as_str).collect()
}

#[test]
fn what_accounts_have_registered_nobody_named() {
    let named = ["b@x.example".to_owned(), "account@client.example".to_owned()];
    let one = Recipients::parse(&named, &account()).unwrap();
    assert_eq!(texts(one.named()), ["b@x.example"]);
    let banks = ["gtb@bank.example", "fbn@bank.example", "GTB@bank.example"].map(address);
    let both = Recipients::registered(banks.clone()).unwrap();
    assert_eq!((texts(both.all()), both.named().count()), (vec!["gtb@bank.example", "fbn@bank.example"], 0));
    let all = Recipients::of(one.named().cloned(), [account()].into_iter().chain(banks)).unwrap();
    assert_eq!(texts(all.all()), ["b@x.example", "account@client.example", "gtb@bank.example", "fbn@bank.example"]);
    assert_eq!(texts(all.named()), ["b@x.example"]);
    let left = all.without(|address| address.as_str().starts_with("account")).unwrap();
    assert_eq!((texts(left.named()), left.all().count()), (vec!["b@x.example"], 3));
    assert_eq!(all.without(|address| address.as_str().starts_with('b')).unwrap().named().count(), 0);
    // A bank's address that a caller names, too, stays the bank's.
    let twice = Recipients::of(one.named().cloned(), [account(), address("B@x.example")]).unwrap();
    assert_eq!(twice.named().count(), 0);
    assert_eq!(Recipients::registered([]), None);
    let stored = serde_json::to_string(&both).unwrap();
    assert_eq!(stored, r#"{"to":"gtb@bank.example","cc":["fbn@bank.example"],"registered":2}"#);
    assert_eq!(serde_json::from_str::<Recipients>(&stored).unwrap(), both);
}

#[test]
fn however_many_there_are_a_message_takes_fifty() {
    let many = (0..49).map(|n| address(&format!("u{n}@x.example")));
    let all = Recipients::of(many, ["a@x.example", "a@bank.example", "b@bank.example"].map(address)).unwrap();
    assert_eq!((all.all().count(), all.named().count()), (50, 47));
}

#[test]
fn two_mails_meet_where_they_share_a_mailbox() {
    let of = |given: &[&str]| Recipients::registered(given.iter().map(|text| address(text))).unwrap();
    assert!(of(&["a@x.example", "b@x.example"]).meets(&of(&["c@x.example", "B@x.example"])));
    assert!(!of(&["a@x.example"]).meets(&of(&["c@x.example"])));
}

#[test]
fn the_account_alone_is_in_to() {
    let alone = ("account@client.example".to_owned(), vec![]);
    assert_eq!(parse(&[]).unwrap(), alone);
    assert_eq!(parse(&["account@CLIENT.example"]).unwrap(), alone);
}

#[test]
fn the_account_stays_in_cc_wherever_it_is_named() {
    for given in [["account@client.example", "u@x.example"], ["u@x.example", "account@client.example"]] {
        let (to, cc) = parse(&given).unwrap();
        assert_eq!((to.as_str(), cc), ("u@x.example", vec!["account@client.example".to_owned()]));
    }
}

#[test]
fn who_is_left_out_leaves_the_others_in_their_order() {
    let given = ["b@x.example".to_owned(), "a@x.example".to_owned()];
    let all = Recipients::parse(&given, &account()).unwrap();
    let without = |names: &[&str]| all.without(|address| names.contains(&address.as_str()));
    let left = without(&["b@x.example"]).unwrap();
    assert_eq!((left.to().as_str(), left.cc().len()), ("a@x.example", 1));
    assert_eq!(left.cc().last(), Some(&account()));
    assert_eq!(without(&["b@x.example", "a@x.example"]).unwrap().to(), &account());
    assert_eq!(without(&["b@x.example", "a@x.example", "account@client.example"]), None);
    assert_eq!(without(&[]), Some(all.clone()));
}

#[test]
fn forty_nine_pass_and_fifty_do_not() {
    let many = |count: usize| (0..count).map(|n| format!("u{n}@x.example")).collect::<Vec<_>>();
    let mut doubled = many(49);
    doubled.extend(many(49));
    let recipients = Recipients::parse(&doubled, &account()).unwrap();
    assert_eq!(recipients.all().count(), 50);
    doubled.push("nobody".to_owned());
    assert_eq!(
        Recipients::parse(&doubled, &account()).unwrap_err(),
        AddressError::Entry { index: 98, reason: BadAddress::NoAt }
    );
    assert_eq!(Recipients::parse(&many(50), &account()).unwrap_err(), AddressError::TooMany);
}

#[test]
fn the_first_wrong_entry_is_named() {
    let error = parse(&["u@x.example", "u@x.example", "u@x", "nobody"]).unwrap_err();
    assert_eq!(error, AddressError::Entry { index: 2, reason: BadAddress::Domain });
}

#[test]
fn rests_and_comes_back() {
    let recipients = Recipients::parse(&["u@x.example".to_owned()], &account()).unwrap();
    let stored = serde_json::to_string(&recipients).unwrap();
    assert_eq!(stored, r#"{"to":"u@x.example","cc":["account@client.example"]}"#);
    assert_eq!(serde_json::from_str::<Recipients>(&stored).unwrap(), recipients);
}

proptest! {
    #[test]
    fn nobody_twice_and_never_more_than_fifty(given in prop::collection::vec("[abAB][0-9]?@(X|x|client|CLIENT)[.]example|[aA]ccount@client[.]example", 0..80)) {
        if let Ok(recipients) = Recipients::parse(&given, &account()) {
            let all: Vec<_> = recipients.all().collect();
            let different: std::collections::HashSet<_> = all.iter().map(|address| address.as_str().to_ascii_lowercase()).collect();
            prop_assert_eq!(different.len(), all.len());
            prop_assert!(all.len() <= 50);
            prop_assert_eq!(*all.last().unwrap(), &account());
        }
    }

    #[test]
    fn nothing_panics(given in prop::collection::vec(any::<String>(), 0..4)) {
        if let Err(AddressError::Entry { index, .. }) = Recipients::parse(&given, &account()) {
            prop_assert!(index < given.len());
        }
    }
}
