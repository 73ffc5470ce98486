//! The page for who was slower: what happened meanwhile, and what was written.

use askama::Template;
use recourse_dispute::time::UnixMillis;
use recourse_operations::Seen;

use super::NAV;
use super::item::{Look, ThreadItem, TimelineItem, thread_items, timeline_items};
use super::load::Loaded;
use super::order::CaseAction;
use crate::{Frame, Visitor};

/// The page for who was slower.
#[derive(Template)]
#[template(path = "case-changed.html")]
pub(super) struct ChangedPage {
    frame: Frame,
    case_id: String,
    /// How far the case is now.
    seen: String,
    submission: String,
    /// The order, as a form names it.
    order: &'static str,
    /// What was written, and the other fields of the form.
    text: String,
    side: Option<&'static str>,
    to: Option<String>,
    thread: Vec<ThreadItem>,
    timeline: Vec<TimelineItem>,
}

impl ChangedPage {
    pub(super) fn of(visitor: &Visitor, loaded: &Loaded, seen: Seen, action: CaseAction<'_>, submission: &str) -> Self {
        let case_id = loaded.number().case_id();
        let since = since(loaded, seen);
        let draft = action.draft();
        let text = [draft.reply, draft.note, draft.why].into_iter().find(|text| !text.is_empty());
        let mut thread = thread_items(&case_id, &loaded.record);
        thread.retain(|item| item.is_since(since));
        let mut timeline = timeline_items(&loaded.record);
        timeline.retain(|item| item.is_since(since));
        Self {
            frame: visitor.frame(&format!("{case_id} has changed"), NAV),
            case_id,
            seen: loaded.seen().to_string(),
            submission: submission.to_owned(),
            order: action.name(),
            text: text.unwrap_or_default(),
            side: draft.side,
            to: match action {
                CaseAction::Assign(to) => Some(to.to_owned()),
                _ => None,
            },
            thread,
            timeline,
        }
    }
}

/// When the first thing happened that the agent did not see.
fn since(loaded: &Loaded, seen: Seen) -> UnixMillis {
    let record = &loaded.record;
    let steps = record.history.iter().filter(|event| event.version > seen.case).map(|event| event.at);
    let messages = record.messages.iter().filter(|message| message.seq > seen.messages).map(|message| message.at);
    let events = record.record.events.iter().filter(|event| event.version > seen.dispute).map(|event| event.at);
    steps.chain(messages).chain(events).min().unwrap_or(loaded.now)
}
