//! An outbox over a cloud in this process.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use recourse_dispute::addresses::MailAddress;
use recourse_dispute::deadlines::{Deadline, OnExpiry};
use recourse_dispute::dispute::Dispute;
use recourse_dispute::notification::{Audience, Author, EmailTemplate, SupportMail};
use recourse_dispute::transaction::Status;
use recourse_mail::{Branding, Composer, Ses};
use recourse_store::{
    ChangeOutcome, CommitOutcome, Direction, Message, MessageRole, NoGuard, OpenOutcome, OutboxMail, SupportCommit,
};
use serde_json::{Value, json};

use super::*;
use crate::stream::StreamRecord;
use crate::testing::case::{opening, platform, transaction};
use crate::testing::cloud::{self, Cloud};
pub(super) use crate::testing::cloud::{Fault, Reply};
use crate::testing::{self, log, token};
pub(super) use crate::testing::{START, now, pass};

/// How long a Lambda may run, in milliseconds.
pub(super) const TIMEOUT_MS: i64 = 60_000;

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
        testing::begin();
        let cloud = Cloud::new();
        let outbox = worker(&cloud, limits);
        testing::make_data_key(&outbox.sealer, &outbox.store).await;
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

    /// Enqueues a mail of the support process of a dispute, which is a question or a fact.
    pub(super) async fn support_mail(&self, number: u64, while_open: bool) -> MailId {
        let snapshot = self.outbox.store.support_snapshot(number.try_into().unwrap()).await.unwrap().unwrap();
        let mut commit = SupportCommit::of(&snapshot);
        let seq = commit.add_message(Message::new(Direction::Out, MessageRole::Automation, "text"), now());
        let words = SupportMail {
            name: "test".to_owned(),
            language: "en".to_owned(),
            subject: "A question".to_owned(),
            paragraphs: vec!["text".to_owned()],
            works_now: None,
            author: Author::Automation,
            agent: None,
            while_open,
            link: None,
        };
        let (id, dispute) = (MailId::support(snapshot.dispute.number, seq), &snapshot.dispute);
        let readers = dispute.recipients.clone().unwrap();
        let notification = dispute.support_notification(EmailTemplate::SupportReply, readers, words).unwrap();
        commit.mails.push((id, notification));
        let written = self.outbox.store.commit_support(&commit, &token(), now()).await.unwrap();
        assert!(matches!(written, CommitOutcome::Done(_)));
        id
    }

    /// Which mail is known by this Message-ID.
    pub(super) async fn known_by(&self, wire_id: &str) -> Option<MailId> {
        let mut found = self.outbox.store.case_of_message_ids(&[wire_id.to_owned()]).await.unwrap();
        found.pop().unwrap()
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
    let record = |(place, id): (usize, &MailId)| StreamRecord { id: *id, sequence_number: Some(place.to_string()) };
    OutboxTrigger::Stream(ids.iter().enumerate().map(record).collect())
}

fn worker(cloud: &Cloud, limits: Limits) -> Outbox {
    let address = |text| MailAddress::parse(text).unwrap();
    let branding = Branding::new("Recourse", address("support@recourse.example")).unwrap();
    Outbox {
        store: testing::store(cloud),
        sealer: testing::sealer(cloud),
        composer: Composer::new(branding, address("cases@recourse.example"), "us-east-1").unwrap(),
        ses: Ses::new(cloud::config!(aws_sdk_sesv2, cloud), None),
        limits,
        context: testing::context(),
    }
}
