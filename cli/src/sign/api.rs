//! Which API a path belongs to, and so how it is signed (each API's contract).

use super::Scheme;
use crate::ending::Failure;

/// Where the Arbiter API gives tokens.
pub(super) const TOKEN: &str = "/passport/oauth/token";
/// What its other paths begin with.
const ARBITER: &str = "/arbiter/";
/// What is not signed at all.
const HEALTH: &str = "/health";

/// What the paths of the APIs that sign begin with.
const SIGNED: [(&str, Scheme); 5] = [
    ("/v2/transactions/", Scheme::V1),
    ("/platform/v1/", Scheme::V1),
    ("/v1/", Scheme::Gcs),
    ("/files/v1/", Scheme::Gcs),
    ("/api/v1/dispute/", Scheme::Basic),
];

impl Scheme {
    /// The scheme of the API that a path belongs to.
    pub(super) fn of(path: &str) -> Result<Self, Failure> {
        let (path, _) = path.split_once('?').unwrap_or((path, ""));
        if let Some((_, scheme)) = SIGNED.iter().find(|(prefix, _)| path.starts_with(prefix)) {
            return Ok(*scheme);
        }
        if path == TOKEN {
            return Ok(Self::Basic);
        }
        Err(Failure::refused(if path.starts_with(ARBITER) {
            format!(
                "the Arbiter API takes an access token and no signature. Ask for one, good for 15 minutes:\n  \
                 eval \"$(recourse sign POST {TOKEN} --data grant_type=client_credentials)\"\n\
                 and call with it: curl -H \"Authorization: Bearer $TOKEN\" \"$RECOURSE_URL{path}\"."
            )
        } else if path == HEALTH {
            format!("{HEALTH} wants no signature: curl \"$RECOURSE_URL{HEALTH}\".")
        } else {
            let prefixes: Vec<_> = SIGNED.iter().map(|(prefix, _)| *prefix).collect();
            format!(
                "{path} belongs to no API: those that are signed begin with {} or {TOKEN}. With --scheme it is signed all the same.",
                prefixes.join(", ")
            )
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_tells_its_doors_scheme() {
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
    fn what_no_signature_opens_is_refused_with_what_does() {
        let refused = |path: &str| Scheme::of(path).unwrap_err().text;
        let text = refused("/arbiter/api/v1/disputes?size=1");
        assert!(text.contains(TOKEN) && text.contains("$RECOURSE_URL/arbiter/api/v1/disputes\""), "{text}");
        assert!(refused("/health").contains("no signature"));
        for path in ["/", "/v2/x", "/disputes", "/platform", "/x?/v1/"] {
            assert!(refused(path).contains("belongs to no API"), "{path}");
        }
    }

    /// Every route of the template belongs to an API here.
    #[test]
    fn no_route_is_forgotten() {
        let template = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../template.yaml")).unwrap();
        let routes: Vec<_> = template.lines().filter_map(|line| line.split_once(", Path: ")).collect();
        assert!(routes.len() > 20, "{routes:?}");
        for (_, rest) in routes {
            let path = rest.strip_suffix(" }").unwrap().trim_matches('"');
            let known = path.starts_with(ARBITER) || path == HEALTH || Scheme::of(path).is_ok();
            assert!(known, "{path}");
        }
    }
}
