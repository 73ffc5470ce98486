//! The console, as a browser sees it.

mod audit;
mod case;
mod forget;
pub mod identity;
mod numbers;
mod queue;
mod search;
mod settings;
mod sign_in;

use std::time::Duration;

use recourse_dispute::time::{Day, UnixMillis};
use recourse_store::{AuditDays, AuditLogEntry, AuditLogFilter};

use crate::harness::{ConsoleClient, HttpResponse, Stack};

/// An address at which every signed-in operator gets a page.
const SOMEWHERE: &str = "/console/somewhere";

/// Sixty-one seconds: a session that is used now is written again.
const A_MINUTE: Duration = Duration::from_secs(61);

/// Every entry of the audit log, the newest first.
pub async fn audit_log(stack: &Stack) -> Vec<AuditLogEntry> {
    let now = stack.cloud().clock.now_millis();
    let today = Day::of(now);
    let days = AuditDays { from: Day::of(UnixMillis(today_before(stack))), to: today };
    stack.store().audit_log(days, &AuditLogFilter::default(), None, 1_000, now).await.unwrap().entries
}

fn today_before(stack: &Stack) -> i64 {
    stack.cloud().clock.now_millis().0 - 30 * 24 * 60 * 60 * 1_000
}

/// The newest entry as text: who, what and what became of it.
pub async fn last_audit(stack: &Stack) -> String {
    let entry = audit_log(stack).await.into_iter().next().expect("an entry");
    assert_eq!(entry.from.map(|from| from.to_string()).as_deref(), Some("127.0.0.1"), "{entry:?}");
    let who = entry.operator.map_or("nobody".to_owned(), |by| format!("{} ({})", by.name, by.role));
    format!("{who}: {}, {}", entry.action, entry.outcome)
}

/// Whether a browser is signed in.
pub async fn is_signed_in(browser: &ConsoleClient<'_>) -> bool {
    let answer = browser.get(SOMEWHERE).await;
    match answer.status {
        404 => true,
        303 => {
            assert_eq!(answer.location(), "/console/sign-in");
            false
        }
        _ => panic!("{answer:?}"),
    }
}

/// Every answer of the console has these headers.
#[track_caller]
pub fn is_secured(answer: &HttpResponse) {
    let header = |name: &str| answer.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default();
    let policy = header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; ") && policy.contains("frame-ancestors 'none'"), "{answer:?}");
    assert!(!policy.contains("unsafe") && !policy.contains('*'), "{policy}");
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("strict-transport-security", "max-age=31536000"),
    ] {
        assert_eq!(header(name), value, "{name} of {answer:?}");
    }
    assert!(header("cache-control") == "no-store" || header("cache-control").ends_with("immutable"), "{answer:?}");
}

/// Makes the console's functions do everything that they are for.
pub async fn everything(stack: &Stack) {
    case::everything(stack).await;
    sign_in::everything(stack).await;
    audit::everything(stack).await;
    queue::everything(stack).await;
    search::everything(stack).await;
    numbers::everything(stack).await;
    settings::everything(stack).await;
    forget::everything(stack).await;
}
