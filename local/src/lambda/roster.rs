//! The instances of one function: which ones exist, what each is doing, and how it is reached.

use super::error::InvokeError;
use super::message::Message;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::JoinHandle;

/// What an instance is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InstanceState {
    /// Its process has not asked for an invocation yet.
    Starting,
    /// It waits for an invocation.
    Idle,
    /// It has one.
    Busy,
}

/// The instances of one function, by their numbers.
#[derive(Default)]
pub(super) struct Roster(Mutex<Members>);

#[derive(Default)]
struct Members {
    stopping: bool,
    last_number: u64,
    /// The idle ones. The last one was busy last, and gets the next invocation.
    idle: Vec<u64>,
    all: BTreeMap<u64, Member>,
}

/// An instance, as the others know it.
pub(super) struct Member {
    pub(super) pid: u32,
    pub(super) state: InstanceState,
    pub(super) messages: UnboundedSender<Message>,
    pub(super) task: JoinHandle<()>,
}

impl Roster {
    /// Adds an instance that is starting. `task` gets its number and starts its task, which reads
    /// `messages`.
    pub(super) fn add(&self, pid: u32, messages: UnboundedSender<Message>, task: impl FnOnce(u64) -> JoinHandle<()>) {
        let mut members = self.members();
        members.last_number += 1;
        let number = members.last_number;
        let task = task(number);
        members.all.insert(number, Member { pid, state: InstanceState::Starting, messages, task });
    }

    /// An idle instance, which is busy from now on; `None` when there is none.
    ///
    /// # Errors
    /// All instances are being ended.
    pub(super) fn take_idle(&self) -> Result<Option<UnboundedSender<Message>>, InvokeError> {
        let mut members = self.members();
        if members.stopping {
            return Err(InvokeError::Stopping);
        }
        let Some(number) = members.idle.pop() else { return Ok(None) };
        Ok(members.all.get_mut(&number).map(|member| {
            member.state = InstanceState::Busy;
            member.messages.clone()
        }))
    }

    /// Records that an instance that was starting has its first invocation.
    pub(super) fn mark_busy(&self, number: u64) {
        if let Some(member) = self.members().all.get_mut(&number) {
            member.state = InstanceState::Busy;
        }
    }

    /// Records that an instance waits for an invocation.
    pub(super) fn mark_idle(&self, number: u64) {
        let mut members = self.members();
        if let Some(member) = members.all.get_mut(&number) {
            member.state = InstanceState::Idle;
            members.idle.push(number);
        }
    }

    /// Takes out an instance that has ended.
    pub(super) fn remove(&self, number: u64) {
        let mut members = self.members();
        members.idle.retain(|idle| *idle != number);
        members.all.remove(&number);
    }

    /// Whether all instances are being ended.
    pub(super) fn is_stopping(&self) -> bool {
        self.members().stopping
    }

    /// The process and the state of each instance, the oldest first.
    pub(super) fn list(&self) -> Vec<(u32, InstanceState)> {
        self.members().all.values().map(|member| (member.pid, member.state)).collect()
    }

    /// Sends SIGKILL to the instance with this process id. Returns whether there is one.
    pub(super) fn kill(&self, pid: u32) -> bool {
        let members = self.members();
        members.all.values().find(|m| m.pid == pid).is_some_and(|m| m.messages.send(Message::Kill).is_ok())
    }

    /// Takes all instances out, and lets none in any more.
    pub(super) fn close(&self) -> Vec<Member> {
        let mut members = self.members();
        members.stopping = true;
        members.idle.clear();
        std::mem::take(&mut members.all).into_values().collect()
    }

    fn members(&self) -> MutexGuard<'_, Members> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
