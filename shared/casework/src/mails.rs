//! The mails of a step: those of the case as messages of its thread, and those to people who work
//! on it.

use recourse_dispute::addresses::{MailAddress, Recipients};
use recourse_dispute::notification::{Author, EmailTemplate, Notification, SupportMail};
use recourse_store::{Direction, MailId, Message, MessageRole};
use recourse_support::ComposedMail;
use recourse_support::case::{Language, SupportCase};
use recourse_support::redact::one_line;

use crate::inbound::{InboundMail, class_name, verdict_text};
use crate::step::Step;

/// How much of a stranger's subject and of other texts a mail shows.
const MAX_SHOWN: usize = 200;

/// How long a mail to a case that nothing moves is not announced again.
const ANNOUNCED_MS: i64 = 3_600_000;

impl Step<'_> {
    /// Adds the mails that the process ordered.
    pub(crate) fn send(&mut self) {
        let (mail, supervisors) = (self.mail.take(), self.supervisors.take());
        if let Some((mail, case)) = mail.zip(self.case().cloned()) {
            let words = self.words(&mail, &case);
            self.send_to_case(words, MessageRole::Automation, &mail.mail.text);
        }
        let readers = self.casework.settings.supervisors.clone();
        if let Some((mail, readers)) = supervisors.zip(readers) {
            let words = SupportMail { while_open: false, ..self.plain(&mail, &Language::english()) };
            let dispute = &self.snapshot.dispute;
            let id = MailId::supervisors(dispute.number, self.commit.after.version);
            let notification = dispute.support_notification(EmailTemplate::SupportWaiting, readers, words);
            self.ids.extend(notification.as_ref().map(|_| format!("mail {id}")));
            self.commit.mails.extend(notification.map(|notification| (id, notification)));
        }
    }

    /// Mails the support address about a mail to a case that nothing moves, so that somebody reads
    /// it: at most once an hour, until an agent replies.
    pub(crate) fn notify_support(&mut self, mail: &InboundMail) {
        let (settings, dispute) = (&self.casework.settings, &self.snapshot.dispute);
        let Some(support) = settings.support_address.clone() else { return };
        let is_support = mail.from.as_ref().is_some_and(|from| from.is_same_mailbox(&support));
        if is_support || self.commit.after.announced_at.is_some_and(|at| self.now < at.plus(ANNOUNCED_MS)) {
            return;
        }
        let case_id = dispute.number.case_id();
        let paragraphs = vec![
            "A reply came in to this case. The support process does nothing about it, so a person has to read it."
                .to_owned(),
            format!("Read it: recourse case show {case_id}\nAnswer it: recourse case reply {case_id} --text ..."),
        ];
        let words = SupportMail::plain("reply_received", &format!("[{case_id}] A reply came in"), paragraphs);
        let id = MailId::supervisors(dispute.number, self.commit.after.version);
        let readers = Recipients::registered([support]);
        let mail =
            readers.and_then(|readers| dispute.support_notification(EmailTemplate::SupportWaiting, readers, words));
        if let Some(mail) = mail {
            self.commit.after.announced_at = Some(self.now);
            self.commit.mails.push((id, mail));
        }
    }

    /// Adds a mail to those of the case, as a message of the thread. Nobody gets one in staging.
    pub(crate) fn send_to_case(&mut self, words: SupportMail, role: MessageRole, text: &str) {
        let dispute = &self.snapshot.dispute;
        let Some(readers) = dispute.recipients.clone() else { return };
        let Some(mail) = dispute.support_notification(EmailTemplate::SupportReply, readers, words) else { return };
        let number = dispute.number;
        let id = MailId::support(number, self.commit.after.messages + 1);
        let message = Message { mail: Some(id), ..Message::new(Direction::Out, role, text) };
        let seq = self.commit.add_message(message, self.now);
        self.commit.mails.push((id, mail));
        self.ids.push(format!("message {seq}"));
    }

    /// An automatic mail to the customer.
    fn words(&self, mail: &ComposedMail, case: &SupportCase) -> SupportMail {
        let templates = &self.casework.templates;
        let language = if templates.has(&case.language) { case.language.clone() } else { Language::english() };
        // Where no answer is read, or the dispute is over, a button would promise what does not
        // happen.
        let has_button = mail.template.has_button() && self.casework.settings.reads_replies && case.dispute_open;
        let label = templates.phrases(&language).map(|phrases| phrases.works_now.clone());
        let is_answer = self.commit.received.is_some();
        SupportMail {
            works_now: label.filter(|_| has_button),
            author: if is_answer { Author::AutomaticReply } else { Author::Automation },
            while_open: mail.template.has_button() && case.dispute_open,
            ..self.plain(mail, &language)
        }
    }

    fn plain(&self, mail: &ComposedMail, language: &Language) -> SupportMail {
        let prefix = format!("[{}] ", self.snapshot.dispute.number.case_id());
        let subject = &mail.mail.subject;
        SupportMail {
            name: mail.template.name().to_owned(),
            language: language.as_str().to_owned(),
            subject: subject.strip_prefix(&prefix).unwrap_or(subject).to_owned(),
            paragraphs: paragraphs(&mail.mail.text),
            works_now: None,
            author: Author::Automation,
            agent: None,
            while_open: false,
            link: None,
        }
    }
}

/// The paragraphs of a text, which empty lines separate.
pub(crate) fn paragraphs(text: &str) -> Vec<String> {
    let mut paragraphs: Vec<String> = Vec::new();
    let mut is_open = false;
    for line in text.lines().map(str::trim_end) {
        match paragraphs.last_mut().filter(|_| is_open && !line.is_empty()) {
            Some(paragraph) => {
                paragraph.push('\n');
                paragraph.push_str(line);
            }
            None if !line.is_empty() => paragraphs.push(line.to_owned()),
            None => {}
        }
        is_open = !line.is_empty();
    }
    paragraphs
}

/// The mail about a mail that belongs to no case. It repeats nothing of the mail's text: whoever
/// has to know it reads the object.
pub(crate) fn no_case(support: MailAddress, mail: &InboundMail) -> Option<Notification> {
    let from = mail.from.as_ref().map_or("nobody who can be read", MailAddress::as_str);
    let facts = [
        format!("From: {from}"),
        format!("Kind of mail: {} ({})", class_name(mail.class), one_line(mail.mark, MAX_SHOWN)),
        format!("Checks: {}", verdict_text(&mail.verdicts)),
        format!("The whole mail: {}", one_line(&mail.object_key, MAX_SHOWN)),
    ];
    let paragraphs = vec![
        "A mail came in that belongs to no case, so nobody was answered. Of further mails of this sender you are told tomorrow.".to_owned(),
        facts.join("\n"),
        "The evidence bucket has the whole mail. If it is about a case, write to the customer, or ask the customer to reply to a mail of the case.".to_owned(),
    ];
    let words = SupportMail::plain("no_case", "A mail came in that belongs to no case", paragraphs);
    Notification::no_case(Recipients::registered([support])?, words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_taken_apart_at_its_empty_lines() {
        let text = "Hello,\n\n\nfirst line  \nsecond line\n \nlast";
        assert_eq!(paragraphs(text), ["Hello,", "first line\nsecond line", "last"]);
        assert!(paragraphs("\n \n").is_empty());
    }
}
