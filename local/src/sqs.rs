//! SQS: the standard queues of the template, with visibility timeouts, receive counts and failure
//! queues.
//!
//! A message is there at least once, and in any order. Who receives it has it for the
//! queue's visibility timeout. It is deleted by the receipt handle of its last receive, or it is
//! visible again. Once it was received as often as the queue's redrive policy says, the next
//! receive moves it to the failure queue. FIFO queues, delays and attributes of messages are not
//! known here. Messages are in memory alone.

mod error;
pub(crate) mod mapping;
mod messages;
mod move_task;
mod service;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, MutexGuard, OnceLock};

use tokio::sync::Notify;

use crate::lock::lock;
use crate::loopback::{Reply, Server, StartError};
use crate::policy::Iam;
use crate::template::Queue;
use messages::{Delivery, Messages};
use service::Service;

/// A running SQS; clones are handles to the same one. It ends with [`Sqs::stop`], or with its last
/// handle.
#[derive(Clone, Debug)]
pub struct Sqs(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    queues: Arc<Queues>,
    iam: Arc<OnceLock<Arc<Iam>>>,
    server: Server,
}

/// All queues, and who waits for a message.
#[derive(Debug)]
struct Queues {
    messages: Mutex<Messages>,
    /// Notified when a message may be visible that was not before.
    sent: Notify,
}

/// How many messages a queue has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueueDepth {
    /// Those that the next receive finds.
    pub visible: usize,
    /// Those that were received and not deleted.
    pub in_flight: usize,
}

impl Queues {
    fn lock(&self) -> MutexGuard<'_, Messages> {
        lock(&self.messages)
    }
}

impl Sqs {
    /// Starts it on a free port, with these queues.
    ///
    /// # Errors
    /// No port.
    pub async fn start(queues: &[Queue]) -> Result<Sqs, StartError> {
        let queues = Arc::new(Queues { messages: Mutex::new(Messages::new(queues)), sent: Notify::new() });
        let iam: Arc<OnceLock<Arc<Iam>>> = Arc::default();
        let service = Arc::new(Service::new(Arc::clone(&queues), Arc::clone(&iam)));
        let server = Server::start(move |request| {
            let service = Arc::clone(&service);
            async move { Reply::Answer(service.answer(&request).await) }
        })
        .await?;
        Ok(Sqs(Arc::new(Inner { queues, iam, server })))
    }

    /// Where it listens, `http://127.0.0.1:port`.
    pub fn endpoint(&self) -> String {
        self.0.server.endpoint()
    }

    /// The address of a queue, which requests name. There need not be one.
    #[must_use]
    pub fn queue_url(&self, name: &str) -> String {
        service::queue_url(&self.endpoint(), name)
    }

    /// From now on functions may do only what `iam` allows. Until then everybody may do everything.
    pub fn guard(&self, iam: &Arc<Iam>) {
        let _ = self.0.iam.set(Arc::clone(iam));
    }

    /// Sends a message, as another AWS service does. Returns whether there is such a queue.
    pub fn send(&self, queue: &str, body: &str) -> bool {
        let is_sent = self.0.queues.lock().send(queue, body).is_some();
        self.0.queues.sent.notify_waiters();
        is_sent
    }

    /// How many messages a queue has; none where there is no such queue.
    #[must_use]
    pub fn depth(&self, queue: &str) -> QueueDepth {
        self.0.queues.lock().depth(queue)
    }

    /// The bodies of a queue's messages, the oldest first.
    #[must_use]
    pub fn bodies(&self, queue: &str) -> Vec<String> {
        self.0.queues.lock().bodies(queue)
    }

    /// Ends the visibility timeout of every message of a queue that is in flight, as if its time
    /// had passed. A test need not wait for it.
    pub fn end_visibility(&self, queue: &str) {
        self.0.queues.lock().end_visibility(queue);
        self.0.queues.sent.notify_waiters();
    }

    /// Receives at most `count` messages of a queue, of at most `budget` bytes together as an event
    /// has them, and waits for the first one.
    async fn receive(&self, queue: &str, count: usize, budget: usize) -> Vec<Delivery> {
        service::receive(&self.0.queues, queue, count, None, None, budget).await
    }

    fn delete(&self, queue: &str, receipt: &str) {
        let _ = self.0.queues.lock().delete(queue, receipt);
    }

    /// Stops it, for every handle.
    pub async fn stop(self) {
        self.0.server.stop().await;
    }
}
