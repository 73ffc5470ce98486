use super::*;

fn batches(text: &str) -> Vec<Batch> {
    let mut lines = Lines::new(text.as_bytes());
    std::iter::from_fn(|| Batch::read(&mut lines).unwrap()).collect()
}

fn entries(json: &str) -> Vec<Entry> {
    serde_json::from_str::<ImportResponse>(&format!(r#"{{"results":[{json}]}}"#)).unwrap().results
}

#[test]
fn lines_are_sent_byte_for_byte() {
    let text = "  {\"a\": 1.10,  \"b\":\"\\u00e9\"} \r\n\n{\"c\":[ ]}";
    let [batch] = batches(text).try_into().unwrap();
    assert_eq!(batch.body(), br#"{"transactions":[{"a": 1.10,  "b":"\u00e9"},{"c":[ ]}]}"#);
    let sent: Vec<_> = batch.sent.iter().map(|sent| sent.number).collect();
    assert_eq!((batch.first, batch.last, sent), (1, 3, vec![1, 3]));
}

#[test]
fn a_batch_has_at_most_a_hundred_lines() {
    let all = batches(&"{}\n".repeat(201));
    let spans: Vec<_> = all.iter().map(|batch| (batch.first, batch.last, batch.len())).collect();
    assert_eq!(spans, [(1, 100, 100), (101, 200, 100), (201, 201, 1)]);
    assert!(batches("").is_empty());
}

#[test]
fn a_body_is_smaller_than_the_limit_of_the_api() {
    let line = format!("{{\"product\":\"{}\"}}\n", "x".repeat(MAX_BYTES - 14));
    let all = batches(&line.repeat(250));
    assert_eq!(all.iter().map(Batch::len).sum::<usize>(), 250);
    assert!(all.iter().all(|batch| batch.body().len() <= MAX_BODY && batch.rejected.is_empty()));
    assert_eq!(all.len(), 3);
}

#[test]
fn a_line_that_is_no_object_is_not_sent() {
    let long = "x".repeat(MAX_BYTES + 1);
    let text = format!("{{\"a\":1}}\n[1]\n{{\"b\":\n{long}\nnull\n{{}}{{}}\n{{\"c\":2}}\n");
    let [batch] = batches(&text).try_into().unwrap();
    assert_eq!(batch.body(), br#"{"transactions":[{"a":1},{"c":2}]}"#);
    let (counts, problems) =
        batch.outcome(entries(r#"{"trxid":"a","status":"created"},{"trxid":"c","status":"stale"}"#));
    assert_eq!(counts, Counts { created: 1, replaced: 0, stale: 1, invalid: 5 });
    let problems: Vec<_> = problems.iter().map(Problem::to_string).collect();
    assert_eq!(
        problems,
        [
            "line 2: must be one JSON object",
            "line 3, column 5: must be one JSON object: EOF while parsing a value",
            "line 4: must be at most 32768 bytes",
            "line 5: must be one JSON object",
            "line 6, column 3: must be one JSON object: trailing characters",
            "line 7: trxid c: stale: a newer update of it is known, and nothing changed",
        ]
    );
}

#[test]
fn a_line_that_is_no_text_does_not_affect_others() {
    let mut lines = Lines::new(&b"{\"\xc3\xa9\xff\n{}\n"[..]);
    let batch = Batch::read(&mut lines).unwrap().unwrap();
    assert_eq!(batch.body(), br#"{"transactions":[{}]}"#);
    assert_eq!(batch.rejected, [Problem { line: 1, column: Some(4), text: "must be UTF-8".into() }]);
}

#[test]
fn a_column_is_a_character_of_the_line() {
    let text =
        "  {\"é\": 計}\n\t{\"a\": \"é\",\u{feff} \"b\": 1}\n  {\"é\": {\"b\": 1, \"c\": [1]}, \"d\": 2, \"d\": 3}\n";
    let [batch] = batches(text).try_into().unwrap();
    let (_, problems) = batch.outcome(entries(
        r#"{"trxid":null,"status":"invalid","errors":{"é.c.0":["no."],"d":["twice."],"e":["is required."]}}"#,
    ));
    let problems: Vec<_> = problems.iter().map(Problem::to_string).collect();
    assert_eq!(
        problems,
        [
            "line 1, column 9: must be one JSON object: expected value",
            "line 2, column 12: must not have a byte order mark (U+FEFF) outside of its strings",
            "line 3, column 42: d: twice.",
            "line 3: e: is required.",
            "line 3, column 23: é.c.0: no.",
        ]
    );
}

#[test]
fn the_errors_of_the_api_are_printed_by_line_and_field() {
    let [batch] = batches("{}\n\nx\n{}\n{}\n").try_into().unwrap();
    let (counts, problems) = batch.outcome(entries(
        r#"{"trxid":null,"status":"invalid","errors":{"account":["is required."],"trxid":["is required."]}},
           {"trxid":"50001","status":"invalid","errors":{"amount":["has more\u001b[2J decimals."]}},
           {"trxid":"50002","status":"replaced"}"#,
    ));
    assert_eq!(counts, Counts { created: 0, replaced: 1, stale: 0, invalid: 3 });
    let problems: Vec<_> = problems.iter().map(Problem::to_string).collect();
    assert_eq!(
        problems,
        [
            "line 1: account: is required.",
            "line 1: trxid: is required.",
            "line 3, column 1: must be one JSON object: expected value",
            "line 4: trxid 50001: amount: has more\\u{1b}[2J decimals.",
        ]
    );
}
