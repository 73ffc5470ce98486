//! `DescribeActiveReceiptRuleSet`, an operation of SES v1, for an operator's check. The template's
//! rule set is always the active one here.

use axum::body::Body;
use http::{HeaderValue, Response, StatusCode, header};

use crate::gateway::decode::query;
use crate::loopback::plain;
use crate::random::uuid;
use crate::template::ReceiptRule;

/// The namespace of SES v1.
const NAMESPACE: &str = "http://ses.amazonaws.com/doc/2010-12-01/";

/// The answer to a request of SES v1 with this form as its body.
pub(super) fn answer(form: &[u8], rules: &[ReceiptRule]) -> Response<Body> {
    let action = query(&String::from_utf8_lossy(form)).remove("Action").unwrap_or_default();
    if action != "DescribeActiveReceiptRuleSet" {
        let problem = "Of SES v1 only DescribeActiveReceiptRuleSet is here.";
        return refused(StatusCode::BAD_REQUEST, "InvalidAction", problem);
    }
    let described = rules.first().map(|first| {
        let set = escaped(&first.set);
        let rules: String = rules.iter().filter(|rule| rule.set == first.set).map(rule).collect();
        format!(
            "<Metadata><Name>{set}</Name><CreatedTimestamp>2026-01-01T00:00:00.000Z</CreatedTimestamp></Metadata>\
             <Rules>{rules}</Rules>"
        )
    });
    let described = described.unwrap_or_default();
    let name = "DescribeActiveReceiptRuleSet";
    xml(
        StatusCode::OK,
        &format!(
            "<{name}Response xmlns=\"{NAMESPACE}\"><{name}Result>{described}</{name}Result>\
             <ResponseMetadata><RequestId>{}</RequestId></ResponseMetadata></{name}Response>",
            uuid()
        ),
    )
}

/// An error as SES v1 has it.
pub(super) fn refused(status: StatusCode, code: &str, message: &str) -> Response<Body> {
    let message = escaped(message);
    let error = format!("<Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>");
    let id = uuid();
    xml(status, &format!("<ErrorResponse xmlns=\"{NAMESPACE}\">{error}<RequestId>{id}</RequestId></ErrorResponse>"))
}

fn rule(rule: &ReceiptRule) -> String {
    let recipients: String =
        rule.recipients.iter().map(|recipient| format!("<member>{}</member>", escaped(recipient))).collect();
    format!(
        "<member><Name>{}</Name><Enabled>true</Enabled><TlsPolicy>Optional</TlsPolicy><ScanEnabled>true</ScanEnabled>\
         <Recipients>{recipients}</Recipients><Actions><member><S3Action><BucketName>{}</BucketName>\
         <ObjectKeyPrefix>{}</ObjectKeyPrefix></S3Action></member></Actions></member>",
        escaped(&rule.name),
        escaped(&rule.bucket),
        escaped(&rule.prefix),
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn xml(status: StatusCode, text: &str) -> Response<Body> {
    let mut answer = plain(status, text);
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/xml"));
    answer
}
