//! What a person reads for a state, an event, an actor, a mail template and a mail state.

use recourse_dispute::event::{EventKind, PerformedBy};
use recourse_dispute::lifecycle::{Action, Actor, Closing, Stage, State};
use recourse_dispute::notification::EmailTemplate;
use recourse_store::{MailState, Role};

pub(crate) fn state(state: State) -> String {
    match state {
        State::Draft => "a draft".to_owned(),
        State::Live(stage) => format!("live, {}", self::stage(stage)),
        State::Closed { closing, .. } => match closing {
            Closing::Customer => "closed for the customer",
            Closing::Merchant => "closed for the merchant",
            Closing::Cancelled => "cancelled",
            Closing::Withdrawn => "withdrawn",
            Closing::Refunded => "closed, as the transaction was refunded or failed",
            Closing::ClosedOnCreation => "closed on creation",
        }
        .to_owned(),
    }
}

fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::First => "first stage",
        Stage::Representment => "representment",
        Stage::PreArbitration => "pre-arbitration",
        Stage::PreArbitrationTwo => "pre-arbitration II",
        Stage::Arbitration => "arbitration",
    }
}

/// What an actor did.
pub(crate) fn event_kind(kind: EventKind) -> String {
    let action = match kind {
        EventKind::Opened => return "opened".to_owned(),
        EventKind::Commented => return "commented".to_owned(),
        EventKind::Reminded => return "reminded the party due to respond".to_owned(),
        EventKind::Did(action) => action,
    };
    match action {
        Action::Submit => "submitted",
        Action::Cancel => "cancelled",
        Action::Update => "updated",
        Action::UploadEvidence => "added evidence",
        Action::Accept => "accepted",
        Action::Decline => "declined",
        Action::Withdraw => "withdrew",
        Action::Represent => "represented",
        Action::PreArbitrate => "asked for pre-arbitration",
        Action::PreArbitrateAgain => "answered to pre-arbitration",
        Action::Arbitrate => "asked for arbitration",
        Action::VerdictWon => "gave the verdict won",
        Action::VerdictLost => "gave the verdict lost",
        Action::MoveLevel => "moved to the next level",
        Action::Reopen(level) => return format!("reopened at {}", level.name()),
        Action::CloseForCustomer => "decided for the customer",
        Action::CloseForMerchant => "decided for the merchant",
        Action::Refund => "reported that the transaction was refunded",
        Action::Fail => "reported that the transaction failed",
        Action::Expire => "let the time run out",
    }
    .to_owned()
}

pub(crate) fn who(by: &PerformedBy) -> String {
    let actor = match by.actor {
        Actor::Account => "account",
        other => other.name(),
    };
    format!("{actor} {}", by.name)
}

/// What a mail says.
pub(crate) fn email_template(template: EmailTemplate) -> &'static str {
    match template {
        EmailTemplate::Received => "we have your report",
        EmailTemplate::Refunded => "refunded",
        EmailTemplate::TransactionFailed => "the transaction failed",
        EmailTemplate::DecidedForCustomer => "decided for the customer",
        EmailTemplate::DecidedForMerchant => "decided for the merchant",
        EmailTemplate::CaseEndedForCustomer => "ended for the customer",
        EmailTemplate::CaseEndedForMerchant => "ended for the merchant",
        EmailTemplate::Withdrawn => "withdrawn",
        EmailTemplate::Logged => "a dispute was opened",
        EmailTemplate::LoggedAccepted => "a dispute was opened that is closed on creation",
        EmailTemplate::Advanced => "at another status",
        EmailTemplate::Reopened => "reopened",
        EmailTemplate::Accepted => "accepted",
        EmailTemplate::Declined => "declined",
        EmailTemplate::Reminder => "reminder to respond",
        EmailTemplate::ExpiredForCustomer => "time ran out, for the customer",
        EmailTemplate::ExpiredForMerchant => "time ran out, for the merchant",
        EmailTemplate::PaymentRefunded => "refunded, to the parties",
        EmailTemplate::PaymentFailed => "the transaction failed, to the parties",
        EmailTemplate::DisputeDecidedForCustomer => "decided for the customer, to the parties",
        EmailTemplate::DisputeDecidedForMerchant => "decided for the merchant, to the parties",
        EmailTemplate::DisputeWithdrawn => "withdrawn, to the parties",
        EmailTemplate::Undeliverable => "an address takes no mail",
    }
}

/// How far a mail has come, as it is stored.
pub(crate) fn mail_state(state: MailState) -> &'static str {
    match state {
        MailState::Pending => "PENDING",
        MailState::Sending => "SENDING",
        MailState::Sent => "SENT",
        MailState::Held => "HELD",
        MailState::Dead => "DEAD",
    }
}

pub(crate) fn role(role: Role) -> &'static str {
    match role {
        Role::Client => "client",
        Role::Platform => "platform",
    }
}
