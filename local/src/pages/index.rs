//! The first page: request lines to paste, the demo's keys, and what runs.

use std::time::Duration;

use askama::Template;

use super::demo::{ApiExample, Demo, REFID};
use super::{FunctionRow, PagesState, clock, snippet};

#[derive(Template)]
#[template(path = "index.html")]
pub(super) struct Index<'a> {
    url: &'a str,
    /// The report by the command line, which has the demo's client key built in.
    command: Option<String>,
    snippet: Option<String>,
    api_examples: Vec<ApiExample>,
    demo: Option<Demo>,
    functions: &'a [FunctionRow],
    endpoints: &'a [(String, String)],
    /// What time it is here.
    now: String,
    /// How far the clock was moved, in words, if it was.
    moved: Option<String>,
    /// Whether it can be moved.
    movable: bool,
}

impl<'a> Index<'a> {
    pub(super) fn new(state: &'a PagesState, demo: Option<Demo>) -> Index<'a> {
        let caller = Demo::caller(demo.as_ref(), state);
        let moved = state.clock.moved_by();
        Index {
            url: &state.url,
            command: caller
                .client
                .map(|_| format!("target/debug/recourse report --refid {REFID} --email user@example.com")),
            api_examples: demo.as_ref().map(|demo| demo.api_examples(&state.url)).unwrap_or_default(),
            snippet: caller.client.map(|key| snippet::report(&caller, key)),
            functions: &state.functions,
            endpoints: &state.endpoints,
            now: clock::now(&state.clock),
            moved: (!moved.is_zero()).then(|| in_words(moved)),
            movable: state.clock.file().is_some(),
            demo,
        }
    }

    fn place(&self) -> &'static str {
        "/"
    }
}

/// A duration in days, hours and minutes.
fn in_words(duration: Duration) -> String {
    let minutes = duration.as_secs() / 60;
    let parts = [(minutes / (24 * 60), "d"), (minutes / 60 % 24, "h"), (minutes % 60, "min")];
    let parts: Vec<_> = parts.iter().filter(|(n, _)| *n > 0).map(|(n, unit)| format!("{n} {unit}")).collect();
    if parts.is_empty() { format!("{} s", duration.as_secs()) } else { parts.join(" ") }
}
