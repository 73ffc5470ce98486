//! The body of an upload: `multipart/form-data` with the one part `file` (Connect contract,
//! "Files").

use std::convert::Infallible;

use futures_util::stream;
use multer::{Field, Multipart};
use recourse_dispute::claim::{MAX_FILE_BYTES, NoRoom};
use recourse_edge::Request;

use crate::parameters::Parameters;
use crate::{ApiError, Problem, check_content, extended_name, file_name, fingerprint, format_of, part_headers};

/// The largest file that a Lambda event carries with room for the rest of it, in bytes: 4 MiB
/// (Connect contract, "What breaks a server").
pub(crate) const MAX_IN_A_CALL: usize = 4 * 1024 * 1024;
/// The longest boundary between parts, in characters (RFC 2046, section 5.1.1).
const MAX_BOUNDARY: usize = 70;
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
    /// [`ApiError`] if there is no file, more than one, or a file that is not accepted.
    pub async fn read(request: &Request) -> Result<Self, ApiError> {
        let malformed = |error| {
            let rule = match error {
                multer::Error::ReadHeaderFailed(_) => "must have part headers of a name, a colon and a value each",
                _ => "must be one whole part between the boundaries that the Content-Type names",
            };
            ApiError::from(Problem::invalid("file", rule))
        };
        let boundary = boundary(request.header("content-type").unwrap_or_default())?;
        part_headers::check(&request.body, &boundary).map_err(|rule| Problem::invalid("file", rule))?;
        let body = stream::iter([Ok::<_, Infallible>(request.body.clone())]);
        let mut parts = Multipart::new(body, boundary);
        let mut upload = None;
        while let Some(part) = parts.next_field().await.map_err(malformed)? {
            let disposition = part.headers().get("content-disposition").map(|value| value.as_bytes().to_owned());
            let disposition = disposition.unwrap_or_default();
            let parameters = Parameters::read(&String::from_utf8_lossy(&disposition));
            if parameters.get("name") != Some("file") || upload.is_some() {
                return Err(Problem::invalid("file", "must be the only part, and be named file").into());
            }
            if parameters.lacks_end_quote {
                return Err(Problem::invalid("file", "must have a filename with a quote at its end, too").into());
            }
            let name = match extended_name(&parameters) {
                Some(name) => name,
                None if std::str::from_utf8(&disposition).is_err() => {
                    return Err(Problem::invalid("file", "must have a name in UTF-8").into());
                }
                None => match (parameters.get("filename"), parameters.get("filename*")) {
                    (None, Some(_)) => {
                        let rule = "must have a filename* in UTF-8, percent-encoded (RFC 8187), or a filename";
                        return Err(Problem::invalid("file", rule).into());
                    }
                    (name, _) => name.unwrap_or_default().replace("%22", "\""),
                },
            };
            upload = Some(Self::of(part, &name).await?);
        }
        upload.ok_or_else(|| Problem::invalid("file", "is required").into())
    }

    async fn of(part: Field<'_>, name: &str) -> Result<Self, ApiError> {
        let name = file_name(name, "file")?;
        let media = part.headers().get("content-type").map(|media| media.to_str().unwrap_or("not ASCII").to_owned());
        // An empty type counts as no type.
        let media = media.filter(|media| !media.trim().is_empty());
        let format = format_of(&name, media.as_deref(), "file")?;
        let content = part.bytes().await.map_err(|_| Problem::invalid("file", "must be sent whole"))?.to_vec();
        let size = u64::try_from(content.len()).unwrap_or(u64::MAX);
        if size > MAX_FILE_BYTES {
            return Err(NoRoom::FileTooLarge.into());
        }
        if content.len() > MAX_IN_A_CALL {
            return Err(Problem::TooLarge(LARGER).into());
        }
        check_content(format, &content)?;
        Ok(Self { name, media: format.media, content })
    }

    /// What makes two uploads one: the file, and not the boundary, which clients draw anew each
    /// time.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        fingerprint(&[self.name.as_bytes(), self.media.as_bytes(), &self.content])
    }
}

/// The boundary that a `Content-Type` names.
fn boundary(media: &str) -> Result<String, ApiError> {
    let media = Parameters::read(media);
    if media.value != "multipart/form-data" {
        return Err(Problem::invalid("file", "must be sent as multipart/form-data").into());
    }
    let boundary = media.get("boundary").unwrap_or_default();
    if (1..=MAX_BOUNDARY).contains(&boundary.len()) {
        Ok(boundary.to_owned())
    } else {
        let rule = format!("must be sent as multipart/form-data with a boundary of 1 to {MAX_BOUNDARY} characters");
        Err(Problem::invalid("file", rule).into())
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

    async fn read(body: &[u8]) -> Result<Upload, ApiError> {
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
    async fn dotnet_sends_a_name_twice() {
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

    /// RFC 2045 and RFC 2183: names in any case, spaces around them, and a type that is empty.
    #[tokio::test]
    async fn headers_are_read_in_every_form_that_their_rfcs_have() {
        for head in [
            "content-disposition: Form-Data; Name=\"file\"; FileName=\"a.pdf\"\r\nContent-Type: application/pdf",
            "Content-Disposition: form-data ; name = file ; filename = a.pdf\r\nContent-Type:",
            "Content-Disposition: form-data; filename=\"a.pdf\"; name=\"file\"\r\nContent-Type: ",
            "Content-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"",
        ] {
            let body = [part(head, PDF), b"--boundary--\r\n".to_vec()].concat();
            let upload = read(&body).await;
            assert_eq!(upload.map(|upload| upload.name).as_deref(), Ok("a.pdf"), "{head}");
        }
        let semicolon = "Content-Disposition: form-data; name=\"file\"; filename=\"plan; part 1.pdf\"";
        let body = [part(semicolon, PDF), b"--boundary--\r\n".to_vec()].concat();
        assert_eq!(read(&body).await.unwrap().name, "plan; part 1.pdf");
        let body = String::from_utf8_lossy(&[file("a.pdf", PDF), b"--boundary--\r\n".to_vec()].concat())
            .replace("--boundary", "--=_b=1")
            .into_bytes();
        for media in
            ["multipart/form-data; boundary==_b=1", "Multipart/Form-Data ; charset=utf-8; Boundary = \"=_b=1\""]
        {
            assert!(Upload::read(&request(media, &body)).await.is_ok(), "{media}");
        }
    }

    #[tokio::test]
    async fn the_answer_says_what_is_wrong() {
        let rule = |read: Result<Upload, ApiError>| match read {
            Err(ApiError::Problem(Problem::Invalid(place, rule))) if place == "file" => rule,
            other => panic!("{other:?}"),
        };
        let whole = [file("a.pdf", PDF), b"--boundary--\r\n".to_vec()].concat();
        assert_eq!(rule(Upload::read(&request("text/plain", &whole)).await), "must be sent as multipart/form-data");
        for media in ["multipart/form-data", &format!("multipart/form-data; boundary={}", "b".repeat(71))] {
            let said = rule(Upload::read(&request(media, &whole)).await);
            assert_eq!(said, "must be sent as multipart/form-data with a boundary of 1 to 70 characters");
        }
        let said = rule(Upload::read(&request("multipart/form-data; boundary=another", &whole)).await);
        assert_eq!(said, "must be one whole part between the boundaries that the Content-Type names");
        let other = part("Content-Disposition: form-data; name=\"other\"; filename=\"a.pdf\"", PDF);
        let said = rule(read(&[other, b"--boundary--\r\n".to_vec()].concat()).await);
        assert_eq!(said, "must be the only part, and be named file");
        let latin =
            [b"--boundary\r\nContent-Disposition: form-data; name=file; filename=\xe9.pdf\r\n\r\n".as_slice(), PDF]
                .concat();
        let said = rule(read(&[latin, b"\r\n--boundary--\r\n".to_vec()].concat()).await);
        assert_eq!(said, "must have a name in UTF-8");
    }

    #[tokio::test]
    async fn the_answer_says_what_is_wrong_with_a_name() {
        let said = async |names: &str| {
            let head = format!("Content-Disposition: form-data; name=\"file\"{names}\r\nContent-Type: application/pdf");
            match read(&[part(&head, PDF), b"--boundary--\r\n".to_vec()].concat()).await {
                Err(ApiError::Problem(Problem::Invalid(place, rule))) if place == "file" => rule,
                other => panic!("{other:?}"),
            }
        };
        let folded = "must have part headers of one line each, none of them folded";
        assert_eq!(said(";\r\n filename=\"a.pdf\"").await, folded);
        let charset = "must have a filename* in UTF-8, percent-encoded (RFC 8187), or a filename";
        assert_eq!(said("; filename*=iso-8859-1''%e9.pdf").await, charset);
        assert_eq!(said("; filename*=utf-8''%e9.pdf").await, charset);
        assert_eq!(said("").await, "must have a name");
        let long = format!("; filename=\"{}.pdf\"", "x".repeat(200));
        assert_eq!(said(&long).await, "must have a name of at most 200 characters");
        let trailing = "must have a name that ends in .pdf: there are other characters, maybe invisible ones";
        for name in ["a.pdf ", "a.pdf\u{200b}", "a.p\u{ad}df", "a. pdf"] {
            assert_eq!(said(&format!("; filename=\"{name}\"")).await, trailing, "{name:?}");
        }
        let turned = "must have a name without control characters and without marks that change the direction of text";
        assert_eq!(said("; filename=\"a\u{202e}fdp.exe\"").await, turned);
        let quote = "must have a filename with a quote at its end, too";
        assert_eq!(said("; filename=\"a.pdf").await, quote);
        let encoding = "must be sent without Content-Transfer-Encoding base64";
        assert_eq!(said("; filename=a.pdf\r\nContent-Transfer-Encoding: base64").await, encoding);
        let twice = "; filename=a.pdf\r\nContent-Disposition: form-data; name=file; filename=b.pdf";
        assert_eq!(said(twice).await, "must have one Content-Disposition");
        let space = "must have part headers without a space before the colon";
        assert_eq!(said("; filename=a.pdf\r\nX-Extra : 1").await, space);
        let form = "must have part headers of a name, a colon and a value each";
        for line in ["no header", "X@Extra: 1", "X-Extra: a\u{1}b"] {
            assert_eq!(said(&format!("; filename=a.pdf\r\n{line}")).await, form, "{line:?}");
        }
    }

    #[tokio::test]
    async fn every_other_body_is_refused() {
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
        assert_eq!(read(&whole(MAX_IN_A_CALL)).await.unwrap().content.len(), MAX_IN_A_CALL);
        assert_eq!(read(&whole(MAX_IN_A_CALL + 1)).await, Err(Problem::TooLarge(LARGER).into()));
        assert_eq!(read(&whole(5 * 1024 * 1024 + 1)).await, Err(NoRoom::FileTooLarge.into()));
    }
}
