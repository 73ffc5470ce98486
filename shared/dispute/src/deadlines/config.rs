//! The lengths as they are configured.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

use super::{Deadline, OnExpiry, duration};
use crate::json::{BadJson, MAX_LEVELS, check};
use crate::lifecycle::{Category, Right, Side, Stage, State};
use crate::policy::actions::Situation;
use crate::text::without_bom;
use crate::time::UnixMillis;

/// What ships: every category and status.
const SHIPPED: &str = include_str!("../../data/deadlines.json");

/// How long each status lasts, and what happens when it is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deadlines {
    /// How long before the end the reminder goes out, in milliseconds; 0 is no reminder.
    remind_ms: i64,
    /// How long a draft lasts, in milliseconds.
    draft_ms: i64,
    terms: HashMap<(Category, Stage), Term>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Term {
    length_ms: i64,
    on_expiry: OnExpiry,
}

/// Why a configuration is refused. The text names what is wrong and what would be right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("deadlines: {0}")]
pub struct BadDeadlines(String);

/// The JSON form.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    remind: Option<String>,
    draft: Option<String>,
    #[serde(default)]
    categories: BTreeMap<String, BTreeMap<String, WrittenTerm>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenTerm {
    length: Option<String>,
    on_expiry: Option<OnExpiry>,
}

impl Deadlines {
    /// What ships.
    ///
    /// # Errors
    /// None in fact: a test reads it.
    pub fn shipped() -> Result<Self, BadDeadlines> {
        let mut shipped = Self { remind_ms: 0, draft_ms: 0, terms: HashMap::new() };
        shipped.take(SHIPPED)?;
        Ok(shipped)
    }

    /// What ships, with a deployment's own JSON of the same form over it: what the JSON does not
    /// name stays as it ships.
    ///
    /// # Errors
    /// [`BadDeadlines`] names the first thing that is wrong.
    pub fn configured(json: &str) -> Result<Self, BadDeadlines> {
        let mut deadlines = Self::shipped()?;
        deadlines.take(without_bom(json))?;
        Ok(deadlines)
    }

    fn take(&mut self, json: &str) -> Result<(), BadDeadlines> {
        let bad = |what: &str, rule: &dyn std::fmt::Display| BadDeadlines(format!("{what} {rule}"));
        if let Err(BadJson::Duplicates(names)) = check(json, MAX_LEVELS) {
            return Err(bad(&names.join(", "), &"must appear only once"));
        }
        let written: Written = serde_json::from_str(json).map_err(|error| bad("the JSON is not right:", &error))?;
        if let Some(remind) = written.remind {
            self.remind_ms = duration(&remind).map_err(|rule| bad("remind", &rule))?;
        }
        if let Some(draft) = written.draft {
            self.draft_ms = length(&draft).map_err(|rule| bad("draft", &rule))?;
        }
        for (name, statuses) in written.categories {
            let category = Category::parse(&name).ok_or_else(|| bad(&name, &categories()))?;
            for (status, term) in statuses {
                let at = format!("{name}, {status}");
                let stage = category.stages().iter().find(|stage| category.status(**stage) == status);
                let stage = *stage.ok_or_else(|| bad(&at, &statuses_of(category)))?;
                let known = self.terms.get(&(category, stage)).copied();
                let length_ms = match &term.length {
                    Some(text) => Some(length(text).map_err(|rule| bad(&at, &format!("length {rule}")))?),
                    None => known.map(|known| known.length_ms),
                };
                let on_expiry = term.on_expiry.or(known.map(|known| known.on_expiry));
                let (Some(length_ms), Some(on_expiry)) = (length_ms, on_expiry) else {
                    return Err(bad(&at, &"needs a length and an on_expiry"));
                };
                if on_expiry == OnExpiry::AgainstPartyDue && State::Live(stage).party_due() == Some(Side::Operator) {
                    return Err(bad(
                        &at,
                        &"waits for an operator, who cannot lose the dispute: \
                          on_expiry must be customer, merchant or stay",
                    ));
                }
                self.terms.insert((category, stage), Term { length_ms, on_expiry });
            }
        }
        Ok(())
    }

    /// The deadline of a status that began at `since`. A stage that the dispute was at before gets
    /// the time that was left of it then (`time_left`, in milliseconds), so that nobody postpones
    /// an end by closing and reopening. A dispute has no deadline where its API has none, nor when
    /// it is closed.
    ///
    /// A merchant's own record always has an end. Where no bank has acted on it, no bank has asked
    /// for a decision either, so a status that would otherwise stay ends for the customer. Without
    /// that rule a merchant could block the banks' claims for ever.
    #[must_use]
    pub fn of(&self, on: &Situation, since: UnixMillis, time_left: &BTreeMap<Stage, i64>) -> Option<Deadline> {
        match on.state {
            State::Draft => Some(Deadline {
                ends_at: since.plus(self.draft_ms),
                remind_at: None,
                on_expiry: OnExpiry::AgainstPartyDue,
            }),
            State::Live(_) if !on.channel.policy().has_deadlines => None,
            State::Live(stage) => {
                let Term { length_ms, on_expiry } = *self.terms.get(&(on.category, stage))?;
                let is_own_record = on.channel.policy().move_level == Right::OwnRecord && !on.parties_acted;
                let on_expiry =
                    if on_expiry == OnExpiry::Stay && is_own_record { OnExpiry::Customer } else { on_expiry };
                let length_ms = time_left.get(&stage).map_or(length_ms, |left| length_ms.min(*left));
                let reminds = on_expiry != OnExpiry::Stay && (1..length_ms).contains(&self.remind_ms);
                let ends_at = since.plus(length_ms);
                Some(Deadline { ends_at, remind_at: reminds.then(|| ends_at.plus(-self.remind_ms)), on_expiry })
            }
            State::Closed { .. } => None,
        }
    }
}

/// What a category must be called.
fn categories() -> String {
    format!("must be a category: {}", Category::ALL.map(Category::name).join(", "))
}

/// What a status of a category must be called.
fn statuses_of(category: Category) -> String {
    let names: Vec<_> = category.stages().iter().map(|stage| category.status(*stage)).collect();
    if names.is_empty() {
        "must not be there: no status of this category ends by itself".to_owned()
    } else {
        format!("must be a status of the category that ends by itself: {}", names.join(", "))
    }
}

/// The length of something that lasts.
fn length(text: &str) -> Result<i64, super::BadDuration> {
    duration(text).and_then(|millis| if millis > 0 { Ok(millis) } else { Err(super::BadDuration) })
}
