//! How a mail calls the roles and sides of a dispute, and what they do.

use recourse_dispute::event::EventKind;
use recourse_dispute::lifecycle::{Action, Actor, Closing, DISPUTE_TEAM, Side};
use recourse_dispute::notification::{Audience, EmailTemplate, Notification, StatusSnapshot};
use recourse_dispute::text::leaves_its_line;

use super::channel_words::words;

/// A mail shows this many characters of somebody else's text. What a bank says with a step has at
/// most 1,000, and an operator's reason at most 500.
const MAX_TEXT: usize = 1_000;

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
    let is_own = is_own(notification);
    match (actor, Reader::of(notification)) {
        (Actor::Account, _) if is_own => "your organisation".to_owned(),
        (Actor::Opener, _) if is_own && words.opener == words.account => "your organisation".to_owned(),
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

/// Whether the reader is the organisation on the merchant's side whose own case the mail is about.
pub(super) fn is_own(notification: &Notification) -> bool {
    notification.audience == Audience::Case && Reader::of(notification) == Reader::Party
}

/// Whether the account that opened the case is its only reader: no customer was named.
pub(super) fn is_accounts_alone(notification: &Notification) -> bool {
    notification.recipients.named().next().is_none()
}

/// A role with the bank's name, where the facts of the mail have it:
/// `the issuer, FIRST BANK OF NIGERIA,`. Subjects and headings have roles alone.
pub(super) fn named(notification: &Notification, actor: Actor) -> String {
    let role = the(notification, actor);
    let name = bank(notification, actor).filter(|_| Reader::of(notification) == Reader::Party);
    name.map_or(role.clone(), |name| format!("{role}, {name},"))
}

/// The name of a bank, as the facts of the mail have it.
pub(super) fn bank(notification: &Notification, actor: Actor) -> Option<String> {
    let name = match actor {
        Actor::Issuer => notification.details.issuer.as_deref(),
        Actor::Acquirer => notification.details.acquirer.as_deref(),
        _ => None,
    };
    name.map(one_line).filter(|name| !name.is_empty())
}

/// How a sentence names a role: [`the`] or [`named`].
pub(super) type Namer = fn(&Notification, Actor) -> String;

/// A text as it begins a sentence.
pub(super) fn upper_first(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().into_iter().flat_map(char::to_uppercase).chain(characters).collect()
}

/// Who has to act next; `None` when the dispute is closed. Where no status has an end, the
/// operators do the work, whoever else may act meanwhile.
///
/// For the merchant's side one party of the bank network answers. An account that may answer as
/// well is named beside that party in its own mail.
pub(super) fn next_to_act(notification: &Notification, snapshot: &StatusSnapshot, who: Namer) -> Option<String> {
    let actor = match snapshot.party_due? {
        _ if !notification.cause.channel.policy().has_deadlines => Actor::Operator,
        Side::Operator => Actor::Operator,
        Side::Opener => Actor::Opener,
        Side::Claimant => Actor::Issuer,
        Side::Respondent => match snapshot.respondent {
            Some(respondent) if account_may_answer(notification, snapshot) => {
                return Some(format!("{} or {}", who(notification, respondent), who(notification, Actor::Account)));
            }
            Some(respondent) => respondent,
            None => Actor::Account,
        },
    };
    Some(who(notification, actor))
}

/// Whether the reader of the case's mail may answer the claim, and not only give in or withdraw.
fn account_may_answer(notification: &Notification, snapshot: &StatusSnapshot) -> bool {
    let gives_in = |action: &Action| matches!(action, Action::VerdictLost | Action::Cancel);
    notification.audience == Audience::Case
        && snapshot.choices.as_ref().is_some_and(|choices| !choices.actions.iter().all(gives_in))
}

/// Whether it is the turn of a reader of this mail, and not only of somebody else.
pub(super) fn is_due(notification: &Notification, snapshot: &StatusSnapshot) -> bool {
    let is_case = notification.audience == Audience::Case;
    match snapshot.party_due {
        _ if !notification.cause.channel.policy().has_deadlines => false,
        Some(Side::Opener) => is_case,
        Some(Side::Claimant) => !is_case,
        Some(Side::Respondent) => {
            !is_case || snapshot.respondent.is_none() || account_may_answer(notification, snapshot)
        }
        Some(Side::Operator) | None => false,
    }
}

/// In whose favour an end is.
pub(super) fn in_favour(closing: Closing) -> Option<&'static str> {
    match closing {
        Closing::Customer => Some("in the customer's favour"),
        Closing::Merchant => Some("in the merchant's favour"),
        Closing::Cancelled | Closing::Withdrawn | Closing::Refunded | Closing::ClosedOnCreation => None,
    }
}

/// What is said of events that no mail names so: their mails have sentences of their own in
/// `lead.rs`, or there are none.
pub(super) const ACTED: &str = "acted on the dispute";

/// A sentence, without its full stop, that says who did what: `The acquirer accepted the claim`.
/// `who` names roles.
pub(super) fn action_phrase(notification: &Notification, who: Namer) -> String {
    let cause = notification.cause;
    let did = match cause.kind {
        EventKind::Opened | EventKind::Commented | EventKind::Reminded | EventKind::Attached => ACTED,
        EventKind::Did(action) => match action {
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
            Action::CloseForCustomer | Action::CloseForMerchant if cause.actor == Actor::Automation => {
                "closed the report"
            }
            Action::CloseForCustomer => "decided in the customer's favour",
            Action::CloseForMerchant => "decided in the merchant's favour",
            Action::Submit
            | Action::Cancel
            | Action::Update
            | Action::UploadEvidence
            | Action::Refund
            | Action::Fail
            | Action::Expire => ACTED,
        },
    };
    format!("{} {did}", upper_first(&who(notification, cause.actor)))
}

/// A text without line breaks, control characters and marks that turn the direction of what
/// follows.
pub(super) fn one_line(text: &str) -> String {
    let words = text.replace(leaves_its_line, " ");
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.chars().count() <= MAX_TEXT {
        return words;
    }
    words.chars().take(MAX_TEXT).chain("…".chars()).collect()
}
