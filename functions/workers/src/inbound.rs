//! `worker-inbound`: takes a mail that came in to its case.
//!
//! SES stores each mail in the bucket, and S3's event calls this worker at least once for each, in
//! any order. The worker reads the mail, finds its case, keeps its files, and writes all of it in
//! one transaction. It asks nobody outside and sends nothing: what has to be done is enqueued in
//! that transaction.
//!
//! | what happens | what becomes of it |
//! |---|---|
//! | the event comes twice, or two workers have it | one transaction holds; the other is refused |
//! | the same mail is stored twice, as two objects | the second object is recorded as a duplicate |
//! | DynamoDB or S3 is out of reach | an error: Lambda calls twice again, then the failure queue |
//! | the worker dies before its transaction | the next call writes the same objects, and then it |
//! | the worker dies after it | the next call finds the object recorded |
//! | the answer of the transaction is lost | the worker knows its own by its token |
//! | an agent or another mail is faster | it is decided again, on what the other one left |
//! | the mail has more than 40 MB | its header is read, and it is recorded |
//! | the reader panics, or takes longer than 20 s | the same |
//! | nothing of the mail can be read | it is recorded as a mail to no case |
//! | a token is forged | it counts, and the mail's case is looked for in other ways |
//! | no case is found | the support address is told, once a day for each sender |
//! | a program wrote the mail | it is recorded on its case, if there is one, and moves nothing |
//! | the account in Cc wrote, not the customer | an agent gets the case |
//! | the case has no support process | it is recorded, and the support address is told |
//! | the sender is no recipient of the case | it is recorded as a third party's and moves nothing |
//! | a mail to a token, or in answer to ours, cannot be read | it moves the case to an agent at most |
//! | SES calls it spam, a virus or forged | it moves the case to an agent at most |
//! | a file is refused | the message names it, with the reason |
//!
//! A mail is never lost: its object stays in the bucket, and what could not be processed stays in
//! the failure queue. The runbook says how to call the worker for an object again.

mod attachments;
mod case;
mod event;
mod isolated;
mod read;
mod record;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

use recourse_aws::metrics::{EmfRecord, Unit};
use recourse_aws::{Aws, BadVariable, Service};
use recourse_casework::{CaseError, class_name, verdict_text};
use recourse_dispute::addresses::{BadAddress, MailAddress};
use recourse_dispute::number::DisputeNumber;
use recourse_files::{Files, FilesError, ObjectPrefix};
use recourse_inbound::Class;
use recourse_runtime::NoRandomness;
use recourse_store::{Sealer, Store, StoreError};

use crate::{CurrentCasework, NoCasework, NoReplyKey, SystemContext};
use read::Mail;

pub use event::{InboundEvent, ObjectId, UnknownEvent};

/// The worker, with all it needs, made once when the function starts.
#[derive(Debug)]
pub struct InboundWorker {
    /// Where the cases are.
    pub store: Store,
    /// Decrypts the keys of tokens and of objects.
    pub sealer: Sealer,
    /// Where the mails are, and their files.
    pub files: Files,
    /// Decides what a mail does.
    pub casework: CurrentCasework,
    /// Where answers to our mails come: the deployment's sender.
    pub reply_address: MailAddress,
    /// The region whose name SES writes into message ids.
    pub region: String,
    /// The clock and the entropy.
    pub context: SystemContext,
}

/// What is wrong with the function's environment.
#[derive(Debug, thiserror::Error)]
pub enum BadEnvironment {
    /// A variable is missing or wrong.
    #[error(transparent)]
    Variable(#[from] BadVariable),
    /// The sender is no address.
    #[error("MAIL_FROM: {0}")]
    Sender(#[from] BadAddress),
}

/// Why a mail could not be processed now. No text of it is in here.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The bucket.
    #[error(transparent)]
    Files(#[from] FilesError),
    /// The step was refused.
    #[error(transparent)]
    Case(#[from] CaseError),
    /// The entropy.
    #[error(transparent)]
    Random(#[from] NoRandomness),
    /// The event was faster than the object.
    #[error("the object of the event is not in the bucket, or not readable by this function")]
    Missing,
    /// The key cannot be derived.
    #[error(transparent)]
    ReplyKey(#[from] NoReplyKey),
    /// What decides about the mail.
    #[error(transparent)]
    Casework(#[from] NoCasework),
    /// The store has neither the mail nor a reason why not.
    #[error("the mail was not recorded, although its case is there")]
    NotRecorded,
}

/// What became of a mail, for its log line.
#[derive(Clone, Debug, Default)]
struct Report {
    outcome: &'static str,
    class: Option<&'static str>,
    matched_by: Option<&'static str>,
    role: Option<&'static str>,
    verdict: Option<String>,
    dispute: Option<DisputeNumber>,
    not_read: Option<&'static str>,
    bytes: Option<usize>,
    attachments: usize,
    refused_attachments: usize,
    support_from: Option<&'static str>,
    support_to: Option<&'static str>,
    received: bool,
    no_case: bool,
    third_party: bool,
    failed_verdict: bool,
    forged_tokens: u64,
}

impl InboundWorker {
    /// The worker of a function, from its environment.
    ///
    /// # Errors
    /// [`BadEnvironment`] names the variable.
    pub fn from_environment(aws: &Aws, context: SystemContext) -> Result<Self, BadEnvironment> {
        let region = aws.config(Service::Ses).region().map(ToString::to_string);
        Ok(Self {
            store: Store::from_environment(aws)?,
            sealer: Sealer::from_environment(aws)?,
            files: Files::of(aws)?,
            casework: CurrentCasework::from_environment(aws)?,
            reply_address: MailAddress::parse_typed(&aws.variable("MAIL_FROM")?)?,
            region: region.ok_or(BadVariable::Missing("AWS_REGION"))?,
            context,
        })
    }

    /// Opens the connections and unwraps the data key, while the function starts.
    pub async fn prepare(&self) {
        crate::prepare(&self.sealer, &self.store).await;
    }

    /// Does what an event asks for.
    ///
    /// # Errors
    /// [`Trouble`]; the same event is then to come again.
    pub async fn handle(&self, event: &InboundEvent) -> Result<(), Trouble> {
        let started = self.context.now();
        let mut report = Report { outcome: "not_a_mail", ..Report::default() };
        let work = async {
            match event {
                InboundEvent::Mail(id) => self.receive(id, &mut report).await,
                InboundEvent::NotAMail => Ok(()),
            }
        };
        let (done, dynamodb_calls) = recourse_aws::counted(work).await;
        if let Err(trouble) = &done {
            report.outcome = "failed";
            let object = if let InboundEvent::Mail(id) = event { Some(id.key()) } else { None };
            tracing::error!(object, error = %trouble, "a received mail could not be processed yet");
        }
        self.context.print_call(emf_record(&report, done.is_ok(), dynamodb_calls), started);
        done
    }

    async fn receive(&self, id: &ObjectId, report: &mut Report) -> Result<(), Trouble> {
        let key = id.key();
        if self.store.inbound_outcome(&key).await?.is_some() {
            report.outcome = "already";
            return Ok(());
        }
        let object = self.files.read_head(ObjectPrefix::Inbound, id.as_str(), read::MAX_OBJECT).await?;
        let bytes = object.ok_or(Trouble::Missing)?.bytes;
        report.bytes = Some(bytes.len());
        let mut mail = Mail::read(bytes, &self.reply_address).await;
        if let Some(why) = mail.not_read {
            report.not_read = Some(why.name());
            tracing::error!(object = key, reason = why.name(), "a received mail cannot be read; its object stays");
        }
        let search = Box::pin(self.search(&mail)).await?;
        if search.is_own {
            mail.class = Class::OurOwn;
        }
        report.received = true;
        report.class = Some(class_name(mail.class));
        report.verdict = Some(verdict_text(&mail.verdicts));
        report.failed_verdict = mail.verdicts.has_failed();
        report.forged_tokens = search.forged_tokens;
        match search.case {
            Some(case) => Box::pin(self.record(&key, mail, case, report)).await,
            None => Box::pin(self.without_case(&key, mail, report)).await,
        }
    }
}

/// The call's log record, which holds its metrics.
fn emf_record(report: &Report, done: bool, dynamodb_calls: u32) -> EmfRecord {
    let is_unreadable = report.not_read.is_some() || report.class == Some(class_name(Class::Unreadable));
    let is = |what: bool| u64::from(what && report.received);
    EmfRecord::new(if done { "INFO" } else { "ERROR" }, "inbound")
        .with("worker", Some("inbound"))
        .with("outcome", Some(report.outcome))
        .with("class", report.class)
        .with("matched_by", report.matched_by)
        .with("role", report.role)
        .with("verdict", report.verdict.clone())
        .with("dispute", report.dispute.map(DisputeNumber::case_id))
        .with("not_read", report.not_read)
        .with("bytes", report.bytes)
        .with("attachments", Some(report.attachments))
        .with("refused_attachments", Some(report.refused_attachments))
        .with("support_from", report.support_from)
        .with("support_to", report.support_to)
        .with("dynamodb_calls", Some(dynamodb_calls))
        .metric("received", is(true), Unit::Count)
        .metric("no_case", is(report.no_case), Unit::Count)
        .metric("third_party", is(report.third_party), Unit::Count)
        .metric("forged_token", report.forged_tokens, Unit::Count)
        .metric("failed_verdict", is(report.failed_verdict), Unit::Count)
        .metric("unreadable", is(is_unreadable), Unit::Count)
}
