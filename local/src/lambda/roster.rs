//! The instances of one function: which ones exist, what each is doing, and how it is reached.

use super::error::InvokeError;
use super::message::Message;
use crate::lock::lock;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::JoinHandle;

/// What an instance is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InstanceState {
    /// Its process has not asked for an invocation yet.
    Starting,
    /// It waits for an invocation.
    Idle,
    /// It has one, or several on Managed Instances.
    Busy,
}

/// The instances of one function, by their numbers.
#[derive(Default)]
pub(super) struct Roster(Mutex<Members>);

#[derive(Default)]
struct Members {
    stopping: bool,
    last_number: u64,
    /// Those that can take another invocation. The last one was full last, and gets the next.
    free: Vec<u64>,
    all: BTreeMap<u64, Member>,
}

/// An instance, as the others know it.
pub(super) struct Member {
    pub(super) pid: u32,
    pub(super) messages: UnboundedSender<Message>,
    pub(super) task: JoinHandle<()>,
    /// Whether its process has asked for an invocation.
    has_started: bool,
    /// How many invocations it was given that are not over.
    taken: usize,
    /// How many it can have.
    at_once: usize,
}

impl Member {
    fn state(&self) -> InstanceState {
        match (self.has_started, self.taken) {
            (false, _) => InstanceState::Starting,
            (true, 0) => InstanceState::Idle,
            (true, _) => InstanceState::Busy,
        }
    }
}

impl Roster {
    /// Adds an instance that is starting for an invocation, and can have so many. `task` gets its
    /// number and starts its task, which reads `messages`.
    pub(super) fn add(
        &self,
        pid: u32,
        at_once: usize,
        messages: UnboundedSender<Message>,
        task: impl FnOnce(u64) -> JoinHandle<()>,
    ) {
        let mut members = self.members();
        members.last_number += 1;
        let number = members.last_number;
        let task = task(number);
        members.all.insert(number, Member { pid, messages, task, has_started: false, taken: 1, at_once });
        if at_once > 1 {
            members.free.push(number);
        }
    }

    /// An instance that can take another invocation, which it is given from now on; `None` when
    /// there is none.
    ///
    /// # Errors
    /// All instances are being ended.
    pub(super) fn take_free(&self) -> Result<Option<UnboundedSender<Message>>, InvokeError> {
        let mut members = self.members();
        if members.stopping {
            return Err(InvokeError::Stopping);
        }
        let Some(number) = members.free.last().copied() else { return Ok(None) };
        let Some(member) = members.all.get_mut(&number) else { return Ok(None) };
        member.taken += 1;
        let messages = member.messages.clone();
        if member.taken >= member.at_once {
            members.free.pop();
        }
        Ok(Some(messages))
    }

    /// Records that an instance that was starting has asked for an invocation.
    pub(super) fn mark_started(&self, number: u64) {
        if let Some(member) = self.members().all.get_mut(&number) {
            member.has_started = true;
        }
    }

    /// Records that an invocation of an instance is over, so that it can take another.
    pub(super) fn release(&self, number: u64) {
        let mut members = self.members();
        let Some(member) = members.all.get_mut(&number) else { return };
        let was_full = member.taken >= member.at_once;
        member.taken = member.taken.saturating_sub(1);
        if was_full {
            members.free.push(number);
        }
    }

    /// Takes out an instance that has ended.
    pub(super) fn remove(&self, number: u64) {
        let mut members = self.members();
        members.free.retain(|free| *free != number);
        members.all.remove(&number);
    }

    /// Whether all instances are being ended.
    pub(super) fn is_stopping(&self) -> bool {
        self.members().stopping
    }

    /// The process and the state of each instance, the oldest first.
    pub(super) fn list(&self) -> Vec<(u32, InstanceState)> {
        self.members().all.values().map(|member| (member.pid, member.state())).collect()
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
        members.free.clear();
        std::mem::take(&mut members.all).into_values().collect()
    }

    fn members(&self) -> MutexGuard<'_, Members> {
        lock(&self.0)
    }
}
