#![doc = include_str!("../README.md")]

pub mod basic;
pub mod clock;
pub mod diagnosis;
pub mod gcs;
mod mac;
pub mod password;
pub mod reply;
mod secret;
#[cfg(test)]
mod testing;
pub mod v1;
pub mod webhook;

pub use mac::{BadSignature, Signature};
pub use secret::{BadSecret, Secret};

/// Whether a text can be the public part of a credential: `[A-Za-z0-9._~-]{1,64}`, which has no
/// separator of any scheme.
fn is_key_id(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._~-".contains(&byte))
}
