//! A browser at the console, as far as the functions see one: it keeps cookies, and says of each
//! form that a page of the console sent it.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use http::Request;
use http::request::Builder;
use serde_json::Value;

use super::{HttpResponse, Stack};

/// A browser, signed in or not. It follows no redirect by itself.
pub struct ConsoleClient<'a> {
    stack: &'a Stack,
    cookies: Mutex<BTreeMap<String, String>>,
}

impl Stack {
    /// A browser that nobody has signed in with.
    pub fn browser(&self) -> ConsoleClient<'_> {
        ConsoleClient { stack: self, cookies: Mutex::default() }
    }

    /// Signs in the first of the demo's people who has the role: `agent`, `supervisor`, `auditor`
    /// or `admin`.
    pub async fn sign_in(&self, role: &str) -> ConsoleClient<'_> {
        self.sign_in_where(|link| link["role"] == role).await
    }

    /// Signs in one of the demo's people by the name.
    pub async fn sign_in_as(&self, name: &str) -> ConsoleClient<'_> {
        self.sign_in_where(|link| link["name"] == name).await
    }

    async fn sign_in_where(&self, is_wanted: impl Fn(&Value) -> bool) -> ConsoleClient<'_> {
        let links = self.get("/console/demo-links.json").await.json();
        let link = links.as_array().unwrap().iter().find(|link| is_wanted(link)).expect("somebody of the demo");
        let browser = self.browser();
        let address = link["url"].as_str().unwrap().strip_prefix(self.url()).unwrap();
        let to_link = browser.get(address).await;
        let signed_in = browser.get(to_link.location()).await;
        assert_eq!((signed_in.status, signed_in.location()), (303, "/console/queue"), "{signed_in:?}");
        browser
    }
}

impl HttpResponse {
    /// Where it leads to.
    pub fn location(&self) -> &str {
        self.headers.get("location").unwrap_or_else(|| panic!("it leads nowhere: {self:?}")).to_str().unwrap()
    }

    /// The value of the first hidden field `csrf` of a page.
    pub fn csrf(&self) -> &str {
        let rest = self.text.split_once("name=\"csrf\" value=\"").unwrap_or_else(|| panic!("no form: {self:?}")).1;
        rest.split_once('"').unwrap().0
    }
}

impl ConsoleClient<'_> {
    /// A cookie that the browser has.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    /// Gives the browser a cookie.
    pub fn set_cookie(&self, name: &str, value: &str) {
        self.cookies.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), value.to_owned());
    }

    /// Reads a page.
    pub async fn get(&self, path: &str) -> HttpResponse {
        self.send(Request::get(path).header("sec-fetch-site", "none"), Vec::new()).await
    }

    /// Reads a page, and those that it leads to.
    pub async fn follow(&self, path: &str) -> HttpResponse {
        let mut answer = self.get(path).await;
        while answer.status == 303 {
            answer = self.get(answer.location()).await;
        }
        answer
    }

    /// Sends a form with just these fields, as from a page of the console.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> HttpResponse {
        let ours = Request::post(path).header("sec-fetch-site", "same-origin").header("origin", self.stack.url());
        self.post_with(ours, fields).await
    }

    /// Sends a form with just these fields, by a request with headers of its own.
    pub async fn post_with(&self, request: Builder, fields: &[(&str, &str)]) -> HttpResponse {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        self.send(request, form.finish().into_bytes()).await
    }

    /// Sends a form of the page at `page`, whose token it reads there first.
    pub async fn submit(&self, page: &str, action: &str, fields: &[(&str, &str)]) -> HttpResponse {
        let page = self.get(page).await;
        self.post(action, &[&[("csrf", page.csrf())], fields].concat()).await
    }

    /// Sends a request with the browser's cookies, and keeps those that it gets.
    pub async fn send(&self, request: Builder, body: Vec<u8>) -> HttpResponse {
        let cookies = self.cookies.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut request = request;
        for (name, value) in &cookies {
            request = request.header("cookie", format!("{name}={value}"));
        }
        let answer = self.stack.raw(request.body(body).unwrap()).await;
        let mut cookies = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        for set in answer.headers.get_all("set-cookie") {
            let set = set.to_str().unwrap();
            let (name, value) = set.split(';').next().unwrap().split_once('=').unwrap();
            if set.contains("Max-Age=0") {
                cookies.remove(name);
            } else {
                cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        drop(cookies);
        answer
    }
}
