//! Reading a playbook from JSON.

use std::collections::BTreeMap;
use std::fmt::Write;

use sha2::{Digest, Sha256};

use super::{Action, Branches, Playbook, check};
use crate::case::Kind;
use crate::json::{self, Json, Problem};
use crate::templates::{Question, TemplateId};

/// A playbook of 64 steps has some 20 KB.
const MAX_BYTES: usize = 65_536;
/// More steps than anybody can read.
const MAX_STEPS: usize = 64;
/// A pause is at most a week; what takes longer belongs to a person.
const MAX_WAIT_SECONDS: i64 = 7 * 24 * 60 * 60;

pub(super) fn file(file: &str, text: &str) -> Result<Playbook, Vec<Problem>> {
    let document = json::read(file, text, MAX_BYTES).map_err(|problem| vec![problem])?;
    playbook(file, &document, &version(text))
}

pub(super) fn set(file: &str, text: &str) -> Result<BTreeMap<Kind, Playbook>, Vec<Problem>> {
    let one = |problem: Problem| vec![problem];
    let document = json::read(file, text, 4 * MAX_BYTES).map_err(one)?;
    document.members(file, &Kind::ALL.map(Kind::name)).map_err(one)?;
    let (mut playbooks, mut problems, version) = (BTreeMap::new(), Vec::new(), version(text));
    for kind in Kind::ALL {
        let read = document.need(file, kind.name()).map_err(one);
        match read.and_then(|own| playbook(&format!("{file}: {}", kind.name()), own, &version)) {
            Ok(playbook) => {
                playbooks.insert(kind, playbook);
            }
            Err(found) => problems.extend(found),
        }
    }
    if problems.is_empty() { Ok(playbooks) } else { Err(problems) }
}

/// The first 12 hexadecimal digits of the SHA-256.
fn version(text: &str) -> String {
    let mut version = String::new();
    for byte in Sha256::digest(text.as_bytes()).iter().take(6) {
        // Writing to a String does not fail.
        let _ = write!(version, "{byte:02x}");
    }
    version
}

fn playbook(place: &str, document: &Json, version: &str) -> Result<Playbook, Vec<Problem>> {
    let one = |problem: Problem| vec![problem];
    document.members(place, &["name", "start", "steps"]).map_err(one)?;
    let name = document.need(place, "name").and_then(|name| named(&format!("{place}: name"), name)).map_err(one)?;
    let start =
        document.need(place, "start").and_then(|start| named(&format!("{place}: start"), start)).map_err(one)?;
    let members =
        document.need(place, "steps").and_then(|steps| steps.object(&format!("{place}: steps"))).map_err(one)?;
    if members.is_empty() || members.len() > MAX_STEPS {
        return Err(one(Problem::new(format!("{place}: steps"), format!("must be 1 to {MAX_STEPS} steps"))));
    }
    let (mut steps, mut problems) = (BTreeMap::new(), Vec::new());
    for (step, action) in members {
        let at = format!("{place}: steps.{}", json::shown(step));
        let read = named(&at, &Json::Text(step.clone())).and_then(|name| Ok((name, action_of(&at, action)?)));
        match read {
            Ok((name, action)) => {
                steps.insert(name, action);
            }
            Err(problem) => problems.push(problem),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let playbook = Playbook { name, version: version.to_owned(), start, steps };
    let problems = check::problems(place, &playbook);
    if problems.is_empty() { Ok(playbook) } else { Err(problems) }
}

/// A name of a playbook or a step: it is part of histories and metrics.
fn named(place: &str, value: &Json) -> Result<String, Problem> {
    let text = value.text(place)?;
    let is_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if text.len() <= 40 && text.bytes().all(is_name) {
        Ok(text.to_owned())
    } else {
        Err(Problem::new(place, "must be named by 1 to 40 characters of a-z 0-9 _"))
    }
}

const ACTIONS: &str = "ask, ask_provider, wait, answer, close, escalate";

fn action_of(place: &str, step: &Json) -> Result<Action, Problem> {
    step.object(place)?;
    let action = step.need(place, "do")?.text(&format!("{place}.do"))?;
    let to = |name: &str| step.need(place, name).and_then(|target| named(&format!("{place}.{name}"), target));
    match action {
        "ask" => {
            step.members(place, &["do", "question", "then"])?;
            Ok(Action::Ask { question: question(place, step)?, then: to("then")? })
        }
        "ask_provider" => {
            step.members(place, &["do", "delivered", "failed", "unknown", "unavailable", "notify"])?;
            let (delivered, failed) = (to("delivered")?, to("failed")?);
            let (unknown, unavailable) = (to("unknown")?, to("unavailable")?);
            let branches = Branches { delivered, failed, unknown, unavailable };
            Ok(Action::AskProvider { branches, notify: notify(place, step)? })
        }
        "wait" => {
            step.members(place, &["do", "seconds", "then", "notify"])?;
            let seconds = step.need(place, "seconds")?.whole(&format!("{place}.seconds"), 1..=MAX_WAIT_SECONDS)?;
            let seconds = u32::try_from(seconds).unwrap_or(u32::MAX);
            Ok(Action::Wait { seconds, then: to("then")?, notify: notify(place, step)? })
        }
        "answer" => {
            step.members(place, &["do", "template"])?;
            let answer = template(&format!("{place}.template"), step.need(place, "template")?, TemplateId::is_answer)?;
            Ok(Action::Answer(answer))
        }
        "close" => {
            step.members(place, &["do", "reason"])?;
            match step.need(place, "reason")?.text(&format!("{place}.reason"))? {
                "provider_failed" => Ok(Action::Close),
                _ => Err(Problem::new(format!("{place}.reason"), "must be provider_failed, the only founded one")),
            }
        }
        "escalate" => {
            step.members(place, &["do"])?;
            Ok(Action::Escalate)
        }
        other => {
            let rule = format!("{} is unknown; known are {ACTIONS}", json::shown(other));
            Err(Problem::new(format!("{place}.do"), rule))
        }
    }
}

fn question(place: &str, step: &Json) -> Result<Question, Problem> {
    let at = format!("{place}.question");
    let name = step.need(place, "question")?.text(&at)?;
    Question::parse(name).ok_or_else(|| {
        let known = Question::ALL.map(Question::name).join(", ");
        Problem::new(at, format!("{} is no approved question; these are: {known}", json::shown(name)))
    })
}

fn notify(place: &str, step: &Json) -> Result<Option<TemplateId>, Problem> {
    let at = format!("{place}.notify");
    step.get("notify").map(|name| template(&at, name, TemplateId::is_information)).transpose()
}

fn template(place: &str, name: &Json, fits: fn(TemplateId) -> bool) -> Result<TemplateId, Problem> {
    let name = name.text(place)?;
    TemplateId::parse(name).filter(|template| fits(*template)).ok_or_else(|| {
        let known: Vec<&str> = TemplateId::ALL.into_iter().filter(|id| fits(*id)).map(TemplateId::name).collect();
        let rule =
            format!("{} is no template that may be sent here; these are: {}", json::shown(name), known.join(", "));
        Problem::new(place, rule)
    })
}
