//! Every reason for which a request is not authenticated.

macro_rules! refusals {
    ($($variant:ident $name:literal $text:literal)*) => {
        /// Why a request is not authenticated. The caller of an API does not learn it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Refusal {
            $(#[doc = $text] $variant,)*
        }

        impl Refusal {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stable name, as in `unknown_key`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What is wrong and what would be right: one sentence or two of plain ASCII, as a
            /// header can have.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }
    };
}

refusals! {
    MissingHeader "missing_header" "A header of the signature is missing."
    MalformedHeader "malformed_header" "A header of the signature is malformed, or was sent twice."
    MalformedDate "malformed_date" "Date is missing or malformed. It must be as in Fri, 06 Jun 2014 13:39:43 GMT."
    StaleTimestamp "stale_timestamp" "The time of the request is too far from the time of the server."
    Milliseconds "milliseconds" "The time of the request is in milliseconds. It must be in seconds, or Date in its own form."
    UnknownKey "unknown_key" "No key has this id."
    RevokedKey "revoked_key" "The key was revoked."
    SuspendedAccount "suspended_account" "The account of the key is suspended."
    WrongRole "wrong_role" "The key is good, and its role is not for this API."
    OtherMerchant "other_merchant" "The key is good, and the merchant id of the path is not of its account."
    NoDomainCode "no_domain_code" "The key is good, and its account has no domain code, which the Arbiter API needs."
    SecretNotDecoded "secret_not_decoded" "The text of the secret was the key. The secret is base64: decode it, and use the bytes as the key."
    SecretDecoded "secret_decoded" "The secret was decoded from base64. At this API its text is used as it is."
    WrongSecret "wrong_secret" "The password is not the secret of this key."
    HexSignature "hex_signature" "The signature is in hexadecimal digits. It must be the base64 of the 32 bytes."
    Base64Form "base64_form" "The signature is in another form of base64. It must be in the standard alphabet, with padding."
    SignaturePrefix "signature_prefix" "X-Signature must begin with v1= in lower case."
    PathSigned "path_signed" "The path was signed. At this API neither path nor host is: QUERY has the query alone, and is empty without one."
    UrlSigned "url_signed" "The whole address was signed. The last line is the path with its query, without scheme and host."
    PathDecoded "path_decoded" "The path was signed in another encoding than it was sent in."
    QueryLeftOut "query_left_out" "The query was not signed. It must be signed as it was sent."
    DecodedQuery "decoded_query" "The query was signed decoded, or in another encoding than it was sent in. Sign it as it is sent."
    UnsortedQuery "unsorted_query" "The query was signed in another order. Its pairs must be sorted by their keys, then by their values."
    BodyChanged "body_changed" "The signature is over another body than the one that was sent. Sign the exact bytes that are sent, not JSON that is printed again."
    BodyNotHashed "body_not_hashed" "The body itself was signed. BODY_HASH is the base64 of its SHA-256."
    HexBodyHash "hex_body_hash" "The hash of the body was signed in hexadecimal digits. It must be base64."
    BodySigned "body_signed" "The body was signed. At this API it is not."
    TrailingNewline "trailing_newline" "A line feed at the end is there that should not be, or is missing: of the signed text, of the body, or of the secret."
    LowerCaseMethod "lower_case_method" "The method was signed in lower case. It must be upper case."
    VersionLeftOut "version_left_out" "The signed text must begin with v1: and the timestamp."
    ContentType "content_type" "The signature is over another Content-Type than the one that was sent."
    GcsHeaders "gcs_headers" "The X-GCS headers were signed otherwise than as name:value, with names in lower case, sorted, each with a line feed."
    InvalidToken "invalid_token" "The bearer token is none of this deployment's, or it has expired after its 15 minutes."
    WrongSignature "wrong_signature" "The signature does not fit, and none of the known mistakes explains it: another secret, or something else was signed."
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{} - {}", self.name(), self.text())
    }
}
