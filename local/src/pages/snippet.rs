//! Requests to paste into a shell: a report, signed step by step with openssl as the IIMMPACT contract says, and a first call at each other door.

/// The body of the report. Exactly these bytes are signed and sent.
const BODY: &str = r#"{"refid":"123456","user_email":["user@example.com"]}"#;

/// The request lines for the gateway at `url`, with this key.
pub(super) fn report(url: &str, key_id: &str, secret: &str) -> String {
    let (url, key_id, secret, body) = (quoted(url), quoted(key_id), quoted(secret), quoted(BODY));
    format!(
        r#"URL={url} KEY={key_id} SECRET={secret}
BODY={body}
TIMESTAMP=$(date +%s)
NONCE=req-$TIMESTAMP-$(openssl rand -hex 16)
BODY_HASH=$(printf %s "$BODY" | openssl dgst -sha256 -binary | openssl base64 -A)
HEX_SECRET=$(printf %s "$SECRET" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \n')
SIGNATURE=$(printf %s "v1:$TIMESTAMP:$NONCE:POST::$BODY_HASH" |
  openssl dgst -sha256 -mac HMAC -macopt "hexkey:$HEX_SECRET" -binary | openssl base64 -A)
curl -sS "$URL/v2/transactions/check" -H "Content-Type: application/json" \
  -H "X-Api-Key: $KEY" -H "X-Timestamp: $TIMESTAMP" -H "X-Nonce: $NONCE" \
  -H "X-Signature: v1=$SIGNATURE" -d "$BODY""#
    )
}

/// A transaction of the demo's merchant that the Tutelar line is about.
pub(super) const TUTELAR_TRXID: &str = "50006";
/// And the one that the Connect line is about: seed 004's.
pub(super) const CONNECT_PAYMENT: &str = "000000852800000014110000100001";

/// A user of a bank signs in, and lists its disputes.
pub(super) fn arbiter(url: &str, key: (&str, &str), user: (&str, &str)) -> String {
    let (url, key) = (quoted(url), quoted(&format!("{}:{}", key.0, key.1)));
    let (name, password) = (quoted(&format!("username={}", user.0)), quoted(&format!("password={}", user.1)));
    format!(
        r#"URL={url}
TOKEN=$(curl -sS -u {key} "$URL/passport/oauth/token" \
  -d grant_type=password --data-urlencode {name} --data-urlencode {password} |
  sed 's/.*"access_token":"\([^"]*\)".*/\1/')
curl -sS "$URL/arbiter/api/v1/disputes" -H "Authorization: Bearer $TOKEN""#
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

/// A merchant begins a draft; the command line knows how the door's requests are signed.
pub(super) fn connect() -> String {
    format!(
        r#"eval "$(target/debug/recourse sign POST /v1/1001/payments/{CONNECT_PAYMENT}/dispute \
  --data '{{"contactPerson":"Wile Coyote","emailAddress":"wile@example.com"}}')""#
    )
}

/// `text` as one word of a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_it_stays_one_word_of_the_shell() {
        let snippet = report("http://127.0.0.1:3000", "k'; rm -rf ~; '", "c2VjcmV0");
        assert!(
            snippet.starts_with(r"URL='http://127.0.0.1:3000' KEY='k'\''; rm -rf ~; '\''' SECRET='c2VjcmV0'"),
            "{snippet}"
        );
    }
}
