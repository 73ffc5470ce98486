//! EventBridge's default bus: passes an event to every function that has a rule for it.
//!
//! As in EventBridge and Lambda, an event comes at least once and in no particular order. A
//! function that fails is called with it up to twice more. Then the log says that the event was
//! given up. The waits between are shorter here.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::Value;

use crate::StartError;
use crate::lambda::Lambda;
use crate::streams::filter::Filter;
use crate::template::Function;

/// The waits before a function that failed is called again. Lambda waits one minute and then two.
const WAITS: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(2)];

/// The bus. Cheap to clone.
#[derive(Clone)]
pub struct Bus(Arc<Inner>);

struct Inner {
    rules: Vec<(String, Filter)>,
    lambda: Lambda,
    under_way: AtomicUsize,
}

/// One delivery, from its event until the function is done with it or it is given up.
struct Delivery(Arc<Inner>);

impl Delivery {
    fn begin(bus: &Arc<Inner>) -> Self {
        bus.under_way.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(bus))
    }
}

impl Drop for Delivery {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, Ordering::SeqCst);
    }
}

impl fmt::Debug for Bus {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Bus").field("rules", &self.0.rules.len()).finish()
    }
}

impl Bus {
    /// The rules of these functions.
    ///
    /// # Errors
    /// A pattern that is not understood.
    pub(crate) fn new(functions: &[Function], lambda: &Lambda) -> Result<Self, StartError> {
        let mut rules = Vec::new();
        for function in functions {
            for pattern in &function.rules {
                let filter = Filter::parse(std::slice::from_ref(pattern)).map_err(|wrong| {
                    let wrong = format!("a Pattern of {}: {wrong}", function.id);
                    StartError::service("EventBridge")(crate::loopback::StartError::Unusable(wrong))
                })?;
                rules.push((function.id.clone(), filter));
            }
        }
        Ok(Self(Arc::new(Inner { rules, lambda: lambda.clone(), under_way: AtomicUsize::new(0) })))
    }

    /// Hands an event on, and does not wait for what becomes of it.
    pub fn put(&self, event: &Value) {
        for (function, _) in self.0.rules.iter().filter(|(_, filter)| filter.passes(event)) {
            tokio::spawn(deliver(Delivery::begin(&self.0), function.clone(), event.to_string().into_bytes()));
        }
    }

    /// How many deliveries are under way, those that wait to be tried again included.
    #[must_use]
    pub fn under_way(&self) -> usize {
        self.0.under_way.load(Ordering::SeqCst)
    }
}

async fn deliver(delivery: Delivery, function: String, event: Vec<u8>) {
    let lambda = &delivery.0.lambda;
    let mut waits = WAITS.into_iter();
    while let Err(error) = lambda.invoke(&function, event.clone()).await {
        let Some(wait) = waits.next() else {
            return lambda.log().line(&function, &format!("an event was given up: {error}"));
        };
        tokio::time::sleep(wait).await;
    }
}
