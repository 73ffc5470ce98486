//! One instance of a function: a process, its runtime API, and the task that runs them.
//!
//! This is plain Lambda; [`super::managed`] has instances with several invocations at once. The
//! task is a state machine: starting, idle, busy. It guarantees
//! - that an instance has one invocation at a time, and is idle again only when its runtime has
//!   asked for the next one;
//! - that an invocation which the runtime got ends in an answer or an error: an exit, a kill and a
//!   timeout each end the instance, as they end an environment in Lambda;
//! - that an invocation which the runtime did not get is given back, for another instance;
//! - that an instance which is idle for a while ends, as in Lambda;
//! - that the process is dead and reaped before the task ends.

use super::error::InvokeError;
use super::message::{Invocation, InvocationResult, Job, Message, Outcome};
use super::process::{self, Program};
use super::roster::Roster;
use crate::template::{ACCOUNT, REGION};
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::Duration;
use tokio::process::Child;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until, timeout};

/// How long a start may take before the function's own timeout begins. Lambda gives a start ten
/// seconds and then begins it again within the function's timeout. Here one start may take as long
/// as both together.
const INIT: Duration = Duration::from_secs(10);

/// How long to wait for the last log lines of a process that has ended. They come at once, unless a
/// child of it holds the log open.
const LAST_LINES: Duration = Duration::from_millis(500);

/// The belongings of an instance's task.
pub(super) struct Instance {
    pub(super) number: u64,
    pub(super) program: Arc<Program>,
    pub(super) roster: Arc<Roster>,
    /// How long it waits for an invocation before it ends.
    pub(super) idle: Duration,
    pub(super) child: Child,
    pub(super) messages: UnboundedReceiver<Message>,
    pub(super) runtime_api: JoinHandle<()>,
    pub(super) log: JoinHandle<()>,
}

/// Where an instance is in its life.
enum Phase {
    /// The process has not asked for an invocation yet; the job is what it was started for.
    Starting { job: Job, until: Instant },
    /// The runtime waits for an invocation; when none has come until then, the instance ends.
    Idle { next: oneshot::Sender<Invocation>, until: Instant },
    /// The runtime has an invocation, and perhaps posted its outcome already.
    Busy { request_id: String, until: Instant, caller: oneshot::Sender<Outcome>, posted: Option<Outcome> },
}

/// Where a message leads.
enum Reaction {
    To(Phase),
    End(Last),
}

/// The outcome for the caller of an instance's last invocation, if somebody still waits.
type Last = Option<Ended>;

/// An outcome and whoever waits for it.
pub(super) type Ended = (oneshot::Sender<Outcome>, Outcome);

/// Why an invocation failed whose process ended with this status.
pub(super) fn exited_early(status: ExitStatus) -> impl Fn(String) -> InvokeError {
    let how = process::how_it_ended(status);
    move |request_id| InvokeError::ExitedEarly { request_id, how: how.clone() }
}

/// Why an invocation failed that took longer than this.
pub(super) fn timed_out(after: Duration) -> impl Fn(String) -> InvokeError {
    move |request_id| InvokeError::TimedOut { request_id, after }
}

impl Phase {
    fn until(&self) -> Instant {
        match self {
            Phase::Starting { until, .. } | Phase::Busy { until, .. } | Phase::Idle { until, .. } => *until,
        }
    }

    /// The end of the instance in this phase. A posted outcome counts; without one the invocation
    /// gets the error.
    fn end(self, error: impl FnOnce(String) -> InvokeError) -> Last {
        match self {
            Phase::Starting { job, .. } => Some((job.outcome, Outcome::Failed(error(job.request_id)))),
            Phase::Busy { caller, posted: Some(posted), .. } => Some((caller, posted)),
            Phase::Busy { caller, request_id, .. } => Some((caller, Outcome::Failed(error(request_id)))),
            Phase::Idle { .. } => None,
        }
    }
}

impl Instance {
    /// Runs the instance until it ends. `job` is what it was started for.
    pub(super) async fn keep(mut self, job: Job) {
        let mut phase = Phase::Starting { job, until: Instant::now() + self.start_timeout() };
        let last = loop {
            let deadline = sleep_until(phase.until());
            tokio::select! {
                // What the process said before it went counts, so messages come first.
                biased;
                Some(message) = self.messages.recv() => match self.on(phase, message) {
                    Reaction::To(next) => phase = next,
                    Reaction::End(last) => break last,
                },
                Ok(status) = self.child.wait() => break phase.end(exited_early(status)),
                () = deadline => {
                    let is_starting = matches!(phase, Phase::Starting { .. });
                    break phase.end(timed_out(if is_starting { self.start_timeout() } else { self.timeout() }));
                }
            }
        };
        self.end(last).await;
    }

    fn on(&mut self, phase: Phase, message: Message) -> Reaction {
        match (message, phase) {
            // The process may have ended already.
            (Message::Job(job), Phase::Idle { next, .. }) => match self.child.try_wait() {
                Ok(None) => match self.hand_over(job, next) {
                    Ok(busy) => Reaction::To(busy),
                    Err(job) => Reaction::End(Some((job.outcome, Outcome::NotHandedOver))),
                },
                _ => Reaction::End(Some((job.outcome, Outcome::NotHandedOver))),
            },
            // Cannot happen, because the fleet knows which instances are idle. The job is given
            // back, not lost.
            (Message::Job(job), phase) => {
                let _ = job.outcome.send(Outcome::NotHandedOver);
                Reaction::To(phase)
            }
            (Message::Next(next), Phase::Starting { job, until }) => match self.hand_over(job, next) {
                Ok(busy) => {
                    self.roster.mark_started(self.number);
                    Reaction::To(busy)
                }
                Err(job) => Reaction::To(Phase::Starting { job, until }),
            },
            (Message::Next(next), Phase::Busy { caller, posted: Some(posted), .. }) => {
                self.release_and_answer((caller, posted));
                Reaction::To(Phase::Idle { next, until: Instant::now() + self.idle })
            }
            // A runtime whose connection broke asks again.
            (Message::Next(next), Phase::Idle { until, .. }) => Reaction::To(Phase::Idle { next, until }),
            (
                Message::Posted { id: Some(id), posted, verdict },
                Phase::Busy { request_id, until, caller, posted: None },
            ) => {
                let fits = id == request_id;
                let _ =
                    verdict.send(if fits { InvocationResult::Accepted } else { InvocationResult::NotThisInvocation });
                Reaction::To(Phase::Busy { request_id, until, caller, posted: fits.then(|| posted.into()) })
            }
            (Message::Posted { id: None, posted, verdict }, Phase::Starting { job, .. }) => {
                let _ = verdict.send(InvocationResult::Accepted);
                Reaction::End(Some((job.outcome, posted.into())))
            }
            // This does not fit the phase. Dropping the way back makes the Runtime API refuse it.
            (Message::Next(_) | Message::Posted { .. }, phase) => Reaction::To(phase),
            (Message::Kill, Phase::Idle { .. }) => Reaction::End(None),
            (Message::Kill, phase) => {
                self.kill();
                Reaction::To(phase)
            }
        }
    }

    /// Gives the runtime its invocation; gives the job back where the runtime has hung up.
    fn hand_over(&self, job: Job, next: oneshot::Sender<Invocation>) -> Result<Phase, Job> {
        let until = Instant::now() + self.timeout();
        match next.send(self.invocation(&job)) {
            Ok(()) => Ok(Phase::Busy { request_id: job.request_id, until, caller: job.outcome, posted: None }),
            Err(_) => Err(job),
        }
    }

    /// What the runtime gets of a job.
    pub(super) fn invocation(&self, job: &Job) -> Invocation {
        // A function compares it with its own clock, which may have been moved.
        let now = u128::try_from(self.program.clock.now_millis().0).unwrap_or_default();
        Invocation {
            request_id: job.request_id.clone(),
            deadline_ms: now + self.timeout().as_millis(),
            function_arn: format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{}", self.program.function.id),
            trace_id: job.trace_id.clone(),
            event: job.event.clone(),
        }
    }

    /// Ends the process, if it has not ended, and says what became of its last invocations.
    pub(super) async fn end(mut self, last: impl IntoIterator<Item = Ended>) {
        let _ = self.child.kill().await;
        self.roster.remove(self.number);
        self.runtime_api.abort();
        let _ = timeout(LAST_LINES, &mut self.log).await;
        for ended in last {
            self.answer(ended);
        }
        // A job that was sent while the process went.
        self.messages.close();
        while let Ok(message) = self.messages.try_recv() {
            if let Message::Job(job) = message {
                let _ = job.outcome.send(Outcome::NotHandedOver);
            }
        }
    }

    /// Answers an invocation that is over, so that the instance can take another. It is free before
    /// it answers: who reads the answer finds it so.
    pub(super) fn release_and_answer(&self, (caller, outcome): Ended) {
        self.report(&outcome);
        self.roster.release(self.number);
        let _ = caller.send(outcome);
    }

    /// Answers an invocation, and leaves the instance as it is.
    pub(super) fn answer(&self, (caller, outcome): Ended) {
        self.report(&outcome);
        let _ = caller.send(outcome);
    }

    /// Writes a failure into the function's log, as Lambda does. An instance that is ended on
    /// purpose has no failure.
    fn report(&self, outcome: &Outcome) {
        match outcome {
            Outcome::Failed(error) if !self.roster.is_stopping() => self.program.say(&error.to_string()),
            _ => {}
        }
    }

    /// Sends SIGKILL to the process. A failure means that it has ended already. Either way its end
    /// is seen next.
    pub(super) fn kill(&mut self) {
        let _ = self.child.start_kill();
    }

    /// How long the process may take to ask for its first invocation.
    pub(super) fn start_timeout(&self) -> Duration {
        INIT + self.timeout()
    }

    /// How long an invocation may take.
    pub(super) fn timeout(&self) -> Duration {
        self.program.function.timeout
    }
}
