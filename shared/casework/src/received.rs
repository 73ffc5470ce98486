//! What a received mail does to its case.

use recourse_dispute::claim::{Claim, EvidenceFile};
use recourse_inbound::{Class, Verdict};
use recourse_store::{Attachment, Direction, InboundOutcome, Message, MessageRole, Received};
use recourse_support::event::{CustomerMessage, Intent};
use recourse_support::{Event, words};

use crate::inbound::{
    AttachmentOutcome, InboundMail, MatchedBy, SenderRole, class_name, is_for_a_person, is_verified, sender_role,
    sender_tag, verdict_text,
};
use crate::step::CommitBuilder;

/// What the log and the object's record call a mail that is a message of its case.
const RECORDED: &str = "recorded";

/// What became of a mail's attachments.
struct Files {
    listed: Vec<Attachment>,
    accepted: Vec<EvidenceFile>,
    refused: usize,
}

impl CommitBuilder<'_> {
    /// Records a mail. A person of the case moves it; everybody else is noted.
    pub(crate) fn mail(&mut self, mail: &InboundMail) {
        let role = sender_role(&self.snapshot.dispute, mail.from.as_ref());
        let is_for_claim = self.is_for_claim(mail, role);
        let Files { listed, accepted, refused } = self.files(mail, is_for_claim);
        let counts = [accepted.len(), refused].map(|count| u32::try_from(count).unwrap_or(u32::MAX));
        if self.casework.settings.process {
            self.advance(&event(mail, role, counts));
        }
        // Where a mail says nothing new below its subject, the subject may be what it says.
        let text = if says_nothing(mail) && !mail.is_unreadable { &mail.subject } else { &mail.text };
        let mut message = Message::new(Direction::In, message_role(mail.class, role), text);
        message.class = Some(class_name(mail.class).to_owned());
        message.truncated |= mail.truncated;
        message.attachments = listed;
        message.message_id = mail.message_id.as_ref().map(|id| format!("<{id}>"));
        message.from.clone_from(&mail.from);
        message.from_name.clone_from(&mail.from_name);
        message.verdicts = Some(verdict_text(&mail.verdicts));
        message.object = Some(mail.object_key.clone());
        // A dispute that the mail itself closes takes no evidence any more.
        if is_for_claim && self.closing.is_none() && !accepted.is_empty() {
            let (ids, by) = (accepted.iter().map(|file| file.id.clone()), self.by.clone());
            let mut ids = ids.collect::<Vec<_>>().into_iter();
            // There is room, as each file was checked.
            self.commit.change = self.snapshot.dispute.with_mailed_evidence(accepted, by, self.now).ok();
            for attachment in message.attachments.iter_mut().filter(|attachment| attachment.accepted) {
                attachment.file = ids.next();
            }
        }
        let seq = self.commit.add_message(message, self.now);
        self.ids.push(format!("message {seq}"));
        let is_moved = self.casework.settings.process && self.case().is_some();
        if !is_moved && is_for_a_person(mail.class, &mail.verdicts) {
            self.notify_support(mail);
        }
        let outcome = InboundOutcome {
            at: self.now,
            outcome: RECORDED.to_owned(),
            number: Some(self.snapshot.dispute.number),
            class: class_name(mail.class).to_owned(),
        };
        self.commit.received = Some(Received {
            object_key: mail.object_key.clone(),
            sender: mail.from.as_ref().map(|from| from.as_str().to_owned()).unwrap_or_default(),
            message_id: mail.message_id.as_ref().map_or_else(|| mail.digest.clone(), |id| format!("<{id}>")),
            outcome,
        });
    }

    /// Whether the mail's files become evidence of the dispute. Those of a stranger, of a program
    /// and of a sender who could not be verified stay with the message.
    fn is_for_claim(&self, mail: &InboundMail, role: SenderRole) -> bool {
        let dispute = &self.snapshot.dispute;
        let is_reported = dispute.channel.policy().has_support_process && dispute.state.is_open();
        is_reported && role == SenderRole::Customer && mail.class == Class::Written && is_verified(mail)
    }

    /// What becomes of the attachments: under the limits of the dispute's evidence, or under the
    /// same limits for the mail alone.
    fn files(&self, mail: &InboundMail, is_for_claim: bool) -> Files {
        let mut claim = if is_for_claim { self.snapshot.dispute.claim.clone() } else { Claim::default() };
        let has_virus = mail.verdicts.virus == Verdict::Fail;
        let mut files = Files { listed: Vec::new(), accepted: Vec::new(), refused: mail.more_attachments };
        for sent in &mail.attachments {
            let (name, size) = (sent.name.clone(), sent.size);
            let taken = match &sent.outcome {
                AttachmentOutcome::Refused(reason) => Err(reason.clone()),
                AttachmentOutcome::Stored { .. } if has_virus => {
                    Err("the mail failed the check for viruses".to_owned())
                }
                AttachmentOutcome::Stored { media, sha256, object, file } => {
                    claim.room_for(size).map_err(|rule| rule.to_string()).map(|()| EvidenceFile {
                        id: file.clone(),
                        object: object.clone(),
                        name: name.clone(),
                        media: media.clone(),
                        size,
                        sha256: sha256.clone(),
                        at: self.now,
                    })
                }
            };
            let plain = Attachment { name, media: None, size, accepted: false, reason: None, object: None, file: None };
            files.listed.push(match taken {
                Ok(file) => {
                    claim.evidence.push(file.clone());
                    let (media, object) = (Some(file.media.clone()), Some(file.object.clone()));
                    files.accepted.push(file);
                    Attachment { media, object, accepted: true, ..plain }
                }
                Err(reason) => {
                    files.refused += 1;
                    Attachment { reason: Some(reason), ..plain }
                }
            });
        }
        if mail.more_attachments > 0 {
            files.listed.push(Attachment {
                name: format!("{} more", mail.more_attachments),
                media: None,
                size: 0,
                accepted: false,
                reason: Some("the mail has more attachments than are looked at".to_owned()),
                object: None,
                file: None,
            });
        }
        files
    }
}

/// Whether a mail has no new text: all is quoted or forwarded, or it is in the subject.
fn says_nothing(mail: &InboundMail) -> bool {
    mail.text.trim().is_empty()
}

/// What the mail is to the support process.
fn event(mail: &InboundMail, role: SenderRole, [accepted, refused]: [u32; 2]) -> Event {
    let is_ours = mail.is_unreadable && matches!(mail.matched_by, MatchedBy::Token | MatchedBy::Reference);
    let wrote = |is_verified| {
        let read = words::read(&mail.text);
        let has_files = accepted + refused > 0;
        // A person reads what cannot be told from the new text.
        let is_unclear = mail.is_unreadable || mail.truncated || says_nothing(mail) && !has_files;
        sender_tag(mail.from.as_ref()).map_or(Event::ThirdPartyWrote, |sender| {
            Event::CustomerWrote(CustomerMessage {
                sender,
                is_verified,
                accepted_attachments: accepted,
                refused_attachments: refused,
                intent: if is_unclear { Intent::Unclear } else { read.intent },
                has_account_number: read.has_account_number,
                has_topup_number: read.has_topup_number,
            })
        })
    };
    match (mail.class, role) {
        (Class::Written, SenderRole::Customer) => wrote(is_verified(mail)),
        (Class::Written, SenderRole::Account) => Event::AccountWrote,
        // Nobody knows what such a mail says, so a person looks.
        _ if is_ours => wrote(false),
        (Class::Written | Class::Unreadable, _) => Event::ThirdPartyWrote,
        (Class::AutoReply | Class::DeliveryReport | Class::Helpdesk | Class::CalendarInvitation | Class::OurOwn, _) => {
            Event::AutoReplyNoted
        }
    }
}

fn message_role(class: Class, role: SenderRole) -> MessageRole {
    match (class, role) {
        (Class::OurOwn, _) => MessageRole::System,
        (_, SenderRole::Customer) => MessageRole::Customer,
        (_, SenderRole::Account | SenderRole::ThirdParty) => MessageRole::ThirdParty,
    }
}
