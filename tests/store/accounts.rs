//! Accounts, credentials and their secrets: never stored in the clear, and opened only for what
//! they were sealed for.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use recourse_dispute::addresses::MailAddress;
use recourse_dispute::environment::Environment;
use recourse_dispute::ids::{AccountId, KeyId};
use recourse_local::kms::Kms;
use recourse_local::template::Template;
use recourse_store::{Account, IssueKeyOutcome, NewCredential, RegisterOutcome, Role, Sealer, StoreError};

use crate::bench::{Bench, aws};
use crate::things::{account, audit, token};
use recourse_test_harness::{root, run};

const SECRET: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

/// A sealer as a function has it, cold.
pub(crate) fn sealer(kms: &Kms) -> Sealer {
    let template = Template::read(&root(), &BTreeMap::new()).unwrap();
    let key = template.functions.iter().find_map(|function| function.environment.get("SEALING_KEY")).unwrap();
    let aws = aws(&[("AWS_ENDPOINT_URL_KMS", kms.endpoint()), ("SEALING_KEY", key.clone())]);
    Sealer::from_environment(&aws).unwrap()
}

pub(crate) async fn kms() -> Kms {
    Kms::start(None).await.unwrap()
}

pub(crate) fn demo() -> Account {
    Account {
        id: account("acct_demo"),
        name: "Demo Wallet".to_owned(),
        environment: Environment::Production,
        email: MailAddress::parse("disputes@demo-wallet.example").unwrap(),
        merchant_id: None,
        domain_code: None,
    }
}

pub(crate) async fn create(
    bench: &Bench,
    sealer: &Sealer,
    key: &KeyId,
    role: Role,
    secret: &str,
    nonce: u8,
) -> IssueKeyOutcome {
    let account = demo().id;
    let new = NewCredential { key, account: &account, role, secret };
    bench.store.create_credential(sealer, &new, [nonce; 12], &audit("alice"), token).await.unwrap()
}

#[test]
fn an_account_is_created_once() {
    run(async {
        let bench = Bench::start().await;
        assert_eq!(bench.store.account(&demo().id).await.unwrap(), None);
        let create = async |account: &Account| bench.store.create_account(account, &audit("alice"), &token()).await;
        assert_eq!(create(&demo()).await.unwrap(), RegisterOutcome::Created);
        let before = bench.disputes().await;
        let other = Account { name: "Another".to_owned(), ..demo() };
        assert_eq!(create(&other).await.unwrap(), RegisterOutcome::Taken);
        let bus = Account { id: AccountId::event_bus(), ..demo() };
        assert_eq!(create(&bus).await.unwrap(), RegisterOutcome::Reserved);
        assert_eq!(bench.disputes().await, before);
        assert_eq!(bench.store.account(&demo().id).await.unwrap(), Some(demo()));
    });
}

#[test]
fn a_credential_comes_back_with_its_account_and_its_secret() {
    run(async {
        let (bench, kms) = (Bench::start().await, kms().await);
        let (writes, reads) = (sealer(&kms), sealer(&kms));
        let key = KeyId::parse("iimm_prod_demo").unwrap();
        assert_eq!(create(&bench, &writes, &key, Role::Client, SECRET, 1).await, IssueKeyOutcome::NoAccount);
        assert!(bench.store.credential(&reads, &key).await.unwrap().is_none());
        bench.store.create_account(&demo(), &audit("alice"), &token()).await.unwrap();
        assert_eq!(create(&bench, &writes, &key, Role::Client, SECRET, 2).await, IssueKeyOutcome::Created);
        assert_eq!(create(&bench, &writes, &key, Role::Platform, "another", 3).await, IssueKeyOutcome::Taken);
        let stranger = Account { id: account("acct_stranger"), ..demo() };
        bench.store.create_account(&stranger, &audit("alice"), &token()).await.unwrap();
        let new = NewCredential { key: &key, account: &stranger.id, role: Role::Client, secret: SECRET };
        let taken = bench.store.create_credential(&writes, &new, [4; 12], &audit("alice"), token).await.unwrap();
        assert_eq!(taken, IssueKeyOutcome::Taken, "a key is created once, whoever wants it");
        let credential = bench.store.credential(&reads, &key).await.unwrap().unwrap();
        assert_eq!((credential.key, credential.role, credential.account), (key, Role::Client, demo()));
        assert_eq!(credential.secret.expose(), SECRET);
        let unknown = KeyId::parse("iimm_prod_other").unwrap();
        assert!(bench.store.credential(&reads, &unknown).await.unwrap().is_none());
        kms.stop().await;
    });
}

#[test]
fn nothing_stored_or_printed_shows_a_secret() {
    run(async {
        let (bench, kms) = (Bench::start().await, kms().await);
        let sealer = sealer(&kms);
        bench.store.create_account(&demo(), &audit("alice"), &token()).await.unwrap();
        let key = KeyId::parse("iimm_prod_demo").unwrap();
        create(&bench, &sealer, &key, Role::Client, SECRET, 1).await;
        let credential = bench.store.credential(&sealer, &key).await.unwrap().unwrap();
        let output = format!("{credential:?} {sealer:?}");
        assert!(!output.contains(SECRET) && output.contains("[REDACTED]"), "{output}");
        let items = bench.disputes().await;
        assert_eq!(
            items.len(),
            7,
            "account, credential, each one's entry in its list, two audit entries and the data key"
        );
        assert!(!items.values().any(|item| item.to_string().contains(SECRET)));
        let sealed = items.values().find_map(|item| item["sealed"]["B"].as_str()).unwrap();
        let sealed = BASE64_STANDARD.decode(sealed).unwrap();
        assert_eq!(sealed.len(), 12 + SECRET.len() + 16, "a nonce, the secret, a tag");
        assert!(!sealed.windows(SECRET.len()).any(|part| part == SECRET.as_bytes()));
        kms.stop().await;
    });
}

#[test]
fn a_secret_opens_for_its_purpose_alone_and_only_whole() {
    run(async {
        let (bench, kms) = (Bench::start().await, kms().await);
        let sealer = sealer(&kms);
        let sealed = sealer.seal(&bench.store, b"secret", "key-1", [7; 12], &token()).await.unwrap();
        let open = async |sealed: &[u8], purpose| {
            sealer.open(&bench.store, sealed, purpose).await.map(|secret| secret.to_vec())
        };
        assert_eq!(open(&sealed, "key-1").await.unwrap(), b"secret");
        let broken = |opened: Result<Vec<u8>, StoreError>| {
            assert!(matches!(opened, Err(StoreError::InvariantViolated { .. })), "{opened:?}")
        };
        broken(open(&sealed, "key-2").await);
        for place in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[place] ^= 1;
            broken(open(&changed, "key-1").await);
            broken(open(&sealed[..place], "key-1").await);
        }
        kms.stop().await;
    });
}

/// What callers have sealed again and again has a key of its own, by its purpose.
#[test]
fn a_text_of_a_derived_key_opens_for_its_purpose_and_under_no_other_key() {
    run(async {
        let (bench, kms) = (Bench::start().await, kms().await);
        let (sealer, store) = (sealer(&kms), &bench.store);
        let secret = sealer.seal(store, b"text", "purpose", [7; 12], &token()).await.unwrap();
        let sealed = sealer.seal_derived(store, b"text", "purpose", [7; 12]).await.unwrap();
        assert_eq!(sealer.open_derived(store, &sealed, "purpose").await.unwrap().as_slice(), b"text");
        assert_ne!(sealed, secret, "another key, under the same nonce");
        for opened in [
            sealer.open(store, &sealed, "purpose").await,
            sealer.open_derived(store, &secret, "purpose").await,
            sealer.open_derived(store, &sealed, "another").await,
        ] {
            let opened = opened.map(|text| text.to_vec());
            assert!(matches!(opened, Err(StoreError::InvariantViolated { .. })), "{opened:?}");
        }
        kms.stop().await;
    });
}

#[test]
fn there_is_one_data_key_however_many_create_it_at_once() {
    run(async {
        let (bench, kms) = (std::sync::Arc::new(Bench::start().await), kms().await);
        let sealed: Vec<_> = (0..8_u8)
            .map(|n| {
                let (bench, sealer) = (std::sync::Arc::clone(&bench), sealer(&kms));
                tokio::spawn(
                    async move { sealer.seal(&bench.store, &[n], "purpose", [n; 12], &token()).await.unwrap() },
                )
            })
            .collect();
        let cold = sealer(&kms);
        for (n, sealed) in (0..8_u8).zip(sealed) {
            let sealed = sealed.await.unwrap();
            assert_eq!(*cold.open(&bench.store, &sealed, "purpose").await.unwrap(), [n]);
        }
        assert_eq!(bench.disputes().await.len(), 1);
        kms.stop().await;
    });
}

#[test]
fn the_data_key_is_unwrapped_once_and_kms_out_of_reach_is_temporary() {
    run(async {
        let (bench, kms) = (Bench::start().await, kms().await);
        let sealed = sealer(&kms).seal(&bench.store, b"secret", "purpose", [1; 12], &token()).await.unwrap();
        let (warm, cold) = (sealer(&kms), sealer(&kms));
        let before = kms.calls();
        warm.prepare(&bench.store).await.unwrap();
        for _ in 0..3 {
            warm.open(&bench.store, &sealed, "purpose").await.unwrap();
        }
        assert_eq!(kms.calls() - before, 1);
        let derived =
            [warm.derive(&bench.store, "one").await.unwrap(), warm.derive(&bench.store, "two").await.unwrap()];
        assert_ne!(derived[0], derived[1]);
        kms.stop().await;
        assert_eq!(*warm.open(&bench.store, &sealed, "purpose").await.unwrap(), b"secret"[..]);
        let error = cold.open(&bench.store, &sealed, "purpose").await.unwrap_err();
        assert!(error.is_temporary(), "{error}");
    });
}

#[test]
fn a_deployment_without_a_data_key_says_so() {
    run(async {
        let (bench, kms) = (Bench::start().await, kms().await);
        let error = sealer(&kms).prepare(&bench.store).await.unwrap_err();
        let text = "CFG##sealing: no data key is stored; `recourse key create` makes it with the first key";
        assert_eq!((error.code(), error.to_string().as_str()), ("invariant_violated", text));
        kms.stop().await;
    });
}
