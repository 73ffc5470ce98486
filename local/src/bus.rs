//! EventBridge: passes an event of the default bus to every function that has a rule for it, and an
//! event of any bus to the queues of the rules on that bus.
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
use crate::sqs::Sqs;
use crate::streams::filter::Filter;
use crate::template::{Function, QueueRule};

/// The waits before a function that failed is called again. Lambda waits one minute and then two.
const WAITS: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(2)];

/// The name of the bus that AWS's own services use.
const DEFAULT: &str = "default";

/// The bus. Cheap to clone.
#[derive(Clone)]
pub struct Bus(Arc<Inner>);

struct Inner {
    rules: Vec<(String, Filter)>,
    queue_rules: Vec<(QueueRule, Filter)>,
    sqs: Sqs,
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
    /// The rules of these functions, and those that fill a queue.
    ///
    /// # Errors
    /// A pattern that is not understood.
    pub(crate) fn new(
        functions: &[Function],
        queue_rules: &[QueueRule],
        lambda: &Lambda,
        sqs: &Sqs,
    ) -> Result<Self, StartError> {
        let read = |whose: &str, pattern: &Value| {
            Filter::parse(std::slice::from_ref(pattern)).map_err(|wrong| {
                let wrong = format!("a pattern of {whose}: {wrong}");
                StartError::service("EventBridge")(crate::loopback::StartError::Unusable(wrong))
            })
        };
        let mut rules = Vec::new();
        for function in functions {
            for pattern in &function.rules {
                rules.push((function.id.clone(), read(&function.id, pattern)?));
            }
        }
        let to_queue = |rule: &QueueRule| {
            Ok::<_, StartError>((rule.clone(), read(&format!("the bus {}", rule.bus), &rule.pattern)?))
        };
        let queue_rules = queue_rules.iter().map(to_queue).collect::<Result<_, StartError>>()?;
        let (lambda, sqs, under_way) = (lambda.clone(), sqs.clone(), AtomicUsize::new(0));
        Ok(Self(Arc::new(Inner { rules, queue_rules, sqs, lambda, under_way })))
    }

    /// Hands an event on, and does not wait for what becomes of it.
    pub fn put(&self, event: &Value) {
        for (function, _) in self.0.rules.iter().filter(|(_, filter)| filter.passes(event)) {
            tokio::spawn(deliver(Delivery::begin(&self.0), function.clone(), event.to_string().into_bytes()));
        }
        self.put_on(DEFAULT, event);
    }

    /// Hands an event of the bus of this name on to the queues of its rules.
    pub fn put_on(&self, bus: &str, event: &Value) {
        for (rule, _) in self.0.queue_rules.iter().filter(|(rule, filter)| rule.bus == bus && filter.passes(event)) {
            let message = if rule.detail_only { event.get("detail").unwrap_or(&Value::Null) } else { event };
            self.0.sqs.send(&rule.queue, &message.to_string());
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
