//! The files of a received mail: which of them can be evidence, and their objects in the bucket.
//!
//! Names and content decide about a file, as they do for evidence that a client uploads. What a
//! mail says about a file's type is not read, because many programs write a wrong one.

use data_encoding::HEXLOWER;
use futures_util::{StreamExt, TryStreamExt, stream};
use recourse_casework::{AttachmentOutcome, MailAttachment};
use recourse_dispute::claim::{Claim, EvidenceFile, FileId, MAX_FILE_BYTES, NoRoom, ObjectId};
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;
use recourse_files::{Files, FilesError, format};
use recourse_inbound::{Attachment, AttachmentKind, Class, InboundMail};
use sha2::{Digest, Sha256};

/// A picture within the text that has fewer bytes than this is a logo or a mark of the mail
/// program, and nothing that anybody sent as evidence. Recourse-specific.
const SMALL_PICTURE: usize = 8 * 1024;
/// How many objects are written at once.
const AT_A_TIME: usize = 4;

/// A file that came with a mail. Debug shows neither its name nor its bytes.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct ReceivedFile {
    /// What its sender calls it.
    name: String,
    /// How many bytes it has.
    size: u64,
    /// What it holds, or why it is not taken.
    content: Result<Content, String>,
}

/// What a file holds that can be evidence.
#[derive(Clone, PartialEq, Eq)]
struct Content {
    media: &'static str,
    bytes: Vec<u8>,
    sha256: String,
}

impl std::fmt::Debug for ReceivedFile {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let is_kept = self.content.is_ok();
        out.debug_struct("ReceivedFile").field("size", &self.size).field("is_kept", &is_kept).finish_non_exhaustive()
    }
}

/// The files of a mail that are worth an agent's attention. A mail of a program has none: all of it
/// stays in its object.
pub(super) fn received(mail: &InboundMail<'_>) -> Vec<ReceivedFile> {
    match mail.classified.class {
        Class::Written | Class::Helpdesk | Class::CalendarInvitation | Class::Unreadable => {}
        Class::AutoReply | Class::DeliveryReport | Class::OurOwn => return Vec::new(),
    }
    let mut files: Vec<_> = mail.attachments.iter().filter(|one| !is_mark(one)).map(checked).collect();
    if mail.has_more_parts {
        files.push(refused("further parts", 0, "the mail has more parts than are read".to_owned()));
    }
    files
}

/// Whether a part only belongs to how the mail looks, or is its signature.
fn is_mark(one: &Attachment<'_>) -> bool {
    let is_picture = one.media_type.starts_with("image/");
    one.kind == AttachmentKind::Signature || (one.is_inline && is_picture && one.bytes.len() < SMALL_PICTURE)
}

fn checked(one: &Attachment<'_>) -> ReceivedFile {
    let size = u64::try_from(one.bytes.len()).unwrap_or(u64::MAX);
    let media = match one.kind {
        AttachmentKind::Message => Err("a mail inside the mail is not opened".to_owned()),
        AttachmentKind::Tnef => Err("winmail.dat is not opened: the files themselves have to be attached".to_owned()),
        AttachmentKind::File | AttachmentKind::Signature if size > MAX_FILE_BYTES => {
            Err(NoRoom::FileTooLarge.to_string())
        }
        AttachmentKind::File | AttachmentKind::Signature => media_of(&one.name, &one.bytes),
    };
    let content = media.map(|media| Content {
        media,
        sha256: HEXLOWER.encode(&Sha256::digest(&one.bytes)),
        bytes: one.bytes.to_vec(),
    });
    ReceivedFile { name: one.name.clone(), size, content }
}

/// The media type of a file by its name and its content; by its content alone where its name has no
/// ending, as that of a picture that was pasted into a mail.
fn media_of(name: &str, bytes: &[u8]) -> Result<&'static str, String> {
    let has_ending = name.contains('.');
    let pasted = format::sniff(bytes).filter(|format| !has_ending && format.media.starts_with("image/"));
    if let Some(format) = pasted {
        return Ok(format.media);
    }
    let format = format::by_name(name, None).map_err(|error| error.to_string())?;
    format.check(bytes).map_err(|error| error.to_string())?;
    Ok(format.media)
}

fn refused(name: &str, size: u64, reason: String) -> ReceivedFile {
    ReceivedFile { name: name.to_owned(), size, content: Err(reason) }
}

/// Refuses the files that are too many or too large beside those of `claim`.
pub(super) fn limited(files: Vec<ReceivedFile>, claim: &Claim, number: DisputeNumber) -> Vec<ReceivedFile> {
    let mut claim = claim.clone();
    let one = |file: ReceivedFile| {
        if file.content.is_err() {
            return file;
        }
        match claim.room_for(file.size) {
            Ok(()) => {
                claim.evidence.push(counted(number, file.size));
                file
            }
            Err(no_room) => ReceivedFile { content: Err(no_room.to_string()), ..file },
        }
    };
    files.into_iter().map(one).collect()
}

/// A file that stands for one of this size while the limits are looked at.
fn counted(number: DisputeNumber, size: u64) -> EvidenceFile {
    EvidenceFile {
        id: FileId::new(number, [0; 16]),
        object: ObjectId::new(number, [0; 16]),
        name: String::new(),
        media: String::new(),
        size,
        sha256: String::new(),
        at: UnixMillis(0),
    }
}

/// Refuses every file.
pub(super) fn all_refused(files: Vec<ReceivedFile>, reason: &str) -> Vec<ReceivedFile> {
    files.into_iter().map(|file| ReceivedFile { content: Err(reason.to_owned()), ..file }).collect()
}

/// By what the objects of one mail's files are named: a key that only the deployment has, and the
/// mail's own object. A worker that reads the mail again writes the same objects again.
pub(super) struct Naming<'a> {
    pub(super) key: &'a [u8; 32],
    pub(super) object_key: &'a str,
    pub(super) number: DisputeNumber,
}

impl Naming<'_> {
    fn random(&self, what: &str, index: usize) -> [u8; 16] {
        let mut hash = Sha256::new();
        hash.update(self.key);
        hash.update(format!("{what}\0{index}\0{}", self.object_key));
        let digest: [u8; 32] = hash.finalize().into();
        digest.first_chunk().copied().unwrap_or_default()
    }

    fn object(&self, index: usize) -> ObjectId {
        ObjectId::new(self.number, self.random("object", index))
    }

    fn file(&self, index: usize) -> FileId {
        FileId::new(self.number, self.random("file", index))
    }
}

/// Writes the files that are taken. What was refused stays listed, with its reason.
///
/// # Errors
/// [`FilesError`].
pub(super) async fn keep(
    files: Vec<ReceivedFile>,
    bucket: &Files,
    naming: &Naming<'_>,
) -> Result<Vec<MailAttachment>, FilesError> {
    let one = |(index, file): (usize, ReceivedFile)| async move {
        let ReceivedFile { name, size, content } = file;
        let outcome = match content {
            Err(reason) => AttachmentOutcome::Refused(reason),
            Ok(Content { media, bytes, sha256 }) => {
                let (object, file) = (naming.object(index), naming.file(index));
                bucket.write(&object.to_string(), media, bytes).await?;
                AttachmentOutcome::Stored { media: media.to_owned(), sha256, object, file }
            }
        };
        Ok(MailAttachment { name, size, outcome })
    };
    stream::iter(files.into_iter().enumerate()).map(one).buffered(AT_A_TIME).try_collect().await
}
