//! Transactions that one test alone uses.

use serde_json::{Value, json};

use super::{Stack, unique};

/// A transaction that one test alone uses.
pub struct Transaction {
    /// Its trxid.
    pub trxid: String,
    /// Its refid.
    pub refid: String,
    /// The body of its update.
    pub body: Value,
}

impl Transaction {
    /// A transaction that has not been sent yet. Its refid is nobody's trxid.
    pub fn new(account: &str, status: &str) -> Transaction {
        let (trxid, refid) = (unique("trx"), unique("ref"));
        let body = json!({
            "trxid": trxid, "account": account, "refid": refid, "status": status, "kind": "voucher",
            "product": "Steam Wallet 50", "amount": "1550.00", "currency": "MYR",
            "occurred_at": "2026-01-16T02:00:00Z", "updated_at": "2026-01-16T02:00:03Z",
        });
        Transaction { trxid, refid, body }
    }

    /// An update to another status, `second` seconds after `2026-01-16T02:01`.
    pub fn later(&self, status: &str, second: u8) -> Value {
        let mut body = self.body.clone();
        body["status"] = status.into();
        body["updated_at"] = format!("2026-01-16T02:01:{second:02}Z").into();
        body
    }
}

impl Stack {
    /// A new transaction that the Platform API has stored.
    pub async fn transaction(&self, account: &str, status: &str) -> Transaction {
        let transaction = Transaction::new(account, status);
        assert_eq!(self.upsert(&transaction.body).await.status, 201);
        transaction
    }
}
