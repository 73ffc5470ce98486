//! Writing what a received mail is: a step of its case, or a mail to no case.

use recourse_casework::{
    AttachmentOutcome, CaseInput, Casework, InboundMail, MailAttachment, MatchedBy, SenderRole, class_name,
    is_for_a_person, sender_role,
};
use recourse_dispute::claim::Claim;
use recourse_dispute::notification::Notification;
use recourse_dispute::number::DisputeNumber;
use recourse_inbound::{Class, Verdict};
use recourse_store::{InboundOutcome, MailId, ReviseSupportOutcome, SupportSnapshot};
use recourse_support::case::State;

use super::attachments::{self, Naming, ReceivedFile};
use super::case::FoundCase;
use super::read::{Mail, digest};
use super::{InboundWorker, Report, Trouble};

/// The purpose for which the key is derived that names the objects of received files.
const OBJECTS: &str = "inbound-objects";
/// A day, by which mails about no case are counted.
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

impl InboundWorker {
    /// Records a mail on its case.
    ///
    /// # Errors
    /// [`Trouble`]; what was written until then is written again by the next call.
    pub(super) async fn record(
        &self,
        key: &str,
        mut mail: Mail,
        case: FoundCase,
        report: &mut Report,
    ) -> Result<(), Trouble> {
        let FoundCase { snapshot, matched_by } = case;
        let number = snapshot.dispute.number;
        let role = sender_role(&snapshot.dispute, mail.from.as_ref());
        report.dispute = Some(number);
        report.matched_by = Some(matched_by.name());
        report.role = Some(role.name());
        report.third_party = role == SenderRole::ThirdParty && mail.class == Class::Written;
        let files = taken(&mut mail, role, &snapshot);
        let attachments = self.keep(files, key, number).await?;
        let is_kept = |one: &&MailAttachment| matches!(one.outcome, AttachmentOutcome::Stored { .. });
        report.attachments = attachments.iter().filter(is_kept).count();
        report.refused_attachments = attachments.len() - report.attachments;
        let mail = received(key, mail, matched_by, attachments);
        let casework = self.casework.current(self.context.now()).await?;
        match self.commit(&casework, number, &mail, report).await? {
            ReviseSupportOutcome::Written(case) => {
                report.outcome = "recorded";
                report.support_to = case.support.as_ref().map(|support| support.state.name());
            }
            ReviseSupportOutcome::AlreadyReceived => {
                let outcome = self.outcome("duplicate_message", Some(number), mail.class);
                let is_new = self.note(key, &outcome, None).await?;
                report.outcome = if is_new { "duplicate_message" } else { "already" };
                report.received = is_new;
            }
            // Nothing that was written is ever removed, and a mail always makes a message.
            ReviseSupportOutcome::Unchanged | ReviseSupportOutcome::NoDispute => return Err(Trouble::NotRecorded),
        }
        Ok(())
    }

    async fn commit(
        &self,
        casework: &Casework,
        number: DisputeNumber,
        mail: &InboundMail,
        report: &mut Report,
    ) -> Result<ReviseSupportOutcome, Trouble> {
        let tokens = self.context.write_tokens()?;
        let decide = async |snapshot: &SupportSnapshot, now| -> Result<_, Trouble> {
            report.support_from =
                snapshot.case.as_ref().and_then(|case| case.effective(&snapshot.dispute)).map(State::name);
            let commit = casework.decide(snapshot, &CaseInput::Mail(mail), now)?;
            Ok(self.store.with_parties(commit).await?)
        };
        Box::pin(self.store.revise_support(number, decide, || self.context.now(), tokens)).await
    }

    /// Writes the files that are taken.
    async fn keep(
        &self,
        files: Vec<ReceivedFile>,
        key: &str,
        number: DisputeNumber,
    ) -> Result<Vec<MailAttachment>, Trouble> {
        if files.is_empty() {
            return Ok(Vec::new());
        }
        let secret = self.sealer.derive(&self.store, OBJECTS).await?;
        let naming = Naming { key: &secret, object_key: key, number };
        Ok(attachments::keep(files, &self.files, &naming).await?)
    }

    /// Records a mail that belongs to no case, and tells the support address of what a person
    /// wrote: once a day for each sender, and once a day for all whose sender is not known.
    ///
    /// Nobody is told of a mail that a program sent, that SES calls spam, or that came from the
    /// support address itself: each could answer the mail about it for ever.
    ///
    /// # Errors
    /// [`Trouble`].
    pub(super) async fn without_case(&self, key: &str, mail: Mail, report: &mut Report) -> Result<(), Trouble> {
        let is_person = is_for_a_person(mail.class, &mail.verdicts);
        let sender = mail.from.clone().unwrap_or_else(|| self.reply_address.clone());
        let settings = self.casework.settings();
        let support = settings.support_address.as_ref();
        let is_support = support.is_some_and(|support| support.is_same_mailbox(&sender));
        let outcome = self.outcome("no_case", None, mail.class);
        let notification = (is_person && !is_support)
            .then(|| settings.no_case(&received(key, mail, MatchedBy::Nothing, Vec::new())))
            .flatten();
        let id = MailId::no_case(&sender, self.context.now().0.div_euclid(DAY_MS));
        let is_new = self.note(key, &outcome, notification.as_ref().map(|notification| (id, notification))).await?;
        report.outcome = if is_new { "no_case" } else { "already" };
        (report.received, report.no_case) = (is_new, is_new);
        Ok(())
    }

    fn outcome(&self, outcome: &str, number: Option<DisputeNumber>, class: Class) -> InboundOutcome {
        let (at, outcome, class) = (self.context.now(), outcome.to_owned(), class_name(class).to_owned());
        InboundOutcome { at, outcome, number, class }
    }

    async fn note(
        &self,
        key: &str,
        outcome: &InboundOutcome,
        mail: Option<(MailId, &Notification)>,
    ) -> Result<bool, Trouble> {
        let (tokens, now) = (self.context.write_tokens()?, self.context.now());
        Ok(self.store.record_inbound(key, outcome, mail, tokens, now).await?)
    }
}

/// The files of a mail, each taken or refused. Those of a customer's mail count beside the evidence
/// that the dispute has; those of anybody else stay with the message, under the same limits.
fn taken(mail: &mut Mail, role: SenderRole, snapshot: &SupportSnapshot) -> Vec<ReceivedFile> {
    let files = std::mem::take(&mut mail.files);
    if mail.verdicts.virus == Verdict::Fail {
        return attachments::all_refused(files, "the mail was found to hold a virus");
    }
    let own = Claim::default();
    let claim = if role == SenderRole::Customer { &snapshot.dispute.claim } else { &own };
    attachments::limited(files, claim, snapshot.dispute.number)
}

/// A mail as the case gets it.
fn received(key: &str, mail: Mail, matched_by: MatchedBy, attachments: Vec<MailAttachment>) -> InboundMail {
    InboundMail {
        object_key: key.to_owned(),
        digest: mail.digest.unwrap_or_else(|| digest(key.as_bytes())),
        class: mail.class,
        mark: mail.mark,
        from: mail.from,
        from_name: mail.from_name,
        matched_by,
        message_id: mail.message_id,
        subject: mail.subject,
        text: mail.text.text,
        truncated: mail.text.truncated,
        verdicts: mail.verdicts,
        attachments,
        more_attachments: mail.more_files,
        is_unreadable: mail.not_read.is_some(),
    }
}
