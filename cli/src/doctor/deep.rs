//! `recourse doctor --deep`: what only the real gateway, the real store of files and real
//! concurrency can show.
//!
//! The probes are those of docs/first-day.md that need no deployment in between. They call the APIs
//! over HTTP, as a client does. A probe that changes something (a draft of a dispute, a file, a
//! report) runs only for a transaction that is named for it.

mod burst;
mod signatures;
mod upload;

use std::time::Duration;

use clap::Args;
use recourse_store::Role;

use super::Check;
use crate::busy::Busy;
use crate::ending::Failure;
use crate::service::{Service, Where};
use crate::settings::Settings;
use crate::signing_key::{KeyOptions, SigningKey};

/// The merchant id of `make run`'s demo account.
const DEMO_MERCHANT: &str = "1001";
/// The merchant id of its staging account.
const DEMO_STAGING_MERCHANT: &str = "1002";
/// How long a probe waits for an answer: a function may have to start first, and the gateway gives
/// up after 30 seconds.
const TIMEOUT: Duration = Duration::from_secs(31);

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

/// A service, and the key that signs the calls to it.
struct Client {
    service: Service,
    key: SigningKey,
}

impl Deep {
    /// Runs the probes, if they are asked for.
    pub(super) fn checks(&self, settings: &Settings) -> Result<Vec<Check>, Failure> {
        if !self.deep {
            return Ok(Vec::new());
        }
        let url = self.service.address(settings)?;
        let key = self.key.key(settings, &url, Role::Client)?;
        let merchant = match &self.merchant_id {
            Some(merchant) => Some(merchant.as_str()),
            None if self.key.is_staging() => Some(DEMO_STAGING_MERCHANT),
            None => url.is_loopback().then_some(DEMO_MERCHANT),
        };
        let client = Client { service: Service::new(url, TIMEOUT), key };
        let mut checks = Busy::during("probing paths and the challenge", || {
            vec![signatures::challenge(&client.service), signatures::encoded_slash(&client.service)]
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
