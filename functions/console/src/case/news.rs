//! What is new on a case since its page was shown. The page looks again by itself and says it, and
//! whoever writes a reply decides when to have it shown.

use askama::Template;
use recourse_dispute::lifecycle::Actor;
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::text::visible;
use recourse_dispute::time::UnixMillis;
use recourse_edge::{ApiResponse, App};
use recourse_operations::{Seen, labels};
use recourse_store::{CaseRecord, Direction, Message, MessageRole, SupportEvent};
use recourse_support::reason::Reason;

use super::address;
use super::item::agent_of;
use super::load::Loaded;
use crate::action::AuditAction;
use crate::look::Look;
use crate::{ConsoleError, Visitor, html};

/// How many things the notice names.
const MAX_ITEMS: usize = 3;

/// The notice, and by what the page looks again.
pub(super) struct News {
    pub(super) at: String,
    pub(super) token: String,
    pub(super) items: Vec<String>,
    pub(super) has_more: bool,
}

/// What the page gets when it looks again.
#[derive(Template)]
#[template(path = "case-news.html")]
struct Part {
    news: News,
}

impl News {
    /// That of a page that is shown now: nothing is new.
    pub(super) fn none(visitor: &Visitor, loaded: &Loaded) -> Self {
        let at = address(loaded.number());
        let token = visitor.seals.look_token(&at, &loaded.seen().to_string(), loaded.now);
        Self { at, token, items: Vec::new(), has_more: false }
    }
}

/// What is new since the page was shown. Where nothing is, that costs one read.
pub(super) async fn answer(
    app: &App,
    visitor: &Visitor,
    number: DisputeNumber,
    look: Look<'_>,
) -> Result<ApiResponse, ConsoleError> {
    let seen: Seen = look.note.parse().map_err(|_| ConsoleError::NotFound)?;
    let at = address(number);
    let token = if look.is_over {
        visitor.viewed(app, AuditAction::Case, Some(number)).await?;
        visitor.seals.look_token(&at, look.note, app.context.now())
    } else {
        look.token.to_owned()
    };
    let (found, _) = app.store.found_cases(&[number]).await?;
    let found = found.into_iter().next().ok_or(ConsoleError::NotFound)?;
    let mut items = if Seen::of(&found.dispute, found.case.as_ref()) == seen {
        Vec::new()
    } else {
        let record = Box::pin(app.store.case_record(number)).await?.ok_or(ConsoleError::NotFound)?;
        since(&record, seen)
    };
    let has_more = items.len() > MAX_ITEMS;
    items.truncate(MAX_ITEMS);
    Ok(html(200, "refreshed", &Part { news: News { at, token, items, has_more } }).about(number))
}

/// What happened since, in its order, each thing once. That a worker claimed its task is nothing.
fn since(record: &CaseRecord, seen: Seen) -> Vec<String> {
    let messages = record.messages.iter().filter(|message| message.seq > seen.messages);
    let messages = messages.map(|message| (message.at, message_words(record, message)));
    let steps: Vec<_> = record.history.iter().filter(|event| event.version > seen.case).collect();
    let of_case = steps.iter().flat_map(|event| step_words(event).into_iter().map(|words| (event.at, words)));
    let events = record.record.events.iter().filter(|event| event.version > seen.dispute);
    // A step of the case that changes the dispute is written with it, and says it better.
    let events = events.filter(|event| !steps.iter().any(|step| step.at == event.at));
    let of_dispute =
        events.map(|event| (event.at, format!("{}: {}", labels::who(&event.by), labels::event_kind(event.kind))));
    let mut all: Vec<(UnixMillis, String)> = messages.chain(of_case).chain(of_dispute).collect();
    all.sort_by_key(|(at, _)| *at);
    let mut items: Vec<String> = Vec::new();
    for (_, words) in all {
        let words = visible(&words).into_owned();
        if !items.contains(&words) {
            items.push(words);
        }
    }
    items
}

fn message_words(record: &CaseRecord, message: &Message) -> String {
    match (message.direction, message.role) {
        (Direction::In, MessageRole::Customer) => "a message from the customer".to_owned(),
        (Direction::In, MessageRole::ThirdParty) => "a message from a third party".to_owned(),
        (Direction::In, _) => "a message".to_owned(),
        (Direction::Out, MessageRole::Agent) => match agent_of(record, message.seq) {
            Some(agent) => format!("a reply by {agent}"),
            None => "a reply".to_owned(),
        },
        (Direction::Out, _) => "a mail of the automation".to_owned(),
    }
}

/// What a step was. One that is about a message is said by the message.
fn step_words(event: &SupportEvent) -> Vec<String> {
    let who = &event.by.name;
    if event.by.actor == Actor::Operator && event.note.is_some() {
        return vec![format!("a note by {who}")];
    }
    if event.ids.iter().any(|id| id.starts_with("message ")) {
        return Vec::new();
    }
    let words = |reason: Reason| match reason {
        Reason::AgentTook => format!("{who} took the case"),
        Reason::AgentAssigned => format!("{who} handed the case over"),
        Reason::AgentReleased => format!("{who} gave the case back"),
        Reason::AgentResolved => format!("{who} resolved the case"),
        other => in_a_sentence(other.sentence()),
    };
    event.entries.iter().map(|entry| words(entry.reason)).collect()
}

/// A sentence as a part of another one.
fn in_a_sentence(sentence: &str) -> String {
    let mut letters = sentence.trim_end_matches('.').chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_becomes_a_part_of_another_one() {
        assert_eq!(in_a_sentence("The provider was asked."), "the provider was asked");
        assert_eq!(in_a_sentence(""), "");
        for reason in Reason::ALL {
            assert!(!in_a_sentence(reason.sentence()).contains('_'), "{reason:?}");
        }
    }
}
