//! Which functions run on Lambda Managed Instances.
//!
//! SAM takes no condition at `CapacityProviderConfig`. So template.yaml has parameters alone, and
//! scripts/stamp_settings.py writes the property into the functions that they name, before a
//! deployment. This reads the same parameters.

use super::{Function, TemplateError};
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;

/// The parameter with the ARN of the capacity provider; empty for plain Lambda.
const PROVIDER: &str = "CapacityProviderArn";
/// The parameter with the ids of the functions, separated by commas.
const FUNCTIONS: &str = "ManagedFunctions";
/// The parameter with how many requests one process has at once.
const AT_ONCE: &str = "RequestsAtOnce";

/// Places functions on instances as the parameters say. `declared` has the ids of all functions,
/// also of those whose condition does not hold.
///
/// # Errors
/// A function that is named is not there or has no route, or the number is none.
pub(super) fn place(
    functions: &mut [Function],
    declared: &BTreeSet<String>,
    parameters: &BTreeMap<String, String>,
) -> Result<(), TemplateError> {
    let value = |name: &str| parameters.get(name).map(String::as_str).unwrap_or_default();
    if value(PROVIDER).is_empty() {
        return Ok(());
    }
    let at_once: NonZeroUsize = value(AT_ONCE)
        .parse()
        .map_err(|_| TemplateError::new(AT_ONCE, format!("{:?} is not a whole number from 1", value(AT_ONCE))))?;
    for name in value(FUNCTIONS).split(',').map(str::trim).filter(|name| !name.is_empty()) {
        match functions.iter_mut().find(|function| function.id == name) {
            Some(named) if !named.routes.is_empty() => named.at_once = Some(at_once),
            // Its API is disabled.
            None if declared.contains(name) => {}
            _ => return Err(TemplateError::new(FUNCTIONS, format!("{name} is no function that has a route"))),
        }
    }
    Ok(())
}
