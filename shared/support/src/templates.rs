//! The mails of the process: one file for each language, with places for typed values.
//!
//! A language is added by its file in `data/templates`, without any code. [`TemplateSet::parse`]
//! accepts a set only if every language has every mail, with every place that the mail needs and no
//! other. So a mail that can be ordered can be rendered in every language.
//!
//! A paragraph that names an optional value, such as the provider's reference, is left out where
//! there is none.

mod id;
mod parse;
mod render;
mod slots;

pub use id::{Basis, Question, TemplateId};
pub use render::{RenderError, RenderedMail};
pub use slots::{Slot, SlotValue, Slots};

use std::collections::BTreeMap;

use crate::case::Language;
use crate::json::Problem;
use crate::time::UnixSeconds;

/// The files of `data/templates`, which `build.rs` lists.
const SHIPPED: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/languages.rs"));

/// A part of a text: letters, or a slot.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Slot(Slot),
}

/// A mail in one language.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Template {
    subject: Vec<Part>,
    paragraphs: Vec<Vec<Part>>,
}

/// Words by which [`crate::guard`] knows a claim in this language. A `*` at the end means any
/// letters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claims {
    /// Words about money that comes back.
    pub money: Vec<String>,
    /// Words about how it ended.
    pub result: Vec<String>,
    /// Words that promise something.
    pub promise: Vec<String>,
    /// Days that are named by their place in the week or by today.
    pub times: Vec<String>,
    /// Numbers in words.
    pub numbers: Vec<String>,
    /// Units of time, which after a number are a date.
    pub units: Vec<String>,
}

/// Words beside the mails' own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Phrases {
    /// How a customer says that it works now. It is the button's label and what the button writes,
    /// so [`crate::words`] has to understand it.
    pub works_now: String,
    /// The subject of an agent's reply, without the case id.
    pub agent_reply: String,
}

/// A language: how it writes dates, its claims, its mails.
#[derive(Clone, Debug, PartialEq, Eq)]
struct LanguageFile {
    date: String,
    months: Vec<String>,
    phrases: Phrases,
    claims: Claims,
    templates: BTreeMap<TemplateId, Template>,
}

/// Every mail in every language of a deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateSet(BTreeMap<Language, LanguageFile>);

impl TemplateSet {
    /// The languages that come with Recourse.
    ///
    /// # Errors
    /// Every [`Problem`] of a data file, which a test excludes.
    pub fn shipped() -> Result<Self, Vec<Problem>> {
        Self::parse(SHIPPED)
    }

    /// The files that come with Recourse, with their names, so that a deployment can add its own.
    #[must_use]
    pub fn shipped_files() -> &'static [(&'static str, &'static str)] {
        SHIPPED
    }

    /// Takes a set of files, each with its name, such as `en.json`.
    ///
    /// # Errors
    /// Every [`Problem`] of a file, by file, mail and place.
    pub fn parse(files: &[(&str, &str)]) -> Result<Self, Vec<Problem>> {
        parse::set(files).map(Self)
    }

    /// The languages.
    pub fn languages(&self) -> impl Iterator<Item = &Language> {
        self.0.keys()
    }

    /// Whether there is a language.
    #[must_use]
    pub fn has(&self, language: &Language) -> bool {
        self.0.contains_key(language)
    }

    /// The language of a case: that of the account's setting where there is one and its file
    /// exists, else the model's guess where its file exists, else English.
    #[must_use]
    pub fn choose(&self, setting: Option<&Language>, guess: Option<&Language>) -> Language {
        let wanted = [setting, guess].into_iter().flatten().find(|language| self.has(language));
        wanted.cloned().unwrap_or_else(Language::english)
    }

    /// The phrases of a language.
    #[must_use]
    pub fn phrases(&self, language: &Language) -> Option<&Phrases> {
        self.0.get(language).map(|file| &file.phrases)
    }

    /// A day as a language writes it.
    #[must_use]
    pub fn day(&self, language: &Language, day: UnixSeconds) -> Option<String> {
        self.0.get(language).and_then(|file| render::day(file, day))
    }

    /// The words of every language by which a claim is known. All of them count for every mail, as
    /// a product's name or a provider's words may be in any language.
    pub fn claims(&self) -> impl Iterator<Item = &Claims> {
        self.0.values().map(|file| &file.claims)
    }

    /// The names of months in every language.
    pub fn months(&self) -> impl Iterator<Item = &str> {
        self.0.values().flat_map(|file| file.months.iter().map(String::as_str))
    }

    /// Writes a mail.
    ///
    /// # Errors
    /// [`RenderError`] where the language is unknown or a value is missing.
    pub fn render(
        &self,
        template: TemplateId,
        language: &Language,
        slots: &Slots,
    ) -> Result<RenderedMail, RenderError> {
        let file = self.0.get(language).ok_or(RenderError::UnknownLanguage)?;
        let parts = file.templates.get(&template).ok_or(RenderError::UnknownTemplate(template))?;
        render::mail(file, template, parts, slots)
    }
}

#[cfg(test)]
mod tests;
