//! What starts a function: routes, streams, queues, schedules, EventBridge's rules.

use super::{Function, QueueSource, Route, Schedule, StreamSource, resolve};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value as Json;
use std::time::Duration;

/// One entry of a function's `Events`.
#[derive(Deserialize)]
#[serde(tag = "Type", content = "Properties", deny_unknown_fields)]
pub(super) enum EventSource {
    HttpApi(HttpApi),
    #[serde(rename = "DynamoDB")]
    DynamoDb(Stream),
    #[serde(rename = "SQS")]
    Sqs(Messages),
    ScheduleV2(ScheduleV2),
    EventBridgeRule(EventBridgeRule),
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct HttpApi {
    method: Option<String>,
    path: Option<String>,
    #[serde(rename = "PayloadFormatVersion")]
    _payload_format: Option<PayloadFormat>,
    #[serde(rename = "ApiId")]
    _api: Option<IgnoredAny>,
}

#[derive(Deserialize)]
enum PayloadFormat {
    #[serde(rename = "2.0")]
    V2,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Stream {
    stream: String,
    #[serde(rename = "StartingPosition")]
    _starting_position: StartingPosition,
    batch_size: Option<usize>,
    /// Here, one batch of a stream is delivered at a time.
    #[serde(rename = "ParallelizationFactor")]
    _parallelization: Option<u8>,
    #[serde(default)]
    function_response_types: Vec<ResponseType>,
    maximum_retry_attempts: Option<i64>,
    #[serde(default)]
    bisect_batch_on_function_error: bool,
    #[serde(rename = "MaximumRecordAgeInSeconds")]
    _maximum_age: Option<i64>,
    #[serde(default)]
    filter_criteria: FilterCriteria,
    #[serde(rename = "DestinationConfig")]
    _destination: Option<Destination>,
}

/// The destination of batches that failed for good. The local cloud only logs them.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Destination {
    #[serde(rename = "OnFailure")]
    _on_failure: Queue,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Queue {
    #[serde(rename = "Type")]
    _kind: QueueKind,
    #[serde(rename = "Destination")]
    _arn: String,
}

#[derive(Deserialize)]
enum QueueKind {
    #[serde(rename = "SQS")]
    Sqs,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Messages {
    queue: String,
    enabled: Option<bool>,
    batch_size: Option<usize>,
    maximum_batching_window_in_seconds: Option<u64>,
    #[serde(default)]
    function_response_types: Vec<ResponseType>,
    scaling_config: Option<ScalingConfig>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct ScalingConfig {
    /// A number, or a parameter, which is a string.
    maximum_concurrency: Json,
}

#[derive(Deserialize)]
enum StartingPosition {
    #[serde(rename = "TRIM_HORIZON")]
    TrimHorizon,
}

#[derive(Deserialize)]
enum ResponseType {
    ReportBatchItemFailures,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct FilterCriteria {
    filters: Vec<Filter>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Filter {
    pattern: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct ScheduleV2 {
    schedule_expression: String,
    input: Option<String>,
    #[serde(rename = "Description")]
    _description: Option<IgnoredAny>,
    /// There is no member `Name`: a name is unique in the account, which can have two stacks.
    #[serde(rename = "OmitName")]
    _unnamed: Option<bool>,
    #[serde(rename = "RetryPolicy")]
    _retries: Option<IgnoredAny>,
}

/// A rule of the default bus.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct EventBridgeRule {
    pattern: Json,
    #[serde(rename = "RetryPolicy")]
    _retries: Option<IgnoredAny>,
    #[serde(rename = "DeadLetterConfig")]
    _dead_letters: Option<IgnoredAny>,
}

impl EventSource {
    /// Adds what this event says to the function. The error says what is wrong with it.
    pub(super) fn add_to(self, function: &mut Function) -> Result<(), String> {
        match self {
            EventSource::HttpApi(api) => function.routes.push(Route::new(api.method.as_deref(), api.path.as_deref())?),
            EventSource::DynamoDb(stream) => function.streams.push(stream.source()?),
            EventSource::Sqs(messages) => function.queues.extend(messages.source()?),
            EventSource::ScheduleV2(schedule) => function.schedules.push(schedule.read()?),
            EventSource::EventBridgeRule(rule) => function.rules.push(rule.pattern),
        }
        Ok(())
    }
}

impl Stream {
    fn source(self) -> Result<StreamSource, String> {
        let table = resolve::table_of_stream(&self.stream)
            .ok_or_else(|| format!("Stream must be !GetAtt <table>.StreamArn, not {:?}", self.stream))?;
        let patterns = self.filter_criteria.filters.iter().map(|filter| {
            serde_json::from_str(&filter.pattern)
                .map_err(|e| format!("the filter pattern {:?} is not JSON: {e}", filter.pattern))
        });
        let max_retries = match self.maximum_retry_attempts {
            // -1 is how Lambda spells its default: without an end.
            None | Some(-1) => None,
            Some(n) => Some(u32::try_from(n).map_err(|_| format!("MaximumRetryAttempts must be -1 or more, not {n}"))?),
        };
        Ok(StreamSource {
            table: table.to_owned(),
            // Lambda's default for streams.
            batch_size: self.batch_size.unwrap_or(100),
            patterns: patterns.collect::<Result<_, _>>()?,
            max_retries,
            partial_batch: self
                .function_response_types
                .iter()
                .any(|t| matches!(t, ResponseType::ReportBatchItemFailures)),
            bisect: self.bisect_batch_on_function_error,
        })
    }
}

impl Messages {
    /// The mapping, or none where it is not enabled.
    fn source(self) -> Result<Option<QueueSource>, String> {
        let queue = resolve::queue_of(&self.queue)
            .ok_or_else(|| format!("Queue must be !GetAtt <queue>.Arn, not {:?}", self.queue))?;
        // Lambda's defaults for queues.
        let batch_size = self.batch_size.unwrap_or(10);
        let window = self.maximum_batching_window_in_seconds.unwrap_or(0);
        if batch_size > 10 && window == 0 {
            return Err(format!("BatchSize {batch_size} needs a MaximumBatchingWindowInSeconds of at least 1"));
        }
        let max_concurrency = match self.scaling_config.map(|scaling| scaling.maximum_concurrency) {
            None => 1_000,
            Some(value) => {
                let number = value.as_u64().or_else(|| value.as_str()?.parse().ok());
                let number = number.and_then(|number| usize::try_from(number).ok());
                number
                    .filter(|number| (2..=1_000).contains(number))
                    .ok_or_else(|| format!("MaximumConcurrency must be 2 to 1000, not {value}"))?
            }
        };
        let source = QueueSource {
            queue: queue.to_owned(),
            batch_size,
            window: Duration::from_secs(window),
            max_concurrency,
            partial_batch: self
                .function_response_types
                .iter()
                .any(|kind| matches!(kind, ResponseType::ReportBatchItemFailures)),
        };
        Ok(self.enabled.unwrap_or(true).then_some(source))
    }
}

impl ScheduleV2 {
    fn read(self) -> Result<Schedule, String> {
        let every = rate(&self.schedule_expression).ok_or_else(|| {
            format!("ScheduleExpression {:?} is not understood: rate(5 minutes) is", self.schedule_expression)
        })?;
        let input = match self.input {
            Some(text) => serde_json::from_str(&text).map_err(|e| format!("Input {text:?} is not JSON: {e}"))?,
            None => Json::Object(serde_json::Map::new()),
        };
        Ok(Schedule { every, input })
    }
}

/// The time between two runs of `rate(n unit)`.
fn rate(expression: &str) -> Option<Duration> {
    let (number, unit) = expression.strip_prefix("rate(")?.strip_suffix(')')?.split_once(' ')?;
    let number: u64 = number.parse().ok().filter(|n| *n > 0)?;
    let seconds = match unit {
        "minute" | "minutes" => 60,
        "hour" | "hours" => 60 * 60,
        "day" | "days" => 24 * 60 * 60,
        _ => return None,
    };
    number.checked_mul(seconds).map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates() {
        assert_eq!(rate("rate(1 minute)"), Some(Duration::from_secs(60)));
        assert_eq!(rate("rate(12 hours)"), Some(Duration::from_secs(43_200)));
        for wrong in [
            "rate(0 minutes)",
            "rate(1 second)",
            "cron(0 1 * * ? *)",
            "rate(1minute)",
            "rate(99999999999999999999 days)",
            "rate(999999999999999999 days)",
        ] {
            assert_eq!(rate(wrong), None, "{wrong}");
        }
    }
}
