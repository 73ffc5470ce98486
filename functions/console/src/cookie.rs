//! The cookies of the console.

use recourse_edge::{ApiResponse, Request};

/// The cookie of a session.
pub const SESSION_COOKIE: &str = "__Host-recourse";

/// A `Set-Cookie` of a cookie that only this host gets, only over TLS, and no script.
#[must_use]
pub(crate) fn host_cookie(name: &str, value: &str, seconds: i64) -> String {
    format!("{name}={value}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Lax")
}

/// A `Set-Cookie` that removes such a cookie.
#[must_use]
pub(crate) fn clear_cookie(name: &str) -> String {
    host_cookie(name, "", 0)
}

/// The answer to somebody who has no session that is good. It removes the cookie of a session that
/// is over, where the request has one. A form of somebody else's page comes without the cookie, as
/// that is `SameSite=Lax`, and so it ends no session.
#[must_use]
pub(crate) fn without_session(answer: ApiResponse, request: &Request) -> ApiResponse {
    let has_one = request.cookie(SESSION_COOKIE).is_some();
    if has_one { answer.with_cookie(clear_cookie(SESSION_COOKIE)) } else { answer }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::visitor::testing::request;

    #[test]
    fn a_cookie_is_only_for_this_host_and_for_no_script() {
        let cookie = host_cookie(SESSION_COOKIE, "x", 60);
        assert_eq!(cookie, "__Host-recourse=x; Path=/; Max-Age=60; Secure; HttpOnly; SameSite=Lax");
        assert!(clear_cookie(SESSION_COOKIE).starts_with("__Host-recourse=; Path=/; Max-Age=0; "));
    }

    #[test]
    fn a_request_without_the_cookie_of_a_session_does_not_lose_it() {
        let answered = |cookies: &[&str]| {
            let page = ApiResponse::html(401, "signed_out", "<p>".to_owned());
            without_session(page, &request("POST", &[], cookies, "")).cookies().to_vec()
        };
        assert_eq!(answered(&["__Host-recourse=over"]), [clear_cookie(SESSION_COOKIE)]);
        assert!(answered(&[]).is_empty() && answered(&["__Host-recourse-known=x"]).is_empty());
    }
}
