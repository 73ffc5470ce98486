//! Which account is a bank's or merchant's, by its domain code: a pointer, written once, with the account.

use aws_sdk_dynamodb::types::KeysAndAttributes;
use recourse_dispute::addresses::MailAddress;
use recourse_dispute::dispute::Environment;
use recourse_dispute::ids::{AccountId, DomainCode};
use serde::{Deserialize, Serialize};

use super::Account;
use crate::error::StoreError;
use crate::items::{Item, body, item};
use crate::transact::{Step, Steps};
use crate::{Store, keys};

/// What is known of a domain: its account, and where that gets its mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Domain {
    /// The Arbiter door's name of it.
    pub code: DomainCode,
    /// The account behind it.
    pub account: AccountId,
    /// The account's environment; a staging account gets no mail.
    pub environment: Environment,
    /// The account's registered address.
    pub email: MailAddress,
}

impl Store {
    pub(super) fn point_to(&self, steps: &mut Steps, account: &Account) -> Result<(), StoreError> {
        let Some(code) = account.domain_code.clone() else { return Ok(()) };
        let key = keys::domain(&code);
        let (id, environment, email) = (account.id.clone(), account.environment, account.email.clone());
        let domain = Domain { code, account: id, environment, email };
        steps.create(self, Step::Pointer("domain_code"), item(&key, "domain", &domain)?)
    }

    /// What is known of these domains, in their order; nothing of one that no account has.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn domains(&self, codes: &[&DomainCode]) -> Result<Vec<Domain>, StoreError> {
        let wanted: Vec<_> = codes.iter().map(|code| keys::domain(code)).collect();
        let mut known = self.batch(&wanted).await?.into_iter().map(body).collect::<Result<Vec<Domain>, _>>()?;
        known.sort_by_key(|domain| codes.iter().position(|code| **code == domain.code));
        Ok(known)
    }

    /// The items of these keys, at most a hundred, in no particular order; strongly consistent.
    pub(crate) async fn batch(&self, wanted: &[keys::Key]) -> Result<Vec<Item>, StoreError> {
        let mut items = Vec::new();
        let mut left: Vec<Item> = wanted.iter().map(keys::Key::attributes).collect();
        // What DynamoDB did not get to, it names; 16 MB a call is far more than a hundred of ours.
        for _ in 0..MOST_CALLS {
            if left.is_empty() {
                return Ok(items);
            }
            let request = KeysAndAttributes::builder()
                .set_keys(Some(left))
                .consistent_read(true)
                .build()
                .map_err(|error| StoreError::Broken(format!("a batch was put together wrong: {error}")))?;
            let got = self
                .client
                .batch_get_item()
                .request_items(&self.tables.disputes, request)
                .send()
                .await
                .map_err(|error| StoreError::from_sdk("BatchGetItem", &error))?;
            items.extend(got.responses.into_iter().flatten().flat_map(|(_, items)| items));
            left = got.unprocessed_keys.into_iter().flatten().flat_map(|(_, rest)| rest.keys).collect();
        }
        Err(StoreError::Unavailable { operation: "BatchGetItem", context: "some keys were never got to".to_owned() })
    }
}

/// How often a batch is asked for what is left of it.
const MOST_CALLS: u32 = 5;
