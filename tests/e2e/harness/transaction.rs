//! Transactions of a test's own.

use serde_json::{Value, json};

use super::{Stack, unique};

/// A transaction that only one test knows.
pub(crate) struct Transaction {
    pub(crate) trxid: String,
    pub(crate) refid: String,
    /// What the platform was told.
    pub(crate) body: Value,
}

impl Transaction {
    /// One that nobody was told of yet. Its refid is no trxid of anything.
    pub(crate) fn new(account: &str, status: &str) -> Transaction {
        let (trxid, refid) = (unique("trx"), unique("ref"));
        let body = json!({
            "trxid": trxid, "account": account, "refid": refid, "status": status, "kind": "voucher",
            "product": "Steam Wallet 50", "amount": "1550.00", "currency": "MYR",
            "occurred_at": "2026-01-16T02:00:00Z", "updated_at": "2026-01-16T02:00:03Z",
        });
        Transaction { trxid, refid, body }
    }

    /// The same with another status, a second later than `2026-01-16T02:01`.
    pub(crate) fn later(&self, status: &str, second: u8) -> Value {
        let mut body = self.body.clone();
        body["status"] = status.into();
        body["updated_at"] = format!("2026-01-16T02:01:{second:02}Z").into();
        body
    }
}

impl Stack {
    /// A transaction that the platform has told of.
    pub(crate) async fn transaction(&self, account: &str, status: &str) -> Transaction {
        let transaction = Transaction::new(account, status);
        assert_eq!(self.upsert(&transaction.body).await.status, 201);
        transaction
    }
}
