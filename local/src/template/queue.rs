//! `AWS::SQS::Queue`, and `AWS::Events::Rule`, which fills one.

use super::{TemplateError, resolve};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value as Json;
use std::time::Duration;

/// A standard queue of SQS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queue {
    /// Its name: its logical id.
    pub name: String,
    /// How long a message that was received is not visible to others.
    pub visibility: Duration,
    /// How long a message is kept.
    pub retention: Duration,
    /// The most bytes of a message.
    pub max_bytes: usize,
    /// What becomes of a message that was received too often.
    pub redrive: Option<Redrive>,
}

/// A queue's redrive policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redrive {
    /// The name of the failure queue.
    pub to: String,
    /// How often a message is received before it is moved there.
    pub max_receives: u32,
}

/// A rule of EventBridge that sends the events of a bus to a queue.
#[derive(Clone, Debug, PartialEq)]
pub struct QueueRule {
    /// The name of the bus.
    pub bus: String,
    /// Which events.
    pub pattern: Json,
    /// The name of the queue.
    pub queue: String,
    /// Whether the message is the event's `detail` (`InputPath: $.detail`), and not all of it.
    pub detail_only: bool,
}

/// Encryption matters to the deployment alone.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
struct Properties {
    visibility_timeout: Option<u64>,
    message_retention_period: Option<u64>,
    maximum_message_size: Option<usize>,
    redrive_policy: Option<RedrivePolicy>,
    #[serde(rename = "SqsManagedSseEnabled")]
    _encryption: Option<IgnoredAny>,
    #[serde(rename = "Tags")]
    _tags: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RedrivePolicy {
    dead_letter_target_arn: String,
    max_receive_count: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Rule {
    event_bus_name: String,
    event_pattern: Json,
    targets: Vec<Target>,
    #[serde(rename = "Description")]
    _description: Option<IgnoredAny>,
    #[serde(rename = "State")]
    _state: Option<RuleState>,
}

#[derive(Deserialize)]
enum RuleState {
    #[serde(rename = "ENABLED")]
    Enabled,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Target {
    #[serde(rename = "Id")]
    _id: String,
    arn: String,
    input_path: Option<String>,
}

/// The queue with this logical id and these properties. What is not said has SQS's default.
pub(super) fn read(id: &str, properties: Json) -> Result<Queue, TemplateError> {
    let properties: Properties = match properties {
        Json::Null => Properties::default(),
        properties => serde_json::from_value(properties).map_err(|e| TemplateError::new(id, e))?,
    };
    let redrive = properties.redrive_policy.map(|policy| {
        let to = resolve::queue_of(&policy.dead_letter_target_arn).map(str::to_owned);
        let to = to.ok_or_else(|| TemplateError::new(id, "deadLetterTargetArn must be !GetAtt <queue>.Arn"))?;
        Ok::<_, TemplateError>(Redrive { to, max_receives: policy.max_receive_count })
    });
    Ok(Queue {
        name: id.to_owned(),
        visibility: Duration::from_secs(properties.visibility_timeout.unwrap_or(30)),
        retention: Duration::from_secs(properties.message_retention_period.unwrap_or(345_600)),
        max_bytes: properties.maximum_message_size.unwrap_or(1024 * 1024),
        redrive: redrive.transpose()?,
    })
}

/// The rule with these properties.
pub(super) fn rule(id: &str, properties: Json) -> Result<QueueRule, TemplateError> {
    let wrong = |problem: &str| TemplateError::new(id, problem);
    let Rule { event_bus_name, event_pattern, targets, .. } =
        serde_json::from_value(properties).map_err(|e| TemplateError::new(id, e))?;
    let mut targets = targets.into_iter();
    let (Some(target), None) = (targets.next(), targets.next()) else {
        return Err(wrong("Targets must be one queue"));
    };
    let queue = resolve::queue_of(&target.arn).ok_or_else(|| wrong("the Arn of its target must be that of a queue"))?;
    let detail_only = match target.input_path.as_deref() {
        None => false,
        Some("$.detail") => true,
        Some(_) => return Err(wrong("InputPath is understood as $.detail only")),
    };
    Ok(QueueRule { bus: event_bus_name, pattern: event_pattern, queue: queue.to_owned(), detail_only })
}

/// Checks that each queue that something names is there, and that no function may take longer than
/// a message is invisible: Lambda refuses such a mapping.
pub(super) fn check(
    queues: &[Queue],
    rules: &[(&String, QueueRule)],
    functions: &[super::Function],
) -> Result<(), TemplateError> {
    let find = |name: &str| queues.iter().find(|queue| queue.name == name);
    let missing = |at: &str, name: &str| TemplateError::new(at, format!("there is no queue {name}"));
    for queue in queues {
        if let Some(redrive) = queue.redrive.as_ref().filter(|redrive| find(&redrive.to).is_none()) {
            return Err(missing(&queue.name, &redrive.to));
        }
    }
    for (id, rule) in rules {
        find(&rule.queue).ok_or_else(|| missing(id, &rule.queue))?;
    }
    for function in functions {
        for source in &function.queues {
            let queue = find(&source.queue).ok_or_else(|| missing(&function.id, &source.queue))?;
            if queue.visibility < function.timeout {
                let problem = format!("its Timeout is longer than the VisibilityTimeout of {}", queue.name);
                return Err(TemplateError::new(&function.id, problem));
            }
        }
    }
    Ok(())
}
