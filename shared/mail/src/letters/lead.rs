//! What a mail says happened: who did what. It is made of the mail's cause, which is the event of
//! the dispute's history that the mail tells of, so no sentence claims an act that the history does
//! not hold.

use recourse_dispute::dispute::What;
use recourse_dispute::lifecycle::{Action, Actor, Door};
use recourse_dispute::notice::{Audience, Cause, Letter, Notice};

/// What happened; stands before the facts of the case.
pub(super) fn lead(notice: &Notice) -> String {
    let Cause { channel, actor, what } = notice.cause;
    let payment = payment(notice);
    match notice.letter {
        Letter::Received => "Thank you for telling us that something is wrong with a payment. We opened a case for it.".to_owned(),
        Letter::Refunded => "The payment in your case was refunded, so we closed the case.".to_owned(),
        Letter::TransactionFailed => {
            "The payment in your case was reported to us as failed, so we closed the case.".to_owned()
        }
        Letter::DecidedForCustomer => {
            "We looked into the case and decided it in the customer's favour. The case is closed.".to_owned()
        }
        Letter::DecidedForMerchant => {
            "We looked into the case and decided it in the merchant's favour. The case is closed.".to_owned()
        }
        Letter::CaseEndedForCustomer => {
            format!("{} So the case ended in the customer's favour. It is closed.", act(for_customers(actor), what))
        }
        Letter::CaseEndedForMerchant => {
            format!("{} So the case ended in the merchant's favour. It is closed.", act(for_customers(actor), what))
        }
        Letter::CaseAdvanced => format!("{} The case goes on.", act(for_customers(actor), what)),
        Letter::Withdrawn => "The account that opened the case withdrew it, so we closed it.".to_owned(),
        Letter::Logged => format!("{} about {payment}.", opening(channel, actor)),
        Letter::LoggedAccepted => {
            format!("{} about {payment}. {}", opening(channel, actor), why_closed(channel))
        }
        Letter::Advanced => act(for_parties(actor), what),
        Letter::Reopened => format!("{} The dispute is open again.", act(for_parties(actor), what)),
        Letter::Accepted => {
            format!("{} So the dispute ended for the customer. It is closed.", act(for_parties(actor), what))
        }
        Letter::Declined => {
            format!("{} So the dispute ended for the merchant. It is closed.", act(for_parties(actor), what))
        }
        Letter::Reminder => "It is your turn in this dispute, and the time for it ends soon.".to_owned(),
        Letter::LapsedForCustomer => {
            "Nobody acted on the dispute in time, so it was closed for the customer.".to_owned()
        }
        Letter::LapsedForMerchant => {
            "Nobody acted on the dispute in time, so it was closed for the merchant.".to_owned()
        }
        Letter::PaymentRefunded => {
            "The payment was reported to us as refunded, so the dispute about it is closed.".to_owned()
        }
        Letter::PaymentFailed => {
            "The payment was reported to us as failed, so the dispute about it is closed.".to_owned()
        }
        Letter::DeskForCustomer => {
            "Our dispute team looked into the dispute and decided it for the customer. The dispute is closed.".to_owned()
        }
        Letter::DeskForMerchant => {
            "Our dispute team looked into the dispute and decided it for the merchant. The dispute is closed.".to_owned()
        }
        Letter::DisputeWithdrawn => {
            "The account that opened the dispute withdrew it. The dispute is closed.".to_owned()
        }
        Letter::Undeliverable => "A mail about the case below came back from one of the addresses that it was sent to, or was marked as spam there.".to_owned(),
    }
}

/// Whose payment it is to the reader.
fn payment(notice: &Notice) -> &'static str {
    match notice.audience {
        Audience::Case => "a payment of your account",
        Audience::Parties => "a payment that your organisation is a party to",
    }
}

/// Who opened the dispute, without the payment.
fn opening(channel: Door, actor: Actor) -> String {
    match channel {
        Door::Iimmpact => "The account that made the payment reported an issue".to_owned(),
        Door::Arbiter => format!("{} logged a dispute", for_parties(actor)),
        Door::Tutelar => "The merchant raised a dispute".to_owned(),
        Door::Connect => "The merchant submitted a dispute".to_owned(),
    }
}

/// Why a dispute is closed from the start.
fn why_closed(channel: Door) -> &'static str {
    match channel {
        Door::Arbiter => "Disputes of its category are accepted as they are logged, so it is closed.",
        Door::Iimmpact | Door::Tutelar | Door::Connect => {
            "The payment had failed or was refunded before, so the dispute is closed."
        }
    }
}

/// An actor as banks and merchants know it.
fn for_parties(actor: Actor) -> &'static str {
    match actor {
        Actor::Issuer => "The issuer",
        Actor::Acquirer => "The acquirer",
        Actor::Account | Actor::Merchant => "The merchant",
        Actor::Opener => "The account that opened the dispute",
        Actor::Operator => "Our dispute team",
        Actor::Automation => "Our support",
        Actor::Platform => "The payment platform",
        Actor::Clock => "Nobody",
    }
}

/// An actor as a customer knows it.
fn for_customers(actor: Actor) -> &'static str {
    match actor {
        Actor::Issuer => "The customer's bank",
        Actor::Acquirer => "The merchant's bank",
        Actor::Account
        | Actor::Merchant
        | Actor::Opener
        | Actor::Operator
        | Actor::Automation
        | Actor::Platform
        | Actor::Clock => for_parties(actor),
    }
}

/// A sentence that says what `who` did.
fn act(who: &str, what: What) -> String {
    let did = match what {
        What::Opened => "opened it",
        What::Commented => "made a comment",
        What::Reminded => "acted yet",
        What::Did(action) => match action {
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
            Action::VerdictWon => "gave its verdict: it won",
            Action::VerdictLost => "gave its verdict: it lost",
            Action::MoveLevel => "moved it to the next level",
            Action::Reopen(_) => "took its verdict back",
            // What a deployment has time do in place of a party's loss.
            Action::CloseForCustomer | Action::CloseForMerchant => "acted in time",
            Action::Refund => "reported that the payment was refunded",
            Action::Fail => "reported that the payment failed",
            Action::Expire => "acted in time",
        },
    };
    format!("{who} {did}.")
}
