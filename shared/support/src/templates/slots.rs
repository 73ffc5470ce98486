//! The places of a template and their values.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::redact;
use crate::time::UnixSeconds;

/// A place of a template, written `{refid}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Slot {
    /// `RC-` and eight characters.
    CaseId,
    /// The client's own reference of the transaction.
    Refid,
    /// What was bought.
    Product,
    /// The amount with its currency, as the platform writes it.
    Amount,
    /// The provider's reference.
    ProviderReference,
    /// What proves the delivery, in the provider's words.
    Evidence,
    /// A day, which each language writes in its own way.
    Date,
    /// A reason's sentence, for the supervisors.
    Reason,
    /// A state's name, for the supervisors.
    State,
    /// The agent whose case it is, for the supervisors.
    Agent,
}

impl Slot {
    /// Every place.
    pub const ALL: [Self; 10] = [
        Self::CaseId,
        Self::Refid,
        Self::Product,
        Self::Amount,
        Self::ProviderReference,
        Self::Evidence,
        Self::Date,
        Self::Reason,
        Self::State,
        Self::Agent,
    ];

    /// The name between the braces.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::CaseId => "case_id",
            Self::Refid => "refid",
            Self::Product => "product",
            Self::Amount => "amount",
            Self::ProviderReference => "provider_reference",
            Self::Evidence => "evidence",
            Self::Date => "date",
            Self::Reason => "reason",
            Self::State => "state",
            Self::Agent => "agent",
        }
    }

    /// Reads [`Self::name`].
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|slot| slot.name() == name)
    }

    /// The longest value, in characters.
    pub(crate) fn max(self) -> usize {
        match self {
            Self::Evidence => crate::event::MAX_EVIDENCE,
            _ => 200,
        }
    }
}

/// The value of a place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SlotValue {
    /// A text on one line.
    Text(String),
    /// A day.
    Day(UnixSeconds),
}

/// The values of a mail's places. A text is put on one line when it is set, and cut to its limit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Slots(BTreeMap<Slot, SlotValue>);

impl Slots {
    /// No values.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With a text; one without any visible character is no value.
    #[must_use]
    pub fn with(mut self, slot: Slot, text: &str) -> Self {
        let text = redact::one_line(text, slot.max());
        if slot != Slot::Date && !text.is_empty() {
            self.0.insert(slot, SlotValue::Text(text));
        }
        self
    }

    /// With a text, where there is one.
    #[must_use]
    pub fn with_some(self, slot: Slot, text: Option<&str>) -> Self {
        match text {
            Some(text) => self.with(slot, text),
            None => self,
        }
    }

    /// With the day of [`Slot::Date`].
    #[must_use]
    pub fn on(mut self, day: UnixSeconds) -> Self {
        self.0.insert(Slot::Date, SlotValue::Day(day));
        self
    }

    /// These values and, where one is missing, that of `others`.
    #[must_use]
    pub fn or(mut self, others: &Self) -> Self {
        for (slot, value) in &others.0 {
            self.0.entry(*slot).or_insert_with(|| value.clone());
        }
        self
    }

    /// A value.
    #[must_use]
    pub fn get(&self, slot: Slot) -> Option<&SlotValue> {
        self.0.get(&slot)
    }

    /// A value that is a text.
    #[must_use]
    pub fn text(&self, slot: Slot) -> Option<&str> {
        match self.0.get(&slot) {
            Some(SlotValue::Text(text)) => Some(text),
            Some(SlotValue::Day(_)) | None => None,
        }
    }

    /// The values in the order of their places.
    pub fn iter(&self) -> impl Iterator<Item = (Slot, &SlotValue)> {
        self.0.iter().map(|(slot, value)| (*slot, value))
    }
}
