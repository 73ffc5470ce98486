//! The operations, their ciphertexts and their errors.

use std::collections::BTreeMap;

use axum::body::{Body, Bytes};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::{Request, Response, StatusCode};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};
use serde::Deserialize;
use serde_json::{Value, json};

use super::error::KmsError;
use crate::loopback::{StartError, json};
use crate::template::{ACCOUNT, REGION};

/// The length of an AES-256 key, in bytes.
pub(super) const MASTER_KEY_LEN: usize = 32;

/// The most bytes that one data key may have, AWS's limit.
const DATA_KEY_MAX: usize = 1_024;

/// What a key id may be, beside the ARN of one.
const KEY_ID_MAX: usize = 128;

/// The operations, over one master key.
#[derive(Debug)]
pub(super) struct Service {
    master: LessSafeKey,
    random: SystemRandom,
}

pub(super) type Context = BTreeMap<String, String>;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GenerateDataKey {
    key_id: Option<String>,
    key_spec: Option<String>,
    number_of_bytes: Option<usize>,
    #[serde(default)]
    encryption_context: Option<Context>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Decrypt {
    key_id: Option<String>,
    ciphertext_blob: Option<String>,
    #[serde(default)]
    encryption_context: Option<Context>,
}

/// What is inside a ciphertext blob, as JSON.
#[derive(Deserialize, serde::Serialize)]
pub(super) struct Blob {
    pub(super) key: String,
    nonce: [u8; NONCE_LEN],
    sealed: Vec<u8>,
}

impl Service {
    pub(super) fn new(master: &[u8; MASTER_KEY_LEN]) -> Result<Service, StartError> {
        let key = UnboundKey::new(&AES_256_GCM, master);
        let key = key.map_err(|_| StartError::Unusable("the master key is no AES-256 key".to_owned()))?;
        Ok(Service { master: LessSafeKey::new(key), random: SystemRandom::new() })
    }

    /// Answers one request.
    pub(super) fn answer(&self, request: &Request<Bytes>) -> Response<Body> {
        let target = request.headers().get("x-amz-target").and_then(|v| v.to_str().ok()).unwrap_or_default();
        answer(match target {
            "TrentService.GenerateDataKey" => read(request.body()).and_then(|input| self.generate_data_key(input)),
            "TrentService.GenerateDataKeyWithoutPlaintext" => {
                read(request.body()).and_then(|input| self.generate_data_key(input)).map(without_plaintext)
            }
            "TrentService.Decrypt" => read(request.body()).and_then(|input| self.decrypt(input)),
            _ => Err(KmsError { exception: "UnknownOperationException", message: None }),
        })
    }

    fn generate_data_key(&self, input: GenerateDataKey) -> Result<Value, KmsError> {
        let key = key(&input.key_id.ok_or_else(|| KmsError::missing("keyId"))?)?;
        let len = match (input.key_spec.as_deref(), input.number_of_bytes) {
            (Some("AES_256"), None) => 32,
            (Some("AES_128"), None) => 16,
            (None, Some(len)) if (1..=DATA_KEY_MAX).contains(&len) => len,
            _ => {
                let right = "Please specify either number of bytes (1 to 1024) or key spec (AES_256 or AES_128).";
                return Err(KmsError::new("ValidationException", right));
            }
        };
        let mut data_key = vec![0; len];
        let mut nonce = [0; NONCE_LEN];
        let failed = |_| KmsError::new("KMSInternalException", "there is no randomness");
        self.random.fill(&mut data_key).and_then(|()| self.random.fill(&mut nonce)).map_err(failed)?;
        let mut sealed = data_key.clone();
        let bound = bound(&key, input.encryption_context);
        let nonce_once = Nonce::assume_unique_for_key(nonce);
        self.master
            .seal_in_place_append_tag(nonce_once, Aad::from(bound), &mut sealed)
            .map_err(|_| KmsError::new("KMSInternalException", "the data key could not be sealed"))?;
        let arn = arn(&key);
        let blob = json!(Blob { key, nonce, sealed }).to_string();
        Ok(json!({
            "KeyId": arn,
            "Plaintext": BASE64_STANDARD.encode(data_key),
            "CiphertextBlob": BASE64_STANDARD.encode(blob),
        }))
    }

    fn decrypt(&self, input: Decrypt) -> Result<Value, KmsError> {
        let blob = input.ciphertext_blob.ok_or_else(|| KmsError::missing("ciphertextBlob"))?;
        let wanted = input.key_id.as_deref().map(key).transpose()?;
        let blob = BASE64_STANDARD
            .decode(blob)
            .map_err(|_| KmsError { exception: "SerializationException", message: None })?;
        let blob: Blob = serde_json::from_slice(&blob).map_err(|_| KmsError::invalid_ciphertext())?;
        if wanted.is_some_and(|wanted| wanted != blob.key) {
            let text = "The key ID in the request does not identify a CMK that can perform this operation.";
            return Err(KmsError::new("IncorrectKeyException", text));
        }
        let mut sealed = blob.sealed;
        let bound = bound(&blob.key, input.encryption_context);
        let nonce = Nonce::assume_unique_for_key(blob.nonce);
        let opened = self.master.open_in_place(nonce, Aad::from(bound), &mut sealed);
        let data_key = opened.map_err(|_| KmsError::invalid_ciphertext())?;
        Ok(json!({
            "KeyId": arn(&blob.key),
            "Plaintext": BASE64_STANDARD.encode(data_key),
            "EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        }))
    }
}

/// A result as KMS answers it.
pub(super) fn answer(result: Result<Value, KmsError>) -> Response<Body> {
    let (status, value) = match result {
        Ok(value) => (StatusCode::OK, value),
        Err(KmsError { exception, message: None }) => (StatusCode::BAD_REQUEST, json!({"__type": exception})),
        Err(KmsError { exception, message }) => {
            (StatusCode::BAD_REQUEST, json!({"__type": exception, "message": message}))
        }
    };
    json(status, "application/x-amz-json-1.1", &value)
}

fn without_plaintext(mut made: Value) -> Value {
    if let Some(members) = made.as_object_mut() {
        members.remove("Plaintext");
    }
    made
}

fn read<T: for<'a> Deserialize<'a>>(body: &[u8]) -> Result<T, KmsError> {
    serde_json::from_slice(body).map_err(|e| KmsError::new("SerializationException", e.to_string()))
}

/// The id in a `KeyId` member, which may be an id or a key's ARN of this region and account.
pub(super) fn key(key_id: &str) -> Result<String, KmsError> {
    let id = match key_id.strip_prefix(&arn("")) {
        Some(id) => id,
        None if key_id.starts_with("arn:") => {
            return Err(KmsError::new(
                "NotFoundException",
                format!("Invalid arn {key_id}, a key's starts with {}", arn("")),
            ));
        }
        None => key_id,
    };
    if (1..=KEY_ID_MAX).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        Ok(id.to_owned())
    } else {
        Err(KmsError::new("NotFoundException", format!("Invalid keyId '{key_id}'")))
    }
}

pub(super) fn arn(key: &str) -> String {
    format!("arn:aws:kms:{REGION}:{ACCOUNT}:key/{key}")
}

/// What a ciphertext is bound to: its key and its encryption context.
fn bound(key: &str, context: Option<Context>) -> Vec<u8> {
    json!([key, context.unwrap_or_default()]).to_string().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service() -> Service {
        Service::new(&[7; MASTER_KEY_LEN]).unwrap()
    }

    fn generate(input: Value) -> Result<Value, KmsError> {
        service().generate_data_key(serde_json::from_value(input).unwrap())
    }

    fn decrypt(input: Value) -> Result<Value, KmsError> {
        service().decrypt(serde_json::from_value(input).unwrap())
    }

    const ARN: &str = "arn:aws:kms:us-east-1:000000000000:key/recourse-sealingkey";

    #[test]
    fn a_ciphertext_opens_only_as_it_was_made_and_with_its_own_key() {
        let made = generate(json!({"KeyId": ARN, "NumberOfBytes": 24, "EncryptionContext": {"a": "1"}})).unwrap();
        assert_eq!(made["KeyId"], ARN);
        let plain = BASE64_STANDARD.decode(made["Plaintext"].as_str().unwrap()).unwrap();
        assert_eq!(plain.len(), 24);
        let open = |key: Value, context: Value| {
            decrypt(json!({"CiphertextBlob": made["CiphertextBlob"], "KeyId": key, "EncryptionContext": context}))
        };
        for key in [Value::Null, json!(ARN), json!("recourse-sealingkey")] {
            assert_eq!(open(key, json!({"a": "1"})).unwrap()["Plaintext"], made["Plaintext"]);
        }
        for wrong in [json!({"a": "2"}), json!({"b": "1"}), json!({"a": "1", "b": "1"}), json!({}), Value::Null] {
            assert_eq!(open(json!(ARN), wrong).unwrap_err(), KmsError::invalid_ciphertext());
        }
        assert_eq!(open(json!("another"), json!({"a": "1"})).unwrap_err().exception, "IncorrectKeyException");
    }

    #[test]
    fn a_changed_ciphertext_does_not_open() {
        let made = generate(json!({"KeyId": "k", "KeySpec": "AES_256"})).unwrap();
        let blob = BASE64_STANDARD.decode(made["CiphertextBlob"].as_str().unwrap()).unwrap();
        let mut changed: Value = serde_json::from_slice(&blob).unwrap();
        changed["key"] = json!("other");
        for blob in [changed.to_string().into_bytes(), b"{}".to_vec(), Vec::new(), blob[..blob.len() / 2].to_vec()] {
            let refused = decrypt(json!({"CiphertextBlob": BASE64_STANDARD.encode(blob)})).unwrap_err();
            assert_eq!(refused, KmsError::invalid_ciphertext());
        }
    }

    #[test]
    fn input_that_kms_refuses_is_refused_with_its_exceptions() {
        let refused = |input: Value| generate(input).unwrap_err().exception;
        assert_eq!(refused(json!({"KeySpec": "AES_256"})), "ValidationException");
        assert_eq!(refused(json!({"KeyId": "k"})), "ValidationException");
        assert_eq!(refused(json!({"KeyId": "k", "KeySpec": "AES_256", "NumberOfBytes": 32})), "ValidationException");
        assert_eq!(refused(json!({"KeyId": "k", "NumberOfBytes": 1_025})), "ValidationException");
        assert_eq!(refused(json!({"KeyId": "alias/none", "KeySpec": "AES_256"})), "NotFoundException");
        let elsewhere = "arn:aws:kms:eu-west-1:000000000000:key/k";
        assert_eq!(refused(json!({"KeyId": elsewhere, "KeySpec": "AES_256"})), "NotFoundException");
        assert_eq!(decrypt(json!({})).unwrap_err().exception, "ValidationException");
        assert_eq!(decrypt(json!({"CiphertextBlob": "%"})).unwrap_err().exception, "SerializationException");
    }
}
