//! The sign-in at the company's own identity provider: whether the provider says of itself what
//! the console expects, and whether the secret is set.

use std::time::Duration;

use recourse_store::Store;
use serde_json::Value;

use super::Check;
use crate::base_url::BaseUrl;
use crate::output::visible;
use crate::service::Service;
use crate::settings::Settings;

const PROVIDER: &str = "sign-in";
const SECRET: &str = "sign-in secret";
const REDIRECT: &str = "redirect URI";
/// How long the provider may take for an answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest answer that the console takes, in bytes.
const MAX_BYTES: usize = 65_536;
/// The algorithms of signatures that the console takes.
const ALGORITHMS: [&str; 8] = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384"];
const AT_PROVIDER: &str = "Compare OidcIssuer with the issuer that the provider shows, character by character";

/// What is wrong, and what to do.
type Wrong = (String, &'static str);

pub(super) async fn checks(store: &Store, settings: &Settings) -> Vec<Check> {
    match (settings.get("OIDC_ISSUER"), settings.get("OIDC_CLIENT_ID")) {
        (Some(issuer), Some(_)) => {
            vec![provider(&issuer), secret(store).await, redirect(settings.get("RECOURSE_URL").as_deref())]
        }
        (None, None) => vec![Check::unchecked(
            PROVIDER,
            "not checked: OIDC_ISSUER is not set, so operators sign in by mailed links",
        )],
        _ => vec![Check::wrong(
            PROVIDER,
            "one of OIDC_ISSUER and OIDC_CLIENT_ID is set without the other",
            "Deploy with both parameters, OidcIssuer and OidcClientId, or with neither",
        )],
    }
}

async fn secret(store: &Store) -> Check {
    match store.identity_secret_audit().await {
        Ok(entries) => match entries.last() {
            Some(last) => Check::ok(SECRET, format!("set by {} on {}", visible(&last.by.name), last.at.iso8601())),
            None => Check::wrong(SECRET, "no secret is set", "Set it with `recourse operator identity-secret`"),
        },
        Err(error) => Check::unread(SECRET, &error),
    }
}

/// What has to be registered at the provider. Whether it is, only a sign-in shows.
fn redirect(url: Option<&str>) -> Check {
    match url {
        Some(url) => {
            let url = visible(url.trim_end_matches('/')).into_owned();
            Check::unchecked(
                REDIRECT,
                format!(
                    "to be registered at the provider: {url}/console/sign-in/callback, with DomainName at that domain"
                ),
            )
        }
        None => Check::unchecked(REDIRECT, "not known: RECOURSE_URL is not set"),
    }
}

fn provider(issuer: &str) -> Check {
    match described(issuer) {
        Ok(keys) => Check::ok(PROVIDER, format!("{} describes itself; keys: {keys}", visible(issuer))),
        Err((found, fix)) => Check::wrong(PROVIDER, found, fix),
    }
}

/// How many keys the provider has, if all is as it should be.
fn described(issuer: &str) -> Result<usize, Wrong> {
    let address = format!("{}/.well-known/openid-configuration", issuer.strip_suffix('/').unwrap_or(issuer));
    let keys = of(issuer, &fetched(&address)?)?;
    let keys = fetched(&keys)?.get("keys").and_then(Value::as_array).map_or(0, Vec::len);
    if keys == 0 {
        Err(("the provider publishes no key".to_owned(), "Ask whoever runs the provider"))
    } else {
        Ok(keys)
    }
}

/// The JSON at an address.
fn fetched(url: &str) -> Result<Value, Wrong> {
    let asked = visible(url).into_owned();
    let unreached = "The provider has to be reached from the internet over https://, without a redirect";
    let (origin, path) =
        split(url).ok_or_else(|| (format!("{asked} is no address that begins with https://"), unreached))?;
    let answer = Service::new(origin, PATIENCE).get(path).map_err(|error| (visible(&error).into_owned(), unreached))?;
    if answer.status != 200 {
        return Err((format!("{asked} answers {}", answer.status_line()), unreached));
    }
    if answer.body.len() > MAX_BYTES {
        return Err((format!("{asked} answers with more than {MAX_BYTES} bytes"), "Ask whoever runs the provider"));
    }
    serde_json::from_str(&answer.body).map_err(|_| (format!("{asked} does not answer with JSON"), AT_PROVIDER))
}

/// Origin and path of an address that is `https://`, or on this machine.
fn split(url: &str) -> Option<(BaseUrl, &str)> {
    let host = url.find("://")? + 3;
    let path = url.get(host..)?.find('/')? + host;
    let (origin, path) = url.split_at_checked(path)?;
    let origin = BaseUrl::parse(origin).ok()?;
    (url.starts_with("https://") || origin.is_loopback()).then_some((origin, path))
}

/// Where the provider has its keys, by its description of itself.
fn of(issuer: &str, description: &Value) -> Result<String, Wrong> {
    let text = |name: &str| description.get(name).and_then(Value::as_str);
    let named = text("issuer").unwrap_or_default();
    if named != issuer {
        return Err((
            format!("the provider calls itself {}, and OidcIssuer is {}", visible(named), visible(issuer)),
            AT_PROVIDER,
        ));
    }
    for name in ["authorization_endpoint", "token_endpoint", "jwks_uri"] {
        if text(name).and_then(split).is_none() {
            return Err((
                format!("the provider names no {name} that begins with https://"),
                "Ask whoever runs the provider",
            ));
        }
    }
    let takes = |name: &str, one: &[&str]| {
        let list = description.get(name)?.as_array()?;
        Some(list.iter().any(|value| value.as_str().is_some_and(|value| one.contains(&value))))
    };
    let fix = "Choose another provider, or have it set up for the authorization code flow with PKCE (S256)";
    if takes("response_types_supported", &["code"]) != Some(true) {
        return Err(("the provider does not support the authorization code flow".to_owned(), fix));
    }
    if takes("id_token_signing_alg_values_supported", &ALGORITHMS) != Some(true) {
        return Err((format!("the provider signs ID tokens by none of {}", ALGORITHMS.join(", ")), fix));
    }
    if takes("code_challenge_methods_supported", &["S256"]) == Some(false) {
        return Err(("the provider does not support PKCE with S256".to_owned(), fix));
    }
    Ok(text("jwks_uri").unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::CheckResult;
    use super::*;

    const ISSUER: &str = "https://id.example/realms/a";

    fn description() -> Value {
        json!({
            "issuer": ISSUER, "authorization_endpoint": "https://id.example/authorize",
            "token_endpoint": "https://id.example/token", "jwks_uri": "https://keys.example/all",
            "response_types_supported": ["code", "id_token"], "code_challenge_methods_supported": ["S256"],
            "id_token_signing_alg_values_supported": ["HS256", "RS256"],
        })
    }

    #[test]
    fn a_description_has_what_the_console_needs() {
        assert_eq!(of(ISSUER, &description()).unwrap(), "https://keys.example/all");
        let mut silent = description();
        silent.as_object_mut().unwrap().remove("code_challenge_methods_supported");
        assert!(of(ISSUER, &silent).is_ok(), "many providers leave it out");
        for (name, value, said) in [
            ("issuer", json!("https://id.example/realms/a/"), "OidcIssuer"),
            ("token_endpoint", json!("http://id.example/token"), "token_endpoint"),
            ("authorization_endpoint", json!(null), "authorization_endpoint"),
            ("jwks_uri", json!("https://keys.example"), "jwks_uri"),
            ("response_types_supported", json!(["id_token"]), "code flow"),
            ("id_token_signing_alg_values_supported", json!(["none", "HS256"]), "RS256"),
            ("code_challenge_methods_supported", json!(["plain"]), "S256"),
        ] {
            let mut changed = description();
            changed[name] = value;
            let (found, _) = of(ISSUER, &changed).unwrap_err();
            assert!(found.contains(said), "{found}");
        }
    }

    #[test]
    fn an_address_is_https_or_on_this_machine() {
        let path = |url| split(url).map(|(_, path)| path);
        assert_eq!(path("https://id.example/a/b?c"), Some("/a/b?c"));
        assert_eq!(path("http://127.0.0.1:9000/keys"), Some("/keys"));
        for url in ["http://id.example/keys", "https://id.example", "ftp://id.example/keys", "id.example/keys", ""] {
            assert_eq!(path(url), None, "{url}");
        }
    }

    #[test]
    fn the_redirect_uri_is_printed() {
        let check = redirect(Some("https://disputes.example.com/"));
        assert!(check.found.contains("https://disputes.example.com/console/sign-in/callback"), "{check:?}");
        assert_eq!(redirect(None).verdict, CheckResult::Unchecked);
    }
}
