//! Evidence at the Arbiter API: the parties that decide list it and download it. To anybody else it
//! is not there.

use http::Request;
use recourse_dispute::time::UnixMillis;
use serde_json::{Value, json};

use super::bank::{FBN, GTB, User, call, paid, token_request};
use crate::harness::{
    CLIENT, Connect, DemoKey, EVIDENCE, HttpResponse, STAGING, STRANGER, Stack, Transaction, options, run, shared,
    unique,
};

const TAG: &str = "GuardDutyMalwareScanStatus";
/// A name that is not ASCII, and has a quote in it.
const NAME: &str = "計画 %22A%22.pdf";

/// A PDF that holds every byte there is.
fn pdf() -> Vec<u8> {
    let mut content = b"%PDF-1.7\n".to_vec();
    content.extend(0..=u8::MAX);
    content
}

/// A draft with one file about this payment: the dispute's number and the file's id.
async fn drafted(stack: &Stack, payment: &Transaction) -> (String, String) {
    let contact = json!({ "contactPerson": "Wile Coyote", "emailAddress": "wile.e.coyote@acmelabs.com" });
    let created = stack.connect(Connect::create(&payment.trxid, &contact)).await;
    assert_eq!(created.status, 201, "{created:?}");
    let number = created.json()["id"].as_str().unwrap().to_owned();
    let uploaded = stack.connect(Connect::upload(&number, NAME, "application/pdf", &pdf())).await;
    assert_eq!(uploaded.status, 201, "{uploaded:?}");
    (number, uploaded.json()["fileId"].as_str().unwrap().to_owned())
}

/// The same, submitted: the log code and the file's id.
async fn sent(stack: &Stack, payment: &Transaction) -> (String, String) {
    let (number, file) = drafted(stack, payment).await;
    assert_eq!(stack.connect(Connect::submit(&number)).await.status, 200);
    (stack.dispute(&payment.trxid).await.dispute.log_code().unwrap(), file)
}

async fn address(stack: &Stack, user: &User, code: &str, file: &str) -> HttpResponse {
    user.get(stack, &format!("/disputes/{code}/evidence/{file}")).await
}

async fn download(stack: &Stack, address: &HttpResponse) -> HttpResponse {
    assert_eq!(address.status, 200, "{address:?}");
    let url = address.json()["url"].as_str().unwrap().to_owned();
    stack.to(Request::get(url).body(Vec::new()).unwrap()).await
}

/// The program of an account, by its key alone.
pub(super) async fn program(stack: &Stack, key: &DemoKey) -> User {
    let token = stack.raw(token_request(key, "grant_type=client_credentials")).await.json();
    User { token: token["access_token"].as_str().unwrap().to_owned() }
}

/// What the function is there for, for what watches it.
pub(super) async fn everything(stack: &Stack, user: &User) {
    let (code, file) = sent(stack, &paid(stack).await).await;
    stack.cloud().s3.tag(EVIDENCE, &stack.key_of(&file).await, TAG, "NO_THREATS_FOUND");
    assert_eq!(download(stack, &address(stack, user, &code, &file).await).await.bytes, pdf());
}

#[test]
fn both_banks_list_a_file_and_download_its_bytes() {
    run(async {
        let stack = shared().await;
        let payment = paid(&stack).await;
        let (code, file) = sent(&stack, &payment).await;
        let recorded = stack.evidence(file.split_once('-').unwrap().0).await;
        let listed = json!([{
            "id": file, "fileName": recorded[0].name, "fileType": "application/pdf", "fileSize": pdf().len(),
            "addedOn": recorded[0].at.iso8601()
        }]);
        for bank in [FBN, GTB] {
            let user = bank.sign_in(&stack).await;
            let shown = user.get(&stack, &format!("/disputes/{code}")).await.json();
            assert_eq!(shown["evidence"], listed);
            assert_eq!(user.put(&stack, &code, "COMMENT").await.json()["evidence"], listed);
            let given = address(&stack, &user, &code, &file).await;
            assert_eq!(given.json().as_object().unwrap().keys().collect::<Vec<_>>(), ["url", "expiresAt"]);
            let got = download(&stack, &given).await;
            assert!(got.status == 200 && got.bytes == pdf(), "{got:?}");
            assert_eq!(got.headers["content-type"], "application/pdf");
            assert_eq!(
                got.headers["content-disposition"],
                stack.connect(Connect::file(&file)).await.headers["content-disposition"],
                "as the Connect API names it"
            );
        }
        // The documents of a Tutelar view are the same files.
        let id = stack.dispute(&payment.trxid).await.dispute.number.tutelar_id();
        let view = crate::harness::Call::new(&GTB.key, "GET", format!("/api/v1/dispute/view/{id}"), "").basic();
        let documents = stack.raw(view).await.json()["data"]["documents"]["level_1"].clone();
        assert_eq!(documents, json!([{ "key": recorded[0].name, "_id": file }]));
    });
}

#[test]
fn an_address_is_good_for_five_minutes() {
    run(async {
        let stack = shared().await;
        let user = GTB.sign_in(&stack).await;
        let (code, file) = sent(&stack, &paid(&stack).await).await;
        let now = || i64::try_from(crate::harness::now()).unwrap();
        let before = now();
        let given = address(&stack, &user, &code, &file).await.json();
        let expires_at = UnixMillis::parse(given["expiresAt"].as_str().unwrap()).unwrap().seconds();
        assert!((before + 299..=now() + 300).contains(&expires_at), "{given}");
        assert!(given["url"].as_str().unwrap().contains("X-Amz-Expires=300"), "{given}");
    });
}

/// A transaction of acct_demo whose issuer is this domain.
async fn paid_by(stack: &Stack, issuer: &str) -> Transaction {
    let mut payment = Transaction::new("acct_demo", "Succesful");
    payment.body["parties"] = json!({ "issuer": { "code": issuer, "name": "A bank" } });
    payment.body["details"] = json!({ "type": "BillPayment", "reference": unique("reference") });
    stack.upsert(&payment.body).await;
    payment
}

#[test]
fn for_anybody_else_a_file_does_not_exist() {
    run(async {
        let stack = shared().await;
        let fbn = FBN.sign_in(&stack).await;
        let (code, file) = sent(&stack, &paid(&stack).await).await;
        let (other_code, other_file) = sent(&stack, &paid(&stack).await).await;
        let unknown = address(&stack, &fbn, "FBN00II123456789", &file).await.without_ids();
        assert_eq!((unknown.status, &unknown.json()["code"]), (404, &json!("not_found")));
        let is_unknown = async |user: &User, code: &str, file: &str| {
            assert_eq!(address(&stack, user, code, file).await.without_ids(), unknown, "{code} {file}");
        };
        // A third bank, and a bank of this domain in the other environment.
        is_unknown(&program(&stack, &STRANGER).await, &code, &file).await;
        let staging = program(&stack, &STAGING).await;
        is_unknown(&staging, &code, &file).await;
        let (of_staging, its_file) = sent(&stack, &paid_by(&stack, "DEMOS").await).await;
        is_unknown(&staging, &of_staging, &its_file).await;
        // A file of another dispute, one that nobody has, and what no file can be called.
        is_unknown(&fbn, &code, &other_file).await;
        is_unknown(&fbn, &other_code, &file).await;
        let number = file.split_once('-').unwrap().0;
        is_unknown(&fbn, &code, &format!("{number}-{}", "0".repeat(32))).await;
        for no_file in ["x", "7", &file.to_uppercase(), &format!("{file}0")] {
            is_unknown(&fbn, &code, no_file).await;
        }
        // Another API's names of the dispute.
        for no_code in [number, &code.replace("FBN00", "GTB00"), &format!("{code}0")] {
            is_unknown(&fbn, no_code, &file).await;
        }
        let no_token = stack.raw(call("", "GET", &format!("/disputes/{code}/evidence/{file}"), "")).await;
        assert_eq!(no_token.status, 401);
        assert_eq!(address(&stack, &fbn, &code, &file).await.status, 200);
    });
}

#[test]
fn a_drafts_file_is_not_visible_and_a_withdrawn_disputes_file_stays() {
    run(async {
        let stack = shared().await;
        let gtb = GTB.sign_in(&stack).await;
        let payment = paid(&stack).await;
        let (number, file) = drafted(&stack, &payment).await;
        let code = format!("FBN00II{number}");
        let unknown = address(&stack, &gtb, "FBN00II123456789", &file).await.without_ids();
        assert_eq!(address(&stack, &gtb, &code, &file).await.without_ids(), unknown, "a draft");
        assert_eq!(stack.connect(Connect::submit(&number)).await.status, 200);
        assert_eq!(address(&stack, &gtb, &code, &file).await.status, 200);
        assert_eq!(stack.connect(Connect::cancel(&number)).await.status, 200);
        assert_eq!(address(&stack, &gtb, &code, &file).await.status, 200, "what could be seen once stays");
        assert_eq!(stack.connect(Connect::file(&file)).await.status, 200, "its opener has it, too");
    });
}

#[test]
fn a_file_that_the_malware_scan_holds_back_is_not_handed_out() {
    run(async {
        let mut options = options();
        options.parameters.insert("MalwareScan".to_owned(), "on".to_owned());
        let stack = Stack::start(options).await;
        let (gtb, stranger) = (GTB.sign_in(&stack).await, program(&stack, &STRANGER).await);
        let (code, file) = sent(&stack, &paid(&stack).await).await;
        let key = stack.key_of(&file).await;
        let refused = async || {
            let answer = address(&stack, &gtb, &code, &file).await;
            (answer.status, answer.json())
        };
        let body = |code: &str, message: &str| (409, json!({ "code": code, "message": message, "errors": [] }));
        let pending = "This file is still being scanned for malware. Please try again in a minute.";
        assert_eq!(refused().await, body("file_not_scanned", pending));
        assert_eq!(address(&stack, &stranger, &code, &file).await.status, 404, "nor does a stranger learn of the scan");
        for verdict in ["THREATS_FOUND", "UNSUPPORTED", "ACCESS_DENIED", "FAILED"] {
            stack.cloud().s3.tag(EVIDENCE, &key, TAG, verdict);
            assert_eq!(refused().await, body("file_withheld", "A scan for malware holds this file back."), "{verdict}");
        }
        // It is listed all the same: the parties know that there is something.
        let shown: Value = gtb.get(&stack, &format!("/disputes/{code}")).await.json();
        assert_eq!(shown["evidence"][0]["id"], json!(file));
        stack.cloud().s3.tag(EVIDENCE, &key, TAG, "NO_THREATS_FOUND");
        assert_eq!(download(&stack, &address(&stack, &gtb, &code, &file).await).await.bytes, pdf());
    });
}

#[test]
fn one_read_for_an_address_and_nothing_of_it_in_the_log() {
    run(async {
        let stack = Stack::start(options()).await;
        let gtb = GTB.sign_in(&stack).await;
        let payment = paid(&stack).await;
        let (code, file) = sent(&stack, &payment).await;
        address(&stack, &gtb, &code, &file).await;
        stack.cloud().dynamodb.clear_calls();
        assert_eq!(address(&stack, &gtb, &code, &file).await.status, 200);
        assert_eq!(stack.dynamodb_calls("ArbiterEvidence"), ["GetItem"]);
        let lines = stack.request_lines("ArbiterEvidence", 2).await;
        let case = stack.dispute(&payment.trxid).await.dispute.number.case_id();
        assert_eq!(
            [&lines[0]["api"], &lines[0]["call"], &lines[0]["outcome"], &lines[0]["dispute"]],
            ["arbiter", "evidence", "address_given", case.as_str()]
        );
        let digits = file.split_once('-').unwrap().1;
        for line in stack.log() {
            for secret in [digits, "X-Amz-", ".pdf", CLIENT.secret, gtb.token.as_str()] {
                assert!(!line.text.contains(secret), "{secret} is in {line:?}");
            }
        }
    });
}
