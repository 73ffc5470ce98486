//! How a letter calls the roles and sides of a dispute, and what they do.

use recourse_dispute::dispute::EventKind;
use recourse_dispute::lifecycle::{Action, Actor, Channel, Closing, DISPUTE_TEAM, Side};
use recourse_dispute::notification::{Notification, StatusSnapshot};
use recourse_dispute::policy::channel::has_deadlines;

/// For whom a letter is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reader {
    /// A bank or a merchant, who knows the terms of the card schemes.
    Party,
    /// Whoever was named for a case, who may be a customer.
    Customer,
}

impl Reader {
    pub(super) fn of(notification: &Notification) -> Self {
        if notification.template.is_for_parties() { Self::Party } else { Self::Customer }
    }
}

/// What the reader calls the matter.
pub(super) fn matter(reader: Reader) -> &'static str {
    match reader {
        Reader::Party => "dispute",
        Reader::Customer => "case",
    }
}

/// A role, without its article.
fn role(reader: Reader, channel: Channel, actor: Actor) -> &'static str {
    match (actor, reader) {
        (Actor::Issuer, Reader::Party) => "issuer",
        (Actor::Issuer, Reader::Customer) => "customer's bank",
        (Actor::Acquirer, Reader::Party) => "acquirer",
        (Actor::Acquirer, Reader::Customer) => "merchant's bank",
        (Actor::Account | Actor::Merchant, _) => "merchant",
        (Actor::Opener, _) => match channel {
            Channel::Iimmpact => "service that reported the problem",
            Channel::Arbiter => "party that logged the dispute",
            // Through these APIs it is the merchant that opens a dispute.
            Channel::Tutelar | Channel::Connect => "merchant",
        },
        (Actor::Operator, _) => DISPUTE_TEAM,
        (Actor::Automation, _) => "support process",
        (Actor::Platform, _) => "payment platform",
        (Actor::Clock, _) => "deadline",
    }
}

/// A role in the middle of a sentence: `the issuer`.
pub(super) fn the(reader: Reader, channel: Channel, actor: Actor) -> String {
    format!("the {}", role(reader, channel, actor))
}

/// A role at the beginning of a sentence: `The issuer`.
pub(super) fn the_first(reader: Reader, channel: Channel, actor: Actor) -> String {
    upper_first(&the(reader, channel, actor))
}

/// A text as it begins a sentence.
pub(super) fn upper_first(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().into_iter().flat_map(char::to_uppercase).chain(characters).collect()
}

/// Who has to act next; `None` when the dispute is closed. Where no status has an end, the operators
/// do the work, whoever else may act meanwhile.
pub(super) fn next_to_act(notification: &Notification, snapshot: &StatusSnapshot) -> Option<String> {
    let (reader, channel) = (Reader::of(notification), notification.cause.channel);
    let actor = match snapshot.party_due? {
        _ if !has_deadlines(channel) => Actor::Operator,
        Side::Operator => Actor::Operator,
        Side::Opener => Actor::Opener,
        Side::Claimant => Actor::Issuer,
        Side::Respondent if snapshot.respondent == Some(Actor::Acquirer) => {
            let (bank, merchant) = (Actor::Acquirer, Actor::Merchant);
            return Some(format!("{} or {}", the(reader, channel, bank), the(reader, channel, merchant)));
        }
        Side::Respondent => Actor::Merchant,
    };
    Some(the(reader, channel, actor))
}

/// How an end is told: for whom it is.
pub(super) fn in_favour(reader: Reader, closing: Closing) -> Option<&'static str> {
    match (closing, reader) {
        (Closing::Customer, Reader::Party) => Some("for the customer"),
        (Closing::Customer, Reader::Customer) => Some("in the customer's favour"),
        (Closing::Merchant, Reader::Party) => Some("for the merchant"),
        (Closing::Merchant, Reader::Customer) => Some("in the merchant's favour"),
        (Closing::Cancelled | Closing::Withdrawn | Closing::Refunded | Closing::ClosedOnCreation, _) => None,
    }
}

/// A sentence, without its full stop, that says who did what: `The acquirer accepted the claim`.
pub(super) fn action_phrase(notification: &Notification) -> String {
    let (reader, cause) = (Reader::of(notification), notification.cause);
    let is_party = reader == Reader::Party;
    let did = match cause.kind {
        EventKind::Opened => "opened it",
        EventKind::Commented => "made a comment",
        EventKind::Reminded => return "A reminder is due".to_owned(),
        EventKind::Did(action) => match action {
            Action::Submit => "submitted it",
            Action::Cancel => "withdrew it",
            Action::Update => "corrected its details",
            Action::UploadEvidence => "added evidence",
            Action::Accept => "accepted the claim",
            Action::Decline => "refused the claim",
            Action::Withdraw => "withdrew its claim",
            Action::Represent if is_party => "answered the claim (representment)",
            Action::Represent => "answered the claim",
            Action::PreArbitrate if is_party => "made its claim again (pre-arbitration)",
            Action::PreArbitrate => "made its claim again",
            Action::PreArbitrateAgain if is_party => "answered the claim again (pre-arbitration II)",
            Action::PreArbitrateAgain => "answered the claim again",
            Action::Arbitrate if is_party => "asked for arbitration",
            Action::Arbitrate => "asked for a decision",
            Action::VerdictWon => "recorded that it won",
            Action::VerdictLost => "recorded that it lost",
            Action::MoveLevel => "moved the dispute to the next level",
            Action::Reopen(_) => "took its verdict back",
            // A deployment may have time decide in place of a party's loss.
            Action::CloseForCustomer | Action::CloseForMerchant | Action::Expire if cause.actor == Actor::Clock => {
                return "Nobody acted in time".to_owned();
            }
            Action::CloseForCustomer => "decided for the customer",
            Action::CloseForMerchant => "decided for the merchant",
            Action::Refund => "reported that the payment was refunded",
            Action::Fail => "reported that the payment failed",
            Action::Expire => "let the time run out",
        },
    };
    format!("{} {did}", the_first(reader, cause.channel, cause.actor))
}
