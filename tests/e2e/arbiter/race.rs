//! All APIs at once on one transaction, a draft's submit among them: one dispute goes live, and
//! everybody else gets the refusal of its own API.

use std::sync::Arc;

use recourse_dispute::lifecycle::State;
use recourse_local::Options;
use serde_json::json;
use tokio::task::JoinSet;

use super::bank::{FBN, GTB, User, log_of, paid};
use crate::harness::{CLIENT, Call, Connect, HttpResponse, Stack, Transaction, options, options_at_once, run_alone};
use crate::tutelar::least;
use crate::vendor_texts::{DUPLICATE, SUCCESS, about};

/// What claims money at an API, by somebody who may: whether it opened a dispute, and the answer.
async fn open(
    stack: &Stack,
    api: usize,
    users: &[User; 2],
    transaction: &Transaction,
    draft: &str,
) -> (bool, HttpResponse) {
    match api {
        0 => {
            let answer = stack.report(&CLIENT, &json!({ "refid": transaction.refid })).await;
            let opened = answer.text == about(SUCCESS, &transaction.refid);
            assert!(opened || answer.text == about(DUPLICATE, &transaction.refid), "{answer:?}");
            (opened, answer)
        }
        1 | 2 => {
            let answer = users[api - 1].log(stack, &log_of(transaction, "Chargeback")).await;
            assert!(matches!(answer.status, 201 | 409), "{answer:?}");
            (answer.status == 201, answer)
        }
        3 => {
            let body = least(&transaction.trxid, "1001").to_string();
            let answer = stack.raw(Call::new(&CLIENT, "POST", "/api/v1/dispute/create", body).basic()).await;
            let refused = answer.text.contains("Dispute already raised for this transaction");
            assert!(if refused { answer.status == 422 } else { answer.status == 201 }, "{answer:?}");
            (answer.status == 201, answer)
        }
        _ => {
            let answer = stack.connect(Connect::submit(draft)).await;
            assert!(answer.status == 200 || answer.text.contains("310400200"), "{answer:?}");
            (answer.status == 200, answer)
        }
    }
}

/// The id of a draft about the transaction. It keeps nobody from opening a dispute.
async fn draft_of(stack: &Stack, transaction: &Transaction) -> String {
    let contact = json!({ "contactPerson": "Wile Coyote", "emailAddress": "wile.e.coyote@acmelabs.com" });
    let answer = stack.connect(Connect::create(&transaction.trxid, &contact)).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let again = stack.connect(Connect::create(&transaction.trxid, &contact)).await;
    assert_eq!(
        (again.status, again.text.contains("DUPLICATE_DISPUTE")),
        (409, true),
        "one draft of an opener: {again:?}"
    );
    answer.json()["id"].as_str().unwrap().to_owned()
}

fn rounds() -> usize {
    std::env::var("ROUNDS").map_or(200, |rounds| rounds.parse().expect("ROUNDS must be a whole number"))
}

#[test]
fn of_all_apis_at_once_one_gets_the_dispute() {
    run_alone(one_of_all_apis(options(), rounds()));
}

#[test]
fn of_all_apis_with_one_process_each_one_gets_the_dispute() {
    run_alone(one_of_all_apis(options_at_once(8), rounds().div_ceil(5)));
}

async fn one_of_all_apis(options: Options, rounds: usize) {
    let stack = Arc::new(Stack::start(options).await);
    let users = [FBN.sign_in(&stack).await, GTB.sign_in(&stack).await];
    let mut winners = [0; 5];
    for _ in 0..rounds {
        let transaction = Arc::new(paid(&stack).await);
        let draft: Arc<str> = draft_of(&stack, &transaction).await.into();
        let mut race = JoinSet::new();
        for n in 0..10 {
            let (stack, users, transaction) = (Arc::clone(&stack), users.clone(), Arc::clone(&transaction));
            let draft = Arc::clone(&draft);
            race.spawn(async move { (n % 5, open(&stack, n % 5, &users, &transaction, &draft).await) });
        }
        let answers = race.join_all().await;
        let cases = stack.disputes(&transaction.trxid).await;
        let live: Vec<_> = cases.iter().filter(|case| matches!(case.dispute.state, State::Live(_))).collect();
        let opened: Vec<_> = answers.iter().filter(|(_, (opened, _))| *opened).map(|(api, _)| *api).collect();
        assert_eq!((opened.len(), live.len()), (1, 1), "{answers:?}");
        winners[opened[0]] += 1;
        // The draft stays its opener's to read, also where somebody else was quicker.
        let read = stack.connect(Connect::get(&draft)).await.json();
        assert_eq!(read["status"], if opened[0] == 4 { "CREATED" } else { "DRAFT" });
        // Banks see who was quicker.
        let codes = ["FBN", "GTB"].map(|bank| live[0].dispute.number.log_code(bank));
        for (_, (_, answer)) in answers.iter().filter(|(api, (opened, _))| matches!(api, 1 | 2) && !opened) {
            assert!(codes.iter().any(|code| answer.text.contains(code)), "{answer:?}");
        }
    }
    println!("won by report, either bank's log, Tutelar, Connect: {winners:?}");
}
