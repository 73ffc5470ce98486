//! Who is in To and who in Cc.

use super::{BadAddress, MailAddress};
use serde::{Deserialize, Serialize};

/// SES takes 50 recipients a message and one is the account, so a caller may name this many (IIMMPACT contract, "Case and mail").
const MAX_GIVEN: usize = 49;

/// Who gets the mail of a case: at most 50 different addresses, at least one, nobody twice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipients {
    to: MailAddress,
    cc: Vec<MailAddress>,
}

/// What is wrong with a list of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// One entry is no address.
    #[error("{reason}")]
    Entry {
        /// Which, from 0.
        index: usize,
        /// What is wrong with it.
        reason: BadAddress,
    },
    /// The list is longer than a message takes.
    #[error("must hold at most {MAX_GIVEN} different addresses")]
    TooMany,
}

impl Recipients {
    /// Reads the addresses that a caller named and adds the account's own.
    ///
    /// Of the caller's, doubles are removed (see [`MailAddress`] for what is equal) and the order is kept: the first is in To, the others in Cc.
    /// The account's own comes last in Cc; a caller who names it too moves or doubles nothing. With nobody else named it is alone, in To.
    ///
    /// # Errors
    /// [`AddressError`] for the first entry that is no address, or that is one more than 49.
    pub fn parse(given: &[String], account: &MailAddress) -> Result<Self, AddressError> {
        let mut named: Vec<MailAddress> = Vec::new();
        for (index, text) in given.iter().enumerate() {
            let address = MailAddress::parse(text).map_err(|reason| AddressError::Entry { index, reason })?;
            if named.contains(&address) {
                continue;
            }
            if named.len() == MAX_GIVEN {
                return Err(AddressError::TooMany);
            }
            named.push(address);
        }
        named.retain(|address| address != account);
        named.push(account.clone());
        // Never empty: the account was just added.
        let to = named.remove(0);
        Ok(Self { to, cc: named })
    }

    /// The one address in To.
    #[must_use]
    pub fn to(&self) -> &MailAddress {
        &self.to
    }

    /// The addresses in Cc; the account's own is the last, unless it is in To.
    #[must_use]
    pub fn cc(&self) -> &[MailAddress] {
        &self.cc
    }

    /// Those that are left without the addresses that `leave_out` names, in the same order: when the one in To is left out, the next one takes its
    /// place, as it would have if nobody had named the other. `None` when nobody is left.
    #[must_use]
    pub fn without(&self, leave_out: impl Fn(&MailAddress) -> bool) -> Option<Self> {
        let mut left = self.all().filter(|address| !leave_out(address)).cloned();
        let to = left.next()?;
        Some(Self { to, cc: left.collect() })
    }

    /// Everybody, To first.
    pub fn all(&self) -> impl Iterator<Item = &MailAddress> {
        std::iter::once(&self.to).chain(&self.cc)
    }
}

#[cfg(test)]
mod tests {
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
        let (to, cc) = parse(&["b@x.example", "a@x.example", "b@X.Example", "B@x.example"]).unwrap();
        assert_eq!(to, "b@x.example");
        assert_eq!(cc, ["a@x.example", "B@x.example", "account@client.example"]);
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
        fn nobody_twice_and_never_more_than_fifty(given in prop::collection::vec("[ab][0-9]?@(X|x|client|CLIENT)[.]example|account@client[.]example", 0..80)) {
            if let Ok(recipients) = Recipients::parse(&given, &account()) {
                let all: Vec<_> = recipients.all().collect();
                let different: std::collections::HashSet<_> = all.iter().collect();
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
}
