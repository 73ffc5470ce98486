//! SES: whether it sends for the account, and whether the sender is verified.

use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sesv2::operation::get_email_identity::GetEmailIdentityOutput;
use aws_sdk_sesv2::types::DkimStatus;

use super::Check;
use crate::output::visible;

pub(super) async fn checks(ses: &Client, from: Option<&str>) -> Vec<Check> {
    let mut checks = account(ses).await;
    match from.and_then(|from| from.rsplit_once('@').map(|(_, domain)| (from, domain))) {
        Some((from, domain)) => checks.extend(identities(ses, from, domain).await),
        None => checks.push(Check::wrong(
            "identity",
            "the sender of mail is not known",
            "Pass --mail-from or set MAIL_FROM, an output of the stack",
        )),
    }
    checks
}

async fn account(ses: &Client) -> Vec<Check> {
    let account = match ses.get_account().send().await {
        Ok(account) => account,
        Err(error) => return vec![unread("mail account", &error)],
    };
    let health = account.enforcement_status.unwrap_or_else(|| "unknown".to_owned());
    vec![
        Check::of(
            "sandbox",
            account.production_access_enabled,
            "SES sends to everybody",
            "SES is in its sandbox: it sends to verified addresses only",
            "Ask for production access in the SES console",
        ),
        Check::of(
            "mail account",
            account.sending_enabled && health == "HEALTHY",
            "SES sends for this account",
            &format!("SES does not send, or may stop: {}", visible(&health)),
            "Look at the reputation dashboard in the SES console; see BounceRate in docs/runbook.md",
        ),
    ]
}

/// The address or its domain: one of them must be verified, and DKIM may sign by either.
async fn identities(ses: &Client, from: &str, domain: &str) -> Vec<Check> {
    let mut known: Vec<(&str, GetEmailIdentityOutput)> = Vec::new();
    for name in [from, domain] {
        match ses.get_email_identity().email_identity(name).send().await {
            Ok(identity) => known.push((name, identity)),
            Err(error) if error.as_service_error().is_some_and(|error| error.is_not_found_exception()) => {}
            Err(error) => return vec![unread("identity", &error)],
        }
    }
    let verified = known.iter().find(|(_, identity)| identity.verified_for_sending_status).map(|(name, _)| *name);
    let signs = |identity: &GetEmailIdentityOutput| {
        let dkim = identity.dkim_attributes.as_ref();
        dkim.is_some_and(|dkim| dkim.signing_enabled && dkim.status == Some(DkimStatus::Success))
    };
    let signed = known.iter().any(|(_, identity)| signs(identity));
    vec![
        match verified {
            Some(name) => Check::ok("identity", format!("{} is verified", visible(name))),
            None => Check::wrong(
                "identity",
                format!("neither {} nor its domain is verified", visible(from)),
                "Verify one of them in the SES console; mails wait for it for 48 hours",
            ),
        },
        Check::of(
            "dkim",
            signed,
            "DKIM signs the mail",
            "DKIM does not sign the mail, so it looks forged to many servers",
            "Enter the CNAME records that the SES console shows for the identity",
        ),
    ]
}

/// SES refused the call or gave no answer. Only its error code is printed, because its messages may
/// contain more.
fn unread<E: ProvideErrorMetadata>(check: &'static str, error: &SdkError<E>) -> Check {
    let code = error.as_service_error().and_then(ProvideErrorMetadata::code).unwrap_or("no answer");
    Check::wrong(
        check,
        format!("SES cannot be asked: {}", visible(code)),
        "Check AWS_REGION and that you may ses:GetAccount and ses:GetEmailIdentity",
    )
}
