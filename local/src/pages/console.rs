//! One-time links by which the demo's people sign in to the console, so that nobody has to be asked
//! for a mail first.
//!
//! A link of the start page leads to `/console/demo-links/{token}`. It works once. It does what the
//! sign-in by mail does: it makes a sign-in link, gives the browser the cookie that belongs to it,
//! and leads the browser to the link.

use std::sync::{Arc, Mutex};

use axum::body::Body;
use data_encoding::BASE64URL_NOPAD;
use http::header::{LOCATION, SET_COOKIE};
use http::{HeaderValue, Response, StatusCode};
use recourse_dispute::addresses::MailAddress;
use recourse_store::{ConsoleToken, LINK_MS, Operator, SignInLink, Store, StoreError, WriteToken};
use serde::Serialize;
use serde_json::json;

use super::PagesState;
use super::demo::{Demo, Person};
use crate::lock::lock;
use crate::loopback::{json as json_answer, plain};
use crate::recent::Recent;

/// The cookie of the browser that asked for a link, as the console's functions name it.
const BROWSER_COOKIE: &str = "__Host-recourse-sign-in";
/// The route that a deployment with a console has.
const LINK: &str = "GET /console/link";
/// How many links wait at most; the oldest ones are dropped.
const MAX_WAITING: usize = 1_000;

/// The links that nobody has used, with whose they are.
#[derive(Clone, Debug, Default)]
pub struct DemoLinks(Arc<Mutex<Recent<(String, MailAddress), MAX_WAITING>>>);

impl DemoLinks {
    fn add(&self, email: &MailAddress) -> Option<String> {
        let token = BASE64URL_NOPAD.encode(&random::<32>()?);
        lock(&self.0).push((token.clone(), email.clone()));
        Some(token)
    }

    fn take(&self, token: &str) -> Option<MailAddress> {
        lock(&self.0).take_first(|(known, _)| known == token).map(|(_, email)| email)
    }
}

/// A link, as the start page and programs get it.
#[derive(Serialize)]
pub(super) struct DemoLink {
    pub(super) role: String,
    pub(super) name: String,
    pub(super) url: String,
}

/// A fresh link for each of the demo's people who may sign in.
pub(super) async fn links(state: &PagesState, demo: &[Person]) -> Result<Vec<DemoLink>, StoreError> {
    let has_console = state.functions.iter().any(|function| function.routes.iter().any(|route| route == LINK));
    let Some(store) = state.demo_store.get().filter(|_| has_console) else { return Ok(Vec::new()) };
    let mut links = Vec::new();
    for person in demo {
        let Some(operator) = store.operator(&person.email).await?.filter(Operator::is_active) else { continue };
        let Some(token) = state.demo_links.add(&operator.email) else { continue };
        links.push(DemoLink {
            role: operator.role.name().to_owned(),
            name: operator.name.as_str().to_owned(),
            url: format!("{}/console/demo-links/{token}", state.url),
        });
    }
    Ok(links)
}

/// `GET /console/demo-links.json`.
pub(super) async fn show(state: &PagesState) -> Response<Body> {
    let found = match Demo::read(state).await {
        Ok(Some(demo)) => links(state, &demo.operators).await,
        Ok(None) => Ok(Vec::new()),
        Err(error) => Err(error),
    };
    match found {
        Ok(links) => json_answer(StatusCode::OK, "application/json", &json!(links)),
        Err(error) => super::unreadable(&error),
    }
}

/// `GET /console/demo-links/{token}`.
pub(super) async fn open(state: &PagesState, token: &str) -> Response<Body> {
    let used = || plain(StatusCode::GONE, "This link was used. The start page has new ones.");
    let Some((email, store)) = state.demo_links.take(token).zip(state.demo_store.get()) else { return used() };
    match begin(state, store, &email).await {
        Ok(Some(answer)) => answer,
        Ok(None) => used(),
        Err(error) => super::unreadable(&error),
    }
}

async fn begin(state: &PagesState, store: &Store, email: &MailAddress) -> Result<Option<Response<Body>>, StoreError> {
    let Some(operator) = store.operator(email).await?.filter(Operator::is_active) else { return Ok(None) };
    let Some(((token, browser), write)) = random().zip(random()).zip(random()) else { return Ok(None) };
    let link = SignInLink { token: ConsoleToken::new(token), browser: ConsoleToken::new(browser) };
    store.create_link(&operator, &link, &WriteToken::new(write), state.clock.now_millis()).await?;
    let (browser, seconds) = (link.browser.reveal(), LINK_MS / 1000);
    let cookie = format!("{BROWSER_COOKIE}={browser}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Lax");
    let mut answer = plain(StatusCode::SEE_OTHER, "");
    let headers = [(LOCATION, format!("/console/link?token={}", link.token.reveal())), (SET_COOKIE, cookie)];
    for (name, value) in headers {
        let Ok(value) = HeaderValue::from_str(&value) else { return Ok(None) };
        answer.headers_mut().insert(name, value);
    }
    Ok(Some(answer))
}

fn random<const N: usize>() -> Option<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).ok().map(|()| bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_taken_once_and_the_oldest_ones_go_first() {
        let (links, email) = (DemoLinks::default(), MailAddress::parse("a@demo.example").unwrap());
        let first = links.add(&email).unwrap();
        let second = links.add(&email).unwrap();
        assert_eq!((links.take(&second), links.take(&second)), (Some(email.clone()), None));
        for _ in 0..MAX_WAITING {
            links.add(&email).unwrap();
        }
        assert_eq!((links.take(&first), lock(&links.0).iter().count()), (None, MAX_WAITING));
    }
}
