//! A worker over a cloud in this process, a clock that does not move, and its log.
//!
//! Everything is real but the wire: the SDKs' own clients speak to a connector that answers in this
//! process.

mod case;
mod cloud;
mod log;

use std::cell::Cell;
use std::sync::Arc;

use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_runtime_api::client::http::{SharedHttpClient, SharedHttpConnector, http_client_fn};
use futures_util::future::BoxFuture;
use recourse_dispute::addresses::MailAddress;
use recourse_dispute::deadlines::{Deadline, OnExpiry};
use recourse_dispute::dispute::Dispute;
use recourse_dispute::notification::Audience;
use recourse_dispute::transaction::Status;
use recourse_mail::{Branding, Composer, Ses};
use recourse_store::{ChangeOutcome, MailId, NoGuard, OpenOutcome, OutboxMail, Sealer, Store, Tables, WriteToken};
use serde_json::{Value, json};

use super::*;
use case::{opening, platform, transaction};
use cloud::Cloud;
pub(super) use cloud::{Fault, Reply};

/// When every test begins.
pub(super) const START: UnixMillis = UnixMillis(1_764_547_200_000);
/// How long a Lambda may run, in milliseconds.
pub(super) const TIMEOUT_MS: i64 = 60_000;

thread_local! {
    static NOW: Cell<UnixMillis> = const { Cell::new(START) };
}

/// What time it is, in this test.
pub(super) fn now() -> UnixMillis {
    NOW.get()
}

/// Moves the clock of this test.
pub(super) fn pass(millis: i64) {
    NOW.set(now().plus(millis));
}

/// A worker and its surroundings.
pub(super) struct Bench {
    pub(super) outbox: Arc<Outbox>,
    cloud: Cloud,
    _log: tracing::subscriber::DefaultGuard,
}

impl Bench {
    /// An empty deployment that has its data key.
    pub(super) async fn new() -> Self {
        Self::with(Limits { of_account: 20_000, to_address: 500 }).await
    }

    pub(super) async fn with(limits: Limits) -> Self {
        NOW.set(START);
        let cloud = Cloud::new();
        let outbox = worker(&cloud, limits);
        outbox.sealer.seal(&outbox.store, b"secret", "purpose", [0; 12], &token()).await.unwrap();
        Self { outbox: Arc::new(outbox), cloud, _log: log::start() }
    }

    /// Another worker of the same deployment, which starts cold.
    pub(super) fn another(&self) -> Arc<Outbox> {
        Arc::new(worker(&self.cloud, self.outbox.limits))
    }

    /// Says what happens to each call of DynamoDB, by its operation and its body.
    pub(super) fn on_call(&self, on_call: impl FnMut(&str, &Value) -> Fault + Send + 'static) {
        *self.cloud.on_call.lock().unwrap() = Box::new(on_call);
    }

    /// Says what SES does with the mails, by their place in the order in which they come, from 0.
    pub(super) fn on_mail(&self, on_mail: impl Fn(usize) -> BoxFuture<'static, Reply> + Send + Sync + 'static) {
        *self.cloud.on_mail.lock().unwrap() = Arc::new(on_mail);
    }

    /// SES does the same with every mail.
    pub(super) fn ses(&self, reply: Reply) {
        self.on_mail(move |_| Box::pin(async move { reply }));
    }

    /// What SES was handed so far, its failures too.
    pub(super) fn mails(&self) -> Vec<Value> {
        self.cloud.mails.lock().unwrap().clone()
    }

    /// The lines of the log so far that have this in them.
    pub(super) fn lines(&self, part: &str) -> Vec<String> {
        log::lines(part)
    }

    /// Opens a dispute with this number, reported for these addresses, and so enqueues its first
    /// mail.
    pub(super) async fn report(&self, number: u64, given: &[&str]) -> MailId {
        let sent = self
            .outbox
            .store
            .upsert_transaction(&transaction(number, Status::Succesful), &platform(), now(), token)
            .await;
        sent.unwrap();
        let opened = self.outbox.store.open(&opening(number, given, now()), &token(), now()).await.unwrap();
        assert!(matches!(opened, OpenOutcome::Opened(_)));
        MailId { number: number.try_into().unwrap(), version: 1, audience: Audience::Case }
    }

    /// Refunds the transaction of a dispute, which closes it and enqueues its second mail.
    pub(super) async fn refund(&self, number: u64) -> MailId {
        let mut update = transaction(number, Status::Refund);
        update.updated_at = update.updated_at.plus(1000);
        self.outbox.store.upsert_transaction(&update, &platform(), now(), token).await.unwrap();
        MailId { number: number.try_into().unwrap(), version: 2, audience: Audience::Case }
    }

    /// Promises a reminder of a dispute's end at `ends_at`, its second mail.
    pub(super) async fn remind(&self, number: u64, ends_at: UnixMillis) -> MailId {
        let number = number.try_into().unwrap();
        let before = self.outbox.store.dispute(number).await.unwrap().unwrap();
        let deadline = Some(Deadline { ends_at, remind_at: Some(now()), on_expiry: OnExpiry::AgainstPartyDue });
        let dispute = Dispute { deadline, ..before.clone() };
        let change = dispute.reminded(before.recipients.clone(), now());
        let changed = self.outbox.store.change(&before, &change, &NoGuard, &token(), now()).await.unwrap();
        assert!(matches!(changed, ChangeOutcome::Changed(_)));
        MailId { number, version: 2, audience: Audience::Parties }
    }

    /// A mail as it is on record.
    pub(super) async fn on_record(&self, id: MailId) -> OutboxMail {
        let record = self.outbox.store.record_of(id.number).await.unwrap().unwrap();
        record.mails.into_iter().find(|mail| mail.id == id).unwrap()
    }

    /// Spoils a stored mail: it has a template that this release does not know.
    pub(super) fn spoil(&self, id: MailId) {
        let update = json!({
            "TableName": "disputes",
            "Key": {"PK": {"S": format!("DSP#{}", id.number)}, "SK": {"S": format!("MAIL#{:010}", id.version)}},
            "UpdateExpression": "SET notification.template = :template",
            "ExpressionAttributeValues": {":template": {"S": "of_a_later_release"}},
        });
        self.cloud.run("UpdateItem", update).unwrap();
    }

    /// Sweeps with a whole timeout ahead.
    pub(super) async fn sweep(&self) -> BatchResponse {
        self.outbox.handle(&OutboxTrigger::Sweep, now().plus(TIMEOUT_MS)).await.unwrap()
    }

    /// Hands the worker these mails as a batch of the stream.
    pub(super) async fn stream(&self, ids: &[MailId]) -> BatchResponse {
        self.outbox.handle(&batch(ids), now().plus(TIMEOUT_MS)).await.unwrap()
    }
}

/// A batch of the stream with these mails; their places in the stream count up from 0.
pub(super) fn batch(ids: &[MailId]) -> OutboxTrigger {
    let record = |(place, id): (usize, &MailId)| StreamRecord { mail: *id, sequence_number: Some(place.to_string()) };
    OutboxTrigger::Stream(ids.iter().enumerate().map(record).collect())
}

fn worker(cloud: &Cloud, limits: Limits) -> Outbox {
    let cloud = cloud.clone();
    let http: SharedHttpClient = http_client_fn(move |_, _| SharedHttpConnector::new(cloud.clone()));
    let retries = RetryConfig::standard().with_initial_backoff(std::time::Duration::from_millis(1));
    macro_rules! config {
        ($sdk:ident) => {
            $sdk::config::Builder::new()
                .behavior_version(BehaviorVersion::latest())
                .region(Region::new("us-east-1"))
                .credentials_provider(Credentials::new("id", "secret", None, None, "test"))
                .sleep_impl(TokioSleep::new())
                .retry_config(retries.clone())
                .http_client(http.clone())
        };
    }
    let tables = Tables { disputes: "disputes".to_owned(), ephemeral: "ephemeral".to_owned() };
    let address = |text| MailAddress::parse(text).unwrap();
    let branding = Branding::new("Recourse", address("support@recourse.example")).unwrap();
    Outbox {
        store: Store::new(
            aws_sdk_dynamodb::Client::from_conf(config!(aws_sdk_dynamodb).build()),
            tables,
            recourse_dispute::deadlines::Deadlines::shipped().unwrap(),
        ),
        sealer: Sealer::new(aws_sdk_kms::Client::from_conf(config!(aws_sdk_kms).build()), "key".to_owned()),
        composer: Composer::new(branding, address("cases@recourse.example"), "us-east-1").unwrap(),
        ses: Ses::new(config!(aws_sdk_sesv2), None),
        limits,
        context: SystemContext { clock: now, random: getrandom::fill, print: log::print },
    }
}

fn token() -> WriteToken {
    SystemContext::real().write_token().unwrap()
}
