//! A request as files: its headers, and its body.

use super::recorded::{Recorded, header_line};
use crate::ending::Failure;

/// Reads headers, one a line, as curl's `-v` or a log has them. The first line may be the request
/// line, which then gives method and path where no options do.
pub(super) fn read(text: &str, method: Option<&str>, url: Option<&str>, body: Vec<u8>) -> Result<Recorded, Failure> {
    let mut lines = text.lines().map(|line| line.strip_prefix("> ").unwrap_or(line).trim_end()).peekable();
    let request_line = lines.peek().and_then(|line| request_line(line));
    if request_line.is_some() {
        lines.next();
    }
    let mut headers = Vec::new();
    for line in lines.filter(|line| !line.is_empty() && *line != ">") {
        let header = header_line(line)
            .ok_or_else(|| Failure::refused("a line of the headers is not `Name: value`. Headers go one a line."))?;
        headers.push(header);
    }
    let missing = |what: &str| {
        Failure::refused(format!(
            "the request's {what} is missing. Pass --{what}, or begin the headers with the request line."
        ))
    };
    let of_line = request_line.as_ref();
    let method = method.or(of_line.map(|(method, _)| method.as_str())).ok_or_else(|| missing("method"))?;
    let url = url.or(of_line.map(|(_, target)| target.as_str())).ok_or_else(|| missing("url"))?;
    Recorded::new(method, url, headers, body)
}

/// Method and target of a request line, such as `POST /v2/transactions/check HTTP/1.1`.
fn request_line(line: &str) -> Option<(String, String)> {
    let mut words = line.split(' ');
    let (method, target, version) = (words.next()?, words.next()?, words.next()?);
    let is_request = version.starts_with("HTTP/") && words.next().is_none();
    is_request.then(|| (method.to_owned(), target.to_owned()))
}
