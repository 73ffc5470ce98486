//! `GET /api/v1/dispute/view/{disputeId}`: a dispute with its details and its journey, in one DynamoDB call.

use recourse_edge::{Answer, Desk, Request, serve};
use recourse_tutelar::{DETAILS, Refusal, Tutelar, caller, number, success, viewer};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    serve::<Tutelar>("view", view).await
}

async fn view(desk: &Desk, request: &Request) -> Result<Answer, Refusal> {
    let caller = caller(desk, request).await?;
    let number = number(request)?;
    let record = desk.store.record_if(number, |dispute| viewer(dispute, &caller.account).has_a_role()).await?;
    let record = record.ok_or(Refusal::NoData)?;
    let data = recourse_tutelar::view(&record, &caller.account);
    Ok(success(200, "shown", DETAILS, Some(data)).about(number))
}
