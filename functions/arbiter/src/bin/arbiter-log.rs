//! `POST /arbiter/api/v1/disputes`: a bank logs a dispute (vendor specification, Arbiter "Create
//! Dispute").
//!
//! It costs two DynamoDB calls: one reads the pointer to the transaction, one writes the whole
//! dispute. At most once a minute, one more reads the account of the transaction and one the
//! addresses of the parties. A duplicate costs one more, to name the live dispute.

use recourse_arbiter::{ApiError, Arbiter, Log, caller, rules, takes_no_query, to_response, why_not};
use recourse_dispute::addresses::Recipients;
use recourse_dispute::channel::Channel;
use recourse_dispute::channels::arbiter::Logged;
use recourse_dispute::dispute::Dispute;
use recourse_edge::{ApiResponse, App, FieldErrors, NotOpened, Request, ServiceError, serve_body};
use recourse_store::{NoGuard, Opening};

/// The members of a body that are read. All others are passed over, and named in the answer.
const MEMBERS: &[&str] = &[
    "transactionType",
    "transactionReference",
    "disputeAmountType",
    "disputeAmount",
    "comment",
    "reasonCode",
    "category",
];

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), lambda_http::Error> {
    serve_body::<Arbiter>("log", MEMBERS, log).await
}

async fn log(app: &App, request: &Request) -> Result<ApiResponse, ApiError> {
    let caller = caller(app, request).await?;
    takes_no_query(request)?;
    let asked = Log::read(&request.body)?;
    let (kind, reference) = (&asked.transaction_type, &asked.reference);
    let facts = app.store.by_reference(caller.environment, kind, reference).await?.ok_or(ApiError::NotFound)?;
    let actor = *caller.roles(&facts).first().ok_or(ApiError::NotFound)?;
    let amount = asked.amount(facts.amount)?;
    let recipients = if caller.environment.sends_mail() {
        let account = app.account(facts.environment, &facts.account).await?;
        Recipients::registered(account.map(|account| account.email.clone()))
    } else {
        None
    };
    let parties = app.parties(&facts, caller.acting_party()).await?;
    let category = asked.category;
    let logged = Logged {
        domain: caller.domain.clone(),
        by: caller.name(),
        reason: asked.reason.clone(),
        reason_name: rules(category)?.reason(&asked.reason).map(|reason| reason.name.clone()),
        partial: asked.is_partial(),
        comment: asked.comment.clone(),
    };
    let opened = app.open_dispute::<_, ApiError>(|number, now| {
        let (opener, facts) = (caller.account.clone(), facts.clone());
        let begun = Dispute::begin(number, Channel::Arbiter, opener, facts, category, now);
        let (recipients, logged) = (recipients.clone(), Some(logged.clone()));
        let dispute = Dispute { amount, recipients, logged, ..begun };
        Ok(Opening { parties: parties.clone(), ..Opening::new(dispute, caller.by(actor), NoGuard) })
    });
    match opened.await? {
        Ok(dispute) => {
            let hidden = || ServiceError::invariant("a logged dispute has no Arbiter view", dispute.number.case_id());
            let body = to_response(&dispute).ok_or_else(hidden)?;
            Ok(ApiResponse::json(201, "logged", &body).about(dispute.number))
        }
        Err(NotOpened::Duplicate(live)) => {
            let live = app.store.dispute(live.number).await?;
            Err(ApiError::Duplicate(live.as_ref().and_then(Dispute::log_code)))
        }
        Err(NotOpened::NotDisputable(status)) => {
            let what = "a transaction that is disputable refused a dispute";
            let why = why_not(status).ok_or_else(|| ServiceError::invariant(what, &facts.trxid))?;
            Err(ApiError::Invalid(FieldErrors::one("transactionReference", why)))
        }
    }
}
