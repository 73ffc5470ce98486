//! Creating a dispute of a payment, or of one of its captures: a draft.

use recourse_dispute::addresses::Recipients;
use recourse_dispute::channel::Channel;
use recourse_dispute::claim::Claim;
use recourse_dispute::dispute::Dispute;
use recourse_dispute::lifecycle::{Category, State};
use recourse_dispute::transaction::Status;
use recourse_edge::{ApiResponse, App, Request, ServiceError};
use recourse_store::{OpenOutcome, Opening};

use crate::body::CreateRequest;
use crate::repeat::again;
use crate::{ApiError, Caller, Problem, Target, fingerprint, view};

/// Creates a draft, in two DynamoDB calls: the payment is read, the dispute written.
///
/// # Errors
/// [`Refusal`].
pub async fn create(app: &App, caller: &Caller, target: &Target, request: &Request) -> Result<ApiResponse, ApiError> {
    let fingerprint = fingerprint(&[&request.body]);
    let done = opened(app, caller, target, &request.body, &fingerprint).await;
    caller.or_repeated(app, &fingerprint, done).await
}

async fn opened(
    app: &App,
    caller: &Caller,
    target: &Target,
    body: &[u8],
    fingerprint: &str,
) -> Result<ApiResponse, ApiError> {
    let asked = CreateRequest::read(body)?;
    let (facts, status) = target.find(app, caller).await?;
    let amount = asked.amount_of(facts.amount)?;
    if status.is_some_and(|status| status != Status::Succesful) {
        return Err(Problem::NotAllowed.into());
    }
    let account = caller.account();
    let claim = Claim { capture: target.capture_id().cloned(), ..asked.claim };
    let recipients = recipients(caller, &claim)?;
    loop {
        let now = app.context.now();
        let dispute = Dispute {
            amount,
            state: State::Draft,
            recipients: recipients.clone(),
            claim: claim.clone(),
            ..Dispute::begin(
                app.context.number()?,
                Channel::Connect,
                account.id.clone(),
                facts.clone(),
                Category::Chargeback,
                now,
            )
        };
        let number = dispute.number;
        let location = format!("/v1/{}/disputes/{number}", caller.merchant);
        let answer = ApiResponse::json(201, "created", &view::to_response(&dispute, account, now))
            .with_header("location", location);
        let opening = Opening {
            dispute,
            by: caller.by(),
            transaction_is: Status::Succesful,
            // A draft tells nobody of itself; submit does.
            parties: None,
            nonce: None,
            idempotence: caller.idempotence_record(fingerprint, &answer, now),
        };
        match app.store.open(&opening, &app.context.write_token()?, now).await? {
            OpenOutcome::Opened(_) => return Ok(answer.about(number)),
            OpenOutcome::NumberTaken => {}
            OpenOutcome::Repeated(stored) => return again(stored, fingerprint),
            OpenOutcome::Duplicate(live) => return Err(Problem::Duplicate(live.number).into()),
            OpenOutcome::NotDisputable(_) => return Err(Problem::NotAllowed.into()),
            OpenOutcome::Replayed => {
                return Err(ServiceError::Broken("a replay, at an API without nonces".to_owned()).into());
            }
        }
    }
}

/// Who gets the case's mail: where the merchant wants answers, and the account in Cc as at every API.
fn recipients(caller: &Caller, claim: &Claim) -> Result<Option<Recipients>, ApiError> {
    let account = caller.account();
    if !account.environment.sends_mail() {
        return Ok(None);
    }
    let given: Vec<String> = claim
        .reply_to
        .as_ref()
        .or(claim.email.as_ref())
        .map(|address| address.as_str().to_owned())
        .into_iter()
        .collect();
    Recipients::parse(&given, &account.email)
        .map(Some)
        .map_err(|error| ServiceError::Broken(format!("an address that was read: {error}")).into())
}
