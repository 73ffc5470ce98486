//! A request as it was recorded.

use recourse_signing::diagnosis::Sent;

use crate::ending::Failure;

/// A request as it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Recorded {
    pub(super) method: String,
    /// The raw path.
    pub(super) path: String,
    /// The raw query, without its `?`.
    pub(super) query: String,
    /// Each header once. Of one that was sent several times, the values are joined by commas, as
    /// the gateway does.
    headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Recorded {
    /// A request to an address, with its headers in their order.
    pub(super) fn new(method: &str, url: &str, sent: Vec<(String, String)>, body: Vec<u8>) -> Result<Self, Failure> {
        let url = url.split('#').next().unwrap_or_default();
        let (host, target) = match url.split_once("://") {
            Some((_, rest)) => split_host(rest),
            None if url.starts_with('/') => ("", url),
            None => split_host(url),
        };
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let path = if path.is_empty() { "/" } else { path };
        let is_sendable = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
        if !is_sendable(path) || !is_sendable(query) {
            return Err(Failure::refused(
                "the request's address has characters that no request can have. Percent-encode them as they were sent.",
            ));
        }
        let is_method = !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_alphabetic());
        if !is_method {
            return Err(Failure::refused("the request's method must be a word such as POST."));
        }
        let mut headers: Vec<(String, String)> = Vec::new();
        for (name, value) in sent {
            let value = value.trim_matches([' ', '\t']);
            match headers.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(&name)) {
                Some((_, known)) => {
                    known.push(',');
                    known.push_str(value);
                }
                None => headers.push((name, value.to_owned())),
            }
        }
        if !host.is_empty() && !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
            headers.push(("Host".to_owned(), host.to_owned()));
        }
        Ok(Self { method: method.to_owned(), path: path.to_owned(), query: query.to_owned(), headers, body })
    }

    /// A header by its name, in any case.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The headers by name and value.
    pub(super) fn headers(&self) -> Vec<(&str, &str)> {
        self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }

    /// The request with these headers, as a signature may be over it.
    pub(super) fn sent<'a>(&'a self, headers: &'a [(&'a str, &'a str)]) -> Sent<'a> {
        Sent { method: &self.method, path: &self.path, query: &self.query, headers, body: &self.body }
    }
}

/// Host and target of an address without its scheme.
fn split_host(rest: &str) -> (&str, &str) {
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, target) = rest.split_at_checked(end).unwrap_or((rest, ""));
    // A name and a password before the host are not part of it.
    (authority.rsplit_once('@').map_or(authority, |(_, host)| host), target)
}

/// A line `Name: value` of a header; `None` where it has no colon.
pub(super) fn header_line(line: &str) -> Option<(String, String)> {
    let (name, value) = line.split_once(':')?;
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic());
    is_name.then(|| (name.to_owned(), value.trim().to_owned()))
}
