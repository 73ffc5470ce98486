//! How many requests each caller made of a service.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

use http::HeaderMap;

use super::{access_key, signed_by};
use crate::lock::lock;

/// How many requests each access key id signed.
#[derive(Debug, Default)]
pub(crate) struct Calls(Mutex<BTreeMap<String, u64>>);

impl Calls {
    /// Counts a request with these headers.
    pub(crate) fn count(&self, headers: &HeaderMap) {
        *self.lock().entry(signed_by(headers).to_owned()).or_default() += 1;
    }

    /// How many there were of a function.
    pub(crate) fn of(&self, function: &str) -> u64 {
        self.lock().get(&access_key(function)).copied().unwrap_or_default()
    }

    /// How many there were.
    pub(crate) fn all(&self) -> u64 {
        self.lock().values().sum()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, u64>> {
        lock(&self.0)
    }
}
