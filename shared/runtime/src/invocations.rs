//! Taking invocations, as many at once as Lambda gives.
//!
//! Plain Lambda gives a process one at a time. On Lambda Managed Instances it gives as many as
//! `AWS_LAMBDA_MAX_CONCURRENCY` says. All of them are answered on one thread, in turns: each waits
//! for AWS most of its time. So nothing that they share can change within a turn, and no future has
//! to be `Send`.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use futures_util::stream::{FuturesUnordered, StreamExt};
use lambda_runtime::{Error, LambdaEvent, run_concurrent, service_fn};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::{mpsc, oneshot};
use tracing::{Instrument, Span};

/// An invocation on its way from the runtime's task to the thread's others.
struct Invocation<E, A> {
    event: LambdaEvent<E>,
    /// The runtime's span, with the ids of the invocation: log lines carry them.
    span: Span,
    answer: oneshot::Sender<A>,
}

/// Answers invocations with `handle` until Lambda ends the process, as many at once as Lambda
/// gives. It belongs into a runtime of one thread (`current_thread`).
///
/// A panic ends its own invocation with an error, and no other.
///
/// # Errors
/// Lambda's runtime cannot be reached.
pub async fn run<E, A>(handle: impl AsyncFn(LambdaEvent<E>) -> A) -> Result<(), Error>
where
    E: DeserializeOwned + Send + 'static,
    A: Serialize + Send + 'static,
{
    let (give, given) = mpsc::unbounded_channel();
    let polls = run_concurrent(service_fn(move |event: LambdaEvent<E>| {
        let give: mpsc::UnboundedSender<Invocation<E, A>> = give.clone();
        async move {
            let (answer, answered) = oneshot::channel();
            let invocation = Invocation { event, span: Span::current(), answer };
            give.send(invocation).map_err(|_| Error::from("the function is ending"))?;
            answered.await.map_err(|_| Error::from("the function panicked"))
        }
    }));
    tokio::select! {
        // Polls that end leave nothing to answer, so both end at once. These say why.
        biased;
        ended = polls => ended,
        () = answer_all(given, &handle) => Ok(()),
    }
}

/// Answers what is given until nobody can give any more.
async fn answer_all<E, A>(
    mut given: mpsc::UnboundedReceiver<Invocation<E, A>>,
    handle: &impl AsyncFn(LambdaEvent<E>) -> A,
) {
    let mut running = FuturesUnordered::new();
    loop {
        tokio::select! {
            Some(invocation) = given.recv() => running.push(answer_one(invocation, handle)),
            Some(()) = running.next() => {}
            else => return,
        }
    }
}

async fn answer_one<E, A>(invocation: Invocation<E, A>, handle: &impl AsyncFn(LambdaEvent<E>) -> A) {
    let Invocation { event, span, answer } = invocation;
    // After a panic the way back is dropped, which the runtime reports as an error.
    if let Ok(done) = AssertUnwindSafe(handle(event)).catch_unwind().instrument(span).await {
        // Nobody waits any more where the runtime's connection broke.
        let _ = answer.send(done);
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use lambda_runtime::Context;
    use tokio::sync::Semaphore;

    use super::*;

    type Answers<A> = Vec<oneshot::Receiver<A>>;

    /// Invocations with these events, and their answers.
    fn given<A>(events: &[u32]) -> (mpsc::UnboundedReceiver<Invocation<u32, A>>, Answers<A>) {
        let (give, given) = mpsc::unbounded_channel();
        let one = |event: &u32| {
            let (answer, answered) = oneshot::channel();
            let event = LambdaEvent::new(*event, Context::default());
            assert!(give.send(Invocation { event, span: Span::none(), answer }).is_ok());
            answered
        };
        let answers = events.iter().map(one).collect();
        (given, answers)
    }

    #[tokio::test]
    async fn invocations_run_at_once_and_each_gets_its_own_answer() {
        let (given, answers) = given(&[1, 2, 3]);
        let (all_there, arrived) = (Semaphore::new(0), Cell::new(0));
        let handle = async |event: LambdaEvent<u32>| {
            arrived.set(arrived.get() + 1);
            if arrived.get() == 3 {
                all_there.add_permits(3);
            }
            // None goes on before all are here.
            all_there.acquire().await.unwrap().forget();
            event.payload * 10
        };
        answer_all(given, &handle).await;
        let mut found = Vec::new();
        for answer in answers {
            found.push(answer.await.unwrap());
        }
        assert_eq!(found, [10, 20, 30]);
    }

    #[tokio::test]
    async fn a_panic_ends_its_own_invocation_alone() {
        let (given, mut answers) = given(&[1, 2]);
        let handle = async |event: LambdaEvent<u32>| {
            tokio::task::yield_now().await;
            assert!(event.payload != 1, "on purpose");
            event.payload
        };
        answer_all(given, &handle).await;
        let second = answers.pop().unwrap().await;
        let first = answers.pop().unwrap().await;
        assert_eq!((first.ok(), second.ok()), (None, Some(2)));
    }
}
