//! The events of new objects, as EventBridge delivers them.

use std::sync::atomic::{AtomicU64, Ordering};

use ring::digest::{SHA256, digest};
use serde_json::{Value, json};

use crate::bus::Bus;
use crate::clock::{Clock, to_the_second};
use crate::random::{object_request_id, uuid};
use crate::template::{ACCOUNT, Bucket, REGION};

/// Who wrote an object that nobody's request wrote.
pub(super) const SES: &str = "ses.amazonaws.com";

/// Where events go.
#[derive(Debug)]
pub(super) struct Events {
    /// The names of the buckets whose new objects are events.
    buckets: Vec<String>,
    bus: Bus,
    clock: Clock,
    /// Grows from event to event.
    sequence: AtomicU64,
}

/// A new object.
pub(super) struct Created<'a> {
    pub(super) bucket: &'a str,
    pub(super) key: &'a str,
    pub(super) size: u64,
    pub(super) etag: &'a str,
    /// An account, or a service.
    pub(super) requester: &'a str,
}

impl Events {
    pub(super) fn new(buckets: &[Bucket], bus: &Bus, clock: &Clock) -> Self {
        let buckets = buckets.iter().filter(|bucket| bucket.to_bus).map(|bucket| bucket.name.clone()).collect();
        Self { buckets, bus: bus.clone(), clock: clock.clone(), sequence: AtomicU64::default() }
    }

    /// Puts the event of a new object on the bus, where its bucket has it so.
    pub(super) fn put(&self, created: &Created<'_>) {
        if let Some(event) = self.event(created) {
            self.bus.put(&event);
        }
    }

    /// The event, where the bucket has any, in the form of S3's guide ("EventBridge event message
    /// structure"). The key is as it is, not percent-encoded.
    pub(super) fn event(&self, created: &Created<'_>) -> Option<Value> {
        if !self.buckets.iter().any(|bucket| bucket == created.bucket) {
            return None;
        }
        let Created { bucket, key, size, etag, requester } = created;
        let now = self.clock.now();
        let sequence = self.sequence.fetch_add(1, Ordering::Relaxed);
        Some(json!({
            "version": "0", "id": uuid(), "detail-type": "Object Created", "source": "aws.s3", "account": ACCOUNT,
            "time": to_the_second(now), "region": REGION, "resources": [format!("arn:aws:s3:::{bucket}")],
            "detail": {
                "version": "0", "bucket": { "name": bucket },
                "object": {
                    "key": key, "size": size, "etag": etag,
                    "sequencer": format!("{:010X}{sequence:08X}", now.unix_timestamp()),
                },
                "request-id": object_request_id(), "requester": requester, "source-ip-address": "127.0.0.1",
                "reason": "PutObject",
            },
        }))
    }
}

/// The entity tag of an object that is not written through `s3s-fs`: as opaque as S3's own.
pub(super) fn etag(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(digest(&SHA256, bytes).as_ref().get(..16).unwrap_or_default())
}
