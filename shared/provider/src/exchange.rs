//! One request and its answer over an open connection.

use std::convert::Infallible;
use std::future::pending;

use http::header::RETRY_AFTER;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::ProviderError;
use crate::delivery::Answer;

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
    send(stream, request, async |response| {
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
    })
    .await
}

/// Sends the request, and returns whatever was answered, with the beginning of the body: at most
/// [`MAX_BODY`] bytes are read of it, and what comes after them is left. An answer whose body
/// breaks off is an answer.
pub(crate) async fn deliver<S>(stream: S, request: Request<Full<Bytes>>) -> Result<Answer, ProviderError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    send(stream, request, async |response| {
        let (head, mut incoming) = response.into_parts();
        let retry_after = head.headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let mut body = Vec::new();
        while let Some(Ok(frame)) = incoming.frame().await {
            let Ok(data) = frame.into_data() else { continue };
            let room = MAX_BODY.saturating_sub(body.len());
            body.extend_from_slice(data.get(..room).unwrap_or(&data));
            if body.len() >= MAX_BODY {
                break;
            }
        }
        Ok(Answer { status: head.status.as_u16(), retry_after, body })
    })
    .await
}

async fn send<S, T>(
    stream: S,
    request: Request<Full<Bytes>>,
    read: impl AsyncFnOnce(Response<Incoming>) -> Result<T, ProviderError>,
) -> Result<T, ProviderError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (mut sender, connection) =
        http1::Builder::new().max_buf_size(MAX_HEAD).handshake(TokioIo::new(stream)).await.map_err(|e| of(&e))?;
    let answer = async { read(sender.send_request(request).await.map_err(|error| of(&error))?).await };
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
