//! Who calls, whether the caller may do it, and what was done.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard};

use http::{HeaderMap, header};

use super::Use;
use crate::lock::lock;
use crate::template::{ACCOUNT, Function, Statement};

/// Who may do everything: the command line of an operator, and tests that look behind the APIs.
const OPERATORS: [&str; 2] = ["cli", "tests"];

/// The callers and their rights.
#[derive(Debug)]
pub struct Iam {
    /// By access key id.
    callers: BTreeMap<String, Caller>,
    seen: Mutex<Seen>,
}

#[derive(Debug)]
enum Caller {
    Operator,
    Function { id: String, grants: Vec<Statement> },
}

/// The first use of each kind: by function, action, resource, and the grants that allow it (none
/// when it was refused).
type Seen = BTreeMap<(String, String, String, Vec<usize>), Use>;

/// Why a request is denied.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Denied {
    /// Nobody has this access key.
    Stranger,
    /// The policy does not allow it.
    Forbidden {
        /// The caller, as an ARN.
        user: String,
        /// The action that it wanted.
        action: String,
        /// The resource's ARN.
        resource: String,
    },
}

impl Iam {
    /// The functions, each with its policy, and the operators.
    #[must_use]
    pub fn new(functions: &[Function]) -> Self {
        let operators = OPERATORS.map(|name| (access_key(name), Caller::Operator));
        let functions = functions.iter().map(|function| {
            (access_key(&function.id), Caller::Function { id: function.id.clone(), grants: function.policy.grants() })
        });
        Self { callers: operators.into_iter().chain(functions).collect(), seen: Mutex::default() }
    }

    /// Whether `access_key` may do all of `uses`, which is computed for functions alone.
    ///
    /// # Errors
    /// [`Denied`], of the first use that is not allowed.
    pub(crate) fn check(&self, access_key: &str, uses: impl FnOnce() -> Vec<Use>) -> Result<(), Denied> {
        match self.callers.get(access_key) {
            None => Err(Denied::Stranger),
            Some(Caller::Operator) => Ok(()),
            Some(Caller::Function { id, grants }) => {
                uses().into_iter().try_for_each(|wanted| self.judge(id, grants, wanted))
            }
        }
    }

    fn judge(&self, id: &str, grants: &[Statement], wanted: Use) -> Result<(), Denied> {
        let allowing = grants.iter().enumerate().filter(|(_, grant)| grant.allows(&wanted)).map(|(index, _)| index);
        let allowing: Vec<usize> = allowing.collect();
        let verdict = if allowing.is_empty() { Err(Denied::forbidden(id, &wanted)) } else { Ok(()) };
        let kind = (id.to_owned(), wanted.action.clone(), wanted.resource.clone(), allowing);
        self.seen().entry(kind).or_insert(wanted);
        verdict
    }

    /// What functions were allowed to do so far: the function, and one use of each kind. Uses that
    /// the same grants allow are of one kind.
    #[must_use]
    pub fn allowed(&self) -> Vec<(String, Use)> {
        self.seen_where(|grants| !grants.is_empty())
    }

    /// What functions were refused so far: one use of each action and resource.
    #[must_use]
    pub fn refused(&self) -> Vec<(String, Use)> {
        self.seen_where(<[usize]>::is_empty)
    }

    fn seen_where(&self, wanted: impl Fn(&[usize]) -> bool) -> Vec<(String, Use)> {
        let seen = self.seen();
        let those = seen.iter().filter(|((.., grants), _)| wanted(grants));
        those.map(|((function, ..), used)| (function.clone(), used.clone())).collect()
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        lock(&self.seen)
    }
}

impl Denied {
    fn forbidden(function: &str, wanted: &Use) -> Self {
        Self::Forbidden {
            user: format!("arn:aws:sts::{ACCOUNT}:assumed-role/recourse-{function}/{function}"),
            action: wanted.action.clone(),
            resource: wanted.resource.clone(),
        }
    }

    /// The exception of AWS's JSON protocols.
    pub(crate) fn exception(&self) -> &'static str {
        match self {
            Self::Stranger => "UnrecognizedClientException",
            Self::Forbidden { .. } => "AccessDeniedException",
        }
    }
}

/// The message of DynamoDB and KMS.
impl fmt::Display for Denied {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stranger => out.write_str("The security token included in the request is invalid."),
            Self::Forbidden { user, action, resource } => write!(
                out,
                "User: {user} is not authorized to perform: {action} on resource: {resource} because no identity-based \
                 policy allows the {action} action"
            ),
        }
    }
}

/// The access key id of a function. By it the services recognise which function called.
pub(crate) fn access_key(function_id: &str) -> String {
    format!("LOCAL{function_id}")
}

/// The access key id that signed a request, as its `Authorization` header (SigV4) has it between
/// `Credential=` and the first slash. Empty when the request is not signed.
pub(crate) fn signed_by(headers: &HeaderMap) -> &str {
    let value = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let credential = value.split_once("Credential=").map_or("", |(_, rest)| rest);
    credential.split('/').next().unwrap_or_default()
}
