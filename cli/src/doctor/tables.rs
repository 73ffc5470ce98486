//! The tables, and this machine's clock.

use recourse_dispute::time::UnixMillis;
use recourse_operations::health;
use recourse_store::Store;

use super::Check;

pub(super) async fn checks(store: &Store, now: UnixMillis) -> Vec<Check> {
    match store.health().await {
        Ok(found) => health::tables(&found, now).into_iter().map(Check::from).collect(),
        Err(error) => vec![Check::unread("tables", &error)],
    }
}
