//! Schedules: functions that are invoked again and again.

use crate::clock::Clock;
use crate::lambda::{InvokeError, Lambda};
use crate::template::{Function, Schedule};
use std::sync::Arc;
use tokio::sync::{OwnedRwLockWriteGuard, RwLock};
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

/// The schedules that run by themselves.
#[derive(Debug)]
pub(crate) struct Schedules {
    tasks: Vec<JoinHandle<()>>,
    /// Read by each run while it lasts.
    runs: Arc<RwLock<()>>,
}

impl Schedules {
    /// Begins to run every schedule of these functions, for the first time after one interval. A
    /// run that takes longer than the interval delays the next one. A failure is in the function's
    /// log, and the next run comes all the same. When the clock was moved, each schedule runs at
    /// once.
    pub(crate) fn start(functions: &[Function], lambda: &Lambda, clock: &Clock) -> Schedules {
        let runs = Arc::<RwLock<()>>::default();
        let tasks = functions.iter().flat_map(|function| {
            function.schedules.iter().map(|schedule| {
                let (id, schedule, lambda) = (function.id.clone(), schedule.clone(), lambda.clone());
                let (mut moves, runs) = (clock.moves(), Arc::clone(&runs));
                tokio::spawn(async move {
                    let mut ticks = interval_at(Instant::now() + schedule.every, schedule.every);
                    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
                    loop {
                        tokio::select! {
                            _ = ticks.tick() => {}
                            Ok(()) = moves.changed() => {}
                        }
                        let _run = runs.read().await;
                        // Lambda has written it into the function's log.
                        let _ = run(&id, &schedule, &lambda).await;
                    }
                })
            })
        });
        Schedules { tasks: tasks.collect(), runs }
    }

    /// Waits for the runs under way, and holds up all others while the guard lives.
    pub(crate) async fn hold(&self) -> OwnedRwLockWriteGuard<()> {
        Arc::clone(&self.runs).write_owned().await
    }

    /// Runs no more.
    pub(crate) fn stop(&self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

/// Runs one schedule now.
pub(crate) async fn run(function_id: &str, schedule: &Schedule, lambda: &Lambda) -> Result<(), InvokeError> {
    lambda.invoke(function_id, schedule.input.to_string().into_bytes()).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{lambda, specimen, until};
    use serde_json::json;
    use std::time::Duration;

    #[tokio::test]
    async fn a_schedule_runs_again_and_again_until_it_is_stopped() {
        let mut function = specimen("Sweeper", Duration::from_secs(10), &[], &[]);
        function
            .schedules
            .push(Schedule { every: Duration::from_millis(100), input: json!({"do": "say", "text": "swept"}) });
        let (lambda, log) = lambda(std::slice::from_ref(&function));
        let swept = || log.lines().iter().filter(|line| line.text == "swept").count();
        let schedules = Schedules::start(&[function], &lambda, &Clock::unmoved());
        assert_eq!(swept(), 0);
        until("it ran three times", || swept() >= 3).await;
        schedules.stop();
        lambda.stop().await;
        let so_far = swept();
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(swept(), so_far);
    }

    #[tokio::test]
    async fn a_clock_that_is_moved_runs_every_schedule_at_once() {
        let mut function = specimen("Sweeper", Duration::from_secs(10), &[], &[]);
        let hourly = Schedule { every: Duration::from_secs(3600), input: json!({"do": "say", "text": "swept"}) };
        function.schedules.push(hourly);
        let (lambda, log) = lambda(std::slice::from_ref(&function));
        let clock = Clock::open(None).unwrap();
        let schedules = Schedules::start(&[function], &lambda, &clock);
        for moves in 1..=2 {
            clock.advance(Duration::from_secs(60)).unwrap();
            until("it ran", || log.lines().iter().filter(|line| line.text == "swept").count() == moves).await;
        }
        schedules.stop();
        lambda.stop().await;
    }
}
