//! The body that announces a presigned upload (Recourse-specific; Connect contract, "What breaks a
//! server").

use recourse_dispute::claim::{MAX_FILE_BYTES, NoRoom};
use recourse_files::percent_encode;

use crate::body::{Faults, read_body, text};
use crate::{ApiError, Problem, file_name, format_of};

/// The longest texts that are read, in characters.
const MAX_NAME: usize = 1_000;
const MAX_TYPE: usize = 200;
/// The longest percent-encoded name, in bytes: S3 stores 2,048 bytes of metadata with an object,
/// the name of the metadata included.
const MAX_ANNOUNCED: usize = 2_000;

/// A file that is announced.
#[derive(Clone, PartialEq, Eq)]
pub struct UploadRequest {
    /// What its sender calls it.
    pub name: String,
    /// Its format's media type.
    pub media: &'static str,
    /// How many bytes it has.
    pub size: u64,
}

impl UploadRequest {
    /// Reads a body.
    ///
    /// # Errors
    /// The values that are missing or of no such form, all of them; else the first rule that is
    /// broken, by its place.
    pub fn read(body: &[u8]) -> Result<Self, ApiError> {
        let fields = read_body(body)?;
        let mut faults = Faults::default();
        let name = faults.check(fields.get("fileName").required(|sent| text(sent, MAX_NAME)));
        let media = faults.check(fields.get("fileType").required(|sent| text(sent, MAX_TYPE)));
        let rule = "must be the number of bytes, above 0";
        let size = fields.get("fileSize");
        let bytes = size.plain::<u64>(rule).map(|size| size.filter(|size| *size > 0));
        let bytes = faults.check(bytes.and_then(|bytes| bytes.ok_or_else(|| size.error(rule))));
        faults.none()?;
        let (name, media, size) = (name.unwrap_or_default(), media.unwrap_or_default(), bytes.unwrap_or_default());
        let name = file_name(&name, "fileName")?;
        if percent_encode(&name).len() > MAX_ANNOUNCED {
            return Err(Problem::invalid("fileName", "must have at most 2000 bytes when it is percent-encoded").into());
        }
        format_of(&name, None, "fileName")?;
        let format = format_of(&name, Some(&media), "fileType")?;
        if size > MAX_FILE_BYTES {
            Err(NoRoom::FileTooLarge.into())
        } else {
            Ok(Self { name, media: format.media, size })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_rule_has_its_place() {
        let whole = json!({"fileName": "a.pdf", "fileType": "application/pdf", "fileSize": 5_242_880});
        let read = UploadRequest::read(whole.to_string().as_bytes()).ok().unwrap();
        assert_eq!((read.name.as_str(), read.media, read.size), ("a.pdf", "application/pdf", 5_242_880));
        for (field, value) in [
            ("fileName", json!("a.exe")),
            ("fileName", json!("")),
            ("fileName", json!(format!("{}.pdf", "\u{1f4a5}".repeat(167)))),
            ("fileType", json!("image/png")),
            ("fileType", json!(null)),
            ("fileSize", json!(0)),
            ("fileSize", json!("7")),
            ("fileSize", json!(-1)),
        ] {
            let mut body = whole.clone();
            body[field] = value;
            match UploadRequest::read(body.to_string().as_bytes()) {
                Err(ApiError::Problem(Problem::Invalid(place, _))) => assert_eq!(place, field),
                _ => panic!("{body}"),
            }
        }
        match UploadRequest::read(b"{}") {
            Err(ApiError::Problem(Problem::InvalidValues(values))) => {
                let places: Vec<_> = values.iter().map(|(place, _)| place.as_str()).collect();
                assert_eq!(places, ["fileName", "fileType", "fileSize"]);
            }
            _ => panic!("{{}}"),
        }
        let mut body = whole;
        body["fileName"] = json!(format!("{}.pdf", "\u{1f4a5}".repeat(166)));
        assert!(UploadRequest::read(body.to_string().as_bytes()).is_ok());
        body["fileSize"] = json!(5_242_881);
        assert!(UploadRequest::read(body.to_string().as_bytes()).err() == Some(NoRoom::FileTooLarge.into()));
    }
}
