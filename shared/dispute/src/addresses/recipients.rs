//! Who is in To and who in Cc.

use super::{BadAddress, MailAddress};
use serde::{Deserialize, Serialize};

/// SES takes this many recipients a message.
const MAX_RECIPIENTS: usize = 50;
/// One of them is the account, so a caller may name this many (IIMMPACT contract, "Case and mail").
const MAX_GIVEN: usize = MAX_RECIPIENTS - 1;

/// Who gets the mail of a case: at most 50 different mailboxes, at least one, none twice.
///
/// First come the addresses that a caller named, then those that accounts have registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipients {
    to: MailAddress,
    cc: Vec<MailAddress>,
    /// How many of them, counted from the last, accounts have registered.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    registered: usize,
}

fn one() -> usize {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_one(registered: &usize) -> bool {
    *registered == 1
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
    /// Reads the addresses that a caller typed ([`MailAddress::parse_typed`]) and adds the
    /// account's own.
    ///
    /// Of the caller's addresses each mailbox counts once (see [`MailAddress::is_same_mailbox`]),
    /// in its first spelling and in the caller's order: the first is in To, the others in Cc. The
    /// account's own address comes last in Cc, as it is registered, also where a caller names it
    /// too. With nobody else named it is alone, in To.
    ///
    /// # Errors
    /// [`AddressError`] for the first entry that is no address, or that is one more than 49.
    pub fn parse(given: &[String], account: &MailAddress) -> Result<Self, AddressError> {
        let mut named: Vec<MailAddress> = Vec::new();
        for (index, text) in given.iter().enumerate() {
            let address = MailAddress::parse_typed(text).map_err(|reason| AddressError::Entry { index, reason })?;
            if holds(&named, &address) {
                continue;
            }
            if named.len() == MAX_GIVEN {
                return Err(AddressError::TooMany);
            }
            named.push(address);
        }
        named.retain(|address| !address.is_same_mailbox(account));
        named.push(account.clone());
        // Never empty: the account was just added.
        let to = named.remove(0);
        Ok(Self { to, cc: named, registered: 1 })
    }

    /// Addresses that accounts have registered, and nobody named in a request; doubles are removed.
    /// `None` of none.
    #[must_use]
    pub fn registered(addresses: impl IntoIterator<Item = MailAddress>) -> Option<Self> {
        Self::of([], addresses)
    }

    /// The named addresses before the registered ones, each mailbox once. One that is both counts
    /// as registered. Of more than a message takes, the last ones that were named are left out.
    fn of(
        named: impl IntoIterator<Item = MailAddress>,
        registered: impl IntoIterator<Item = MailAddress>,
    ) -> Option<Self> {
        let mut last: Vec<MailAddress> = Vec::new();
        for address in registered {
            if !holds(&last, &address) {
                last.push(address);
            }
        }
        let registered = last.len();
        let mut all: Vec<MailAddress> = named.into_iter().filter(|address| !holds(&last, address)).collect();
        all.truncate(MAX_RECIPIENTS.saturating_sub(registered));
        all.append(&mut last);
        let mut all = all.into_iter();
        Some(Self { to: all.next()?, cc: all.collect(), registered })
    }

    /// The one address in To.
    #[must_use]
    pub fn to(&self) -> &MailAddress {
        &self.to
    }

    /// The addresses in Cc, the registered ones last.
    #[must_use]
    pub fn cc(&self) -> &[MailAddress] {
        &self.cc
    }

    /// The same without the addresses that `leave_out` names, in the same order. Where the one in
    /// To is left out, the next one takes its place. `None` when nobody is left.
    #[must_use]
    pub fn without(&self, leave_out: impl Fn(&MailAddress) -> bool) -> Option<Self> {
        let named = self.named().count();
        let stored = |address: &&MailAddress| !leave_out(address);
        Self::of(self.named().filter(stored).cloned(), self.all().skip(named).filter(stored).cloned())
    }

    /// Everybody, To first.
    pub fn all(&self) -> impl Iterator<Item = &MailAddress> {
        std::iter::once(&self.to).chain(&self.cc)
    }

    /// Those that a caller named: nobody has verified that they want any mail.
    pub fn named(&self) -> impl Iterator<Item = &MailAddress> {
        self.all().take((1 + self.cc.len()).saturating_sub(self.registered))
    }

    /// Whether a mail to these reaches this mailbox.
    #[must_use]
    pub fn reaches(&self, address: &MailAddress) -> bool {
        self.all().any(|known| known.is_same_mailbox(address))
    }

    /// Whether a caller named this mailbox.
    #[must_use]
    pub fn was_named(&self, address: &MailAddress) -> bool {
        self.named().any(|known| known.is_same_mailbox(address))
    }

    /// Whether a mail to these and one to those meet in a mailbox.
    #[must_use]
    pub fn meets(&self, others: &Self) -> bool {
        self.all().any(|address| others.reaches(address))
    }
}

fn holds(addresses: &[MailAddress], address: &MailAddress) -> bool {
    addresses.iter().any(|known| known.is_same_mailbox(address))
}

#[cfg(test)]
mod tests;
