//! What each function may do: each service asks here before it does anything.
//!
//! The local DynamoDB, KMS, S3, SES, SQS, Bedrock and EventBridge put every request to [`Iam`] and
//! refuse in AWS's own words what the calling function's policy in `template.yaml` does not allow.
//! So every test of a function is also a test of its policy. [`Iam`] records what it allowed, so
//! that a test finds the grants that nobody needs.
//!
//! **Invariant:** a request that this module does not understand is refused.

mod calls;
pub(crate) mod dynamodb;
mod iam;

pub(crate) use calls::Calls;
pub use iam::Iam;
pub(crate) use iam::{Denied, access_key, signed_by};

use crate::template::{Condition, Operator, Policy, Statement};

/// One action on one resource, as IAM gets to judge it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Use {
    /// The action, such as `dynamodb:GetItem`.
    pub action: String,
    /// The resource's ARN.
    pub resource: String,
    /// The condition keys that the service fills, each with its one value.
    pub context: Vec<(String, String)>,
}

impl Policy {
    /// Whether a statement allows it.
    #[must_use]
    pub fn allows(&self, wanted: &Use) -> bool {
        self.statements.iter().any(|statement| statement.allows(wanted))
    }

    /// The grants that none of `uses` needs.
    #[must_use]
    pub fn unused<'a>(&self, uses: impl Iterator<Item = &'a Use> + Clone) -> Vec<Statement> {
        let unused = |grant: &Statement| !uses.clone().any(|used| grant.allows(used));
        self.grants().into_iter().filter(unused).collect()
    }
}

impl Statement {
    /// Whether it allows this.
    #[must_use]
    pub fn allows(&self, wanted: &Use) -> bool {
        self.actions.contains(&wanted.action)
            && self.resources.iter().any(|resource| like(resource, &wanted.resource))
            && self.conditions.iter().all(|condition| condition.holds(wanted))
    }
}

impl Condition {
    fn holds(&self, wanted: &Use) -> bool {
        let Some((_, filled)) = wanted.context.iter().find(|(key, _)| *key == self.key) else {
            return self.operator == Operator::ForAllLike;
        };
        self.values.iter().any(|value| match self.operator {
            Operator::ForAllLike => like(value, filled),
            Operator::Equals => value == filled,
            Operator::EqualsIgnoreCase => value.eq_ignore_ascii_case(filled),
        })
    }
}

/// Whether `text` matches `pattern`, in which `*` is any characters or none.
fn like(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(head) else { return false };
    let (middle, tail) = rest.rsplit_once('*').unwrap_or(("", rest));
    for part in middle.split('*') {
        let Some((_, after)) = text.split_once(part) else { return false };
        text = after;
    }
    text.ends_with(tail)
}

#[cfg(test)]
mod tests;
