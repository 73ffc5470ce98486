//! Whether a playbook's steps hold together.

use std::collections::BTreeSet;

use super::{Action, Playbook};
use crate::json::{Problem, shown};

impl Action {
    /// The steps that can come next.
    fn next(&self) -> Vec<&str> {
        match self {
            Self::Ask { then, .. } | Self::Wait { then, .. } => vec![then],
            Self::AskProvider { branches, .. } => {
                vec![&branches.delivered, &branches.failed, &branches.unknown, &branches.unavailable]
            }
            Self::Answer(_) | Self::Close | Self::Escalate => Vec::new(),
        }
    }

    /// The steps that can come next without any waiting, whatever the state of the case.
    fn next_at_once(&self) -> Vec<&str> {
        match self {
            // What is known already is not asked for.
            Self::Ask { then, .. } => vec![then],
            // Where no provider is configured, nothing is waited for.
            Self::AskProvider { branches, .. } => vec![&branches.unavailable],
            Self::Wait { .. } | Self::Answer(_) | Self::Close | Self::Escalate => Vec::new(),
        }
    }
}

pub(super) fn problems(place: &str, playbook: &Playbook) -> Vec<Problem> {
    let mut problems = Vec::new();
    let at = |step: &str| format!("{place}: steps.{step}");
    if !playbook.steps.contains_key(&playbook.start) {
        problems.push(Problem::new(format!("{place}: start"), missing(playbook, &playbook.start)));
    }
    for (step, action) in &playbook.steps {
        for target in action.next() {
            if !playbook.steps.contains_key(target) {
                problems.push(Problem::new(at(step), missing(playbook, target)));
            }
        }
    }
    if !problems.is_empty() {
        return problems;
    }
    let reached = reach(playbook, &playbook.start, Action::next);
    for (step, action) in &playbook.steps {
        if !reached.contains(step.as_str()) {
            problems.push(Problem::new(at(step), "is never reached; let a step lead to it or take it out"));
        }
        let beyond: BTreeSet<&str> =
            action.next_at_once().into_iter().flat_map(|next| reach(playbook, next, Action::next_at_once)).collect();
        if beyond.contains(step.as_str()) {
            problems.push(Problem::new(at(step), "comes round to itself without waiting; put a step wait between"));
        }
        let ends = reach(playbook, step, Action::next);
        let has_end = ends.iter().any(|end| playbook.steps.get(*end).is_some_and(|action| action.next().is_empty()));
        if !has_end {
            problems.push(Problem::new(at(step), "leads to no end; let it lead to answer, close or escalate"));
        }
        if let Action::AskProvider { branches, .. } = action {
            problems.extend(misled(playbook, &at(step), branches));
        }
    }
    problems
}

/// Branches that would say what the provider did not.
fn misled(playbook: &Playbook, place: &str, branches: &super::Branches) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (name, target) in [
        ("delivered", &branches.delivered),
        ("failed", &branches.failed),
        ("unknown", &branches.unknown),
        ("unavailable", &branches.unavailable),
    ] {
        let rule = match playbook.steps.get(target) {
            Some(Action::Answer(_)) if name != "delivered" => "must not answer that it was delivered",
            Some(Action::Close) if name != "failed" => "must not close as failed",
            _ => continue,
        };
        problems.push(Problem::new(format!("{place}.{name}"), rule));
    }
    problems
}

fn missing(playbook: &Playbook, target: &str) -> String {
    let names: Vec<&str> = playbook.steps.keys().map(String::as_str).collect();
    format!("leads to {}, which is no step; steps are {}", shown(target), names.join(", "))
}

/// The steps that can be reached from one, itself included.
fn reach<'a>(playbook: &'a Playbook, from: &'a str, next: fn(&Action) -> Vec<&str>) -> BTreeSet<&'a str> {
    let (mut reached, mut open) = (BTreeSet::new(), vec![from]);
    while let Some(step) = open.pop() {
        if reached.insert(step) {
            open.extend(playbook.steps.get(step).map(next).unwrap_or_default());
        }
    }
    reached
}
