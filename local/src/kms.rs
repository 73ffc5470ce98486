//! KMS: `GenerateDataKey`, the same without its plaintext, and `Decrypt`, under one master key.
//!
//! Every key id of this account exists, and the callers' policies alone say who may use it. As in
//! KMS, a ciphertext opens only under its key and with its encryption context, and the errors are
//! KMS's.

mod error;
mod rights;
mod service;

use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use ring::rand::{SecureRandom, SystemRandom};

use crate::loopback::{Reply, Server, StartError};
use crate::policy::{Calls, Iam};
use service::{MASTER_KEY_LEN, Service};

/// The master key's file in the data folder: 32 bytes.
const FILE: &str = "kms.key";

/// A running KMS; clones are handles to the same one. It ends with [`Kms::stop`], or with its last
/// handle.
#[derive(Clone, Debug)]
pub struct Kms(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    calls: Arc<Calls>,
    iam: Arc<OnceLock<Arc<Iam>>>,
    server: Server,
}

impl Kms {
    /// Starts it on a free port. With `data` the master key is stored in `kms.key` there, else it
    /// ends with the process.
    ///
    /// # Errors
    /// No port, no randomness, or a key file that cannot be used.
    pub async fn start(data: Option<&Path>) -> Result<Kms, StartError> {
        let service = Arc::new(Service::new(&master_key(data)?)?);
        let calls: Arc<Calls> = Arc::default();
        let counted = Arc::clone(&calls);
        let iam: Arc<OnceLock<Arc<Iam>>> = Arc::default();
        let guard = Arc::clone(&iam);
        let server = Server::start(move |request| {
            counted.count(request.headers());
            let denied = guard.get().and_then(|iam| rights::denied(iam, &request));
            let answer = denied.map_or_else(|| service.answer(&request), |denied| service::answer(Err(denied)));
            async { Reply::Answer(answer) }
        })
        .await?;
        Ok(Kms(Arc::new(Inner { calls, iam, server })))
    }

    /// Where it listens, `http://127.0.0.1:port`.
    pub fn endpoint(&self) -> String {
        self.0.server.endpoint()
    }

    /// From now on functions may do only what `iam` allows. Until then everybody may do everything.
    pub fn guard(&self, iam: &Arc<Iam>) {
        let _ = self.0.iam.set(Arc::clone(iam));
    }

    /// How many requests there were since the start.
    pub fn calls(&self) -> u64 {
        self.0.calls.all()
    }

    /// How many of them a function made.
    pub fn calls_of(&self, function: &str) -> u64 {
        self.0.calls.of(function)
    }

    /// Stops it, for every handle.
    pub async fn stop(self) {
        self.0.server.stop().await;
    }
}

/// The master key: that of the data folder, or a new one.
fn master_key(data: Option<&Path>) -> Result<[u8; MASTER_KEY_LEN], StartError> {
    let mut fresh = [0; MASTER_KEY_LEN];
    let unusable = |_| StartError::Unusable("the system has no randomness to make a master key of".to_owned());
    SystemRandom::new().fill(&mut fresh).map_err(unusable)?;
    let Some(folder) = data else { return Ok(fresh) };
    std::fs::create_dir_all(folder).map_err(StartError::io(format!("make the folder {}", folder.display())))?;
    let path = folder.join(FILE);
    match std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
        Ok(mut file) => {
            file.write_all(&fresh).map_err(StartError::io(format!("write {}", path.display())))?;
            Ok(fresh)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let stored = std::fs::read(&path).map_err(StartError::io(format!("read {}", path.display())))?;
            stored.try_into().map_err(|stored: Vec<u8>| {
                let (path, len) = (path.display(), stored.len());
                StartError::Unusable(format!("{path} holds {len} bytes; a master key has {MASTER_KEY_LEN}"))
            })
        }
        Err(error) => Err(StartError::io(format!("make {}", path.display()))(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::http_call;
    use axum::body::Body;
    use http::Request;
    use serde_json::{Value, json};

    async fn call(kms: &Kms, operation: &str, input: Value) -> (u16, Value) {
        let request = Request::post(kms.endpoint())
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", format!("TrentService.{operation}"))
            .body(Body::from(input.to_string()))
            .unwrap();
        let answer = http_call(request).await.unwrap();
        (answer.status().as_u16(), serde_json::from_slice(answer.body()).unwrap())
    }

    #[tokio::test]
    async fn a_data_key_comes_back_from_its_ciphertext_also_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let kms = Kms::start(Some(folder.path())).await.unwrap();
        let context = json!({"purpose": "secrets"});
        let input = json!({"KeyId": "recourse", "KeySpec": "AES_256", "EncryptionContext": context});
        let (status, made) = call(&kms, "GenerateDataKey", input).await;
        assert_eq!(status, 200, "{made}");
        assert_eq!(kms.calls(), 1);
        kms.stop().await;

        let kms = Kms::start(Some(folder.path())).await.unwrap();
        let input = json!({"CiphertextBlob": made["CiphertextBlob"], "EncryptionContext": context});
        let (status, opened) = call(&kms, "Decrypt", input.clone()).await;
        assert_eq!((status, &opened["Plaintext"]), (200, &made["Plaintext"]));

        let stranger = Kms::start(None).await.unwrap();
        let (status, refused) = call(&stranger, "Decrypt", input).await;
        assert_eq!((status, &refused["__type"]), (400, &json!("InvalidCiphertextException")));
    }

    #[tokio::test]
    async fn a_key_file_of_another_length_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE), b"short").unwrap();
        let error = Kms::start(Some(folder.path())).await.unwrap_err().to_string();
        assert!(error.ends_with("kms.key holds 5 bytes; a master key has 32"), "{error}");
        assert_eq!(std::fs::read(folder.path().join(FILE)).unwrap(), b"short");
    }
}
