//! The body of an upload: `multipart/form-data` with the one part `file` (Connect contract, "Files").

use std::convert::Infallible;

use futures_util::stream;
use multer::{Field, Multipart, parse_boundary};
use recourse_dispute::claim::{MOST_FILE_BYTES, NoRoom};
use recourse_edge::Request;

use crate::{Format, Problem, Refusal, extended_name, file_name, fingerprint};

/// The largest file that a Lambda event carries with room for the rest of it, in bytes: 4 MiB (Connect contract, "What breaks a server").
pub(crate) const MOST_IN_A_CALL: usize = 4 * 1024 * 1024;
/// The call for larger ones.
const LARGER: &str = "POST /files/v1/{merchantId}/disputes/{disputeId}/uploads";

/// A file that came in a request.
#[derive(Clone, PartialEq, Eq)]
pub struct Upload {
    /// What its sender calls it.
    pub name: String,
    /// Its format's media type.
    pub media: &'static str,
    /// What it holds.
    pub content: Vec<u8>,
}

impl std::fmt::Debug for Upload {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Upload").field("size", &self.content.len()).finish_non_exhaustive()
    }
}

impl Upload {
    /// Reads the file of a request, and looks at its name, its type and its content.
    ///
    /// # Errors
    /// [`Refusal`] for no file, more than one, or one that is not taken.
    pub async fn read(request: &Request) -> Result<Self, Refusal> {
        let malformed = |_| Refusal::from(Problem::invalid("file", "must be sent as multipart/form-data"));
        let media = request.header("content-type").unwrap_or_default();
        let boundary = parse_boundary(media).map_err(malformed)?;
        let body = stream::iter([Ok::<_, Infallible>(request.body.clone())]);
        let mut parts = Multipart::new(body, boundary);
        let mut upload = None;
        while let Some(part) = parts.next_field().await.map_err(malformed)? {
            if part.name() != Some("file") || upload.is_some() {
                return Err(Problem::invalid("file", "must be the only part").into());
            }
            upload = Some(Self::of(part).await?);
        }
        upload.ok_or_else(|| Problem::invalid("file", "is required").into())
    }

    async fn of(part: Field<'_>) -> Result<Self, Refusal> {
        let disposition = part.headers().get("content-disposition");
        let extended = disposition.and_then(|disposition| extended_name(disposition.as_bytes()));
        let name = extended.unwrap_or_else(|| part.file_name().unwrap_or_default().replace("%22", "\""));
        let name = file_name(&name, "file")?;
        let media = part.headers().get("content-type").map(|media| media.to_str().unwrap_or("not ASCII").to_owned());
        let format = Format::of(&name, media.as_deref(), "file")?;
        let content = part.bytes().await.map_err(|_| Problem::invalid("file", "must be sent whole"))?.to_vec();
        let size = u64::try_from(content.len()).unwrap_or(u64::MAX);
        if size > MOST_FILE_BYTES {
            return Err(NoRoom::FileTooLarge.into());
        }
        if content.len() > MOST_IN_A_CALL {
            return Err(Problem::TooLarge(LARGER).into());
        }
        format.check(&content)?;
        Ok(Self { name, media: format.media, content })
    }

    /// What makes two uploads one: the file, and not the boundary, which clients draw anew each time.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        fingerprint(&[self.name.as_bytes(), self.media.as_bytes(), &self.content])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const PDF: &[u8] = b"%PDF-1.7\r\n--b\r\nnot the end\r\n";

    fn request(media: &str, body: &[u8]) -> Request {
        use base64::Engine as _;
        let body = base64::prelude::BASE64_STANDARD.encode(body);
        let event = json!({
            "headers": {"content-type": media}, "requestContext": {"http": {"method": "POST"}}, "body": body,
            "isBase64Encoded": true
        });
        serde_json::from_value(event).unwrap()
    }

    fn part(head: &str, content: &[u8]) -> Vec<u8> {
        [b"--boundary\r\n", head.as_bytes(), b"\r\n\r\n", content, b"\r\n"].concat()
    }

    fn file(name: &str, content: &[u8]) -> Vec<u8> {
        let head = "Content-Disposition: form-data; name=\"file\"; filename=\"";
        part(&format!("{head}{name}\"\r\nContent-Type: application/pdf"), content)
    }

    async fn read(body: &[u8]) -> Result<Upload, Refusal> {
        Upload::read(&request("multipart/form-data; boundary=boundary", body)).await
    }

    #[tokio::test]
    async fn a_file_comes_byte_for_byte() {
        let body = [file("計画 %22B%22.pdf", PDF), b"--boundary--\r\n".to_vec()].concat();
        let upload = read(&body).await.unwrap();
        assert_eq!(
            (upload.name.as_str(), upload.media, upload.content.as_slice()),
            ("計画 \"B\".pdf", "application/pdf", PDF)
        );
        let other = String::from_utf8_lossy(&body).replace("--boundary", "--other").into_bytes();
        let again = Upload::read(&request("multipart/form-data; boundary=\"other\"", &other)).await.unwrap();
        assert_eq!(again.fingerprint(), upload.fingerprint());
    }

    /// As .NET's `MultipartFormDataContent` writes it, which the vendor's client for it uses.
    #[tokio::test]
    async fn dotnet_says_a_name_twice() {
        for (names, name) in [
            ("filename=file.pdf; filename*=utf-8''file.pdf", "file.pdf"),
            ("filename=\"the plan.pdf\"; filename*=utf-8''the%20plan.pdf", "the plan.pdf"),
            ("filename=\"=?utf-8?B?6KiI55S7LnBkZg==?=\"; filename*=utf-8''%E8%A8%88%E7%94%BB.pdf", "計画.pdf"),
        ] {
            let head = format!("Content-Disposition: form-data; name=file; {names}\r\nContent-Type: application/pdf");
            let body = [part(&head, PDF), b"--boundary--\r\n".to_vec()].concat();
            assert_eq!(read(&body).await.unwrap().name, name, "{head}");
        }
    }

    #[tokio::test]
    async fn whatever_else_comes_is_refused() {
        let end = b"--boundary--\r\n".to_vec();
        let field = part("Content-Disposition: form-data; name=\"file\"", PDF);
        let other = part("Content-Disposition: form-data; name=\"other\"; filename=\"a.pdf\"", PDF);
        for body in [
            vec![],
            end.clone(),
            file("a.pdf", PDF),
            [file("a.pdf", b""), end.clone()].concat(),
            [file("a.png", PDF), end.clone()].concat(),
            [file("", PDF), end.clone()].concat(),
            [file("a.pdf", b"MZ"), end.clone()].concat(),
            [file("a.pdf", PDF), file("b.pdf", PDF), end.clone()].concat(),
            [field, end.clone()].concat(),
            [other, end.clone()].concat(),
        ] {
            assert!(read(&body).await.is_err(), "{}", String::from_utf8_lossy(&body));
        }
        let whole = [file("a.pdf", PDF), end].concat();
        for media in ["", "application/json", "multipart/form-data", "multipart/form-data; boundary=another"] {
            assert!(Upload::read(&request(media, &whole)).await.is_err(), "{media}");
        }
    }

    #[tokio::test]
    async fn four_mebibytes_and_no_more() {
        let whole = |size: usize| {
            let mut content = PDF.to_vec();
            content.resize(size, b'x');
            [file("a.pdf", &content), b"--boundary--\r\n".to_vec()].concat()
        };
        assert_eq!(read(&whole(MOST_IN_A_CALL)).await.unwrap().content.len(), MOST_IN_A_CALL);
        assert_eq!(read(&whole(MOST_IN_A_CALL + 1)).await, Err(Problem::TooLarge(LARGER).into()));
        assert_eq!(read(&whole(5 * 1024 * 1024 + 1)).await, Err(NoRoom::FileTooLarge.into()));
    }
}
