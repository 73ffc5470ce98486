//! What came to a service, for tests and pages to look at.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The last `MAX` values. Of more, the oldest go first.
#[derive(Debug)]
pub(crate) struct Kept<T, const MAX: usize>(Mutex<VecDeque<T>>);

impl<T, const MAX: usize> Default for Kept<T, MAX> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Clone, const MAX: usize> Kept<T, MAX> {
    /// Adds one.
    pub(crate) fn push(&self, value: T) {
        let mut values = self.lock();
        if values.len() >= MAX {
            values.pop_front();
        }
        values.push_back(value);
    }

    /// All of them, the oldest first.
    pub(crate) fn all(&self) -> Vec<T> {
        self.lock().iter().cloned().collect()
    }

    /// Forgets them.
    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_go_first() {
        let kept: Kept<u8, 2> = Kept::default();
        for value in 1..=3 {
            kept.push(value);
        }
        assert_eq!(kept.all(), [2, 3]);
        kept.clear();
        assert!(kept.all().is_empty());
    }
}
