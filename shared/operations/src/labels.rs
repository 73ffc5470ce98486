//! What a person reads for a state, an event, an actor, a mail and what a support case is about.

use recourse_dispute::channel::Channel;
use recourse_dispute::event::{EventKind, PerformedBy};
use recourse_dispute::lifecycle::{Action, Actor, Closing, Stage, State};
use recourse_inbound::Class;
use recourse_store::{MailState, MessageRole, Role};
use recourse_support::case::{Fact, Kind, State as SupportState};
use recourse_support::decision::DecidedBy;
use recourse_support::event::ProviderState;
use recourse_support::templates::TemplateId;

/// The state of a dispute.
#[must_use]
pub fn state(state: State) -> String {
    match state {
        State::Draft => "a draft".to_owned(),
        State::Live(stage) => format!("live, {}", self::stage(stage)),
        State::Closed { closing, .. } => match closing {
            Closing::Customer => "closed in the customer's favour",
            Closing::Merchant => "closed in the merchant's favour",
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

/// What an action is called where it may be taken, as in `give the verdict won`.
#[must_use]
pub fn action(action: Action) -> String {
    match action {
        Action::Submit => "submit the draft",
        Action::Cancel => "withdraw it",
        Action::Update => "correct its details",
        Action::UploadEvidence => "add evidence",
        Action::Accept => "accept the claim",
        Action::Decline => "refuse the claim",
        Action::Withdraw => "give up the claim",
        Action::Represent => "answer the claim (representment)",
        Action::PreArbitrate => "ask for pre-arbitration",
        Action::PreArbitrateAgain => "answer to pre-arbitration",
        Action::Arbitrate => "ask for arbitration",
        Action::VerdictWon => "give the verdict won",
        Action::VerdictLost => "give the verdict lost",
        Action::MoveLevel => "move it to the next level",
        Action::Reopen(level) => return format!("reopen it at {}", level.name()),
        Action::CloseForCustomer => "decide in the customer's favour",
        Action::CloseForMerchant => "decide in the merchant's favour",
        Action::Refund => "report the transaction as refunded",
        Action::Fail => "report the transaction as failed",
        Action::Expire => "let the time run out",
    }
    .to_owned()
}

/// What an actor did.
#[must_use]
pub fn event_kind(kind: EventKind) -> String {
    let action = match kind {
        EventKind::Opened => return "opened".to_owned(),
        EventKind::Commented => return "commented".to_owned(),
        EventKind::Reminded => return "reminded the party due to respond".to_owned(),
        EventKind::Attached => return "received evidence by mail".to_owned(),
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
        Action::CloseForCustomer => "decided in the customer's favour",
        Action::CloseForMerchant => "decided in the merchant's favour",
        Action::Refund => "reported that the transaction was refunded",
        Action::Fail => "reported that the transaction failed",
        Action::Expire => "let the time run out",
    }
    .to_owned()
}

/// Who did something: the role, and the name.
#[must_use]
pub fn who(by: &PerformedBy) -> String {
    let actor = match by.actor {
        Actor::Account => "account",
        other => other.name(),
    };
    format!("{actor} {}", by.name)
}

/// The API that a dispute was opened through.
#[must_use]
pub fn channel(channel: Channel) -> &'static str {
    match channel {
        Channel::Iimmpact => "IIMMPACT",
        Channel::Arbiter => "Arbiter",
        Channel::Tutelar => "Tutelar",
        Channel::Connect => "Connect",
    }
}

/// The state of a support case.
#[must_use]
pub fn support_state(state: SupportState) -> &'static str {
    match state {
        SupportState::New => "new",
        SupportState::WaitingForProvider => "waiting for the provider",
        SupportState::WaitingForCustomer => "waiting for the customer",
        SupportState::WaitingForAgent => "waiting for an agent",
        SupportState::Answered => "answered",
        SupportState::Resolved => "resolved",
    }
}

/// How far a mail has come, in the words of pages and timelines. The names of the lists of unsent
/// mails are the same words.
#[must_use]
pub fn mail_words(state: MailState) -> &'static str {
    match state {
        MailState::Pending => "waiting",
        MailState::Sending => "being sent",
        MailState::Sent => "sent",
        MailState::Held => "held",
        MailState::Dead => "dead",
    }
}

/// How far a mail has come, as it is stored.
#[must_use]
pub fn mail_state(state: MailState) -> &'static str {
    match state {
        MailState::Pending => "PENDING",
        MailState::Sending => "SENDING",
        MailState::Sent => "SENT",
        MailState::Held => "HELD",
        MailState::Dead => "DEAD",
    }
}

/// Who wrote a message of a case.
#[must_use]
pub fn message_role(role: MessageRole) -> &'static str {
    match role {
        MessageRole::Customer => "the customer",
        MessageRole::Automation => "the automation",
        MessageRole::Agent => "an agent",
        MessageRole::ThirdParty => "a third party, who is no recipient of the case",
        MessageRole::System => "the dispute's notifications",
    }
}

/// Who decided a step of a case.
#[must_use]
pub fn decided_by(by: &DecidedBy) -> String {
    match by {
        DecidedBy::Playbook { name, version } => format!("the playbook {name}, version {version}"),
        DecidedBy::Model(id) => format!("the model {id}"),
        DecidedBy::Agent(name) => format!("the agent {name}"),
        DecidedBy::Customer => "the customer's words".to_owned(),
        DecidedBy::Provider => "the provider's answer".to_owned(),
        DecidedBy::TimeLimit => "a time limit".to_owned(),
        DecidedBy::Platform => "the platform".to_owned(),
        DecidedBy::Limits => "the limits of the automation".to_owned(),
    }
}

/// What a provider says.
#[must_use]
pub fn provider_state(state: ProviderState) -> &'static str {
    match state {
        ProviderState::Delivered => "delivered",
        ProviderState::Pending => "still working on it",
        ProviderState::Failed => "failed",
        ProviderState::Unknown => "not known there",
    }
}

/// A kind of transaction, in the middle of a sentence.
#[must_use]
pub fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Voucher => "voucher",
        Kind::Bill => "bill",
        Kind::Topup => "top-up",
        Kind::Other => "other",
    }
}

/// Something that a customer sent.
#[must_use]
pub fn fact(fact: Fact) -> &'static str {
    match fact {
        Fact::Photo => "a photo",
        Fact::AccountNumber => "the number of the account",
        Fact::TopupNumber => "the number to top up",
        Fact::Details => "a description",
    }
}

/// A mail of the support process, as a person chooses it.
#[must_use]
pub fn template(template: TemplateId) -> &'static str {
    match template {
        TemplateId::AskVoucherPhoto => "ask for a photo of the voucher",
        TemplateId::AskAccountNumber => "ask for the number of the account",
        TemplateId::AskTopupNumber => "ask for the number to top up",
        TemplateId::AskDetails => "ask what happened",
        TemplateId::ProviderAsked => "the provider was asked",
        TemplateId::StillWaiting => "the provider still works on it",
        TemplateId::Delivered => "the provider delivered",
        TemplateId::ProviderFailed => "the payment did not go through",
        TemplateId::TransactionRefunded => "the payment was refunded",
        TemplateId::TransactionFailed => "the payment failed",
        TemplateId::Reminder => "remind of the question",
        TemplateId::HandedToAgent => "a person has the case now",
        TemplateId::ClosedWorks => "closed, as it works now",
        TemplateId::ClosedNoObjection => "closed without an objection",
        TemplateId::Supervisors => "nobody acted on the case",
    }
}

/// What kind of mail came in.
#[must_use]
pub fn mail_class(class: Class) -> &'static str {
    match class {
        Class::Written => "written by a person",
        Class::AutoReply => "an automatic reply",
        Class::DeliveryReport => "a report about another mail",
        Class::Helpdesk => "sent by a helpdesk's program",
        Class::CalendarInvitation => "an invitation",
        Class::OurOwn => "sent by this deployment",
        Class::Unreadable => "without a sender that can be read",
    }
}

/// The role of a key.
#[must_use]
pub fn role(role: Role) -> &'static str {
    match role {
        Role::Client => "client",
        Role::Platform => "platform",
    }
}
