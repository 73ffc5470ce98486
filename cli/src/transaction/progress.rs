//! `FILE.progress`: how far an import has come, so that the same command continues there.
//!
//! **Invariant:** it is written after the API has answered for every line that it counts, and never before. A batch whose answer was lost is told
//! again, which changes nothing twice (platform contract).

use std::fs;
use std::io::{self, BufRead, ErrorKind};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::counts::Counts;
use super::lines::Lines;
use crate::ending::Failure;
use crate::service::BaseUrl;

/// What is kept of an import that is under way.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedProgress {
    /// The service that was told.
    url: String,
    /// How many lines the API has answered for, from the file's first.
    lines: u64,
    /// The SHA-256 of those lines.
    sha256: String,
    /// What became of them.
    counts: Counts,
}

/// The file beside the imported one.
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

    /// Where it is kept.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Reads on to where an earlier run came, if there was one; what became of the lines until there.
    ///
    /// # Errors
    /// [`Failure`] when what is kept is of another service, or of lines that are not the file's any more.
    pub(super) fn resume(&self, lines: &mut Lines<impl BufRead>) -> Result<Option<Counts>, Failure> {
        let anew =
            "Pass --restart to import the whole file, which changes nothing twice, or --from LINE to begin there.";
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
                "{path} is of an import into {}, and this one is into {}",
                stored.url, self.url
            )));
        }
        let there = lines
            .skip_to(stored.lines)
            .map_err(|error| Failure::refused(format!("the file cannot be read: {error}")))?;
        if !there || lines.fingerprint() != stored.sha256 {
            return Err(refused(format!(
                "the first {} lines are not those that {path} says were imported",
                stored.lines
            )));
        }
        Ok(Some(stored.counts))
    }

    /// Keeps that all lines read so far are answered for.
    ///
    /// # Errors
    /// As the file system has them.
    pub(super) fn keep(&self, lines: &Lines<impl BufRead>, counts: Counts) -> io::Result<()> {
        let stored =
            SavedProgress { url: self.url.clone(), lines: lines.number(), sha256: lines.fingerprint(), counts };
        // Beside it first, so that a run that is killed leaves the old one or the new one.
        let mut new = self.path.clone().into_os_string();
        new.push(".new");
        fs::write(&new, serde_json::to_vec(&stored)?)?;
        fs::rename(&new, &self.path)
    }

    /// Forgets it: the import is over, or begins anew.
    pub(super) fn forget(&self) -> io::Result<()> {
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
    fn continues_after_what_was_kept_and_forgets_at_the_end() {
        let dir = tempfile::tempdir().unwrap();
        let progress = progress(&dir, "http://localhost:1");
        assert_eq!(progress.resume(&mut Lines::new(FILE)).unwrap(), None);
        progress.keep(&at(FILE, 2), COUNTS).unwrap();
        assert!(progress.path().ends_with("t.jsonl.progress"));
        // More may have been written to the end of the file since.
        let grown = [FILE, b"{\"d\":4}\n"].concat();
        let mut lines = Lines::new(grown.as_slice());
        assert_eq!(progress.resume(&mut lines).unwrap(), Some(COUNTS));
        assert_eq!(lines.next().unwrap().unwrap().text.unwrap(), b"{\"c\":3}");
        progress.forget().unwrap();
        progress.forget().unwrap();
        assert_eq!(progress.resume(&mut Lines::new(FILE)).unwrap(), None);
    }

    #[test]
    fn never_skips_lines_that_were_not_imported() {
        let dir = tempfile::tempdir().unwrap();
        let ours = progress(&dir, "http://localhost:1");
        ours.keep(&at(FILE, 2), COUNTS).unwrap();
        for other in [&b"{\"a\":1}\n{\"b\":9}\n{\"c\":3}\n"[..], b"{\"a\":1}\n", b""] {
            let text = ours.resume(&mut Lines::new(other)).unwrap_err().text;
            assert!(text.contains("first 2 lines") && text.contains("--restart"), "{text}");
        }
        let text = progress(&dir, "https://x.example").resume(&mut Lines::new(FILE)).unwrap_err().text;
        assert!(text.contains("http://localhost:1") && text.contains("https://x.example"), "{text}");
        fs::write(ours.path(), "17").unwrap();
        assert!(ours.resume(&mut Lines::new(FILE)).unwrap_err().text.contains("not the progress"));
    }
}
