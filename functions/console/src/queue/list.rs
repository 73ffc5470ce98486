//! The rows of a page, as people read them.

use recourse_dispute::channel::Channel;
use recourse_dispute::dispute::Dispute;
use recourse_dispute::environment::Environment;
use recourse_dispute::text::visible;
use recourse_dispute::time::UnixMillis;
use recourse_operations::{AUTOMATION, Seen, labels, left, owner_name};
use recourse_store::{CaseFile, Operator, Permission, QueuePage, QueueRow};
use recourse_support::case::{Kind, State};

use super::selection::{List, Selection};

/// The longest text of somebody else that a row shows, in characters: a page stays small, and a
/// table a table. The page of the case has the whole text.
const MAX_SHOWN: usize = 40;
/// The same in bytes of HTML.
const MAX_SHOWN_BYTES: usize = 80;
/// How many bytes a character has in HTML that is written as an entity, such as `&#60;`.
const ENTITY_BYTES: usize = 5;
/// Below this a time is short, in milliseconds.
const SOON_MS: i64 = 60 * 60 * 1000;
const MINUTE_MS: i64 = 60 * 1000;

/// What a page lists.
pub(super) struct Listing {
    pub(super) rows: Vec<Row>,
    /// Cases that this release cannot read.
    pub(super) unread: Vec<String>,
    /// Where the next page is.
    pub(super) next: Option<String>,
    /// Where the first page is, on every other one.
    pub(super) first: Option<String>,
    /// Whether cases can be ticked.
    pub(super) has_ticks: bool,
    /// What the column of times is called.
    pub(super) time_is: &'static str,
    /// Whether cases have owners.
    pub(super) has_owners: bool,
    /// What is said where there is no row.
    pub(super) empty: &'static str,
}

/// A case.
pub(super) struct Row {
    /// The case id.
    pub(super) case: String,
    /// What a tick of it sends: the case id and how far the case is.
    pub(super) tick: Option<String>,
    /// Whether the visitor can take it with one click.
    pub(super) can_take: bool,
    pub(super) product: String,
    pub(super) facts: String,
    pub(super) tags: Vec<Tag>,
    pub(super) why: String,
    pub(super) note: Option<String>,
    pub(super) time: Time,
    pub(super) owner: String,
}

/// A word beside a case.
pub(super) struct Tag {
    pub(super) text: &'static str,
    pub(super) class: &'static str,
}

/// A time.
pub(super) struct Time {
    /// For programs.
    pub(super) iso: String,
    /// To the minute.
    pub(super) exact: String,
    pub(super) words: String,
    pub(super) class: &'static str,
}

impl Listing {
    pub(super) fn new(page: QueuePage, selection: &Selection, me: &Operator, now: UnixMillis) -> Self {
        let list = selection.list;
        let works = me.role.may(Permission::Work);
        let is_open = !matches!(list, List::Disputes | List::State(State::Resolved));
        let row = |row: &QueueRow| Row::new(row, list, me, now);
        Self {
            rows: page.rows.iter().map(row).collect(),
            unread: page.unread.iter().map(|number| number.case_id()).collect(),
            empty: empty(list, selection.is_filtered(), page.next.is_some()),
            next: page.next.map(|next| selection.address(Some(next))),
            first: selection.after.map(|_| selection.first()),
            has_ticks: works && is_open,
            time_is: match list {
                List::State(State::Resolved) => "Resolved",
                List::Disputes => "Deadline",
                List::State(_) | List::Mine => "Time left",
            },
            has_owners: is_open,
        }
    }
}

fn empty(list: List, is_filtered: bool, has_more: bool) -> &'static str {
    match (list, is_filtered, has_more) {
        (.., true) => "None of the cases that were looked at is one of these.",
        (_, true, false) => "Nothing here matches the filter.",
        (List::State(State::WaitingForAgent), ..) => "Nothing waits for an agent.",
        (List::Mine, ..) => "You have no case.",
        (List::Disputes, ..) => "No live dispute of another API has a deadline.",
        (List::State(_), ..) => "There is no such case.",
    }
}

impl Row {
    fn new(row: &QueueRow, list: List, me: &Operator, now: UnixMillis) -> Self {
        let QueueRow { dispute, case, due } = row;
        let (case, facts) = (case.as_ref(), &dispute.facts);
        let support = case.and_then(|case| case.support.as_ref());
        let state = case.and_then(|case| case.queue_state(dispute));
        // A mail that no process answers can be answered, and there is nothing to take.
        let is_answered_alone = state.is_some() && case.and_then(|case| case.effective(dispute)) != state;
        let agent = case.and_then(CaseFile::agent);
        let is_mine = agent == Some(&me.name);
        let can_move = support.is_some()
            && !is_answered_alone
            && !matches!(state, None | Some(State::Resolved))
            && me.role.may(Permission::Work);
        let messages = case.filter(|case| case.messages > 0).map(|case| {
            let count = if case.messages == 1 { "1 message".to_owned() } else { format!("{} messages", case.messages) };
            format!("{count}, the last {}", ago(now.0.saturating_sub(case.last_at.0)))
        });
        let why = match (support, list) {
            (_, List::Disputes) => format!("{}, {}", dispute.category.name(), labels::state(dispute.state)),
            (Some(support), _) if !is_answered_alone => support.reason.sentence().to_owned(),
            _ => "A mail came in that no process answers.".to_owned(),
        };
        let owner = match support.map(|support| owner_name(&support.owner)) {
            Some(Some(AUTOMATION)) => "the automation".to_owned(),
            Some(Some(name)) => short(name),
            Some(None) | None => "no agent".to_owned(),
        };
        let id = dispute.number.case_id();
        Self {
            tick: can_move.then(|| format!("{id}.{}", Seen::of(dispute, case))),
            can_take: can_move && agent.is_none(),
            product: facts.product.as_deref().map_or_else(|| "a payment".to_owned(), short),
            facts: format!("{}, {}", dispute.amount.grouped(), short(facts.refid.as_str())),
            tags: tags(dispute, case, list, state),
            why,
            note: if list == List::Disputes { None } else { messages },
            time: if list == List::Disputes {
                Time::of_deadline(dispute, *due, now)
            } else {
                Time::new(*due, now, if is_answered_alone { TimeIs::Since } else { TimeIs::of(list) })
            },
            owner: if is_mine { "you".to_owned() } else { owner },
            case: id,
        }
    }
}

/// A text of somebody else in a row.
fn short(text: &str) -> String {
    let text = visible(text);
    let mut bytes = 0;
    let mut characters = text.char_indices().enumerate();
    let end = characters.find(|(count, (_, character))| {
        bytes += if "<>&\"'".contains(*character) { ENTITY_BYTES } else { character.len_utf8() };
        *count == MAX_SHOWN || bytes > MAX_SHOWN_BYTES
    });
    match end {
        Some((_, (end, _))) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.into_owned(),
    }
}

fn tags(dispute: &Dispute, case: Option<&CaseFile>, list: List, state: Option<State>) -> Vec<Tag> {
    let mut tags = Vec::new();
    let mut add = |text, class| tags.push(Tag { text, class });
    if let Some(kind) = case.and_then(CaseFile::kind).filter(|kind| *kind != Kind::Other) {
        add(labels::kind(kind), "");
    }
    if dispute.channel != Channel::Iimmpact {
        add(labels::channel(dispute.channel), "");
    }
    if let Some(state) = state.filter(|_| list == List::Mine) {
        add(labels::support_state(state), if state == State::WaitingForAgent { "warn" } else { "" });
    }
    if dispute.facts.environment == Environment::Staging {
        add("staging", "warn");
    }
    tags
}

/// What a time of a row is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum TimeIs {
    /// The end of a state.
    Limit,
    /// When something was over.
    End,
    /// Since when somebody waits.
    Since,
}

impl TimeIs {
    fn of(list: List) -> Self {
        if list == List::State(State::Resolved) { Self::End } else { Self::Limit }
    }
}

impl Time {
    fn new(at: UnixMillis, now: UnixMillis, is: TimeIs) -> Self {
        let ms = at.0.saturating_sub(now.0);
        let (words, class) = match is {
            TimeIs::Limit if ms > 0 => (format!("{} left", length(ms)), if ms < SOON_MS { "warn" } else { "" }),
            TimeIs::Limit => (format!("overdue by {}", length(ms)), "bad"),
            TimeIs::Since => (format!("waits for {}", length(ms)), "warn"),
            TimeIs::End => (ago(ms.saturating_neg()), ""),
        };
        Self::at(at, words, class)
    }

    /// The next deadline of a dispute: its reminder, or its end.
    fn of_deadline(dispute: &Dispute, due: UnixMillis, now: UnixMillis) -> Self {
        let Some(deadline) = dispute.deadline else { return Self::new(due, now, TimeIs::Limit) };
        let ms = deadline.ends_at.0.saturating_sub(now.0);
        let class = match ms {
            ..=0 => "bad",
            _ if ms < 24 * SOON_MS => "warn",
            _ => "",
        };
        let ends =
            if ms > 0 { format!("ends in {}", length(ms)) } else { format!("ended {}", ago(ms.saturating_neg())) };
        let reminder = deadline.remind_at.map(|at| at.0.saturating_sub(now.0)).filter(|ms| *ms > 0);
        let reminder = reminder.map(|ms| format!(", reminder in {}", length(ms))).unwrap_or_default();
        Self::at(deadline.ends_at, format!("{ends}{reminder}"), class)
    }

    fn at(at: UnixMillis, words: String, class: &'static str) -> Self {
        let minute = UnixMillis(at.0.saturating_sub(at.0.rem_euclid(MINUTE_MS)));
        Self { iso: minute.iso8601(), exact: at.to_the_minute(), words, class }
    }
}

/// How long a time is: `3 hours`.
fn length(ms: i64) -> String {
    if ms.abs() < MINUTE_MS {
        return "less than a minute".to_owned();
    }
    let text = left(ms.saturating_abs());
    text.strip_prefix("in ").unwrap_or(&text).to_owned()
}

/// How long ago something was.
fn ago(ms: i64) -> String {
    if ms < MINUTE_MS { "just now".to_owned() } else { format!("{} ago", length(ms)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_said_in_words() {
        let now = UnixMillis(1_764_547_200_000);
        let of = |minutes: i64, is| {
            let time = Time::new(now.plus(minutes * MINUTE_MS), now, is);
            (time.words, time.class)
        };
        assert_eq!(of(300, TimeIs::Limit), ("5 hours left".to_owned(), ""));
        assert_eq!(of(59, TimeIs::Limit), ("59 minutes left".to_owned(), "warn"));
        assert_eq!(of(-1, TimeIs::Limit), ("overdue by 1 minute".to_owned(), "bad"));
        assert_eq!(of(0, TimeIs::Limit), ("overdue by less than a minute".to_owned(), "bad"));
        assert_eq!(of(-4320, TimeIs::End), ("3 days ago".to_owned(), ""));
        assert_eq!(of(0, TimeIs::End), ("just now".to_owned(), ""));
        assert_eq!(of(-90, TimeIs::Since), ("waits for 90 minutes".to_owned(), "warn"));
        let time = Time::new(now.plus(30_500), now, TimeIs::Limit);
        assert_eq!((&*time.iso, &*time.exact), ("2025-12-01T00:00:00Z", "1 December 2025, 00:00 UTC"));
    }

    #[test]
    fn a_long_or_hostile_text_is_short_and_visible() {
        assert_eq!(short("Steam Wallet 50"), "Steam Wallet 50");
        assert_eq!(short(&"é".repeat(40)), "é".repeat(40));
        assert_eq!(short(&"é".repeat(41)), format!("{}…", "é".repeat(40)));
        assert_eq!(short(&"<".repeat(41)), format!("{}…", "<".repeat(16)));
        assert_eq!(short("a\u{202e}b\n"), r"a\u{202e}b\n");
        assert!(short(&"\u{202e}".repeat(300)).chars().count() <= MAX_SHOWN + 1);
    }
}
