//! S3: one bucket for each of the template's, on the file system. It verifies SigV4, also in
//! presigned addresses.
//!
//! The server is `s3s-fs`. Around it, S3 refuses what a function's policy does not allow and what
//! the bucket's policy in template.yaml denies: a write that does not ask for encryption, and a
//! read of an object with malware. A caller without the right to list a bucket does not learn
//! whether an object exists. There are tags, and every request is recorded. A new object is an
//! event of EventBridge, where the template has it so.

mod bucket;
mod events;
mod gate;
mod rights;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};

use axum::body::Body;
use http::StatusCode;
use s3s::service::S3ServiceBuilder;
use s3s_fs::FileSystem;
use serde_json::Value;
use tempfile::TempDir;

use crate::bus::Bus;
use crate::clock::Clock;
use crate::lock::lock;
use crate::loopback::{Reply, Server, StartError, plain};
use crate::policy::Iam;
use crate::random::uuid;
use crate::recent::Recent;
use crate::template::Bucket;
use bucket::Objects;
use events::{Created, Events};
use gate::Gate;
use rights::{Keys, Rights};

/// How many requests are remembered.
const MAX_CALLS: usize = 10_000;

/// A request that reached it and was signed well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct S3Call {
    /// The access key id that signed it.
    pub access_key: String,
    /// The operation, such as `PutObject`.
    pub operation: String,
    /// The object's key; empty for a request about no object.
    pub key: String,
    /// Its headers, names in lower case.
    pub headers: BTreeMap<String, String>,
}

/// A running S3; clones are handles to the same one. It ends with [`S3::stop`], or with its last
/// handle.
#[derive(Clone, Debug)]
pub struct S3(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    root: PathBuf,
    state: Arc<State>,
    server: Server,
    /// Removed with the last handle, where no folder for data was given.
    _folder: Option<TempDir>,
}

/// The tags of objects, names and values, by bucket and key.
type Tags = BTreeMap<(String, String), Vec<(String, String)>>;

/// What requests share.
#[derive(Debug, Default)]
struct State {
    calls: Mutex<Recent<S3Call, MAX_CALLS>>,
    tags: Mutex<Tags>,
    gate: Gate,
    iam: OnceLock<Arc<Iam>>,
    /// Where the events of new objects go. Until it is set, there is none.
    events: OnceLock<Events>,
}

impl State {
    fn tags(&self) -> MutexGuard<'_, Tags> {
        lock(&self.tags)
    }
}

impl S3 {
    /// Starts it on a free port with these buckets. With `data` their objects are stored in `s3`
    /// there, else they end with the process.
    ///
    /// # Errors
    /// No port, or a folder that cannot be used.
    pub async fn start(buckets: &[String], data: Option<&Path>) -> Result<S3, StartError> {
        let made =
            data.is_none().then(tempfile::tempdir).transpose().map_err(StartError::io("make a folder for S3"))?;
        let root = match (data, &made) {
            (Some(data), _) => data.join("s3"),
            (None, Some(made)) => made.path().to_owned(),
            (None, None) => return Err(StartError::Unusable("there is no folder for S3".to_owned())),
        };
        for bucket in buckets {
            let folder = root.join(bucket);
            std::fs::create_dir_all(&folder).map_err(StartError::io(format!("make {}", folder.display())))?;
        }
        std::fs::create_dir_all(&root).map_err(StartError::io(format!("make {}", root.display())))?;
        let files = FileSystem::new(&root).map_err(|error| StartError::Unusable(format!("S3's folder: {error:?}")))?;
        let state: Arc<State> = Arc::default();
        let mut builder = S3ServiceBuilder::new(Objects::new(files, root.clone(), Arc::clone(&state)));
        builder.set_auth(Keys);
        builder.set_access(Rights(Arc::clone(&state)));
        let service = builder.build();
        let server = Server::start(move |request| {
            let service = service.clone();
            async move {
                match service.call(request.map(s3s::Body::from)).await {
                    Ok(answer) => Reply::Answer(answer.map(Body::new)),
                    Err(error) => Reply::Answer(plain(StatusCode::INTERNAL_SERVER_ERROR, &format!("{error:?}"))),
                }
            }
        })
        .await?;
        Ok(S3(Arc::new(Inner { root, state, server, _folder: made })))
    }

    /// Where it listens, `http://127.0.0.1:port`.
    pub fn endpoint(&self) -> String {
        self.0.server.endpoint()
    }

    /// From now on functions may do only what `iam` allows. Until then nobody may do anything.
    pub fn guard(&self, iam: &Arc<Iam>) {
        let _ = self.0.state.iam.set(Arc::clone(iam));
    }

    /// From now on new objects of the buckets that have it so are events on `bus`.
    pub fn publish(&self, buckets: &[Bucket], bus: &Bus, clock: &Clock) {
        let _ = self.0.state.events.set(Events::new(buckets, bus, clock));
    }

    /// Writes an object as an AWS service does, without a request that a policy would judge.
    ///
    /// # Errors
    /// The file system refuses the write.
    pub fn place(&self, bucket: &str, key: &str, bytes: &[u8]) -> std::io::Result<()> {
        self.write(bucket, key, bytes)?;
        self.notify(bucket, key)
    }

    /// The same, but the event is not put on the bus. It is returned, where there is one.
    pub(crate) fn place_quietly(&self, bucket: &str, key: &str, bytes: &[u8]) -> std::io::Result<Option<Value>> {
        self.write(bucket, key, bytes)?;
        let (size, etag) = (u64::try_from(bytes.len()).unwrap_or_default(), events::etag(bytes));
        let created = Created { bucket, key, size, etag: &etag, requester: events::SES };
        Ok(self.0.state.events.get().and_then(|events| events.event(&created)))
    }

    fn write(&self, bucket: &str, key: &str, bytes: &[u8]) -> std::io::Result<()> {
        let path = self.0.root.join(bucket).join(key);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        // No reader finds half of it.
        let half = self.0.root.join(format!(".half-{}", uuid()));
        std::fs::write(&half, bytes)?;
        std::fs::rename(&half, path)
    }

    /// Puts the event of an object that is there on the bus once more: EventBridge delivers at
    /// least once, and in no particular order.
    ///
    /// # Errors
    /// The file system refuses the read.
    pub fn notify(&self, bucket: &str, key: &str) -> std::io::Result<()> {
        let bytes = std::fs::read(self.0.root.join(bucket).join(key))?;
        if let Some(events) = self.0.state.events.get() {
            let (size, etag) = (u64::try_from(bytes.len()).unwrap_or_default(), events::etag(&bytes));
            events.put(&Created { bucket, key, size, etag: &etag, requester: events::SES });
        }
        Ok(())
    }

    /// The requests since the start, oldest first; at most the last 10,000.
    pub fn calls(&self) -> Vec<S3Call> {
        lock(&self.0.state.calls).to_vec()
    }

    /// The objects of a bucket by their keys. Each key has one slash.
    ///
    /// # Errors
    /// The file system refuses the read.
    pub fn objects(&self, bucket: &str) -> std::io::Result<BTreeMap<String, Vec<u8>>> {
        let mut objects = BTreeMap::new();
        for prefix in std::fs::read_dir(self.0.root.join(bucket))? {
            let prefix = prefix?;
            for object in std::fs::read_dir(prefix.path())? {
                let object = object?;
                let name = |name: std::ffi::OsString| name.to_string_lossy().into_owned();
                let key = format!("{}/{}", name(prefix.file_name()), name(object.file_name()));
                // Removed between the listing and the reading: then it is not there.
                if let Ok(bytes) = std::fs::read(object.path()) {
                    objects.insert(key, bytes);
                }
            }
        }
        Ok(objects)
    }

    /// From now on a write of an object whose key begins with `prefix` waits until it is let
    /// through. The call is recorded before.
    pub fn hold(&self, prefix: &str) {
        self.0.state.gate.shut(prefix);
    }

    /// Lets `count` writes through that wait, the first one first, or that come.
    pub fn let_through(&self, count: usize) {
        self.0.state.gate.let_through(count);
    }

    /// Overwrites an object without a request, as a fault of the disk would.
    ///
    /// # Errors
    /// The file system refuses the write.
    pub fn spoil(&self, bucket: &str, key: &str, bytes: &[u8]) -> std::io::Result<()> {
        std::fs::write(self.0.root.join(bucket).join(key), bytes)
    }

    /// Deletes an object without a request, as a lifecycle rule of the bucket does.
    ///
    /// # Errors
    /// The file system refuses the deletion.
    pub fn lose(&self, bucket: &str, key: &str) -> std::io::Result<()> {
        std::fs::remove_file(self.0.root.join(bucket).join(key))
    }

    /// Replaces an object's tags by one, as GuardDuty does after scanning it.
    pub fn tag(&self, bucket: &str, key: &str, name: &str, value: &str) {
        let tags = vec![(name.to_owned(), value.to_owned())];
        self.0.state.tags().insert((bucket.to_owned(), key.to_owned()), tags);
    }

    /// Stops it, for every handle.
    pub async fn stop(self) {
        self.0.server.stop().await;
    }
}
