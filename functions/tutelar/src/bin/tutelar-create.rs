//! `POST /api/v1/dispute/create`: raise a dispute about a transaction of the caller's.
//!
//! It costs two DynamoDB calls: one reads the transaction and the account's configuration, one
//! writes the dispute. One more, at most once a minute, finds the addresses of the parties. A
//! dispute of a transaction that failed or was refunded is closed on creation, which is an answer
//! like the others.

use recourse_dispute::addresses::Recipients;
use recourse_dispute::channel::Channel;
use recourse_dispute::channels::tutelar::configuration::Configuration;
use recourse_dispute::channels::tutelar::details::{DisputeDetails, DueDate};
use recourse_dispute::dispute::Dispute;
use recourse_dispute::event::PerformedBy;
use recourse_dispute::lifecycle::{Actor, Category, State};
use recourse_dispute::time::Day;
use recourse_dispute::transaction::{Facts, Status};
use recourse_edge::{ActingParty, ApiResponse, App, NotOpened, Request, ServiceError, serve_body};
use recourse_store::{Credential, NoGuard, Opening};
use recourse_tutelar::{
    Amendable, ApiError, Create, DUPLICATE, NOT_COMPLETED, RAISED, RAISED_FAILED, RAISED_REFUNDED, Rules, Tutelar,
    amend, caller, members, success,
};
use serde_json::json;

/// The category of every dispute that is raised here, as the other APIs show it.
const CATEGORY: Category = Category::Chargeback;
/// How many openings are tried, as each may find that the transaction's status has changed. A
/// transaction has five statuses, so a later one is never needed.
const MAX_STATUS_CHANGES: u32 = 8;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), lambda_http::Error> {
    serve_body::<Tutelar>("create", members::CREATE, create).await
}

async fn create(app: &App, request: &Request) -> Result<ApiResponse, ApiError> {
    let caller = caller(app, request).await?;
    let account = &caller.account;
    let asked = Create::read(&request.body)?;
    let read = app.store.transaction_and_configuration(account.environment, &asked.trxid, &account.id);
    let (known, configuration) = read.await?;
    let own = known
        .filter(|known| known.facts.account == account.id && account.merchant_id.as_ref() == Some(&asked.merchant));
    let own = own.ok_or(ApiError::NoData)?;
    let claim = requested(&asked, configuration, &own.facts, Day::of(app.context.now()))?;
    raise(app, &caller, &own.facts, &claim, own.status).await
}

/// The details and the amount of the body. An account needs no configuration to raise a dispute:
/// without one, the defaults hold, and every bank is accepted.
fn requested(
    asked: &Create<'_>,
    configuration: Option<Configuration>,
    facts: &Facts,
    today: Day,
) -> Result<Amendable, ApiError> {
    let known_banks = configuration.is_some();
    let configuration = &configuration.unwrap_or_default();
    let rules = Rules { configuration, known_banks, facts, may_restate_amount: true, today };
    let whole = Amendable { details: DisputeDetails::default(), amount: facts.amount };
    let mut claim = amend(&whole, &asked.body, &rules)?;
    claim.details.due.get_or_insert(DueDate::In(configuration.due_days));
    Ok(claim)
}

/// The initial state of a dispute of a transaction with this status, and the texts of the answer.
fn initial_state(status: Status) -> Result<(State, &'static str, &'static str), ApiError> {
    match status {
        Status::Succesful => Ok((State::initial(CATEGORY), "raised", RAISED)),
        Status::Failed => Ok((State::CLOSED_ON_CREATION, "closed_on_creation", RAISED_FAILED)),
        Status::Refund => Ok((State::CLOSED_ON_CREATION, "closed_on_creation", RAISED_REFUNDED)),
        Status::Accepted | Status::Processing => Err(ApiError::of(NOT_COMPLETED)),
    }
}

async fn raise(
    app: &App,
    caller: &Credential,
    facts: &Facts,
    claim: &Amendable,
    mut status: Status,
) -> Result<ApiResponse, ApiError> {
    let account = &caller.account;
    let recipients = Recipients::registered(account.environment.sends_mail().then(|| account.email.clone()));
    let parties = app.parties(facts, ActingParty::of(account)).await?;
    for _ in 0..MAX_STATUS_CHANGES {
        let (state, outcome, message) = initial_state(status)?;
        let opened = app.open_dispute::<_, ApiError>(|number, now| {
            let (id, facts) = (account.id.clone(), facts.clone());
            let begun = Dispute::begin(number, Channel::Tutelar, id, facts, CATEGORY, now);
            let (recipients, details) = (recipients.clone(), claim.details.clone());
            let dispute = Dispute { amount: claim.amount, state, recipients, details, ..begun };
            let by = PerformedBy { actor: Actor::Opener, name: caller.key.to_string() };
            let parties = parties.clone();
            Ok(Opening { transaction_is: status, parties, ..Opening::new(dispute, by, NoGuard) })
        });
        match opened.await? {
            Ok(dispute) => {
                let data = json!({ "disputeId": dispute.number.tutelar_id() });
                return Ok(success(201, outcome, message, Some(data)).about(dispute.number));
            }
            Err(NotOpened::NotDisputable(by_now)) => status = by_now,
            Err(NotOpened::Duplicate(_)) => return Err(ApiError::of(DUPLICATE)),
        }
    }
    let what = "the transaction's status changed in each of 8 openings";
    Err(ServiceError::invariant(what, &facts.trxid).into())
}
