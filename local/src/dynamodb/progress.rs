//! How far the readers of each stream are: what the engine may trim, and when readers have to read.
//!
//! DynamoDB deletes a record of a stream after a day. The embedded engine deletes none, so here a
//! record is deleted when every reader of its stream has passed it. Readers are notified of each
//! write, so that none has to poll.

use std::collections::BTreeMap;
use std::sync::Mutex;

use tokio::sync::{mpsc, watch};

use crate::lock::lock;

/// Records of one stream that no reader needs any more.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Trim {
    /// The stream's table.
    pub(super) table: String,
    /// The sequence number, as the Streams API shows it, that every reader has passed. Its record
    /// stays, because the engine continues from the last existing one.
    pub(super) before: u128,
}

/// Where a reader of a stream is.
#[derive(Debug, Default)]
struct Place {
    /// The last sequence number that it has passed.
    passed: Option<u128>,
    /// How many writes there had been when it began its last read that found nothing.
    read: u64,
}

/// The readers of one table's stream.
type Readers = BTreeMap<String, Place>;

/// How far the readers of the streams are.
#[derive(Debug)]
pub(crate) struct Progress {
    /// By table. One lock for all, so that nobody sees one part of a place without the other.
    readers: Mutex<BTreeMap<String, Readers>>,
    /// Where records are trimmed; none for an engine that does it itself.
    trims: Option<mpsc::UnboundedSender<Trim>>,
    /// How many writes there were.
    written: watch::Sender<u64>,
}

impl Progress {
    pub(super) fn new(trims: Option<mpsc::UnboundedSender<Trim>>) -> Self {
        Self { readers: Mutex::default(), trims, written: watch::Sender::new(0) }
    }

    /// From now on the records of `table` stay until `reader` has passed them. A stream without a
    /// reader is not trimmed, and all its readers have to be named before the first one begins.
    pub(crate) fn expect(&self, table: &str, reader: &str) {
        let mut tables = lock(&self.readers);
        tables.entry(table.to_owned()).or_default().entry(reader.to_owned()).or_default();
    }

    /// `reader` found nothing more in the stream of `table`, in a read that it began after so many
    /// writes, and has dealt with everything before.
    pub(crate) fn found_nothing(&self, table: &str, reader: &str, writes: u64) {
        let mut tables = lock(&self.readers);
        if let Some(place) = tables.get_mut(table).and_then(|readers| readers.get_mut(reader)) {
            place.read = writes;
        }
    }

    /// Whether every reader has dealt with everything that was written so far.
    pub(super) fn is_read(&self) -> bool {
        let writes = *self.written.borrow();
        lock(&self.readers).values().flat_map(Readers::values).all(|place| place.read == writes)
    }

    /// `reader` is done with every record of the stream of `table` up to this sequence number.
    pub(crate) fn passed(&self, table: &str, reader: &str, sequence_number: &str) {
        let (Some(trims), Ok(number)) = (&self.trims, sequence_number.parse()) else { return };
        let mut tables = lock(&self.readers);
        let Some(readers) = tables.get_mut(table) else { return };
        let lowest = |readers: &Readers| readers.values().map(|place| place.passed).min().flatten();
        let before = lowest(readers);
        let Some(place) = readers.get_mut(reader) else { return };
        place.passed = Some(number);
        if let Some(lowest) = lowest(readers).filter(|lowest| Some(*lowest) > before) {
            // It fails when the engine has ended, and then there is nothing to trim.
            let _ = trims.send(Trim { table: table.to_owned(), before: lowest });
        }
    }

    /// Something was written to a table: the readers of streams read now.
    pub(super) fn wrote(&self) {
        self.written.send_modify(|writes| *writes = writes.wrapping_add(1));
    }

    /// How many writes there were: it changes with every one.
    pub(crate) fn written(&self) -> watch::Receiver<u64> {
        self.written.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_that_the_slowest_reader_has_passed_are_trimmed() {
        let (trims, mut asked) = mpsc::unbounded_channel();
        let progress = Progress::new(Some(trims));
        progress.expect("t", "outbox");
        progress.expect("t", "index");
        progress.passed("t", "outbox", "100000000000000000007");
        assert!(asked.try_recv().is_err(), "the other one has not read yet");
        progress.passed("t", "stranger", "100000000000000000009");
        progress.passed("u", "outbox", "100000000000000000009");
        assert!(asked.try_recv().is_err(), "nobody expects them");
        progress.passed("t", "index", "100000000000000000005");
        let trim = |before| Trim { table: "t".to_owned(), before };
        assert_eq!(asked.try_recv(), Ok(trim(100_000_000_000_000_000_005)));
        progress.passed("t", "outbox", "100000000000000000008");
        assert!(asked.try_recv().is_err(), "the slower one is where it was");
        progress.passed("t", "index", "100000000000000000009");
        assert_eq!(asked.try_recv(), Ok(trim(100_000_000_000_000_000_008)));
    }

    #[test]
    fn readers_that_wait_are_notified_of_a_write() {
        let progress = Progress::new(None);
        let mut written = progress.written();
        assert!(!written.has_changed().unwrap());
        progress.wrote();
        assert!(written.has_changed().unwrap());
        assert_eq!(*written.borrow_and_update(), 1);
        assert!(!written.has_changed().unwrap());
    }

    #[test]
    fn streams_are_read_when_every_reader_found_nothing_after_the_last_write() {
        let progress = Progress::new(None);
        progress.expect("t", "outbox");
        progress.expect("u", "index");
        assert!(progress.is_read(), "nothing was written");
        progress.wrote();
        progress.found_nothing("t", "outbox", 1);
        progress.found_nothing("u", "stranger", 1);
        assert!(!progress.is_read(), "the other one has not read");
        progress.found_nothing("u", "index", 0);
        assert!(!progress.is_read(), "its read began before the write");
        progress.found_nothing("u", "index", 1);
        assert!(progress.is_read());
        progress.wrote();
        assert!(!progress.is_read());
    }
}
