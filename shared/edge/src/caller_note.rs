//! What the log line of a request says of its caller: the key's public part, the account, and why
//! the request was refused.
//!
//! A caller learns none of the reasons. A key is in the log where it exists. Until that is known,
//! its id is text that a stranger chose, so it is in the log only where it begins as our keys do:
//! somebody may have sent a name or a secret instead. Of a refused request, key and account are a
//! claim: whoever sent it need not have the secret.

use std::cell::Cell;

use recourse_dispute::ids::{AccountId, KeyId};
use recourse_signing::diagnosis::Refusal;
use recourse_store::{Credential, Fault};

/// What the keys of a deployment begin with.
const PREFIXES: [&str; 3] = ["iimm_prod_", "iimm_dev_", "plat_"];
/// The longest id that is logged of a key that need not exist, in characters. Ours have 34 at most.
const MAX_CLAIMED: usize = 34;

tokio::task_local! {
    static NOTE: Cell<CallerNote>;
}

/// Who called, and why not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct CallerNote {
    /// The public part of the key.
    pub(crate) key: Option<String>,
    /// The account's id.
    pub(crate) account: Option<String>,
    /// Why the request is not authenticated.
    pub(crate) refusal: Option<Refusal>,
    /// What goes wrong on purpose.
    pub(crate) fault: Option<Fault>,
}

/// Runs `work`, and what was noted of the caller within it.
pub(crate) async fn noted<T>(work: impl Future<Output = T>) -> (T, CallerNote) {
    NOTE.scope(Cell::default(), async {
        let output = work.await;
        (output, NOTE.with(Cell::take))
    })
    .await
}

/// Changes the note of the request that is being answered. Outside of one there is nothing to note.
fn note(change: impl FnOnce(&mut CallerNote)) {
    let _ = NOTE.try_with(|cell| {
        let mut note = cell.take();
        change(&mut note);
        cell.set(note);
    });
}

/// Notes for the log line whose request it is. The key is `None` where no key is known, such as for
/// a bank's user with a token.
pub fn note_caller(key: Option<&KeyId>, account: &AccountId) {
    note(|note| {
        note.key = key.map(ToString::to_string);
        note.account = Some(account.to_string());
    });
}

/// Notes for the log line why the request is refused.
pub fn note_refusal(refusal: Refusal) {
    note(|note| note.refusal = Some(refusal));
}

/// Notes what goes wrong on purpose with the request. What is to happen at its end stays noted.
pub(crate) fn note_fault(fault: Fault) {
    note(|note| {
        if !matches!(note.fault, Some(Fault::UnavailableAfter | Fault::ResetAfter)) {
            note.fault = Some(fault);
        }
    });
}

pub(crate) fn note_credential(credential: &Credential) {
    note_caller(Some(&credential.key), &credential.account.id);
}

/// Notes the key that a request claims to be signed with, which need not exist.
pub(crate) fn note_claimed(key: &str) {
    let is_like_ours = KeyId::parse(key).is_ok() && PREFIXES.iter().any(|prefix| key.starts_with(prefix));
    if is_like_ours && key.len() <= MAX_CLAIMED {
        note(|note| note.key = Some(key.to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use recourse_dispute::environment::Environment;
    use recourse_store::Role;

    use super::*;

    #[tokio::test]
    async fn a_note_is_of_its_request_alone() {
        let key = |id: &str| KeyId::parse(id).unwrap();
        let account = AccountId::parse("acct_demo").unwrap();
        let (_, first) = noted(async {
            note_caller(Some(&key("iimm_prod_demo")), &account);
            note_refusal(Refusal::StaleTimestamp);
        })
        .await;
        assert_eq!((first.key.as_deref(), first.account.as_deref()), (Some("iimm_prod_demo"), Some("acct_demo")));
        assert_eq!(first.refusal, Some(Refusal::StaleTimestamp));
        assert_eq!(noted(async {}).await.1, CallerNote::default());
        note_refusal(Refusal::StaleTimestamp);
    }

    #[tokio::test]
    async fn a_key_that_need_not_exist_is_noted_where_it_looks_like_one() {
        for (id, is_noted) in [
            ("iimm_prod_0f1e2d3c4b5a69788796a5b4", true),
            ("plat_nobody", true),
            ("john.smith", false),
            ("MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY", false),
            ("iimm_prod_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3", false),
            ("plat_a b", false),
        ] {
            let (_, note) = noted(async { note_claimed(id) }).await;
            assert_eq!(note.key.as_deref(), is_noted.then_some(id));
        }
    }

    #[tokio::test]
    async fn the_keys_of_every_role_look_like_keys() {
        for role in Role::ALL {
            for environment in [Environment::Production, Environment::Staging] {
                let id = role.key_id(environment, [0xab; 12]).unwrap();
                let (_, note) = noted(async { note_claimed(id.as_str()) }).await;
                assert_eq!(note.key.as_deref(), Some(id.as_str()));
            }
        }
    }
}
