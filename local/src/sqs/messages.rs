//! The messages of all queues, and what becomes of them.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use md5::{Digest, Md5};
use serde_json::Value;
use tokio::time::Instant;

use crate::random;
use crate::template::{ACCOUNT, Queue, REGION};

/// What one message of an event has besides its body, in bytes and rounded up.
const ENVELOPE: usize = 1_024;

/// All queues.
#[derive(Debug)]
pub(super) struct Messages {
    queues: BTreeMap<String, Stored>,
    /// The place of the next message: older ones come first.
    next: u64,
}

#[derive(Debug)]
struct Stored {
    queue: Queue,
    messages: BTreeMap<u64, Message>,
}

#[derive(Clone, Debug)]
struct Message {
    id: String,
    body: String,
    sent: Instant,
    sent_ms: u128,
    first_received_ms: Option<u128>,
    receives: u32,
    /// When the next receive may find it.
    visible: Instant,
    /// The last receive's.
    receipt: Option<String>,
    /// The queue whose redrive policy moved it here.
    from: Option<String>,
}

/// A message that was received.
#[derive(Clone, Debug)]
pub(super) struct Delivery {
    pub(super) id: String,
    pub(super) receipt: String,
    pub(super) body: String,
    pub(super) md5: String,
    /// `ApproximateReceiveCount` and the like, by name.
    pub(super) attributes: BTreeMap<&'static str, String>,
}

/// What was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sent {
    pub(super) id: String,
    pub(super) md5: String,
}

/// A receipt handle that none of this SQS is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct InvalidReceipt;

impl Messages {
    pub(super) fn new(queues: &[Queue]) -> Self {
        let stored = |queue: &Queue| Stored { queue: queue.clone(), messages: BTreeMap::new() };
        Self { queues: queues.iter().map(|queue| (queue.name.clone(), stored(queue))).collect(), next: 0 }
    }

    pub(super) fn queue(&self, name: &str) -> Option<&Queue> {
        self.queues.get(name).map(|stored| &stored.queue)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.queues.keys().map(String::as_str)
    }

    /// Whether another queue's redrive policy names it.
    pub(super) fn is_failure_queue(&self, name: &str) -> bool {
        self.queues.values().any(|stored| stored.queue.redrive.as_ref().is_some_and(|redrive| redrive.to == name))
    }

    /// Adds a message; `None` where there is no such queue.
    pub(super) fn send(&mut self, queue: &str, body: &str) -> Option<Sent> {
        let stored = self.queues.get_mut(queue)?;
        let now = Instant::now();
        let message = Message {
            id: random::uuid(),
            body: body.to_owned(),
            sent: now,
            sent_ms: unix_ms(),
            first_received_ms: None,
            receives: 0,
            visible: now,
            receipt: None,
            from: None,
        };
        let sent = Sent { id: message.id.clone(), md5: md5_of(body) };
        stored.messages.insert(self.next, message);
        self.next += 1;
        Some(sent)
    }

    /// Receives messages for `visibility`, or for the queue's own timeout. Those that were received
    /// as often as they may be are moved to the failure queue instead. Those that are too old are
    /// deleted.
    pub(super) fn receive(
        &mut self,
        name: &str,
        count: usize,
        visibility: Option<Duration>,
        mut budget: usize,
    ) -> Vec<Delivery> {
        let Some(stored) = self.queues.get_mut(name) else { return Vec::new() };
        let now = Instant::now();
        let (retention, redrive) = (stored.queue.retention, stored.queue.redrive.clone());
        stored.messages.retain(|_, message| now.duration_since(message.sent) < retention);
        let until = now + visibility.unwrap_or(stored.queue.visibility);
        let (mut received, mut dead) = (Vec::new(), Vec::new());
        for (place, message) in &mut stored.messages {
            if received.len() == count {
                break;
            }
            if message.visible > now {
                continue;
            }
            if redrive.as_ref().is_some_and(|redrive| message.receives >= redrive.max_receives) {
                dead.push(*place);
                continue;
            }
            let cost = ENVELOPE + Value::from(message.body.as_str()).to_string().len();
            if cost > budget {
                break;
            }
            budget -= cost;
            received.push(message.receive(*place, until));
        }
        let dead: Vec<Message> = dead.iter().filter_map(|place| stored.messages.remove(place)).collect();
        if let Some(failures) = redrive.and_then(|redrive| self.queues.get_mut(&redrive.to)) {
            for message in dead {
                let moved = Message { visible: now, receipt: None, from: Some(name.to_owned()), ..message };
                failures.messages.insert(self.next, moved);
                self.next += 1;
            }
        }
        received
    }

    /// When the next message of a queue is visible that is not at `now`; `None` where none is in
    /// flight.
    pub(super) fn next_visible(&self, queue: &str, now: Instant) -> Option<Instant> {
        let visible = self.queues.get(queue)?.messages.values().map(|message| message.visible);
        visible.filter(|visible| *visible > now).min()
    }

    /// Deletes a message by the receipt handle of its last receive. An older handle changes
    /// nothing, as in a standard queue it need not.
    pub(super) fn delete(&mut self, queue: &str, receipt: &str) -> Result<(), InvalidReceipt> {
        let place = place_of(receipt).ok_or(InvalidReceipt)?;
        let Some(stored) = self.queues.get_mut(queue) else { return Ok(()) };
        if stored.messages.get(&place).is_some_and(|message| message.receipt.as_deref() == Some(receipt)) {
            stored.messages.remove(&place);
        }
        Ok(())
    }

    /// Changes for how long a message in flight is not visible. Returns whether it is in flight.
    pub(super) fn change_visibility(
        &mut self,
        queue: &str,
        receipt: &str,
        visibility: Duration,
    ) -> Result<bool, InvalidReceipt> {
        let place = place_of(receipt).ok_or(InvalidReceipt)?;
        let now = Instant::now();
        let message = self.queues.get_mut(queue).and_then(|stored| stored.messages.get_mut(&place));
        let message = message.filter(|message| message.receipt.as_deref() == Some(receipt) && message.visible > now);
        Ok(match message {
            Some(message) => {
                message.visible = now + visibility;
                true
            }
            None => false,
        })
    }

    /// Moves the visible messages of a failure queue, each to `to` or to the queue that it came
    /// from, as new messages. Returns how many.
    pub(super) fn move_all(&mut self, name: &str, to: Option<&str>) -> usize {
        let Some(stored) = self.queues.get_mut(name) else { return 0 };
        let now = Instant::now();
        let movable = |message: &Message| message.visible <= now && (to.is_some() || message.from.is_some());
        let places: Vec<u64> =
            stored.messages.iter().filter(|(_, message)| movable(message)).map(|(place, _)| *place).collect();
        let messages: Vec<Message> = places.iter().filter_map(|place| stored.messages.remove(place)).collect();
        let count = messages.len();
        for message in messages {
            if let Some(to) = to.map(str::to_owned).or(message.from) {
                self.send(&to, &message.body);
            }
        }
        count
    }

    pub(super) fn purge(&mut self, queue: &str) {
        if let Some(stored) = self.queues.get_mut(queue) {
            stored.messages.clear();
        }
    }

    pub(super) fn depth(&self, queue: &str) -> super::QueueDepth {
        let now = Instant::now();
        let mut depth = super::QueueDepth::default();
        for message in self.queues.get(queue).into_iter().flat_map(|stored| stored.messages.values()) {
            if message.visible > now {
                depth.in_flight += 1;
            } else {
                depth.visible += 1;
            }
        }
        depth
    }

    pub(super) fn bodies(&self, queue: &str) -> Vec<String> {
        let messages = self.queues.get(queue).into_iter().flat_map(|stored| stored.messages.values());
        messages.map(|message| message.body.clone()).collect()
    }

    pub(super) fn end_visibility(&mut self, queue: &str) {
        let now = Instant::now();
        for message in self.queues.get_mut(queue).into_iter().flat_map(|stored| stored.messages.values_mut()) {
            message.visible = message.visible.min(now);
        }
    }
}

impl Message {
    fn receive(&mut self, place: u64, until: Instant) -> Delivery {
        let receipt = BASE64URL_NOPAD.encode(format!("{place}:{}", random::uuid()).as_bytes());
        let now = unix_ms();
        let first = *self.first_received_ms.get_or_insert(now);
        self.receives = self.receives.saturating_add(1);
        self.visible = until;
        self.receipt = Some(receipt.clone());
        let mut attributes = BTreeMap::from([
            ("ApproximateReceiveCount", self.receives.to_string()),
            ("SentTimestamp", self.sent_ms.to_string()),
            ("SenderId", "local".to_owned()),
            ("ApproximateFirstReceiveTimestamp", first.to_string()),
        ]);
        if let Some(from) = &self.from {
            attributes.insert("DeadLetterQueueSourceArn", arn(from));
        }
        Delivery { id: self.id.clone(), receipt, body: self.body.clone(), md5: md5_of(&self.body), attributes }
    }
}

/// The ARN of a queue.
pub(super) fn arn(name: &str) -> String {
    format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{name}")
}

/// The place that a receipt handle is about.
fn place_of(receipt: &str) -> Option<u64> {
    let text = String::from_utf8(BASE64URL_NOPAD.decode(receipt.as_bytes()).ok()?).ok()?;
    text.split_once(':')?.0.parse().ok()
}

fn md5_of(body: &str) -> String {
    HEXLOWER.encode(&Md5::digest(body.as_bytes()))
}

fn unix_ms() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis()
}
