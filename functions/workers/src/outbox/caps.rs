//! How many mails may go out in a day, so that nobody can flood others through Recourse.
//!
//! A mail counts once, however often it is retried: the mail records that it was counted. A crash
//! before that record counts it twice. So a cap may let fewer mails through, and never more.

use futures_util::future::join_all;
use recourse_dispute::addresses::MailAddress;
use recourse_dispute::ids::AccountId;
use recourse_dispute::notification::{Audience, EmailTemplate};
use recourse_dispute::time::UnixMillis;
use recourse_store::{Cap, CapOutcome, Counted, OutboxMail, Store, StoreError};

/// How many mails may go out in a day (UTC).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Mails that one account's cases cause. A mail to the parties is under no such cap: it goes to
    /// registered addresses alone, and no opener may use up a bank's notifications.
    pub of_account: u32,
    /// Mails that one address gets, where a caller named it. An address that an account has
    /// registered is under no cap of its own: the account's cap counts the mails of its cases.
    pub to_address: u32,
}

/// The result of counting a mail.
pub(super) enum Counting {
    /// It counts; it may go to all but those of its addresses that are at their cap.
    Counted(Counted),
    /// The account's cap is reached: why the mail is held back. Nothing was counted.
    Over(String),
}

impl Limits {
    /// Counts a mail under its caps, except for the addresses that it does not go to anyway.
    ///
    /// # Errors
    /// [`StoreError`]; what was counted is given back.
    pub(super) async fn count(self, store: &Store, mail: &OutboxMail, now: UnixMillis) -> Result<Counting, StoreError> {
        let account = counted_account(mail);
        let is_over = match account {
            Some(account) => {
                store.count(&Cap::MailsOfAccount(account), self.of_account, now).await? == CapOutcome::Over
            }
            None => false,
        };
        if is_over {
            let limit = self.of_account;
            let reason = format!("the account's cases caused {limit} mails today, which is the cap of an account");
            return Ok(Counting::Over(reason));
        }
        let named: Vec<&MailAddress> =
            mail.notification.named().filter(|one| !mail.left_out.contains(one) && !one.is_erased()).collect();
        let caps: Vec<Cap<'_>> = named.iter().map(|address| Cap::MailsToAddress(address)).collect();
        let counts = join_all(caps.iter().map(|cap| store.count(cap, self.to_address, now))).await;
        let mut counted = Counted { at: now, addresses: Vec::new(), capped: Vec::new() };
        let mut failed = None;
        for (address, count) in named.into_iter().zip(counts) {
            match count {
                Ok(CapOutcome::Within) => counted.addresses.push(address.clone()),
                Ok(CapOutcome::Over) => counted.capped.push(address.clone()),
                Err(error) => failed = Some(error),
            }
        }
        match failed {
            None => Ok(Counting::Counted(counted)),
            Some(error) => {
                give_back(store, mail, &counted).await;
                Err(error)
            }
        }
    }
}

/// The account under whose cap a mail is: that of the case, of a mail to the case. Sign-in links
/// have caps of their own, which are counted before a link is made, and nobody else's mail may use
/// them up.
fn counted_account(mail: &OutboxMail) -> Option<&AccountId> {
    let is_capped = mail.notification.audience == Audience::Case && mail.notification.template != EmailTemplate::SignIn;
    is_capped.then_some(&mail.notification.account)
}

/// Takes a mail that does not go out off its caps. What cannot be taken off counts until the day is
/// over.
pub(super) async fn give_back(store: &Store, mail: &OutboxMail, counted: &Counted) {
    let addresses = counted.addresses.iter().map(Cap::MailsToAddress);
    let caps: Vec<Cap<'_>> = counted_account(mail).map(Cap::MailsOfAccount).into_iter().chain(addresses).collect();
    for given in join_all(caps.iter().map(|cap| store.uncount(cap, counted.at))).await {
        if let Err(error) = given {
            tracing::warn!(outbox_id = %mail.id, error = %error, "a mail that does not go out still counts under a cap");
        }
    }
}
