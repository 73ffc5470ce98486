//! A report to paste into a shell, signed step by step with openssl as the IIMMPACT contract says.

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
