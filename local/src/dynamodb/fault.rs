//! Failures of DynamoDB that no engine can be made to show, and how the front shows them.

use axum::body::Body;
use http::{Response, StatusCode};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::json;

use crate::loopback;

pub(super) const CONTENT_TYPE: &str = "application/x-amz-json-1.0";

const SERVER_ERROR: &str = "The request processing has failed because of an unknown error, exception or failure.";
const CONFLICT: &str = "Transaction is ongoing for the item";
const THROTTLED: &str = "Throughput exceeds the current capacity of your table or index. DynamoDB is automatically scaling your table or \
                         index so please try again shortly.";

/// A failure that no engine can be made to show. Faults that count end by themselves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Fault {
    /// All is well.
    #[default]
    None,
    /// Every connection is closed without an answer, and nothing is done.
    Unreachable,
    /// Every request is taken and never answered, and nothing is done.
    Hang,
    /// Every request is answered with status 500, `InternalServerError`, and nothing is done.
    ServerError,
    /// The next `times` `TransactWriteItems` are carried out, and their connection is closed
    /// without an answer.
    LoseAnswer {
        /// How many.
        times: u32,
    },
    /// The next `times` `TransactWriteItems` are cancelled with `TransactionConflict` on their
    /// first item.
    Conflict {
        /// How many.
        times: u32,
    },
    /// The next `times` `UpdateItem` are refused with `TransactionConflictException`, as if a
    /// transaction was writing the same item.
    UpdateConflict {
        /// How many.
        times: u32,
    },
    /// The next `updates` `UpdateItem` are carried out. One more is carried out, and its connection
    /// is closed without an answer. From then on all of them are closed, and nothing is done: so a
    /// caller dies after this many writes.
    StopAfter {
        /// How many.
        updates: u32,
    },
    /// Every `UpdateItem`'s connection is closed without an answer, and nothing is done.
    StoppedUpdates,
    /// The next `times` requests are throttled, a transaction by a cancellation with
    /// `ThrottlingError` on its first item.
    Throttle {
        /// How many.
        times: u32,
    },
}

/// What the front does with one request.
#[derive(Debug)]
pub(super) enum Course {
    /// Forwards it and answers.
    Pass,
    /// Forwards it, waits for the result, and closes the connection.
    PassThenCut,
    /// Closes the connection.
    Cut,
    /// Never answers.
    Hang,
    /// Answers by itself.
    Answer(Response<Body>),
}

impl Fault {
    /// What to do with a request for `operation` with this `body`. A fault that counts goes down by
    /// one.
    pub(super) fn course(&mut self, operation: &str, body: &[u8]) -> Course {
        let transaction = operation == "TransactWriteItems";
        if let Self::StopAfter { updates } = self {
            return match (operation == "UpdateItem", updates.checked_sub(1)) {
                (false, _) => Course::Pass,
                (true, Some(left)) => {
                    *updates = left;
                    Course::Pass
                }
                (true, None) => {
                    *self = Self::StoppedUpdates;
                    Course::PassThenCut
                }
            };
        }
        if let Self::UpdateConflict { times } = self {
            let left = times.checked_sub(1).filter(|_| operation == "UpdateItem");
            let Some(left) = left else { return Course::Pass };
            *times = left;
            let kind = "com.amazonaws.dynamodb.v20120810#TransactionConflictException";
            let answer = json!({"__type": kind, "message": CONFLICT});
            return Course::Answer(error(StatusCode::BAD_REQUEST, &answer));
        }
        if *self == Self::StoppedUpdates {
            return if operation == "UpdateItem" { Course::Cut } else { Course::Pass };
        }
        if !self.strikes(transaction) {
            return Course::Pass;
        }
        match self {
            Self::None | Self::StopAfter { .. } | Self::StoppedUpdates | Self::UpdateConflict { .. } => Course::Pass,
            Self::Unreachable => Course::Cut,
            Self::Hang => Course::Hang,
            Self::ServerError => {
                let answer =
                    json!({"__type": "com.amazonaws.dynamodb.v20120810#InternalServerError", "message": SERVER_ERROR});
                Course::Answer(error(StatusCode::INTERNAL_SERVER_ERROR, &answer))
            }
            Self::LoseAnswer { .. } => Course::PassThenCut,
            Self::Conflict { .. } => Course::Answer(cancelled("TransactionConflict", CONFLICT, body)),
            Self::Throttle { .. } if transaction => Course::Answer(cancelled("ThrottlingError", THROTTLED, body)),
            Self::Throttle { .. } => {
                let answer =
                    json!({"__type": "com.amazon.coral.availability#ThrottlingException", "message": THROTTLED});
                Course::Answer(error(StatusCode::BAD_REQUEST, &answer))
            }
        }
    }

    /// Whether this request fails. If so, the fault counts it.
    fn strikes(&mut self, transaction: bool) -> bool {
        let times = match self {
            Self::None | Self::StopAfter { .. } | Self::StoppedUpdates | Self::UpdateConflict { .. } => return false,
            Self::Unreachable | Self::Hang | Self::ServerError => return true,
            Self::LoseAnswer { .. } | Self::Conflict { .. } if !transaction => return false,
            Self::LoseAnswer { times } | Self::Conflict { times } | Self::Throttle { times } => times,
        };
        let left = times.checked_sub(1);
        *times = left.unwrap_or_default();
        left.is_some()
    }
}

pub(super) fn error(status: StatusCode, value: &serde_json::Value) -> Response<Body> {
    loopback::json(status, CONTENT_TYPE, value)
}

/// A cancelled transaction: one reason for each of its items, in their order, of which the first
/// says `code`.
fn cancelled(code: &str, message: &str, body: &[u8]) -> Response<Body> {
    #[derive(Deserialize)]
    struct Transaction {
        #[serde(rename = "TransactItems")]
        items: Vec<IgnoredAny>,
    }
    let count = serde_json::from_slice::<Transaction>(body).map_or(1, |t| t.items.len().max(1));
    let codes: Vec<&str> = std::iter::once(code).chain(std::iter::repeat_n("None", count.saturating_sub(1))).collect();
    let reasons: Vec<_> = codes
        .iter()
        .map(|c| if *c == code { json!({"Code": c, "Message": message}) } else { json!({"Code": c}) })
        .collect();
    let text =
        format!("Transaction cancelled, please refer cancellation reasons for specific reasons [{}]", codes.join(", "));
    let kind = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException";
    error(StatusCode::BAD_REQUEST, &json!({"__type": kind, "Message": text, "CancellationReasons": reasons}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counted_fault_ends_by_itself_and_spares_other_operations() {
        let mut fault = Fault::LoseAnswer { times: 2 };
        assert!(matches!(fault.course("GetItem", b"{}"), Course::Pass));
        assert!(matches!(fault.course("TransactWriteItems", b"{}"), Course::PassThenCut));
        assert!(matches!(fault.course("TransactWriteItems", b"{}"), Course::PassThenCut));
        assert!(matches!(fault.course("TransactWriteItems", b"{}"), Course::Pass));
        assert_eq!(fault, Fault::LoseAnswer { times: 0 });
    }

    #[test]
    fn updates_conflict_as_often_as_was_said_and_nothing_else_does() {
        let mut fault = Fault::UpdateConflict { times: 1 };
        assert!(matches!(fault.course("GetItem", b"{}"), Course::Pass));
        assert!(matches!(fault.course("TransactWriteItems", b"{}"), Course::Pass));
        assert!(matches!(fault.course("UpdateItem", b"{}"), Course::Answer(_)));
        assert!(matches!(fault.course("UpdateItem", b"{}"), Course::Pass));
    }

    #[test]
    fn updates_stop_after_as_many_as_were_said() {
        let mut fault = Fault::StopAfter { updates: 1 };
        assert!(matches!(fault.course("Query", b"{}"), Course::Pass));
        assert!(matches!(fault.course("UpdateItem", b"{}"), Course::Pass));
        assert!(matches!(fault.course("UpdateItem", b"{}"), Course::PassThenCut));
        assert!(matches!(fault.course("UpdateItem", b"{}"), Course::Cut));
        assert!(matches!(fault.course("Query", b"{}"), Course::Pass));
    }
}
