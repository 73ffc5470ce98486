//! SES's mailbox simulator: addresses that accept, bounce or complain, and the events that SES
//! makes of that.
//!
//! `success@`, `bounce@`, `complaint@`, `ooto@` and `suppressionlist@simulator.amazonses.com`, each
//! with or without a `+label`, as at SES. Every other address accepts its mails, and nothing is
//! reported of them.

use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::AcceptedMail;
use super::address::parse;
use crate::random::uuid;
use crate::template::{ACCOUNT, REGION};

/// Where the simulator's addresses are.
const DOMAIN: &str = "simulator.amazonses.com";

/// What an address of the simulator does with a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Delivered,
    /// The server knows no such mailbox.
    Bounced,
    /// Delivered, and its reader calls it spam.
    Complained,
    /// Delivered. An automatic answer comes back, which SES reports as a transient bounce.
    Answered,
    /// SES itself does not send it, as the address bounced for others lately.
    Suppressed,
}

impl Fate {
    /// The word for the inbox page.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Bounced => "bounced",
            Self::Complained => "called spam",
            Self::Answered => "answered automatically",
            Self::Suppressed => "suppressed",
        }
    }

    /// What SES calls the events that it makes of it, in their order.
    fn events(self) -> &'static [&'static str] {
        match self {
            Self::Delivered => &["Delivery"],
            Self::Bounced | Self::Suppressed => &["Bounce"],
            Self::Complained => &["Delivery", "Complaint"],
            Self::Answered => &["Delivery", "Bounce"],
        }
    }
}

/// What an address does with a mail, if it is one of the simulator's.
pub(super) fn simulate(address: &str) -> Option<Fate> {
    let (local, domain) = parse(address).ok()?.rsplit_once('@')?;
    let name = local.split_once('+').map_or(local, |(name, _)| name);
    if !domain.eq_ignore_ascii_case(DOMAIN) {
        return None;
    }
    match name.to_ascii_lowercase().as_str() {
        "success" => Some(Fate::Delivered),
        "bounce" => Some(Fate::Bounced),
        "complaint" => Some(Fate::Complained),
        "ooto" => Some(Fate::Answered),
        "suppressionlist" => Some(Fate::Suppressed),
        _ => None,
    }
}

/// The events of these kinds that SES makes of a mail, as EventBridge delivers them: one for each
/// address and kind.
pub(super) fn events(mail: &AcceptedMail, kinds: &[&str]) -> Vec<Value> {
    let recipients = mail.to.iter().chain(&mail.cc).chain(&mail.bcc);
    let fates = recipients.filter_map(|address| Some((parse(address).ok()?, simulate(address)?)));
    let kinds = |fate: Fate| fate.events().iter().filter(|kind| kinds.contains(kind));
    fates.flat_map(|(address, fate)| kinds(fate).map(move |kind| event(mail, address, fate, kind))).collect()
}

fn event(mail: &AcceptedMail, address: &str, fate: Fate, kind: &str) -> Value {
    let now = iso8601(mail.at.saturating_add(1));
    let feedback_id = format!("0100{:012x}-{}-000000", mail.at, uuid());
    let (detail_type, name, said) = match kind {
        "Bounce" => {
            let (bounce, subtype, status) = match fate {
                Fate::Suppressed => ("Permanent", "Suppressed", "5.1.1"),
                Fate::Answered => ("Transient", "General", "4.0.0"),
                _ => ("Permanent", "General", "5.1.1"),
            };
            let recipient = json!({
                "emailAddress": address, "action": "failed", "status": status,
                "diagnosticCode": format!("smtp; 550 {status} user unknown"),
            });
            let said = json!({
                "feedbackId": feedback_id, "bounceType": bounce, "bounceSubType": subtype,
                "bouncedRecipients": [recipient], "timestamp": now, "reportingMTA": "dsn; a1-1.smtp-out.amazonses.com",
            });
            ("Email Bounced", "bounce", said)
        }
        "Complaint" => {
            let said = json!({
                "feedbackId": feedback_id, "complaintSubType": null, "complaintFeedbackType": "abuse",
                "complainedRecipients": [{ "emailAddress": address }], "timestamp": now, "arrivalDate": now,
                "userAgent": "Amazon SES Mailbox Simulator",
            });
            ("Email Complaint Received", "complaint", said)
        }
        _ => {
            let said = json!({
                "timestamp": now, "processingTimeMillis": 1, "recipients": [address],
                "smtpResponse": "250 2.6.0 Message received", "reportingMTA": "a1-1.smtp-out.amazonses.com",
            });
            ("Email Delivered", "delivery", said)
        }
    };
    let set = mail.configuration_set.clone().unwrap_or_default();
    let mut detail = json!({ "eventType": kind, "mail": described(mail, &set) });
    if let Some(detail) = detail.as_object_mut() {
        detail.insert(name.to_owned(), said);
    }
    json!({
        "version": "0", "id": uuid(), "detail-type": detail_type, "source": "aws.ses", "account": ACCOUNT,
        "time": iso8601(mail.at), "region": REGION,
        "resources": [format!("arn:aws:ses:{REGION}:{ACCOUNT}:configuration-set/{set}")], "detail": detail,
    })
}

/// The mail as SES describes it in its events.
fn described(mail: &AcceptedMail, configuration_set: &str) -> Value {
    let mut tags: Map<String, Value> = mail.tags.iter().map(|(name, value)| (name.clone(), json!([value]))).collect();
    tags.insert("ses:configuration-set".to_owned(), json!([configuration_set]));
    let headers: Vec<Value> =
        mail.wire_headers().into_iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
    let destination: Vec<&String> = mail.to.iter().chain(&mail.cc).chain(&mail.bcc).collect();
    json!({
        "timestamp": iso8601(mail.at), "source": mail.from, "sendingAccountId": ACCOUNT, "messageId": mail.message_id,
        "destination": destination, "headersTruncated": false, "headers": headers, "tags": tags,
    })
}

fn iso8601(at: u64) -> String {
    let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(at) * 1_000_000).ok();
    at.and_then(|at| at.format(&Rfc3339).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_simulators_addresses_and_no_others_have_a_fate() {
        for (address, fate) in [
            ("success@simulator.amazonses.com", Some(Fate::Delivered)),
            ("bounce+label1@SIMULATOR.amazonses.com", Some(Fate::Bounced)),
            ("Name <Complaint@simulator.amazonses.com>", Some(Fate::Complained)),
            ("ooto@simulator.amazonses.com", Some(Fate::Answered)),
            ("suppressionlist@simulator.amazonses.com", Some(Fate::Suppressed)),
            ("other@simulator.amazonses.com", None),
            ("bounce@example.com", None),
        ] {
            assert_eq!(simulate(address), fate, "{address}");
        }
    }
}
