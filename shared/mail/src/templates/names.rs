//! How a mail calls the roles and sides of a dispute, and what they do.

use recourse_dispute::event::EventKind;
use recourse_dispute::lifecycle::{Action, Actor, Closing, DISPUTE_TEAM, Side};
use recourse_dispute::notification::{Audience, EmailTemplate, Notification, StatusSnapshot};

use super::channel_words::words;

/// For whom a mail is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reader {
    /// A bank or a merchant, who knows the terms of the card schemes.
    Party,
    /// Whoever was named for a case, who may be a customer.
    Customer,
}

impl Reader {
    /// At the Connect API the merchant itself reads that its dispute was received.
    pub(super) fn of(notification: &Notification) -> Self {
        let template = notification.template;
        let is_confirmation = template == EmailTemplate::Received;
        let reads_as_party = notification.cause.channel.policy().case_reads_as_party;
        if template.is_for_parties() || (is_confirmation && reads_as_party) { Self::Party } else { Self::Customer }
    }
}

/// What the reader calls the matter.
pub(super) fn matter(reader: Reader) -> &'static str {
    match reader {
        Reader::Party => "dispute",
        Reader::Customer => "case",
    }
}

/// A role in the middle of a sentence: `the issuer`.
///
/// "The merchant" is the one of the bank network, whose name is among the facts of the mail. The
/// account whose transaction it is has another name, and reads of itself as "your organisation".
pub(super) fn the(notification: &Notification, actor: Actor) -> String {
    let words = words(notification.cause.channel);
    let is_reader = notification.audience == Audience::Case && Reader::of(notification) == Reader::Party;
    match (actor, Reader::of(notification)) {
        (Actor::Account, _) if is_reader => "your organisation".to_owned(),
        (Actor::Opener, _) if is_reader && words.opener == words.account => "your organisation".to_owned(),
        (Actor::Opener, _) => words.opener.to_owned(),
        (Actor::Account, _) => words.account.to_owned(),
        (Actor::Issuer, Reader::Party) => "the issuer".to_owned(),
        (Actor::Issuer, Reader::Customer) => "the customer's bank".to_owned(),
        (Actor::Acquirer, Reader::Party) => "the acquirer".to_owned(),
        (Actor::Acquirer, Reader::Customer) => "the merchant's bank".to_owned(),
        (Actor::Merchant, _) => "the merchant".to_owned(),
        (Actor::Operator, _) => format!("the {DISPUTE_TEAM}"),
        (Actor::Automation, _) => "the support process".to_owned(),
        (Actor::Platform, _) => "the payment platform".to_owned(),
        (Actor::Clock, _) => "the deadline".to_owned(),
    }
}

/// A role at the beginning of a sentence: `The issuer`.
pub(super) fn the_first(notification: &Notification, actor: Actor) -> String {
    upper_first(&the(notification, actor))
}

/// A text as it begins a sentence.
pub(super) fn upper_first(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().into_iter().flat_map(char::to_uppercase).chain(characters).collect()
}

/// Who has to act next; `None` when the dispute is closed. Where no status has an end, the
/// operators do the work, whoever else may act meanwhile.
///
/// For the merchant's side one party of the bank network answers. The account whose transaction it
/// is may act as well, so its own mail names it beside that party.
pub(super) fn next_to_act(notification: &Notification, snapshot: &StatusSnapshot) -> Option<String> {
    let actor = match snapshot.party_due? {
        _ if !notification.cause.channel.policy().has_deadlines => Actor::Operator,
        Side::Operator => Actor::Operator,
        Side::Opener => Actor::Opener,
        Side::Claimant => Actor::Issuer,
        Side::Respondent => match (snapshot.respondent, notification.audience) {
            (Some(respondent), Audience::Case) => {
                return Some(format!("{} or {}", the(notification, respondent), the(notification, Actor::Account)));
            }
            (Some(respondent), Audience::Parties) => respondent,
            (None, _) => Actor::Account,
        },
    };
    Some(the(notification, actor))
}

/// For whom an end is.
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
    let cause = notification.cause;
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
            Action::Represent => "answered the claim (representment)",
            Action::PreArbitrate => "made its claim again (pre-arbitration)",
            Action::PreArbitrateAgain => "answered the claim again (pre-arbitration II)",
            Action::Arbitrate => "asked for arbitration",
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
    format!("{} {did}", the_first(notification, cause.actor))
}
