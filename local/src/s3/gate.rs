//! Writes that wait: a test stretches the time between the check of a file and its write.

use std::sync::{Arc, Mutex};

use tokio::sync::Semaphore;

use crate::lock::lock;

/// What holds writes back. Open, until it is shut.
#[derive(Debug, Default)]
pub(super) struct Gate(Mutex<Option<Shut>>);

#[derive(Debug)]
struct Shut {
    prefix: String,
    places: Arc<Semaphore>,
}

impl Gate {
    /// From now on a write to a key with this prefix waits.
    pub(super) fn shut(&self, prefix: &str) {
        let shut = Shut { prefix: prefix.to_owned(), places: Arc::new(Semaphore::new(0)) };
        *lock(&self.0) = Some(shut);
    }

    /// Lets `count` writes through: those that wait, the first one first, then those that come.
    pub(super) fn let_through(&self, count: usize) {
        if let Some(shut) = &*lock(&self.0) {
            shut.places.add_permits(count);
        }
    }

    /// Ends when a write to this key may go on.
    pub(super) async fn pass(&self, key: &str) {
        let places = {
            let shut = lock(&self.0);
            shut.as_ref().filter(|shut| key.starts_with(&shut.prefix)).map(|shut| Arc::clone(&shut.places))
        };
        // Each permit is for one write. Nobody closes the semaphore, so waiting never fails.
        if let Some(places) = places
            && let Ok(place) = places.acquire().await
        {
            place.forget();
        }
    }
}
