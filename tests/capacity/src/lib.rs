//! What a call of Recourse costs, and what throttles first.
//!
//! `tests/costs.tsv` has what each function used for one call or one item of work, as
//! `tests/e2e/costs.rs` counted it at the wire ([`costs`]). With `docs/prices.json` that becomes
//! dollars by region ([`prices`]), and with the limits of AWS and the settings of template.yaml a
//! simulation of what refuses first ([`simulation`]). [`page`] writes both as the tables of
//! `docs/cost.md`, and a test compares them with what is committed.
//!
//! There are no floats: units are thousandths, and dollars are picodollars (10^-12).

pub mod costs;
pub mod decimal;
pub mod flows;
pub mod page;
pub mod prices;
pub mod settings;
pub mod simulation;
