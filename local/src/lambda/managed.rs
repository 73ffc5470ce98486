//! One instance on Lambda Managed Instances: a process that has several invocations at once.
//!
//! AWS documents ("Understanding the Lambda Managed Instances execution environment", "Using the
//! Lambda runtime API for custom runtimes")
//! - that a runtime may have as many requests for an invocation open, and as many invocations, as
//!   `AWS_LAMBDA_MAX_CONCURRENCY` says;
//! - that a timeout fails its own invocation alone: the process goes on, and so does the code of
//!   that invocation;
//! - that the environment is ready once one request for an invocation is there.
//!
//! AWS's emulator of it (`internal/lambda-managed-instances` of
//! aws-lambda-runtime-interface-emulator) shows that an invocation is over when its answer is
//! posted, that a request for an invocation is refused where as many are open already, and that a
//! post for what has timed out gets 410.
//!
//! The rest is this machine's own. An invocation that has timed out takes its place until something
//! is posted for it. One that comes while the runtime has not asked again waits, where AWS refuses
//! it. An exit or a kill ends all invocations that the runtime has, and gives back those that it
//! has not.

use super::error::InvokeError;
use super::instance::{Ended, Instance, exited_early, timed_out};
use super::message::{Invocation, InvocationResult, Job, Message, Outcome};
use std::collections::{BTreeMap, VecDeque};
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until};

/// What an instance has to do.
struct Work {
    at_once: NonZeroUsize,
    /// Until when the process has to ask for an invocation; `None` once it has asked.
    start: Option<Instant>,
    /// When the instance ends if nothing comes.
    idle_until: Instant,
    /// What waits for the runtime to ask, and until when.
    waiting: VecDeque<(Job, Instant)>,
    /// The requests for an invocation that are open.
    polls: Vec<oneshot::Sender<Invocation>>,
    /// What the runtime has, by request id.
    running: BTreeMap<String, Running>,
}

/// An invocation that the runtime has.
struct Running {
    until: Instant,
    /// `None` once it has timed out.
    caller: Option<oneshot::Sender<Outcome>>,
}

impl Work {
    /// When something happens by itself.
    fn until(&self, otherwise: Instant) -> Instant {
        if let Some(start) = self.start {
            return start;
        }
        let waiting = self.waiting.iter().map(|(_, until)| *until);
        let running = self.running.values().filter(|running| running.caller.is_some()).map(|running| running.until);
        waiting.chain(running).min().unwrap_or(if self.is_idle() { self.idle_until } else { otherwise })
    }

    fn is_idle(&self) -> bool {
        self.start.is_none() && self.waiting.is_empty() && self.running.is_empty()
    }

    /// The end of the process: what it had, or was started for, gets the error.
    fn end(self, error: impl Fn(String) -> InvokeError) -> Vec<Ended> {
        let never_asked = self.start.is_some();
        let had = self.running.into_iter();
        let had = had.filter_map(|(id, running)| Some((running.caller?, Outcome::Failed(error(id)))));
        let waited = self.waiting.into_iter().map(|(job, _)| match never_asked {
            true => (job.outcome, Outcome::Failed(error(job.request_id))),
            false => (job.outcome, Outcome::NotHandedOver),
        });
        had.chain(waited).collect()
    }
}

impl Instance {
    /// Runs the instance until it ends. `job` is what it was started for.
    pub(super) async fn keep_managed(mut self, at_once: NonZeroUsize, job: Job) {
        let start = Instant::now() + self.start_timeout();
        let mut work = Work {
            at_once,
            start: Some(start),
            idle_until: start,
            waiting: VecDeque::from([(job, start)]),
            polls: Vec::new(),
            running: BTreeMap::new(),
        };
        let last = loop {
            let deadline = sleep_until(work.until(Instant::now() + self.idle));
            tokio::select! {
                // What the process said before it went counts, so messages come first.
                biased;
                Some(message) = self.messages.recv() => match self.on_managed(&mut work, message) {
                    ControlFlow::Continue(()) => self.hand_out(&mut work),
                    ControlFlow::Break(last) => break last,
                },
                Ok(status) = self.child.wait() => break work.end(exited_early(status)),
                () = deadline => {
                    if work.start.is_some() {
                        break work.end(timed_out(self.start_timeout()));
                    }
                    self.time_out(&mut work);
                    if work.is_idle() && work.idle_until <= Instant::now() {
                        break Vec::new();
                    }
                }
            }
        };
        self.end(last).await;
    }

    fn on_managed(&mut self, work: &mut Work, message: Message) -> ControlFlow<Vec<Ended>> {
        match message {
            Message::Job(job) => work.waiting.push_back((job, Instant::now() + self.timeout())),
            Message::Next(next) => {
                // A runtime whose connection broke asks again.
                work.polls.retain(|poll| !poll.is_closed());
                if work.polls.len() < work.at_once.get() {
                    work.polls.push(next);
                    if work.start.take().is_some() {
                        self.roster.mark_started(self.number);
                        let until = Instant::now() + self.timeout();
                        work.waiting.iter_mut().for_each(|(_, waits_until)| *waits_until = until);
                        work.idle_until = Instant::now() + self.idle;
                    }
                }
                // Otherwise dropping the way back makes the Runtime API refuse it.
            }
            Message::Posted { id: Some(id), posted, verdict } => match work.running.remove(&id) {
                Some(running) => {
                    work.idle_until = Instant::now() + self.idle;
                    match running.caller {
                        Some(caller) => {
                            let _ = verdict.send(InvocationResult::Accepted);
                            self.release_and_answer((caller, posted.into()));
                        }
                        None => {
                            self.roster.release(self.number);
                            let _ = verdict.send(InvocationResult::TooLate);
                        }
                    }
                }
                None => {
                    let _ = verdict.send(InvocationResult::NotThisInvocation);
                }
            },
            Message::Posted { id: None, posted, verdict } if work.start.is_some() => {
                let _ = verdict.send(InvocationResult::Accepted);
                if let Outcome::Failed(error) = Outcome::from(posted) {
                    let failed = |(job, _): (Job, Instant)| (job.outcome, Outcome::Failed(error.clone()));
                    return ControlFlow::Break(work.waiting.drain(..).map(failed).collect());
                }
            }
            // Too late for an error of the start.
            Message::Posted { id: None, .. } => {}
            Message::Kill if work.is_idle() => return ControlFlow::Break(Vec::new()),
            Message::Kill => self.kill(),
        }
        ControlFlow::Continue(())
    }

    /// Gives the runtime what waits, as far as it has asked.
    fn hand_out(&mut self, work: &mut Work) {
        // The process may have ended already: then what waits is given back.
        if work.polls.is_empty() || work.waiting.is_empty() || !matches!(self.child.try_wait(), Ok(None)) {
            return;
        }
        while let Some((job, waits_until)) = work.waiting.pop_front() {
            let Some(next) = work.polls.pop() else {
                work.waiting.push_front((job, waits_until));
                return;
            };
            match next.send(self.invocation(&job)) {
                Ok(()) => {
                    let running = Running { until: Instant::now() + self.timeout(), caller: Some(job.outcome) };
                    work.running.insert(job.request_id, running);
                }
                // The runtime has hung up.
                Err(_) => work.waiting.push_front((job, waits_until)),
            }
        }
    }

    /// Fails what has waited or run for too long.
    fn time_out(&self, work: &mut Work) {
        let (now, error) = (Instant::now(), timed_out(self.timeout()));
        for (id, running) in work.running.iter_mut().filter(|(_, running)| running.until <= now) {
            if let Some(caller) = running.caller.take() {
                self.answer((caller, Outcome::Failed(error(id.clone()))));
            }
        }
        while work.waiting.front().is_some_and(|(_, until)| *until <= now) {
            if let Some((job, _)) = work.waiting.pop_front() {
                self.release_and_answer((job.outcome, Outcome::Failed(error(job.request_id))));
            }
        }
    }
}
