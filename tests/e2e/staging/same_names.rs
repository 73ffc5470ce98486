//! The same trxid, refid, type and reference, and capture in both environments: whichever is sent
//! first, each environment has a transaction of its own, and each API finds its caller's.

use recourse_dispute::environment::Environment;
use serde_json::{Value, json};

use crate::arbiter::{FBN, User, code_of, log_of, token_request};
use crate::harness::{
    CLIENT, Call, Connect, DemoKey, HttpResponse, PLATFORM, PLATFORM_STAGING, STAGING, Stack, Transaction, run, shared,
    unique,
};
use crate::tutelar::least;
use crate::vendor_texts::{DUPLICATE, SUCCESS, about};

/// Two transactions under the same names.
struct Twins {
    production: Transaction,
    staging: Transaction,
}

impl Twins {
    fn new() -> Self {
        let mut production = Transaction::new("acct_demo", "Succesful");
        production.body["amount"] = "1550.00".into();
        production.body["parties"] = json!({ "issuer": { "code": "FBN", "name": "FIRST BANK OF NIGERIA" } });
        production.body["details"] =
            json!({ "type": "BillPayment", "reference": unique("reference"), "captures": [unique("capture")] });
        let Transaction { trxid, refid, body } = &production;
        let mut staging = Transaction { trxid: trxid.clone(), refid: refid.clone(), body: body.clone() };
        staging.body["account"] = "acct_staging".into();
        staging.body["amount"] = "220.00".into();
        staging.body["parties"] = json!({ "issuer": { "code": "DEMOS", "name": "A bank" } });
        Self { production, staging }
    }

    /// Two transactions that were sent, first the one of this environment.
    async fn sent(stack: &Stack, first: Environment) -> Self {
        let twins = Self::new();
        let Self { production, staging } = &twins;
        let order = match first {
            Environment::Production => [production, staging],
            Environment::Staging => [staging, production],
        };
        for transaction in order {
            assert_eq!(stack.upsert(&transaction.body).await.status, 201, "{first:?}");
        }
        twins
    }

    fn trxid(&self) -> &str {
        &self.production.trxid
    }

    fn capture(&self) -> &str {
        self.production.body["details"]["captures"][0].as_str().unwrap()
    }

    /// Each environment has one dispute, of its own transaction.
    async fn are_disputed_apart(&self, stack: &Stack) {
        for (environment, account, amount) in
            [(Environment::Production, "acct_demo", "1550.00"), (Environment::Staging, "acct_staging", "220.00")]
        {
            let [record] = stack.disputes_in(environment, self.trxid()).await.try_into().unwrap();
            let facts = record.dispute.facts;
            assert_eq!((facts.environment, facts.account.as_str()), (environment, account));
            assert_eq!(facts.amount.decimal(), amount);
        }
    }
}

const BOTH_ORDERS: [Environment; 2] = [Environment::Production, Environment::Staging];

#[test]
fn each_platform_key_writes_and_reads_its_own() {
    run(async {
        let stack = shared().await;
        for first in BOTH_ORDERS {
            let twins = Twins::sent(&stack, first).await;
            let known = async |key: &DemoKey| stack.send(&Call::get(key, twins.trxid())).await.json();
            let (production, staging) = (known(&PLATFORM).await, known(&PLATFORM_STAGING).await);
            assert_eq!((&production["account"], &production["amount"]), (&json!("acct_demo"), &json!("1550.00")));
            assert_eq!((&staging["account"], &staging["amount"]), (&json!("acct_staging"), &json!("220.00")));
            // What one environment's transaction becomes, the other one's does not.
            assert_eq!(stack.upsert(&twins.staging.later("Refund", 1)).await.status, 200);
            assert_eq!(known(&PLATFORM_STAGING).await["status"], "Refund");
            assert_eq!(known(&PLATFORM).await, production);
        }
    });
}

#[test]
fn sent_at_once_both_are_created() {
    run(async {
        let stack = shared().await;
        for _ in 0..20 {
            let Twins { production, staging } = Twins::new();
            let sent = tokio::join!(stack.upsert(&production.body), stack.upsert(&staging.body));
            assert_eq!((sent.0.status, sent.1.status), (201, 201), "{sent:?}");
        }
    });
}

#[test]
fn a_report_is_about_its_callers_own() {
    run(async {
        let stack = shared().await;
        for first in BOTH_ORDERS {
            let twins = Twins::sent(&stack, first).await;
            let refid = &twins.production.refid;
            for key in [&CLIENT, &STAGING] {
                let by_trxid = stack.report(key, &json!({ "trxid": twins.trxid() })).await;
                let by_refid = stack.report(key, &json!({ "refid": refid })).await;
                assert_eq!((by_trxid.text, by_refid.text), (about(SUCCESS, refid), about(DUPLICATE, refid)));
            }
            twins.are_disputed_apart(&stack).await;
        }
    });
}

#[test]
fn a_bank_logs_and_sees_its_environments_own() {
    run(async {
        let stack = shared().await;
        let fbn = FBN.sign_in(&stack).await;
        let token = stack.raw(token_request(&STAGING, "grant_type=client_credentials")).await.json();
        let demos = User { token: token["access_token"].as_str().unwrap().to_owned() };
        for first in BOTH_ORDERS {
            let twins = Twins::sent(&stack, first).await;
            let log = log_of(&twins.production, "Chargeback");
            let path =
                format!("/transactions/types/BillPayment/references/{}", log["transactionReference"].as_str().unwrap());
            for (bank, code, environment) in
                [(&fbn, "FBN", Environment::Production), (&demos, "DEMOS", Environment::Staging)]
            {
                let seen = bank.get(&stack, &path).await;
                assert_eq!((seen.status, &seen.json()["issuerCode"]), (200, &json!(code)), "{seen:?}");
                let logged = code_of(&bank.log(&stack, &log).await);
                let [record] = stack.disputes_in(environment, twins.trxid()).await.try_into().unwrap();
                assert_eq!(record.dispute.log_code(), Some(logged));
            }
            twins.are_disputed_apart(&stack).await;
        }
    });
}

#[test]
fn a_merchant_raises_a_dispute_of_its_own() {
    run(async {
        let stack = shared().await;
        for first in BOTH_ORDERS {
            let twins = Twins::sent(&stack, first).await;
            for (key, merchant) in [(&CLIENT, "1001"), (&STAGING, "1002")] {
                let body = least(twins.trxid(), merchant).to_string();
                let answer = stack.raw(Call::new(key, "POST", "/api/v1/dispute/create", body).basic()).await;
                assert_eq!(answer.status, 201, "{answer:?}");
            }
            twins.are_disputed_apart(&stack).await;
        }
    });
}

/// A call of the merchant that has this key.
async fn connect(stack: &Stack, key: &DemoKey, method: &'static str, path: &str, body: Option<&Value>) -> HttpResponse {
    let merchant = if key.id == STAGING.id { "1002" } else { "1001" };
    let call = Connect { key: *key, ..Connect::new(method, format!("/v1/{merchant}/{path}")) };
    let call = match body {
        Some(body) => call.json(body),
        None => call,
    };
    stack.connect(call).await
}

#[test]
fn a_draft_is_of_its_callers_own_payment() {
    run(async {
        let stack = shared().await;
        let contact = json!({ "contactPerson": "Wile Coyote", "emailAddress": "wile.e.coyote@acmelabs.com" });
        for first in BOTH_ORDERS {
            for by_capture in [false, true] {
                let twins = Twins::sent(&stack, first).await;
                let name = match by_capture {
                    true => format!("captures/{}", twins.capture()),
                    false => format!("payments/{}", twins.trxid()),
                };
                for key in [&CLIENT, &STAGING] {
                    let draft = connect(&stack, key, "POST", &format!("{name}/dispute"), Some(&contact)).await;
                    assert_eq!(draft.status, 201, "{draft:?}");
                    let listed = connect(&stack, key, "GET", &format!("{name}/disputes"), None).await.json();
                    let [only] = listed["disputes"].as_array().unwrap().as_slice() else { panic!("{listed}") };
                    assert_eq!(only["id"], draft.json()["id"]);
                }
                twins.are_disputed_apart(&stack).await;
            }
        }
    });
}
