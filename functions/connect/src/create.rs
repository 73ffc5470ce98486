//! Creating a dispute of a payment, or of one of its captures: a draft.

use recourse_dispute::addresses::Recipients;
use recourse_dispute::channel::Channel;
use recourse_dispute::claim::Claim;
use recourse_dispute::dispute::Dispute;
use recourse_dispute::lifecycle::{Category, State};
use recourse_dispute::transaction::Status;
use recourse_edge::{ApiResponse, App, NotOpened, Request, ServiceError};
use recourse_store::Opening;

use crate::body::CreateRequest;
use crate::repeat::again;
use crate::{ApiError, Caller, Problem, Target, fingerprint, view};

/// Creates a draft, in two DynamoDB calls: the payment is read, the dispute written.
///
/// # Errors
/// [`ApiError`].
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
    let mut answer = None;
    let opened = app.open_dispute::<_, ApiError>(|number, now| {
        let (id, facts) = (account.id.clone(), facts.clone());
        let begun = Dispute::begin(number, Channel::Connect, id, facts, Category::Chargeback, now);
        let (recipients, claim) = (recipients.clone(), claim.clone());
        let dispute = Dispute { amount, state: State::Draft, recipients, claim, ..begun };
        let location = format!("/v1/{}/disputes/{number}", caller.merchant);
        let created = ApiResponse::json(201, "created", &view::to_response(&dispute, account, now))
            .with_header("location", location)
            .about(number);
        let guard = caller.idempotence_record(fingerprint, &created, now);
        answer = Some(created);
        // Nobody is notified of a draft; its submission notifies the parties.
        Ok(Opening::new(dispute, caller.by(), guard))
    });
    match opened.await? {
        Ok(dispute) => {
            let missing =
                || ServiceError::invariant("a dispute was opened without an answer", dispute.number.case_id());
            Ok(answer.ok_or_else(missing)?)
        }
        Err(NotOpened::Guarded(stored)) => again(*stored, fingerprint),
        Err(NotOpened::Duplicate(live)) => Err(Problem::Duplicate(live.number).into()),
        Err(NotOpened::NotDisputable(_)) => Err(Problem::NotAllowed.into()),
    }
}

/// Who gets the mails of the case: the address where the merchant wants answers, and the account in
/// Cc, as at every API.
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
    let invalid = |_| ServiceError::invariant("the address of a claim that was read is not valid", &account.id);
    Ok(Recipients::parse(&given, &account.email).map(Some).map_err(invalid)?)
}
