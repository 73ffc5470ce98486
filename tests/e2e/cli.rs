//! The command line, against a whole cloud: what a client and an operator do with it.

use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};
use tokio::process::Command;

use crate::harness::{
    CLIENT, Call, Connect, PLATFORM, STRANGER, Stack, Transaction, address, binaries, options, run, shared,
};
use crate::raw;
use crate::vendor_texts::{DUPLICATE, INVALID, SUCCESS, about, bytes};

/// How a command ended, and what it said.
pub(crate) struct CommandOutput {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

async fn said(command: &mut Command) -> CommandOutput {
    said_reading(command, Stdio::null()).await
}

async fn said_reading(command: &mut Command, stdin: Stdio) -> CommandOutput {
    let output = command.stdin(stdin).output().await.unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let [out, err] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    CommandOutput { code: output.status.code().unwrap(), out, err }
}

/// Runs `recourse` in `folder`, in the environment that `make run` writes down for it.
pub(crate) async fn recourse(stack: &Stack, folder: &Path, arguments: &[&str]) -> CommandOutput {
    let mut command = Command::new(binaries().join("recourse"));
    command.args(arguments).current_dir(folder).env_clear().envs(stack.cloud().environment()).env("USER", "tester");
    said(&mut command).await
}

/// As [`recourse`], with a text on standard input.
pub(crate) async fn recourse_reading(stack: &Stack, arguments: &[&str], text: &str) -> CommandOutput {
    let folder = folder();
    let file = folder.path().join("stdin");
    std::fs::write(&file, text).unwrap();
    let mut command = Command::new(binaries().join("recourse"));
    command.args(arguments).current_dir(folder.path()).env_clear().envs(stack.cloud().environment());
    said_reading(command.env("USER", "tester"), std::fs::File::open(&file).unwrap().into()).await
}

pub(crate) fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn report_signs_and_sends_and_its_exit_code_is_the_answer() {
    run(async {
        let (stack, folder) = (shared().await, folder());
        let transaction = stack.transaction("acct_demo", "Succesful").await;
        let user = address();
        let report = ["report", "--refid", &transaction.refid, "--email", &user];
        let first = recourse(&stack, folder.path(), &report).await;
        assert_eq!((first.code, first.out.lines().next()), (0, Some("200 Success")), "{}{}", first.out, first.err);
        let again = recourse(&stack, folder.path(), &["report", "--trxid", &transaction.trxid]).await;
        assert_eq!((again.code, again.out.lines().next()), (1, Some("200 Failed")), "{}{}", again.out, again.err);
        let unknown = recourse(&stack, folder.path(), &["report", "--refid", "unknown"]).await;
        assert_eq!((unknown.code, unknown.out.lines().next()), (2, Some("400 Bad Request")));
        let key = ["--key", STRANGER.id, "--secret", STRANGER.secret];
        let foreign = recourse(&stack, folder.path(), &[&report[..3], &key].concat()).await;
        assert_eq!((foreign.code, foreign.out), (2, unknown.out));
        assert_eq!(stack.inbox(&user, 1).await[0].to, [user]);
        assert_eq!(stack.disputes(&transaction.trxid).await.len(), 1);
    });
}

/// The line is pasted into a shell, where curl is what sends it.
#[test]
fn sign_prints_a_line_that_is_good_once() {
    run(async {
        let (stack, folder) = (shared().await, folder());
        let transaction = stack.transaction("acct_demo", "Succesful").await;
        let body = json!({"refid": transaction.refid, "note": "it's $HOME `id`"}).to_string();
        let sign = ["sign", "POST", "/v2/transactions/check", "--data", &body];
        let file = folder.path().join("body.json");
        std::fs::write(&file, format!("{body}\n")).unwrap();
        let from_file = ["sign", "POST", "/v2/transactions/check", "--data-file", "body.json"];
        let get = format!("/platform/v1/transactions/{}", transaction.trxid);

        let signed = recourse(&stack, folder.path(), &sign).await;
        assert_eq!((signed.code, signed.out.lines().count()), (0, 1), "{}{}", signed.out, signed.err);
        assert!(!signed.out.contains(CLIENT.secret));
        assert_eq!(curl(folder.path(), &signed.out).await, about(SUCCESS, &transaction.refid));
        assert!(curl(folder.path(), &signed.out).await.starts_with(r#"{"error":"replayed_nonce""#));
        let signed = recourse(&stack, folder.path(), &from_file).await;
        assert_eq!(curl(folder.path(), &signed.out).await, about(DUPLICATE, &transaction.refid));
        let signed = recourse(&stack, folder.path(), &["sign", "GET", &get]).await;
        let known: Value = serde_json::from_str(&curl(folder.path(), &signed.out).await).unwrap();
        assert_eq!(known["refid"], transaction.refid.as_str());
        let unknown = ["sign", "POST", "/v2/transactions/check", "--data", r#"{"refid":"unknown"}"#];
        let signed = recourse(&stack, folder.path(), &unknown).await;
        assert_eq!(curl(folder.path(), &signed.out).await, bytes(INVALID));
    });
}

/// An upload, twice under one key: the second request, with a new signature and another boundary,
/// is a repeat.
#[test]
fn sign_prints_a_line_that_uploads_a_file() {
    run(async {
        let (stack, folder) = (shared().await, folder());
        let dispute = stack.draft().await;
        let (name, content) = ("it's 100% \"A\".pdf", b"%PDF-1.7\r\n\0\xff%s\\n".to_vec());
        std::fs::write(folder.path().join(name), &content).unwrap();
        let path = format!("/files/v1/1001/disputes/{dispute}");
        let sign = ["sign", "POST", &path, "--file", name, "--idempotence-key", "upload 1"];
        let first = curl(folder.path(), &recourse(&stack, folder.path(), &sign).await.out).await;
        assert_eq!(curl(folder.path(), &recourse(&stack, folder.path(), &sign).await.out).await, first);
        let uploaded: Value = serde_json::from_str(&first).unwrap();
        assert_eq!(uploaded["disputeId"], dispute.as_str(), "{first}");
        let shown = stack.connect(Connect::get(&dispute)).await.json()["disputeOutput"]["files"].clone();
        assert_eq!((shown.as_array().unwrap().len(), &shown[0]["fileName"]), (1, &json!(name)));
        let got = stack.connect(Connect::file(uploaded["fileId"].as_str().unwrap())).await;
        assert!(got.status == 200 && got.bytes == content, "{got:?}");
    });
}

/// What a pasted line prints.
async fn curl(folder: &Path, line: &str) -> String {
    let answer = said(Command::new("sh").arg("-c").arg(line).current_dir(folder)).await;
    assert_eq!((answer.code, answer.err.as_str()), (0, ""), "{line}");
    answer.out
}

#[test]
fn import_sends_every_line_and_names_the_wrong_ones() {
    run(async {
        let (stack, folder) = (shared().await, folder());
        let sent: Vec<_> = (0..230).map(|_| Transaction::new("acct_demo", "Succesful")).collect();
        let mut lines: Vec<String> = sent.iter().map(|transaction| transaction.body.to_string()).collect();
        lines[120] = lines[120].replace("1550.00", "fifty");
        lines[121] = "not JSON".to_owned();
        let file = folder.path().join("transactions.jsonl");
        std::fs::write(&file, lines.join("\n")).unwrap();
        let import = ["transaction", "import", "transactions.jsonl"];

        let first = recourse(&stack, folder.path(), &import).await;
        assert_eq!(first.code, 1, "{}{}", first.out, first.err);
        let column = lines[120].find("\"fifty\"").unwrap() + 1;
        let amount =
            format!("line 121, column {column}: trxid {}: amount: must be a decimal number in quotes", sent[120].trxid);
        assert!(first.err.contains(&amount), "{}", first.err);
        assert!(first.err.contains("line 122, column 2: ") && !first.err.contains("line 123"), "{}", first.err);
        assert!(first.out.contains("230 lines") && first.out.contains("228 created"), "{}", first.out);
        for (place, transaction) in sent.iter().enumerate().filter(|(place, _)| place % 60 == 0 || *place == 229) {
            let status = if place == 120 { 404 } else { 200 };
            assert_eq!(stack.send(&Call::get(&PLATFORM, &transaction.trxid)).await.status, status, "{place}");
        }

        // Corrected and imported again: nothing happens twice.
        for place in [120, 121] {
            lines[place] = sent[place].body.to_string();
        }
        std::fs::write(&file, lines.join("\n")).unwrap();
        let again = recourse(&stack, folder.path(), &import).await;
        assert_eq!(again.code, 0, "{}{}", again.out, again.err);
        assert!(again.out.contains(" 2 created") && again.out.contains("228 replaced"), "{}", again.out);

        // A newer update arrived meanwhile: the old file changes nothing, and a script learns that
        // by the exit code.
        assert_eq!(stack.upsert(&sent[7].later("Refund", 9)).await.status, 200);
        std::fs::write(&file, format!("\u{feff}{}", lines.join("\n"))).unwrap();
        let stale = recourse(&stack, folder.path(), &import).await;
        assert_eq!(stale.code, 4, "{}{}", stale.out, stale.err);
        assert!(stale.out.contains("229 replaced, 1 stale, 0 invalid"), "{}", stale.out);
        let line = format!("line 8: trxid {}: stale", sent[7].trxid);
        assert!(stale.err.contains(&line), "{}", stale.err);

        let client = ["--key", CLIENT.id, "--secret", CLIENT.secret];
        let refused = recourse(&stack, folder.path(), &[&import[..], &client].concat()).await;
        assert_eq!(refused.code, 2, "{}{}", refused.out, refused.err);
    });
}

#[test]
fn an_operator_looks_into_a_dispute_and_decides_it() {
    run(async {
        let (stack, folder) = (shared().await, folder());
        let transaction = stack.transaction("acct_demo", "Succesful").await;
        let user = address();
        let report = json!({"refid": transaction.refid, "user_email": [user]});
        stack.report(&CLIENT, &report).await;
        stack.inbox(&user, 1).await;
        let number = stack.dispute(&transaction.trxid).await.dispute.number;
        let case = number.case_id();

        let ids = [case.clone(), number.to_string(), number.tutelar_id(), number.log_code("DEMO")];
        let mut shown = Vec::new();
        for id in &ids {
            shown.push(recourse(&stack, folder.path(), &["dispute", "show", id]).await);
        }
        let by_trxid = ["dispute", "show", "--trxid", &transaction.trxid];
        let by_refid = ["dispute", "show", "--refid", &transaction.refid, "--account", "acct_demo"];
        for which in [by_trxid.as_slice(), by_refid.as_slice()] {
            shown.push(recourse(&stack, folder.path(), which).await);
        }
        for said in &shown {
            assert_eq!(said.code, 0, "{}{}", said.out, said.err);
            assert!(said.out.contains(&case) && said.out.contains(&transaction.refid), "{}", said.out);
            assert!(said.out.contains(CLIENT.id) && !said.out.contains('@'), "{}", said.out);
        }
        assert_eq!(recourse(&stack, folder.path(), &["dispute", "show", "RC-00000000"]).await.code, 2);

        let close = ["dispute", "close", &case, "--for", "customer", "--why", "the voucher was never delivered"];
        let closed = recourse(&stack, folder.path(), &close).await;
        assert_eq!(closed.code, 0, "{}{}", closed.out, closed.err);
        let record = stack.dispute(&transaction.trxid).await;
        assert!(!record.dispute.state.is_open());
        let decided = record.events.last().unwrap();
        assert_eq!(
            (decided.by.name.as_str(), decided.note.as_deref()),
            ("tester", Some("the voucher was never delivered"))
        );
        let mails = stack.inbox(&user, 2).await;
        assert!(mails[1].subject.starts_with(&format!("[{case}] The case was decided")), "{}", mails[1].subject);
        assert!(mails[1].text.as_ref().is_some_and(|text| text.contains("in the customer's favour")));
        let json = recourse(&stack, folder.path(), &["dispute", "show", &case, "--json"]).await;
        let json: Value = serde_json::from_str(&json.out).unwrap();
        assert_eq!((&json["case_id"], json["timeline"].as_array().map(Vec::len)), (&json!(case), Some(4)), "{json}");

        // Decided once; and what is closed may be reported again.
        assert_eq!(recourse(&stack, folder.path(), &close).await.code, 2);
        assert_eq!(stack.report(&CLIENT, &report).await.text, about(SUCCESS, &transaction.refid));
    });
}

/// An item as another release might have written it: what `edit` makes of it.
async fn edited(stack: &Stack, pk: &str, end: &str, edit: impl Fn(&mut Value)) {
    let items = stack.items("DISPUTES_TABLE").await;
    let mut found = items.into_iter().filter(|((found, sk), _)| found == pk && sk.ends_with(end));
    let ((pk, sk), mut item) = found.next().unwrap_or_else(|| panic!("no item {pk} {end}"));
    (item["PK"], item["SK"]) = (json!({ "S": pk }), json!({ "S": sk }));
    edit(&mut item);
    let put = json!({ "TableName": raw::table(stack.cloud(), "DISPUTES_TABLE"), "Item": item });
    raw::call(&stack.cloud().dynamodb.endpoint(), "PutItem", &put).await;
}

#[test]
fn export_prints_a_row_for_each_dispute_and_names_those_it_cannot_read() {
    run(async {
        let (stack, folder) = (Stack::start(options()).await, folder());
        let mut numbers = Vec::new();
        for refid in ["one", "=1+1", "three", "four"] {
            let mut transaction = Transaction::new("acct_demo", "Succesful");
            transaction.body["refid"] = refid.into();
            stack.upsert(&transaction.body).await;
            assert_eq!(stack.report(&CLIENT, &json!({ "trxid": transaction.trxid })).await.status, 200);
            numbers.push(stack.dispute(&transaction.trxid).await.dispute.number);
        }
        let export = async || recourse(&stack, folder.path(), &["dispute", "export", "--account", "acct_demo"]).await;
        let cells = |out: &str| {
            let rows = out.lines().skip(1).map(|row| row.rsplit(',').next().unwrap().to_owned());
            rows.collect::<Vec<_>>()
        };
        let all = export().await;
        assert_eq!((all.code, all.err.as_str()), (0, ""));
        assert!(all.out.starts_with("case,number,channel,opened_at,"), "{}", all.out);
        assert_eq!(cells(&all.out), ["four", "three", "'=1+1", "one"]);

        let [first, _, third, _] = numbers.try_into().unwrap();
        let dispute = format!("DSP#{first}");
        edited(&stack, &dispute, "DSP", |item| item["category"] = json!({ "S": "of_another_release" })).await;
        let line = format!("#{:015}", third.get());
        edited(&stack, "PTY#account#acct_demo", &line, |item| item["category"] = json!({ "S": "of_another_release" }))
            .await;
        let rest = export().await;
        assert_eq!((rest.code, cells(&rest.out)), (1, vec!["four".to_owned(), "'=1+1".to_owned()]), "{}", rest.err);
        for number in [first, third] {
            let sent: Vec<_> = rest.err.lines().filter(|line| line.contains(&number.case_id())).collect();
            assert!(sent.len() == 1 && sent[0].contains("cannot be read"), "{}", rest.err);
        }
        let recounted = recourse(&stack, folder.path(), &["dispute", "recount", "--account", "acct_demo"]).await;
        assert!(recounted.code == 1 && recounted.out.starts_with("4 disputes: "), "{}", recounted.out);
        assert!(recounted.out.ends_with(", 1 cannot be read\n"), "a line says enough: {}", recounted.out);
        let listed = recourse(&stack, folder.path(), &["dispute", "list", "--account", "acct_demo"]).await;
        assert_eq!((listed.code, listed.out.lines().count()), (1, 3), "{}", listed.err);
    });
}
