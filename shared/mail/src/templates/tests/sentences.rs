//! What a mail says of what is to come is what the table between the parties says.
//!
//! The test writes every mail that can come about, for every situation that it can be about. Each
//! of its steps must be listed here, with what has to be true for it.

use recourse_dispute::lifecycle::{Action, Actor, Category, Closing, Side, State, transition};
use recourse_dispute::notification::{EmailTemplate, Notification, StatusSnapshot};
use recourse_dispute::policy::actions::{Situation, decide};
use recourse_dispute::policy::notifications::{choices, every_mail};

use super::super::lead::lead;
use super::super::names::ACTED;
use super::super::next::steps;
use super::super::title::title;
use super::claims::NotifiedMail;
use super::*;

const END: UnixMillis = UnixMillis(1_770_256_800_000);
const BY: &str = "5 February 2026, 02:00:00 UTC";

/// The steps that are the same in each mail, and what has to be true of the event for them.
const FIXED: &[(&str, &[&str])] = &[
    ("If something here is wrong, reply to this mail.", &[]),
    ("We check the payment with the service provider.", &["report", "goes on"]),
    ("We will write to this address when there is news.", &["goes on"]),
    ("To add information, such as a screenshot", &["goes on"]),
    ("The merchant's side has to pay you back NGN 1,550.00.", &["owed"]),
    ("The merchant's side owes the customer's side NGN 1,550.00.", &["owed"]),
    ("The outcome is against your organisation: the merchant's side, which it belongs to, owes", &["owed"]),
    ("The outcome is in your organisation's favour. The payment stays as it is.", &["for the merchant"]),
    ("Nobody has to act on the dispute any more.", &["is closed"]),
    ("The payment stays as it is.", &["stays"]),
    ("You need not do anything.", &["is closed"]),
    ("If it does not arrive, reply to this mail.", &["owed"]),
    ("If you have something that nobody has seen yet", &["stays"]),
    ("The payment platform returns the payment to the customer", &["refunded"]),
    ("The payment platform returns your payment.", &["refunded"]),
    ("When the money arrives depends", &["is closed"]),
    ("If something is still wrong, reply to this mail.", &["refunded"]),
    ("Nothing was bought with th", &["failed"]),
    ("If money was taken for it and does not come back", &["failed"]),
    ("Nothing more is done about the payment in this case.", &["withdrew what it opened"]),
    ("If you did not expect this, or something is still wrong", &["withdrew what it opened"]),
];

/// What a choice is called, and the action that it is.
const CHOICES: &[(&str, Action)] = &[
    ("accept the claim", Action::Accept),
    ("accept", Action::Accept),
    ("refuse the claim", Action::Decline),
    ("withdraw its claim", Action::Withdraw),
    ("withdraw your claim", Action::Withdraw),
    ("answer the claim (representment)", Action::Represent),
    ("make the claim again (pre-arbitration)", Action::PreArbitrate),
    ("answer the claim again (pre-arbitration II)", Action::PreArbitrateAgain),
    ("ask for arbitration", Action::Arbitrate),
    ("record that it won", Action::VerdictWon),
    ("record that you won", Action::VerdictWon),
    ("record that it lost", Action::VerdictLost),
    ("record that you lost", Action::VerdictLost),
    ("concede (merchant-loss)", Action::VerdictLost),
    ("move the dispute to the next level", Action::MoveLevel),
    ("withdraw the dispute", Action::Cancel),
];

/// The situations that a mail of this cause can be about, with one category each.
fn situations(cause: Cause, state: State) -> Vec<Situation> {
    let mut all = Vec::new();
    for category in cause.channel.policy().categories {
        for respondent in [Some(Actor::Acquirer), Some(Actor::Merchant), None] {
            for (parties_acted, has_evidence) in [(false, false), (true, true)] {
                let channel = cause.channel;
                let category = *category;
                let situation =
                    Situation { channel, state, category, closed_by: None, parties_acted, has_evidence, respondent };
                let is_of_it = |stage| category.stages().contains(&stage);
                all.extend(Some(situation).filter(|_| !matches!(state, State::Live(stage) if !is_of_it(stage))));
            }
        }
    }
    all
}

/// The notification of it.
fn sent(template: EmailTemplate, audience: Audience, cause: Cause, on: &Situation) -> Notification {
    let end = transition(on.state, on.category, Action::Expire).ok().filter(|_| cause.channel.policy().has_deadlines);
    let snapshot = StatusSnapshot {
        log_code: None,
        transaction: None,
        category: on.category,
        status: None,
        party_due: on.state.party_due(),
        ends_at: end.map(|_| END),
        ends_for: end.and_then(State::closing),
        respondent: on.respondent,
        choices: choices(on, audience),
    };
    Notification { audience, cause, status: Some(snapshot), ..notification(template, "1", None) }
}

/// Whether somebody who is called so has to act next, in a mail to this audience.
fn is_next(on: &Situation, audience: Audience, who: &str) -> bool {
    let side = on.state.party_due();
    // An account that may not win by its own verdict can only concede.
    let account_answers = audience == Audience::Case
        && on.channel.policy().case_readers.contains(&Actor::Account)
        && decide(on, Actor::Account, Action::VerdictWon).is_ok();
    let is_respondent = |role| side == Some(Side::Respondent) && on.respondent == role;
    match who {
        _ if !on.channel.policy().has_deadlines => who == "the payment platform's dispute team",
        "the payment platform's dispute team" => side == Some(Side::Operator),
        "the issuer" => side == Some(Side::Claimant),
        "the acquirer" => is_respondent(Some(Actor::Acquirer)) && !account_answers,
        "the merchant" => is_respondent(Some(Actor::Merchant)) && !account_answers,
        "the payment platform's merchant" => is_respondent(None) && audience == Audience::Parties,
        "the acquirer or your organisation" => is_respondent(Some(Actor::Acquirer)) && account_answers,
        "the merchant or your organisation" => is_respondent(Some(Actor::Merchant)) && account_answers,
        "your organisation" => is_respondent(None) && audience == Audience::Case,
        other => panic!("nobody is called {other:?}"),
    }
}

fn lower_first(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().into_iter().flat_map(char::to_lowercase).chain(characters).collect()
}

/// Whether a list of choices is what a role may do, all of it and nothing else.
fn are_choices(on: &Situation, role: Actor, listed: &str) -> bool {
    let listed: Vec<_> =
        listed.split(", or ").flat_map(|part| part.split(" or ")).flat_map(|part| part.split(", ")).collect();
    let known = |text: &str| CHOICES.iter().find(|(name, _)| *name == text).unwrap_or_else(|| panic!("{text}?")).1;
    let may = |action: &Action| decide(on, role, *action).is_ok();
    let actions: Vec<_> = listed.into_iter().map(known).collect();
    let mut all = CHOICES.iter().map(|(_, action)| *action).filter(may);
    actions.iter().all(may) && all.all(|action| actions.contains(&action))
}

/// Whether a step holds; `None` of one that is not listed.
fn holds(notification: &Notification, on: &Situation, step: &str) -> Option<bool> {
    let sent = NotifiedMail { cause: notification.cause, state: on.state };
    if let Some((_, said)) = FIXED.iter().find(|(text, _)| step.starts_with(text)) {
        return Some(said.iter().all(|said| sent.holds(said)));
    }
    let ends = transition(on.state, on.category, Action::Expire).ok().and_then(State::closing);
    let has_end = ends.is_some() && on.channel.policy().has_deadlines;
    if step == "The payment platform's dispute team is looking into it. You need not do anything." {
        return Some(!on.channel.policy().has_deadlines && on.state.is_open());
    }
    let decides = on.state.party_due() == Some(Side::Operator);
    let (must, otherwise) = if decides { ("decide", "decides") } else { ("respond", "responds") };
    if let Some((who, when)) = step.split_once(" has to ") {
        let expected = if has_end { format!("{must} by {BY}.") } else { format!("{must}. There is no deadline.") };
        return Some(is_next(on, notification.audience, &lower_first(who)) && when == expected);
    }
    if let Some(favour) = step.strip_prefix(&format!("If nobody {otherwise} by {BY}, the dispute is closed in the ")) {
        let closing = if favour.contains("customer") { Closing::Customer } else { Closing::Merchant };
        return Some(has_end && ends == Some(closing));
    }
    if step.starts_with("Until then the issuer can still withdraw its claim") {
        let accepts = on.respondent.is_none_or(|role| decide(on, role, Action::Accept).is_ok());
        return Some(decide(on, Actor::Issuer, Action::Withdraw).is_ok() && accepts);
    }
    let role = notification.status.as_ref()?.choices.as_ref()?.role;
    let said = step.strip_suffix('.')?;
    let (who, listed) = match said.split_once(" can ") {
        Some((who, listed)) => (who, listed),
        // Another party is due to respond.
        None => {
            let (who, listed) = said.split_once(" may ")?;
            let before = if has_end { " before that" } else { " meanwhile, if it wishes" };
            let is_due = on.channel.policy().has_deadlines
                && on.state.party_due() == Some(role.side())
                && (role != Actor::Account || on.respondent.is_none());
            (who, listed.strip_suffix(before).filter(|_| !is_due)?)
        }
    };
    let is_called_so = match who {
        "You" => notification.template == EmailTemplate::Reminder,
        "The issuer" => role == Actor::Issuer,
        "The acquirer" => role == Actor::Acquirer,
        "The merchant" => role == Actor::Merchant,
        "Your organisation" => matches!(role, Actor::Account | Actor::Opener),
        _ => return None,
    };
    Some(is_called_so && are_choices(on, role, listed))
}

#[test]
fn what_a_mail_says_of_what_is_to_come_is_what_the_table_says() {
    let mut seen = std::collections::HashSet::new();
    for (template, audience, cause, state) in every_mail() {
        for on in situations(cause, state) {
            let notification = sent(template, audience, cause, &on);
            for step in steps(&notification) {
                let about = format!("{step} ({template:?} {audience:?} {on:?})");
                assert_eq!(holds(&notification, &on, &step), Some(true), "{about}");
                seen.insert(step);
            }
            let title = title(&notification);
            assert!(!format!("{title} {}", lead(&notification)).contains(ACTED), "{title}: {on:?}");
            if let Some((_, who)) = title.strip_suffix(" acts next").and_then(|title| title.rsplit_once(": ")) {
                assert!(is_next(&on, audience, who), "{title}: {on:?}");
            }
            if template == EmailTemplate::Reminder && cause.channel.policy().has_deadlines {
                let who = title.strip_prefix("Reminder: ").and_then(|rest| rest.split_once(" has to respond by "));
                let is_theirs = who.is_none_or(|(who, _)| is_next(&on, audience, who) && audience == Audience::Case);
                assert!(is_theirs && title.ends_with(" by 5 February 2026, 02:00 UTC"), "{title}: {on:?}");
                assert!(who.is_some() || title.starts_with("Reminder: act by "), "{title}: {on:?}");
            }
        }
    }
    for text in
        ["The issuer has to respond by", "You can ", "You may ", "Until then the issuer", "If nobody responds by"]
    {
        assert!(seen.iter().any(|step| step.starts_with(text)), "no mail says {text:?}");
    }
}

#[test]
fn a_category_without_a_stage_has_no_choice_of_it() {
    let cause = Cause { channel: Channel::Arbiter, actor: Actor::Issuer, kind: EventKind::Opened };
    let on = situations(cause, State::Live(recourse_dispute::lifecycle::Stage::First))
        .into_iter()
        .find(|on| on.category == Category::GoodFaith)
        .unwrap();
    let steps = steps(&sent(EmailTemplate::Logged, Audience::Parties, cause, &on));
    assert!(steps.contains(&"The acquirer can accept or refuse the claim.".to_owned()), "{steps:?}");
}
