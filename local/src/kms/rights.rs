//! Whether a caller may make a request to KMS.
//!
//! The resource is the key that the ciphertext was made under, or else the key that the request
//! names: the rights on that key count.

use axum::body::Bytes;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::Request;
use serde::Deserialize;

use super::error::KmsError;
use super::service::{Blob, Context, arn, key};
use crate::policy::{Iam, Use, signed_by};
use crate::template::policy::ENCRYPTION_CONTEXT;

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Input {
    key_id: String,
    ciphertext_blob: String,
    encryption_context: Context,
}

/// The refusal of a request that its caller may not make.
pub(super) fn denied(iam: &Iam, request: &Request<Bytes>) -> Option<KmsError> {
    let denied = iam.check(signed_by(request.headers()), || vec![used(request)]).err()?;
    Some(KmsError::new(denied.exception(), denied.to_string()))
}

fn used(request: &Request<Bytes>) -> Use {
    let target = request.headers().get("x-amz-target").and_then(|v| v.to_str().ok()).unwrap_or_default();
    let input: Input = serde_json::from_slice(request.body()).unwrap_or_default();
    let blob = BASE64_STANDARD.decode(&input.ciphertext_blob).ok();
    let made_under = blob.and_then(|blob| serde_json::from_slice::<Blob>(&blob).ok()).map(|blob| blob.key);
    let key = made_under.or_else(|| key(&input.key_id).ok()).unwrap_or(input.key_id);
    let context = input.encryption_context.into_iter();
    Use {
        action: format!("kms:{}", target.rsplit('.').next().unwrap_or_default()),
        resource: arn(&key),
        context: context.map(|(name, value)| (format!("{ENCRYPTION_CONTEXT}{name}"), value)).collect(),
    }
}
