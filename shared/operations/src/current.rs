//! The casework of a deployment, with its playbooks as they are now.
//!
//! A deployment may have playbooks of its own, in an object of the bucket. They are read again when
//! they are a minute old, so that a new object needs no deployment, and parsed again when the
//! object is another one. While S3 is out of reach, those that were read last hold. An object that
//! is missing or wrong raises an alarm, and every decision is then a person's.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use recourse_aws::{Aws, BadVariable};
use recourse_casework::{Casework, PlaybookSet, PlaybookSource, Settings};
use recourse_dispute::time::UnixMillis;
use recourse_files::{Files, FilesError, ObjectPrefix};
use recourse_support::Problem;

/// How long playbooks are used before they are read again.
pub const PLAYBOOKS_LIFETIME_MS: i64 = 60_000;
/// The largest object of playbooks.
pub const MAX_PLAYBOOKS_BYTES: usize = 256 * 1024;

/// The casework of a deployment. It reads the deployment's playbooks when they are needed.
#[derive(Debug)]
pub struct CurrentCasework {
    settings: Settings,
    files: Files,
    read: Mutex<Option<Reading>>,
}

/// Why there is no casework now.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoCasework {
    /// The playbooks were never read, and cannot be read now.
    #[error(transparent)]
    Files(#[from] FilesError),
    /// What ships with this release is wrong, which its tests exclude.
    #[error("the playbooks or templates of this release are wrong: {0}")]
    Shipped(String),
}

impl NoCasework {
    fn of(problems: &[Problem]) -> Self {
        Self::Shipped(problems.first().map(Problem::to_string).unwrap_or_default())
    }
}

/// What was read, and when.
#[derive(Clone)]
struct Reading {
    at: UnixMillis,
    /// The object with the deployment's own playbooks; `None` where there is none.
    object: Option<Arc<[u8]>>,
    casework: Arc<Casework>,
}

impl fmt::Debug for Reading {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Reading").field("at", &self.at).finish_non_exhaustive()
    }
}

impl CurrentCasework {
    /// The casework under these settings, with playbooks from this bucket.
    #[must_use]
    pub fn new(settings: Settings, files: Files) -> Self {
        Self { settings, files, read: Mutex::new(None) }
    }

    /// The casework of a function, from its environment.
    ///
    /// # Errors
    /// [`BadVariable`].
    pub fn from_environment(aws: &Aws) -> Result<Self, BadVariable> {
        Ok(Self::new(Settings::from_environment(aws)?, Files::of(aws)?))
    }

    /// What the environment says of the support process.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The casework as it is at `now`.
    ///
    /// # Errors
    /// [`NoCasework`].
    pub async fn current(&self, now: UnixMillis) -> Result<Arc<Casework>, NoCasework> {
        let before = self.read.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let is_fresh = |reading: &Reading| match self.settings.playbooks {
            PlaybookSource::Shipped => true,
            PlaybookSource::Object(_) => now < reading.at.plus(PLAYBOOKS_LIFETIME_MS),
        };
        if let Some(reading) = before.as_ref().filter(|reading| is_fresh(reading)) {
            return Ok(Arc::clone(&reading.casework));
        }
        let reading = match (self.object().await, before) {
            (Ok(object), Some(reading)) if object == reading.object => Reading { at: now, ..reading },
            (Ok(object), _) => {
                let made = Casework::new(self.settings.clone(), self.playbooks(object.as_deref())?);
                let casework = Arc::new(made.map_err(|problems| NoCasework::of(&problems))?);
                Reading { at: now, object, casework }
            }
            (Err(error), Some(reading)) => {
                tracing::warn!(error = %error, "the playbooks could not be read again; those read before hold");
                Reading { at: now, ..reading }
            }
            (Err(error), None) => return Err(error.into()),
        };
        if let Some(reason) = reading.casework.playbooks().problem() {
            tracing::error!(
                alarm = "playbooks_unreadable",
                reason,
                "the playbooks cannot be used: agents get the cases"
            );
        }
        let casework = Arc::clone(&reading.casework);
        *self.read.lock().unwrap_or_else(PoisonError::into_inner) = Some(reading);
        Ok(casework)
    }

    /// The casework as it is at `now`. Where the playbooks are out of reach, there is the reason in
    /// their place: every decision is then a person's, and what agents do needs no playbook.
    ///
    /// # Errors
    /// [`NoCasework::Shipped`].
    pub async fn current_or_unreadable(&self, now: UnixMillis) -> Result<Arc<Casework>, NoCasework> {
        let error = match self.current(now).await {
            Ok(casework) => return Ok(casework),
            Err(error) => error,
        };
        let made = Casework::new(self.settings.clone(), PlaybookSet::Unreadable(error.to_string()));
        Ok(Arc::new(made.map_err(|problems| NoCasework::of(&problems))?))
    }

    /// The object with the deployment's own playbooks, if there is one. Of one that is too large,
    /// no more than shows that.
    async fn object(&self) -> Result<Option<Arc<[u8]>>, FilesError> {
        let Some(name) = self.settings.playbooks.object_name() else { return Ok(None) };
        let read = self.files.read_head(ObjectPrefix::Playbooks, name, MAX_PLAYBOOKS_BYTES as u64 + 1).await?;
        Ok(read.map(|object| object.bytes.into()))
    }

    fn playbooks(&self, object: Option<&[u8]>) -> Result<PlaybookSet, NoCasework> {
        let PlaybookSource::Object(name) = &self.settings.playbooks else {
            return PlaybookSet::shipped().map_err(|problems| NoCasework::of(&problems));
        };
        let key = format!("playbooks/{name}");
        Ok(match object {
            Some(bytes) if bytes.len() > MAX_PLAYBOOKS_BYTES => {
                PlaybookSet::Unreadable(format!("{key} must have at most {MAX_PLAYBOOKS_BYTES} bytes"))
            }
            Some(bytes) => PlaybookSet::parse(&key, bytes),
            None => PlaybookSet::Unreadable(format!("{key} is not in the bucket, or this function may not read it")),
        })
    }
}

#[cfg(test)]
mod tests;
