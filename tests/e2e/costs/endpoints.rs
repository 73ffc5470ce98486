//! A call of every endpoint of the five APIs that succeeds.

use http::Request;
use recourse_local::dynamodb::Usage;
use serde_json::{Value, json};

use super::{Counter, is, report, send, sent, unsent, unsent_of_banks};
use crate::arbiter::{FBN, GTB, code_of, log_of, token_request};
use crate::harness::{CLIENT, Call, Connect, HttpResponse, PLATFORM, Stack, Transaction};
use crate::tutelar::least;

const PDF: &[u8] = b"%PDF-1.7\n%%EOF\n";

/// Nothing has to be there.
pub(super) async fn nothing() {}

pub(super) async fn count(counter: &mut Counter<'_>) {
    let stack = counter.stack;
    counter.call("HealthGet", "health", nothing, async |()| is(&stack.get("/health").await, 200)).await;
    let used = stack.cloud().dynamodb.usage("HealthGet");
    assert_eq!(used, Usage::default(), "it reads nothing");
    platform(counter).await;
    iimmpact(counter).await;
    tutelar(counter).await;
    arbiter(counter).await;
    connect(counter).await;
}

async fn platform(counter: &mut Counter<'_>) {
    let stack = counter.stack;
    let put = async |transaction: Transaction| is(&send(stack, Call::put(&PLATFORM, &transaction.body)).await, 201);
    counter.call("PlatformPut", "a transaction", async || unsent(), put).await;
    let ten = async || (0..10).map(|_| unsent().body).collect::<Vec<Value>>();
    let import = async |ten: Vec<Value>| is(&send(stack, Call::import(&PLATFORM, &ten)).await, 200);
    counter.call("PlatformImport", "ten transactions", ten, import).await;
    let known = async || sent(stack, unsent()).await;
    let get = async |transaction: Transaction| is(&send(stack, Call::get(&PLATFORM, &transaction.trxid)).await, 200);
    counter.call("PlatformGet", "a transaction", &known, get).await;
    let disputed = sent(stack, unsent()).await;
    report(stack, &disputed).await;
    let case_id = stack.dispute(&disputed.trxid).await.dispute.number.case_id();
    let list = async |()| is(&send(stack, Call::disputes(&PLATFORM, "account=acct_demo")).await, 200);
    counter.call("PlatformDisputes", "the first page", nothing, list).await;
    let one = async |()| is(&send(stack, Call::dispute(&PLATFORM, &case_id)).await, 200);
    counter.call("PlatformDispute", "a dispute", nothing, one).await;
}

/// That a report succeeds is counted with the workers, which go on with it.
async fn iimmpact(counter: &mut Counter<'_>) {
    let stack = counter.stack;
    let reported = async || {
        let transaction = sent(stack, unsent()).await;
        report(stack, &transaction).await;
        transaction
    };
    let again = async |transaction: Transaction| {
        let answer = send(stack, Call::report(&CLIENT, &json!({ "refid": transaction.refid }))).await;
        assert!(!answer.text.contains("\"Success\""), "{answer:?}");
    };
    counter.call("IimmpactReport", "a second report", reported, again).await;
}

async fn call(stack: &Stack, method: &'static str, path: &str, body: &Value) -> HttpResponse {
    stack.raw(Call::new(&CLIENT, method, format!("/api/v1/dispute/{path}"), body.to_string()).basic()).await
}

/// The id of a new dispute at the Tutelar API.
async fn raised(stack: &Stack) -> String {
    let transaction = sent(stack, unsent()).await;
    let answer = call(stack, "POST", "create", &least(&transaction.trxid, "1001")).await;
    is(&answer, 201);
    answer.json()["data"]["disputeId"].as_str().unwrap().to_owned()
}

async fn tutelar(counter: &mut Counter<'_>) {
    let stack = counter.stack;
    let known = async || sent(stack, unsent()).await;
    let create = async |transaction: Transaction| {
        is(&call(stack, "POST", "create", &least(&transaction.trxid, "1001")).await, 201);
    };
    counter.call("TutelarCreate", "a dispute", &known, create).await;
    let update = async |id: String| {
        is(&call(stack, "PATCH", &format!("update/{id}"), &json!({ "comments": "It was paid twice." })).await, 200);
    };
    counter.call("TutelarUpdate", "a comment", async || raised(stack).await, update).await;
    let view = async |id: String| {
        let path = format!("/api/v1/dispute/view/{id}");
        is(&stack.raw(Call::new(&CLIENT, "GET", path, Vec::new()).basic()).await, 200);
    };
    counter.call("TutelarView", "a dispute", async || raised(stack).await, view).await;
    for (function, path) in [
        ("TutelarMoveLevel", "move-level"),
        ("TutelarMerchantWon", "merchant-won"),
        ("TutelarMerchantLoss", "merchant-loss"),
    ] {
        let put = async |id: String| is(&call(stack, "PUT", &format!("{path}/{id}"), &json!({})).await, 200);
        counter.call(function, "a dispute", async || raised(stack).await, put).await;
    }
    let decided = async || {
        let id = raised(stack).await;
        is(&call(stack, "PUT", &format!("merchant-loss/{id}"), &json!({})).await, 200);
        id
    };
    let reopen = async |id: String| is(&call(stack, "PUT", &format!("reopen/{id}"), &json!({})).await, 200);
    counter.call("TutelarReopen", "a decided dispute", decided, reopen).await;
    let unknown = async |()| {
        let unknown = Call::new(&CLIENT, "GET", "/api/v1/dispute/anything", Vec::new()).basic();
        is(&stack.raw(unknown).await, 404);
    };
    counter.call("TutelarUnknown", "an unknown path", nothing, unknown).await;
}

async fn arbiter(counter: &mut Counter<'_>) {
    let stack = counter.stack;
    let grant = async |()| is(&stack.raw(token_request(&FBN.key, &FBN.form(FBN.password))).await, 200);
    counter.call("ArbiterToken", "a password grant", nothing, grant).await;
    let (fbn, gtb) = (FBN.sign_in(stack).await, GTB.sign_in(stack).await);
    let (fbn, gtb) = (&fbn, &gtb);
    let known = async || sent(stack, unsent_of_banks()).await;
    let log = async |transaction: Transaction| is(&fbn.log(stack, &log_of(&transaction, "Chargeback")).await, 201);
    counter.call("ArbiterLog", "a chargeback", &known, log).await;
    let logged = async || code_of(&fbn.log(stack, &log_of(&known().await, "Chargeback")).await);
    let query = async |()| is(&fbn.get(stack, "/disputes").await, 200);
    counter.call("ArbiterQuery", "the first page", nothing, query).await;
    let get = async |code: String| is(&fbn.get(stack, &format!("/disputes/{code}")).await, 200);
    counter.call("ArbiterGet", "a dispute", &logged, get).await;
    let put = async |code: String| is(&gtb.put(stack, &code, "REPRESENTMENT").await, 200);
    counter.call("ArbiterPut", "a representment", &logged, put).await;
    let with_evidence = async || {
        let transaction = known().await;
        let dispute = drafted(stack, &transaction).await;
        let file = uploaded(stack, &dispute).await;
        is(&stack.connect(Connect::submit(&dispute)).await, 200);
        let code = stack.dispute(&transaction.trxid).await.dispute.log_code().unwrap();
        format!("/disputes/{code}/evidence/{file}")
    };
    let evidence = async |path: String| is(&gtb.get(stack, &path).await, 200);
    counter.call("ArbiterEvidence", "a file's address", with_evidence, evidence).await;
    for (function, path) in
        [("ArbiterCategories", "/disputes/categories"), ("ArbiterReasons", "/disputes/categories/Refund/reasons")]
    {
        let list = async |()| is(&fbn.get(stack, path).await, 200);
        counter.call(function, "the list", nothing, list).await;
    }
    let find = async |transaction: Transaction| {
        let reference = transaction.body["details"]["reference"].as_str().unwrap();
        let path = format!("/transactions/types/BillPayment/references/{reference}");
        is(&fbn.get(stack, &path).await, 200);
    };
    counter.call("ArbiterTransaction", "a transaction", &known, find).await;
}

fn contact() -> Value {
    json!({ "contactPerson": "Wile Coyote", "emailAddress": "wile.e.coyote@acmelabs.com" })
}

fn text(answer: &HttpResponse, name: &str) -> String {
    assert!([200, 201].contains(&answer.status), "{answer:?}");
    answer.json()[name].as_str().unwrap().to_owned()
}

/// The id of a new draft about a payment.
async fn drafted(stack: &Stack, transaction: &Transaction) -> String {
    text(&stack.connect(Connect::create(&transaction.trxid, &contact())).await, "id")
}

fn upload(dispute: &str) -> Connect {
    Connect::upload(dispute, "file.pdf", "application/pdf", PDF)
}

/// The id of a file that was uploaded to a draft.
async fn uploaded(stack: &Stack, dispute: &str) -> String {
    text(&stack.connect(upload(dispute)).await, "fileId")
}

/// The id of a file that was put at a presigned address.
async fn placed(stack: &Stack, dispute: &str) -> String {
    let started = stack.connect(Connect::start(dispute, "file.pdf", "application/pdf", PDF.len())).await;
    let mut put = Request::put(text(&started, "url"));
    for (name, value) in started.json()["headers"].as_object().unwrap() {
        put = put.header(name, value.as_str().unwrap());
    }
    is(&stack.to(put.body(PDF.to_vec()).unwrap()).await, 200);
    text(&started, "fileId")
}

fn capture(transaction: &Transaction) -> String {
    transaction.body["details"]["captures"][0].as_str().unwrap().to_owned()
}

async fn connect(counter: &mut Counter<'_>) {
    let stack = counter.stack;
    let known = async || sent(stack, unsent_of_banks()).await;
    let create = async |transaction: Transaction| {
        is(&stack.connect(Connect::create(&transaction.trxid, &contact())).await, 201);
    };
    counter.call("ConnectCreate", "a draft", &known, create).await;
    let create = async |transaction: Transaction| {
        let path = format!("/v1/1001/captures/{}/dispute", capture(&transaction));
        is(&stack.connect(Connect::new("POST", path).json(&contact())).await, 201);
    };
    counter.call("ConnectCaptureCreate", "a draft", &known, create).await;
    let disputed = async || {
        let transaction = known().await;
        drafted(stack, &transaction).await;
        transaction
    };
    let list = async |transaction: Transaction| {
        let path = format!("/v1/1001/payments/{}/disputes", transaction.trxid);
        is(&stack.connect(Connect::new("GET", path)).await, 200);
    };
    counter.call("ConnectList", "one dispute", &disputed, list).await;
    let list = async |transaction: Transaction| {
        let path = format!("/v1/1001/captures/{}/disputes", capture(&transaction));
        is(&stack.connect(Connect::new("GET", path)).await, 200);
    };
    counter.call("ConnectCaptureList", "one dispute", &disputed, list).await;

    let draft = async || drafted(stack, &known().await).await;
    let get = async |dispute: String| is(&stack.connect(Connect::get(&dispute)).await, 200);
    counter.call("ConnectGet", "a dispute", &draft, get).await;
    let add = async |dispute: String| is(&stack.connect(upload(&dispute)).await, 201);
    counter.call("ConnectUpload", "a file", &draft, add).await;
    let start = async |dispute: String| {
        is(&stack.connect(Connect::start(&dispute, "file.pdf", "application/pdf", PDF.len())).await, 201);
    };
    counter.call("ConnectUploadStart", "a file", &draft, start).await;
    let half = async || {
        let dispute = draft().await;
        let file = placed(stack, &dispute).await;
        (dispute, file)
    };
    let complete = async |(dispute, file): (String, String)| {
        is(&stack.connect(Connect::complete(&dispute, &file)).await, 200);
    };
    counter.call("ConnectUploadComplete", "a file", half, complete).await;
    let with_file = async || {
        let dispute = draft().await;
        let file = uploaded(stack, &dispute).await;
        (dispute, file)
    };
    let download = async |(_, file): (String, String)| is(&stack.connect(Connect::file(&file)).await, 200);
    counter.call("ConnectDownload", "a file", &with_file, download).await;
    let address = async |(_, file): (String, String)| is(&stack.connect(Connect::url(&file)).await, 200);
    counter.call("ConnectFileUrl", "a file", &with_file, address).await;
    let submit = async |(dispute, _): (String, String)| is(&stack.connect(Connect::submit(&dispute)).await, 200);
    counter.call("ConnectSubmit", "a draft", &with_file, submit).await;
    let submitted = async || {
        let (dispute, _) = with_file().await;
        is(&stack.connect(Connect::submit(&dispute)).await, 200);
        dispute
    };
    let cancel = async |dispute: String| is(&stack.connect(Connect::cancel(&dispute)).await, 200);
    counter.call("ConnectCancel", "a dispute", submitted, cancel).await;
}
