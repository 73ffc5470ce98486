//! Who gets a token, and what one is good for.

use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::Request;
use recourse_dispute::event::PerformedBy;
use recourse_dispute::ids::{AccountId, KeyId, UserName};
use recourse_dispute::lifecycle::Actor;
use recourse_dispute::time::UnixMillis;
use recourse_store::{AuditContext, RemoveUserOutcome, WriteToken};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::bank::{FBN, GTB, call, token_request};
use crate::harness::{CLIENT, DemoKey, HttpResponse, PLATFORM, Stack, options, run, run_alone, shared};

fn error(answer: &HttpResponse) -> (u16, Value) {
    (answer.status, answer.json())
}

fn refused(status: u16, error: &str, description: &str) -> (u16, Value) {
    (status, json!({ "error": error, "error_description": description }))
}

#[test]
fn both_grants_and_what_they_answer() {
    run(async {
        let stack = shared().await;
        for form in [FBN.form(FBN.password), "grant_type=client_credentials".to_owned()] {
            let answer = stack.raw(token_request(&FBN.key, &form)).await;
            let body = answer.json();
            assert_eq!((answer.status, &body["token_type"], &body["expires_in"]), (200, &json!("bearer"), &json!(900)));
            assert_eq!(answer.headers["cache-control"], "no-store");
            let token = body["access_token"].as_str().unwrap();
            assert_eq!(token.split('.').count(), 3);
            let answer = stack.raw(call(token, "GET", "/disputes/categories", "")).await;
            assert_eq!(answer.json()[0]["statuses"][1], "Representment");
        }
        assert_eq!(
            error(&stack.raw(token_request(&FBN.key, "")).await),
            refused(400, "invalid_request", "Missing grant type")
        );
        assert_eq!(
            error(&stack.raw(token_request(&FBN.key, "grant_type=implicit")).await),
            refused(400, "unsupported_grant_type", "Unsupported grant type")
        );
    });
}

#[test]
fn a_client_is_a_banks_own_key_with_its_secret() {
    run(async {
        let stack = shared().await;
        let bad = refused(401, "invalid_client", "Bad client credentials");
        let form = "grant_type=client_credentials";
        for key in [
            DemoKey { secret: GTB.key.secret, ..FBN.key },
            DemoKey { id: "nobody", ..FBN.key },
            PLATFORM,
            DemoKey { id: CLIENT.id, secret: "" },
        ] {
            assert_eq!(error(&stack.raw(token_request(&key, form)).await), bad, "{}", key.id);
        }
        let bare = Request::post("/passport/oauth/token").body(form.as_bytes().to_vec()).unwrap();
        let answer = stack.raw(bare).await;
        assert_eq!(error(&answer), bad);
        assert_eq!(answer.headers["x-amzn-remapped-www-authenticate"], "Basic realm=\"passport\"");
    });
}

#[test]
fn a_wrong_password_an_unknown_user_and_a_locked_one_are_alike() {
    run(async {
        let stack = Stack::start(options()).await;
        let bad = refused(400, "invalid_grant", "Bad credentials");
        let ask = async |form: &str| stack.raw(token_request(&GTB.key, form)).await.without_ids();
        let wrong = ask(&GTB.form("not-the-password")).await;
        assert_eq!(error(&wrong), bad);
        let unknown = "grant_type=password&username=Nobody.Here&password=not-the-password";
        assert_eq!(ask(unknown).await, wrong, "byte for byte");
        assert_eq!(ask("grant_type=password&username=a%20b&password=x").await, wrong);
        assert_eq!(ask(&FBN.form(FBN.password)).await, wrong, "another bank's user is nobody here");
        for _ in 0..20 {
            assert_eq!(ask(&GTB.form(GTB.password)).await.status, 200, "good tries are not counted");
        }
        for _ in 0..9 {
            assert_eq!(ask(&GTB.form("not-the-password")).await, wrong);
        }
        assert_eq!(ask(&GTB.form(GTB.password)).await, wrong, "locked, and it does not show");
        assert_eq!(ask(&FBN.form("x")).await, wrong);
        assert_eq!(stack.raw(token_request(&GTB.key, "grant_type=client_credentials")).await.status, 200);
        let dynamodb = async |form: &str| {
            stack.cloud().dynamodb.clear_calls();
            ask(form).await;
            stack.dynamodb_calls("ArbiterToken")
        };
        let counted = ["UpdateItem", "GetItem", "UpdateItem"];
        assert_eq!(dynamodb(unknown).await, counted);
        assert_eq!(dynamodb(&GTB.form("not-the-password")).await, counted, "locked");
        assert_eq!(dynamodb(&GTB.form(GTB.password)).await, counted, "locked");
        assert_eq!(dynamodb(&FBN.form("x")).await, counted, "nobody here");
        assert_eq!(dynamodb("grant_type=password&username=Other&password=x").await, counted);
    });
}

#[test]
fn of_24_good_sign_ins_at_once_each_gets_a_token() {
    run_alone(async {
        let stack = Arc::new(Stack::start(options()).await);
        for _ in 0..2 {
            let mut sign_ins = JoinSet::new();
            for _ in 0..24 {
                let stack = Arc::clone(&stack);
                sign_ins.spawn(async move { stack.raw(token_request(&GTB.key, &GTB.form(GTB.password))).await.status });
            }
            assert_eq!(sign_ins.join_all().await, [200; 24]);
        }
    });
}

/// A sign-in beyond the limit waits, or gets 429. None is answered that a good password is wrong.
#[test]
fn of_60_good_sign_ins_at_once_none_gets_bad_credentials() {
    run_alone(async {
        let stack = Arc::new(Stack::start(options()).await);
        let mut sign_ins = JoinSet::new();
        for _ in 0..60 {
            let stack = Arc::clone(&stack);
            sign_ins.spawn(async move { stack.raw(token_request(&GTB.key, &GTB.form(GTB.password))).await.status });
        }
        let statuses = sign_ins.join_all().await;
        assert!(statuses.iter().all(|status| [200, 429].contains(status)), "{statuses:?}");
        assert!(statuses.iter().filter(|status| **status == 200).count() >= 40, "{statuses:?}");
        // None of them counts as a wrong one.
        assert_eq!(stack.raw(token_request(&GTB.key, &GTB.form(GTB.password))).await.status, 200);
    });
}

/// RFC 6749, 2.3.1: an OAuth client encodes its id and secret before it puts them together.
#[test]
fn a_client_may_encode_its_id_and_its_secret_as_a_form_does() {
    run(async {
        let stack = shared().await;
        let form = "grant_type=client_credentials";
        let secret = FBN.key.secret.replace('=', "%3D");
        assert!(secret.ends_with("%3D%3D"), "{secret}");
        let encoded = |id: &str, secret: &str| {
            let mut request = token_request(&FBN.key, form);
            let basic = BASE64_STANDARD.encode(format!("{id}:{secret}"));
            request.headers_mut().insert("authorization", format!("Basic {basic}").parse().unwrap());
            request
        };
        for (id, secret) in [("fbn_demo", secret.as_str()), ("fbn%5Fdemo", &secret), ("fbn%5fdemo", FBN.key.secret)] {
            assert_eq!(stack.raw(encoded(id, secret)).await.status, 200, "{id} {secret}");
        }
        let twice = secret.replace('%', "%25");
        let bad = refused(401, "invalid_client", "Bad client credentials");
        assert_eq!(error(&stack.raw(encoded("fbn_demo", &twice)).await), bad);
        // Elsewhere HTTP Basic is as RFC 7617 has it.
        let mut elsewhere = encoded("fbn_demo", &secret);
        *elsewhere.uri_mut() = "/api/v1/dispute/view/dispute_00000001".parse().unwrap();
        *elsewhere.method_mut() = "GET".parse().unwrap();
        assert_eq!(stack.raw(elsewhere).await.status, 401);
    });
}

#[test]
fn without_a_good_token_every_call_is_a_401() {
    run(async {
        let stack = shared().await;
        let calls = [
            ("POST", "/disputes"),
            ("GET", "/disputes"),
            ("GET", "/disputes/FBN00II551"),
            ("PUT", "/disputes/FBN00II551"),
            ("GET", "/disputes/categories"),
            ("GET", "/disputes/categories/Chargeback/reasons"),
            ("GET", "/transactions/types/BillPayment/references/1286176"),
        ];
        let good = FBN.sign_in(&stack).await.token;
        let (message, _) = good.rsplit_once('.').unwrap();
        let (head, rest) = good.split_once('.').unwrap();
        let expected = json!({ "code": "unauthorized", "message": "A valid access token is required.", "errors": [] });
        for (method, path) in calls {
            for token in [
                String::new(),
                "x.y.z".into(),
                format!("{message}."),
                format!("{message}.AAAA"),
                format!("{head}x.{rest}"),
                "é".repeat(9),
            ] {
                let answer = stack.raw(call(&token, method, path, "{}")).await;
                assert_eq!((answer.status, answer.json()), (401, expected.clone()), "{method} {path} {token}");
            }
            let mut bare = call("", method, path, "{}");
            bare.headers_mut().remove("authorization");
            assert_eq!(stack.raw(bare).await.status, 401);
            let mut basic = call("", method, path, "{}");
            basic.headers_mut().insert("authorization", format!("Basic {good}").parse().unwrap());
            assert_eq!(stack.raw(basic).await.status, 401);
        }
        assert_eq!(stack.raw(call(&good, "GET", "/disputes/categories", "")).await.status, 200);
    });
}

#[test]
fn a_token_is_verified_without_a_read() {
    run(async {
        let stack = Stack::start(options()).await;
        let user = FBN.sign_in(&stack).await;
        user.get(&stack, "/disputes/categories").await;
        stack.cloud().dynamodb.clear_calls();
        assert_eq!(user.get(&stack, "/disputes/categories").await.status, 200);
        assert!(stack.dynamodb_calls("ArbiterCategories").is_empty());
        let by = PerformedBy { actor: Actor::Operator, name: "tests".to_owned() };
        let audit = AuditContext { by, at: UnixMillis(0), why: None };
        let gtb = AccountId::parse("acct_gtb").unwrap();
        let mut next = 0_u128;
        let tokens = || {
            next += 1;
            WriteToken::new(next.to_be_bytes())
        };
        stack.store().revoke_credential(&KeyId::parse(GTB.key.id).unwrap(), &audit, tokens).await.unwrap();
        assert!(stack.store().account(&gtb).await.unwrap().is_some());
        let answer = stack.raw(token_request(&GTB.key, "grant_type=client_credentials")).await;
        assert_eq!(answer.status, 401, "a revoked key gets no token");
    });
}

#[test]
fn a_removed_user_is_refused_as_a_wrong_password_is_and_a_token_lives_on() {
    run(async {
        let stack = Stack::start(options()).await;
        let ask = async |form: &str| stack.raw(token_request(&GTB.key, form)).await.without_ids();
        let wrong = ask(&GTB.form("not-the-password")).await;
        let user = GTB.sign_in(&stack).await;
        let by = PerformedBy { actor: Actor::Operator, name: "tests".to_owned() };
        let audit = AuditContext { by, at: UnixMillis(0), why: None };
        let (gtb, name) = (AccountId::parse("acct_gtb").unwrap(), UserName::parse(GTB.user).unwrap());
        let mut next = 0_u128;
        let tokens = || {
            next += 1;
            WriteToken::new(next.to_be_bytes())
        };
        let removed = stack.store().remove_user(&gtb, &name, &audit, tokens).await.unwrap();
        assert_eq!(removed, RemoveUserOutcome::Removed);
        assert_eq!(ask(&GTB.form(GTB.password)).await, wrong, "byte for byte");
        assert_eq!(user.get(&stack, "/disputes/categories").await.status, 200);
    });
}
