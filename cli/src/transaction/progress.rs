//! `FILE.progress`: how far an import has come, so that the same command continues there.
//!
//! **Invariant:** it counts only lines that the API has answered for. A batch whose answer was lost
//! is sent again, and a transaction that is sent twice changes nothing (platform contract).

use std::fs;
use std::io::{self, BufRead, ErrorKind};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::counts::Counts;
use super::lines::Lines;
use crate::base_url::BaseUrl;
use crate::ending::Failure;

/// The stored progress of an import.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedProgress {
    /// The service that the transactions were sent to.
    url: String,
    /// How many lines the API has answered for, from the first line of the file.
    lines: u64,
    /// The SHA-256 of those lines.
    sha256: String,
    counts: Counts,
}

/// The progress file, beside the imported one.
pub(super) struct Progress {
    path: PathBuf,
    url: String,
}

impl Progress {
    /// The progress of importing `file` into the service at `url`.
    pub(super) fn of(file: &Path, url: &BaseUrl) -> Self {
        let mut path = file.as_os_str().to_owned();
        path.push(".progress");
        Self { path: path.into(), url: url.as_str().to_owned() }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Reads up to where an earlier run ended, if there was one, and returns the outcomes until
    /// there. Progress of another service, or of lines that the file no longer has, is refused.
    pub(super) fn resume(&self, lines: &mut Lines<impl BufRead>) -> Result<Option<Counts>, Failure> {
        let anew = "Pass --restart to import the whole file, which changes nothing for transactions sent before, or --from LINE to begin there.";
        let path = self.path.display();
        let refused = |text: String| Failure::refused(text).then(anew);
        let text = match fs::read_to_string(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(refused(format!("{path} cannot be read: {error}"))),
        };
        let stored: SavedProgress =
            serde_json::from_str(&text).map_err(|_| refused(format!("{path} is not the progress of an import")))?;
        if stored.url != self.url {
            return Err(refused(format!(
                "{path} records an import into {}, and this one is into {}",
                stored.url, self.url
            )));
        }
        let there = lines
            .skip_to(stored.lines)
            .map_err(|error| Failure::refused(format!("the file cannot be read: {error}")))?;
        if !there || lines.fingerprint() != stored.sha256 {
            return Err(refused(format!(
                "the first {} lines are not those that were imported according to {path}",
                stored.lines
            )));
        }
        Ok(Some(stored.counts))
    }

    /// Records that the API has answered for all lines that were read.
    pub(super) fn save(&self, lines: &Lines<impl BufRead>, counts: Counts) -> io::Result<()> {
        let stored =
            SavedProgress { url: self.url.clone(), lines: lines.number(), sha256: lines.fingerprint(), counts };
        // Renaming is atomic: a killed run leaves the old file or the new one.
        let mut new = self.path.clone().into_os_string();
        new.push(".new");
        fs::write(&new, serde_json::to_vec(&stored)?)?;
        fs::rename(&new, &self.path)
    }

    /// Removes the progress file: the import is over, or begins anew.
    pub(super) fn remove(&self) -> io::Result<()> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &[u8] = b"{\"a\":1}\n{\"b\":2}\n{\"c\":3}\n";
    const COUNTS: Counts = Counts { created: 1, replaced: 0, stale: 0, invalid: 1 };

    fn progress(dir: &tempfile::TempDir, url: &str) -> Progress {
        Progress::of(&dir.path().join("t.jsonl"), &BaseUrl::parse(url).unwrap())
    }

    fn at(text: &[u8], line: u64) -> Lines<&[u8]> {
        let mut lines = Lines::new(text);
        assert!(lines.skip_to(line).unwrap());
        lines
    }

    #[test]
    fn an_import_resumes_at_its_progress_and_removes_it_at_the_end() {
        let dir = tempfile::tempdir().unwrap();
        let progress = progress(&dir, "http://localhost:1");
        assert_eq!(progress.resume(&mut Lines::new(FILE)).unwrap(), None);
        progress.save(&at(FILE, 2), COUNTS).unwrap();
        assert!(progress.path().ends_with("t.jsonl.progress"));
        // More may have been written to the end of the file since.
        let grown = [FILE, b"{\"d\":4}\n"].concat();
        let mut lines = Lines::new(grown.as_slice());
        assert_eq!(progress.resume(&mut lines).unwrap(), Some(COUNTS));
        assert_eq!(lines.next().unwrap().unwrap().text.unwrap(), b"{\"c\":3}");
        progress.remove().unwrap();
        progress.remove().unwrap();
        assert_eq!(progress.resume(&mut Lines::new(FILE)).unwrap(), None);
    }

    #[test]
    fn lines_that_were_not_imported_are_never_skipped() {
        let dir = tempfile::tempdir().unwrap();
        let known = progress(&dir, "http://localhost:1");
        known.save(&at(FILE, 2), COUNTS).unwrap();
        for other in [&b"{\"a\":1}\n{\"b\":9}\n{\"c\":3}\n"[..], b"{\"a\":1}\n", b""] {
            let text = known.resume(&mut Lines::new(other)).unwrap_err().text;
            assert!(text.contains("first 2 lines") && text.contains("--restart"), "{text}");
        }
        let text = progress(&dir, "https://x.example").resume(&mut Lines::new(FILE)).unwrap_err().text;
        assert!(text.contains("http://localhost:1") && text.contains("https://x.example"), "{text}");
        fs::write(known.path(), "17").unwrap();
        assert!(known.resume(&mut Lines::new(FILE)).unwrap_err().text.contains("not the progress"));
    }
}
