//! Categories with their amounts and reasons: a data file, compiled in. The reasons of Chargeback
//! are published. The name of `RG` and the lists of the other categories are Recourse-specific
//! (Arbiter contract, "Categories and their statuses").

use std::sync::LazyLock;

use recourse_dispute::lifecycle::Category;
use recourse_edge::ServiceError;
use serde::Deserialize;

const DATA: &str = include_str!("../data/categories.json");

static RULES: LazyLock<Option<Vec<Rules>>> = LazyLock::new(read);

/// What a category allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// The category.
    pub category: Category,
    /// The types of a dispute's amount, as they are printed: `Full`, `Partial`.
    pub amounts: Vec<String>,
    /// Its reasons.
    pub reasons: Vec<Reason>,
}

/// Why a dispute is logged.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// What it means.
    pub description: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    category: String,
    amounts: Vec<String>,
    reasons: Vec<Reason>,
}

fn read() -> Option<Vec<Rules>> {
    let written: Vec<Written> = serde_json::from_str(DATA).ok()?;
    let rules = |written: Written| {
        let category = Category::parse(&written.category)?;
        Some(Rules { category, amounts: written.amounts, reasons: written.reasons })
    };
    written.into_iter().map(rules).collect()
}

/// All categories, in the order of the contract's table.
///
/// # Errors
/// None in fact: a test reads the file.
pub fn categories() -> Result<&'static [Rules], ServiceError> {
    RULES.as_deref().ok_or_else(|| ServiceError::invariant("the file of categories cannot be read", "categories.json"))
}

/// What one category allows.
///
/// # Errors
/// As [`categories`].
pub fn rules(category: Category) -> Result<&'static Rules, ServiceError> {
    let known = categories()?.iter().find(|rules| rules.category == category);
    known.ok_or_else(|| ServiceError::invariant("categories.json has no such category", category))
}

impl Rules {
    /// A reason by its code.
    #[must_use]
    pub fn reason(&self, code: &str) -> Option<&Reason> {
        self.reasons.iter().find(|reason| reason.code == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_category_has_rules_in_the_contracts_order() {
        let all: Vec<_> = categories().unwrap().iter().map(|rules| rules.category).collect();
        assert_eq!(all, Category::ALL);
        for rules in categories().unwrap() {
            assert!(!rules.reasons.is_empty() && !rules.amounts.is_empty());
            assert!(rules.amounts.iter().all(|amount| ["Full", "Partial"].contains(&amount.as_str())));
        }
    }

    #[test]
    fn chargebacks_reasons_are_the_published_ones() {
        let reasons = &rules(Category::Chargeback).unwrap().reasons;
        let published: Vec<_> = reasons.iter().map(|reason| (reason.code.as_str(), reason.name.as_str())).collect();
        assert_eq!(
            published,
            [
                ("AA", "Does Not Recognize"),
                ("AP", "Recurring Payments"),
                ("AT", "Authorization Noncompliance"),
                ("AW", "Altered Amount or Partial Dispense"),
                ("FT", "Fraudulent Transaction"),
                ("IN", "Invalid Card Number"),
                ("LP", "Late Presentation"),
                ("RG", "Non-Receipt of Goods or Services"),
            ]
        );
    }
}
