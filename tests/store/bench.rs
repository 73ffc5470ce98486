//! What the contract is tested on: the store over two tables of a test's own.

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};

use recourse_aws::Aws;
use recourse_dispute::dispute::Dispute;
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::transaction::{Status, Transaction};
use recourse_local::dynamodb::DynamoDb;
use recourse_local::template::Template;
use recourse_store::{OpenOutcome, Opening, RequestGuard, Store, UpsertOutcome};
use serde_json::Value;

use crate::things::{NOW, next, opening, platform, token, transaction};
use recourse_test_harness::raw::{self, Items};
use recourse_test_harness::{engine, root};

static SHARED: tokio::sync::Mutex<Weak<DynamoDb>> = tokio::sync::Mutex::const_new(Weak::new());

/// The store, over two tables that only this bench knows.
pub(crate) struct Bench {
    pub(crate) store: Store,
    pub(crate) db: Arc<DynamoDb>,
    disputes: String,
    ephemeral: String,
}

impl Bench {
    /// On the engine that tests share: JVMs take their time. It stops with its last bench.
    pub(crate) async fn start() -> Self {
        let mut shared = SHARED.lock().await;
        let db = match shared.upgrade() {
            Some(db) => db,
            None => {
                let db = Arc::new(DynamoDb::start(&engine(), None, &[]).await.unwrap());
                *shared = Arc::downgrade(&db);
                db
            }
        };
        drop(shared);
        Self::on(db).await
    }

    /// On an engine of its own, for what may fail.
    pub(crate) async fn alone() -> Self {
        Self::on(Arc::new(DynamoDb::start(&engine(), None, &[]).await.unwrap())).await
    }

    async fn on(db: Arc<DynamoDb>) -> Self {
        let template = Template::read(&root(), &BTreeMap::new()).unwrap();
        let number = next();
        let table = async |id: &str| {
            let table = template.tables.iter().find(|table| table.id == id).unwrap();
            let name = format!("{}-{number}", table.name);
            let mut create = table.create.clone();
            create["TableName"] = Value::from(name.as_str());
            raw::create_table(&db.endpoint(), &create).await;
            name
        };
        let (disputes, ephemeral) = (table("DisputesTable").await, table("EphemeralTable").await);
        let aws = aws(&[
            ("AWS_ENDPOINT_URL_DYNAMODB", db.endpoint()),
            ("DISPUTES_TABLE", disputes.clone()),
            ("EPHEMERAL_TABLE", ephemeral.clone()),
        ]);
        let store = Store::from_environment(&aws).unwrap();
        db.clear_calls();
        Self { store, db, disputes, ephemeral }
    }

    /// The items of the disputes table.
    pub(crate) async fn disputes(&self) -> Items {
        raw::items(&self.db.endpoint(), &self.disputes).await
    }

    /// Puts an item into the disputes table, in DynamoDB's own JSON, that this release would not
    /// write.
    pub(crate) async fn put(&self, item: &Value) {
        let put = serde_json::json!({ "TableName": self.disputes, "Item": item });
        raw::call(&self.db.endpoint(), "PutItem", &put).await;
    }

    /// The read units of a strongly consistent query of a partition for so many items.
    pub(crate) async fn read_units(&self, partition: &str, limit: u32) -> f64 {
        let query = serde_json::json!({
            "TableName": self.disputes, "KeyConditionExpression": "PK = :pk", "Limit": limit,
            "ExpressionAttributeValues": { ":pk": { "S": partition } },
            "ConsistentRead": true, "ScanIndexForward": false, "ReturnConsumedCapacity": "TOTAL",
        });
        let read = raw::call(&self.db.endpoint(), "Query", &query).await;
        read["ConsumedCapacity"]["CapacityUnits"].as_f64().unwrap()
    }

    /// The items of the ephemeral table.
    pub(crate) async fn ephemeral(&self) -> Items {
        raw::items(&self.db.endpoint(), &self.ephemeral).await
    }

    /// Both tables.
    pub(crate) async fn everything(&self) -> Items {
        let mut everything = self.disputes().await;
        everything.extend(self.ephemeral().await);
        everything
    }

    /// The keys of all items in the disputes table, each as `PK SK`.
    pub(crate) async fn keys(&self) -> Vec<String> {
        self.disputes().await.into_keys().map(|(pk, sk)| format!("{pk} {sk}")).collect()
    }

    /// The operations that were called since the bench began; only of use on an engine of its own.
    pub(crate) fn operations(&self) -> Vec<String> {
        self.db.calls().into_iter().map(|call| call.operation).collect()
    }

    /// Upserts a transaction.
    pub(crate) async fn upsert(&self, update: &Transaction) -> UpsertOutcome {
        self.store.upsert_transaction(update, &platform(), NOW, token).await.unwrap()
    }

    /// Opens a dispute.
    pub(crate) async fn open<G: RequestGuard>(&self, opening: &Opening<G>) -> OpenOutcome<G::Outcome> {
        self.store.open(opening, &token(), NOW).await.unwrap()
    }

    /// A transaction that succeeded and a dispute of it, as they are in the tables.
    pub(crate) async fn disputed(&self, trxid: &str) -> (Transaction, Dispute) {
        let transaction = transaction(trxid, Status::Succesful);
        assert_eq!(self.upsert(&transaction).await, UpsertOutcome::Created);
        let opening = opening(&transaction);
        assert!(matches!(self.open(&opening).await, OpenOutcome::Opened(_)));
        (transaction, opening.dispute)
    }

    /// What is known of a transaction.
    pub(crate) async fn known(&self, transaction: &Transaction) -> Option<Transaction> {
        let facts = &transaction.facts;
        self.store.transaction(facts.environment, &facts.trxid).await.unwrap()
    }

    /// The dispute as it is stored.
    pub(crate) async fn stored(&self, number: DisputeNumber) -> Dispute {
        self.store.dispute(number).await.unwrap().unwrap()
    }
}

/// A configuration of clients, with `more` variables.
pub(crate) fn aws(more: &[(&'static str, String)]) -> Aws {
    let mut environment: BTreeMap<&str, String> = more.iter().cloned().collect();
    for (name, value) in
        [("AWS_REGION", "us-east-1"), ("AWS_ACCESS_KEY_ID", "LOCALtests"), ("AWS_SECRET_ACCESS_KEY", "local")]
    {
        environment.insert(name, value.to_owned());
    }
    Aws::with(move |name| environment.get(name).cloned()).unwrap()
}
