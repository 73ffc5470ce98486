//! Functions whose clock is behind. They have the tables, the bucket and the secrets of the cloud,
//! and its provider, so what they write is what the cloud would have written then.
//!
//! Streams reach the functions of the cloud alone: mails are sent and totals are counted at once.

use std::net::Ipv4Addr;
use std::time::Duration;

use axum::Router;
use recourse_dispute::time::UnixMillis;
use tokio::net::TcpListener;

use super::DemoError;
use crate::bus::Bus;
use crate::clock::Clock;
use crate::gateway::{Gate, Gateway, INTEGRATION_TIMEOUT, RouteTable};
use crate::lambda::{Endpoints, Lambda};
use crate::{Cloud, LogSink, StartError};

/// How long what a function does may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often it is looked whether it is done.
const LOOK: Duration = Duration::from_millis(10);

/// Such functions, and a gateway of their own.
pub(super) struct Past<'a> {
    cloud: &'a Cloud,
    /// Where the gateway is.
    pub(super) url: String,
    clock: Clock,
    lambda: Lambda,
    bus: Bus,
    gateway: Gateway,
}

fn broken(error: &dyn std::fmt::Display) -> DemoError {
    DemoError::Refused(error.to_string())
}

impl<'a> Past<'a> {
    /// Nothing is started but the gateway, on a free port. `None` where the functions do not follow
    /// a clock.
    pub(super) async fn start(cloud: &'a Cloud) -> Result<Option<Past<'a>>, DemoError> {
        let clock = cloud.clock.beside().map_err(StartError::io("make a clock"))?;
        let Some(clock) = clock else { return Ok(None) };
        let endpoints = Endpoints { clock: clock.clone(), ..cloud.endpoints.clone() };
        let functions = &cloud.template.functions;
        let lambda = Lambda::new(functions, &cloud.binaries, &endpoints, None, LogSink::buffered());
        let bus = Bus::new(functions, &[], &lambda, &cloud.sqs)?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(StartError::io("open a port"))?;
        let port = listener.local_addr().map_err(StartError::io("open a port"))?.port();
        let (routes, gate) = (RouteTable::new(functions), Gate::new(true));
        let gateway =
            Gateway::start(listener, Router::new(), routes, lambda.clone(), INTEGRATION_TIMEOUT, gate, clock.clone());
        cloud.provider.follow(&clock);
        Ok(Some(Past { cloud, url: format!("http://127.0.0.1:{port}"), clock, lambda, bus, gateway }))
    }

    /// It is this long ago from now on.
    pub(super) fn set_back(&self, by: Duration) -> Result<(), DemoError> {
        self.clock.set_back(by).map_err(|error| broken(&error))
    }

    /// What time it is there.
    pub(super) fn now(&self) -> UnixMillis {
        self.clock.now_millis()
    }

    /// The same, as mails have it.
    pub(super) fn date(&self) -> time::OffsetDateTime {
        self.clock.now()
    }

    /// Hands in a mail, and returns when it is recorded.
    pub(super) async fn receive(&self, raw: &[u8]) -> Result<(), DemoError> {
        let at = u64::try_from(self.now().0).unwrap_or_default();
        let event = self.cloud.ses.receive_quietly(raw, at).map_err(|error| broken(&error))?;
        self.bus.put(&event.ok_or_else(|| broken(&"the bucket of received mails has no events"))?);
        let done = async {
            while self.bus.under_way() > 0 {
                tokio::time::sleep(LOOK).await;
            }
        };
        tokio::time::timeout(PATIENCE, done).await.map_err(|_| broken(&"a mail was not recorded in time"))
    }

    /// Does what is due by then, as the minute's schedule does.
    pub(super) async fn sweep(&self) -> Result<(), DemoError> {
        for function in self.cloud.template.functions.iter().filter(|function| function.is_background()) {
            for schedule in &function.schedules {
                let done = crate::schedule::run(&function.id, schedule, &self.lambda).await;
                done.map_err(|error| broken(&error))?;
            }
        }
        Ok(())
    }

    /// Ends its functions.
    pub(super) async fn stop(self) {
        self.lambda.stop().await;
        self.gateway.stop().await;
    }
}
