//! The instances of one function: who is idle, who is there at all, and the start of a new one when all are busy.

use super::error::InvokeError;
use super::instance::Instance;
use super::message::{Job, Message};
use super::process::Program;
use super::runtime_api;
use std::collections::BTreeMap;
use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{self, UnboundedSender};
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

/// One instance of a function, as it was when it was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstanceInfo {
    /// The function's id.
    pub function: String,
    /// The process.
    pub pid: u32,
    /// What it is doing.
    pub state: InstanceState,
}

/// The instances of one function.
pub(super) struct Fleet {
    pub(super) program: Program,
    /// How long an instance waits for an invocation before it ends.
    pub(super) idle: Duration,
    members: Mutex<Members>,
}

#[derive(Default)]
struct Members {
    stopping: bool,
    last_number: u64,
    /// The idle ones; the last one was busy last, and is the next to be.
    idle: Vec<u64>,
    all: BTreeMap<u64, Member>,
}

struct Member {
    pid: u32,
    state: InstanceState,
    messages: UnboundedSender<Message>,
    task: JoinHandle<()>,
}

impl Fleet {
    pub(super) fn new(program: Program, idle: Duration) -> Fleet {
        Fleet { program, idle, members: Mutex::default() }
    }

    /// Gives the job to an idle instance, or to a new one where there is none.
    ///
    /// # Errors
    /// When no process can be started, or none may be any more.
    pub(super) fn give(self: &Arc<Self>, mut job: Job) -> Result<(), InvokeError> {
        while let Some(messages) = self.take_idle()? {
            match messages.send(Message::Job(job)) {
                Ok(()) => return Ok(()),
                // It has just gone.
                Err(mpsc::error::SendError(Message::Job(unsent))) => job = unsent,
                Err(_) => return Err(InvokeError::Stopping),
            }
        }
        self.start(job).map_err(|error| {
            let error = InvokeError::NotStarted(self.program.cannot_start(&error));
            self.program.say(&error.to_string());
            error
        })
    }

    fn take_idle(&self) -> Result<Option<UnboundedSender<Message>>, InvokeError> {
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

    fn start(self: &Arc<Self>, job: Job) -> io::Result<()> {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let listener = TcpListener::from_std(listener)?;
        let (messages, inbox) = mpsc::unbounded_channel();
        let (child, log) = self.program.start(&address.to_string())?;
        let pid = child.id().unwrap_or_default();
        let routes = runtime_api::routes(messages.clone());
        let runtime_api = tokio::spawn(async move {
            use axum::serve::ListenerExt;
            let listener = listener.tap_io(|stream| {
                // Without it an answer may wait for the acknowledgement of the one before.
                let _ = stream.set_nodelay(true);
            });
            // Serves until it is aborted: it has no other end.
            let _ = axum::serve(listener, routes).await;
        });
        let mut members = self.members();
        members.last_number += 1;
        let number = members.last_number;
        let instance = Instance { number, fleet: self.clone(), child, messages: inbox, runtime_api, log };
        let task = tokio::spawn(instance.keep(job));
        members.all.insert(number, Member { pid, state: InstanceState::Starting, messages, task });
        Ok(())
    }

    /// An instance that was starting has its first invocation.
    pub(super) fn is_busy(&self, number: u64) {
        if let Some(member) = self.members().all.get_mut(&number) {
            member.state = InstanceState::Busy;
        }
    }

    /// An instance waits for an invocation.
    pub(super) fn is_idle(&self, number: u64) {
        let mut members = self.members();
        if let Some(member) = members.all.get_mut(&number) {
            member.state = InstanceState::Idle;
            members.idle.push(number);
        }
    }

    /// An instance is no more.
    pub(super) fn is_gone(&self, number: u64) {
        let mut members = self.members();
        members.idle.retain(|idle| *idle != number);
        members.all.remove(&number);
    }

    /// Whether all instances are being ended.
    pub(super) fn is_stopping(&self) -> bool {
        self.members().stopping
    }

    /// The instances, the oldest first.
    pub(super) fn instances(&self) -> Vec<InstanceInfo> {
        let function = &self.program.function.id;
        let members = self.members();
        members.all.values().map(|m| InstanceInfo { function: function.clone(), pid: m.pid, state: m.state }).collect()
    }

    /// Sends SIGKILL to the instance with this process id. Whether there is one.
    pub(super) fn kill(&self, pid: u32) -> bool {
        let members = self.members();
        members.all.values().find(|m| m.pid == pid).is_some_and(|m| m.messages.send(Message::Kill).is_ok())
    }

    /// Kills all instances, starts no more, and returns when the processes are gone.
    pub(super) async fn stop(&self) {
        let all = {
            let mut members = self.members();
            members.stopping = true;
            members.idle.clear();
            std::mem::take(&mut members.all)
        };
        for member in all.values() {
            let _ = member.messages.send(Message::Kill);
        }
        for member in all.into_values() {
            let _ = member.task.await;
        }
    }

    fn members(&self) -> MutexGuard<'_, Members> {
        self.members.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
