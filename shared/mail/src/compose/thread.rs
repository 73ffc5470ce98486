//! What keeps the mails of a case together.

use recourse_dispute::addresses::MailAddress;
use recourse_dispute::notification::Sent;

use crate::header::{BadHeader, Header, LONGEST_HEADER};

const REFERENCES: &str = "References";

/// Those of a case's earlier mails that a reader got.
pub(super) fn known_to<'a>(reader: &MailAddress, earlier: &'a [Sent]) -> Vec<&'a Sent> {
    earlier.iter().filter(|sent| sent.recipients.all().any(|address| address.is_same_mailbox(reader))).collect()
}

/// `In-Reply-To` and `References` of a mail that follows `earlier`; none for the first.
pub(super) fn headers(region: &str, earlier: &[&Sent]) -> Result<Vec<Header>, BadHeader> {
    let ids: Vec<String> = earlier.iter().filter_map(|sent| on_the_wire(region, &sent.message_id)).collect();
    let Some(latest) = ids.last() else { return Ok(Vec::new()) };
    Ok(vec![Header::new("In-Reply-To", latest.as_str())?, Header::new(REFERENCES, references(&ids))?])
}

/// The `Message-ID` that SES writes for an id it answered: `<id@email.amazonses.com>` in us-east-1,
/// `<id@REGION.amazonses.com>` elsewhere. `None` for an id that no `Message-ID` could hold, which
/// SES does not make.
fn on_the_wire(region: &str, id: &str) -> Option<String> {
    let plain = |text: &str, most: usize| {
        (1..=most).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
    };
    let host = if region == "us-east-1" { "email" } else { region };
    // Both bounds are far above what SES and AWS use, and small enough that two ids always fit a
    // header.
    (plain(id, 256) && plain(host, 64)).then(|| format!("<{id}@{host}.amazonses.com>"))
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
