//! `recourse doctor --deep`: what only the real gateway, the real store of files and the real
//! concurrency can show.
//!
//! The probes are those of docs/first-day.md that need no deployment in between. They go to the API
//! over HTTP, as a client's calls do. What changes something (a draft of a dispute, a file, a
//! report) is done only for a transaction that is named for it.

mod burst;
mod http;
mod signatures;
mod upload;

use clap::Args;

use super::Check;
use crate::busy::Busy;
use crate::ending::Failure;
use crate::environment::Settings;
use crate::key::{Caller, KeyOptions, SigningKey};
use crate::service::Where;
use http::Api;

/// The merchant id of `make run`'s demo account.
const DEMO_MERCHANT: &str = "1001";
/// That of its staging account.
const DEMO_STAGING_MERCHANT: &str = "1002";

/// What the probes are about.
#[derive(Args)]
pub(crate) struct Deep {
    /// Probe the API as a client does (docs/first-day.md)
    #[arg(long)]
    deep: bool,
    /// The merchant id of the account whose key signs
    #[arg(long, value_name = "ID", requires = "deep")]
    merchant_id: Option<String>,
    /// A staging transaction to report 50 times at once
    #[arg(long, value_name = "REFID", requires = "deep")]
    refid: Option<String>,
    /// A staging transaction to open a draft about, which is cancelled again
    #[arg(long, value_name = "TRXID", requires = "deep")]
    payment: Option<String>,
    #[command(flatten)]
    service: Where,
    #[command(flatten)]
    key: KeyOptions,
}

/// An API and who calls it.
struct Client {
    api: Api,
    key: SigningKey,
}

impl Deep {
    /// Runs the probes, if they are asked for.
    ///
    /// # Errors
    /// [`Failure`] where the API's address or the key is missing.
    pub(super) fn checks(&self, environment: &Settings) -> Result<Vec<Check>, Failure> {
        if !self.deep {
            return Ok(Vec::new());
        }
        let url = self.service.address(environment)?;
        let key = self.key.key(environment, &url, Caller::Client)?;
        let merchant = match &self.merchant_id {
            Some(merchant) => Some(merchant.as_str()),
            None if self.key.is_staging() => Some(DEMO_STAGING_MERCHANT),
            None => url.is_loopback().then_some(DEMO_MERCHANT),
        };
        let client = Client { api: Api::new(&url), key };
        let mut checks = Busy::during("probing paths and the challenge", || {
            vec![signatures::challenge(&client.api), signatures::encoded_slash(&client.api)]
        });
        match merchant {
            Some(merchant) => {
                checks.extend(Busy::during("probing signatures", || signatures::gcs(&client, merchant))?);
                checks.push(match &self.payment {
                    Some(payment) => {
                        Busy::during("putting a file into a draft", || upload::presigned(&client, merchant, payment))?
                    }
                    None => Check::unchecked("presigned put", "pass --payment, a staging transaction of the account"),
                });
            }
            None => checks.push(Check::unchecked("gcs", "pass --merchant-id, the account's at the Connect API")),
        }
        checks.push(Busy::during("sending 50 reports at once", || burst::reports(&client, self.refid.as_deref()))?);
        Ok(checks)
    }
}
