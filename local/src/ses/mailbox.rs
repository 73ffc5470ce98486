//! The accepted mails: the last 5,000 in memory, and all of them in a file of the data folder, if
//! there is one.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use super::{AcceptedMail, ReceivedMail};
use crate::loopback::StartError;
use crate::recent::Recent;

/// How many mails are in memory, and how many that came in. The oldest are dropped first. A mail
/// has some 7 KB, so these are 35 MB.
const MAX_MAILS: usize = 5_000;

/// The mails' file in the data folder: one JSON object a line, oldest first.
const FILE: &str = "mails.jsonl";

#[derive(Debug, Default)]
pub(super) struct Mailbox {
    mails: Recent<Arc<AcceptedMail>, MAX_MAILS>,
    /// How many mails are not in memory any more.
    dropped: u64,
    file: Option<File>,
    /// Those that came in. Their objects stay in the bucket; this list ends with the process.
    received: Recent<ReceivedMail, MAX_MAILS>,
}

impl Mailbox {
    /// An empty mailbox, or that of `data`.
    pub(super) fn open(data: Option<&Path>) -> Result<Mailbox, StartError> {
        let mut mailbox = Mailbox::default();
        let Some(folder) = data else { return Ok(mailbox) };
        std::fs::create_dir_all(folder).map_err(StartError::io(format!("make the folder {}", folder.display())))?;
        let path = folder.join(FILE);
        let opened = OpenOptions::new().append(true).create(true).open(&path);
        let file = opened.map_err(StartError::io(format!("open {}", path.display())))?;
        let text = std::fs::read_to_string(&path).map_err(StartError::io(format!("read {}", path.display())))?;
        for (line, number) in text.lines().zip(1_u64..) {
            match serde_json::from_str(line) {
                Ok(mail) => mailbox.keep(mail),
                Err(error) => {
                    let wrong = format!("line {number} of {} is no mail: {error}", path.display());
                    return Err(StartError::Unusable(wrong));
                }
            }
        }
        mailbox.file = Some(file);
        Ok(mailbox)
    }

    /// Keeps `mail`; in the file first, so that none is shown that could be forgotten.
    pub(super) fn add(&mut self, mail: AcceptedMail) -> io::Result<()> {
        if let Some(file) = &mut self.file {
            let mut line = serde_json::to_vec(&mail)?;
            line.push(b'\n');
            file.write_all(&line)?;
        }
        self.keep(mail);
        Ok(())
    }

    fn keep(&mut self, mail: AcceptedMail) {
        if self.mails.push(Arc::new(mail)) {
            self.dropped = self.dropped.saturating_add(1);
        }
    }

    /// Notes a mail that came in.
    pub(super) fn receive(&mut self, mail: ReceivedMail) {
        self.received.push(mail);
    }

    /// The mails that came in, newest last.
    pub(super) fn received(&self) -> Vec<ReceivedMail> {
        self.received.to_vec()
    }

    /// All mails in memory, newest last.
    pub(super) fn mails(&self) -> Vec<Arc<AcceptedMail>> {
        self.mails.to_vec()
    }

    /// How many older mails there were.
    pub(super) fn dropped(&self) -> u64 {
        self.dropped
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn mail(number: usize) -> AcceptedMail {
        let mail = json!({
            "message_id": number.to_string(), "at": 1, "from": "a@example.com", "to": ["b@example.com"], "cc": [],
            "bcc": [], "reply_to": [], "subject": "s", "text": null, "html": null, "headers": [], "tags": [],
        });
        serde_json::from_value(mail).unwrap()
    }

    #[test]
    fn the_oldest_mails_are_dropped_and_counted_and_the_file_has_all_of_them() {
        let folder = tempfile::tempdir().unwrap();
        let mut mailbox = Mailbox::open(Some(folder.path())).unwrap();
        for number in 0..MAX_MAILS + 3 {
            mailbox.add(mail(number)).unwrap();
        }
        for mailbox in [mailbox, Mailbox::open(Some(folder.path())).unwrap()] {
            let mails = mailbox.mails();
            let [first, .., last] = &mails[..] else { panic!("{}", mails.len()) };
            assert_eq!((mails.len(), mailbox.dropped()), (MAX_MAILS, 3));
            assert_eq!((first.message_id.as_str(), last.message_id.as_str()), ("3", "5002"));
        }
        let text = std::fs::read_to_string(folder.path().join(FILE)).unwrap();
        assert_eq!(text.lines().count(), MAX_MAILS + 3);
    }

    #[test]
    fn a_mailbox_that_is_not_full_has_dropped_nothing() {
        let mut mailbox = Mailbox::open(None).unwrap();
        mailbox.add(mail(0)).unwrap();
        assert_eq!((mailbox.mails().len(), mailbox.dropped()), (1, 0));
    }
}
