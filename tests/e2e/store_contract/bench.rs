//! What the contract is tested on: the store over tables of a test's own, and things to put in them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use recourse_aws::Aws;
use recourse_dispute::addresses::{MailAddress, Recipients};
use recourse_dispute::dispute::{By, Change, Dispute, Environment};
use recourse_dispute::ids::{AccountId, DomainCode, KeyId, Refid, Trxid};
use recourse_dispute::lifecycle::{Action, Actor, Category, Door, State, step};
use recourse_dispute::money::{Currency, Money};
use recourse_dispute::notice::Letter;
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;
use recourse_dispute::transaction::{Details, Facts, Kind, Parties, Party, Status, Transaction};
use recourse_local::dynamodb::DynamoDb;
use recourse_local::template::Template;
use recourse_store::{AttemptId, Nonce, Opened, Opening, Order, Store, Told};
use serde_json::Value;

use crate::harness::{engine, root};
use crate::raw::{self, Items};

/// When everything here happens.
pub(crate) const NOW: UnixMillis = UnixMillis(1_764_547_200_000);

static SHARED: tokio::sync::Mutex<Weak<DynamoDb>> = tokio::sync::Mutex::const_new(Weak::new());
static NEXT: AtomicU64 = AtomicU64::new(1);

/// The store, over two tables that only this bench knows.
pub(crate) struct Bench {
    pub(crate) store: Store,
    pub(crate) db: Arc<DynamoDb>,
    disputes: String,
    guards: String,
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
        let (disputes, guards) = (table("DisputesTable").await, table("GuardsTable").await);
        let aws = aws(&[
            ("AWS_ENDPOINT_URL_DYNAMODB", db.endpoint()),
            ("DISPUTES_TABLE", disputes.clone()),
            ("GUARDS_TABLE", guards.clone()),
        ]);
        let store = Store::from_environment(&aws).unwrap();
        db.clear_calls();
        Self { store, db, disputes, guards }
    }

    /// What the disputes table holds.
    pub(crate) async fn disputes(&self) -> Items {
        raw::items(&self.db.endpoint(), &self.disputes).await
    }

    /// Puts an item of DynamoDB's own JSON into the disputes table, as no release of ours would now.
    pub(crate) async fn put(&self, item: &Value) {
        let put = serde_json::json!({ "TableName": self.disputes, "Item": item });
        raw::call(&self.db.endpoint(), "PutItem", &put).await;
    }

    /// What the guards table holds.
    pub(crate) async fn guards(&self) -> Items {
        raw::items(&self.db.endpoint(), &self.guards).await
    }

    /// Both tables.
    pub(crate) async fn everything(&self) -> Items {
        let mut everything = self.disputes().await;
        everything.extend(self.guards().await);
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

    /// Tells of a transaction.
    pub(crate) async fn tell(&self, word: &Transaction) -> Told {
        self.store.tell(word, &platform(), NOW, attempt).await.unwrap()
    }

    /// Opens a dispute.
    pub(crate) async fn open(&self, opening: &Opening) -> Opened {
        self.store.open(opening, &attempt(), NOW).await.unwrap()
    }

    /// A transaction that succeeded and a dispute of it, as they are in the tables.
    pub(crate) async fn disputed(&self, trxid: &str) -> (Transaction, Dispute) {
        let transaction = transaction(trxid, Status::Succesful);
        assert_eq!(self.tell(&transaction).await, Told::Created);
        let opening = opening(&transaction);
        assert_eq!(self.open(&opening).await, Opened::Opened);
        (transaction, opening.dispute)
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

/// A number that nothing else in this run has.
fn next() -> u64 {
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// An attempt's id that nothing else in this run has.
pub(crate) fn attempt() -> AttemptId {
    AttemptId::new(u128::from(next()).to_be_bytes())
}

/// A dispute's number that nothing else in this run has.
pub(crate) fn number() -> DisputeNumber {
    DisputeNumber::try_from(next()).unwrap()
}

pub(crate) fn account(id: &str) -> AccountId {
    AccountId::parse(id).unwrap()
}

/// The payment platform, as the history names it.
pub(crate) fn platform() -> By {
    By { actor: Actor::Platform, name: "platform_demo".to_owned() }
}

/// An operator's order.
pub(crate) fn order(name: &str) -> Order {
    Order { by: By { actor: Actor::Operator, name: name.to_owned() }, at: NOW, why: None }
}

/// A transaction of `acct_demo`, with three parties.
pub(crate) fn transaction(trxid: &str, status: Status) -> Transaction {
    let party = |code: &str| {
        Some(Party {
            code: DomainCode::parse(code).unwrap(),
            name: format!("{code} LTD"),
            reference: None,
            category: None,
        })
    };
    let facts = Facts {
        trxid: Trxid::parse(trxid).unwrap(),
        account: account("acct_demo"),
        refid: Refid::parse(&format!("ref {trxid}")).unwrap(),
        product: Some("Steam Wallet 50".to_owned()),
        amount: Money::from_minor(155_000, Currency::parse("NGN").unwrap()),
        occurred_at: NOW.plus(-60_000),
        parties: Parties { issuer: party("FBN"), acquirer: party("GTB"), merchant: party("FBN") },
        details: Details::default(),
    };
    Transaction { facts, status, kind: Kind::Voucher, updated_at: NOW.plus(-50_000) }
}

/// The same transaction with another status, `seconds` later.
pub(crate) fn later(transaction: &Transaction, status: Status, seconds: i64) -> Transaction {
    Transaction { status, updated_at: transaction.updated_at.plus(seconds * 1000), ..transaction.clone() }
}

/// A dispute of it that its account opens at the IIMMPACT door.
pub(crate) fn dispute(transaction: &Transaction) -> Dispute {
    let account = MailAddress::parse("disputes@demo-wallet.example").unwrap();
    Dispute {
        number: number(),
        version: 1,
        door: Door::Iimmpact,
        opener: transaction.facts.account.clone(),
        environment: Environment::Production,
        facts: transaction.facts.clone(),
        amount: transaction.facts.amount,
        category: Category::Inquiry,
        state: State::born(Category::Inquiry),
        state_since: NOW,
        opened_at: NOW,
        recipients: Some(Recipients::parse(&["user@customer.example".to_owned()], &account).unwrap()),
    }
}

/// The opening of [`dispute`], with a nonce.
pub(crate) fn opening(transaction: &Transaction) -> Opening {
    Opening {
        dispute: dispute(transaction),
        by: By { actor: Actor::Opener, name: "iimm_prod_demo".to_owned() },
        transaction_is: Status::Succesful,
        letter: Some(Letter::Received),
        nonce: Some(nonce()),
        idempotence: None,
    }
}

/// A nonce that nothing else in this run has, good for another six minutes.
pub(crate) fn nonce() -> Nonce {
    let nonce = format!("nonce-000000-{}", next());
    Nonce { key: KeyId::parse("iimm_prod_demo").unwrap(), nonce, expires_at: NOW.seconds() + 360 }
}

/// What becomes of `before` when `actor` does `action` a second later.
pub(crate) fn step_of(before: &Dispute, actor: Actor, action: Action) -> Change {
    let state = step(before.state, before.category, actor, action).unwrap();
    before.moved(action, state, By { actor, name: "somebody".to_owned() }, None, NOW.plus(1000))
}

/// An operator's decision for the customer.
pub(crate) fn decision(before: &Dispute) -> Change {
    before
        .decided(Action::CloseForCustomer, "operator".to_owned(), "the voucher was never sent".to_owned(), NOW)
        .unwrap()
}
