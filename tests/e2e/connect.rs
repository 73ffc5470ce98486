//! The Connect API over HTTP (vendor specification, Connect "Submit dispute", Connect contract).
//! `tests/clients` tests it with the vendor's own client.

mod decimals;
mod evidence;
mod idempotence;
mod presigned;
mod races;
mod refused;
mod scan;

use recourse_dispute::event::EventKind;
use recourse_dispute::lifecycle::Action;
use recourse_dispute::notification::EmailTemplate;
use serde_json::{Value, json};

use crate::arbiter::bank::{User, code_of, log_of, token_request};
use crate::harness::{
    CLIENT, Connect, HttpResponse, STRANGER, Stack, Transaction, address, options, run, shared, unique,
};

/// The least that a create request says.
fn contact() -> Value {
    json!({ "contactPerson": "Wile Coyote", "emailAddress": "wile.e.coyote@acmelabs.com" })
}

/// A PDF of this many bytes, with every byte there is in it.
fn pdf(size: usize) -> Vec<u8> {
    let mut content = b"%PDF-1.7\n".to_vec();
    content.extend((0..=u8::MAX).cycle().take(size - content.len()));
    content
}

fn text<'a>(value: &'a Value, path: &str) -> &'a str {
    value.pointer(path).and_then(Value::as_str).unwrap_or_else(|| panic!("no {path} in {value}"))
}

/// The code of a refusal that has the API's form.
#[track_caller]
fn code(answer: &HttpResponse) -> (u16, String) {
    assert_eq!(answer.headers["content-type"], "application/json", "{answer:?}");
    let body = answer.json();
    assert_eq!(body.as_object().unwrap().keys().collect::<Vec<_>>(), ["errorId", "errors"]);
    let errors = body["errors"].as_array().unwrap();
    let is_alike = |error: &Value| error["httpStatusCode"] == answer.status && error["code"] == errors[0]["code"];
    assert!(!errors.is_empty() && errors.iter().all(is_alike), "{body}");
    (answer.status, text(&errors[0], "/code").to_owned())
}

#[track_caller]
fn is(answer: &HttpResponse, status: u16, expected: &str) {
    assert_eq!(code(answer), (status, expected.to_owned()), "{answer:?}");
}

/// What an answer says, but for what is made for each request.
fn without_ids(answer: &HttpResponse) -> (u16, Value) {
    let mut body = answer.json();
    body["errorId"] = Value::Null;
    body["errors"][0]["requestId"] = Value::Null;
    (answer.status, body)
}

/// Vendor specification, Connect "Submit dispute", "Response 200", as it is printed there.
const SUBMITTED: &str = r#"{
    "id" : "162",
    "paymentId" : "000000852800000014110000100001",
    "disputeOutput" : {
        "creationDetails" : {
            "disputeCreationDate" : "20180702020752",
            "disputeOriginator" : "Merchant / Ingenico",
            "userName" : ""
        },
        "contactPerson" : "Wile Coyote",
        "emailAddress" : "wile.e.coyote@acmelabs.com",
        "replyTo" : "wile.e.coyote@acmelabs.com",
        "requestMessage" : "This is the message from the merchant to GlobalCollect.",
        "responseMessage" : "This is the response back from GlobalCollect to the merchant",
        "amountOfMoney" : {
            "amount" : 1234,
            "currencyCode" : "USD"
        },
        "files" : [
            {
                "fileName" : "file.pdf",
                "id" : "d3BjLWRpc3B1dGU6MDAwMDAwMTcwMTAwMDAyMDIzMjYwMDAwMTAwMDAxOmNsZWFuLWNvZGUtcHl0aG9uMy5wZGY=",
                "fileType" : "application/pdf",
                "fileSize" : "4261722"
            }
        ]
    },
    "status" : "CREATED",
    "statusOutput" : {
        "isCancellable" : true,
        "statusCode" : 600,
        "statusCodeChangeDateTime" : "20180731033126"
    }
}"#;

/// Replaces what differs between disputes: ids, times, and the Recourse-specific texts.
fn like_the_sample(mut answered: Value) -> Value {
    let sample: Value = serde_json::from_str(SUBMITTED).unwrap();
    for (path, form) in [
        ("/id", 15),
        ("/disputeOutput/creationDetails/disputeCreationDate", 14),
        ("/disputeOutput/files/0/id", 48),
        ("/statusOutput/statusCodeChangeDateTime", 14),
    ] {
        let length = text(&answered, path).len();
        assert!(if form == 14 { length == form } else { length <= form }, "{path} {answered}");
        *answered.pointer_mut(path).unwrap() = sample.pointer(path).unwrap().clone();
    }
    // "The originator of this dispute, which is either Ingenico ePayments or you as our client",
    // and a Recourse-specific text.
    assert_eq!(text(&answered, "/disputeOutput/creationDetails/disputeOriginator"), "Merchant");
    for path in ["/disputeOutput/creationDetails/disputeOriginator", "/disputeOutput/responseMessage"] {
        assert!(!text(&answered, path).is_empty());
        *answered.pointer_mut(path).unwrap() = sample.pointer(path).unwrap().clone();
    }
    answered
}

#[test]
fn the_specifications_sample_member_for_member_after_submit() {
    run(async {
        let stack = Stack::start(options()).await;
        let mut body = contact();
        body["amountOfMoney"] = json!({ "amount": 1234, "currencyCode": "USD" });
        body["replyTo"] = "wile.e.coyote@acmelabs.com".into();
        body["requestMessage"] = "This is the message from the merchant to GlobalCollect.".into();
        let payment = "000000852800000014110000100001";
        let created = stack.connect(Connect::create(payment, &body)).await;
        assert_eq!((created.status, text(&created.json(), "/status")), (201, "DRAFT"), "{created:?}");
        let id = text(&created.json(), "/id").to_owned();
        assert_eq!(created.headers["location"], format!("/v1/1001/disputes/{id}"));
        assert_eq!(stack.mails_to("wile.e.coyote@acmelabs.com").len(), 0, "a draft notifies nobody");
        // Above what fits into one call; the sample's own size goes the presigned way.
        let content = pdf(4_261_722);
        let start = stack.connect(Connect::start(&id, "file.pdf", "application/pdf", content.len())).await;
        presigned::put(&stack, &start.json(), content).await;
        let file = text(&start.json(), "/fileId").to_owned();
        assert_eq!(stack.connect(Connect::complete(&id, &file)).await.status, 200);

        let submitted = stack.connect(Connect::submit(&id)).await;
        assert_eq!(submitted.status, 200, "{submitted:?}");
        let sample: Value = serde_json::from_str(SUBMITTED).unwrap();
        // As text, too: the members are in the specification's order.
        assert_eq!(like_the_sample(submitted.json()).to_string(), sample.to_string());
        assert_eq!(stack.connect(Connect::get(&id)).await.text, submitted.text);
        let list = stack.connect(Connect::new("GET", format!("/v1/1001/payments/{payment}/disputes"))).await;
        assert_eq!(list.json(), json!({ "disputes": [submitted.json()] }));

        let [mail] = stack.inbox("wile.e.coyote@acmelabs.com", 1).await.try_into().unwrap();
        assert_eq!(mail.cc, ["disputes@demo-wallet.example"]);
        let case = stack.dispute(payment).await;
        let did: Vec<_> = case.events.iter().map(|event| event.kind).collect();
        assert_eq!(did, [EventKind::Opened, EventKind::Did(Action::UploadEvidence), EventKind::Did(Action::Submit)]);
        assert_eq!(
            case.mails.iter().map(|mail| mail.notification.template).collect::<Vec<_>>(),
            [EmailTemplate::Received]
        );

        let cancelled = stack.connect(Connect::cancel(&id)).await;
        let body = cancelled.json();
        assert_eq!((text(&body, "/status"), &body["statusOutput"]["isCancellable"]), ("CANCELLED", &json!(false)));
        let again = stack.connect(Connect::create(payment, &contact())).await;
        assert_eq!((again.status, &again.json()["disputeOutput"]["amountOfMoney"]["amount"]), (201, &json!(1234)));
    });
}

#[test]
fn every_client_signs_in_its_own_way() {
    run(async {
        let stack = shared().await;
        let id = stack.draft().await;
        // One signs a type on GET, one none; one has headers of its own among what is signed.
        let typed = Connect { content_type: Some("application/json".to_owned()), ..Connect::get(&id) };
        assert_eq!(stack.connect(typed).await.status, 200);
        let mut more = Connect::get(&id);
        more.headers = vec![("X-GCS-ServerMetaInfo", "e30=".to_owned()), ("x-gcs-a", " spaced ".to_owned())];
        assert_eq!(stack.connect(more).await.status, 200);
        // Chunks without a length, of JSON and of a file.
        let payment = stack.transaction("acct_demo", "Succesful").await;
        let answer = stack.chunked(Connect::create(&payment.trxid, &contact()).request()).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        let content = pdf(2_000_000);
        let answer = stack.chunked(Connect::upload(&id, "file.pdf", "application/pdf", &content).request()).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        let file = text(&answer.json(), "/fileId").to_owned();
        let got =
            stack.connect(Connect { content_type: Some("application/json".to_owned()), ..Connect::file(&file) }).await;
        assert!(got.status == 200 && got.bytes == content);
        assert_eq!(got.headers["content-type"], "application/pdf");
        // A refused upload is read to its end, or its client would not see the answer.
        let large = Connect::upload("7", "file.pdf", "application/pdf", &pdf(4 * 1024 * 1024)).by_stranger();
        is(&stack.chunked(large.request()).await, 404, "310404001");
        let gateway =
            stack.chunked(Connect::upload(&id, "file.pdf", "application/pdf", &pdf(5_500_000)).request()).await;
        assert_eq!((gateway.status, gateway.json()), (413, json!({ "message": "Request Entity Too Large" })));
        // A body-less POST with a length of zero.
        let mut submit = Connect::submit(&id).request();
        submit.headers_mut().insert("content-length", "0".parse().unwrap());
        assert_eq!(stack.raw(submit).await.status, 200);
    });
}

/// What calls cost when the functions are warm.
#[test]
fn round_trips_counted_at_the_endpoint() {
    run(async {
        let stack = Stack::start(options()).await;
        let open: &[&str] = &["GetItem", "TransactWriteItems"];
        for warm in [true, false] {
            let payment = stack.transaction("acct_demo", "Succesful").await;
            let counted = async |function: &str, expected: &[&str], call: Connect| {
                stack.cloud().dynamodb.clear_calls();
                let answer = stack.connect(call).await;
                assert!(answer.status < 300, "{answer:?}");
                if !warm {
                    assert_eq!(stack.dynamodb_calls(function), expected, "{function}");
                }
                answer
            };
            let created = counted("ConnectCreate", open, Connect::create(&payment.trxid, &contact())).await.json();
            let id = text(&created, "/id");
            counted("ConnectGet", &["GetItem"], Connect::get(id)).await;
            let upload = Connect::upload(id, "file.pdf", "application/pdf", &pdf(100));
            let file = counted("ConnectUpload", &["GetItem", "GetItem", "TransactWriteItems"], upload).await.json();
            counted("ConnectDownload", &["GetItem"], Connect::file(text(&file, "/fileId"))).await;
            counted("ConnectFileUrl", &["GetItem"], Connect::url(text(&file, "/fileId"))).await;
            counted("ConnectSubmit", open, Connect::submit(id).idempotent("key")).await;
            counted("ConnectCancel", open, Connect::cancel(id)).await;
            let list = Connect::new("GET", format!("/v1/1001/payments/{}/disputes", payment.trxid));
            counted("ConnectList", &["GetItem", "Query", "BatchGetItem"], list).await;
        }
    });
}

/// The list of a payment is answered however often it was disputed: the newest fifty, each as long
/// as it can be.
#[test]
fn a_list_shows_the_newest_fifty() {
    run(async {
        let stack = shared().await;
        let payment = stack.transaction("acct_demo", "Succesful").await;
        let mut body = contact();
        body["requestMessage"] = "\u{1f4a5}".repeat(4_000).into();
        let mut ids = Vec::new();
        for _ in 0..53 {
            let created = stack.connect(Connect::create(&payment.trxid, &body)).await;
            assert_eq!(created.status, 201, "{created:?}");
            ids.push(text(&created.json(), "/id").to_owned());
            assert_eq!(stack.connect(Connect::cancel(&ids[ids.len() - 1])).await.status, 200);
        }
        let list = stack.connect(Connect::new("GET", format!("/v1/1001/payments/{}/disputes", payment.trxid))).await;
        let list = list.json();
        let shown: Vec<_> = list["disputes"].as_array().unwrap().iter().map(|dispute| text(dispute, "/id")).collect();
        assert_eq!(shown, ids[3..]);
    });
}

/// A dispute that came through another API, as this one shows it.
#[test]
fn a_dispute_of_another_api_is_shown_and_can_be_cancelled() {
    run(async {
        let stack = shared().await;
        let payment = stack.transaction("acct_demo", "Succesful").await;
        assert_eq!(stack.report(&CLIENT, &json!({ "refid": payment.refid })).await.status, 200);
        is(&stack.connect(Connect::create(&payment.trxid, &contact())).await, 409, "310409001");
        let list =
            stack.connect(Connect::new("GET", format!("/v1/1001/payments/{}/disputes", payment.trxid))).await.json();
        let shown = &list["disputes"][0];
        assert_eq!((text(shown, "/status"), &shown["statusOutput"]["isCancellable"]), ("CREATED", &json!(true)));
        assert!(shown["disputeOutput"].get("contactPerson").is_none() && !list.to_string().contains("null"));
        let id = text(shown, "/id");
        is(&stack.connect(Connect::submit(id)).await, 400, "310400200");
        assert_eq!(text(&stack.connect(Connect::cancel(id)).await.json(), "/status"), "CANCELLED");
        assert_eq!(stack.connect(Connect::create(&payment.trxid, &contact())).await.status, 201);
        // A transaction update ends a draft, too, which nobody else knows.
        stack.upsert(&payment.later("Refund", 1)).await;
        let [_, drafted] = stack.disputes(&payment.trxid).await.try_into().unwrap();
        assert!(!drafted.dispute.state.is_open() && drafted.mails.is_empty(), "{drafted:?}");
        assert_eq!(drafted.dispute.log_code(), None, "nor does a bank see it now");
        let shown = stack.connect(Connect::get(&drafted.dispute.number.to_string())).await.json();
        let said = "The dispute ended because the payment was refunded or failed.";
        assert_eq!(text(&shown, "/disputeOutput/responseMessage"), said);
        is(&stack.connect(Connect::create(&payment.trxid, &contact())).await, 400, "310400200");
        let stranger = Connect { key: STRANGER, ..Connect::get(id) };
        is(&stack.connect(stranger).await, 403, "9007");
    });
}

/// A withdrawal is mailed to those who get the dispute's mails: its customer, or the banks it was
/// logged between.
#[test]
fn a_withdrawal_is_mailed_to_those_who_got_the_dispute() {
    run(async {
        let stack = Stack::start(options()).await;
        let payment = stack.transaction("acct_demo", "Succesful").await;
        let user = address();
        stack.report(&CLIENT, &json!({ "refid": payment.refid, "user_email": [user] })).await;
        let number = stack.dispute(&payment.trxid).await.dispute.number.to_string();
        let cancel = Connect::cancel(&number).idempotent("once");
        for _ in 0..2 {
            assert_eq!(stack.connect(cancel.clone()).await.status, 200);
        }
        let mails = stack.inbox(&user, 2).await;
        assert!(mails[1].text.as_ref().unwrap().contains("The case was withdrawn"), "{:?}", mails[1]);

        let mut payment = Transaction::new("acct_demo", "Succesful");
        let bank = |code: &str| json!({ "code": code, "name": code });
        payment.body["parties"] = json!({ "issuer": bank("FBN"), "acquirer": bank("GTB"), "merchant": bank("DEMO") });
        payment.body["details"] = json!({ "type": "BillPayment", "reference": unique("reference") });
        stack.upsert(&payment.body).await;
        let demo = stack.raw(token_request(&CLIENT, "grant_type=client_credentials")).await.json();
        let demo = User { token: text(&demo, "/access_token").to_owned() };
        let code = code_of(&demo.log(&stack, &log_of(&payment, "Chargeback")).await);
        let number = stack.dispute(&payment.trxid).await.dispute.number.to_string();
        assert_eq!(stack.connect(Connect::cancel(&number)).await.status, 200);
        let mails = stack.inbox("disputes@fbn.example", 2).await;
        let sent = mails[1].text.as_ref().unwrap();
        assert!(sent.contains("The dispute was withdrawn") && sent.contains(&code), "{sent}");
        assert!(mails[1].to.iter().chain(&mails[1].cc).any(|bank| bank == "disputes@gtb.example"), "{:?}", mails[1]);
        // Nobody learns that there was a draft.
        let id = stack.draft().await;
        assert_eq!(stack.connect(Connect::cancel(&id)).await.status, 200);
        let record = stack.store().record_of(id.parse().unwrap()).await.unwrap().unwrap();
        assert!(record.mails.is_empty(), "{record:?}");
    });
}

#[test]
fn nothing_of_a_request_is_logged() {
    run(async {
        let stack = Stack::start(options()).await;
        let payment = stack.transaction("acct_demo", "Succesful").await;
        let body = json!({
            "contactPerson": "secret-person", "emailAddress": "secret@customer.example", "requestMessage": "secret-words",
        });
        let create = Connect::create(&payment.trxid, &body).idempotent("secret-key");
        let created = stack.connect(create.clone()).await;
        let id = text(&created.json(), "/id").to_owned();
        let file = stack.connect(Connect::upload(&id, "secret-name.txt", "text/plain", b"secret-text")).await.json();
        let file = text(&file, "/fileId");
        for call in [
            create.clone(),
            Connect::upload(&id, "secret-name.exe", "text/plain", b"secret-text"),
            Connect::start(&id, "secret-name.pdf", "application/pdf", 100),
            Connect::file(file),
            Connect::url(file),
            Connect::submit(&id),
            Connect::submit(&id),
            Connect { key: STRANGER, ..Connect::get(&id) },
            Connect::create("none", &json!({ "contactPerson": "secret-person" })),
        ] {
            stack.connect(call).await;
        }
        stack.inbox("secret@customer.example", 1).await;
        let lines = stack.request_lines("ConnectSubmit", 2).await;
        let outcomes: Vec<_> = lines.iter().map(|line| text(line, "/outcome")).collect();
        assert_eq!((outcomes, text(&lines[0], "/api")), (vec!["submitted", "not_allowed"], "connect"));
        let case = stack.dispute(&payment.trxid).await.dispute.number.case_id();
        assert_eq!(text(&lines[0], "/dispute"), case);
        let digits = file.split_once('-').unwrap().1;
        for line in stack.log() {
            for secret in ["secret", CLIENT.secret, digits, "X-Amz-", "GCS v1HMAC", payment.trxid.as_str(), "@"] {
                assert!(!line.text.contains(secret), "{secret} is in {line:?}");
            }
        }
    });
}
