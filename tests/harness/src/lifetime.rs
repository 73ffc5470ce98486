//! When stacks start and stop.
//!
//! A function's process ends with the cloud that started it. The process of DynamoDB Local has to
//! be stopped. So the stacks of a test stop before it returns, also when it panics.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, LazyLock, Mutex, PoisonError, RwLock, Weak};

use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

use super::{Stack, options};

/// One runtime for all tests: a shared stack outlives the test that started it.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());

static SHARED: tokio::sync::Mutex<Weak<Stack>> = tokio::sync::Mutex::const_new(Weak::new());

/// Stacks that are being stopped.
static STOPPING: Mutex<Vec<JoinHandle<()>>> = Mutex::new(Vec::new());

/// Tests run side by side, except those that send many requests at once.
static MACHINE: RwLock<()> = RwLock::new(());

/// Runs a test, and returns when the stacks that it used last have stopped.
pub fn run<T>(test: impl Future<Output = T>) -> T {
    let _beside_others = MACHINE.read().unwrap_or_else(PoisonError::into_inner);
    run_now(test)
}

/// Runs a test of very many clients while no other test runs. On a small machine two such tests at
/// once would run into time limits.
pub fn run_alone<T>(test: impl Future<Output = T>) -> T {
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

/// The stack that tests share. Each test has transactions and addresses of its own in it.
pub async fn shared() -> Arc<Stack> {
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
