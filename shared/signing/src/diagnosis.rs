//! Why a request is not authenticated, and which known mistake made a signature that does not fit.
//!
//! A client that gets a 401 learns nothing but that: the answer must not tell a stranger more. This
//! module is for whoever may know: the log line of the request, the local cloud and the command
//! line. Given the secret and the request, it tries what clients get wrong, and names what fits.
//!
//! Every candidate is computed and compared, whichever fits, so the time says nothing.

mod basic;
mod find;
mod gcs;
mod json;
mod refusal;
#[cfg(test)]
mod tests;
mod v1;

pub use basic::basic;
pub use find::Depth;
pub use gcs::{gcs, malformed_date, malformed_gcs};
pub use refusal::Refusal;
pub use v1::{malformed_v1, v1};

use crate::clock::{Stale, UnixSeconds, Window};

/// A request as it was sent, as far as a signature may be over it.
#[derive(Clone, Copy, Debug)]
pub struct Sent<'a> {
    /// The method as it was sent.
    pub method: &'a str,
    /// The path, as it was sent or as the gateway decoded it.
    pub path: &'a str,
    /// The raw query, without its `?`; empty when there is none.
    pub query: &'a str,
    /// The headers by name and value, in any case and order.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body, byte for byte.
    pub body: &'a [u8],
}

impl<'a> Sent<'a> {
    /// A header by its name, in any case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&'a str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
    }

    /// Path and query as a request line has them.
    fn target(&self) -> String {
        let mark = if self.query.is_empty() { "" } else { "?" };
        format!("{}{mark}{}", self.path, self.query)
    }

    /// The whole address, by either scheme of the web; none where no host was sent.
    fn addresses(&self) -> Vec<String> {
        let host = self.header("host").into_iter();
        host.flat_map(|host| ["https", "http"].map(|scheme| format!("{scheme}://{host}{}", self.target()))).collect()
    }
}

/// Why the time of a request is refused, if it is: also a time in milliseconds is too far away.
///
/// # Errors
/// [`Refusal::Milliseconds`] where the same number as milliseconds is close to `now`, else
/// [`Refusal::StaleTimestamp`].
pub fn check_time(window: Window, sent_at: UnixSeconds, now: UnixSeconds) -> Result<(), Refusal> {
    let Err(Stale { .. }) = window.check(sent_at, now) else { return Ok(()) };
    // A day either way: whoever sent milliseconds may be late as well.
    let is_near = (sent_at.0 / 1000).abs_diff(now.0) <= 24 * 60 * 60;
    Err(if is_near { Refusal::Milliseconds } else { Refusal::StaleTimestamp })
}
