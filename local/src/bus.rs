//! EventBridge's default bus: passes an event to every function that has a rule for it.
//!
//! As in EventBridge and Lambda, an event comes at least once and in no particular order. A
//! function that fails is called with it up to twice more. Then the log says that the event was
//! given up. The waits between are shorter here.

use std::fmt;
use std::sync::Arc;
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
        Ok(Self(Arc::new(Inner { rules, lambda: lambda.clone() })))
    }

    /// Hands an event on, and does not wait for what becomes of it.
    pub fn put(&self, event: &Value) {
        for (function, _) in self.0.rules.iter().filter(|(_, filter)| filter.passes(event)) {
            tokio::spawn(deliver(self.0.lambda.clone(), function.clone(), event.to_string().into_bytes()));
        }
    }
}

async fn deliver(lambda: Lambda, function: String, event: Vec<u8>) {
    let mut waits = WAITS.into_iter();
    while let Err(error) = lambda.invoke(&function, event.clone()).await {
        let Some(wait) = waits.next() else {
            return lambda.log().line(&function, &format!("an event was given up: {error}"));
        };
        tokio::time::sleep(wait).await;
    }
}
