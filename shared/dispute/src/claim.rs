//! What the opener says of a dispute besides which transaction it is about, and the evidence for
//! it.
//!
//! **Invariant:** evidence is part of the dispute itself. So the dispute's version guards it: a
//! file counts under the limits, and no file is added after submit.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::addresses::MailAddress;
use crate::ids::CaptureId;
use crate::number::{DisputeNumber, InvalidDisputeNumber};
use crate::time::UnixMillis;

/// The most files a dispute may have (Recourse-specific).
pub const MAX_FILES: usize = 10;
/// The largest file, in bytes: 5 MB (Connect contract), read as 5 * 1024 * 1024.
pub const MAX_FILE_BYTES: u64 = 5 * 1024 * 1024;
/// The most bytes of evidence a dispute may have: five of the largest files (Recourse-specific).
pub const MAX_BYTES: u64 = 5 * MAX_FILE_BYTES;

/// What the opener says. Debug shows nothing of it but the files.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Claim {
    /// Whom to ask about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact_person: Option<String>,
    /// That person's address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<MailAddress>,
    /// Where answers go instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<MailAddress>,
    /// Why the transaction is disputed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The capture that it was opened by, where it was not the transaction's own id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capture: Option<CaptureId>,
    /// The evidence, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<EvidenceFile>,
}

impl Claim {
    /// Whether the opener said nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The file of this id.
    #[must_use]
    pub fn file(&self, id: &FileId) -> Option<&EvidenceFile> {
        self.evidence.iter().find(|file| file.id == *id)
    }

    /// How many bytes of evidence may still come.
    #[must_use]
    pub fn remaining_bytes(&self) -> u64 {
        self.evidence.iter().fold(MAX_BYTES, |left, file| left.saturating_sub(file.size))
    }

    /// Whether a file of `size` bytes still fits.
    ///
    /// # Errors
    /// [`NoRoom`] says which limit is in the way.
    pub fn room_for(&self, size: u64) -> Result<(), NoRoom> {
        if size > MAX_FILE_BYTES {
            Err(NoRoom::FileTooLarge)
        } else if self.evidence.len() >= MAX_FILES {
            Err(NoRoom::TooManyFiles)
        } else if size > self.remaining_bytes() {
            Err(NoRoom::TooManyBytes)
        } else {
            Ok(())
        }
    }
}

impl fmt::Debug for Claim {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Claim").field("evidence", &self.evidence).finish_non_exhaustive()
    }
}

/// One file. Its content is an object of its own. Debug does not show its name.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceFile {
    /// What it is called at the API.
    pub id: FileId,
    /// The object that has its content.
    pub object: ObjectId,
    /// What its sender calls it.
    pub name: String,
    /// Its media type, which follows from its name and was checked against its content.
    pub media: String,
    /// How many bytes it has.
    pub size: u64,
    /// The SHA-256 of its content: 64 hexadecimal digits, in lower case.
    pub sha256: String,
    /// When it came.
    pub at: UnixMillis,
}

impl fmt::Debug for EvidenceFile {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("EvidenceFile")
            .field("id", &self.id.to_string())
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}

/// The id of a file: its dispute's number, a hyphen, and 32 hexadecimal digits that nobody can
/// guess. Generated, never a client's.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct FileId {
    number: DisputeNumber,
    random: [u8; 16],
}

impl FileId {
    /// An id for a new file of a dispute.
    #[must_use]
    pub fn new(number: DisputeNumber, random: [u8; 16]) -> Self {
        Self { number, random }
    }

    /// The dispute that it belongs to.
    #[must_use]
    pub fn number(&self) -> DisputeNumber {
        self.number
    }
}

impl fmt::Display for FileId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}-{:032x}", self.number, u128::from_be_bytes(self.random))
    }
}

impl FromStr for FileId {
    type Err = InvalidDisputeNumber;

    fn from_str(text: &str) -> Result<Self, InvalidDisputeNumber> {
        let (number, digits) = text.split_once('-').ok_or(InvalidDisputeNumber)?;
        let random = u128::from_str_radix(digits, 16).map_err(|_| InvalidDisputeNumber)?.to_be_bytes();
        let id = Self { number: number.parse()?, random };
        // One text for one id: no sign, no capitals, no digit more or less.
        if id.to_string() == text { Ok(id) } else { Err(InvalidDisputeNumber) }
    }
}

stored_as_text!(FileId, InvalidDisputeNumber, FileId::from_str);

/// The name of the object with a file's content: an id of the same form. Every attempt to add a
/// file draws a new one. So no attempt overwrites or removes the object of another, not even of the
/// same file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ObjectId(FileId);

impl ObjectId {
    /// An id for a new object of a dispute.
    #[must_use]
    pub fn new(number: DisputeNumber, random: [u8; 16]) -> Self {
        Self(FileId::new(number, random))
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

/// Why a file is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoRoom {
    /// More than [`MAX_FILE_BYTES`].
    #[error("a file must not have more than {MAX_FILE_BYTES} bytes")]
    FileTooLarge,
    /// The dispute has [`MAX_FILES`] already.
    #[error("a dispute must not have more than {MAX_FILES} files")]
    TooManyFiles,
    /// It would have more than [`MAX_BYTES`].
    #[error("the files of a dispute must not have more than {MAX_BYTES} bytes together")]
    TooManyBytes,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(size: u64) -> EvidenceFile {
        let number = DisputeNumber::try_from(162).unwrap();
        EvidenceFile {
            id: FileId::new(number, [7; 16]),
            object: ObjectId::new(number, [8; 16]),
            name: "secret.pdf".to_owned(),
            media: "application/pdf".to_owned(),
            size,
            sha256: "0".repeat(64),
            at: UnixMillis(0),
        }
    }

    #[test]
    fn an_id_leads_back_and_is_written_one_way() {
        let id = FileId::new(DisputeNumber::try_from(162).unwrap(), [0xab; 16]);
        let text = format!("162-{}", "ab".repeat(16));
        assert_eq!((id.to_string(), text.parse()), (text.clone(), Ok(id)));
        for text in
            ["", "162", "162-", "162-ab", &text.to_uppercase(), &format!("0{text}"), &format!("{text}0"), "162-+"]
        {
            assert_eq!(text.parse::<FileId>(), Err(InvalidDisputeNumber), "{text}");
        }
    }

    #[test]
    fn limits_are_exact() {
        let mut claim = Claim::default();
        assert!(claim.is_empty());
        assert_eq!(claim.room_for(MAX_FILE_BYTES), Ok(()));
        assert_eq!(claim.room_for(MAX_FILE_BYTES + 1), Err(NoRoom::FileTooLarge));
        claim.evidence = vec![file(MAX_FILE_BYTES); 4];
        assert_eq!(claim.room_for(MAX_FILE_BYTES), Ok(()));
        claim.evidence.push(file(1));
        assert_eq!(claim.remaining_bytes(), MAX_FILE_BYTES - 1);
        assert_eq!(claim.room_for(MAX_FILE_BYTES), Err(NoRoom::TooManyBytes));
        claim.evidence = vec![file(1); MAX_FILES];
        assert_eq!(claim.room_for(1), Err(NoRoom::TooManyFiles));
        assert!(!format!("{claim:?}").contains("secret"));
    }
}
