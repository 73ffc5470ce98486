//! Whether a request may have reached AWS that got no answer.

use std::error::Error;
use std::io;

use aws_smithy_runtime_api::client::result::ConnectorError;
use hyper_util::client::legacy;

/// Whether the request of this failure was certainly never sent: there was no connection to send it
/// on.
///
/// Every other failure of a connection leaves that open. A connection that breaks may do so after
/// the whole request has arrived, and what was asked for may have been done.
#[must_use]
pub fn never_sent(error: &ConnectorError) -> bool {
    let mut next: Option<&(dyn Error + 'static)> = error.source();
    while let Some(cause) = next {
        let unconnected = cause.downcast_ref::<legacy::Error>().is_some_and(legacy::Error::is_connect);
        if unconnected || cause.downcast_ref::<io::Error>().is_some_and(|error| is_of_connecting(error.kind())) {
            return true;
        }
        next = cause.source();
    }
    false
}

/// The kinds of I/O errors that only the making of a connection has.
fn is_of_connecting(kind: io::ErrorKind) -> bool {
    matches!(
        kind,
        io::ErrorKind::ConnectionRefused | io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable
    )
}
