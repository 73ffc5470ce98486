//! The conditions under which a role may take an action.

/// When a role may take an action that the dispute's state allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Right {
    /// Never.
    Never,
    /// Whenever the state allows it.
    Always,
    /// While its side has to act.
    InTurn,
    /// While its side has to act, and while an operator decides: it gives in.
    GivesIn,
    /// While its side has to act, as the one party that answers for the merchant's side.
    AsRespondent,
    /// As [`Self::GivesIn`], as the one party that answers for the merchant's side.
    GivesInAsRespondent,
    /// While its side has to act, when evidence is on the dispute's record.
    WithEvidence,
    /// Until a party of the bank network has acted; from then on while its side has to act.
    OwnRecord,
    /// Until a party of the bank network has acted.
    UntilOthersAct,
    /// To take back its own verdict, until a party of the bank network has acted.
    OwnVerdict,
}
