//! The Arbiter contract's categories and the statuses that each goes through.

use super::Stage;
use serde::{Deserialize, Serialize};
use std::fmt;

listed! {
    /// What kind of claim a dispute makes; it decides which stages there are (Arbiter contract,
    /// "Categories and their statuses").
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum Category {
        /// The whole way to arbitration.
        Chargeback,
        /// Ends at pre-arbitration.
        CoAcquired,
        /// One stage.
        GoodFaith,
        /// Born accepted.
        GovernmentBiller,
        /// One stage; also what an IIMMPACT report is.
        Inquiry,
        /// One stage.
        Refund,
        /// One stage.
        TsaBiller,
        /// In the vendor's filter only; its statuses are unpublished; Recourse uses Chargeback's.
        Fraud,
    }
}

impl Category {
    /// The display name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Chargeback => "Chargeback",
            Self::CoAcquired => "Co Acquired",
            Self::GoodFaith => "Good Faith",
            Self::GovernmentBiller => "Government Biller",
            Self::Inquiry => "Inquiry",
            Self::Refund => "Refund",
            Self::TsaBiller => "TSA Biller",
            Self::Fraud => "Fraud",
        }
    }

    /// Reads a display name in any case, with a space or an underscore between its words: `Co
    /// Acquired`, `CO_ACQUIRED`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let spaced = text.replace('_', " ");
        Self::ALL.into_iter().find(|category| category.name().eq_ignore_ascii_case(&spaced))
    }

    /// The stages that a live dispute of this category can be in, in order.
    #[must_use]
    pub fn stages(self) -> &'static [Stage] {
        match self {
            Self::Chargeback | Self::Fraud => &Stage::ALL,
            Self::CoAcquired => &[Stage::First, Stage::Representment, Stage::PreArbitration],
            Self::GoodFaith | Self::Inquiry | Self::Refund | Self::TsaBiller => &[Stage::First],
            Self::GovernmentBiller => &[],
        }
    }

    /// The status of a stage. A stage that this category does not have shows the last one before it
    /// that it has.
    #[must_use]
    pub fn status(self, stage: Stage) -> &'static str {
        match self.stages().iter().rev().find(|own| **own <= stage) {
            None => "Accepted",
            Some(Stage::First) => self.first_status(),
            Some(Stage::Representment) => "Representment",
            Some(Stage::PreArbitration) => "Pre Arbitration",
            Some(Stage::PreArbitrationTwo) => "Pre Arbitration II",
            Some(Stage::Arbitration) => "Arbitration",
        }
    }

    /// Every status of this category, in order.
    #[must_use]
    pub fn statuses(self) -> Vec<&'static str> {
        let ends: &[&str] = match self {
            Self::GovernmentBiller => &["Accepted"],
            _ => &["Accepted", "Declined"],
        };
        self.stages().iter().map(|stage| self.status(*stage)).chain(ends.iter().copied()).collect()
    }

    /// Reads a status of any category as [`Self::parse`] reads a category: `Pre Arbitration`,
    /// `PRE_ARBITRATION`.
    #[must_use]
    pub fn parse_status(text: &str) -> Option<&'static str> {
        let spaced = text.replace('_', " ");
        Self::ALL.into_iter().flat_map(Self::statuses).find(|status| status.eq_ignore_ascii_case(&spaced))
    }

    fn first_status(self) -> &'static str {
        match self {
            Self::Chargeback | Self::CoAcquired | Self::TsaBiller | Self::Fraud => "Chargeback",
            Self::GoodFaith => "Good Faith",
            Self::GovernmentBiller => "Accepted",
            Self::Inquiry => "Inquiry",
            Self::Refund => "Refund",
        }
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_are_the_contracts() {
        let whole: &[&str] = &[
            "Chargeback",
            "Representment",
            "Pre Arbitration",
            "Pre Arbitration II",
            "Arbitration",
            "Accepted",
            "Declined",
        ];
        let table: [(Category, &[&str]); 8] = [
            (Category::Chargeback, whole),
            (Category::CoAcquired, &["Chargeback", "Representment", "Pre Arbitration", "Accepted", "Declined"]),
            (Category::GoodFaith, &["Good Faith", "Accepted", "Declined"]),
            (Category::GovernmentBiller, &["Accepted"]),
            (Category::Inquiry, &["Inquiry", "Accepted", "Declined"]),
            (Category::Refund, &["Refund", "Accepted", "Declined"]),
            (Category::TsaBiller, &["Chargeback", "Accepted", "Declined"]),
            (Category::Fraud, whole),
        ];
        assert_eq!(table.map(|(category, _)| category), Category::ALL);
        for (category, statuses) in table {
            assert_eq!(category.statuses(), statuses, "{category}");
        }
    }

    #[test]
    fn names_are_read_in_any_case_with_space_or_underscore() {
        for category in Category::ALL {
            let name = category.name();
            for text in [name.to_owned(), name.to_lowercase(), name.to_uppercase().replace(' ', "_")] {
                assert_eq!(Category::parse(&text), Some(category), "{text}");
            }
        }
        for status in Category::ALL.into_iter().flat_map(Category::statuses) {
            for text in [status.to_owned(), status.to_lowercase(), status.to_uppercase().replace(' ', "_")] {
                assert_eq!(Category::parse_status(&text), Some(status), "{text}");
            }
        }
        for text in ["", " ", "Charge back", "Chargeback ", "CoAcquired", "Co-Acquired", "Réfund"] {
            assert_eq!((Category::parse(text), Category::parse_status(text)), (None, None), "{text:?}");
        }
    }

    #[test]
    fn a_stage_that_is_not_the_categorys_shows_the_last_before_it() {
        assert_eq!(Category::Inquiry.status(Stage::Arbitration), "Inquiry");
        assert_eq!(Category::CoAcquired.status(Stage::Arbitration), "Pre Arbitration");
        assert_eq!(Category::GovernmentBiller.status(Stage::First), "Accepted");
    }

    #[test]
    fn rests_under_stable_names() {
        for category in Category::ALL {
            let stored = serde_json::to_string(&category).unwrap();
            assert_eq!(stored, format!("\"{}\"", category.name().to_lowercase().replace(' ', "_")));
            assert_eq!(serde_json::from_str::<Category>(&stored).unwrap(), category);
        }
    }
}
