//! The casework of a deployment, with its playbooks as they are now.
//!
//! A deployment may have playbooks of its own, in an object of the bucket. They are read again when
//! they are a minute old, so that a new object needs no deployment. While S3 is out of reach, those
//! that were read last hold. An object that is missing or wrong raises an alarm, and every decision
//! is then a person's.

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
#[derive(Clone, Debug)]
struct Reading {
    at: UnixMillis,
    casework: Arc<Casework>,
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
        let casework = match (self.playbooks().await, before) {
            (Ok(playbooks), _) => {
                let made = Casework::new(self.settings.clone(), playbooks);
                Arc::new(made.map_err(|problems| NoCasework::of(&problems))?)
            }
            (Err(error), Some(reading)) => {
                tracing::warn!(error = %error, "the playbooks could not be read again; those read before hold");
                reading.casework
            }
            (Err(error), None) => return Err(error),
        };
        let reading = Reading { at: now, casework: Arc::clone(&casework) };
        *self.read.lock().unwrap_or_else(PoisonError::into_inner) = Some(reading);
        Ok(casework)
    }

    async fn playbooks(&self) -> Result<PlaybookSet, NoCasework> {
        let PlaybookSource::Object(name) = &self.settings.playbooks else {
            return PlaybookSet::shipped().map_err(|problems| NoCasework::of(&problems));
        };
        let key = format!("playbooks/{name}");
        let playbooks =
            match self.files.read_head(ObjectPrefix::Playbooks, name, MAX_PLAYBOOKS_BYTES as u64 + 1).await? {
                Some(object) if object.bytes.len() > MAX_PLAYBOOKS_BYTES => {
                    PlaybookSet::Unreadable(format!("{key} must have at most {MAX_PLAYBOOKS_BYTES} bytes"))
                }
                Some(object) => PlaybookSet::parse(&key, &object.bytes),
                None => {
                    PlaybookSet::Unreadable(format!("{key} is not in the bucket, or this function may not read it"))
                }
            };
        if let Some(reason) = playbooks.problem() {
            tracing::error!(
                alarm = "playbooks_unreadable",
                reason,
                "the playbooks cannot be used: agents get the cases"
            );
        }
        Ok(playbooks)
    }
}
