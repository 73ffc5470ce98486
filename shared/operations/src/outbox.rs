//! Mails that were not sent: found, and sent again by an operator's order.

use recourse_dispute::time::UnixMillis;
use recourse_store::{MailId, MailState, OutboxMail, Store, StoreError};

/// How many mails of each shard are read: as many as one page of DynamoDB holds at least.
pub const MAX_UNSENT: i32 = 1000;

/// Why a mail was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsent {
    /// The mail waits for its next attempt, or is being sent.
    Waiting,
    /// The mail is held back by a cap, or none of its addresses gets mail.
    Held,
    /// The mail was given up.
    Dead,
}

impl Unsent {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Waiting, Self::Held, Self::Dead];

    /// The name that is typed and shown.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Held => "held",
            Self::Dead => "dead",
        }
    }

    /// Reads [`Self::name`].
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|unsent| unsent.name() == name)
    }

    fn indexed(self) -> MailState {
        match self {
            Self::Waiting => MailState::Pending,
            Self::Held => MailState::Held,
            Self::Dead => MailState::Dead,
        }
    }

    fn has(self, state: MailState) -> bool {
        match self {
            Self::Waiting => matches!(state, MailState::Pending | MailState::Sending),
            Self::Held => state == MailState::Held,
            Self::Dead => state == MailState::Dead,
        }
    }
}

/// Mails that were not sent.
#[derive(Debug, Default)]
pub struct UnsentMails {
    /// The mails, the oldest first.
    pub mails: Vec<OutboxMail>,
    /// Those that this release cannot read, and why.
    pub unread: Vec<(MailId, StoreError)>,
    /// Whether there may be more than were read.
    pub may_be_more: bool,
}

/// Why a mail cannot be sent again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotRedriven {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no such mail.
    #[error("there is no such mail")]
    NoMail,
    /// The mail is neither held back nor given up.
    #[error("the mail is neither held back nor given up")]
    State(MailState),
}

/// The mails of a state, as they are stored, because the index may be late. At most `most` of each
/// shard are read.
///
/// # Errors
/// [`StoreError`].
pub async fn unsent(store: &Store, unsent: Unsent, most: i32) -> Result<UnsentMails, StoreError> {
    let listed = store.indexed(unsent.indexed(), UnixMillis(i64::MAX), most).await?;
    let mut found = UnsentMails {
        may_be_more: listed.len() >= usize::try_from(most).unwrap_or(usize::MAX),
        ..UnsentMails::default()
    };
    let ids: Vec<_> = listed.iter().map(|waiting| waiting.id).collect();
    for (id, read) in store.mails(&ids).await? {
        match read {
            Ok(mail) if unsent.has(mail.mail_state) => found.mails.push(mail),
            Ok(_) => {}
            // A mail that this release cannot read must not hide the others.
            Err(error) => found.unread.push((id, error)),
        }
    }
    in_order(&mut found.mails);
    Ok(found)
}

/// Puts mails in the order in which they were enqueued.
pub fn in_order(mails: &mut [OutboxMail]) {
    mails.sort_by_key(|mail| (mail.enqueued_at, mail.id.number, mail.id.version));
}

/// The mail with this id, if it can be sent again.
///
/// # Errors
/// [`NotRedriven`].
pub async fn redrivable(store: &Store, id: MailId) -> Result<OutboxMail, NotRedriven> {
    let mail = store.mail(id).await?.ok_or(NotRedriven::NoMail)?;
    match mail.mail_state {
        MailState::Held | MailState::Dead => Ok(mail),
        state => Err(NotRedriven::State(state)),
    }
}

/// Whether a mail's reason has a text in it; every mail where none is wanted.
#[must_use]
pub fn has_reason(mail: &OutboxMail, wanted: Option<&str>) -> bool {
    match (wanted, &mail.reason) {
        (Some(wanted), Some(reason)) => reason.contains(wanted),
        (Some(_), None) => false,
        (None, _) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_state_but_sent_is_listed_under_one_name() {
        for unsent in Unsent::ALL {
            assert_eq!(Unsent::parse(unsent.name()), Some(unsent));
            assert!(unsent.has(unsent.indexed()));
        }
        let listed = |state| Unsent::ALL.into_iter().filter(|unsent| unsent.has(state)).count();
        let states = [MailState::Pending, MailState::Sending, MailState::Held, MailState::Dead, MailState::Sent];
        assert_eq!(states.map(listed), [1, 1, 1, 1, 0]);
        assert_eq!(Unsent::parse("sent"), None);
    }
}
