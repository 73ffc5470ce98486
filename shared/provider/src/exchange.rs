//! One request and its answer over an open connection.

use std::convert::Infallible;
use std::future::pending;

use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::ProviderError;

/// The longest header block, in bytes.
const MAX_HEAD: usize = 16_384;
/// The longest body, in bytes.
const MAX_BODY: usize = 65_536;

/// Sends the request and reads the answer, if its status is one that the caller `takes`. The
/// connection ends with it.
pub(crate) async fn exchange<S>(
    stream: S,
    request: Request<Full<Bytes>>,
    takes: fn(StatusCode) -> bool,
) -> Result<Response<Bytes>, ProviderError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (mut sender, connection) =
        http1::Builder::new().max_buf_size(MAX_HEAD).handshake(TokioIo::new(stream)).await.map_err(|e| of(&e))?;
    let answer = async {
        let response = sender.send_request(request).await.map_err(|error| of(&error))?;
        let (head, body) = response.into_parts();
        if !takes(head.status) {
            return Err(ProviderError::Status(head.status.as_u16()));
        }
        let body = Limited::new(body, MAX_BODY).collect().await.map_err(|error| {
            match error.downcast_ref::<hyper::Error>() {
                Some(error) => of(error),
                None if error.is::<LengthLimitError>() => ProviderError::TooLarge,
                None => ProviderError::Broken,
            }
        })?;
        Ok(Response::from_parts(head, body.to_bytes()))
    };
    // The connection moves the bytes; it may be over before its last ones are read.
    let never = async {
        drop(connection.await);
        pending::<Infallible>().await
    };
    tokio::select! {
        answer = answer => answer,
        never = never => match never {},
    }
}

fn of(error: &hyper::Error) -> ProviderError {
    if error.is_parse_too_large() {
        ProviderError::TooLarge
    } else if error.is_parse() {
        ProviderError::NoHttp
    } else {
        ProviderError::Broken
    }
}
