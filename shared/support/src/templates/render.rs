//! Writing a mail from a template and its values.

use super::{LanguageFile, Part, Slot, SlotValue, Slots, Template, TemplateId};
use crate::time::UnixSeconds;

/// A mail as it goes out, before [`crate::guard`] has looked at it.
#[derive(Clone, PartialEq, Eq)]
pub struct RenderedMail {
    /// The subject, on one line.
    pub subject: String,
    /// The text, whose paragraphs are separated by an empty line.
    pub text: String,
}

impl std::fmt::Debug for RenderedMail {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("RenderedMail([REDACTED])")
    }
}

/// Why a mail cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// There is no file of this language.
    #[error("there are no templates in this language")]
    UnknownLanguage,
    /// The language has no such mail, which [`super::TemplateSet::parse`] excludes.
    #[error("the language has no template {}", .0.name())]
    UnknownTemplate(TemplateId),
    /// The mail needs a value that was not given.
    #[error("the template {} needs a value for {}", .0.name(), .1.name())]
    MissingSlot(TemplateId, Slot),
    /// The day is not in a year that has a name.
    #[error("the template {} has a day outside the calendar", .0.name())]
    InvalidDay(TemplateId),
}

pub(super) fn day(file: &LanguageFile, at: UnixSeconds) -> Option<String> {
    let (day, month, year) = at.date()?;
    let month = file.months.get(usize::from(month).checked_sub(1)?)?;
    let date = file.date.replace("{day}", &day.to_string()).replace("{month}", month);
    Some(date.replace("{year}", &year.to_string()))
}

pub(super) fn mail(
    file: &LanguageFile,
    id: TemplateId,
    template: &Template,
    slots: &Slots,
) -> Result<RenderedMail, RenderError> {
    if let Some(missing) = id.required().iter().find(|slot| slots.get(**slot).is_none()) {
        return Err(RenderError::MissingSlot(id, *missing));
    }
    let paragraphs = template.paragraphs.iter().filter(|parts| parts.iter().all(|part| has_value(part, slots)));
    let texts: Result<Vec<String>, RenderError> = paragraphs.map(|parts| text(file, id, parts, slots)).collect();
    Ok(RenderedMail { subject: text(file, id, &template.subject, slots)?, text: texts?.join("\n\n") })
}

fn has_value(part: &Part, slots: &Slots) -> bool {
    match part {
        Part::Text(_) => true,
        Part::Slot(slot) => slots.get(*slot).is_some(),
    }
}

fn text(file: &LanguageFile, id: TemplateId, parts: &[Part], slots: &Slots) -> Result<String, RenderError> {
    let mut text = String::new();
    for part in parts {
        match part {
            Part::Text(letters) => text.push_str(letters),
            Part::Slot(slot) => match slots.get(*slot) {
                Some(SlotValue::Text(value)) => text.push_str(value),
                Some(SlotValue::Day(at)) => text.push_str(&day(file, *at).ok_or(RenderError::InvalidDay(id))?),
                None => return Err(RenderError::MissingSlot(id, *slot)),
            },
        }
    }
    Ok(text)
}
