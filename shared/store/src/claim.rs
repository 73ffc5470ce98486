//! Claims: one worker at a time works on an item, until its lease ends.
//!
//! A claim is one conditional write, so of two workers that want an item one gets it. What a worker
//! writes afterwards is conditional on its claim ([`Claimable::held`]), so one that was too slow
//! changes nothing.

use recourse_dispute::time::UnixMillis;
use serde::Serialize;

use crate::error::StoreError;
use crate::items::{Item, value};
use crate::keys::ItemKey;
use crate::{Store, WriteToken};

/// The attribute in which an item names the claim that holds it.
pub(crate) const CLAIMED_BY: &str = "claimed_by";

/// A kind of item that workers claim: which of its attributes have what a claim needs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Claimable<State> {
    /// Has the state.
    pub(crate) state: &'static str,
    /// Counts the claims.
    pub(crate) claims: &'static str,
    /// Has the time at which the item is due, or at which the claim on it ends.
    pub(crate) due: &'static str,
    /// The state of an item that waits.
    pub(crate) waiting: State,
    /// The state of one that is claimed.
    pub(crate) claimed: State,
    /// What else a claim sets, to `:now`: empty, or `, ` and an assignment.
    pub(crate) and_set: &'static str,
}

impl<State: Serialize> Claimable<State> {
    /// The condition that the claim of `owner` still holds, and its values, `:claimed` and
    /// `:owner`.
    pub(crate) fn held(&self, owner: &WriteToken) -> Result<(String, Item), StoreError> {
        let values =
            Item::from([(":claimed".to_owned(), value(&self.claimed)?), (":owner".to_owned(), value(owner.as_str())?)]);
        Ok((format!("{} = :claimed AND {CLAIMED_BY} = :owner", self.state), values))
    }
}

impl Store {
    /// Claims the item of a key for `lease_ms`: one that waits and is due, or whose last claim ran
    /// out. One that was never claimed is always due, since the clock of whoever made it may be
    /// ahead. `None` where another worker has it, or it is not due, over, or not there.
    ///
    /// `owner` is fresh for every claim, so each claim counts once ([`WriteToken::update`]).
    pub(crate) async fn claim_item(
        &self,
        table: &str,
        key: &ItemKey,
        of: &Claimable<impl Serialize>,
        owner: &WriteToken,
        now: UnixMillis,
        lease_ms: i64,
    ) -> Result<Option<Item>, StoreError> {
        let Claimable { state, claims, due, and_set, .. } = of;
        let update = self
            .client
            .update_item()
            .table_name(table)
            .set_key(Some(key.attributes()))
            .update_expression(format!(
                "SET {state} = :claimed, {CLAIMED_BY} = :owner, {claims} = {claims} + :one, {due} = :lease{and_set}"
            ))
            .condition_expression(format!("{state} IN (:waiting, :claimed) AND ({claims} = :zero OR {due} <= :now)"))
            .set_expression_attribute_values(Some(Item::from([
                (":waiting".to_owned(), value(&of.waiting)?),
                (":claimed".to_owned(), value(&of.claimed)?),
                (":owner".to_owned(), value(owner.as_str())?),
                (":zero".to_owned(), value(0)?),
                (":one".to_owned(), value(1)?),
                (":now".to_owned(), value(now)?),
                (":lease".to_owned(), value(now.plus(lease_ms))?),
            ])));
        owner.update(update, CLAIMED_BY).await
    }
}
