//! What a gateway may do to a request before a function sees it, and to an answer afterwards.

use super::http::{Api, Reply};
use super::{Check, Client};
use crate::ending::Failure;
use crate::key::Stamp;
use crate::output::visible;

/// A dispute that nobody has: numbers are random below 62^8, and the first one is never given.
const NOBODYS: &str = "1";

/// A signed GET, and a signed POST without a body, which a gateway or a client may give a content
/// type that was not signed.
pub(super) fn gcs(client: &Client, merchant: &str) -> Result<Vec<Check>, Failure> {
    let dispute = format!("/v1/{merchant}/disputes/{NOBODYS}");
    let submit = format!("{dispute}/submit");
    let mut checks = Vec::new();
    for (check, method, path) in [("gcs get", "GET", &dispute), ("gcs post", "POST", &submit)] {
        let headers = client.key.gcs(Stamp::fresh()?.at, method, "", &[], path, "")?;
        checks.push(found(check, client.api.ask(method, path, &headers, None), |reply| match reply.status {
            404 if !reply.is_no_route() => Ok("the signature holds: 404, as the dispute is nobody's".to_owned()),
            401 | 403 => Err("the gateway hands on another request than was signed, or the key is wrong"),
            _ => Err("it should be 404 of the Connect API; is ConnectApi enabled?"),
        }));
    }
    Ok(checks)
}

/// A call without credentials is challenged. An HTTP API renames that header, as openapi.yaml says.
pub(super) fn challenge(api: &Api) -> Check {
    let reply = api.ask("GET", "/api/v1/dispute/view/1", &[], None);
    found("challenge", reply, |reply| match reply.status {
        401 if reply.headers.contains_key("www-authenticate") => Ok("401 with WWW-Authenticate".to_owned()),
        401 if reply.headers.contains_key("x-amzn-remapped-www-authenticate") => {
            Ok("401 with WWW-Authenticate, which the gateway renames".to_owned())
        }
        _ => Err("it should be 401 with WWW-Authenticate; is TutelarApi enabled?"),
    })
}

/// A reference with an encoded slash in it leads to the same route as one without.
pub(super) fn encoded_slash(api: &Api) -> Check {
    let path = |reference: &str| format!("/arbiter/api/v1/transactions/types/BillPayment/references/{reference}");
    let plain = api.ask("GET", &path("a-b"), &[], None).map(|reply| reply.status);
    found("encoded slash", api.ask("GET", &path("a%2Fb"), &[], None), |reply| match plain {
        Ok(status) if status == reply.status && !reply.is_no_route() => {
            Ok(format!("a reference with %2F is answered {status}, as one without"))
        }
        _ => Err("a reference with %2F should be answered as one without; is ArbiterApi enabled?"),
    })
}

/// The check on what came back: fine with these words, or wrong with what to do.
fn found(
    check: &'static str,
    reply: Result<Reply, String>,
    judge: impl FnOnce(&Reply) -> Result<String, &'static str>,
) -> Check {
    match reply {
        Ok(reply) => match judge(&reply) {
            Ok(fine) => Check::ok(check, fine),
            Err(fix) => Check::wrong(check, format!("answered {}", reply.status), fix),
        },
        Err(reason) => Check::wrong(check, visible(&reason), "Check RECOURSE_URL"),
    }
}
