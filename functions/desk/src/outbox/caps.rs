//! How many mails may go out in a day, so that nobody can be flooded through us.

use futures_util::future::try_join_all;
use recourse_dispute::addresses::MailAddress;
use recourse_dispute::notice::Notice;
use recourse_dispute::time::UnixMillis;
use recourse_store::{Cap, Capped, Store, StoreError};

/// How many mails may go out in a day (UTC).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Mails that one account's cases cause.
    pub of_account: u32,
    /// Mails that one address gets, except for an account's own: that is in every mail of the account, which the other cap counts.
    pub to_address: u32,
}

impl Limits {
    /// Counts a mail under its caps, except for the addresses that it does not go to. When one is reached, the reason why the mail is held back.
    pub(super) async fn count(
        self,
        store: &Store,
        notice: &Notice,
        left_out: &[MailAddress],
        now: UnixMillis,
    ) -> Result<Option<String>, StoreError> {
        if store.count(&Cap::MailsOfAccount(&notice.account), self.of_account, now).await? == Capped::Over {
            let limit = self.of_account;
            return Ok(Some(format!("the account's cases caused {limit} mails today, which is the cap of an account")));
        }
        let named = notice.named().filter(|address| !left_out.contains(address));
        let caps: Vec<Cap<'_>> = named.map(|address| Cap::MailsToAddress(address.as_str())).collect();
        let counted = try_join_all(caps.iter().map(|cap| store.count(cap, self.to_address, now))).await?;
        let limit = self.to_address;
        let reason = || format!("an address of the mail got {limit} mails today, which is the cap of an address");
        Ok(counted.contains(&Capped::Over).then(reason))
    }
}
