//! The first page: request lines to paste, the demo's keys, and what runs.

use std::time::Duration;

use askama::Template;

use super::console::DemoLink;
use super::demo::{ApiExample, Demo, REFID, Transaction};
use super::{FunctionRow, PagesState, clock, snippet};
use crate::provider::{Answer, FAULTS, STATES};

#[derive(Template)]
#[template(path = "index.html")]
pub(super) struct Index<'a> {
    url: &'a str,
    /// The report by the command line, which has the demo's client key built in.
    command: Option<String>,
    snippet: Option<String>,
    api_examples: Vec<ApiExample>,
    demo: Option<Demo>,
    /// By which the demo's people sign in to the console.
    links: Vec<DemoLink>,
    /// How far the demo's cases are.
    cases: Option<String>,
    /// What is answered about the demo's transactions whose provider can be asked.
    answers: Vec<Answered>,
    /// What can be chosen as an answer: its value in a form, and its name.
    choices: Vec<(String, String)>,
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
    pub(super) fn new(state: &'a PagesState, demo: Option<Demo>, links: Vec<DemoLink>) -> Index<'a> {
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
            answers: demo.iter().flat_map(Demo::with_provider).map(|bought| answered(state, bought)).collect(),
            choices: choices(),
            links,
            cases: state.demo_cases.sentence(),
            demo,
        }
    }

    fn place(&self) -> &'static str {
        "/"
    }
}

/// A transaction, and what the demo's provider answers about it.
struct Answered {
    trxid: String,
    refid: String,
    product: String,
    /// The answer in words.
    word: String,
    /// Its value in the form.
    value: String,
    evidence: String,
    /// How often it was asked.
    asked: usize,
}

impl Answered {
    /// The class of the answer's tag.
    fn tone(&self) -> &'static str {
        match self.word.as_str() {
            "delivered" => " good",
            "failed" => " bad",
            "pending" => " warn",
            _ => "",
        }
    }
}

fn answered(state: &PagesState, bought: &Transaction) -> Answered {
    let answer = state.provider.answer(&bought.trxid);
    let (value, evidence) = match &answer {
        Answer::State(json) => {
            let text = |name: &str| json.get(name).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
            (text("state"), text("evidence"))
        }
        Answer::Fault(fault) => (format!("fail:{fault}"), String::new()),
    };
    Answered {
        trxid: bought.trxid.clone(),
        refid: bought.refid.clone(),
        product: bought.product.clone(),
        word: answer.word(),
        value,
        evidence,
        asked: state.provider.questions(&bought.trxid).len(),
    }
}

/// The states, and the faults that somebody at a page wants to see.
fn choices() -> Vec<(String, String)> {
    let states = STATES.iter().map(|state| ((*state).to_owned(), (*state).to_owned()));
    let faults = FAULTS.iter().map(|fault| (format!("fail:{fault}"), format!("fails: {fault}")));
    states.chain(faults).collect()
}

/// A duration in days, hours and minutes.
fn in_words(duration: Duration) -> String {
    let minutes = duration.as_secs() / 60;
    let parts = [(minutes / (24 * 60), "d"), (minutes / 60 % 24, "h"), (minutes % 60, "min")];
    let parts: Vec<_> = parts.iter().filter(|(n, _)| *n > 0).map(|(n, unit)| format!("{n} {unit}")).collect();
    if parts.is_empty() { format!("{} s", duration.as_secs()) } else { parts.join(" ") }
}
