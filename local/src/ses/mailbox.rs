//! The accepted mails: the last 10,000 in memory, and all of them in a file of the data folder, if
//! there is one.

use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use super::{AcceptedMail, ReceivedMail};
use crate::loopback::StartError;

/// How many mails are in memory. The oldest are dropped first.
const MAX_MAILS: usize = 10_000;

/// The mails' file in the data folder: one JSON object a line, oldest first.
const FILE: &str = "mails.jsonl";

#[derive(Debug)]
pub(super) struct Mailbox {
    mails: VecDeque<AcceptedMail>,
    file: Option<File>,
    /// Those that came in. Their objects stay in the bucket; this list ends with the process.
    received: VecDeque<ReceivedMail>,
}

impl Mailbox {
    /// An empty mailbox, or that of `data`.
    pub(super) fn open(data: Option<&Path>) -> Result<Mailbox, StartError> {
        let received = VecDeque::new();
        let Some(folder) = data else { return Ok(Mailbox { mails: VecDeque::new(), file: None, received }) };
        std::fs::create_dir_all(folder).map_err(StartError::io(format!("make the folder {}", folder.display())))?;
        let path = folder.join(FILE);
        let opened = OpenOptions::new().append(true).create(true).open(&path);
        let file = opened.map_err(StartError::io(format!("open {}", path.display())))?;
        let text = std::fs::read_to_string(&path).map_err(StartError::io(format!("read {}", path.display())))?;
        let mut mails = VecDeque::new();
        for (line, number) in text.lines().zip(1_u64..) {
            match serde_json::from_str(line) {
                Ok(mail) => push(&mut mails, mail),
                Err(error) => {
                    let wrong = format!("line {number} of {} is no mail: {error}", path.display());
                    return Err(StartError::Unusable(wrong));
                }
            }
        }
        Ok(Mailbox { mails, file: Some(file), received })
    }

    /// Keeps `mail`; in the file first, so that none is shown that could be forgotten.
    pub(super) fn add(&mut self, mail: AcceptedMail) -> io::Result<()> {
        if let Some(file) = &mut self.file {
            let mut line = serde_json::to_vec(&mail)?;
            line.push(b'\n');
            file.write_all(&line)?;
        }
        push(&mut self.mails, mail);
        Ok(())
    }

    /// Notes a mail that came in.
    pub(super) fn receive(&mut self, mail: ReceivedMail) {
        push(&mut self.received, mail);
    }

    /// The mails that came in, newest last.
    pub(super) fn received(&self) -> Vec<ReceivedMail> {
        self.received.iter().cloned().collect()
    }

    /// All mails in memory, newest last.
    pub(super) fn mails(&self) -> Vec<AcceptedMail> {
        self.mails.iter().cloned().collect()
    }
}

fn push<M>(mails: &mut VecDeque<M>, mail: M) {
    if mails.len() >= MAX_MAILS {
        mails.pop_front();
    }
    mails.push_back(mail);
}
