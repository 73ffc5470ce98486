//! A worker over a cloud in this process, and the mails that come to it.

use std::fmt::Write as _;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use recourse_dispute::transaction::Status;
use recourse_signing::reply::ReplyRole;
use recourse_store::{CaseRecord, MailId, OpenOutcome, Opening, OutboxMail};
use recourse_support::case::SupportCase;
use serde_json::{Value, json};

use super::*;
use crate::testing::case::{opening, platform, transaction};
use crate::testing::cloud::{Cloud, Fault};
use crate::testing::{self, log, now, token};

/// Whom the reports name.
pub(super) const CUSTOMER: &str = "ada@customer.example";
/// Where answers come.
pub(super) const OWN: &str = "cases@recourse.example";
/// Who is told of mails without a case.
pub(super) const SUPPORT: &str = "support@recourse.example";
/// The first bytes of a PNG.
pub(super) const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

/// A worker and its surroundings.
pub(super) struct Bench {
    pub(super) worker: Arc<InboundWorker>,
    pub(super) cloud: Cloud,
    _log: tracing::subscriber::DefaultGuard,
}

impl Bench {
    /// A deployment with its data key, and the reports 551 and 552 of [`CUSTOMER`].
    pub(super) async fn new() -> Self {
        testing::begin();
        let cloud = Cloud::new();
        let worker = worker(&cloud);
        testing::make_data_key(&worker.sealer, &worker.store).await;
        let bench = Self { worker: Arc::new(worker), cloud, _log: log::start() };
        bench.report(551).await;
        bench.report(552).await;
        bench
    }

    /// Another worker of the same deployment, which starts cold.
    pub(super) fn another(&self) -> Arc<InboundWorker> {
        Arc::new(worker(&self.cloud))
    }

    async fn report(&self, number: u64) {
        let opening = opening(number, &[CUSTOMER], now());
        let support = testing::start().begin(&opening.dispute, now());
        assert!(support.is_some());
        self.open(Opening { support, ..opening }).await;
    }

    /// Opens a report of [`CUSTOMER`] that no process answers.
    pub(super) async fn report_without_process(&self, number: u64) {
        self.open(opening(number, &[CUSTOMER], now())).await;
    }

    async fn open(&self, opening: Opening) {
        let (store, number) = (&self.worker.store, opening.dispute.number.get());
        store.upsert_transaction(&transaction(number, Status::Succesful), &platform(), now(), token).await.unwrap();
        assert!(matches!(store.open(&opening, &token(), now()).await.unwrap(), OpenOutcome::Opened(_)));
    }

    /// Says what happens to each call of DynamoDB, by its operation and its body.
    pub(super) fn on_call(&self, on_call: impl FnMut(&str, &Value) -> Fault + Send + 'static) {
        *self.cloud.on_call.lock().unwrap() = Box::new(on_call);
    }

    /// SES stores a mail under `inbound/id`.
    pub(super) fn store(&self, id: &str, raw: impl Into<Vec<u8>>) {
        self.cloud.objects.lock().unwrap().insert(format!("inbound/{id}"), raw.into());
    }

    /// S3 reports `inbound/id`.
    pub(super) async fn event(&self, id: &str) -> Result<(), Trouble> {
        self.worker.handle(&event(id)).await
    }

    /// SES stores a mail, and S3 reports it.
    pub(super) async fn receive(&self, id: &str, mail: &Draft) {
        self.store(id, mail.raw());
        self.event(id).await.unwrap();
    }

    /// The plus-address of a case.
    pub(super) async fn address(&self, number: u64) -> String {
        self.address_for(number, ReplyRole::Case).await
    }

    /// The plus-address of the mails about a case to these people.
    pub(super) async fn address_for(&self, number: u64, role: ReplyRole) -> String {
        let key = crate::reply_key(&self.worker.sealer, &self.worker.store).await.unwrap();
        let token = recourse_signing::reply::token(&key, number, role).unwrap();
        OWN.replace('@', &format!("+{token}@"))
    }

    /// A mail of the customer to the plus-address of report 551.
    pub(super) async fn reply(&self, text: &str) -> Draft {
        Draft::new(CUSTOMER, &self.address(551).await, text)
    }

    /// All that is on record of a case.
    pub(super) async fn record(&self, number: u64) -> CaseRecord {
        self.worker.store.case_record(number.try_into().unwrap()).await.unwrap().unwrap()
    }

    /// The support process of a case.
    pub(super) async fn support(&self, number: u64) -> SupportCase {
        self.record(number).await.case.unwrap().support.unwrap()
    }

    /// The mails of the support process of a case.
    pub(super) async fn support_mails(&self, number: u64) -> Vec<OutboxMail> {
        let mut mails = self.record(number).await.record.mails;
        mails.retain(|mail| mail.id.is_support());
        mails
    }

    /// The enqueued mail about what `sender` wrote to no case today.
    pub(super) async fn no_case_mail(&self, sender: &str) -> Option<OutboxMail> {
        let sender = MailAddress::parse(sender).unwrap();
        self.worker.store.mail(MailId::no_case(&sender, now().0 / 86_400_000)).await.unwrap()
    }

    /// What the last call's line says.
    pub(super) fn line(&self) -> String {
        log::lines("message=inbound").pop().unwrap()
    }

    /// The keys of the objects in `evidence/`.
    pub(super) fn evidence(&self) -> Vec<String> {
        let objects = self.cloud.objects.lock().unwrap();
        objects.keys().filter(|key| key.starts_with("evidence/")).cloned().collect()
    }
}

/// The event about `inbound/id`.
pub(super) fn event(id: &str) -> InboundEvent {
    let event = json!({ "source": "aws.s3", "detail": { "object": { "key": format!("inbound/{id}") } } });
    InboundEvent::read(&event).unwrap()
}

fn worker(cloud: &Cloud) -> InboundWorker {
    InboundWorker {
        store: testing::store(cloud),
        sealer: testing::sealer(cloud),
        files: testing::files(cloud),
        casework: CurrentCasework::new(testing::settings(), testing::files(cloud)),
        reply_address: MailAddress::parse(OWN).unwrap(),
        region: "us-east-1".to_owned(),
        context: testing::context(),
    }
}

/// A mail as its sender's program writes it, and what SES finds out about it.
#[derive(Clone)]
pub(super) struct Draft {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) subject: String,
    pub(super) message_id: Option<String>,
    /// Further headers, each with its line end.
    pub(super) headers: String,
    pub(super) text: String,
    /// Names, declared types and contents.
    pub(super) files: Vec<(String, &'static str, Vec<u8>)>,
    pub(super) spam: &'static str,
    pub(super) virus: &'static str,
    pub(super) dmarc: &'static str,
}

impl Draft {
    pub(super) fn new(from: &str, to: &str, text: &str) -> Self {
        Self {
            from: from.to_owned(),
            to: to.to_owned(),
            subject: "Re: your report".to_owned(),
            message_id: Some("first@mail.customer.example".to_owned()),
            headers: String::new(),
            text: text.to_owned(),
            files: Vec::new(),
            spam: "PASS",
            virus: "PASS",
            dmarc: "pass",
        }
    }

    pub(super) fn with_id(mut self, id: &str) -> Self {
        self.message_id = Some(format!("{id}@mail.customer.example"));
        self
    }

    pub(super) fn with_headers(mut self, headers: &str) -> Self {
        self.headers.push_str(headers);
        self
    }

    pub(super) fn with_file(mut self, name: &str, media: &'static str, content: &[u8]) -> Self {
        self.files.push((name.to_owned(), media, content.to_vec()));
        self
    }

    /// As SES stores it.
    pub(super) fn raw(&self) -> String {
        let Self { from, to, subject, headers, text, spam, virus, dmarc, .. } = self;
        let domain = from.rsplit_once('@').map_or("", |(_, domain)| domain);
        let mut raw = format!(
            "Return-Path: <{from}>\r\nX-SES-Spam-Verdict: {spam}\r\nX-SES-Virus-Verdict: {virus}\r\n\
             Authentication-Results: amazonses.com; dmarc={dmarc} header.from={domain};\r\n\
             From: {from}\r\nTo: {to}\r\nSubject: {subject}\r\nMIME-Version: 1.0\r\n{headers}"
        );
        if let Some(id) = &self.message_id {
            write!(raw, "Message-ID: <{id}>\r\n").unwrap();
        }
        if self.files.is_empty() {
            write!(raw, "Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n").unwrap();
            return raw;
        }
        write!(
            raw,
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
        )
        .unwrap();
        for (name, media, content) in &self.files {
            let body = STANDARD.encode(content);
            write!(
                raw,
                "--b\r\nContent-Type: {media}\r\nContent-Disposition: attachment; filename=\"{name}\"\r\n\
                 Content-Transfer-Encoding: base64\r\n\r\n{body}\r\n"
            )
            .unwrap();
        }
        raw.push_str("--b--\r\n");
        raw
    }
}
