//! `POST /v2/transactions/check`: report an issue with a completed transaction.
//!
//! It costs two DynamoDB calls: one reads the transaction, one writes the whole case. One more, at
//! most once a minute, finds the addresses of the parties. In production, the case's support
//! process begins with the case, in the same write. A report that is refused for its input
//! costs the read and the write of the nonce; one that the transaction refuses costs the failed
//! write besides.

use recourse_casework::ProcessStart;
use recourse_dispute::channel::Channel;
use recourse_dispute::dispute::Dispute;
use recourse_dispute::event::PerformedBy;
use recourse_dispute::lifecycle::{Actor, Category};
use recourse_dispute::transaction::{Facts, Status};
use recourse_edge::{
    ActingParty, ApiResponse, App, AuthenticatedRequest, NotOpened, Refusal, Request, ServiceError, V1AuthError,
    note_refusal, serve_body,
};
use recourse_iimmpact::{ApiError, Iimmpact, Outcome, Report, TransactionRef, failing, simulated};
use recourse_store::{Opening, Replayed, Role};

/// The header with the case's id, which mails and the Platform API have, too (Recourse-specific).
/// The vendor's body has no place for it.
const CASE_ID: &str = "recourse-case-id";
/// The members of a body that are read. All others are passed over, and named in the answer.
const MEMBERS: &[&str] = &["refid", "trxid", "user_email"];

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), lambda_http::Error> {
    let start = ProcessStart::read(|name| std::env::var(name).ok())?;
    serve_body::<Iimmpact>("report", MEMBERS, async move |app: &App, request: &Request| {
        report(app, start, request).await
    })
    .await
}

async fn report(app: &App, start: ProcessStart, request: &Request) -> Result<ApiResponse, ApiError> {
    let caller = app.authenticate_v1::<ApiError>(request).await?;
    match plan(app, &caller, request).await {
        Ok(Plan::Open(plan)) => open(app, start, &caller, &plan).await,
        Ok(Plan::Answer(answer)) => app.use_nonce(&caller).await.and(Ok(answer)),
        Err(ApiError::Service(error)) => Err(ApiError::Service(error)),
        Err(refusal) => app.use_nonce(&caller).await.and(Err(refusal)),
    }
}

/// What is to be done about a report, decided before anything is written.
enum Plan {
    Open(Box<(Facts, Report)>),
    Answer(ApiResponse),
}

async fn plan(app: &App, caller: &AuthenticatedRequest, request: &Request) -> Result<Plan, ApiError> {
    let account = &caller.credential.account;
    let support = &app.settings.support_address;
    if caller.credential.role != Role::Client {
        note_refusal(Refusal::WrongRole);
        return Err(ApiError::Forbidden);
    }
    let report = Report::read(&request.body, &account.email).map_err(ApiError::Invalid)?;
    if let Some(simulated) = simulated(account, &report.asked, support) {
        return simulated.map(Plan::Answer);
    }
    if let Some(answer) = failing(app, &caller.credential, &report.asked).await? {
        return Ok(Plan::Answer(answer));
    }
    let (facts, status) = match &report.asked {
        TransactionRef::Trxid(trxid) => {
            let found = app.store.transaction(account.environment, trxid).await?;
            found.filter(|found| found.facts.account == account.id).map(|own| (own.facts, own.status))
        }
        // A pointer has no status; the write checks it.
        TransactionRef::Refid(refid) => {
            let facts = app.store.by_refid(account.environment, &account.id, refid).await?;
            facts.map(|facts| (facts, Status::Succesful))
        }
        TransactionRef::Nothing => None,
    }
    .ok_or_else(ApiError::no_such_transaction)?;
    match refused_by(status) {
        Some(outcome) => Ok(Plan::Answer(outcome.answer(&facts.refid, support))),
        None => Ok(Plan::Open(Box::new((facts, report)))),
    }
}

/// How a report ends that its transaction's status refuses.
fn refused_by(status: Status) -> Option<Outcome> {
    match status {
        Status::Succesful => None,
        Status::Failed | Status::Refund => Some(Outcome::Refunded),
        Status::Accepted | Status::Processing => Some(Outcome::Pending),
    }
}

async fn open(
    app: &App,
    start: ProcessStart,
    caller: &AuthenticatedRequest,
    plan: &(Facts, Report),
) -> Result<ApiResponse, ApiError> {
    let (facts, report) = plan;
    let account = &caller.credential.account;
    let recipients = account.environment.sends_mail().then(|| report.recipients.clone());
    let parties = app.parties(facts, ActingParty::of(account)).await?;
    let opened = app.open_dispute::<_, ApiError>(|number, now| {
        let (id, facts) = (account.id.clone(), facts.clone());
        let begun = Dispute::begin(number, Channel::Iimmpact, id, facts, Category::Inquiry, now);
        let dispute = Dispute { recipients: recipients.clone(), ..begun };
        let by = PerformedBy { actor: Actor::Opener, name: caller.credential.key.to_string() };
        let (support, parties) = (start.begin(&dispute, now), parties.clone());
        Ok(Opening { support, parties, ..Opening::new(dispute, by, caller.nonce.clone()) })
    });
    let answer = |outcome: Outcome| outcome.answer(&facts.refid, &app.settings.support_address);
    let refused = match opened.await? {
        Ok(dispute) => {
            let created = answer(Outcome::Created).with_header(CASE_ID, dispute.number.case_id());
            return Ok(created.about(dispute.number));
        }
        Err(NotOpened::Guarded(Replayed)) => return Err(V1AuthError::ReplayedNonce.into()),
        Err(NotOpened::Duplicate(_)) => Outcome::Duplicate,
        Err(NotOpened::NotDisputable(status)) => {
            let what = "a transaction that is disputable refused a report";
            refused_by(status).ok_or_else(|| ServiceError::invariant(what, &facts.trxid))?
        }
    };
    app.use_nonce::<ApiError>(caller).await?;
    Ok(answer(refused))
}
