//! Reading the files of the languages, and what is wrong with them.

use std::collections::{BTreeMap, BTreeSet};

use super::{Claims, LanguageFile, Part, Phrases, Slot, Template, TemplateId};
use crate::case::Language;
use crate::json::{self, Json, Problem};
use crate::redact::is_invisible;

/// A language has some 10 KB.
const MAX_BYTES: usize = 131_072;
/// More paragraphs than anybody reads.
const MAX_PARAGRAPHS: usize = 20;
/// The longest paragraph, in characters.
const MAX_PARAGRAPH: usize = 1_000;
/// The longest subject, in characters.
const MAX_SUBJECT: usize = 120;
/// The longest phrase, in characters.
const MAX_PHRASE: usize = 60;
/// More words than a list of claims needs.
const MAX_WORDS: usize = 200;

pub(super) fn set(files: &[(&str, &str)]) -> Result<BTreeMap<Language, LanguageFile>, Vec<Problem>> {
    let (mut languages, mut problems) = (BTreeMap::new(), Vec::new());
    for (name, text) in files {
        match file(name, text) {
            Ok((language, _)) if languages.contains_key(&language) => {
                problems.push(Problem::new(*name, "is a language that another file has already"));
            }
            Ok((language, read)) => {
                languages.insert(language, read);
            }
            Err(found) => problems.extend(found),
        }
    }
    if problems.is_empty() && !languages.contains_key(&Language::english()) {
        problems.push(Problem::new("templates", "must have en.json, in which a case is answered otherwise"));
    }
    if problems.is_empty() { Ok(languages) } else { Err(problems) }
}

fn file(name: &str, text: &str) -> Result<(Language, LanguageFile), Vec<Problem>> {
    let one = |problem: Problem| vec![problem];
    let document = json::read(name, text, MAX_BYTES).map_err(one)?;
    let (language, mut file) = head(name, &document).map_err(one)?;
    let members = document
        .need(name, "templates")
        .and_then(|templates| templates.object(&format!("{name}: templates")))
        .map_err(one)?;
    let mut problems = Vec::new();
    for (id, body) in members {
        let place = format!("{name}: {}", json::shown(id));
        match TemplateId::parse(id) {
            Some(id) => match template(&place, id, body) {
                Ok(template) => {
                    file.templates.insert(id, template);
                }
                Err(found) => problems.extend(found),
            },
            None => {
                let known = TemplateId::ALL.map(TemplateId::name).join(", ");
                problems.push(Problem::new(place, format!("is no template; these are: {known}")));
            }
        }
    }
    for id in TemplateId::ALL {
        if !members.iter().any(|(name, _)| name == id.name()) {
            problems.push(Problem::new(name, format!("the template {} is missing", id.name())));
        }
    }
    if problems.is_empty() { Ok((language, file)) } else { Err(problems) }
}

fn head(name: &str, document: &Json) -> Result<(Language, LanguageFile), Problem> {
    document.members(name, &["language", "date", "months", "phrases", "claims", "templates"])?;
    let place = format!("{name}: language");
    let tag = document.need(name, "language")?.text(&place)?;
    let language = Language::parse(tag).map_err(|rule| Problem::new(&place, rule.to_string()))?;
    if name != format!("{tag}.json") {
        return Err(Problem::new(place, format!("the file must be named {tag}.json")));
    }
    let place = format!("{name}: date");
    let date = document.need(name, "date")?.text(&place)?.to_owned();
    if ["{day}", "{month}", "{year}"].iter().any(|part| date.matches(part).count() != 1) {
        return Err(Problem::new(place, "must have {day}, {month} and {year}, each once"));
    }
    let place = format!("{name}: months");
    let months = document.need(name, "months")?.texts(&place)?;
    if months.len() != 12 {
        return Err(Problem::new(place, "must be 12 names"));
    }
    let phrases = phrases(&format!("{name}: phrases"), document.need(name, "phrases")?)?;
    let claims = claims(&format!("{name}: claims"), document.need(name, "claims")?)?;
    Ok((language, LanguageFile { date, months, phrases, claims, templates: BTreeMap::new() }))
}

fn phrases(place: &str, document: &Json) -> Result<Phrases, Problem> {
    document.members(place, &["works_now", "agent_reply"])?;
    let phrase = |name: &str| {
        let at = format!("{place}.{name}");
        let text = document.need(place, name)?.text(&at)?;
        let is_plain = |letter: char| !is_invisible(letter) && !"{}".contains(letter);
        if text.chars().count() <= MAX_PHRASE && text.trim() == text && text.chars().all(is_plain) {
            return Ok(text.to_owned());
        }
        let rule = format!("must be at most {MAX_PHRASE} characters, all visible and on one line, without a place");
        Err(Problem::new(at, rule))
    };
    Ok(Phrases { works_now: phrase("works_now")?, agent_reply: phrase("agent_reply")? })
}

fn claims(place: &str, document: &Json) -> Result<Claims, Problem> {
    document.members(place, &["money", "result", "promise", "times", "numbers", "units"])?;
    let words = |name: &str| {
        let place = format!("{place}.{name}");
        let words = document.need(&place, name)?.texts(&place)?;
        if words.is_empty() || words.len() > MAX_WORDS {
            return Err(Problem::new(place, format!("must be 1 to {MAX_WORDS} words")));
        }
        Ok(words.iter().map(|word| word.to_lowercase()).collect::<Vec<String>>())
    };
    Ok(Claims {
        money: words("money")?,
        result: words("result")?,
        promise: words("promise")?,
        times: words("times")?,
        numbers: words("numbers")?,
        units: words("units")?,
    })
}

fn template(place: &str, id: TemplateId, body: &Json) -> Result<Template, Vec<Problem>> {
    let one = |problem: Problem| vec![problem];
    body.members(place, &["subject", "text"]).map_err(one)?;
    let at = format!("{place}.subject");
    let subject = body.need(place, "subject").and_then(|text| parts(&at, text.text(&at)?, MAX_SUBJECT)).map_err(one)?;
    let at = format!("{place}.text");
    let texts = body.need(place, "text").and_then(|texts| texts.texts(&at)).map_err(one)?;
    if texts.is_empty() || texts.len() > MAX_PARAGRAPHS {
        return Err(one(Problem::new(at, format!("must be 1 to {MAX_PARAGRAPHS} paragraphs"))));
    }
    let paragraphs: Result<Vec<_>, Problem> = texts.iter().map(|text| parts(&at, text, MAX_PARAGRAPH)).collect();
    let template = Template { subject, paragraphs: paragraphs.map_err(one)? };
    let problems = check(place, id, &template);
    if problems.is_empty() { Ok(template) } else { Err(problems) }
}

fn check(place: &str, id: TemplateId, template: &Template) -> Vec<Problem> {
    let mut problems = Vec::new();
    let allowed = |slot: &Slot| id.required().contains(slot) || id.optional().contains(slot);
    let names = |slots: &[Slot]| slots.iter().map(|slot| slot.name()).collect::<Vec<_>>().join(", ");
    let all = template.paragraphs.iter().chain([&template.subject]);
    let used: BTreeSet<Slot> = all.flat_map(|parts| places(parts)).collect();
    for slot in used.iter().filter(|slot| !allowed(slot)) {
        let rule = format!("the slot {} has no value here; these have: {}", slot.name(), names(id.required()));
        problems.push(Problem::new(place, format!("{rule}, {}", names(id.optional()))));
    }
    for slot in places(&template.subject).into_iter().filter(|slot| !id.required().contains(slot)) {
        let rule = format!("the slot {} may be without a value and cannot be in the subject", slot.name());
        problems.push(Problem::new(format!("{place}.subject"), rule));
    }
    let always =
        template.paragraphs.iter().filter(|parts| places(parts).iter().all(|slot| id.required().contains(slot)));
    let shown: BTreeSet<Slot> = always.chain([&template.subject]).flat_map(|parts| places(parts)).collect();
    for slot in id.required().iter().filter(|slot| !shown.contains(slot)) {
        let rule = format!("the slot {} is missing; the mail has to say it in every case", slot.name());
        problems.push(Problem::new(place, rule));
    }
    if !places(&template.subject).contains(&Slot::CaseId) {
        problems.push(Problem::new(format!("{place}.subject"), "the slot case_id is missing"));
    } else if !begins_with_case(&template.subject) {
        problems.push(Problem::new(format!("{place}.subject"), "must begin with [{case_id}] and a blank"));
    }
    problems
}

/// Whether a subject begins as every subject of a case does.
fn begins_with_case(subject: &[Part]) -> bool {
    match subject {
        [Part::Text(open), Part::Slot(Slot::CaseId), Part::Text(rest), ..] => open == "[" && rest.starts_with("] "),
        _ => false,
    }
}

fn places(parts: &[Part]) -> Vec<Slot> {
    let place = |part: &Part| match part {
        Part::Slot(slot) => Some(*slot),
        Part::Text(_) => None,
    };
    parts.iter().filter_map(place).collect()
}

/// Takes a text apart at its places.
fn parts(place: &str, text: &str, max: usize) -> Result<Vec<Part>, Problem> {
    if text.chars().count() > max || text.chars().any(is_invisible) {
        return Err(Problem::new(place, format!("must be at most {max} characters, all visible and on one line")));
    }
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, behind) = after
            .split_once('}')
            .ok_or_else(|| Problem::new(place, "a { has no } after it; places look like {refid}"))?;
        let slot = Slot::parse(name).ok_or_else(|| {
            let known = Slot::ALL.map(Slot::name).join(", ");
            Problem::new(place, format!("{} is no slot; these are: {known}", json::shown(name)))
        })?;
        parts.extend(literal(place, before)?);
        parts.push(Part::Slot(slot));
        rest = behind;
    }
    parts.extend(literal(place, rest)?);
    Ok(parts)
}

fn literal(place: &str, text: &str) -> Result<Option<Part>, Problem> {
    if text.contains('}') {
        return Err(Problem::new(place, "a } has no { before it; places look like {refid}"));
    }
    Ok((!text.is_empty()).then(|| Part::Text(text.to_owned())))
}
