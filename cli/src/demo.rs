//! `recourse demo`: data to try things with, in the local cloud alone.

use std::time::Duration;

use clap::{Args, Subcommand};
use recourse_dispute::transaction::Status;
use recourse_store::Role;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::ending::{Ending, Failure};
use crate::output::visible;
use crate::service::{Service, ServiceResponse};
use crate::settings::Settings;
use crate::signing_key::{Calling, Stamp, unaccepted};
use crate::system;

/// The Platform API's call for many transactions.
const PATH: &str = "/platform/v1/transactions";
/// How long a request waits for its answer.
const TIMEOUT: Duration = Duration::from_secs(30);

const EXAMPLES: &str = "\
Examples:
  recourse demo transaction
  recourse demo transaction --amount 20.00 --currency MYR --staging --json
  eval \"$(recourse demo transaction)\" && recourse report --refid \"$REFID\"

The transaction is of acct_demo, between the banks FBN and GTB, so every API can dispute it;
with --staging it is of acct_staging. Its type is BillPayment, and its reference its refid.";

/// Make data to try things with, in the local cloud
#[derive(Subcommand)]
pub(crate) enum Demo {
    Transaction(Transaction),
}

/// Make a new transaction of the demo account, and print its ids
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Transaction {
    /// How far the transaction has come
    #[arg(long, value_name = "STATUS", default_value = "Succesful", value_parser = status)]
    status: Status,
    /// The amount that was paid
    #[arg(long, value_name = "DECIMAL", default_value = "1550.00")]
    amount: String,
    /// The currency of the amount
    #[arg(long, value_name = "CODE", default_value = "NGN")]
    currency: String,
    #[command(flatten)]
    calling: Calling,
}

fn status(text: &str) -> Result<Status, String> {
    let names = Status::ALL.map(Status::name).join(", ");
    Status::parse(text).ok_or_else(|| format!("must be one of {names}"))
}

/// A new transaction for a program.
#[derive(Serialize)]
struct Made<'a> {
    trxid: &'a str,
    refid: &'a str,
    account: &'a str,
}

#[derive(Deserialize)]
struct ImportResponse {
    results: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    status: String,
    #[serde(default)]
    errors: Value,
}

impl Demo {
    pub(crate) fn run(&self, settings: &Settings) -> Result<Ending, Failure> {
        let Self::Transaction(transaction) = self;
        transaction.run(settings)
    }
}

impl Transaction {
    fn run(&self, settings: &Settings) -> Result<Ending, Failure> {
        let url = self.calling.service.address(settings)?;
        if !url.is_loopback() {
            return Err(Failure::refused(format!(
                "{} is not on this machine, and demo data is for the local cloud alone.",
                url.as_str()
            )));
        }
        let key = self.calling.key.key(settings, &url, Role::Platform)?;
        let name = system::nonce()?;
        let (short, _) = name.split_at_checked(12).unwrap_or((&name, ""));
        let (trxid, refid) = (format!("demo-{short}"), format!("order-{short}"));
        let account = if self.calling.key.is_staging() { "acct_staging" } else { "acct_demo" };
        let body = json!({ "transactions": [self.transaction(&trxid, &refid, account)] }).to_string();
        let headers = key.v1(Stamp::fresh()?, "POST", "", body.as_bytes())?;
        let answer = Service::new(url, TIMEOUT).post(PATH, &headers, body.as_bytes()).map_err(Failure::no_answer)?;
        created(&answer)?;
        let made = Made { trxid: &trxid, refid: &refid, account };
        self.calling.format.print(&made, || format!("TRXID={trxid}\nREFID={refid}"))?;
        Ok(Ending::Done)
    }

    fn transaction(&self, trxid: &str, refid: &str, account: &str) -> Value {
        let now = system::now().iso8601();
        let mut transaction = json!({
            "trxid": trxid, "account": account, "refid": refid, "status": self.status.name(), "kind": "voucher",
            "product": "Steam Wallet 50", "amount": self.amount, "currency": self.currency.to_ascii_uppercase(),
            "occurred_at": now, "updated_at": now,
        });
        if !self.calling.key.is_staging() {
            let bank = |code: &str, name: &str| json!({ "code": code, "name": name });
            if let Some(members) = transaction.as_object_mut() {
                members.insert(
                    "parties".to_owned(),
                    json!({
                        "issuer": bank("FBN", "FIRST BANK OF NIGERIA"),
                        "acquirer": bank("GTB", "GUARANTY TRUST BANK"),
                        "merchant": bank("AIRTEL", "Airtel Nigeria"),
                    }),
                );
                members.insert("details".to_owned(), json!({ "type": "BillPayment", "reference": refid }));
            }
        }
        transaction
    }
}

fn created(answer: &ServiceResponse) -> Result<(), Failure> {
    let said = || format!("{}: {}", answer.status_line(), visible(&answer.body));
    if answer.is_temporary() {
        return Err(Failure::no_answer(format!("the Platform API cannot answer now: {}", said())));
    }
    let sent = serde_json::from_str::<ImportResponse>(&answer.body).ok().filter(|_| answer.status == 200);
    match sent.and_then(|sent| sent.results.into_iter().next()) {
        Some(entry) if entry.status == "created" => Ok(()),
        Some(entry) => {
            Err(Failure::refused(format!("the Platform API does not take it: {}", visible(&entry.errors.to_string()))))
        }
        None => Err(Failure::refused(format!("the Platform API refuses the transaction: {}", said()))
            .hint(unaccepted(answer, Role::Platform))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_created_transaction_is_a_success() {
        let ending = |status, body: &str| created(&ServiceResponse::of(status, body)).map_err(|why| why.ending);
        assert_eq!(ending(200, r#"{"results":[{"trxid":"1","status":"created"}]}"#), Ok(()));
        let invalid = r#"{"results":[{"status":"invalid","errors":{"amount":["must be"]}}]}"#;
        for (status, body) in [(200, invalid), (200, "{}"), (200, r#"{"results":[]}"#), (401, "{}"), (404, "")] {
            assert_eq!(ending(status, body), Err(Ending::Refused), "{body}");
        }
        assert_eq!(ending(503, "{}"), Err(Ending::NoAnswer));
        let revoked = created(&ServiceResponse::of(401, r#"{"error":"invalid_credentials"}"#)).unwrap_err().text;
        assert!(revoked.contains("recourse key create ACCOUNT --role platform"), "{revoked}");
    }
}
