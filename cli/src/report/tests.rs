use super::*;

fn of(status: u16, body: &str) -> (String, Ending) {
    let (shown, ending) = shown(&ServiceResponse::of(status, body));
    (shown.text(), ending)
}

#[test]
fn an_answer_is_printed_outcome_first_then_message_then_all() {
    let (text, ending) = of(200, r#"{"data":{"refid":"123456","status":"Success","message":"We've received it."}}"#);
    assert_eq!(ending, Ending::Done);
    assert_eq!(
        text,
        "200 Success\nWe've received it.\n\n{\n  \"data\": {\n    \"refid\": \"123456\",\n    \"status\": \"Success\",\n    \
         \"message\": \"We've received it.\"\n  }\n}"
    );
    let (text, ending) = of(200, r#"{"data":{"refid":"1","status":"Failed","message":"Sorry."}}"#);
    assert!(text.starts_with("200 Failed\nSorry.\n\n{"), "{text}");
    assert_eq!(ending, Ending::No);
}

#[test]
fn a_refusal_names_the_wrong_field() {
    let (text, ending) = of(
        400,
        r#"{"message":"The given data was invalid.","errors":{"trxid":["Invalid transaction ID or reference ID"]}}"#,
    );
    assert!(
        text.starts_with(
            "400 Bad Request\nThe given data was invalid.\n  trxid: Invalid transaction ID or reference ID\n\n{"
        ),
        "{text}"
    );
    assert_eq!(ending, Ending::Refused);
    let (text, ending) = of(401, r#"{"error":"stale_timestamp","message":"Too old."}"#);
    assert!(text.starts_with("401 stale_timestamp\nToo old.\n"), "{text}");
    assert_eq!(ending, Ending::Refused);
}

#[test]
fn a_temporary_failure_is_no_answer() {
    assert_eq!(
        of(503, r#"{"message":"Later."}"#),
        ("503 Service Unavailable\nLater.\n\n{\n  \"message\": \"Later.\"\n}".into(), Ending::NoAnswer)
    );
    assert_eq!(of(502, "").1, Ending::NoAnswer);
}

#[test]
fn an_answer_of_another_service_is_printed_and_no_success() {
    assert_eq!(of(200, "<html>\u{1b}[2J</html>\n"), ("200 OK\n<html>\\u{1b}[2J</html>".into(), Ending::Refused));
    for body in ["{}", "[]", "null", r#"{"data":{"status":7}}"#, r#"{"data":{"status":"Done","message":""}}"#] {
        assert_eq!(of(200, body).1, Ending::Refused, "{body}");
    }
    assert!(of(200, &"x".repeat(10_000)).0.len() < 2_100);
}

#[test]
fn only_given_members_are_sent() {
    let body = |refid: Option<&str>, trxid: Option<&str>, emails: &[&str]| {
        let about = About { refid: refid.map(str::to_owned), trxid: trxid.map(str::to_owned) };
        let emails: Vec<String> = emails.iter().map(|email| (*email).to_owned()).collect();
        String::from_utf8(about.body(&emails).unwrap()).unwrap()
    };
    assert_eq!(body(Some("a\"b"), None, &[]), r#"{"refid":"a\"b"}"#);
    assert_eq!(
        body(None, Some("50001"), &["a@x.example", "b@x.example"]),
        r#"{"trxid":"50001","user_email":["a@x.example","b@x.example"]}"#
    );
}
