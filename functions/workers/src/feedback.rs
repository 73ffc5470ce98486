//! `worker-feedback`: an address that bounced, or whose reader complained, gets no more mail.
//!
//! SES reports to EventBridge on a best-effort basis. EventBridge calls this worker at least once
//! for each report, in any order, perhaps before the outbox stored that the mail went out. An
//! address whose report never came stays unmarked here. SES itself does not send to it either
//! (`SuppressionOptions`). The report names its mail by a tag; the worker reads everything else
//! from the case.
//!
//! | what happens | what becomes of it |
//! |---|---|
//! | a mail bounces for good, or its reader complains | recorded; the address is marked |
//! | the account named that address | it is notified, once for each address and case |
//! | an account has registered that address | nobody is notified: that account gets no mail there |
//! | no address is left at which the customer gets mail | the case is noted; an agent gets it |
//! | the same report comes again | nothing: it is on record |
//! | a second mail of the case bounces there | recorded; nobody is notified again |
//! | it comes after an operator cleared the address | recorded; the address stays clear |
//! | a mailbox is full, or answers automatically | nothing: that bounce is temporary |
//! | a reader says that it is no spam | nothing |
//! | the report names an address that the mail did not go to | nothing |
//! | the report names no mail that is stored | nothing |
//! | DynamoDB is out of reach | an error, so Lambda calls again |
//!
//! Where a mailbox provider does not say who complained, SES names everybody of its domain that the
//! mail went to. All of them are marked. An operator clears those that were marked wrongly
//! (`recourse address clear`).

mod event;
#[cfg(test)]
mod tests;

use recourse_aws::metrics::{EmfRecord, Unit};
use recourse_dispute::addresses::MailAddress;
use recourse_dispute::notification::{Audience, Notification};
use recourse_dispute::policy::notifications::undeliverable;
use recourse_runtime::NoRandomness;
use recourse_store::{OutboxMail, RecordFeedbackOutcome, Store, StoreError};

use crate::SystemContext;

pub use event::{Report, SesEvent, UnknownEvent};

/// The worker, with all it needs.
#[derive(Debug)]
pub struct FeedbackWorker {
    /// Where the cases are.
    pub store: Store,
    /// The clock and the entropy.
    pub context: SystemContext,
}

/// Why an event could not be processed now.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The entropy.
    #[error(transparent)]
    Random(#[from] NoRandomness),
}

/// The results of an event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Tally {
    noted: u64,
    marked: u64,
    sent: u64,
    already: u64,
}

impl FeedbackWorker {
    /// Does what an event asks for.
    ///
    /// # Errors
    /// [`Trouble`]; the same event is then to come again.
    pub async fn handle(&self, event: &SesEvent) -> Result<(), Trouble> {
        let started = self.context.now();
        let (outcome, tally) = match event {
            SesEvent::Nothing(why) => (*why, Tally::default()),
            // Boxed, or it is nested too deeply for the compiler.
            SesEvent::Report(report) => Box::pin(self.report(report)).await?,
        };
        let report = match event {
            SesEvent::Report(report) => Some(report),
            SesEvent::Nothing(_) => None,
        };
        let Tally { noted, marked, sent, already } = tally;
        let record = EmfRecord::new("INFO", "feedback")
            .with("worker", Some("feedback"))
            .with("outcome", Some(outcome))
            .with("kind", report.map(|report| report.kind.name()))
            .with("outbox_id", report.map(|report| report.mail.to_string()))
            .with("dispute", report.map(|report| report.mail.number.case_id()))
            .metric("noted", noted, Unit::Count)
            .metric("marked", marked, Unit::Count)
            .metric("accounts_notified", sent, Unit::Count)
            .metric("already", already, Unit::Count);
        self.context.print_call(record, started);
        Ok(())
    }

    async fn report(&self, report: &Report) -> Result<(&'static str, Tally), Trouble> {
        let Some(mail) = self.store.mail(report.mail).await? else { return Ok(("unknown_mail", Tally::default())) };
        let mut tally = Tally::default();
        for address in mail.notification.recipients.all().filter(|address| report.names(address)) {
            let feedback = recourse_store::DeliveryFeedback {
                mail: mail.id,
                address: address.clone(),
                kind: report.kind,
                at: report.at,
                detail: report.detail.clone(),
            };
            let notification = self.notification(&mail, address).await?;
            let now = self.context.now();
            match self.store.undelivered(&feedback, notification.as_ref(), now, self.context.write_tokens()?).await? {
                RecordFeedbackOutcome::Already => tally.already += 1,
                RecordFeedbackOutcome::Noted { marked, sent } => {
                    tally.noted += 1;
                    tally.marked += u64::from(marked);
                    tally.sent += u64::from(sent);
                }
            }
        }
        self.note_unreachable(&mail, &tally).await?;
        let outcome = match tally {
            Tally { noted: 0, already: 0, .. } => "nobody_of_the_mail",
            Tally { noted: 0, .. } => "already",
            _ => "noted",
        };
        Ok((outcome, tally))
    }

    /// Notes a case whose customer gets no mail any more. Also after a report that is on record,
    /// because the call that recorded it may have been cut off here.
    async fn note_unreachable(&self, mail: &OutboxMail, tally: &Tally) -> Result<(), Trouble> {
        let named: Vec<&MailAddress> = mail.notification.named().collect();
        let is_about_case = mail.id.audience == Audience::Case && tally.noted + tally.already > 0;
        if is_about_case && self.store.are_all_marked(&named).await? {
            let (number, now) = (mail.id.number, self.context.now());
            if self.store.note_unreachable(number, now, self.context.write_tokens()?).await? {
                tracing::info!(dispute = number.case_id(), "no mail reaches the customer of a case");
            }
        }
        Ok(())
    }

    /// The mail to the opener's account about an address that takes no mail; `None` where
    /// [`undeliverable`] makes none, or the account is gone.
    async fn notification(&self, mail: &OutboxMail, address: &MailAddress) -> Result<Option<Notification>, StoreError> {
        if !mail.notification.recipients.was_named(address) {
            return Ok(None);
        }
        let account = self.store.account(&mail.notification.account).await?;
        Ok(account.and_then(|account| undeliverable(&mail.notification, address, &account.email)))
    }
}
