//! Requests to paste into a shell: a report, signed step by step with openssl as the IIMMPACT
//! contract says, a first call of each other API, and any call of the API's pages.

use recourse_dispute::shell::quoted;
use serde_json::Value;

/// The body of the report. Exactly these bytes are signed and sent.
const BODY: &str = r#"{"refid":"123456","user_email":["user@example.com"]}"#;

/// A name, and the secret that belongs to it.
type Pair<'a> = (&'a str, &'a str);

/// Who calls, in the lines to paste: the demo's keys, and the clock that they have to agree with.
#[derive(Debug, Default)]
pub(super) struct Caller<'a> {
    /// Where the gateway is.
    pub(super) url: &'a str,
    /// How far the clock here was moved, in seconds.
    pub(super) ahead: u64,
    /// A client's key and its secret.
    pub(super) client: Option<Pair<'a>>,
    /// The platform's.
    pub(super) platform: Option<Pair<'a>>,
    /// A bank's, and a user of it with the password.
    pub(super) bank: Option<(Pair<'a>, Pair<'a>)>,
}

/// One call of the API.
#[derive(Debug)]
pub(super) struct Call<'a> {
    pub(super) method: &'a str,
    /// With its parameters in braces.
    pub(super) path: &'a str,
    /// Its media type, and itself.
    pub(super) body: Option<(&'a str, &'a str)>,
    /// The name of its scheme in openapi.yaml.
    pub(super) scheme: Option<&'a str>,
}

impl Caller<'_> {
    /// The lines that make a call, once the variables are set that they name. There are none for a
    /// call with any method, or when the demo has no live key for it.
    pub(super) fn lines(&self, call: &Call<'_>) -> Option<String> {
        let Call { method, path, body, scheme } = call;
        if *method == "ANY" {
            return None;
        }
        let path = filled(path, body.map(|(_, body)| body));
        let url = quoted(self.url);
        let data = |(media, body): (&str, &str)| format!(" \\\n  -H \"Content-Type: {media}\" -d {}", quoted(body));
        let data = body.map(data).unwrap_or_default();
        let verb = if *method == "HEAD" { "--head".to_owned() } else { format!("-X {method}") };
        let request = format!("curl -sS {verb} \"$URL{path}\"");
        match scheme {
            None => Some(format!("URL={url}\n{request}{data}")),
            Some("signed") => {
                let key = if path.starts_with("/platform/") { self.platform } else { self.client };
                Some(signed(self, key?, method, &path, body.map_or("", |(_, body)| body)))
            }
            Some("basic" | "passport") => {
                let key = if *scheme == Some("basic") { self.client } else { self.bank.map(|(key, _)| key) };
                let (id, secret) = key?;
                Some(format!("URL={url}\n{request} -u {}{data}", quoted(&format!("{id}:{secret}"))))
            }
            Some("bearer") => {
                let (key, user) = self.bank?;
                Some(format!("{}\n{request} -H \"Authorization: Bearer $TOKEN\"{data}", token(self.url, key, user)))
            }
            // The command line knows how these are signed.
            Some("gcs") => {
                let data = body.map(|(_, body)| format!(" \\\n  --data {}", quoted(body))).unwrap_or_default();
                Some(format!("eval \"$(target/debug/recourse sign {method} \"{path}\"{data})\""))
            }
            Some(_) => None,
        }
    }
}

/// A path with the demo's values for its parameters, or else with variables that the shell asks
/// for. If the body names a transaction, the path has that one.
fn filled(path: &str, body: Option<&str>) -> String {
    let named = body.and_then(|body| serde_json::from_str::<Value>(body).ok());
    let named = named.as_ref().and_then(|body| body["trxid"].as_str());
    let fill = |part: &str| match part.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
        None => part.to_owned(),
        Some("trxid") => named.unwrap_or("50001").to_owned(),
        Some("merchantId") => "1001".to_owned(),
        Some("paymentId") => CONNECT_PAYMENT.to_owned(),
        Some("captureId") => CONNECT_CAPTURE.to_owned(),
        Some("category") => "Chargeback".to_owned(),
        Some("type") => "BillPayment".to_owned(),
        Some("reference") => "chargeback-1".to_owned(),
        Some(name) => format!("${{{}:?set it first}}", variable(name)),
    };
    path.split('/').map(fill).collect::<Vec<_>>().join("/")
}

/// `disputeId` as a variable of the shell: `DISPUTE_ID`.
fn variable(name: &str) -> String {
    let mut variable = String::new();
    for character in name.chars().filter(char::is_ascii_alphanumeric) {
        if character.is_ascii_uppercase() {
            variable.push('_');
        }
        variable.push(character.to_ascii_uppercase());
    }
    variable
}

/// The request lines of a report.
pub(super) fn report(caller: &Caller<'_>, key: (&str, &str)) -> String {
    signed(caller, key, "POST", "/v2/transactions/check", BODY)
}

/// A request, signed step by step as the v1 scheme says.
fn signed(caller: &Caller<'_>, key: (&str, &str), method: &str, path: &str, body: &str) -> String {
    let (url, key_id, secret, quoted_body) = (quoted(caller.url), quoted(key.0), quoted(key.1), quoted(body));
    let now = match caller.ahead {
        0 => "$(date +%s)".to_owned(),
        ahead => format!("$(($(date +%s) + {ahead}))"),
    };
    let data = if body.is_empty() { "" } else { " -d \"$BODY\"" };
    format!(
        r#"URL={url} KEY={key_id} SECRET={secret}
BODY={quoted_body}
TIMESTAMP={now}
NONCE=req-$TIMESTAMP-$(openssl rand -hex 16)
BODY_HASH=$(printf %s "$BODY" | openssl dgst -sha256 -binary | openssl base64 -A)
HEX_SECRET=$(printf %s "$SECRET" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \n')
SIGNATURE=$(printf %s "v1:$TIMESTAMP:$NONCE:{method}::$BODY_HASH" |
  openssl dgst -sha256 -mac HMAC -macopt "hexkey:$HEX_SECRET" -binary | openssl base64 -A)
curl -sS -X {method} "$URL{path}" -H "Content-Type: application/json" \
  -H "X-Api-Key: $KEY" -H "X-Timestamp: $TIMESTAMP" -H "X-Nonce: $NONCE" \
  -H "X-Signature: v1=$SIGNATURE"{data}"#
    )
}

/// A transaction of the demo's merchant that the Tutelar line is about.
pub(super) const TUTELAR_TRXID: &str = "50006";
/// And the one that the Connect line is about: the vendor's Connect "Submit dispute"'s.
pub(super) const CONNECT_PAYMENT: &str = "000000852800000014110000100001";
/// Its capture.
const CONNECT_CAPTURE: &str = "000000852800000014110000100002";

/// A user of a bank signs in, and lists its disputes.
pub(super) fn arbiter(url: &str, key: (&str, &str), user: (&str, &str)) -> String {
    let token = token(url, key, user);
    format!("{token}\ncurl -sS \"$URL/arbiter/api/v1/disputes\" -H \"Authorization: Bearer $TOKEN\"")
}

/// The lines that get a token.
fn token(url: &str, key: (&str, &str), user: (&str, &str)) -> String {
    let (url, key) = (quoted(url), quoted(&format!("{}:{}", key.0, key.1)));
    let (name, password) = (quoted(&format!("username={}", user.0)), quoted(&format!("password={}", user.1)));
    format!(
        r#"URL={url}
TOKEN=$(curl -sS -u {key} "$URL/passport/oauth/token" \
  -d grant_type=password --data-urlencode {name} --data-urlencode {password} |
  sed 's/.*"access_token":"\([^"]*\)".*/\1/')"#
    )
}

/// A merchant raises a dispute.
pub(super) fn tutelar(url: &str, key: (&str, &str)) -> String {
    let (url, key) = (quoted(&format!("{url}/api/v1/dispute/create")), quoted(&format!("{}:{}", key.0, key.1)));
    format!(
        r#"curl -sS -u {key} {url} \
  -H "Content-Type: application/json" -d '{{
  "transactionDetails": {{"id": "{TUTELAR_TRXID}", "customerName": "Johnson", "customerEmail": "johnson@example.com",
    "customerMobile": "9878987677", "amount": "1001", "transactionDate": "2026-01-31"}},
  "merchantDetails": {{"id": "1001", "name": "Demo Wallet", "businessName": "Demo Wallet",
    "chargebackEmail": "disputes@demo-wallet.example", "mobile": "9087657767"}},
  "disputeAmount": "100"}}'"#
    )
}

/// A merchant begins a draft; the command line knows how the API's requests are signed.
pub(super) fn connect() -> String {
    format!(
        r#"eval "$(target/debug/recourse sign POST /v1/1001/payments/{CONNECT_PAYMENT}/dispute \
  --data '{{"contactPerson":"Wile Coyote","emailAddress":"wile@example.com"}}')""#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALLER: Caller<'_> = Caller {
        url: "http://127.0.0.1:3000",
        ahead: 0,
        client: Some(("k'; rm -rf ~; '", "c2VjcmV0")),
        platform: None,
        bank: None,
    };

    #[test]
    fn a_value_stays_one_word_of_the_shell() {
        let snippet = report(&CALLER, CALLER.client.unwrap());
        assert!(
            snippet.starts_with(r"URL='http://127.0.0.1:3000' KEY='k'\''; rm -rf ~; '\''' SECRET='c2VjcmV0'"),
            "{snippet}"
        );
        assert!(snippet.contains("TIMESTAMP=$(date +%s)\n"), "{snippet}");
        let moved = report(&Caller { ahead: 86_400, ..CALLER }, CALLER.client.unwrap());
        assert!(moved.contains("TIMESTAMP=$(($(date +%s) + 86400))\n"), "{moved}");
    }

    #[test]
    fn a_call_is_made_as_its_scheme_says() {
        let lines = |method, path, body, scheme| CALLER.lines(&Call { method, path, body, scheme });
        let open = lines("GET", "/health", None, None).unwrap();
        assert_eq!(open, "URL='http://127.0.0.1:3000'\ncurl -sS -X GET \"$URL/health\"");
        let basic = lines("GET", "/api/v1/dispute/view/{disputeId}", None, Some("basic")).unwrap();
        assert!(basic.contains("/view/${DISPUTE_ID:?set it first}\" -u 'k"), "{basic}");
        let signed =
            lines("POST", "/v2/transactions/check", Some(("application/json", r#"{"a":"it's"}"#)), Some("signed"))
                .unwrap();
        assert!(signed.contains(r#"BODY='{"a":"it'\''s"}'"#) && signed.ends_with("-d \"$BODY\""), "{signed}");
        let gcs = lines("POST", "/v1/{merchantId}/disputes/{disputeId}/submit", None, Some("gcs")).unwrap();
        assert_eq!(
            gcs,
            "eval \"$(target/debug/recourse sign POST \"/v1/1001/disputes/${DISPUTE_ID:?set it first}/submit\")\""
        );
        assert_eq!(lines("PUT", "/platform/v1/transactions/{trxid}", None, Some("signed")), None, "no platform key");
        assert_eq!(lines("ANY", "/x", None, None), None);
    }
}
