//! What SES says of the account and its identities: for an operator's check.

use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::request::SesError;

/// `GetAccount`: out of the sandbox and healthy, as a deployment should be.
pub(super) fn account() -> Value {
    json!({
        "DedicatedIpAutoWarmupEnabled": false, "EnforcementStatus": "HEALTHY", "ProductionAccessEnabled": true,
        "SendQuota": { "Max24HourSend": 50_000.0, "MaxSendRate": 14.0, "SentLast24Hours": 0.0 }, "SendingEnabled": true,
        "SuppressionAttributes": { "SuppressedReasons": ["BOUNCE", "COMPLAINT"] },
    })
}

/// `GetEmailIdentity` of one of the `verified` identities; DKIM signs for each.
pub(super) fn identity(name: &str, verified: &[String]) -> Result<Value, SesError> {
    if !verified.iter().any(|known| known.eq_ignore_ascii_case(name)) {
        return Err(SesError::not_found(format!("Email identity {name} does not exist.")));
    }
    let kind = if name.contains('@') { "EMAIL_ADDRESS" } else { "DOMAIN" };
    Ok(json!({
        "IdentityType": kind, "FeedbackForwardingStatus": true, "VerifiedForSendingStatus": true,
        "VerificationStatus": "SUCCESS",
        "DkimAttributes": { "SigningEnabled": true, "Status": "SUCCESS", "SigningAttributesOrigin": "AWS_SES" },
    }))
}

/// The answer to a `GET` of this path.
pub(super) fn answer(path: &str, verified: &[String]) -> Result<Value, SesError> {
    match path.strip_prefix("/v2/email/").unwrap_or_default().split_once('/') {
        None if path == "/v2/email/account" => Ok(account()),
        Some(("identities", name)) => identity(&percent_decode_str(name).decode_utf8_lossy(), verified),
        _ => Err(SesError::unknown_operation()),
    }
}
