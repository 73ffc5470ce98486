//! What each function may do: the policies of `template.yaml`, asked before anything is done.
//!
//! The local DynamoDB, KMS and SES put every request to [`Iam`] and refuse what the calling function's policy does not allow, in AWS's own
//! words; so every test of a function is also a test of its policy. What was allowed is remembered, so that a test can tell which
//! grants nobody needs.
//!
//! **Invariant:** nothing of a policy is passed over. An action, a condition or a form that is not understood here stops the start, and a
//! request that is not understood is refused.

mod document;
pub(crate) mod dynamodb;
mod iam;

pub(crate) use document::read;
pub use iam::Iam;
pub(crate) use iam::{Denied, signed_by};

/// The condition key that DynamoDB fills with the partition key of the item at hand.
pub(crate) const LEADING_KEYS: &str = "dynamodb:LeadingKeys";
/// The condition key that SES fills with the bare address that a mail is from.
pub(crate) const FROM_ADDRESS: &str = "ses:FromAddress";
/// What the condition keys begin with that KMS fills from the encryption context.
pub(crate) const ENCRYPTION_CONTEXT: &str = "kms:EncryptionContext:";

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

/// What one function may do: everything that one of its statements allows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// The statements, in the order of the template.
    pub statements: Vec<Statement>,
}

/// Allows each of its actions on each of its resources, where all of its conditions hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Names of single actions.
    pub actions: Vec<String>,
    /// Patterns of ARNs, `*` for anything.
    pub resources: Vec<String>,
    /// The conditions.
    pub conditions: Vec<Condition>,
}

/// Demands of a condition key that its value is like one of these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// How values are compared.
    pub operator: Operator,
    /// The condition key, such as `dynamodb:LeadingKeys`.
    pub key: String,
    /// What the value may be.
    pub values: Vec<String>,
}

/// How a condition compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `ForAllValues:StringLike`: `*` stands for anything, and a key that the service does not fill passes.
    ForAllLike,
    /// `StringEquals`: the same text, and the key has to be there.
    Equals,
    /// `StringEqualsIgnoreCase`.
    EqualsIgnoreCase,
}

impl Policy {
    /// Whether a statement allows it.
    #[must_use]
    pub fn allows(&self, wanted: &Use) -> bool {
        self.statements.iter().any(|statement| statement.allows(wanted))
    }

    /// The policy taken apart: one statement for every action, resource and value of a condition.
    #[must_use]
    pub fn grants(&self) -> Vec<Statement> {
        self.statements.iter().flat_map(Statement::grants).collect()
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

    /// Itself taken apart, see [`Policy::grants`].
    fn grants(&self) -> Vec<Self> {
        let mut grants = Vec::new();
        for action in &self.actions {
            for resource in &self.resources {
                let mut narrowed = vec![vec![]];
                for condition in &self.conditions {
                    let one = |value: &String| Condition { values: vec![value.clone()], ..condition.clone() };
                    let ones: Vec<Condition> = condition.values.iter().map(one).collect();
                    narrowed = narrowed
                        .iter()
                        .flat_map(|so_far| {
                            ones.iter().map(|one| [so_far.as_slice(), std::slice::from_ref(one)].concat())
                        })
                        .collect();
                }
                grants.extend(narrowed.into_iter().map(|conditions| Self {
                    actions: vec![action.clone()],
                    resources: vec![resource.clone()],
                    conditions,
                }));
            }
        }
        grants
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

/// Whether `text` is like `pattern`, in which `*` stands for any characters or none.
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
