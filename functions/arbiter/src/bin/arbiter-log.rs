//! `POST /arbiter/api/v1/disputes`: a bank logs a dispute (vendor specification, Arbiter "Create Dispute").
//!
//! Done in two DynamoDB calls: the transaction's pointer, and one write of the whole dispute. Once
//! a minute, one more finds the transaction's account and one the addresses of the parties. A
//! duplicate takes one more, to name the one that is live.

use recourse_arbiter::{
    ApiError, Arbiter, Caller, Errors, Log, account_recipients, caller, response, rules, takes_no_query, why_not,
};
use recourse_dispute::addresses::Recipients;
use recourse_dispute::channel::Channel;
use recourse_dispute::channels::arbiter::Logged;
use recourse_dispute::dispute::Dispute;
use recourse_dispute::lifecycle::Actor;
use recourse_dispute::money::Money;
use recourse_dispute::transaction::{Facts, Status};
use recourse_edge::{ApiResponse, App, Request, ServiceError, serve_body};
use recourse_store::{OpenOutcome, Opening};

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
async fn main() -> Result<(), lambda_http::Error> {
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
    let recipients = account_recipients(app, &facts, &caller).await?;
    let parties = app.parties(&facts, caller.acting_party()).await?;
    let plan = Plan { caller, actor, asked, facts, amount, recipients, parties };
    loop {
        if let Some(answer) = open(app, &plan).await? {
            return Ok(answer);
        }
    }
}

/// What is to be written, decided before anything is.
struct Plan {
    caller: Caller,
    actor: Actor,
    asked: Log,
    facts: Facts,
    amount: Money,
    recipients: Option<Recipients>,
    parties: Option<Recipients>,
}

impl Plan {
    fn dispute(&self, app: &App) -> Result<Dispute, ApiError> {
        let (now, category) = (app.context.now(), self.asked.category);
        let opener = self.caller.account.clone();
        Ok(Dispute {
            amount: self.amount,
            recipients: self.recipients.clone(),
            logged: Some(Logged {
                domain: self.caller.domain.clone(),
                by: self.caller.name(),
                reason: self.asked.reason.clone(),
                reason_name: rules(category)?.reason(&self.asked.reason).map(|reason| reason.name.clone()),
                partial: self.asked.is_partial(),
                comment: self.asked.comment.clone(),
            }),
            ..Dispute::begin(app.context.number()?, Channel::Arbiter, opener, self.facts.clone(), category, now)
        })
    }
}

/// Writes it; `None` when the number that was drawn is another dispute's.
async fn open(app: &App, plan: &Plan) -> Result<Option<ApiResponse>, ApiError> {
    let dispute = plan.dispute(app)?;
    let now = dispute.opened_at;
    let opening = Opening {
        dispute,
        by: plan.caller.by(plan.actor),
        transaction_is: Status::Succesful,
        parties: plan.parties.clone(),
        nonce: None,
        idempotence: None,
    };
    match app.store.open(&opening, &app.context.write_token()?, now).await? {
        OpenOutcome::Opened(dispute) => {
            let body =
                response(&dispute).ok_or_else(|| ServiceError::Broken("a logged dispute is not shown".to_owned()))?;
            Ok(Some(ApiResponse::json(201, "logged", &body).about(dispute.number)))
        }
        OpenOutcome::NumberTaken => Ok(None),
        OpenOutcome::Duplicate(live) => {
            let live = app.store.dispute(live.number).await?;
            Err(ApiError::Duplicate(live.as_ref().and_then(Dispute::log_code)))
        }
        OpenOutcome::NotDisputable(status) => {
            let why = status.and_then(why_not);
            let why = why
                .ok_or_else(|| ServiceError::Broken("a pointer leads to a transaction that is not there".to_owned()))?;
            Err(ApiError::Invalid(Errors::one("transactionReference", why)))
        }
        OpenOutcome::Replayed | OpenOutcome::Repeated(_) => {
            Err(ServiceError::Broken("a repeat, at an API without idempotence keys".to_owned()).into())
        }
    }
}
