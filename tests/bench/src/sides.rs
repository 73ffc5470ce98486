//! The functions that are measured beside each other.

use std::num::NonZeroUsize;

/// How many requests at once one process of [`Side::Shared`] has.
const SHARED: usize = 64;

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// `iimmpact-report`.
    Ours,
    /// The same, with many requests at once in one process, as on Lambda Managed Instances.
    Shared,
    /// `iimmpact-report`, as it was at an earlier commit.
    Base,
    /// A bare `lambda_http` function.
    Hello,
    /// The two DynamoDB calls of a report, and nothing else.
    Loop,
    /// The report in Python.
    Python,
    /// The same without Powertools.
    PythonPlain,
    /// The report in Node.js.
    Node,
    /// The same without Powertools.
    NodePlain,
}

impl Side {
    /// Those that answer reports, and so pass the test of a report.
    pub const REPORTS: [Self; 5] = [Self::Ours, Self::Python, Self::PythonPlain, Self::Node, Self::NodePlain];

    /// The function's id in the local cloud. Ours has its own.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Ours => recourse_test_harness::REPORT,
            Self::Shared => "Shared",
            Self::Base => "Base",
            Self::Hello => "PeerHello",
            Self::Loop => "PeerLoop",
            Self::Python => "PeerPython",
            Self::PythonPlain => "PeerPythonPlain",
            Self::Node => "PeerNode",
            Self::NodePlain => "PeerNodePlain",
        }
    }

    /// The folder of its `bootstrap`, among those of all sides.
    #[must_use]
    pub fn folder(self) -> &'static str {
        match self {
            Self::Ours | Self::Shared => "iimmpact-report",
            Self::Base => "base-iimmpact-report",
            Self::Hello => "peer-hello",
            Self::Loop => "peer-loop",
            Self::Python | Self::PythonPlain => "peer-python",
            Self::Node | Self::NodePlain => "peer-node",
        }
    }

    /// Its name in the table.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ours => "iimmpact-report",
            Self::Shared => "iimmpact-report in one process",
            Self::Base => "at the base commit",
            Self::Hello => "bare hello",
            Self::Loop => "bare loop",
            Self::Python => "Python",
            Self::PythonPlain => "Python without Powertools",
            Self::Node => "Node.js",
            Self::NodePlain => "Node.js without Powertools",
        }
    }

    /// How it refuses a nonce that was used; `None` where it has no say in that.
    #[must_use]
    pub fn nonce(self) -> Option<&'static str> {
        match self {
            Self::Python | Self::Node => Some("powertools"),
            Self::PythonPlain | Self::NodePlain => Some("transaction"),
            Self::Ours | Self::Shared | Self::Base | Self::Hello | Self::Loop => None,
        }
    }

    /// How many requests at once one process has; `None` for one at a time, as on plain Lambda.
    #[must_use]
    pub fn at_once(self) -> Option<NonZeroUsize> {
        if self == Self::Shared { NonZeroUsize::new(SHARED) } else { None }
    }
}
