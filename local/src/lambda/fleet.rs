//! One function's instances: one that can take another invocation gets it, and a new one starts
//! when none can.

use super::error::InvokeError;
use super::instance::Instance;
use super::message::{Job, Message};
use super::process::Program;
use super::roster::{InstanceState, Roster};
use super::runtime_api;
use crate::lock::lock;
use std::io;
use std::net::Ipv4Addr;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

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
    program: Arc<Program>,
    /// How long an instance waits for an invocation before it ends.
    idle: Duration,
    roster: Arc<Roster>,
    /// Held where one instance has several invocations, so that those that come together start one.
    giving: Mutex<()>,
}

impl Fleet {
    pub(super) fn new(program: Program, idle: Duration) -> Fleet {
        Fleet { program: Arc::new(program), idle, roster: Arc::default(), giving: Mutex::new(()) }
    }

    /// Gives the job to an instance that can take it, or to a new one when there is none.
    ///
    /// # Errors
    /// No process can be started, or all are being ended.
    pub(super) fn give(&self, mut job: Job) -> Result<(), InvokeError> {
        let shares = self.program.function.at_once.is_some();
        let _giving = shares.then(|| lock(&self.giving));
        while let Some(messages) = self.roster.take_free()? {
            match messages.send(Message::Job(job)) {
                Ok(()) => return Ok(()),
                // It has just ended.
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

    fn start(&self, job: Job) -> io::Result<()> {
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
                // Otherwise an answer may wait for the acknowledgement of the one before.
                let _ = stream.set_nodelay(true);
            });
            // Serves until it is aborted: it has no other end.
            let _ = axum::serve(listener, routes).await;
        });
        let at_once = self.program.function.at_once;
        self.roster.add(pid, at_once.map_or(1, NonZeroUsize::get), messages, |number| {
            let (program, roster, idle) = (self.program.clone(), self.roster.clone(), self.idle);
            let instance = Instance { number, program, roster, idle, child, messages: inbox, runtime_api, log };
            match at_once {
                Some(at_once) => tokio::spawn(instance.keep_managed(at_once, job)),
                None => tokio::spawn(instance.keep(job)),
            }
        });
        Ok(())
    }

    /// What its instances run.
    pub(super) fn program(&self) -> &Program {
        &self.program
    }

    /// The instances, the oldest first.
    pub(super) fn instances(&self) -> Vec<InstanceInfo> {
        let function = &self.program.function.id;
        let info = |(pid, state)| InstanceInfo { function: function.clone(), pid, state };
        self.roster.list().into_iter().map(info).collect()
    }

    /// Sends SIGKILL to the instance with this process id. Returns whether there is one.
    pub(super) fn kill(&self, pid: u32) -> bool {
        self.roster.kill(pid)
    }

    /// Kills all instances, starts no more, and returns when the processes have ended.
    pub(super) async fn stop(&self) {
        let all = self.roster.close();
        for member in &all {
            let _ = member.messages.send(Message::Kill);
        }
        for member in all {
            let _ = member.task.await;
        }
    }
}
