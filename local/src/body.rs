//! Reading an HTTP body up to a limit.

use axum::body::{Body, Bytes};
use futures_util::StreamExt;

/// Why a body is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unread {
    /// It is longer than the limit.
    TooLarge,
    /// The sender went away in the middle of it.
    Broken,
}

/// The whole of `body`, if it is at most `limit` bytes. A longer one is read to its end without
/// being stored, so that its sender reads the answer instead of finding a closed connection.
pub(crate) async fn read(body: Body, limit: usize) -> Result<Bytes, Unread> {
    let mut frames = body.into_data_stream();
    let mut stored: Vec<u8> = Vec::new();
    let mut first = Bytes::new();
    let mut length = 0_usize;
    while let Some(frame) = frames.next().await {
        let frame = frame.map_err(|_| Unread::Broken)?;
        length = length.saturating_add(frame.len());
        if length > limit {
            stored = Vec::new();
        } else if length == frame.len() {
            // Nearly every body is one frame, and that frame is the body.
            first = frame;
        } else {
            if stored.is_empty() {
                stored.extend_from_slice(&first);
            }
            stored.extend_from_slice(&frame);
        }
    }
    match length {
        _ if length > limit => Err(Unread::TooLarge),
        _ if length == first.len() => Ok(first),
        _ => Ok(Bytes::from(stored)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;

    fn frames(lengths: &[usize]) -> Body {
        let frames: Vec<_> =
            lengths.iter().enumerate().map(|(i, n)| Ok::<_, Infallible>(vec![b'a' + i as u8; *n])).collect();
        Body::from_stream(futures_util::stream::iter(frames))
    }

    #[tokio::test]
    async fn a_body_is_its_frames() {
        assert_eq!(read(Body::empty(), 4).await.unwrap(), Bytes::new());
        assert_eq!(read(frames(&[3]), 4).await.unwrap(), Bytes::from("aaa"));
        assert_eq!(read(frames(&[0, 2, 0, 2]), 4).await.unwrap(), Bytes::from("bbdd"));
    }

    #[tokio::test]
    async fn the_limit_is_exact() {
        assert_eq!(read(frames(&[2, 2]), 4).await.map(|b| b.len()), Ok(4));
        assert_eq!(read(frames(&[2, 3]), 4).await, Err(Unread::TooLarge));
        assert_eq!(read(frames(&[9, 1]), 4).await, Err(Unread::TooLarge));
    }

    #[tokio::test]
    async fn a_sender_that_goes_away_is_noticed() {
        let broken = futures_util::stream::iter([Ok(Bytes::from("a")), Err(std::io::Error::other("gone"))]);
        assert_eq!(read(Body::from_stream(broken), 4).await, Err(Unread::Broken));
    }
}
