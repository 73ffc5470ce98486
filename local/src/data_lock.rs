//! The lock on a data folder: two clouds in one folder would write over each other.
//!
//! The lock is the system's own, on a file of the folder. So it ends with the process, however that
//! ends, and a file that stays behind locks nothing. The file says who holds the lock, for people.

use crate::StartError;
use std::fs::{File, TryLockError};
use std::io::Write;
use std::path::Path;

/// The file in the data folder.
const FILE: &str = "recourse.lock";

/// A data folder that is this cloud's, until this is dropped.
#[derive(Debug)]
pub(crate) struct DataLock(File);

impl DataLock {
    /// Takes the folder, which must exist.
    ///
    /// # Errors
    /// [`StartError::DataTaken`] where another cloud has it; what the system refuses.
    pub(crate) fn take(data: &Path) -> Result<DataLock, StartError> {
        let path = data.join(FILE);
        let what = || format!("lock the data folder by {}", path.display());
        // Not truncated before it is locked: its text may be another cloud's.
        let file = File::options().read(true).write(true).create(true).truncate(false).open(&path);
        let file = file.map_err(StartError::io(what()))?;
        match file.try_lock() {
            Ok(()) => {
                let lock = DataLock(file);
                lock.write(&format!("the local cloud with process id {}", std::process::id()))
                    .map_err(StartError::io(what()))?;
                Ok(lock)
            }
            Err(TryLockError::WouldBlock) => {
                let holder = std::fs::read_to_string(&path).unwrap_or_default();
                let holder = match holder.trim() {
                    "" => "another local cloud".to_owned(),
                    holder => holder.to_owned(),
                };
                Err(StartError::DataTaken { data: data.to_owned(), holder })
            }
            Err(TryLockError::Error(source)) => Err(StartError::Io { what: what(), source }),
        }
    }

    /// Says where the cloud that holds the lock can be reached.
    ///
    /// # Errors
    /// What the system refuses.
    pub(crate) fn reached_at(&self, url: &str) -> Result<(), StartError> {
        self.write(&format!("the local cloud at {url}, process id {}", std::process::id()))
            .map_err(StartError::io("say in the data folder who uses it"))
    }

    fn write(&self, text: &str) -> std::io::Result<()> {
        use std::os::unix::fs::FileExt;
        self.0.set_len(0)?;
        self.0.write_all_at(format!("{text}\n").as_bytes(), 0)?;
        (&self.0).flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_one_clouds_until_that_ends() {
        let folder = tempfile::tempdir().unwrap();
        let first = DataLock::take(folder.path()).unwrap();
        let said = |folder: &Path| DataLock::take(folder).unwrap_err().to_string();
        let by = format!("process id {}", std::process::id());
        assert!(said(folder.path()).contains(&by), "{}", said(folder.path()));
        first.reached_at("http://127.0.0.1:3000").unwrap();
        let text = said(folder.path());
        assert!(text.contains("the local cloud at http://127.0.0.1:3000") && text.contains("DATA="), "{text}");
        drop(first);
        // The file is still there, with a text of nobody who runs.
        std::fs::write(folder.path().join(FILE), "x".repeat(500)).unwrap();
        let second = DataLock::take(folder.path()).unwrap();
        assert!(said(folder.path()).contains(&by) && !said(folder.path()).contains("xx"));
        drop(second);
    }
}
