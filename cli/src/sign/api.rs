//! The API that a path belongs to, and so how a request to it is signed (each API's contract).

use super::Scheme;
use crate::ending::Failure;

/// The path of the Arbiter API's tokens.
pub(crate) const TOKEN: &str = "/passport/oauth/token";
/// The beginning of its other paths.
const ARBITER: &str = "/arbiter/";
/// A path without signatures.
const HEALTH: &str = "/health";

/// The beginnings of the paths of each API with signatures.
const SIGNED: [(&str, Scheme); 5] = [
    ("/v2/transactions/", Scheme::V1),
    ("/platform/v1/", Scheme::V1),
    ("/v1/", Scheme::Gcs),
    ("/files/v1/", Scheme::Gcs),
    ("/api/v1/dispute/", Scheme::Basic),
];

impl Scheme {
    /// Its name, as `--scheme` takes it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::V1 => "v1",
            Self::Gcs => "gcs",
            Self::Basic => "basic",
        }
    }

    /// The scheme of the API that a path belongs to. A failure says how to call a path without a
    /// signature.
    pub(crate) fn of(path: &str) -> Result<Self, Failure> {
        let (path, _) = path.split_once('?').unwrap_or((path, ""));
        if let Some((_, scheme)) = SIGNED.iter().find(|(prefix, _)| path.starts_with(prefix)) {
            return Ok(*scheme);
        }
        if path == TOKEN {
            return Ok(Self::Basic);
        }
        Err(Failure::refused(if path.starts_with(ARBITER) {
            format!(
                "the Arbiter API takes an access token instead of a signature. Get one, which is valid for 15 minutes:\n  \
                 eval \"$(recourse sign POST {TOKEN} --data grant_type=client_credentials)\"\n\
                 and call with it: curl -H \"Authorization: Bearer $TOKEN\" \"$RECOURSE_URL{path}\"."
            )
        } else if path == HEALTH {
            format!("{HEALTH} needs no signature: curl \"$RECOURSE_URL{HEALTH}\".")
        } else {
            let prefixes: Vec<_> = SIGNED.iter().map(|(prefix, _)| *prefix).collect();
            format!(
                "{path} belongs to no API: signed paths begin with {} or {TOKEN}. To sign it all the same, pass --scheme.",
                prefixes.join(", ")
            )
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_the_scheme_of_its_api() {
        for (path, scheme) in [
            ("/v2/transactions/check", Scheme::V1),
            ("/platform/v1/transactions", Scheme::V1),
            ("/v1/9991/disputes/7?x=/arbiter/", Scheme::Gcs),
            ("/files/v1/9991/disputes/7", Scheme::Gcs),
            ("/api/v1/dispute/create", Scheme::Basic),
            (TOKEN, Scheme::Basic),
        ] {
            assert_eq!(Scheme::of(path).unwrap(), scheme, "{path}");
        }
    }

    #[test]
    fn a_path_without_a_signature_is_refused_with_how_to_call_it() {
        let refused = |path: &str| Scheme::of(path).unwrap_err().text;
        let text = refused("/arbiter/api/v1/disputes?size=1");
        assert!(text.contains(TOKEN) && text.contains("$RECOURSE_URL/arbiter/api/v1/disputes\""), "{text}");
        assert!(refused("/health").contains("no signature"));
        for path in ["/", "/v2/x", "/disputes", "/platform", "/x?/v1/"] {
            assert!(refused(path).contains("belongs to no API"), "{path}");
        }
    }

    #[test]
    fn every_route_of_the_template_belongs_to_an_api_or_is_a_page_of_the_console() {
        let template = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../template.yaml")).unwrap();
        let routes: Vec<_> = template.lines().filter_map(|line| line.split_once(", Path: ")).collect();
        assert!(routes.len() > 20, "{routes:?}");
        for (_, rest) in routes {
            let path = rest.strip_suffix(" }").unwrap().trim_matches('"');
            let is_page = path == "/console" || path.starts_with("/console/");
            let known = is_page || path.starts_with(ARBITER) || path == HEALTH || Scheme::of(path).is_ok();
            assert!(known, "{path}");
        }
    }
}
