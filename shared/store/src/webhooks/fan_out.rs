//! Handing the events of a dispute out to the endpoints that get them.
//!
//! **Invariant:** each event of a dispute gets one sequence number, and each endpoint at most one
//! delivery of it, however often and in whatever order the changes of the dispute come. A marker
//! beside the dispute stores what was handed out; it changes in one transaction with the
//! deliveries, which is conditional on it.

use std::collections::{BTreeMap, VecDeque};

use recourse_dispute::dispute::Dispute;
use recourse_dispute::event::HistoryEntry;
use recourse_dispute::lifecycle::{Actor, State};
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::policy::visibility::Viewer;
use recourse_dispute::time::UnixMillis;
use recourse_dispute::webhook::{EventType, WebhookEvent, events_of};
use recourse_support::case::State as CaseState;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::delivery::Delivery;
use crate::accounts::Endpoint;
use crate::error::StoreError;
use crate::items::{Item, body, item, value};
use crate::keys::ItemKey;
use crate::query::take;
use crate::support::{CaseFile, Direction, SupportEvent};
use crate::transact::{MAX_ROUNDS, TransactionBuilder, WriteItem, version_conflict};
use crate::{Store, WriteToken, keys};

/// How many deliveries one transaction writes, beside the marker: DynamoDB takes 100 items.
const MAX_DELIVERIES: usize = 90;

/// What of a dispute was handed out.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Marker {
    /// Counts the writes of the marker.
    revision: u64,
    /// The last version of the dispute whose entry was handed out.
    dispute_version: u64,
    /// The last version of the support case.
    case_version: u64,
    /// The last message.
    message: u64,
    /// The last event's sequence number.
    event_sequence: u64,
    /// The sort key of each endpoint's last delivery.
    #[serde(default)]
    last: BTreeMap<String, String>,
}

/// Which entry it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    Dispute(u64),
    Case(u64),
    Message(u64),
}

/// Something that happened, with its events.
#[derive(Clone, Debug)]
struct Happened {
    at: UnixMillis,
    source: Source,
    by: Option<Actor>,
    state: Option<State>,
    case: Option<(&'static str, String)>,
    events: Vec<EventType>,
}

/// What is read of a message.
#[derive(Deserialize)]
struct MessageHead {
    seq: u64,
    at: UnixMillis,
    direction: Direction,
}

impl Happened {
    fn of_dispute(entry: &HistoryEntry) -> Self {
        let source = Source::Dispute(entry.version);
        let (by, state, events) = (Some(entry.by.actor), Some(entry.state), events_of(entry));
        Self { at: entry.at, source, by, state, case: None, events }
    }

    /// A step of a support case may make several entries; what counts is where it ends.
    fn of_case(event: &SupportEvent) -> Self {
        let last = event.entries.last();
        let moved = event.entries.first().zip(last).filter(|(first, last)| first.from != last.to);
        let events = match moved.map(|(_, last)| last.to) {
            Some(CaseState::WaitingForAgent) => vec![EventType::CaseEscalated],
            Some(CaseState::Resolved) => vec![EventType::CaseResolved],
            _ => Vec::new(),
        };
        let case = last.map(|last| (last.to.name(), last.reason.code().to_owned()));
        Self { at: event.at, source: Source::Case(event.version), by: None, state: None, case, events }
    }

    fn of_message(message: &MessageHead) -> Self {
        let is_in = message.direction == Direction::In;
        let events = if is_in { vec![EventType::CaseMessageReceived] } else { Vec::new() };
        Self { at: message.at, source: Source::Message(message.seq), by: None, state: None, case: None, events }
    }
}

impl Marker {
    fn pass(&mut self, source: Source) {
        match source {
            Source::Dispute(version) => self.dispute_version = version,
            Source::Case(version) => self.case_version = version,
            Source::Message(place) => self.message = place,
        }
    }
}

impl Store {
    /// Hands out the events of a dispute that were not handed out yet to those of `endpoints` that
    /// get them, and returns how many deliveries that made. Nothing is read of a dispute beyond
    /// itself that no endpoint gets.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn fan_out(
        &self,
        number: DisputeNumber,
        endpoints: &[Endpoint],
        clock: impl Fn() -> UnixMillis,
        mut token: impl FnMut() -> WriteToken,
    ) -> Result<usize, StoreError> {
        let mut made = 0;
        for round in 0..MAX_ROUNDS {
            let keys = [keys::dispute(number), keys::support_case(number), keys::fanned_out(number)];
            let [dispute, case, marker] = &keys;
            let mut found = self.batch(&keys).await?;
            let Some(dispute) = take(&mut found, dispute).map(body::<Dispute>).transpose()? else { return Ok(made) };
            let readers: Vec<(&Endpoint, Viewer)> = endpoints
                .iter()
                .filter(|endpoint| endpoint.is_enabled())
                .map(|endpoint| (endpoint, endpoint.viewer(&dispute)))
                .filter(|(_, viewer)| viewer.has_a_role())
                .collect();
            if readers.is_empty() {
                return Ok(made);
            }
            let case = take(&mut found, case).map(body::<CaseFile>).transpose()?;
            let marker = take(&mut found, marker).map(body::<Marker>).transpose()?;
            let happened = self.happened_since(&dispute, case.as_ref(), marker.as_ref()).await?;
            if happened.is_empty() {
                return Ok(made);
            }
            let token = token();
            let (builder, count, is_all) = self.deliveries_of(&dispute, &readers, marker, &happened, clock())?;
            match self.commit(&token, builder, (), |_| None).await? {
                Some(()) if is_all => return Ok(made + count),
                Some(()) => made += count,
                None => tokio::time::sleep(token.wait(round)).await,
            }
        }
        Err(version_conflict("fan_out", number.case_id()))
    }

    /// The entries that were not handed out yet, in the order in which they happened. The order of
    /// each of the three histories is kept.
    async fn happened_since(
        &self,
        dispute: &Dispute,
        case: Option<&CaseFile>,
        marker: Option<&Marker>,
    ) -> Result<Vec<Happened>, StoreError> {
        let number = dispute.number;
        let done = marker.cloned().unwrap_or_default();
        let mut queues: [VecDeque<Happened>; 3] = Default::default();
        let [of_dispute, of_messages, of_case] = &mut queues;
        if dispute.version > done.dispute_version {
            let (from, to) = (keys::event(number, done.dispute_version + 1), keys::event(number, u64::MAX));
            let entries = self.entries_between::<HistoryEntry>(&from, &to).await?;
            of_dispute.extend(entries.iter().map(Happened::of_dispute));
        }
        if let Some(case) = case.filter(|case| case.messages > done.message) {
            let (from, to) = (keys::message(number, done.message + 1), keys::message(number, case.messages));
            let entries = self.entries_between::<MessageHead>(&from, &to).await?;
            of_messages.extend(entries.iter().map(Happened::of_message));
        }
        if let Some(case) = case.filter(|case| case.version > done.case_version) {
            let (from, to) =
                (keys::support_event(number, done.case_version + 1), keys::support_event(number, case.version));
            let entries = self.entries_between::<SupportEvent>(&from, &to).await?;
            of_case.extend(entries.iter().map(Happened::of_case));
        }
        Ok(merged(queues))
    }

    async fn entries_between<T: DeserializeOwned>(&self, from: &ItemKey, to: &ItemKey) -> Result<Vec<T>, StoreError> {
        let range = Item::from([(":from".to_owned(), value(&from.sk)?), (":to".to_owned(), value(&to.sk)?)]);
        let items = self.query_partition(&from.pk, " AND SK BETWEEN :from AND :to", range).await?;
        items.into_iter().map(body).collect()
    }

    /// The writes that hand `happened` out, how many deliveries they are, and whether that is all
    /// of it.
    fn deliveries_of(
        &self,
        dispute: &Dispute,
        readers: &[(&Endpoint, Viewer)],
        marker: Option<Marker>,
        happened: &[Happened],
        now: UnixMillis,
    ) -> Result<(TransactionBuilder, usize, bool), StoreError> {
        let (before, mut marker) = (marker.as_ref().map(|marker| marker.revision), marker.unwrap_or_default());
        marker.revision += 1;
        let (mut deliveries, mut is_all) = (Vec::new(), true);
        for what in happened {
            if deliveries.len() + what.events.len() * readers.len() > MAX_DELIVERIES && !deliveries.is_empty() {
                is_all = false;
                break;
            }
            marker.pass(what.source);
            for event_type in &what.events {
                marker.event_sequence += 1;
                let event = event(dispute, what, *event_type, marker.event_sequence);
                for (endpoint, viewer) in readers {
                    if !endpoint.wants(*event_type) || !event_type.is_for(viewer) || what.at < endpoint.enabled_at {
                        continue;
                    }
                    let about = Some((dispute.number, event.sequence));
                    let body = event.body(dispute, viewer);
                    let mut delivery = Delivery::new(&endpoint.id, &event.id, event_type.name(), about, body, now);
                    delivery.behind = marker.last.insert(endpoint.id.to_string(), delivery.id().key().sk);
                    deliveries.push(delivery);
                }
            }
        }
        let mut builder = TransactionBuilder::default();
        let stored = item(&keys::fanned_out(dispute.number), "fanned_out", &marker)?;
        match before {
            None => builder.create(self, WriteItem::Record, stored)?,
            Some(revision) => {
                let values = Item::from([(":revision".to_owned(), value(revision)?)]);
                builder.put(self, WriteItem::Record, stored, "revision = :revision", values)?;
            }
        }
        for delivery in &deliveries {
            builder.create(self, WriteItem::Delivery, delivery.item()?)?;
        }
        Ok((builder, deliveries.len(), is_all))
    }
}

fn event(dispute: &Dispute, what: &Happened, event_type: EventType, sequence: u64) -> WebhookEvent {
    WebhookEvent {
        id: format!("evt_{}_{sequence}", dispute.number),
        event_type,
        occurred_at: what.at,
        sequence,
        by: what.by,
        state: what.state.unwrap_or(dispute.state),
        case: what.case.clone(),
        message: match what.source {
            Source::Message(place) => Some(place),
            Source::Dispute(_) | Source::Case(_) => None,
        },
    }
}

/// The histories as one, by their times. Of the same time, the earlier queue's comes first.
fn merged(mut queues: [VecDeque<Happened>; 3]) -> Vec<Happened> {
    let mut all = Vec::new();
    loop {
        let earliest = queues
            .iter_mut()
            .filter(|queue| !queue.is_empty())
            .min_by_key(|queue| queue.front().map(|happened| happened.at));
        match earliest.and_then(VecDeque::pop_front) {
            Some(happened) => all.push(happened),
            None => return all,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn happened(at: i64, source: Source) -> Happened {
        Happened { at: UnixMillis(at), source, by: None, state: None, case: None, events: Vec::new() }
    }

    #[test]
    fn histories_are_merged_by_time_and_each_keeps_its_order() {
        let queue = |of: &[(i64, Source)]| of.iter().map(|(at, source)| happened(*at, *source)).collect();
        let merged = merged([
            // The clock of the second change was behind.
            queue(&[(5, Source::Dispute(1)), (3, Source::Dispute(2)), (9, Source::Dispute(3))]),
            queue(&[(5, Source::Message(1)), (8, Source::Message(2))]),
            queue(&[(4, Source::Case(1)), (9, Source::Case(2))]),
        ]);
        let order: Vec<_> = merged.into_iter().map(|happened| happened.source).collect();
        assert_eq!(
            order,
            [
                Source::Case(1),
                Source::Dispute(1),
                Source::Dispute(2),
                Source::Message(1),
                Source::Message(2),
                Source::Dispute(3),
                Source::Case(2),
            ]
        );
    }
}
