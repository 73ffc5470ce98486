//! The stages of a live dispute, and Tutelar's levels over them.

use serde::{Deserialize, Serialize};

/// A stage of a live dispute, in the order of the Arbiter contract's longest category. The first
/// one's status is the category's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The claim was made.
    First,
    /// The claim was answered with the merchant's case.
    Representment,
    /// The claim was made again.
    PreArbitration,
    /// The claim was answered again.
    PreArbitrationTwo,
    /// The claim was put to the operators for a decision.
    Arbitration,
}

impl Stage {
    /// Every stage, in order.
    pub const ALL: [Self; 5] =
        [Self::First, Self::Representment, Self::PreArbitration, Self::PreArbitrationTwo, Self::Arbitration];
}

/// Tutelar's level of a dispute: first stage, pre-arbitration, arbitration (Tutelar contract).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Level {
    /// The claim and its answer.
    #[serde(rename = "level_1")]
    One,
    /// Both pre-arbitrations.
    #[serde(rename = "level_2")]
    Two,
    /// Arbitration.
    #[serde(rename = "level_3")]
    Three,
}

impl Level {
    /// Every level, in order.
    pub const ALL: [Self; 3] = [Self::One, Self::Two, Self::Three];

    /// The name on the wire: `level_1`, `level_2`, `level_3`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::One => "level_1",
            Self::Two => "level_2",
            Self::Three => "level_3",
        }
    }

    /// Reads what [`Self::name`] writes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.name() == text)
    }

    /// The stage that this level begins with.
    #[must_use]
    pub fn stage(self) -> Stage {
        match self {
            Self::One => Stage::First,
            Self::Two => Stage::PreArbitration,
            Self::Three => Stage::Arbitration,
        }
    }

    /// The level above; `None` at the top.
    #[must_use]
    pub fn next(self) -> Option<Self> {
        match self {
            Self::One => Some(Self::Two),
            Self::Two => Some(Self::Three),
            Self::Three => None,
        }
    }
}

impl From<Stage> for Level {
    fn from(stage: Stage) -> Self {
        match stage {
            Stage::First | Stage::Representment => Self::One,
            Stage::PreArbitration | Stage::PreArbitrationTwo => Self::Two,
            Stage::Arbitration => Self::Three,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_begins_with_a_stage_of_its_own() {
        for level in Level::ALL {
            assert_eq!(Level::from(level.stage()), level);
            assert_eq!(Level::parse(level.name()), Some(level));
            assert_eq!(serde_json::to_string(&level).unwrap(), format!("\"{}\"", level.name()));
        }
        assert_eq!(Level::parse("level_4"), None);
        assert!(Stage::ALL.map(Level::from).is_sorted());
    }
}
