//! What keeps the mails of a case together.

use recourse_dispute::addresses::MailAddress;
use recourse_dispute::notification::ThreadEntry;

use crate::header::{BadHeader, Header, LONGEST_HEADER};

const REFERENCES: &str = "References";
/// Both bounds are far above what SES, AWS and mail programs use, and small enough that two ids
/// always fit a header.
const LONGEST_ID: usize = 256;
const LONGEST_HOST: usize = 64;

/// Those of a case's earlier mails that a reader has.
pub(super) fn known_to<'a>(reader: &MailAddress, earlier: &'a [ThreadEntry]) -> Vec<&'a ThreadEntry> {
    earlier.iter().filter(|entry| entry.is_known_to(reader)).collect()
}

/// `In-Reply-To` and `References` of a mail that follows `earlier`; none for the first.
pub(super) fn headers(region: &str, earlier: &[&ThreadEntry]) -> Result<Vec<Header>, BadHeader> {
    let ids: Vec<String> = earlier.iter().filter_map(|entry| id(region, entry)).collect();
    let Some(latest) = ids.last() else { return Ok(Vec::new()) };
    Ok(vec![Header::new("In-Reply-To", latest.as_str())?, Header::new(REFERENCES, references(&ids))?])
}

/// The `Message-ID` of a mail, with its brackets.
fn id(region: &str, entry: &ThreadEntry) -> Option<String> {
    match entry {
        ThreadEntry::Sent { message_id, .. } => wire_id(region, message_id).map(|id| format!("<{id}>")),
        ThreadEntry::Received { message_id, .. } => Some(message_id.clone()).filter(|id| is_message_id(id)),
    }
}

/// The `Message-ID` that SES writes for an id it answered, without the brackets:
/// `id@email.amazonses.com` in us-east-1, `id@REGION.amazonses.com` elsewhere. `None` for an id
/// that no `Message-ID` could hold, which SES does not make.
#[must_use]
pub fn wire_id(region: &str, id: &str) -> Option<String> {
    let plain = |text: &str, most: usize| {
        (1..=most).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
    };
    let host = if region == "us-east-1" { "email" } else { region };
    (plain(id, LONGEST_ID) && plain(host, LONGEST_HOST)).then(|| format!("{id}@{host}.amazonses.com"))
}

/// Whether a text that somebody else wrote is a `Message-ID` that our headers may have: one id of
/// visible ASCII, with its brackets.
fn is_message_id(text: &str) -> bool {
    let Some(id) = text.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')) else { return false };
    let is_plain = |byte: u8| byte.is_ascii_graphic() && !b"<>".contains(&byte);
    (3..=LONGEST_ID).contains(&id.len()) && id.bytes().all(is_plain) && id.matches('@').count() == 1
}

/// The ids in their order: all of them, or as many as a header takes, the first and the latest
/// before those between. The first holds the conversation together, the latest are what the
/// reader's client most likely still has.
fn references(ids: &[String]) -> String {
    let Some((first, later)) = ids.split_first() else { return String::new() };
    let mut room = LONGEST_HEADER.saturating_sub(REFERENCES.len() + first.len());
    let mut stored = Vec::new();
    for id in later.iter().rev() {
        let Some(left) = room.checked_sub(id.len() + 1) else { break };
        room = left;
        stored.push(id.as_str());
    }
    stored.push(first);
    stored.reverse();
    stored.join(" ")
}
