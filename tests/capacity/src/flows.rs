//! What a client does, as calls of functions: what one report costs is more than its own call.

use crate::costs::Row;

/// A call of a function, by the names of its row.
pub type Step = (&'static str, &'static str);

/// What a client or an operator does once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flow {
    /// What it is called on the page.
    pub name: &'static str,
    /// The calls that it causes.
    pub steps: &'static [Step],
}

/// The mail that follows a new dispute.
const MAIL: Step = ("WorkerOutbox", "a mail");
/// The counters and the search's entries of a new dispute.
const COUNT: Step = ("WorkerCounters", "a report");
/// The same, where the dispute's event is handed out to the event bus.
const COUNT_FOR_BUS: Step = ("WorkerCounters", "a report, with the bus");

/// The main flow of each API, of the console, of webhooks, of the event bus and of the queue. The
/// report is the first.
pub const FLOWS: [Flow; 11] = [
    Flow { name: "IIMMPACT: a report, with its mail", steps: &[("IimmpactReport", "a report"), MAIL, COUNT] },
    Flow { name: "Platform: a transaction", steps: &[("PlatformPut", "a transaction")] },
    Flow { name: "Platform: ten transactions in one call", steps: &[("PlatformImport", "ten transactions")] },
    Flow { name: "Queue: ten transactions in one message", steps: &[("WorkerIngest", "ten transactions")] },
    Flow { name: "Arbiter: a dispute logged, with a mail", steps: &[("ArbiterLog", "a chargeback"), MAIL, COUNT] },
    Flow { name: "Tutelar: a dispute raised, with a mail", steps: &[("TutelarCreate", "a dispute"), MAIL, COUNT] },
    Flow {
        name: "Connect: a dispute with a file, submitted, with a mail",
        steps: &[("ConnectCreate", "a draft"), ("ConnectUpload", "a file"), ("ConnectSubmit", "a draft"), MAIL, COUNT],
    },
    Flow { name: "Webhooks: an event delivered", steps: &[("WorkerWebhooks", "a delivery")] },
    Flow {
        name: "Event bus: a report, with its mail and its event",
        steps: &[("IimmpactReport", "a report"), MAIL, COUNT_FOR_BUS, ("WorkerBus", "an event")],
    },
    Flow { name: "Support: a received mail", steps: &[("WorkerInbound", "a mail")] },
    Flow { name: "Console: a full page of the queue", steps: &[("ConsoleQueue", "a full page")] },
];

/// The row of a step.
///
/// # Errors
/// `tests/costs.tsv` has none.
pub fn row(rows: &[Row], (function, call): Step) -> Result<&Row, String> {
    let row = rows.iter().find(|row| row.function == function && row.call == call);
    row.ok_or_else(|| format!("tests/costs.tsv has no row of {function}, {call}"))
}

/// The rows of a flow.
///
/// # Errors
/// `tests/costs.tsv` lacks one.
pub fn rows<'a>(all: &'a [Row], flow: &Flow) -> Result<Vec<&'a Row>, String> {
    flow.steps.iter().map(|step| row(all, *step)).collect()
}
