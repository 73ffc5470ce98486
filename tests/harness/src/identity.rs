//! An identity provider (OpenID Connect) for tests: it describes itself, leads browsers back with a
//! code, checks the client's secret and PKCE, and signs ID tokens under a key that is made when the
//! test starts. What it should do wrong, a test says.
//!
//! It is written by the specifications and shares no code with the client.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::StatusCode;
use http::header::{AUTHORIZATION, CONTENT_TYPE, LOCATION};
use ring::digest::{SHA256, digest};
use ring::hmac;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use rsa::traits::PublicKeyParts;
use rsa::{Pkcs1v15Sign, RsaPrivateKey};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::unique;

/// The id of the deployment at the provider.
pub const IDENTITY_CLIENT: &str = "recourse-console";
/// The secret that the provider shares with it. It has characters that HTTP's Basic encodes.
pub const IDENTITY_SECRET: &str = "s3cret:of/the+console%";

/// The kind of key that ID tokens are signed under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// ECDSA with P-256 (ES256).
    Ecdsa,
    /// RSA of 2,048 bits (RS256).
    Rsa,
}

/// What the provider does that it should not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Twist {
    /// Nothing.
    None,
    /// Its description is 1 MB long.
    DiscoveryHuge,
    /// Its description is elsewhere, to which it leads.
    DiscoveryRedirects,
    /// It calls itself another issuer.
    DiscoveryOtherIssuer,
    /// Its description is no JSON.
    DiscoveryMalformed,
    /// Its description names a token endpoint on a private address.
    DiscoveryPrivate,
    /// The person does not want to.
    Denied,
    /// It answers 1 MB instead of tokens.
    TokenHuge,
    /// It leads elsewhere instead of answering tokens.
    TokenRedirects,
    /// Its answer has no ID token.
    TokenWithoutId,
    /// The ID token is of another sign-in.
    OtherNonce,
    /// The ID token has no nonce.
    NoNonce,
    /// The ID token is for another client.
    OtherAudience,
    /// The ID token is for another client, too.
    TwoAudiences,
    /// The ID token was made for another client.
    OtherParty,
    /// The ID token is of another issuer.
    OtherIssuer,
    /// The ID token was over before it came.
    Expired,
    /// The ID token is from the future.
    FromTheFuture,
    /// The ID token is not signed.
    Unsigned,
    /// The ID token is signed under the client's secret.
    UnderSecret,
    /// The ID token's content was changed after it was signed.
    Changed,
    /// The ID token is signed under a key that is never published.
    UnknownKey,
    /// The ID token says nothing of the person but the subject; the userinfo endpoint has the rest.
    InUserInfo,
    /// As above, and the userinfo endpoint is about somebody else.
    OtherInUserInfo,
}

/// What the provider says of the person who signs in.
#[derive(Clone, Debug, PartialEq)]
pub struct Claimed {
    /// The person.
    pub subject: String,
    /// `email`, which may be missing.
    pub email: Option<String>,
    /// `email_verified`, as JSON; null where it is missing.
    pub verified: Value,
}

impl Claimed {
    /// Somebody with a verified address.
    pub fn verified(subject: &str, email: &str) -> Self {
        Self { subject: subject.to_owned(), email: Some(email.to_owned()), verified: json!(true) }
    }
}

enum SigningKey {
    Ecdsa(Box<EcdsaKeyPair>),
    Rsa(Box<RsaPrivateKey>),
}

struct NamedKey {
    kid: String,
    key: SigningKey,
}

/// What a code stands for.
struct Grant {
    redirect_uri: String,
    challenge: String,
    nonce: String,
    claimed: Claimed,
}

struct State {
    issuer: String,
    redirect_uri: String,
    twist: Twist,
    claimed: Claimed,
    keys: Vec<NamedKey>,
    codes: BTreeMap<String, Grant>,
    access: BTreeMap<String, Claimed>,
    requests: Vec<String>,
}

/// The provider. It ends when it is dropped.
pub struct IdentityServer {
    issuer: String,
    state: Arc<Mutex<State>>,
    serving: JoinHandle<()>,
}

impl Drop for IdentityServer {
    fn drop(&mut self) {
        self.stop();
    }
}

impl IdentityServer {
    /// A provider with one key.
    pub async fn start(kind: KeyKind) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://127.0.0.1:{}/realms/demo", listener.local_addr().unwrap().port());
        let state = Arc::new(Mutex::new(State {
            issuer: issuer.clone(),
            redirect_uri: String::new(),
            twist: Twist::None,
            claimed: Claimed::verified("nobody", "nobody@stranger.example"),
            keys: vec![NamedKey::new(kind)],
            codes: BTreeMap::new(),
            access: BTreeMap::new(),
            requests: Vec::new(),
        }));
        let shared = Arc::clone(&state);
        let app = Router::new().fallback(move |request: Request| answer(Arc::clone(&shared), request));
        let serving = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { issuer, state, serving }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The issuer.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Registers the console at this address: browsers are led back there and nowhere else.
    pub fn register(&self, console: &str) {
        self.state().redirect_uri = format!("{console}/console/sign-in/callback");
    }

    /// Who signs in from now on.
    pub fn claim(&self, claimed: Claimed) {
        self.state().claimed = claimed;
    }

    /// What is wrong from now on.
    pub fn twist(&self, twist: Twist) {
        self.state().twist = twist;
    }

    /// Replaces the key.
    pub fn rotate(&self, kind: KeyKind) {
        self.state().keys = vec![NamedKey::new(kind)];
    }

    /// The paths of the requests so far.
    pub fn requests(&self) -> Vec<String> {
        self.state().requests.clone()
    }

    /// Takes no more connections.
    pub fn stop(&self) {
        self.serving.abort();
    }
}

impl NamedKey {
    fn new(kind: KeyKind) -> Self {
        let key = match kind {
            KeyKind::Ecdsa => {
                let (algorithm, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
                let made = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
                SigningKey::Ecdsa(Box::new(EcdsaKeyPair::from_pkcs8(algorithm, made.as_ref(), &random).unwrap()))
            }
            KeyKind::Rsa => SigningKey::Rsa(Box::new(RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048).unwrap())),
        };
        Self { kid: unique("kid"), key }
    }

    fn algorithm(&self) -> &'static str {
        match self.key {
            SigningKey::Ecdsa(_) => "ES256",
            SigningKey::Rsa(_) => "RS256",
        }
    }

    fn published(&self) -> Value {
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        match &self.key {
            SigningKey::Ecdsa(key) => {
                let (x, y) = key.public_key().as_ref()[1..].split_at(32);
                json!({ "kty": "EC", "crv": "P-256", "use": "sig", "kid": self.kid, "x": encode(x), "y": encode(y) })
            }
            SigningKey::Rsa(key) => {
                let (n, e) = (encode(&key.n().to_bytes_be()), encode(&key.e().to_bytes_be()));
                json!({ "kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.kid, "n": n, "e": e })
            }
        }
    }

    fn sign(&self, text: &str) -> Vec<u8> {
        match &self.key {
            SigningKey::Ecdsa(key) => key.sign(&SystemRandom::new(), text.as_bytes()).unwrap().as_ref().to_vec(),
            SigningKey::Rsa(key) => {
                let hash = digest(&SHA256, text.as_bytes());
                key.sign(Pkcs1v15Sign::new::<rsa::sha2::Sha256>(), hash.as_ref()).unwrap()
            }
        }
    }
}

async fn answer(state: Arc<Mutex<State>>, request: Request) -> Response<Body> {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, 100_000).await.unwrap();
    let query: Vec<u8> = head.uri.query().unwrap_or_default().as_bytes().to_vec();
    let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
    let path = head.uri.path().strip_prefix("/realms/demo").unwrap_or_default().to_owned();
    state.requests.push(path.clone());
    let authorization = head.headers.get(AUTHORIZATION).map(|value| value.to_str().unwrap().to_owned());
    match (head.method.as_str(), path.as_str()) {
        ("GET", "/.well-known/openid-configuration") => state.description(),
        ("GET", "/keys") => {
            let keys: Vec<Value> = state.keys.iter().map(NamedKey::published).collect();
            sent(StatusCode::OK, &json!({ "keys": keys }))
        }
        ("GET", "/authorize") => state.authorize(&fields(&query)),
        ("POST", "/token") => state.token(authorization.as_deref(), &fields(&body)),
        ("GET", "/userinfo") => state.user_info(authorization.as_deref()),
        _ => sent(StatusCode::NOT_FOUND, &json!({})),
    }
}

/// The fields of a form, each of which is there once.
fn fields(form: &[u8]) -> BTreeMap<String, String> {
    let mut fields = BTreeMap::new();
    for (name, value) in form_urlencoded::parse(form) {
        assert!(fields.insert(name.to_string(), value.into_owned()).is_none(), "{name} is there twice");
    }
    fields
}

fn sent(status: StatusCode, body: &Value) -> Response<Body> {
    let response = Response::builder().status(status).header(CONTENT_TYPE, "application/json");
    response.body(Body::from(body.to_string())).unwrap()
}

fn led(to: &str) -> Response<Body> {
    Response::builder().status(StatusCode::FOUND).header(LOCATION, to).body(Body::empty()).unwrap()
}

fn now() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap()
}

impl State {
    fn description(&self) -> Response<Body> {
        let at = |path: &str| format!("{}{path}", self.issuer);
        let mut description = json!({
            "issuer": self.issuer,
            "authorization_endpoint": at("/authorize"),
            "token_endpoint": at("/token"),
            "userinfo_endpoint": at("/userinfo"),
            "jwks_uri": at("/keys"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256", "RS256", "HS256", "none"],
            "code_challenge_methods_supported": ["S256"],
            "scopes_supported": ["openid", "email"],
        });
        match self.twist {
            Twist::DiscoveryHuge => description["padding"] = json!("x".repeat(1_000_000)),
            Twist::DiscoveryRedirects => return led(&at("/.well-known/other")),
            Twist::DiscoveryOtherIssuer => description["issuer"] = json!(at("/")),
            Twist::DiscoveryMalformed => return sent(StatusCode::OK, &json!("no object")),
            Twist::DiscoveryPrivate => description["token_endpoint"] = json!("http://169.254.169.254/token"),
            _ => {}
        }
        sent(StatusCode::OK, &description)
    }

    /// Everybody is signed in here already, as whom the test says.
    fn authorize(&mut self, asked: &BTreeMap<String, String>) -> Response<Body> {
        let asked = |name: &str| asked.get(name).map(String::as_str).unwrap_or_default();
        let scopes: Vec<&str> = asked("scope").split(' ').collect();
        let is_good = asked("client_id") == IDENTITY_CLIENT
            && asked("redirect_uri") == self.redirect_uri
            && asked("response_type") == "code"
            && asked("code_challenge_method") == "S256"
            && asked("code_challenge").len() == 43
            && !asked("state").is_empty()
            && !asked("nonce").is_empty()
            && ["openid", "email"].iter().all(|scope| scopes.contains(scope));
        if !is_good {
            return sent(StatusCode::BAD_REQUEST, &json!({ "error": "invalid_request" }));
        }
        let mut back = form_urlencoded::Serializer::new(format!("{}?", self.redirect_uri));
        back.append_pair("state", asked("state"));
        if self.twist == Twist::Denied {
            return led(&back.append_pair("error", "access_denied").finish());
        }
        let code = unique("code");
        let grant = Grant {
            redirect_uri: asked("redirect_uri").to_owned(),
            challenge: asked("code_challenge").to_owned(),
            nonce: asked("nonce").to_owned(),
            claimed: self.claimed.clone(),
        };
        back.append_pair("code", &code).append_pair("iss", &self.issuer);
        self.codes.insert(code, grant);
        led(&back.finish())
    }

    fn token(&mut self, authorization: Option<&str>, asked: &BTreeMap<String, String>) -> Response<Body> {
        let asked = |name: &str| asked.get(name).map(String::as_str).unwrap_or_default();
        // RFC 6749, 2.3.1: both are encoded as in a form before they become Basic's.
        let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let pair = STANDARD.encode(format!("{}:{}", encode(IDENTITY_CLIENT), encode(IDENTITY_SECRET)));
        if authorization != Some(format!("Basic {pair}").as_str()) {
            return sent(StatusCode::UNAUTHORIZED, &json!({ "error": "invalid_client" }));
        }
        let grant = self.codes.remove(asked("code")).filter(|grant| {
            asked("grant_type") == "authorization_code"
                && asked("redirect_uri") == grant.redirect_uri
                && URL_SAFE_NO_PAD.encode(digest(&SHA256, asked("code_verifier").as_bytes())) == grant.challenge
        });
        let Some(grant) = grant else { return sent(StatusCode::BAD_REQUEST, &json!({ "error": "invalid_grant" })) };
        let access = unique("access");
        let mut tokens = json!({ "access_token": access, "token_type": "Bearer", "expires_in": 300 });
        match self.twist {
            Twist::TokenHuge => tokens["padding"] = json!("x".repeat(1_000_000)),
            Twist::TokenRedirects => return led(&format!("{}/token", self.issuer)),
            Twist::TokenWithoutId => {}
            _ => tokens["id_token"] = json!(self.id_token(&grant)),
        }
        self.access.insert(access, grant.claimed);
        sent(StatusCode::OK, &tokens)
    }

    fn id_token(&self, grant: &Grant) -> String {
        let Claimed { subject, email, verified } = &grant.claimed;
        let now = now();
        let mut claims = json!({
            "iss": self.issuer, "sub": subject, "aud": IDENTITY_CLIENT, "nonce": grant.nonce,
            "iat": now, "exp": now + 300, "roles": ["admin"], "groups": ["admin"],
        });
        if !matches!(self.twist, Twist::InUserInfo | Twist::OtherInUserInfo) {
            add_email(&mut claims, email.as_deref(), verified);
        }
        let stranger = NamedKey::new(KeyKind::Ecdsa);
        let mut key = self.keys.last().unwrap();
        match self.twist {
            Twist::OtherNonce => claims["nonce"] = json!("another"),
            Twist::NoNonce => claims["nonce"] = Value::Null,
            Twist::OtherAudience => claims["aud"] = json!("another"),
            Twist::TwoAudiences => claims["aud"] = json!([IDENTITY_CLIENT, "another"]),
            Twist::OtherParty => claims["azp"] = json!("another"),
            Twist::OtherIssuer => claims["iss"] = json!("https://id.example"),
            Twist::Expired => claims["exp"] = json!(now - 1),
            Twist::FromTheFuture => claims["iat"] = json!(now + 3_600),
            Twist::UnknownKey => key = &stranger,
            _ => {}
        }
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let header = |algorithm: &str| part(&json!({ "alg": algorithm, "kid": key.kid, "typ": "JWT" }));
        match self.twist {
            Twist::Unsigned => format!("{}.{}.", header("none"), part(&claims)),
            Twist::UnderSecret => {
                let signed = format!("{}.{}", header("HS256"), part(&claims));
                let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, IDENTITY_SECRET.as_bytes()), signed.as_bytes());
                format!("{signed}.{}", URL_SAFE_NO_PAD.encode(tag))
            }
            twist => {
                let signed = format!("{}.{}", header(key.algorithm()), part(&claims));
                let signature = URL_SAFE_NO_PAD.encode(key.sign(&signed));
                if twist == Twist::Changed {
                    claims["exp"] = json!(now + 301);
                }
                format!("{}.{}.{signature}", header(key.algorithm()), part(&claims))
            }
        }
    }

    fn user_info(&self, authorization: Option<&str>) -> Response<Body> {
        let token = authorization.and_then(|value| value.strip_prefix("Bearer "));
        let Some(claimed) = token.and_then(|token| self.access.get(token)) else {
            return sent(StatusCode::UNAUTHORIZED, &json!({ "error": "invalid_token" }));
        };
        let other = self.twist == Twist::OtherInUserInfo;
        let mut info = json!({ "sub": if other { "another" } else { claimed.subject.as_str() } });
        add_email(&mut info, claimed.email.as_deref(), &claimed.verified);
        sent(StatusCode::OK, &info)
    }
}

fn add_email(claims: &mut Value, email: Option<&str>, verified: &Value) {
    if let Some(email) = email {
        claims["email"] = json!(email);
    }
    if !verified.is_null() {
        claims["email_verified"] = verified.clone();
    }
}
