//! What a function's answer says about a batch of a stream or of a queue.

use serde::Deserialize;

/// The names of the items of a batch that failed, from the answer of a function whose mapping has
/// `ReportBatchItemFailures`.
///
/// As in Lambda, no list, an empty one or no answer is success. `None` where the answer cannot be
/// read, or a name is missing: then the whole batch failed.
pub(crate) fn failed_items(answer: &[u8]) -> Option<Vec<String>> {
    #[derive(Deserialize)]
    struct Report {
        #[serde(default, rename = "batchItemFailures")]
        failures: Option<Vec<Failure>>,
    }
    #[derive(Deserialize)]
    struct Failure {
        #[serde(rename = "itemIdentifier")]
        id: String,
    }
    if answer.is_empty() {
        return Some(Vec::new());
    }
    let report: Option<Report> = serde_json::from_slice(answer).ok()?;
    let failures = report.and_then(|report| report.failures).unwrap_or_default();
    Some(failures.into_iter().map(|failure| failure.id).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_without_failures_is_success() {
        for answer in
            ["", "null", "{}", r#"{"batchItemFailures":[]}"#, r#"{"batchItemFailures":null}"#, r#"{"other":1}"#]
        {
            assert_eq!(failed_items(answer.as_bytes()), Some(Vec::new()), "{answer}");
        }
    }

    #[test]
    fn failures_are_named_in_their_order() {
        let answer = br#"{"batchItemFailures":[{"itemIdentifier":"12"},{"itemIdentifier":""}]}"#;
        assert_eq!(failed_items(answer), Some(vec!["12".to_owned(), String::new()]));
    }

    #[test]
    fn a_failure_without_a_name_and_an_unreadable_answer_are_no_report() {
        for answer in [
            r#"{"batchItemFailures":[{"itemIdentifier":null}]}"#,
            r#"{"batchItemFailures":[{"id":"11"}]}"#,
            "[1]",
            "not json",
        ] {
            assert_eq!(failed_items(answer.as_bytes()), None, "{answer}");
        }
    }
}
