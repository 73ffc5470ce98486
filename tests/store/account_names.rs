//! What is set of an account after it was made, and the people who sign in for it.

use std::sync::Arc;

use recourse_dispute::addresses::MailAddress;
use recourse_dispute::ids::{DomainCode, MerchantId, UserName};
use recourse_local::dynamodb::Fault;
use recourse_store::{
    Account, AccountEvent, AccountField, AccountRecord, AmendOutcome, Amendment, AuditContext, RegisterOutcome,
    RemoveUserOutcome, SetUserOutcome,
};

use crate::accounts::demo;
use crate::bench::Bench;
use crate::things::{NOW, account, audit, token};
use recourse_test_harness::run;

fn email(text: &str) -> MailAddress {
    MailAddress::parse(text).unwrap()
}

fn merchant(text: &str) -> Option<MerchantId> {
    Some(MerchantId::parse(text).unwrap())
}

fn domain(text: &str) -> Option<DomainCode> {
    Some(DomainCode::parse(text).unwrap())
}

fn user(text: &str) -> UserName {
    UserName::parse(text).unwrap()
}

async fn create(bench: &Bench, account: &Account) -> RegisterOutcome {
    bench.store.create_account(account, &audit("alice"), &token()).await.unwrap()
}

async fn with_account() -> Bench {
    let bench = Bench::start().await;
    assert_eq!(create(&bench, &demo()).await, RegisterOutcome::Created);
    bench
}

async fn amend(bench: &Bench, id: &str, amendment: &Amendment) -> AmendOutcome {
    bench.store.amend_account(&account(id), amendment, &audit("bob"), token).await.unwrap()
}

async fn record(bench: &Bench, id: &str) -> AccountRecord {
    bench.store.account_record(&account(id)).await.unwrap().unwrap()
}

async fn names(bench: &Bench) -> Vec<String> {
    record(bench, "acct_demo").await.users().into_iter().map(|user| user.name.to_string()).collect()
}

#[test]
fn an_account_gets_an_address_and_the_names_it_has_not() {
    run(async {
        let bench = with_account().await;
        let all =
            Amendment { email: Some(email("new@demo.example")), merchant_id: merchant("7"), domain_code: domain("D") };
        assert_eq!(amend(&bench, "acct_demo", &all).await, AmendOutcome::Changed);
        let Amendment { email: address, merchant_id, domain_code } = all.clone();
        let expected = Account { email: address.unwrap(), merchant_id, domain_code, ..demo() };
        assert_eq!(bench.store.account(&demo().id).await.unwrap(), Some(expected));
        let known = bench.store.domains(&[&domain("D").unwrap()]).await.unwrap().remove(0);
        assert_eq!((known.account, known.email), (demo().id, email("new@demo.example")));
        let before = bench.disputes().await;
        assert_eq!(amend(&bench, "acct_demo", &all).await, AmendOutcome::Already);
        assert_eq!(amend(&bench, "acct_demo", &Amendment::default()).await, AmendOutcome::Already);
        assert_eq!(amend(&bench, "acct_nobody", &all).await, AmendOutcome::NoAccount);
        assert_eq!(bench.disputes().await, before);
        let record = record(&bench, "acct_demo").await;
        let event =
            AccountEvent::Changed(vec![AccountField::Email, AccountField::MerchantId, AccountField::DomainCode]);
        let last = record.audit.last().unwrap();
        assert_eq!((record.version, &last.event, last.by.name.as_str()), (2, &event, "bob"));
        assert!(!format!("{last:?}").contains('@'), "an audit has no addresses");
    });
}

/// The Arbiter API reads where a bank gets its mail from the domain's own item.
#[test]
fn an_address_reaches_the_domain_with_the_account() {
    run(async {
        let bench = Bench::start().await;
        create(&bench, &Account { domain_code: domain("D"), ..demo() }).await;
        let change = Amendment { email: Some(email("works@demo.example")), ..Amendment::default() };
        assert_eq!(amend(&bench, "acct_demo", &change).await, AmendOutcome::Changed);
        let known = bench.store.domains(&[&domain("D").unwrap()]).await.unwrap().remove(0);
        assert_eq!(known.email, email("works@demo.example"));
        assert_eq!(bench.store.account(&demo().id).await.unwrap().unwrap().email, known.email);
    });
}

#[test]
fn a_name_is_permanent_and_belongs_to_one_account() {
    run(async {
        let bench = Bench::start().await;
        create(&bench, &Account { domain_code: domain("D"), merchant_id: merchant("7"), ..demo() }).await;
        let other = Account { id: account("acct_other"), ..demo() };
        create(&bench, &other).await;
        let third = Account { id: account("acct_third"), ..demo() };
        assert_eq!(
            create(&bench, &Account { merchant_id: merchant("7"), ..third.clone() }).await,
            RegisterOutcome::MerchantTaken
        );
        assert_eq!(
            create(&bench, &Account { domain_code: domain("D"), ..third.clone() }).await,
            RegisterOutcome::DomainTaken
        );
        let before = bench.disputes().await;
        let with = |merchant_id, domain_code| Amendment { email: Some(email("x@y.example")), merchant_id, domain_code };
        for (id, amendment, expected) in [
            ("acct_demo", with(merchant("8"), None), AmendOutcome::Fixed(AccountField::MerchantId)),
            ("acct_demo", with(None, domain("E")), AmendOutcome::Fixed(AccountField::DomainCode)),
            ("acct_other", with(merchant("7"), domain("E")), AmendOutcome::MerchantTaken),
            ("acct_other", with(merchant("8"), domain("D")), AmendOutcome::DomainTaken),
        ] {
            assert_eq!(amend(&bench, id, &amendment).await, expected);
        }
        assert_eq!(bench.disputes().await, before, "all of it or none");
    });
}

#[test]
fn of_many_who_want_a_name_at_once_one_gets_it() {
    run(async {
        let bench = Arc::new(Bench::start().await);
        let ids: Vec<_> = (0..6).map(|n| format!("acct_{n}")).collect();
        for id in &ids {
            create(&bench, &Account { id: account(id), ..demo() }).await;
        }
        let asked: Vec<_> = ids
            .into_iter()
            .map(|id| {
                let bench = Arc::clone(&bench);
                let want = Amendment { merchant_id: merchant("7"), ..Amendment::default() };
                tokio::spawn(async move { amend(&bench, &id, &want).await })
            })
            .collect();
        let mut changed = 0;
        for asked in asked {
            match asked.await.unwrap() {
                AmendOutcome::Changed => changed += 1,
                ended => assert_eq!(ended, AmendOutcome::MerchantTaken),
            }
        }
        assert_eq!(changed, 1);
    });
}

#[test]
fn a_password_stays_unless_it_is_to_be_replaced() {
    run(async {
        let bench = with_account().await;
        let set = async |name: &str, hash: &str, replace| {
            let (id, audit) = (demo().id, audit("bob"));
            bench.store.set_user(&id, &user(name), hash, replace, &audit, token).await.unwrap()
        };
        let hash = async |name: &str| bench.store.password_of(&demo().id, &user(name)).await.unwrap();
        assert_eq!(set("Ada", "one", false).await, SetUserOutcome::Set);
        assert_eq!(set("Ada", "two", false).await, SetUserOutcome::Taken);
        assert_eq!(hash("Ada").await.as_deref(), Some("one"));
        assert_eq!(set("Ada", "two", true).await, SetUserOutcome::Set);
        assert_eq!(hash("Ada").await.as_deref(), Some("two"));
        assert_eq!(set("Bob", "new", true).await, SetUserOutcome::Set, "nobody to replace is no failure");
        assert_eq!(names(&bench).await, ["Ada", "Bob"]);
    });
}

#[test]
fn a_person_who_is_removed_has_no_password_and_can_come_back() {
    run(async {
        let bench = with_account().await;
        let (id, ada) = (demo().id, user("Ada"));
        let later = AuditContext { at: NOW.plus(5), ..audit("bob") };
        bench.store.set_user(&id, &ada, "one", false, &later, token).await.unwrap();
        let [listed] = record(&bench, "acct_demo").await.users().try_into().unwrap();
        assert_eq!((listed.name, listed.set_at), (ada.clone(), later.at));
        let remove = async || bench.store.remove_user(&id, &ada, &audit("carol"), token).await.unwrap();
        assert_eq!(remove().await, RemoveUserOutcome::Removed);
        assert_eq!(bench.store.password_of(&id, &ada).await.unwrap(), None);
        let before = bench.disputes().await;
        assert_eq!(remove().await, RemoveUserOutcome::NoUser);
        let nobody = bench.store.remove_user(&account("acct_nobody"), &ada, &audit("carol"), token).await.unwrap();
        assert_eq!(nobody, RemoveUserOutcome::NoAccount);
        assert_eq!(bench.disputes().await, before);
        let last = record(&bench, "acct_demo").await.audit.pop().unwrap();
        assert_eq!((last.event, last.by.name.as_str()), (AccountEvent::UserRemoved(ada.clone()), "carol"));
        assert!(names(&bench).await.is_empty());
        bench.store.set_user(&id, &ada, "two", false, &later, token).await.unwrap();
        assert_eq!(names(&bench).await, ["Ada"]);
    });
}

#[test]
fn of_a_removal_and_a_replacement_at_once_one_succeeds_and_is_recorded() {
    run(async {
        let bench = with_account().await;
        let (id, ada, by) = (demo().id, user("Ada"), audit("bob"));
        for _ in 0..4 {
            bench.store.set_user(&id, &ada, "one", true, &by, token).await.unwrap();
            let (removed, again, replaced) = tokio::join!(
                bench.store.remove_user(&id, &ada, &by, token),
                bench.store.remove_user(&id, &ada, &by, token),
                bench.store.set_user(&id, &ada, "two", true, &by, token),
            );
            assert_eq!(replaced.unwrap(), SetUserOutcome::Set);
            assert!([removed.unwrap(), again.unwrap()].contains(&RemoveUserOutcome::Removed));
            let there = bench.store.password_of(&id, &ada).await.unwrap().is_some();
            assert_eq!(names(&bench).await.len(), usize::from(there), "the record says who can sign in");
        }
    });
}

#[test]
fn a_change_whose_answer_is_lost_is_made_once() {
    run(async {
        let bench = Bench::alone().await;
        create(&bench, &demo()).await;
        let lose = || bench.db.set_fault(Fault::LoseAnswer { times: 1 });
        lose();
        let want = Amendment { merchant_id: merchant("7"), domain_code: domain("D"), ..Amendment::default() };
        assert_eq!(amend(&bench, "acct_demo", &want).await, AmendOutcome::Changed);
        bench.store.set_user(&demo().id, &user("Ada"), "one", false, &audit("bob"), token).await.unwrap();
        lose();
        let removed = bench.store.remove_user(&demo().id, &user("Ada"), &audit("bob"), token).await.unwrap();
        assert_eq!((removed, record(&bench, "acct_demo").await.version), (RemoveUserOutcome::Removed, 4));
    });
}
