//! Passwords of people, stored as Argon2id hashes.
//!
//! **Invariant:** a wrong password and an unknown user cost the same work: where there is no hash,
//! [`verify`] works on one that fits no password.

use argon2::{Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version};

/// 19 MiB in two passes on one lane: OWASP's first choice for Argon2id, and what fits a function of
/// 256 MB.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// The shortest password that is set, in characters.
const SHORTEST: usize = 12;
/// The longest password that is looked at, in bytes.
pub const LONGEST: usize = 256;

/// Stands in for the hash of an unknown user, so that checking costs the same. Nobody knows its
/// password: 32 random bytes that were thrown away.
const DUMMY_HASH: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$cmVjb3Vyc2Utbm9ib2R5cw$ODFyXZWSMQhs1hdAl2LBNqmGcDvg6fvPC4cr6nB4xWw";

/// A password that cannot be set, or a hash that cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadPassword {
    /// Too short, too long, or with a control character.
    #[error(
        "a password must have at least {SHORTEST} characters and at most {LONGEST} bytes, without control characters"
    )]
    Form,
    /// Argon2 gives none.
    #[error("the password cannot be hashed")]
    Unhashed,
}

/// The hash of a password, with its salt and its parameters, as text (PHC).
///
/// # Errors
/// [`BadPassword`].
pub fn hash(password: &str, salt: &[u8; 16]) -> Result<String, BadPassword> {
    let fits =
        password.chars().count() >= SHORTEST && password.len() <= LONGEST && !password.chars().any(char::is_control);
    if !fits {
        return Err(BadPassword::Form);
    }
    let hashed = argon2()?.hash_password_with_salt(password.as_bytes(), salt).map_err(|_| BadPassword::Unhashed)?;
    Ok(hashed.to_string())
}

/// Whether a password is the one that a hash was made of; never when there is no hash.
#[must_use]
pub fn verify(password: &str, hash: Option<&str>) -> bool {
    let Ok(argon2) = argon2() else { return false };
    let Ok(parsed) = PasswordHash::new(hash.unwrap_or(DUMMY_HASH)) else { return false };
    let fits = password.len() <= LONGEST && argon2.verify_password(password.as_bytes(), &parsed).is_ok();
    fits && hash.is_some()
}

fn argon2() -> Result<Argon2<'static>, BadPassword> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|_| BadPassword::Unhashed)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_fits_its_own_hash_and_no_other() {
        let made = hash("correct horse battery", &[7; 16]).unwrap();
        assert!(made.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{made}");
        assert!(verify("correct horse battery", Some(&made)));
        assert!(!verify("correct horse batterz", Some(&made)));
        assert!(!verify("", Some(&made)));
        assert_ne!(hash("correct horse battery", &[8; 16]).unwrap(), made, "the salt counts");
    }

    #[test]
    fn nobodys_hash_is_one_and_fits_nothing() {
        assert!(PasswordHash::new(DUMMY_HASH).is_ok());
        let made = hash("correct horse battery", &[7; 16]).unwrap();
        let parameters = |hash: &str| hash.split('$').take(4).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(parameters(DUMMY_HASH), parameters(&made), "the work is the same");
        for password in ["", "recourse-nobodys", "correct horse battery"] {
            assert!(!verify(password, None));
        }
        assert!(!verify("correct horse battery", Some("no hash")));
    }

    #[test]
    fn what_cannot_be_set() {
        for password in ["", "eleven char", "twelve\ncharacters", &"x".repeat(257)] {
            assert_eq!(hash(password, &[7; 16]), Err(BadPassword::Form), "{password:?}");
        }
        assert!(hash("åååååååååååå", &[7; 16]).is_ok());
    }
}
