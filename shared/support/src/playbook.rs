//! Playbooks: what the automation does with a case, step by step, as data.
//!
//! A playbook is a JSON file with a name, the step that it starts with, and steps. Each step is one
//! of these:
//!
//! | `do` | members | what it does |
//! |---|---|---|
//! | `ask` | `question`, `then` | asks the customer, unless the answer is known |
//! | `ask_provider` | one step an answer, `notify`? | asks the provider, goes on by its answer |
//! | `wait` | `seconds`, `then`, `notify`? | gives the provider's side time |
//! | `answer` | `template` | gives the answer, to which the customer may object |
//! | `close` | `reason` | closes the case for the customer: the provider says that it failed |
//! | `escalate` | | hands the case to a person |
//!
//! The answers are `delivered`, `failed`, `unknown`, and `unavailable` where there is no provider.
//! `notify` names a mail about the progress. [`Playbook::parse`] accepts only playbooks whose
//! steps are all reachable and all lead to an end, and which never go round without waiting.

mod check;
mod parse;

use std::collections::BTreeMap;

use crate::case::{Kind, Position};
use crate::decision::{CaseView, DecidedBy, Decision, Engine, Ruling};
use crate::event::{InFavourOf, ProviderState};
use crate::json::Problem;
use crate::reason::Reason;
use crate::templates::{Question, Slots, TemplateId};

const SHIPPED: [(Kind, &str); 4] = [
    (Kind::Voucher, include_str!("../data/playbooks/voucher.json")),
    (Kind::Bill, include_str!("../data/playbooks/bill.json")),
    (Kind::Topup, include_str!("../data/playbooks/topup.json")),
    (Kind::Other, include_str!("../data/playbooks/other.json")),
];

/// One step of a playbook.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Action {
    Ask { question: Question, then: String },
    AskProvider { branches: Branches, notify: Option<TemplateId> },
    Wait { seconds: u32, then: String, notify: Option<TemplateId> },
    Answer(TemplateId),
    Close,
    Escalate,
}

/// Where the provider's answer leads.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Branches {
    delivered: String,
    failed: String,
    unknown: String,
    unavailable: String,
}

/// A checked playbook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Playbook {
    name: String,
    version: String,
    start: String,
    steps: BTreeMap<String, Action>,
}

impl Playbook {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its version: the first 12 hexadecimal digits of the file's SHA-256.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Takes a playbook from the JSON of a file; `file` is named in errors.
    ///
    /// # Errors
    /// Every [`Problem`] that the file has, by file, step and rule.
    pub fn parse(file: &str, json: &str) -> Result<Self, Vec<Problem>> {
        parse::file(file, json)
    }

    /// Whether it has a step of this name.
    #[must_use]
    pub fn has_step(&self, step: &str) -> bool {
        self.steps.contains_key(step)
    }

    /// The step to look at first, and whether its action was taken before. `None` where the case is
    /// at a step that is not in this version any more.
    fn entry<'a>(&'a self, view: &CaseView<'a>) -> Option<(&'a str, bool)> {
        match view.position.filter(|position| position.playbook == self.name) {
            Some(position) => self.steps.contains_key(&position.step).then_some((position.step.as_str(), true)),
            None => Some((self.start.as_str(), false)),
        }
    }

    fn ruling(&self, decision: Decision, step: Option<&str>, saw: Vec<String>) -> Ruling {
        let (playbook, version) = (self.name.clone(), self.version.clone());
        let position = step.map(|step| Position { playbook, version, step: step.to_owned() });
        let by = DecidedBy::Playbook { name: self.name.clone(), version: self.version.clone() };
        Ruling { decision, by, position, saw }
    }
}

impl Engine for Playbook {
    fn decide(&self, view: &CaseView<'_>) -> Ruling {
        let mut saw = Vec::new();
        let Some((mut step, mut entered)) = self.entry(view) else {
            return self.ruling(Decision::Escalate(Reason::PlaybookChanged), None, saw);
        };
        // Each step is passed once at most, as no playbook goes round without waiting.
        for _ in 0..=self.steps.len() {
            let Some(action) = self.steps.get(step) else { break };
            saw.push(format!("step:{step}"));
            let next = match action {
                Action::Ask { question, then } if view.facts.provided.contains(&question.fact()) => {
                    saw.push(question.fact().name().to_owned());
                    then
                }
                Action::Ask { .. } if entered => {
                    return self.ruling(Decision::Escalate(Reason::CustomerUnclear), None, saw);
                }
                Action::Ask { question, .. } => return self.ruling(Decision::Ask(*question), Some(step), saw),
                Action::AskProvider { branches, .. } if !view.has_provider => &branches.unavailable,
                Action::AskProvider { branches, notify } => {
                    let answer = view.facts.provider.as_ref().filter(|_| entered);
                    if let Some(answer) = answer {
                        saw.push(format!("provider:{}", answer.state.name()));
                    }
                    match answer.map(|answer| answer.state) {
                        Some(ProviderState::Delivered) => &branches.delivered,
                        Some(ProviderState::Failed) => &branches.failed,
                        Some(ProviderState::Unknown) => &branches.unknown,
                        Some(ProviderState::Pending) | None => {
                            return self.ruling(Decision::AskProvider { notify: *notify }, Some(step), saw);
                        }
                    }
                }
                Action::Wait { then, .. } if entered && view.waited => then,
                Action::Wait { seconds, notify, .. } => {
                    return self.ruling(Decision::Wait { seconds: *seconds, notify: *notify }, Some(step), saw);
                }
                Action::Answer(template) => {
                    let answer = Decision::Answer { template: *template, slots: Slots::new() };
                    return self.ruling(answer, None, saw);
                }
                Action::Close => {
                    let (in_favour_of, reason) = (InFavourOf::Customer, Reason::ProviderFailed);
                    return self.ruling(Decision::Close { in_favour_of, reason }, None, saw);
                }
                Action::Escalate => {
                    return self.ruling(Decision::Escalate(Reason::PlaybookEscalated), None, saw);
                }
            };
            (step, entered) = (next, false);
        }
        self.ruling(Decision::Escalate(Reason::PlaybookEscalated), None, saw)
    }
}

/// The playbook that ships for a kind, as its file has it.
#[must_use]
pub fn shipped(kind: Kind) -> &'static str {
    let known = SHIPPED.iter().find(|(known, _)| *known == kind);
    known.map_or("", |(_, json)| json)
}

/// The playbooks of a deployment: one for each kind of transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Playbooks(BTreeMap<Kind, Playbook>);

impl Playbooks {
    /// The playbooks that come with Recourse.
    ///
    /// # Errors
    /// Every [`Problem`] of a data file, which a test excludes.
    pub fn shipped() -> Result<Self, Vec<Problem>> {
        let mut playbooks = BTreeMap::new();
        for (kind, json) in SHIPPED {
            playbooks.insert(kind, Playbook::parse(&format!("{}.json", kind.name()), json)?);
        }
        Ok(Self(playbooks))
    }

    /// A deployment's own set: an object with a playbook for each of `voucher`, `bill`, `topup` and
    /// `other`.
    ///
    /// # Errors
    /// Every [`Problem`] of the document, by playbook, step and rule.
    pub fn parse(file: &str, json: &str) -> Result<Self, Vec<Problem>> {
        parse::set(file, json).map(Self)
    }

    /// The playbook of a kind; that of `other` where the set has none, which no set does.
    #[must_use]
    pub fn of(&self, kind: Kind) -> Option<&Playbook> {
        self.0.get(&kind).or_else(|| self.0.get(&Kind::Other))
    }

    /// The same with another playbook for a kind.
    #[must_use]
    pub fn with(mut self, kind: Kind, playbook: Playbook) -> Self {
        self.0.insert(kind, playbook);
        self
    }

    /// Every playbook with its kind.
    pub fn iter(&self) -> impl Iterator<Item = (Kind, &Playbook)> {
        self.0.iter().map(|(kind, playbook)| (*kind, playbook))
    }
}

impl Engine for Playbooks {
    fn decide(&self, view: &CaseView<'_>) -> Ruling {
        match self.of(view.kind) {
            Some(playbook) => playbook.decide(view),
            None => Ruling {
                decision: Decision::Escalate(Reason::PlaybookEscalated),
                by: DecidedBy::Limits,
                position: None,
                saw: Vec::new(),
            },
        }
    }
}

#[cfg(test)]
mod tests;
