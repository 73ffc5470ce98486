//! One request and its answer over an open connection.

use std::convert::Infallible;
use std::future::pending;

use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use recourse_support::event::ProviderAnswer;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::ProviderError;

/// The longest header block, in bytes.
const MAX_HEAD: usize = 16_384;
/// The longest body, in bytes.
const MAX_BODY: usize = 65_536;

/// Sends the request and reads the answer. The connection ends with it.
pub(crate) async fn exchange<S>(stream: S, request: Request<Full<Bytes>>) -> Result<ProviderAnswer, ProviderError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (mut sender, connection) =
        http1::Builder::new().max_buf_size(MAX_HEAD).handshake(TokioIo::new(stream)).await.map_err(|e| of(&e))?;
    let answer = async {
        let response = sender.send_request(request).await.map_err(|error| of(&error))?;
        if response.status() != StatusCode::OK {
            return Err(ProviderError::Status(response.status().as_u16()));
        }
        let body = Limited::new(response.into_body(), MAX_BODY).collect().await.map_err(|error| match error
            .downcast_ref::<hyper::Error>()
        {
            Some(error) => of(error),
            None if error.is::<LengthLimitError>() => ProviderError::TooLarge,
            None => ProviderError::Broken,
        })?;
        read(&body.to_bytes())
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

fn read(body: &[u8]) -> Result<ProviderAnswer, ProviderError> {
    let text = std::str::from_utf8(body).map_err(|_| ProviderError::Malformed)?;
    ProviderAnswer::parse(text).map_err(|_| ProviderError::Malformed)
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
