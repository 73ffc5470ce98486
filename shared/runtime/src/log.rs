//! The log of a function: a line of JSON for each event, as template.yaml asks Lambda for.

use lambda_runtime::tracing::subscriber::filter::LevelFilter;
use lambda_runtime::tracing::subscriber::fmt;
use lambda_runtime::tracing::subscriber::fmt::MakeWriter;
use lambda_runtime::tracing::subscriber::util::SubscriberInitExt;
use tracing::Subscriber;

/// The most verbose level that is logged, whatever is asked for. At `TRACE`, the SDK logs the whole
/// items that DynamoDB answers.
const MAX_LEVEL: LevelFilter = LevelFilter::INFO;

/// Sets up the log of a function: lines in the form of Lambda, and of a panic only its place. A
/// function calls it first of all.
///
/// `AWS_LAMBDA_LOG_LEVEL`, which Lambda sets to a function's `ApplicationLogLevel`, chooses the
/// level, but never one more verbose than `INFO`. A level that does not exist in Rust, such as
/// `FATAL`, counts as `INFO`. Unlike `lambda_runtime`'s own log, this one does not read `RUST_LOG`,
/// and links no regular expressions for it.
pub fn log() {
    subscriber(std::env::var("AWS_LAMBDA_LOG_LEVEL").ok().as_deref(), std::io::stdout).init();
    std::panic::set_hook(Box::new(|panic| {
        tracing::error!(location = panic.location().map(tracing::field::display), "panicked");
    }));
}

/// Writes each event of the level that is asked for, and of those above it, as a line of JSON.
fn subscriber(asked: Option<&str>, writer: impl for<'a> MakeWriter<'a> + Send + Sync + 'static) -> impl Subscriber {
    let level = asked.and_then(|level| level.parse().ok()).unwrap_or(MAX_LEVEL).min(MAX_LEVEL);
    fmt().json().with_target(false).without_time().with_max_level(level).with_writer(writer).finish()
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    /// The lines that are logged where this level is asked for.
    fn lines(asked: Option<&str>) -> Vec<serde_json::Value> {
        let written = Written::default();
        let writer = written.clone();
        tracing::subscriber::with_default(subscriber(asked, move || writer.clone()), || {
            tracing::trace!("traced");
            tracing::debug!("debugged");
            tracing::info!(case = 7, "informed");
            tracing::warn!("warned");
            tracing::error!("failed");
        });
        let written = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
        written.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn logged(asked: Option<&str>) -> Vec<String> {
        lines(asked).iter().map(|line| line["fields"]["message"].as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn a_line_has_its_level_at_the_root_and_its_fields_one_level_down() {
        let informed = serde_json::json!({"level": "INFO", "fields": {"message": "informed", "case": 7}});
        assert_eq!(lines(None).first(), Some(&informed));
    }

    #[test]
    fn nothing_below_info_is_logged_whatever_is_asked_for() {
        for asked in [None, Some("INFO"), Some("DEBUG"), Some("TRACE"), Some("trace"), Some("FATAL")] {
            assert_eq!(logged(asked), ["informed", "warned", "failed"], "{asked:?}");
        }
    }

    #[test]
    fn less_is_logged_where_less_is_asked_for() {
        assert_eq!(logged(Some("WARN")), ["warned", "failed"]);
        assert_eq!(logged(Some("ERROR")), ["failed"]);
    }
}
