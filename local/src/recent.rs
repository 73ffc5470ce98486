//! The newest entries of a list that would grow without an end.

use std::collections::VecDeque;

/// The newest `MAX` entries, the oldest first.
#[derive(Debug)]
pub(crate) struct Recent<T, const MAX: usize>(VecDeque<T>);

impl<T, const MAX: usize> Default for Recent<T, MAX> {
    fn default() -> Self {
        Self(VecDeque::new())
    }
}

impl<T, const MAX: usize> Recent<T, MAX> {
    /// Adds the newest entry. Returns whether the oldest one had to go.
    pub(crate) fn push(&mut self, entry: T) -> bool {
        let is_full = self.0.len() >= MAX;
        if is_full {
            self.0.pop_front();
        }
        self.0.push_back(entry);
        is_full
    }

    /// The entries, the oldest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.0.iter()
    }

    /// Takes the oldest entry out for which `is_wanted` holds, if there is one.
    pub(crate) fn take_first(&mut self, is_wanted: impl FnMut(&T) -> bool) -> Option<T> {
        let at = self.0.iter().position(is_wanted)?;
        self.0.remove(at)
    }

    /// Takes all of them out, the oldest first.
    pub(crate) fn take(&mut self) -> Vec<T> {
        std::mem::take(&mut self.0).into()
    }
}

impl<T: Clone, const MAX: usize> Recent<T, MAX> {
    /// A copy of the entries, the oldest first.
    pub(crate) fn to_vec(&self) -> Vec<T> {
        self.iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_entry_goes_first_and_push_says_so() {
        let mut recent: Recent<u8, 2> = Recent::default();
        assert_eq!([1, 2, 3].map(|entry| recent.push(entry)), [false, false, true]);
        assert_eq!(recent.to_vec(), [2, 3]);
    }

    #[test]
    fn entries_are_taken_out_one_by_one_or_together() {
        let mut recent: Recent<u8, 3> = Recent::default();
        for entry in 1..=3 {
            recent.push(entry);
        }
        assert_eq!((recent.take_first(|entry| *entry > 1), recent.take_first(|entry| *entry > 3)), (Some(2), None));
        assert_eq!((recent.take(), recent.iter().count()), (vec![1, 3], 0));
        assert!(!recent.push(4), "there is room again");
    }
}
