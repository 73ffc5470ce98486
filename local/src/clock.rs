//! The clock of the local cloud. It can be moved forward, because a dispute's deadlines are days
//! away.
//!
//! A variable of each function's environment names a file with how far the clock was moved. The
//! function reads it whenever it needs the time. Only builds with debug assertions do that
//! (`shared/runtime`), and those are never deployed. A function that was built for release follows
//! the machine's clock.
//!
//! A page moves the clock between two invocations: a function that sends a mail meanwhile would
//! find its lease over, and the mail would go out twice.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use recourse_dispute::time::UnixMillis;
use tempfile::TempDir;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard, watch};
use tokio::time::timeout;

use crate::lock::lock;

/// The variable of a function's environment that names the file.
pub const VARIABLE: &str = "RECOURSE_LOCAL_CLOCK";

/// The file's name, in the data folder or in one of its own.
const FILE: &str = "clock";

/// The furthest that the clock is moved in all: ten years.
pub const FURTHEST: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

/// A time to the second, by RFC 3339.
pub(crate) fn to_the_second(at: OffsetDateTime) -> String {
    at.replace_nanosecond(0).ok().and_then(|at| at.format(&Rfc3339).ok()).unwrap_or_default()
}

/// The clock; clones are the same one.
#[derive(Clone, Debug)]
pub struct Clock(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// Where the functions read how far it was moved, in milliseconds; none when it cannot be
    /// moved.
    file: Option<PathBuf>,
    moved: Mutex<Duration>,
    /// How far it was set back; only that of [`Clock::beside`] is.
    behind: Mutex<Duration>,
    moves: watch::Sender<()>,
    /// Read by each invocation while it runs.
    invocations: RwLock<()>,
    /// Holds the file where there is no data folder.
    _folder: Option<TempDir>,
}

/// Why the clock was not moved.
#[derive(Debug, thiserror::Error)]
pub enum ClockError {
    /// The functions would not follow.
    #[error("the clock cannot be moved here: only functions built for development follow it")]
    Fixed,
    /// The clock would show the same times twice, which no dispute allows for.
    #[error("the clock goes forward alone")]
    Backwards,
    /// It is not that far in any test.
    #[error("the clock can be moved by ten years in all")]
    TooFar,
    /// The file cannot be written.
    #[error("the clock's file cannot be written: {0}")]
    Io(#[from] std::io::Error),
}

impl Clock {
    /// The machine's own clock, which cannot be moved.
    #[must_use]
    pub fn unmoved() -> Clock {
        Clock::of(None, Duration::ZERO, None)
    }

    /// A clock that continues where the data folder `data` left it. Without a folder it is the
    /// machine's own.
    ///
    /// # Errors
    /// No folder can be made, or the file in it has no number.
    pub(crate) fn open(data: Option<&Path>) -> std::io::Result<Clock> {
        if !cfg!(debug_assertions) {
            return Ok(Clock::unmoved());
        }
        let (folder, file) = match data {
            Some(data) => (None, data.join(FILE)),
            None => {
                let folder = tempfile::Builder::new().prefix("recourse-clock-").tempdir()?;
                let file = folder.path().join(FILE);
                (Some(folder), file)
            }
        };
        // The functions are started in a folder of their own.
        let file = std::path::absolute(file)?;
        let moved = match std::fs::read_to_string(&file) {
            Ok(text) => text.trim().parse().map_err(std::io::Error::other)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => 0,
            Err(error) => return Err(error),
        };
        Ok(Clock::of(Some(file), Duration::from_millis(moved), folder))
    }

    fn of(file: Option<PathBuf>, moved: Duration, folder: Option<TempDir>) -> Clock {
        let (moved, behind, moves) = (Mutex::new(moved), Mutex::default(), watch::Sender::new(()));
        Clock(Arc::new(Inner { file, moved, behind, moves, invocations: RwLock::default(), _folder: folder }))
    }

    /// Another clock, which shows the same time until it is set back. `None` where functions would
    /// not follow it.
    pub(crate) fn beside(&self) -> std::io::Result<Option<Clock>> {
        if self.0.file.is_none() {
            return Ok(None);
        }
        let beside = Clock::open(None)?;
        *beside.moved() = self.moved_by();
        beside.set_back(Duration::ZERO)?;
        Ok(Some(beside))
    }

    /// Shows a time this long ago from now on. No schedule runs for it.
    pub(crate) fn set_back(&self, by: Duration) -> std::io::Result<()> {
        let Some(file) = &self.0.file else { return Ok(()) };
        let milliseconds = |duration: Duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        let offset = milliseconds(self.moved_by()).saturating_sub(milliseconds(by));
        write(file, &offset.to_string())?;
        *self.behind() = by;
        Ok(())
    }

    /// Held by an invocation from its begin to its end, which waits while the clock is moved.
    pub(crate) async fn invocation(&self) -> RwLockReadGuard<'_, ()> {
        self.0.invocations.read().await
    }

    /// Waits for the invocations that run, and holds up all others while the guard lives. `None`
    /// where one still runs after `most`.
    pub(crate) async fn between_invocations(&self, most: Duration) -> Option<RwLockWriteGuard<'_, ()>> {
        timeout(most, self.0.invocations.write()).await.ok()
    }

    /// What time it is here.
    #[must_use]
    pub fn now(&self) -> OffsetDateTime {
        let (moved, behind) = (self.moved_by(), *self.behind());
        OffsetDateTime::now_utc()
            .checked_add(moved.try_into().unwrap_or_default())
            .and_then(|now| now.checked_sub(behind.try_into().unwrap_or_default()))
            .unwrap_or_else(OffsetDateTime::now_utc)
    }

    /// The same in milliseconds.
    #[must_use]
    pub fn now_millis(&self) -> UnixMillis {
        UnixMillis(i64::try_from(self.now().unix_timestamp_nanos() / 1_000_000).unwrap_or_default())
    }

    /// How far it was moved.
    #[must_use]
    pub fn moved_by(&self) -> Duration {
        *self.moved()
    }

    /// Moves the clock forward, for every function and for the local cloud itself.
    ///
    /// # Errors
    /// [`ClockError`]; the clock is then where it was.
    pub fn advance(&self, by: Duration) -> Result<(), ClockError> {
        let file = self.0.file.as_ref().ok_or(ClockError::Fixed)?;
        let mut moved = self.moved();
        let after = moved.checked_add(by).filter(|after| *after <= FURTHEST).ok_or(ClockError::TooFar)?;
        write(file, &after.as_millis().to_string())?;
        *moved = after;
        drop(moved);
        self.0.moves.send_replace(());
        Ok(())
    }

    /// Moves it on to a time.
    ///
    /// # Errors
    /// As [`Self::advance`]; and the time has passed.
    pub fn advance_to(&self, time: OffsetDateTime) -> Result<(), ClockError> {
        self.advance((time - self.now()).try_into().map_err(|_| ClockError::Backwards)?)
    }

    /// The file that functions read.
    pub(crate) fn file(&self) -> Option<&Path> {
        self.0.file.as_deref()
    }

    /// Changes whenever it was moved.
    pub(crate) fn moves(&self) -> watch::Receiver<()> {
        self.0.moves.subscribe()
    }

    fn moved(&self) -> MutexGuard<'_, Duration> {
        lock(&self.0.moved)
    }

    fn behind(&self) -> MutexGuard<'_, Duration> {
        lock(&self.0.behind)
    }
}

/// Written beside and moved, so that a function reads one or the other.
fn write(file: &Path, text: &str) -> std::io::Result<()> {
    let beside = file.with_extension("new");
    std::fs::write(&beside, text)?;
    std::fs::rename(&beside, file)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_secs(24 * 60 * 60);

    #[test]
    fn it_goes_forward_and_stays_where_it_was_left() {
        let data = tempfile::tempdir().unwrap();
        let clock = Clock::open(Some(data.path())).unwrap();
        assert!(clock.now() - OffsetDateTime::now_utc() < time::Duration::seconds(5));
        clock.advance(19 * DAY).unwrap();
        clock.advance_to(clock.now() + DAY).unwrap();
        let moved = clock.moved_by();
        assert!(moved <= 20 * DAY && moved > 20 * DAY - Duration::from_secs(5), "{moved:?}");
        assert_eq!(std::fs::read_to_string(clock.file().unwrap()).unwrap(), moved.as_millis().to_string());
        let again = Clock::open(Some(data.path())).unwrap();
        assert_eq!(again.moved_by().as_millis(), moved.as_millis());
        assert!(again.now() - OffsetDateTime::now_utc() > time::Duration::days(19));
    }

    #[test]
    fn a_clock_beside_another_is_set_back_alone() {
        let clock = Clock::open(None).unwrap();
        clock.advance(2 * DAY).unwrap();
        let beside = clock.beside().unwrap().unwrap();
        let read = || std::fs::read_to_string(beside.file().unwrap()).unwrap();
        assert_eq!(read(), (2 * DAY).as_millis().to_string());
        beside.set_back(5 * DAY).unwrap();
        let behind = clock.now() - beside.now();
        assert!((behind - time::Duration::days(5)).abs() < time::Duration::seconds(5), "{behind}");
        assert_eq!(read(), format!("-{}", (3 * DAY).as_millis()));
        assert_ne!(beside.file(), clock.file());
        assert!(Clock::unmoved().beside().unwrap().is_none());
    }

    #[test]
    fn a_move_that_would_break_the_clock_is_refused() {
        let clock = Clock::open(None).unwrap();
        clock.advance(DAY).unwrap();
        assert!(matches!(clock.advance_to(OffsetDateTime::now_utc()), Err(ClockError::Backwards)));
        assert!(matches!(clock.advance(FURTHEST), Err(ClockError::TooFar)));
        assert!(matches!(clock.advance(Duration::MAX), Err(ClockError::TooFar)));
        assert_eq!(clock.moved_by(), DAY);
        assert!(matches!(Clock::unmoved().advance(DAY), Err(ClockError::Fixed)));
        let data = tempfile::tempdir().unwrap();
        std::fs::write(data.path().join(FILE), "-5").unwrap();
        assert!(Clock::open(Some(data.path())).is_err());
    }
}
