//! How a gateway changes a request before a function reads it, and the answer afterwards.

use super::{Check, Client};
use crate::ending::Failure;
use crate::output::visible;
use crate::service::{Service, ServiceResponse};
use crate::signing_key::Stamp;

/// A number that no dispute has: numbers are random below 62^8, and 1 is never drawn.
const NOBODYS: &str = "1";

/// A signed GET, and a signed POST without a body. A gateway or a client may add to the latter a
/// content type that was not signed.
pub(super) fn gcs(client: &Client, merchant: &str) -> Result<Vec<Check>, Failure> {
    let dispute = format!("/v1/{merchant}/disputes/{NOBODYS}");
    let submit = format!("{dispute}/submit");
    let mut checks = Vec::new();
    for (check, method, path) in [("gcs get", "GET", &dispute), ("gcs post", "POST", &submit)] {
        let headers = client.key.gcs(Stamp::fresh()?.at, method, "", &[], path, "")?;
        checks.push(found(check, client.service.request(method, path, &headers, None), |reply| match reply.status {
            404 if !is_no_route(reply) => Ok("the signature is accepted: 404, as there is no such dispute".to_owned()),
            401 | 403 => Err("the gateway passes on another request than the signed one, or the key is wrong"),
            _ => Err("it should be 404 of the Connect API; is ConnectApi enabled?"),
        }));
    }
    Ok(checks)
}

/// A call without credentials is challenged. An HTTP API renames the header, as openapi.yaml says.
pub(super) fn challenge(service: &Service) -> Check {
    let reply = service.request("GET", "/api/v1/dispute/view/1", &[], None);
    found("challenge", reply, |reply| match reply.status {
        401 if reply.headers.contains_key("www-authenticate") => Ok("401 with WWW-Authenticate".to_owned()),
        401 if reply.headers.contains_key("x-amzn-remapped-www-authenticate") => {
            Ok("401 with WWW-Authenticate, which the gateway renames".to_owned())
        }
        _ => Err("it should be 401 with WWW-Authenticate; is TutelarApi enabled?"),
    })
}

/// A reference with an encoded slash leads to the same route as one without.
pub(super) fn encoded_slash(service: &Service) -> Check {
    let path = |reference: &str| format!("/arbiter/api/v1/transactions/types/BillPayment/references/{reference}");
    let plain = service.request("GET", &path("a-b"), &[], None).map(|reply| reply.status);
    found("encoded slash", service.request("GET", &path("a%2Fb"), &[], None), |reply| match plain {
        Ok(status) if status == reply.status && !is_no_route(reply) => {
            Ok(format!("a reference with %2F is answered {status}, as one without"))
        }
        _ => Err("a reference with %2F should be answered as one without; is ArbiterApi enabled?"),
    })
}

/// The check of an answer: it is right and says how, or it is wrong and says what to do.
fn found(
    check: &'static str,
    reply: Result<ServiceResponse, String>,
    judge: impl FnOnce(&ServiceResponse) -> Result<String, &'static str>,
) -> Check {
    match reply {
        Ok(reply) => match judge(&reply) {
            Ok(fine) => Check::ok(check, fine),
            Err(fix) => Check::wrong(check, format!("answered {}", reply.status), fix),
        },
        Err(reason) => Check::wrong(check, visible(&reason), "Check RECOURSE_URL"),
    }
}

/// Whether this is the gateway's own answer to a path without a route.
fn is_no_route(reply: &ServiceResponse) -> bool {
    reply.status == 404 && reply.body.trim() == r#"{"message":"Not Found"}"#
}
