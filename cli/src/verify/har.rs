//! A request of a HAR (HTTP Archive 1.2), as browsers and proxies save it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::recorded::Recorded;
use crate::ending::Failure;

#[derive(Deserialize)]
struct Har {
    log: Log,
}

#[derive(Deserialize)]
struct Log {
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    request: Request,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    method: String,
    url: String,
    #[serde(default)]
    headers: Vec<Header>,
    post_data: Option<PostData>,
}

#[derive(Deserialize)]
struct Header {
    name: String,
    value: String,
}

#[derive(Deserialize)]
struct PostData {
    #[serde(default)]
    text: String,
    /// Not of the format, and written by some programs: `base64`.
    encoding: Option<String>,
}

/// The request of an entry, counted from 1; of the only one where `entry` is `None`.
pub(super) fn read(bytes: &[u8], entry: Option<usize>) -> Result<Recorded, Failure> {
    let refused = |text: String| Failure::refused(text);
    let har: Har = serde_json::from_slice(bytes).map_err(|error| {
        refused(format!("the file is no HAR, at line {}, column {}.", error.line(), error.column()))
    })?;
    let count = har.log.entries.len();
    let place = match (entry, count) {
        (Some(entry), _) => entry,
        (None, 1) => 1,
        (None, _) => return Err(refused(format!("the HAR has {count} entries. Say which with --entry, from 1."))),
    };
    let chosen = place.checked_sub(1).and_then(|place| har.log.entries.into_iter().nth(place));
    let request = chosen.ok_or_else(|| refused(format!("the HAR has no entry {place}; it has {count}.")))?.request;
    // HTTP/2 has the method and the path among its headers.
    let headers = request.headers.into_iter().filter(|header| !header.name.starts_with(':'));
    let headers = headers.map(|header| (header.name, header.value)).collect();
    let body = match request.post_data {
        None => Vec::new(),
        Some(PostData { text, encoding: Some(encoding) }) if encoding == "base64" => STANDARD
            .decode(text)
            .map_err(|_| refused("the body of the entry is not the base64 that it says.".to_owned()))?,
        Some(PostData { text, .. }) => text.into_bytes(),
    };
    Recorded::new(&request.method, &request.url, headers, body)
}
