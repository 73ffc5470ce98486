//! Who calls: the user and the domain that the token names.

use std::borrow::Cow;

use recourse_dispute::dispute::Dispute;
use recourse_dispute::environment::Environment;
use recourse_dispute::event::PerformedBy;
use recourse_dispute::ids::{AccountId, DomainCode, KeyId};
use recourse_dispute::lifecycle::Actor;
use recourse_dispute::policy::visibility::Viewer;
use recourse_dispute::transaction::Facts;
use recourse_edge::{ActingParty, App, Refusal, Request, note_caller, note_refusal};

use crate::{ApiError, token};

/// What the name of a program begins with. No user's name has a colon in it.
const PROGRAM: &str = "client:";

/// The name of a program that signs in with this key, and not for a person.
#[must_use]
pub fn program(key: &KeyId) -> String {
    format!("{PROGRAM}{key}")
}

/// A user, or a client's own program, of a bank or merchant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The user, or the client.
    pub user: String,
    /// The bank or merchant.
    pub domain: DomainCode,
    /// Its account.
    pub account: AccountId,
    /// The account's environment.
    pub environment: Environment,
}

/// Who sent a request, by its bearer token. Nothing is read for it. In staging, the request of a
/// program takes a step of its key's script of faults.
///
/// # Errors
/// [`ApiError::Unauthorized`], or an [`ApiError::Service`].
pub async fn caller(app: &App, request: &Request) -> Result<Caller, ApiError> {
    let refused = |refusal| {
        note_refusal(refusal);
        ApiError::Unauthorized
    };
    let header = request.header("authorization").ok_or_else(|| refused(Refusal::MissingHeader))?;
    let token = header.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let (_, sent) = token.ok_or_else(|| refused(Refusal::MalformedHeader))?;
    let claims = token::read(app, sent.trim()).await?.ok_or_else(|| refused(Refusal::InvalidToken))?;
    // A person's name is not for the log. A program's is its key.
    let key = claims.sub.strip_prefix(PROGRAM).and_then(|key| KeyId::parse(key).ok());
    note_caller(key.as_ref(), &claims.account);
    if let Some(key) = &key {
        // A token has no time of sending that a clock could be wrong about.
        app.scripted_fault(claims.environment, key).await?;
    }
    Ok(Caller { user: claims.sub, domain: claims.domain, account: claims.account, environment: claims.environment })
}

impl Caller {
    /// `<user>@<domain>` (Arbiter contract, "Token": `createdBy`).
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}@{}", self.user, self.domain)
    }

    /// A name of the history as the parties read it. A person is named. A program is not, because
    /// its name is its API key: `API client@<domain>` replaces it.
    #[must_use]
    pub fn public_name(name: &str) -> Cow<'_, str> {
        match name.strip_prefix(PROGRAM).and_then(|name| name.rsplit_once('@')) {
            Some((_, domain)) => Cow::Owned(format!("API client@{domain}")),
            None => Cow::Borrowed(name),
        }
    }

    /// Whether a name of the history is of the caller's domain.
    pub(crate) fn is_of_same_domain(&self, name: &str) -> bool {
        name.rsplit_once('@').is_some_and(|(_, domain)| domain == self.domain.as_str())
    }

    /// The roles in which the domain is a party to a transaction, and so to its disputes. There may
    /// be several. A transaction of the other environment gives no role.
    #[must_use]
    pub fn roles(&self, facts: &Facts) -> Vec<Actor> {
        if facts.environment != self.environment {
            return Vec::new();
        }
        let parties = &facts.parties;
        let all = [
            (&parties.issuer, Actor::Issuer),
            (&parties.acquirer, Actor::Acquirer),
            (&parties.merchant, Actor::Merchant),
        ];
        let own = |party: &Option<recourse_dispute::transaction::Party>| {
            party.as_ref().is_some_and(|party| party.code == self.domain)
        };
        all.into_iter().filter(|(party, _)| own(party)).map(|(_, actor)| actor).collect()
    }

    /// Whether the caller may look at a dispute under this log code. Any other dispute is answered
    /// as one that does not exist.
    #[must_use]
    pub fn finds(&self, dispute: &Dispute, log_code: &str) -> bool {
        !self.roles(&dispute.facts).is_empty() && dispute.log_code().as_deref() == Some(log_code)
    }

    /// In which roles the caller looks at a dispute.
    #[must_use]
    pub fn viewer(&self, dispute: &Dispute) -> Viewer {
        dispute.viewer(&self.account, Some(&self.domain), self.environment)
    }

    /// The caller as the party that acts.
    #[must_use]
    pub fn acting_party(&self) -> ActingParty<'_> {
        ActingParty { environment: self.environment, domain: Some(&self.domain) }
    }

    /// The caller as the history names it, in this role.
    #[must_use]
    pub fn by(&self, actor: Actor) -> PerformedBy {
        PerformedBy { actor, name: self.name() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_named_to_the_other_parties_and_a_key_is_not() {
        let key = KeyId::parse("iimm_prod_demo").unwrap();
        let caller = |user: String| Caller {
            user,
            domain: DomainCode::parse("DEMO").unwrap(),
            account: AccountId::parse("acct_demo").unwrap(),
            environment: Environment::Production,
        };
        let program = caller(program(&key)).name();
        assert_eq!(
            (program.as_str(), &*Caller::public_name(&program)),
            ("client:iimm_prod_demo@DEMO", "API client@DEMO")
        );
        let person = caller("Amaka.Bello".to_owned()).name();
        assert_eq!(Caller::public_name(&person), "Amaka.Bello@DEMO");
        assert!(recourse_dispute::ids::UserName::parse(program.split('@').next().unwrap()).is_err());
    }
}
