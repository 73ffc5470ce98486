//! What a case has of a person.

use std::collections::BTreeSet;

use recourse_dispute::addresses::MailAddress;
use recourse_dispute::dispute::Dispute;
use recourse_dispute::notification::EmailTemplate;
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::text::Private;
use recourse_support::case::State;

use super::texts::any_has;
use super::words::Words;
use crate::addresses::digest_of;
use crate::error::StoreError;
use crate::items::{Item, body, text};
use crate::keys::{DISPUTE, MAILS, MESSAGES, RECEIVED_MAILS, SK, SUPPORT_CASE};
use crate::outbox::OutboxMail;
use crate::support::{Attachment, CaseFile, Message};
use crate::transactions::pointers;
use crate::{MailId, Store, keys};

/// What a case has of a person, as it was read at one moment. Debug shows the number alone.
pub struct CasePlan {
    pub(super) number: DisputeNumber,
    /// The items of the case and of its transaction.
    pub(super) items: Vec<Item>,
    pub(super) words: Words,
    pub(super) dispute: Option<Dispute>,
    case: Option<CaseFile>,
    /// Whether the claim is the person's.
    pub(super) claim_is_own: bool,
    /// Whether the customer or the merchant of the details is the person.
    pub(super) details_are_own: (bool, bool),
    /// The mails of the process and of agents that went to the person alone.
    pub(super) own_mails: Vec<MailId>,
    /// The ids of the evidence that the person sent.
    pub(super) own_files: BTreeSet<String>,
    /// Whether the person wrote in the case.
    pub(super) person_wrote: bool,
    /// The objects of evidence that the person sent.
    pub(super) evidence: BTreeSet<String>,
    /// The mails that the person sent, as they were received.
    pub(super) received: BTreeSet<String>,
    /// The mails that others sent.
    of_others: BTreeSet<String>,
}

impl std::fmt::Debug for CasePlan {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("CasePlan").field("number", &self.number).finish_non_exhaustive()
    }
}

impl CasePlan {
    /// Which case.
    #[must_use]
    pub fn number(&self) -> DisputeNumber {
        self.number
    }

    /// The dispute; `None` of the mails that belong to no case.
    #[must_use]
    pub fn dispute(&self) -> Option<&Dispute> {
        self.dispute.as_ref()
    }

    /// Whether it still goes on: the dispute is open, or somebody still has to answer.
    #[must_use]
    pub fn is_live(&self) -> bool {
        let Some(dispute) = &self.dispute else { return false };
        let waits = self.case.as_ref().and_then(|case| case.effective(dispute));
        dispute.state.is_open() || waits.is_some_and(|state| state != State::Resolved)
    }

    /// The objects of evidence that the person sent, by their ids.
    pub fn evidence(&self) -> impl Iterator<Item = &str> {
        self.evidence.iter().map(String::as_str)
    }

    /// The mails that the person sent, as they were received, by their ids behind `inbound/`.
    pub fn received(&self) -> impl Iterator<Item = &str> {
        self.received.iter().map(String::as_str)
    }

    /// The mails that others of the case sent, as they were received, in the same way. One that
    /// [`Self::mentions`] the person has to go too.
    pub fn received_of_others(&self) -> impl Iterator<Item = &str> {
        self.of_others.iter().map(String::as_str)
    }

    /// Whether a text has the address, a name or a sentence of the person.
    #[must_use]
    pub fn mentions(&self, text: &str) -> bool {
        self.words.are_in(text)
    }

    /// Whether the person wrote a message.
    pub(super) fn is_of_person(&self, message: &Message) -> bool {
        message.from.as_ref().is_some_and(|from| self.words.is_person(from))
    }

    /// Whether the text of a mail is for the person alone, or about the person alone.
    pub(super) fn is_own_mail(&self, mail: &OutboxMail) -> bool {
        mail.notification.support.is_some() && self.own_mails.contains(&mail.id)
    }

    fn read(number: DisputeNumber, items: Vec<Item>, words: Words) -> Result<Self, StoreError> {
        let mut plan = Self {
            number,
            items,
            words,
            dispute: None,
            case: None,
            claim_is_own: false,
            details_are_own: (false, false),
            own_mails: Vec::new(),
            own_files: BTreeSet::new(),
            person_wrote: false,
            evidence: BTreeSet::new(),
            received: BTreeSet::new(),
            of_others: BTreeSet::new(),
        };
        let (mut messages, mut mails) = (Vec::<Message>::new(), Vec::<(OutboxMail, bool)>::new());
        for item in &plan.items {
            match text(item, SK) {
                Some(DISPUTE) => plan.dispute = Some(body(item.clone())?),
                Some(SUPPORT_CASE) => plan.case = Some(body(item.clone())?),
                Some(sk) if sk.starts_with(MESSAGES) => messages.push(body(item.clone())?),
                Some(sk) if sk.starts_with(MAILS) => mails.push((body(item.clone())?, any_has(item, &plan.words))),
                _ => {}
            }
        }
        plan.read_mails(&mails);
        plan.read_names(&messages);
        plan.read_messages(&messages);
        plan.read_claim();
        Ok(plan)
    }

    /// Which mails are for or about the person alone.
    fn read_mails(&mut self, mails: &[(OutboxMail, bool)]) {
        for (mail, has_address) in mails {
            let notification = &mail.notification;
            let mut named = notification.named().peekable();
            let is_only_reader = named.peek().is_some() && named.all(|one| self.words.is_person(one));
            let is_stranger = notification.template == EmailTemplate::UnknownCaseMail && *has_address;
            if is_only_reader || is_stranger {
                self.own_mails.push(mail.id);
            }
            // The mail about a stranger's mail names its object.
            if let Some(support) = notification.support.as_ref().filter(|_| is_stranger) {
                let words = support.paragraphs.iter().flat_map(|text| text.split_whitespace());
                self.received.extend(words.filter_map(|word| word.strip_prefix(RECEIVED_MAILS)).map(str::to_owned));
            }
        }
    }

    /// The person's names, but for those that others of the case have as well.
    fn read_names(&mut self, messages: &[Message]) {
        let (mut own, mut others) = (Vec::new(), BTreeSet::new());
        for message in messages {
            let Some(name) = &message.from_name else { continue };
            if self.is_of_person(message) {
                own.push(name.clone());
            } else {
                others.insert(name.to_lowercase());
            }
        }
        let is_person = |address: &Option<Private>| {
            let address = address.as_ref().and_then(|text| MailAddress::parse_typed(Private::expose(text)).ok());
            address.is_some_and(|address| self.words.is_person(&address))
        };
        if let Some(Dispute { claim, details, .. }) = &self.dispute {
            let speaker = claim.email.as_ref().or(claim.reply_to.as_ref());
            self.claim_is_own = speaker.is_some_and(|speaker| self.words.is_person(speaker));
            self.details_are_own = (is_person(&details.customer.email), is_person(&details.merchant.email));
            let named = |name: &Option<Private>| name.as_ref().map(|name| Private::expose(name).to_owned());
            for (is_own, name) in [
                (self.claim_is_own, claim.contact_person.clone()),
                (self.details_are_own.0, named(&details.customer.name)),
                (self.details_are_own.1, named(&details.merchant.name)),
            ] {
                match name {
                    Some(name) if is_own => own.push(name),
                    Some(name) => drop(others.insert(name.to_lowercase())),
                    None => {}
                }
            }
        }
        own.iter().for_each(|name| self.words.add_name(name, &others));
    }

    fn read_messages(&mut self, messages: &[Message]) {
        for message in messages {
            let object = message.object.as_ref().and_then(|object| object.strip_prefix(RECEIVED_MAILS));
            if !self.is_of_person(message) {
                self.of_others.extend(object.map(str::to_owned));
                continue;
            }
            self.person_wrote = true;
            self.words.add_text(&message.text);
            self.received.extend(object.map(str::to_owned));
            for Attachment { name, object, file, .. } in &message.attachments {
                self.words.add_file(name);
                self.evidence.extend(object.as_ref().map(ToString::to_string));
                self.own_files.extend(file.as_ref().map(ToString::to_string));
            }
        }
        self.of_others.retain(|object| !self.received.contains(object));
    }

    fn read_claim(&mut self) {
        let Some(dispute) = self.dispute.as_ref().filter(|_| self.claim_is_own) else { return };
        if let Some(message) = &dispute.claim.message {
            self.words.add_text(message);
        }
        for file in &dispute.claim.evidence {
            self.words.add_file(&file.name);
            self.own_files.insert(file.id.to_string());
            self.evidence.insert(file.object.to_string());
        }
    }
}

impl Store {
    /// What a case has of the person with this address, for whom `alias` stands once it is erased.
    /// Of [`DisputeNumber::NO_CASE`]: what the mails have that belong to no case.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn plan_erasure(
        &self,
        number: DisputeNumber,
        address: &MailAddress,
        alias: &MailAddress,
    ) -> Result<CasePlan, StoreError> {
        let words = Words::of(address.clone(), alias.clone());
        let mut items = self.partition(&keys::dispute_partition(number), None).await?;
        let dispute = items.iter().find(|item| text(item, SK) == Some(DISPUTE)).cloned();
        if let Some(dispute) = dispute.map(body::<Dispute>).transpose()? {
            let facts = &dispute.facts;
            let transaction = keys::transaction_partition(facts.environment, &facts.trxid);
            items.extend(self.partition(&transaction, None).await?);
            let pointers: Vec<_> = pointers(facts).into_iter().map(|(_, key)| key).collect();
            items.extend(self.batch(&pointers).await?);
        } else if number == DisputeNumber::NO_CASE {
            // One partition has all of them, so only what has the address stays in memory.
            items.retain(|item| any_has(item, &words));
            // An operator's reason for clearing a mark may name the address.
            items.extend(self.partition(&keys::address_partition(&digest_of(address)), None).await?);
        }
        CasePlan::read(number, items, words)
    }
}
