//! `recourse-functions`: all functions in one binary, for a developer's machine.
//!
//! A deployment has one binary for each function. Here they are compiled and linked once instead of
//! some sixty times: `make run` and the tests of one part start sooner. Each function's `main` is
//! the one of its own file. As with BusyBox, a link's name says which function it is:
//!
//! ```text
//! recourse-functions links target/debug/together   make a link for each function in this folder
//! target/debug/together/iimmpact-report            run that function
//! ```

use std::error::Error;
use std::ffi::OsStr;
use std::io;
use std::os::unix::fs::symlink;
use std::path::Path;

/// Includes each function's file as a module, and finds its `main` by the binary's name.
macro_rules! functions {
    ($($name:literal $module:ident $path:literal;)*) => {
        $(#[path = $path] mod $module;)*

        /// The names of the functions' binaries.
        const NAMES: &[&str] = &[$($name),*];

        fn function(name: &str) -> Option<fn() -> Result<(), lambda_http::Error>> {
            match name {
                $($name => Some($module::main),)*
                _ => None,
            }
        }
    };
}

functions! {
    "arbiter-categories" arbiter_categories "../../../functions/arbiter/src/bin/arbiter-categories.rs";
    "arbiter-evidence" arbiter_evidence "../../../functions/arbiter/src/bin/arbiter-evidence.rs";
    "arbiter-get" arbiter_get "../../../functions/arbiter/src/bin/arbiter-get.rs";
    "arbiter-log" arbiter_log "../../../functions/arbiter/src/bin/arbiter-log.rs";
    "arbiter-put" arbiter_put "../../../functions/arbiter/src/bin/arbiter-put.rs";
    "arbiter-query" arbiter_query "../../../functions/arbiter/src/bin/arbiter-query.rs";
    "arbiter-reasons" arbiter_reasons "../../../functions/arbiter/src/bin/arbiter-reasons.rs";
    "arbiter-token" arbiter_token "../../../functions/arbiter/src/bin/arbiter-token.rs";
    "arbiter-transaction" arbiter_transaction "../../../functions/arbiter/src/bin/arbiter-transaction.rs";
    "connect-cancel" connect_cancel "../../../functions/connect/src/bin/connect-cancel.rs";
    "connect-capture-create" connect_capture_create "../../../functions/connect/src/bin/connect-capture-create.rs";
    "connect-capture-list" connect_capture_list "../../../functions/connect/src/bin/connect-capture-list.rs";
    "connect-create" connect_create "../../../functions/connect/src/bin/connect-create.rs";
    "connect-download" connect_download "../../../functions/connect/src/bin/connect-download.rs";
    "connect-file-url" connect_file_url "../../../functions/connect/src/bin/connect-file-url.rs";
    "connect-get" connect_get "../../../functions/connect/src/bin/connect-get.rs";
    "connect-list" connect_list "../../../functions/connect/src/bin/connect-list.rs";
    "connect-submit" connect_submit "../../../functions/connect/src/bin/connect-submit.rs";
    "connect-upload-complete" connect_upload_complete "../../../functions/connect/src/bin/connect-upload-complete.rs";
    "connect-upload-start" connect_upload_start "../../../functions/connect/src/bin/connect-upload-start.rs";
    "connect-upload" connect_upload "../../../functions/connect/src/bin/connect-upload.rs";
    "console-audit" console_audit "../../../functions/console/src/bin/console-audit.rs";
    "console-case" console_case "../../../functions/console/src/bin/console-case.rs";
    "console-numbers" console_numbers "../../../functions/console/src/bin/console-numbers.rs";
    "console-queue" console_queue "../../../functions/console/src/bin/console-queue.rs";
    "console-search" console_search "../../../functions/console/src/bin/console-search.rs";
    "console-settings" console_settings "../../../functions/console/src/bin/console-settings.rs";
    "console-sign-in" console_sign_in "../../../functions/console/src/bin/console-sign-in.rs";
    "health-get" health_get "../../../functions/health/src/bin/health-get.rs";
    "iimmpact-report" iimmpact_report "../../../functions/iimmpact/src/bin/iimmpact-report.rs";
    "platform-dispute" platform_dispute "../../../functions/platform/src/bin/platform-dispute.rs";
    "platform-disputes" platform_disputes "../../../functions/platform/src/bin/platform-disputes.rs";
    "platform-get" platform_get "../../../functions/platform/src/bin/platform-get.rs";
    "platform-import" platform_import "../../../functions/platform/src/bin/platform-import.rs";
    "platform-put" platform_put "../../../functions/platform/src/bin/platform-put.rs";
    "platform-webhook-add" platform_webhook_add "../../../functions/platform/src/bin/platform-webhook-add.rs";
    "platform-webhook-deliveries" platform_webhook_deliveries "../../../functions/platform/src/bin/platform-webhook-deliveries.rs";
    "platform-webhook-disable" platform_webhook_disable "../../../functions/platform/src/bin/platform-webhook-disable.rs";
    "platform-webhook-enable" platform_webhook_enable "../../../functions/platform/src/bin/platform-webhook-enable.rs";
    "platform-webhook-get" platform_webhook_get "../../../functions/platform/src/bin/platform-webhook-get.rs";
    "platform-webhook-list" platform_webhook_list "../../../functions/platform/src/bin/platform-webhook-list.rs";
    "platform-webhook-remove" platform_webhook_remove "../../../functions/platform/src/bin/platform-webhook-remove.rs";
    "platform-webhook-replay" platform_webhook_replay "../../../functions/platform/src/bin/platform-webhook-replay.rs";
    "platform-webhook-rotate" platform_webhook_rotate "../../../functions/platform/src/bin/platform-webhook-rotate.rs";
    "platform-webhook-test" platform_webhook_test "../../../functions/platform/src/bin/platform-webhook-test.rs";
    "worker-ingest" worker_ingest "../../../functions/platform/src/bin/worker-ingest.rs";
    "tutelar-create" tutelar_create "../../../functions/tutelar/src/bin/tutelar-create.rs";
    "tutelar-merchant-loss" tutelar_merchant_loss "../../../functions/tutelar/src/bin/tutelar-merchant-loss.rs";
    "tutelar-merchant-won" tutelar_merchant_won "../../../functions/tutelar/src/bin/tutelar-merchant-won.rs";
    "tutelar-move-level" tutelar_move_level "../../../functions/tutelar/src/bin/tutelar-move-level.rs";
    "tutelar-reopen" tutelar_reopen "../../../functions/tutelar/src/bin/tutelar-reopen.rs";
    "tutelar-unknown" tutelar_unknown "../../../functions/tutelar/src/bin/tutelar-unknown.rs";
    "tutelar-update" tutelar_update "../../../functions/tutelar/src/bin/tutelar-update.rs";
    "tutelar-view" tutelar_view "../../../functions/tutelar/src/bin/tutelar-view.rs";
    "worker-bus" worker_bus "../../../functions/workers/src/bin/worker-bus.rs";
    "worker-counters" worker_counters "../../../functions/workers/src/bin/worker-counters.rs";
    "worker-deadlines" worker_deadlines "../../../functions/workers/src/bin/worker-deadlines.rs";
    "worker-feedback" worker_feedback "../../../functions/workers/src/bin/worker-feedback.rs";
    "worker-inbound" worker_inbound "../../../functions/workers/src/bin/worker-inbound.rs";
    "worker-outbox" worker_outbox "../../../functions/workers/src/bin/worker-outbox.rs";
    "worker-webhooks" worker_webhooks "../../../functions/workers/src/bin/worker-webhooks.rs";
}

fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let arguments: Vec<_> = std::env::args_os().collect();
    let name = arguments.first().map(Path::new).and_then(Path::file_name).and_then(OsStr::to_str);
    if let Some(function) = name.and_then(function) {
        return function();
    }
    match arguments.as_slice() {
        [_, command, folder] if command == "links" => Ok(link(Path::new(folder))?),
        _ => Err("start it by a link with a function's name, which `recourse-functions links FOLDER` makes".into()),
    }
}

/// Makes a link to this binary for each function, in place of another one. A right one stays as it
/// is: something may be starting functions by it.
fn link(folder: &Path) -> io::Result<()> {
    let this = std::env::current_exe()?;
    std::fs::create_dir_all(folder)?;
    NAMES.iter().try_for_each(|name| {
        let link = folder.join(name);
        if std::fs::read_link(&link).is_ok_and(|target| target == this) {
            return Ok(());
        }
        if link.is_symlink() {
            std::fs::remove_file(&link)?;
        }
        symlink(&this, link)
    })
}
