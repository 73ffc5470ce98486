//! Finding transactions by a name that is unique within its account alone, where the account is not
//! known: every account is searched. It is for an operator; no API makes this search.

use recourse_dispute::ids::{CaptureId, Refid};
use recourse_dispute::transaction::Facts;

use crate::error::StoreError;
use crate::items::body;
use crate::transactions::Pointer;
use crate::{Account, Store, keys};

/// Each account is asked for a refid and for a capture, and one batch reads a hundred items.
const ACCOUNTS_OF_A_BATCH: usize = 50;

impl Store {
    /// The transactions of these accounts that `name` is the refid or a capture of, each once:
    /// strongly consistent, one batch for every fifty accounts.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn transactions_called(&self, accounts: &[&Account], name: &str) -> Result<Vec<Facts>, StoreError> {
        let (refid, capture) = (Refid::parse(name).ok(), CaptureId::parse(name).ok());
        let mut found: Vec<Facts> = Vec::new();
        for accounts in accounts.chunks(ACCOUNTS_OF_A_BATCH) {
            let refids = accounts.iter().filter_map(|account| {
                refid.as_ref().map(|refid| keys::by_refid(account.environment, &account.id, refid))
            });
            let captures = accounts.iter().filter_map(|account| {
                capture.as_ref().map(|capture| keys::by_capture(account.environment, &account.id, capture))
            });
            let wanted: Vec<_> = refids.chain(captures).collect();
            for item in self.batch(&wanted).await? {
                let Pointer { facts } = body(item)?;
                let is_known = |known: &Facts| (known.environment, &known.trxid) == (facts.environment, &facts.trxid);
                if !found.iter().any(is_known) {
                    found.push(facts);
                }
            }
        }
        found.sort_by(|one, other| (&one.account, &one.trxid).cmp(&(&other.account, &other.trxid)));
        Ok(found)
    }
}
