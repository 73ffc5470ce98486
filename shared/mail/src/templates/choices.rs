//! What a party may do now, and where it does so.

use recourse_dispute::lifecycle::{Action, Actor};
use recourse_dispute::notification::{Choices, EmailTemplate, Notification, StatusSnapshot};

use super::names::{is_due, named, the, upper_first};

/// What one of the readers may do now. Who is not due to respond may still do something meanwhile.
pub(super) fn may(notification: &Notification, snapshot: &StatusSnapshot, choices: &Choices) -> String {
    let is_you = notification.template == EmailTemplate::Reminder;
    let has_deadlines = notification.cause.channel.policy().has_deadlines;
    // Where somebody has to respond, the sentence before this one has the bank's name.
    let who = match (is_you, has_deadlines) {
        (true, _) => "You".to_owned(),
        (false, true) => upper_first(&the(notification, choices.role)),
        (false, false) => upper_first(&named(notification, choices.role)),
    };
    let place = match choices.role {
        Actor::Account | Actor::Opener => String::new(),
        _ if is_you => place(snapshot, "Do", "your"),
        _ => place(snapshot, "It does", "its"),
    };
    let listed = listed(choices, is_you);
    if is_due(notification, snapshot) {
        format!("{who} can {listed}.{place}")
    } else if snapshot.ends_at.is_some() {
        format!("{who} may {listed} before that.{place}")
    } else {
        format!("{who} may {listed} meanwhile, if it wishes.{place}")
    }
}

/// Choices in words.
fn listed(choices: &Choices, is_you: bool) -> String {
    match choices.actions.as_slice() {
        [Action::VerdictLost] => return "concede (merchant-loss)".to_owned(),
        [Action::Accept, Action::Decline] => return "accept or refuse the claim".to_owned(),
        _ => {}
    }
    let choices: Vec<_> = choices.actions.iter().filter_map(|action| choice(*action, is_you)).collect();
    match choices.as_slice() {
        [] => "act on the dispute".to_owned(),
        [only] => (*only).to_owned(),
        [first, second] => format!("{first} or {second}"),
        [rest @ .., last] => format!("{}, or {last}", rest.join(", ")),
    }
}

/// Where a party of the bank network acts; nothing in mails of the case, which have no log code.
pub(super) fn place(snapshot: &StatusSnapshot, does: &str, whose: &str) -> String {
    let code = snapshot.log_code.as_deref();
    code.map_or_else(String::new, |code| {
        let system = if whose == "their" { "systems" } else { "system" };
        format!(" {does} this in {whose} dispute {system} (Arbiter) with log code {code}.")
    })
}

/// An action as a choice; `None` of what no party chooses while it is due to respond.
fn choice(action: Action, is_you: bool) -> Option<&'static str> {
    Some(match action {
        Action::Submit => "submit the draft",
        Action::Cancel => "withdraw the dispute",
        Action::Accept => "accept the claim",
        Action::Decline => "refuse the claim",
        Action::Withdraw if is_you => "withdraw your claim",
        Action::Withdraw => "withdraw its claim",
        Action::Represent => "answer the claim (representment)",
        Action::PreArbitrate => "make the claim again (pre-arbitration)",
        Action::PreArbitrateAgain => "answer the claim again (pre-arbitration II)",
        Action::Arbitrate => "ask for arbitration",
        Action::VerdictWon if is_you => "record that you won",
        Action::VerdictWon => "record that it won",
        Action::VerdictLost if is_you => "record that you lost",
        Action::VerdictLost => "record that it lost",
        Action::MoveLevel => "move the dispute to the next level",
        Action::Update
        | Action::UploadEvidence
        | Action::Reopen(_)
        | Action::CloseForCustomer
        | Action::CloseForMerchant
        | Action::Refund
        | Action::Fail
        | Action::Expire => return None,
    })
}
