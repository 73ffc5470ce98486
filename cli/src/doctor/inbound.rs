//! Whether answers to our mail reach the deployment: the receipt rules of SES.
//!
//! CloudFormation makes the rule set and cannot make it the active one, and an account has one
//! active set in a region. So this is what an operator forgets.

use aws_sdk_ses::Client;
use aws_sdk_ses::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_ses::operation::describe_active_receipt_rule_set::DescribeActiveReceiptRuleSetOutput;
use aws_sdk_ses::types::ReceiptRule;
use recourse_files::ObjectPrefix;

use super::Check;
use crate::output::visible;

/// The name of the check.
pub(super) const CHECK: &str = "receipt rules";
/// Where SES puts mail into the bucket.
const PREFIX: &str = ObjectPrefix::Inbound.prefix();

/// What a deployment needs of SES's receipt rules.
pub(super) struct Wanted {
    /// The name of the rule set, an output of the stack.
    pub(super) rule_set: String,
    /// The address that mail comes from, and that answers go to with a label.
    pub(super) address: String,
    /// The bucket of evidence.
    pub(super) bucket: Option<String>,
}

pub(super) async fn check(ses: &Client, wanted: &Wanted) -> Check {
    match ses.describe_active_receipt_rule_set().send().await {
        Ok(active) => of(&active, wanted),
        Err(error) => unread(&error),
    }
}

/// SES refused the call or gave no answer. Only its error code is printed.
fn unread<E: ProvideErrorMetadata>(error: &SdkError<E>) -> Check {
    let code = error.as_service_error().and_then(ProvideErrorMetadata::code).unwrap_or("no answer");
    Check::wrong(
        CHECK,
        format!("SES cannot be asked: {}", visible(code)),
        "Check AWS_REGION and that you may ses:DescribeActiveReceiptRuleSet. SES receives mail in some regions only",
    )
}

fn of(active: &DescribeActiveReceiptRuleSetOutput, wanted: &Wanted) -> Check {
    let (set, address) = (visible(&wanted.rule_set), visible(&wanted.address));
    let rule = active.rules().iter().find(|rule| takes(rule, wanted));
    match (active.metadata().and_then(|metadata| metadata.name()), rule) {
        // A rule of another set does the same, where the account has mail of its own.
        (Some(name), Some(_)) => {
            Check::ok(CHECK, format!("SES takes mail to {address} by the active rule set {}", visible(name)))
        }
        (Some(name), None) if name == wanted.rule_set => Check::wrong(
            CHECK,
            format!("no enabled rule of the active rule set {set} puts mail to {address} into the bucket"),
            "Deploy template.yaml again, or set the rule by hand",
        ),
        (Some(name), None) => Check::wrong(
            CHECK,
            format!("the active rule set is {}, and none of its rules takes mail to {address}", visible(name)),
            format!(
                "Add a rule for {address} with an S3 action to it, as docs/deploy.md says, or run `aws ses set-active-receipt-rule-set --rule-set-name {set}`, which ends the other one"
            ),
        ),
        (None, _) => Check::wrong(
            CHECK,
            "no receipt rule set is active, so SES refuses the answers to our mail",
            format!("Run `aws ses set-active-receipt-rule-set --rule-set-name {set}`"),
        ),
    }
}

/// Whether an enabled rule puts the mail to our address, with any label, into our bucket. A rule
/// for a domain takes mail to all its addresses, and a rule without recipients all mail.
fn takes(rule: &ReceiptRule, wanted: &Wanted) -> bool {
    let domain = wanted.address.rsplit_once('@').map_or("", |(_, domain)| domain);
    let recipients = rule.recipients();
    let is_ours =
        |recipient: &String| recipient.eq_ignore_ascii_case(&wanted.address) || recipient.eq_ignore_ascii_case(domain);
    let stores = rule.actions().iter().filter_map(|action| action.s3_action()).any(|action| {
        let bucket = wanted.bucket.as_deref();
        bucket.is_none_or(|bucket| action.bucket_name() == bucket) && action.object_key_prefix() == Some(PREFIX)
    });
    rule.enabled() && stores && (recipients.is_empty() || recipients.iter().any(is_ours))
}

#[cfg(test)]
mod tests {
    use aws_sdk_ses::types::{ReceiptAction, ReceiptRuleSetMetadata, S3Action};

    use super::super::CheckResult;
    use super::*;

    fn rule(enabled: bool, recipient: Option<&str>, bucket: &str, prefix: &str) -> ReceiptRule {
        let action = S3Action::builder().bucket_name(bucket).object_key_prefix(prefix).build().unwrap();
        let rule = ReceiptRule::builder().name("inbound").enabled(enabled);
        rule.set_recipients(recipient.map(|recipient| vec![recipient.to_owned()]))
            .actions(ReceiptAction::builder().s3_action(action).build())
            .build()
            .unwrap()
    }

    fn verdict(set: Option<&str>, rule: Option<ReceiptRule>) -> Check {
        let metadata = set.map(|name| ReceiptRuleSetMetadata::builder().name(name).build());
        let active =
            DescribeActiveReceiptRuleSetOutput::builder().set_metadata(metadata).set_rules(rule.map(|r| vec![r]));
        let wanted = Wanted {
            rule_set: "stack-rules".to_owned(),
            address: "cases@disputes.example.com".to_owned(),
            bucket: Some("evidence-bucket".to_owned()),
        };
        of(&active.build(), &wanted)
    }

    #[test]
    fn an_enabled_rule_for_our_address_into_our_bucket_is_what_it_takes() {
        let ours = |recipient| rule(true, recipient, "evidence-bucket", "inbound/");
        for recipient in [Some("Cases@disputes.example.com"), Some("disputes.example.com"), None] {
            assert_eq!(verdict(Some("stack-rules"), Some(ours(recipient))).verdict, CheckResult::Ok, "{recipient:?}");
            assert_eq!(verdict(Some("the account's"), Some(ours(recipient))).verdict, CheckResult::Ok);
        }
        for wrong in [
            rule(false, None, "evidence-bucket", "inbound/"),
            rule(true, Some("else@disputes.example.com"), "evidence-bucket", "inbound/"),
            rule(true, None, "other-bucket", "inbound/"),
            rule(true, None, "evidence-bucket", "mail/"),
        ] {
            assert_eq!(verdict(Some("stack-rules"), Some(wrong.clone())).verdict, CheckResult::Wrong, "{wrong:?}");
        }
    }

    #[test]
    fn what_to_do_depends_on_which_rule_set_is_active() {
        let none = verdict(None, None).fix.unwrap();
        assert!(none.contains("set-active-receipt-rule-set --rule-set-name stack-rules"), "{none}");
        assert!(verdict(Some("stack-rules"), None).fix.unwrap().starts_with("Deploy"));
        let other = verdict(Some("of-the-account"), None);
        assert!(other.found.contains("of-the-account") && other.fix.unwrap().starts_with("Add a rule"));
    }
}
