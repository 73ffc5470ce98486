//! When stacks start and stop.
//!
//! A function's process ends with the cloud that started it, and DynamoDB Local's has to be ended by us. So whatever becomes of a test, its
//! stacks are stopped before it returns.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, LazyLock, Mutex, PoisonError, RwLock, Weak};

use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

use super::{Stack, options};

/// One for all tests: what a shared stack runs on has to outlive the test that happened to start it.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());

static SHARED: tokio::sync::Mutex<Weak<Stack>> = tokio::sync::Mutex::const_new(Weak::new());

/// Stacks on their way out.
static STOPPING: Mutex<Vec<JoinHandle<()>>> = Mutex::new(Vec::new());

/// Tests run beside each other, except those that are a crowd by themselves.
static MACHINE: RwLock<()> = RwLock::new(());

/// Runs a test, and returns when the stacks that it was the last to hold are gone.
pub(crate) fn run<T>(test: impl Future<Output = T>) -> T {
    let _beside_others = MACHINE.read().unwrap_or_else(PoisonError::into_inner);
    run_now(test)
}

/// Runs a test of very many clients while no other test runs: two such at once on a small machine would measure its time limits.
pub(crate) fn run_alone<T>(test: impl Future<Output = T>) -> T {
    let _alone = MACHINE.write().unwrap_or_else(PoisonError::into_inner);
    run_now(test)
}

fn run_now<T>(test: impl Future<Output = T>) -> T {
    let ended = catch_unwind(AssertUnwindSafe(|| RUNTIME.block_on(test)));
    let stopping = std::mem::take(&mut *STOPPING.lock().unwrap_or_else(PoisonError::into_inner));
    for stack in stopping {
        let _ = RUNTIME.block_on(stack);
    }
    ended.unwrap_or_else(|panic| resume_unwind(panic))
}

/// The stack that tests share; each has transactions and addresses of its own in it.
pub(crate) async fn shared() -> Arc<Stack> {
    let mut shared = SHARED.lock().await;
    if let Some(stack) = shared.upgrade() {
        return stack;
    }
    let stack = Arc::new(Stack::start(options()).await);
    *shared = Arc::downgrade(&stack);
    stack
}

impl Drop for Stack {
    fn drop(&mut self) {
        if let Some(cloud) = self.cloud.take() {
            let stopping = RUNTIME.spawn(cloud.stop());
            STOPPING.lock().unwrap_or_else(PoisonError::into_inner).push(stopping);
        }
    }
}
