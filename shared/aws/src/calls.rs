//! Counting the calls that one request makes, for its log line.

use std::cell::Cell;
use std::future::Future;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

tokio::task_local! {
    static CALLS: Cell<u32>;
}

/// Runs `work` and counts the calls within it of the clients that carry [`CountCalls`], retries
/// included.
pub async fn counted<T>(work: impl Future<Output = T>) -> (T, u32) {
    CALLS
        .scope(Cell::new(0), async {
            let output = work.await;
            (output, CALLS.with(Cell::get))
        })
        .await
}

/// Adds each attempt of a client's operations to the count of the [`counted`] work it happens in.
#[derive(Debug)]
pub struct CountCalls;

#[aws_smithy_runtime_api::client::interceptors::dyn_dispatch_hint]
impl Intercept for CountCalls {
    fn name(&self) -> &'static str {
        "CountCalls"
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        // Outside of a counted piece of work (while a function starts, say) there is nothing to add
        // to.
        let _ = CALLS.try_with(|calls| calls.set(calls.get().saturating_add(1)));
        Ok(())
    }
}
