//! Support cases in the sweep: each moves once, by its time, whatever happens on the way.

use std::sync::Arc;

use recourse_casework::Settings;
use recourse_dispute::addresses::MailAddress;
use recourse_dispute::channels::tutelar::configuration::Configuration;
use recourse_dispute::environment::Environment;
use recourse_dispute::event::PerformedBy;
use recourse_dispute::lifecycle::Actor;
use recourse_dispute::notification::Audience;
use recourse_dispute::transaction::{Kind, Status, Transaction};
use recourse_store::{
    Account, AuditContext, CaseFile, CaseRecord, DeliveryFeedback, MailId, OpenOutcome, Opening, OutboxMail,
    RecordFeedbackOutcome, Undelivered,
};
use recourse_support::case::{State, SupportCase};
use recourse_support::reason::Reason;
use serde_json::{Value, json};

mod closed;

use super::*;
use crate::testing::case::{opening, platform, transaction};
use crate::testing::cloud::{Cloud, Fault};
use crate::testing::{self, log, now, pass, token};

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

/// A worker and its surroundings.
struct Bench {
    worker: Arc<Expire>,
    cloud: Cloud,
    _log: tracing::subscriber::DefaultGuard,
}

impl Bench {
    /// A deployment with an account whose provider is not public, so that nobody is ever asked.
    async fn new() -> Self {
        testing::begin();
        let cloud = Cloud::new();
        let worker = worker(&cloud, true);
        let sealer = testing::sealer(&cloud);
        testing::make_data_key(&sealer, &worker.store).await;
        let account = Account {
            id: transaction(1, Status::Succesful).facts.account,
            name: "Demo Wallet".to_owned(),
            environment: Environment::Production,
            email: MailAddress::parse("account@client.example").unwrap(),
            merchant_id: None,
            domain_code: None,
        };
        let by = PerformedBy { actor: Actor::Operator, name: "alice".to_owned() };
        let audit = AuditContext { by, at: now(), why: None };
        worker.store.create_account(&account, &audit, &token()).await.unwrap();
        let providers = json!({ "support": { "providers": { "topup": "https://127.0.0.1/ask" } } });
        let configuration = Configuration::parse(providers.to_string().as_bytes()).unwrap();
        worker.store.configure(&account.id, &configuration, &audit, token).await.unwrap();
        let secret = recourse_signing::webhook::secret_text(&[7; 32]);
        worker.store.set_provider_secret(&sealer, &account.id, &secret, [1; 12], &audit, token).await.unwrap();
        Self { worker: Arc::new(worker), cloud, _log: log::start() }
    }

    /// Another worker of the same deployment, which starts cold.
    fn another(&self) -> Arc<Expire> {
        Arc::new(worker(&self.cloud, true))
    }

    /// Says what happens to each call of DynamoDB, by its operation and its body.
    fn on_call(&self, on_call: impl FnMut(&str, &Value) -> Fault + Send + 'static) {
        *self.cloud.on_call.lock().unwrap() = Box::new(on_call);
    }

    /// Opens a report about a payment of this kind.
    async fn report(&self, number: u64, kind: Kind) {
        let store = &self.worker.store;
        let paid = Transaction { kind, ..transaction(number, Status::Succesful) };
        store.upsert_transaction(&paid, &platform(), now(), token).await.unwrap();
        let opening = opening(number, &["user@customer.example"], now());
        let support = testing::start().begin(&opening.dispute, now());
        let opened = store.open(&Opening { support, ..opening }, &token(), now()).await.unwrap();
        assert!(matches!(opened, OpenOutcome::Opened(_)));
    }

    /// The platform reports the payment as refunded, which closes the dispute.
    async fn refund(&self, number: u64) {
        let mut update = transaction(number, Status::Refund);
        update.updated_at = update.updated_at.plus(1000);
        self.worker.store.upsert_transaction(&update, &platform(), now(), token).await.unwrap();
    }

    async fn record(&self, number: u64) -> CaseRecord {
        self.worker.store.case_record(number.try_into().unwrap()).await.unwrap().unwrap()
    }

    async fn case(&self, number: u64) -> CaseFile {
        self.record(number).await.case.unwrap()
    }

    async fn support(&self, number: u64) -> SupportCase {
        self.case(number).await.support.unwrap()
    }

    /// Which mails of the process were enqueued, in their order.
    async fn mails(&self, number: u64) -> Vec<String> {
        let name = |mail: OutboxMail| mail.notification.support.map(|support| support.name);
        self.record(number).await.record.mails.into_iter().filter_map(name).collect()
    }

    /// SES reports that the mail to the customer of a case came back.
    async fn bounced(&self, number: u64, at: UnixMillis) -> bool {
        let mail = MailId { number: number.try_into().unwrap(), version: 1, audience: Audience::Case };
        let address = MailAddress::parse("user@customer.example").unwrap();
        let feedback = DeliveryFeedback { mail, address, kind: Undelivered::Bounce, at, detail: None };
        let noted = self.worker.store.undelivered(&feedback, None, now(), token).await.unwrap();
        matches!(noted, RecordFeedbackOutcome::Noted { marked: true, .. })
    }

    async fn sweep(&self) {
        self.worker.sweep(now().plus(MINUTE_MS)).await.unwrap();
    }

    /// What the last sweep's line says.
    fn line(&self) -> String {
        log::lines("message=deadlines").pop().unwrap()
    }

    fn assert_line(&self, fields: &[&str]) {
        let line = format!(" {} ", self.line());
        for field in fields {
            assert!(line.contains(&format!(" {field} ")), "{field} in {line}");
        }
    }
}

fn worker(cloud: &Cloud, process: bool) -> Expire {
    let settings = Settings { process, ..testing::settings() };
    let support = Support {
        casework: CurrentCasework::new(settings, testing::files(cloud)),
        sealer: testing::sealer(cloud),
        provider: recourse_provider::Client::new().unwrap(),
        model: None,
    };
    let (store, support) = (testing::store(cloud), process.then_some(support));
    Expire { store, support, files: None, context: testing::context() }
}

/// Whether a call writes a case.
fn is_write(operation: &str) -> bool {
    operation == "TransactWriteItems"
}

#[tokio::test]
async fn a_report_is_answered_by_the_next_sweep_and_once() {
    let bench = Bench::new().await;
    bench.report(551, Kind::Voucher).await;
    bench.sweep().await;
    assert_eq!(bench.support(551).await.state, State::WaitingForCustomer);
    bench.assert_line(&["INFO", "sweeps=1", "support_stepped=1", "support_escalated=0", "support_failed=0"]);
    let step = log::lines("message=support").pop().unwrap();
    for field in ["dispute=RC-0000008t", "from=new", "to=waiting_for_customer", "decided_by=playbook"] {
        assert!(step.contains(field), "{field} in {step}");
    }
    bench.sweep().await;
    bench.assert_line(&["support_stepped=0", "support_late_ms=0"]);
    assert_eq!(bench.mails(551).await.len(), 1);
}

/// A sweep of many cases costs little more than a write for each.
#[tokio::test]
async fn cases_are_read_together_and_each_is_written_once() {
    let bench = Bench::new().await;
    for number in 1..=25 {
        bench.report(number, Kind::Voucher).await;
    }
    let calls = Arc::new(std::sync::Mutex::new(std::collections::BTreeMap::<String, u32>::new()));
    let counted = Arc::clone(&calls);
    bench.on_call(move |operation, _| {
        *counted.lock().unwrap().entry(operation.to_owned()).or_default() += 1;
        Fault::None
    });
    bench.sweep().await;
    bench.assert_line(&["support_stepped=25", "support_failed=0"]);
    let calls = calls.lock().unwrap().clone();
    assert_eq!((calls["BatchGetItem"], calls["TransactWriteItems"]), (4, 25), "{calls:?}");
}

#[tokio::test]
async fn workers_at_the_same_case_step_it_once() {
    let bench = Bench::new().await;
    for number in 1..=4 {
        bench.report(number, Kind::Voucher).await;
    }
    let (second, third, until) = (bench.another(), bench.another(), now().plus(MINUTE_MS));
    let (_, two, three) = tokio::join!(bench.sweep(), second.sweep(until), third.sweep(until));
    assert!(two.is_ok() && three.is_ok());
    for number in 1..=4 {
        assert_eq!(bench.mails(number).await.len(), 1, "{number}");
        assert_eq!(bench.case(number).await.version, 2);
    }
    assert_eq!(log::lines("message=support").len(), 4);
}

#[tokio::test]
async fn a_step_whose_answer_was_lost_is_made_once() {
    let bench = Bench::new().await;
    bench.report(551, Kind::Voucher).await;
    let mut writes = 0;
    bench.on_call(move |operation, _| {
        writes += u32::from(is_write(operation));
        if is_write(operation) && writes == 1 { Fault::AnswerLost } else { Fault::None }
    });
    bench.sweep().await;
    bench.assert_line(&["support_stepped=1", "support_failed=0"]);
    assert_eq!((bench.mails(551).await.len(), bench.case(551).await.version), (1, 2));
}

#[tokio::test]
async fn a_silent_customer_is_reminded_once_and_then_an_agent_has_the_case() {
    let bench = Bench::new().await;
    bench.report(551, Kind::Voucher).await;
    bench.sweep().await;
    pass(3 * DAY_MS - 1000);
    bench.sweep().await;
    assert_eq!(bench.mails(551).await.len(), 1);
    pass(1000);
    bench.sweep().await;
    bench.sweep().await;
    assert_eq!(bench.mails(551).await.get(1).map(String::as_str), Some("reminder"));
    pass(4 * DAY_MS - 1000);
    bench.sweep().await;
    assert_eq!(bench.support(551).await.state, State::WaitingForCustomer);
    pass(1000);
    bench.sweep().await;
    let support = bench.support(551).await;
    assert_eq!((support.state, support.reason), (State::WaitingForAgent, Reason::CustomerSilent));
    bench.assert_line(&["support_escalated=1"]);
    assert!(bench.record(551).await.record.dispute.state.is_open());
    // Nobody is configured to be told that no agent came.
    pass(8 * HOUR_MS);
    bench.sweep().await;
    assert_eq!(log::lines("alarm=support_unattended").len(), 1);
    assert_eq!(bench.support(551).await.state, State::WaitingForAgent);
}

#[tokio::test]
async fn a_provider_that_cannot_be_asked_is_tried_ever_later_and_then_an_agent_has_the_case() {
    let bench = Bench::new().await;
    bench.report(551, Kind::Topup).await;
    bench.sweep().await;
    let support = bench.support(551).await;
    assert_eq!((support.state, support.reason), (State::WaitingForProvider, Reason::ProviderUnreachable));
    bench.assert_line(&["provider_asked=1", "provider_failed=1", "support_stepped=2"]);
    let cause = log::lines("provider did not answer").pop().unwrap();
    assert!(cause.contains("cause=private_address") && !cause.contains("127.0.0.1"), "{cause}");
    let ids = bench.record(551).await.history.last().unwrap().ids.clone();
    assert_eq!(ids, ["provider attempt 1", "provider: private_address"]);
    // A minute, two, four.
    for wait in [1, 2, 4] {
        pass(wait * MINUTE_MS - 1000);
        bench.sweep().await;
        bench.assert_line(&["provider_asked=0"]);
        pass(1000);
        bench.sweep().await;
        bench.assert_line(&["provider_asked=1"]);
    }
    let mut asked = 0;
    while bench.support(551).await.state == State::WaitingForProvider {
        pass(30 * MINUTE_MS);
        bench.sweep().await;
        asked += 1;
        assert!(asked <= 48, "a day is over");
    }
    let support = bench.support(551).await;
    assert_eq!((support.state, support.reason), (State::WaitingForAgent, Reason::ProviderLate));
}

#[tokio::test]
async fn a_question_that_a_dead_worker_claimed_is_asked_again_when_the_claim_is_over() {
    let bench = Bench::new().await;
    bench.report(551, Kind::Topup).await;
    // The step and the claim are written, and then nothing any more.
    let mut writes = 0;
    bench.on_call(move |operation, _| {
        writes += u32::from(is_write(operation));
        if is_write(operation) && writes > 2 { Fault::Lost } else { Fault::None }
    });
    bench.sweep().await;
    bench.assert_line(&["provider_asked=1", "support_failed=1"]);
    bench.on_call(|_, _| Fault::None);
    let claimed = bench.case(551).await;
    assert!(claimed.claimed_until.is_some() && claimed.work.is_some());
    pass(44_000);
    bench.another().sweep(now().plus(MINUTE_MS)).await.unwrap();
    bench.assert_line(&["provider_asked=0", "support_stepped=0"]);
    pass(1000);
    bench.another().sweep(now().plus(MINUTE_MS)).await.unwrap();
    bench.assert_line(&["provider_asked=1", "support_stepped=1"]);
    let case = bench.case(551).await;
    assert_eq!((case.claimed_until, case.work), (None, None));
    assert_eq!(case.support.unwrap().counters.provider_attempts, 1, "the same question");
}

/// A question that fails again and again holds no case back from its limit.
#[tokio::test]
async fn a_question_that_was_claimed_in_vain_gives_way_to_the_time_limit() {
    let bench = Bench::new().await;
    bench.report(551, Kind::Topup).await;
    let mut writes = 0;
    bench.on_call(move |operation, _| {
        writes += u32::from(is_write(operation));
        if is_write(operation) && writes > 2 { Fault::Lost } else { Fault::None }
    });
    bench.sweep().await;
    bench.assert_line(&["provider_asked=1", "support_failed=1"]);
    bench.on_call(|_, _| Fault::None);
    pass(DAY_MS);
    bench.sweep().await;
    let support = bench.support(551).await;
    assert_eq!((support.state, support.reason), (State::WaitingForAgent, Reason::ProviderLate));
    bench.assert_line(&["provider_asked=0", "support_escalated=1"]);
}

/// The sealed secret is not one that this deployment's key opens.
#[tokio::test]
async fn a_secret_that_does_not_open_is_as_a_provider_that_does_not_answer() {
    let bench = Bench::new().await;
    let key = json!({ "PK": {"S": "CFG#acct_demo"}, "SK": {"S": "PROVIDER"} });
    let spoil = json!({
        "TableName": "disputes", "Key": key, "UpdateExpression": "SET sealed = :sealed",
        "ExpressionAttributeValues": {":sealed": {"B": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}},
    });
    bench.cloud.run("UpdateItem", spoil).unwrap();
    bench.report(551, Kind::Topup).await;
    bench.sweep().await;
    assert_eq!(bench.support(551).await.reason, Reason::ProviderUnreachable);
    bench.assert_line(&["provider_asked=0", "provider_failed=1", "support_failed=0"]);
    assert!(log::lines("cause=bad_secret").len() == 1);
}

#[tokio::test]
async fn a_case_does_not_wait_for_a_customer_whom_no_mail_reaches() {
    let bench = Bench::new().await;
    let (number, store) = (551.try_into().unwrap(), &bench.worker.store);
    assert!(!store.note_unreachable(number, now(), token).await.unwrap(), "there is no such case");
    bench.report(551, Kind::Voucher).await;
    // The bounce of the first mail may come before the process has begun.
    assert!(bench.bounced(551, now()).await);
    assert!(store.note_unreachable(number, now(), token).await.unwrap());
    assert!(!store.note_unreachable(number, now(), token).await.unwrap(), "it is noted already");
    bench.sweep().await;
    let support = bench.support(551).await;
    assert_eq!((support.state, support.reason), (State::WaitingForAgent, Reason::CustomerUnreachable));
    bench.assert_line(&["support_stepped=2", "support_escalated=1"]);
    assert_eq!(bench.case(551).await.unreachable_since, None);
    bench.sweep().await;
    bench.assert_line(&["support_stepped=0"]);
    bench.refund(551).await;
    assert!(!store.note_unreachable(number, now(), token).await.unwrap(), "it is over");
}

/// An operator lets the address be mailed again before the case has anything to ask.
#[tokio::test]
async fn a_case_waits_for_a_customer_whom_mail_reaches_again() {
    let bench = Bench::new().await;
    let (number, store) = (551.try_into().unwrap(), &bench.worker.store);
    bench.report(551, Kind::Voucher).await;
    assert!(bench.bounced(551, now()).await);
    assert!(store.note_unreachable(number, now(), token).await.unwrap());
    let by = PerformedBy { actor: Actor::Operator, name: "alice".to_owned() };
    let audit = AuditContext { by, at: now(), why: None };
    let address = MailAddress::parse("user@customer.example").unwrap();
    store.clear_address(&address, &audit, token).await.unwrap();
    bench.sweep().await;
    assert_eq!(bench.support(551).await.state, State::WaitingForCustomer);
    assert_eq!(bench.case(551).await.unreachable_since, None, "it is taken back");
    assert!(!store.note_reachable(number, now(), token).await.unwrap());
    bench.sweep().await;
    bench.assert_line(&["support_stepped=0"]);
    // The next one that comes back counts again.
    pass(MINUTE_MS);
    assert!(store.note_unreachable(number, now(), token).await.unwrap());
    assert_eq!(bench.case(551).await.unreachable_since, Some(now()));
}

#[tokio::test]
async fn a_refund_ends_the_case_without_a_second_mail() {
    let bench = Bench::new().await;
    bench.report(551, Kind::Voucher).await;
    bench.sweep().await;
    bench.refund(551).await;
    assert_eq!(bench.case(551).await.effective(&bench.record(551).await.record.dispute), Some(State::Resolved));
    pass(3 * DAY_MS);
    bench.sweep().await;
    let support = bench.support(551).await;
    assert_eq!((support.state, support.reason), (State::Resolved, Reason::TransactionRefunded));
    assert_eq!(bench.mails(551).await.len(), 1, "the dispute's own mail tells it");
    pass(30 * DAY_MS);
    bench.sweep().await;
    bench.assert_line(&["support_stepped=0", "support_late_ms=0"]);
}

#[tokio::test]
async fn a_case_that_fails_holds_up_no_other_and_is_tried_again() {
    let bench = Bench::new().await;
    bench.report(551, Kind::Voucher).await;
    bench.report(552, Kind::Voucher).await;
    bench.on_call(|operation, body| {
        let is_first = body.to_string().contains("DSP#551");
        if is_write(operation) && is_first { Fault::Panics } else { Fault::None }
    });
    bench.sweep().await;
    bench.assert_line(&["sweeps=1", "support_stepped=1", "support_failed=1"]);
    assert_eq!(bench.support(552).await.state, State::WaitingForCustomer);
    bench.on_call(|_, _| Fault::None);
    pass(MINUTE_MS);
    bench.sweep().await;
    bench.assert_line(&["support_stepped=1", "support_failed=0", "support_late_ms=60000"]);
    assert_eq!(bench.support(551).await.state, State::WaitingForCustomer);
}

#[tokio::test]
async fn a_sweep_begins_nothing_that_lambda_might_cut_off() {
    let bench = Bench::new().await;
    bench.report(551, Kind::Topup).await;
    bench.on_call(|operation, _| {
        if operation == "Query" {
            pass(5_000);
        }
        Fault::None
    });
    bench.worker.sweep(now().plus(MINUTE_MS)).await.unwrap();
    bench.assert_line(&["support_stepped=0", "provider_asked=0"]);
    bench.on_call(|_, _| Fault::None);
    bench.sweep().await;
    assert_eq!(bench.support(551).await.state, State::WaitingForProvider);
}

#[tokio::test]
async fn a_deployment_without_the_process_looks_at_no_case() {
    let bench = Bench::new().await;
    bench.report(551, Kind::Voucher).await;
    worker(&bench.cloud, false).sweep(now().plus(MINUTE_MS)).await.unwrap();
    assert_eq!(bench.support(551).await.state, State::New);
    assert!(!bench.line().contains("support_"), "{}", bench.line());
}

#[tokio::test]
async fn a_sweep_that_cannot_read_what_is_due_is_none() {
    let bench = Bench::new().await;
    bench.report(551, Kind::Voucher).await;
    bench.on_call(|operation, body| {
        let is_support = body.to_string().contains("support-");
        if operation == "Query" && is_support { Fault::Lost } else { Fault::None }
    });
    assert!(bench.worker.sweep(now().plus(MINUTE_MS)).await.is_err());
    bench.assert_line(&["ERROR", "sweeps=0"]);
}

/// Left alone, every case is with an agent or over within its times, and nothing is late.
#[tokio::test]
async fn every_case_that_is_left_alone_comes_to_a_person() {
    let bench = Bench::new().await;
    let kinds = [Kind::Voucher, Kind::Bill, Kind::Topup, Kind::Other];
    for (number, kind) in (1..).zip(kinds) {
        bench.report(number, kind).await;
    }
    for _ in 0..8 * 3 {
        bench.sweep().await;
        pass(8 * HOUR_MS);
    }
    for number in 1..=4 {
        assert_eq!(bench.support(number).await.state, State::WaitingForAgent, "{number}");
        assert!(bench.case(number).await.due().is_some_and(|due| due > now().plus(-8 * HOUR_MS)));
    }
    assert!(log::lines("support_failed=1").is_empty());
}
