//! Whether a caller may do what it asks of S3.

use std::collections::BTreeMap;
use std::sync::Arc;

use s3s::access::{S3Access, S3AccessContext};
use s3s::auth::{S3Auth, SecretKey};
use s3s::path::S3Path;
use s3s::{S3Error, S3ErrorCode, S3Result};

use super::{S3Call, State};
use crate::lock::lock;
use crate::policy::{Denied, Use};

/// The tag that GuardDuty sets, with the value for which template.yaml's bucket policy denies
/// reading.
const SCANNED: (&str, &str) = ("GuardDutyMalwareScanStatus", "THREATS_FOUND");

/// Below which prefixes template.yaml's bucket policy denies a write that does not ask for
/// encryption.
const ENCRYPTED: [&str; 2] = ["evidence/", "unfinished/"];

/// The secret key of all callers on this machine.
pub(super) struct Keys;

#[async_trait::async_trait]
impl S3Auth for Keys {
    async fn get_secret_key(&self, _: &str) -> S3Result<SecretKey> {
        Ok(SecretKey::from("local"))
    }
}

/// Checks a request against the caller's policy and the bucket's.
pub(super) struct Rights(pub(super) Arc<State>);

#[async_trait::async_trait]
impl S3Access for Rights {
    async fn check(&self, cx: &mut S3AccessContext<'_>) -> S3Result<()> {
        let operation = cx.s3_op().name().to_owned();
        let access_key = cx.credentials().map_or("", |credentials| credentials.access_key.as_str()).to_owned();
        let (bucket, key) = match cx.s3_path() {
            S3Path::Root => ("", ""),
            S3Path::Bucket { bucket } => (&**bucket, ""),
            S3Path::Object { bucket, key } => (&**bucket, &**key),
        };
        let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers: BTreeMap<String, String> =
            cx.headers().iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
        let has_version = cx
            .uri()
            .query()
            .is_some_and(|query| query.split('&').any(|part| part.split('=').next() == Some("versionId")));
        let used = || {
            let resource = if key.is_empty() { bucket.to_owned() } else { format!("{bucket}/{key}") };
            vec![Use {
                action: action(&operation, has_version),
                resource: format!("arn:aws:s3:::{resource}"),
                context: Vec::new(),
            }]
        };
        let iam = self.0.iam.get().ok_or_else(|| denied("nobody may do anything yet"))?;
        iam.check(&access_key, used).map_err(|refused| match refused {
            Denied::Stranger => S3Error::new(S3ErrorCode::InvalidAccessKeyId),
            Denied::Forbidden { .. } => denied(&refused.to_string()),
        })?;
        let is_encrypted = headers.get("x-amz-server-side-encryption").is_some_and(|algorithm| algorithm == "AES256");
        let wants_encryption = ENCRYPTED.iter().any(|prefix| key.starts_with(prefix));
        if operation == "PutObject" && wants_encryption && !is_encrypted {
            return Err(denied("a resource-based policy denies s3:PutObject without encryption"));
        }
        let has = |(name, value): (&str, &str)| {
            let tags = self.0.tags();
            let tags = tags.get(&(bucket.to_owned(), key.to_owned()));
            tags.is_some_and(|tags| tags.iter().any(|tag| tag.0 == name && tag.1 == value))
        };
        if operation == "GetObject" && has(SCANNED) {
            return Err(denied("a resource-based policy denies s3:GetObject of what malware was found in"));
        }
        lock(&self.0.calls).push(S3Call { access_key, operation, key: key.to_owned(), headers });
        Ok(())
    }
}

fn denied(why: &str) -> S3Error {
    S3Error::with_message(S3ErrorCode::AccessDenied, why.to_owned())
}

/// The IAM action of an operation: mostly of the same name. That of a deletion depends on whether
/// it names a version.
fn action(operation: &str, has_version: bool) -> String {
    match operation {
        "HeadObject" => "s3:GetObject".to_owned(),
        "ListObjectVersions" => "s3:ListBucketVersions".to_owned(),
        "DeleteObject" if has_version => "s3:DeleteObjectVersion".to_owned(),
        other => format!("s3:{other}"),
    }
}
