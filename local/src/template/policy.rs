//! What the template's policies say: statements of actions, resources and conditions.
//!
//! **Invariant:** every part of a policy is read. An action, a condition or a form that this crate
//! does not understand stops the start.

mod document;

pub(crate) use document::read;

/// The condition key that DynamoDB fills with the item's partition key.
pub(crate) const LEADING_KEYS: &str = "dynamodb:LeadingKeys";
/// The condition key that SES fills with the bare address that a mail is from.
pub(crate) const FROM_ADDRESS: &str = "ses:FromAddress";
/// What the condition keys begin with that KMS fills from the encryption context.
pub(crate) const ENCRYPTION_CONTEXT: &str = "kms:EncryptionContext:";

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
    /// `ForAllValues:StringLike`: `*` matches anything, and a key that the service does not fill
    /// passes.
    ForAllLike,
    /// `StringEquals`: the same text, and the key has to be there.
    Equals,
    /// `StringEqualsIgnoreCase`.
    EqualsIgnoreCase,
}

impl Policy {
    /// The policy taken apart: one statement for every action, resource and value of a condition.
    #[must_use]
    pub fn grants(&self) -> Vec<Statement> {
        self.statements.iter().flat_map(Statement::grants).collect()
    }
}

impl Statement {
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
