//! The embedded engine, `dynoxide`, on a thread of its own.
//!
//! It runs each request to its end on the thread that read it, and holds one lock meanwhile. More
//! threads would only wait for each other, and the servers of this process do not wait for this
//! one.
//!
//! The engine stores every record of a stream for good, without an index. For each written item it
//! computes the highest sequence number of all of them, so it becomes slower with every write. Its
//! database is SQLite's. A second connection adds the index and deletes the records that every
//! reader has passed. Only the engine's thread uses that connection, between two requests, so
//! neither finds the database locked.
//!
//! Without a data folder the database is a file without a name: it is removed as soon as it is
//! open, so it ends with the process, however that ends. SQLite's own databases in memory would
//! keep every page in this process. Both connections share one cache of [`CACHE`] there, and the
//! settings of the second one hold for both. Nothing waits for the disk, and what a rollback needs
//! is in memory.

use std::fmt::Display;
use std::net::SocketAddr;
use std::path::Path;
use std::thread;
use std::time::Duration;

use dynoxide::Database;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use rusqlite::{Connection, params};
use tokio::runtime;
use tokio::sync::{mpsc, oneshot};

use super::progress::Trim;
use crate::loopback::{OPEN_PORT, StartError};

/// The database's file in the data folder.
const FILE: &str = "dynamodb.sqlite";

/// How much of a database without a data folder is in this process at most, as `PRAGMA cache_size`
/// has it: 32 MiB. The rest is in the system's own cache of files.
const CACHE: i64 = -32_768;

/// How long a stopping engine may take.
const GRACE: Duration = Duration::from_secs(2);

/// The index that answers the engine's own questions about a stream: the highest sequence number of
/// a table, and the records after one.
const INDEX: &str = "CREATE INDEX IF NOT EXISTS recourse_stream_order \
     ON _stream_records (table_name, CAST(sequence_number AS INTEGER))";

/// Deletes the records of a table's stream before a sequence number.
const TRIM: &str = "DELETE FROM _stream_records WHERE table_name = ?1 AND CAST(sequence_number AS INTEGER) < ?2";

/// What the engine adds to a sequence number before it shows it.
const SHOWN_FROM: u128 = 100_000_000_000_000_000_000;

/// A running embedded engine; it ends when this is dropped.
#[derive(Debug)]
pub(super) struct Embedded {
    stop: oneshot::Sender<()>,
    thread: thread::JoinHandle<()>,
}

/// Starts the engine, with a file of `data` or one that ends with it. Returns its address, and
/// where to send the places up to which its streams can be trimmed.
pub(super) fn start(data: Option<&Path>) -> Result<(SocketAddr, Embedded, mpsc::UnboundedSender<Trim>), StartError> {
    let (database, beside) = open(data)?;
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).map_err(StartError::io(OPEN_PORT))?;
    listener.set_nonblocking(true).map_err(StartError::io(OPEN_PORT))?;
    let address = listener.local_addr().map_err(StartError::io(OPEN_PORT))?;
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(StartError::io("start the DynamoDB engine's thread"))?;
    let (stop, stopped) = oneshot::channel();
    let (trims, asked) = mpsc::unbounded_channel();
    let serve = move || {
        runtime.block_on(async move {
            let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
            let trimming = tokio::spawn(trim(beside, asked));
            // Sent or dropped, both mean that it is over.
            let over = async { drop(stopped.await) };
            let _ = dynoxide::server::serve_with_shutdown(listener, database, over).await;
            trimming.abort();
        });
    };
    let thread = thread::Builder::new()
        .name("dynamodb".to_owned())
        .spawn(serve)
        .map_err(StartError::io("start the DynamoDB engine's thread"))?;
    Ok((address, Embedded { stop, thread }, trims))
}

/// Opens the engine's database, and a second connection to it.
fn open(data: Option<&Path>) -> Result<(Database, Connection), StartError> {
    let (database, beside) = match data {
        Some(folder) => open_kept(folder)?,
        None => open_unnamed()?,
    };
    beside.execute_batch(INDEX).map_err(unusable(FILE))?;
    Ok((database, beside))
}

/// The database of a data folder. What is committed outlasts the process. A power cut may take the
/// last seconds, and leaves the rest whole: no request waits for the disk.
fn open_kept(folder: &Path) -> Result<(Database, Connection), StartError> {
    std::fs::create_dir_all(folder).map_err(StartError::io(format!("make the folder {}", folder.display())))?;
    let path = folder.join(FILE);
    let name = path_text(&path)?;
    let database = Database::new(name).map_err(unusable(name))?;
    // Among what this sets is `synchronous = NORMAL`.
    database.disable_bulk_loading().map_err(unusable(name))?;
    let beside = Connection::open(name).map_err(unusable(name))?;
    beside.pragma_update(None, "synchronous", "NORMAL").map_err(unusable(name))?;
    Ok((database, beside))
}

/// A database that ends with its connections, in a file that has no name any more.
fn open_unnamed() -> Result<(Database, Connection), StartError> {
    let folder = tempfile::tempdir().map_err(StartError::io("make a folder for DynamoDB's data"))?;
    let path = folder.path().join(FILE);
    // `cache=shared`: one cache, with one set of settings, for both connections. `nolock=1`: there
    // is nobody else to lock it for, and without locks the engine's write-ahead log is out, which
    // would write everything twice.
    let name = format!("file:{}?cache=shared&nolock=1", utf8_percent_encode(path_text(&path)?, NON_ALPHANUMERIC));
    // Before the engine, so that it creates its tables with these settings.
    let beside = Connection::open(&name).map_err(unusable(&name))?;
    for (setting, value) in [("journal_mode", "MEMORY"), ("synchronous", "OFF")] {
        beside.pragma_update(None, setting, value).map_err(unusable(&name))?;
    }
    beside.pragma_update(None, "cache_size", CACHE).map_err(unusable(&name))?;
    let database = Database::new(&name).map_err(unusable(&name))?;
    folder.close().map_err(StartError::io("remove the name of DynamoDB's data"))?;
    Ok((database, beside))
}

fn path_text(path: &Path) -> Result<&str, StartError> {
    path.to_str().ok_or_else(|| StartError::Unusable(format!("the path {} must be UTF-8", path.display())))
}

/// For `map_err`: the database `name` cannot be opened.
fn unusable<E: Display>(name: &str) -> impl FnOnce(E) -> StartError {
    let name = name.to_owned();
    move |error| StartError::Unusable(format!("{name} cannot be opened: {error}"))
}

/// Trims the streams as asked, until nobody can ask any more.
async fn trim(database: Connection, mut asked: mpsc::UnboundedReceiver<Trim>) {
    while let Some(mut next) = asked.recv().await {
        // Only the last place of each table counts. Nearly always there is one table.
        while let Ok(later) = asked.try_recv() {
            if later.table != next.table {
                delete(&database, &next);
            }
            next = later;
        }
        delete(&database, &next);
    }
}

/// A failure (the disk is full) does not end anything: reading past the records is only slower.
fn delete(database: &Connection, trim: &Trim) {
    let Some(before) = trim.before.checked_sub(SHOWN_FROM).and_then(|number| i64::try_from(number).ok()) else {
        return;
    };
    let _ = database.prepare_cached(TRIM).and_then(|mut statement| statement.execute(params![trim.table, before]));
}

impl Embedded {
    /// Ends the engine and waits until its file is closed.
    pub(super) async fn stop(self) {
        let Self { stop, thread } = self;
        let _ = stop.send(());
        let _ = tokio::time::timeout(GRACE, tokio::task::spawn_blocking(move || thread.join())).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_engines_own_questions_about_a_stream_are_answered_from_the_index() {
        let folder = tempfile::tempdir().unwrap();
        for data in [None, Some(folder.path())] {
            let (_database, beside) = open(data).unwrap();
            for question in [
                "SELECT COALESCE(MAX(CAST(sequence_number AS INTEGER)), 0) + 1 FROM _stream_records \
                 WHERE table_name = 't'",
                "SELECT event_name, keys_json, new_image FROM _stream_records WHERE table_name = 't' AND shard_id = 's' \
                 AND CAST(sequence_number AS INTEGER) > 5 ORDER BY CAST(sequence_number AS INTEGER) ASC LIMIT 3",
                "DELETE FROM _stream_records WHERE table_name = 't' AND CAST(sequence_number AS INTEGER) < 5",
            ] {
                let plan = |row: &rusqlite::Row<'_>| row.get::<_, String>("detail");
                let plan: Vec<String> = beside
                    .prepare(&format!("EXPLAIN QUERY PLAN {question}"))
                    .and_then(|mut statement| statement.query_map([], plan)?.collect())
                    .unwrap();
                let [step] = &plan[..] else { panic!("{plan:?}") };
                assert!(step.starts_with("SEARCH") && step.contains("INDEX recourse_stream_order"), "{step}");
            }
        }
    }

    #[test]
    fn two_databases_without_a_folder_share_nothing() {
        let (_first, beside_first) = open(None).unwrap();
        let (_second, beside_second) = open(None).unwrap();
        beside_first.execute_batch("CREATE TABLE mine (a)").unwrap();
        assert!(beside_second.execute_batch("SELECT * FROM mine").is_err());
    }

    #[test]
    fn a_database_without_a_folder_has_no_name_and_both_connections_see_all_of_it() {
        let (database, beside) = open(None).unwrap();
        let path: String = beside
            .query_row("SELECT file FROM pragma_database_list WHERE name = 'main'", [], |row| row.get(0))
            .unwrap();
        assert!(path.ends_with(FILE) && !Path::new(&path).exists(), "{path}");
        assert!(!Path::new(&path).parent().unwrap().exists(), "{path}");
        let setting = |name: &str| beside.pragma_query_value(None, name, |row| row.get::<_, String>(0)).unwrap();
        assert_eq!(setting("journal_mode"), "memory");
        // More than the cache holds, so that pages are written and read again.
        let fill = "CREATE TABLE filled (text TEXT); INSERT INTO filled \
             WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40000) \
             SELECT hex(zeroblob(500)) || i FROM n;";
        beside.execute_batch(fill).unwrap();
        assert!(database.db_size_bytes().unwrap() > 40_000_000);
        let count = "SELECT count(*) FROM filled WHERE length(text) > 1000";
        assert_eq!(beside.query_row(count, [], |row| row.get::<_, i64>(0)).unwrap(), 40_000);
        assert!(!Path::new(&path).exists(), "{path}");
    }

    #[test]
    fn what_is_not_committed_is_rolled_back() {
        let (_database, beside) = open(None).unwrap();
        beside.execute_batch("CREATE TABLE t (a); INSERT INTO t VALUES (1); BEGIN IMMEDIATE; DELETE FROM t;").unwrap();
        beside.execute_batch("ROLLBACK").unwrap();
        assert_eq!(beside.query_row("SELECT a FROM t", [], |row| row.get::<_, i64>(0)).unwrap(), 1);
    }
}
