//! Cases in a support process, and what people do with them.

use std::path::Path;
use std::time::{Duration, Instant};

use futures_util::{StreamExt, stream};
use recourse_dispute::number::DisputeNumber;
use recourse_local::Options;
use recourse_local::ses::AcceptedMail;
use recourse_store::{CaseRecord, MailState};
use serde_json::{Value, json};
use tokio::time::sleep;

use super::eml::Eml;
use crate::cli::recourse;
use crate::harness::{
    CLIENT, Call, EVIDENCE, OUTBOX, PLATFORM, Stack, Transaction, address, now, support_options, until,
};

/// The address of the demo's account, which is in Cc of every mail to its customers.
pub(crate) const ACCOUNT: &str = "disputes@demo-wallet.example";
/// The address that replies go to, without a token.
pub(crate) const CASES: &str = "cases@recourse.example";
/// How many requests of a test are under way at once.
const AT_ONCE: usize = 12;

/// A reported payment with its customer.
pub(crate) struct Case {
    pub(crate) transaction: Transaction,
    /// The customer's address.
    pub(crate) user: String,
    pub(crate) number: DisputeNumber,
    /// The case id, `RC-...`.
    pub(crate) id: String,
    /// The plus-address of the case.
    pub(crate) reply_to: String,
    /// The mail that says that the report is there.
    pub(crate) first: AcceptedMail,
}

impl Case {
    /// A mail that the customer writes in the thread.
    pub(crate) fn mail(&self, text: &str) -> Eml {
        let subject = format!("Re: {}", self.first.subject);
        Eml::new(&self.user, &self.reply_to, &subject, text).with("In-Reply-To", &wire_id(&self.first))
    }

    /// The token of the plus-address.
    pub(crate) fn token(&self) -> &str {
        self.reply_to.split(['+', '@']).nth(1).unwrap()
    }

    /// The mails about the case that SES took, oldest first.
    pub(crate) fn mails(&self, stack: &Stack) -> Vec<AcceptedMail> {
        let about = format!("[{}]", self.id);
        stack.cloud().ses.mails().into_iter().filter(|mail| mail.subject.contains(&about)).collect()
    }

    /// The subjects of these mails, without the case id.
    pub(crate) fn subjects(&self, stack: &Stack) -> Vec<String> {
        let title = |mail: AcceptedMail| mail.subject.replace(&format!("[{}] ", self.id), "");
        self.mails(stack).into_iter().map(title).collect()
    }

    /// Everything on record.
    pub(crate) async fn record(&self, stack: &Stack) -> CaseRecord {
        stack.store().case_record(self.number).await.unwrap().unwrap()
    }

    /// The state and the reason of the support process.
    pub(crate) async fn state(&self, stack: &Stack) -> (&'static str, &'static str) {
        let case = self.record(stack).await.case.unwrap().support.unwrap();
        (case.state.name(), case.reason.code())
    }

    /// The reasons in the history, oldest first.
    pub(crate) async fn reasons(&self, stack: &Stack) -> Vec<&'static str> {
        let history = self.record(stack).await.history;
        history.iter().flat_map(|event| &event.entries).map(|entry| entry.reason.code()).collect()
    }

    /// Fails unless the case is in this state for this reason; shows its history then.
    pub(crate) async fn is(&self, stack: &Stack, state: &str, reason: &str) {
        let found = self.state(stack).await;
        assert_eq!(found, (state, reason), "{}: {:?}", self.id, self.reasons(stack).await);
    }
}

/// A mail's Message-ID as its readers see it.
pub(crate) fn wire_id(mail: &AcceptedMail) -> String {
    format!("<{}@email.amazonses.com>", mail.message_id)
}

/// Options with one more parameter of the template.
pub(crate) fn and(mut options: Options, name: &str, value: &str) -> Options {
    options.parameters.insert(name.to_owned(), value.to_owned());
    options
}

/// Options with the time limits that ship, so that a slow machine passes none of them; but a mail
/// may follow another one after a second.
pub(crate) fn unhurried() -> Options {
    // Under AWS's own emulator, functions have the machine's clock.
    and(Options { emulator: None, ..support_options() }, "SupportTimeLimits", r#"{"mail_interval":1}"#)
}

/// The time of the stack, which may have been moved, in Unix seconds.
pub(crate) fn time(stack: &Stack) -> u64 {
    now() + stack.cloud().clock.moved_by().as_secs()
}

/// The same call, signed at the time of the stack.
pub(crate) fn today(stack: &Stack, call: Call) -> Call {
    Call { timestamp: time(stack).to_string(), ..call }
}

/// A new case of a transaction of this kind.
pub(crate) async fn reported(stack: &Stack, kind: &str) -> Case {
    reported_many(stack, kind, 1).await.remove(0)
}

/// A new case of a voucher whose first step is taken: its customer is asked for a photo, if the
/// automation may.
pub(crate) async fn voucher_case(stack: &Stack) -> Case {
    let case = reported(stack, "voucher").await;
    stack.sweep().await;
    case
}

/// As many new cases, each with a customer of its own.
pub(crate) async fn reported_many(stack: &Stack, kind: &str, count: usize) -> Vec<Case> {
    let with_kind = |_| {
        let mut transaction = Transaction::new("acct_demo", "Succesful");
        transaction.body["kind"] = kind.into();
        transaction
    };
    reported_about(stack, (0..count).map(with_kind).collect()).await
}

/// A new case of each of these transactions, which the platform has not sent yet.
pub(crate) async fn reported_about(stack: &Stack, transactions: Vec<Transaction>) -> Vec<Case> {
    for some in transactions.chunks(50) {
        let sent: Vec<Value> = some.iter().map(|transaction| transaction.body.clone()).collect();
        let answer = stack.send(&today(stack, Call::import(&PLATFORM, &sent))).await;
        assert_eq!(answer.text.matches("\"created\"").count(), some.len(), "{answer:?}");
    }
    let reports = transactions.into_iter().map(async |transaction| {
        let user = address();
        let body = json!({ "refid": transaction.refid, "user_email": [user] });
        let answer = stack.send(&today(stack, Call::report(&CLIENT, &body))).await;
        assert!(answer.status == 200 && answer.text.contains("\"Success\""), "{answer:?}");
        (transaction, user)
    });
    let reports: Vec<_> = stream::iter(reports).buffered(AT_ONCE).collect().await;
    let mut cases = Vec::new();
    for (transaction, user) in reports {
        let first = stack.inbox(&user, 1).await.remove(0);
        let number = stack.dispute(&transaction.trxid).await.dispute.number;
        let reply_to = first.reply_to[0].clone();
        cases.push(Case { transaction, user, number, id: number.case_id(), reply_to, first });
    }
    cases
}

/// What became of an object, once the worker is done with it. On a busy machine the bus gives up an
/// event whose worker ran into time limits; then it is put again, as the runbook says.
pub(crate) async fn outcome(stack: &Stack, object: &str) -> recourse_store::InboundOutcome {
    let started = Instant::now();
    let mut puts = 0;
    loop {
        if let Ok(Some(done)) = stack.store().inbound_outcome(object).await {
            return done;
        }
        assert!(started.elapsed() < Duration::from_secs(120), "{object} is not recorded");
        if started.elapsed() > Duration::from_secs(20) * (puts + 1) {
            puts += 1;
            stack.cloud().s3.notify(EVIDENCE, object).unwrap();
        }
        sleep(Duration::from_millis(20)).await;
    }
}

/// Posts a mail, and waits until the worker is done with it.
pub(crate) async fn receive(stack: &Stack, mail: &Eml, query: &str) -> String {
    let object = stack.receive(&mail.bytes(), query).await.unwrap();
    outcome(stack, &object).await;
    object
}

/// Posts many mails at once, and waits until the worker is done with all of them. Returns the keys
/// in the order of the mails.
pub(crate) async fn receive_all(stack: &Stack, mails: &[(Vec<u8>, String)]) -> Vec<String> {
    let posts = mails.iter().map(async |(raw, query)| stack.receive(raw, query).await.unwrap());
    let objects: Vec<_> = stream::iter(posts).buffered(AT_ONCE).collect().await;
    for object in &objects {
        outcome(stack, object).await;
    }
    objects
}

/// The customer writes a text in the thread.
pub(crate) async fn writes(stack: &Stack, case: &Case, text: &str) -> Eml {
    let mail = case.mail(text);
    receive(stack, &mail, "").await;
    mail
}

/// Moves the clock on, and lets the workers do what is due then.
pub(crate) async fn later(stack: &Stack, seconds: u64) {
    stack.cloud().clock.advance(Duration::from_secs(seconds)).unwrap();
    stack.sweep().await;
}

/// Waits until each mail of a case is at its end. One that waits behind another is sent by a sweep.
pub(crate) async fn mailed(stack: &Stack, number: DisputeNumber) {
    let mut looks = 0;
    until(&format!("all mails of {} are sent", number.case_id()), async || {
        let mails = stack.store().record_of(number).await.unwrap().unwrap().mails;
        looks += 1;
        if looks % 25 == 0 {
            stack.cloud().run_schedule(OUTBOX).await.unwrap();
        }
        let is_over = |state| !matches!(state, MailState::Pending | MailState::Sending);
        mails.iter().all(|mail| is_over(mail.mail_state)).then_some(())
    })
    .await;
}

/// The same for many cases.
pub(crate) async fn all_mailed(stack: &Stack, cases: &[Case]) {
    for case in cases {
        mailed(stack, case.number).await;
    }
}

/// Says what the demo's provider answers about a case.
pub(crate) async fn provider_says(stack: &Stack, case: &Case, answer: &Value) {
    stack.provider_answers(&case.transaction.trxid, answer).await;
}

/// What a command of `recourse` prints; it has to succeed.
pub(crate) async fn printed(stack: &Stack, folder: &Path, arguments: &[&str]) -> String {
    let said = recourse(stack, folder, arguments).await;
    assert_eq!(said.code, 0, "{arguments:?}: {}{}", said.out, said.err);
    said.out
}

/// `recourse case show CASE --json`.
pub(crate) async fn show(stack: &Stack, folder: &Path, case: &str) -> Value {
    serde_json::from_str(&printed(stack, folder, &["case", "show", case, "--json"]).await).unwrap()
}

/// The cases that `recourse case list` has in a state.
pub(crate) async fn listed(stack: &Stack, folder: &Path, state: &str) -> Vec<Value> {
    let list = printed(stack, folder, &["case", "list", "--json", "--state", state]).await;
    serde_json::from_str::<Value>(&list).unwrap().as_array().unwrap().clone()
}
