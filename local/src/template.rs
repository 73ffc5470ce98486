//! What `template.yaml` says, as far as one machine runs it: functions with their routes, streams,
//! schedules and rules, tables, buckets, queues, and what SES reports and receives.
//!
//! Conditions are decided, intrinsics (`!Ref`, `!GetAtt`, `!Sub`, `!If`) are resolved, Globals are
//! merged in. When the file says something that this module does not understand, the error names
//! the resource and the property: half a deployment would be worse than none.

mod bucket;
mod condition;
mod configuration_set;
mod document;
mod events;
mod function;
mod instances;
mod parameter;
pub(crate) mod policy;
mod queue;
mod receipt_rule;
mod resolve;
mod route;
mod table;

pub use bucket::Bucket;
pub use configuration_set::ConfigurationSet;
pub use policy::{Condition, Operator, Policy, Statement};
pub use queue::{Queue, QueueRule, Redrive};
pub use receipt_rule::ReceiptRule;
pub use route::{Route, Segment};

use recourse_dispute::text::without_bom;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::num::NonZeroUsize;
use std::path::Path;
use std::time::Duration;

/// The region that everything is in.
pub const REGION: &str = "us-east-1";
/// The account that everything belongs to.
pub const ACCOUNT: &str = "000000000000";

/// The resources of a template that mean something to one machine.
#[derive(Clone, Debug)]
pub struct Template {
    /// The functions, in the order of their ids.
    pub functions: Vec<Function>,
    /// The tables, in the order of their ids.
    pub tables: Vec<Table>,
    /// The buckets, in the order of their ids.
    pub buckets: Vec<Bucket>,
    /// The queues, in the order of their ids.
    pub queues: Vec<Queue>,
    /// The rules of EventBridge that fill a queue, in the order of their ids.
    pub queue_rules: Vec<QueueRule>,
    /// SES's configuration sets, in the order of their ids.
    pub configuration_sets: Vec<ConfigurationSet>,
    /// SES's receipt rules that are enabled, in the order of their ids. Their rule sets count as
    /// active.
    pub receipt_rules: Vec<ReceiptRule>,
    /// The parameters' values: the override given, or else the default.
    pub parameters: BTreeMap<String, String>,
}

/// One Lambda function.
#[derive(Clone, Debug)]
pub struct Function {
    /// Its logical id, here also its name.
    pub id: String,
    /// The name of its binary: the last part of `CodeUri`.
    pub binary: String,
    /// How long one invocation may take.
    pub timeout: Duration,
    /// Its memory in MB: passed to the function, not enforced.
    pub memory_mb: u32,
    /// How many invocations one process has at once, on Lambda Managed Instances; `None` on plain
    /// Lambda.
    pub at_once: Option<NonZeroUsize>,
    /// Its environment variables, those of Globals included.
    pub environment: BTreeMap<String, String>,
    /// The routes of the HTTP API that lead to it.
    pub routes: Vec<Route>,
    /// The table streams that it reads.
    pub streams: Vec<StreamSource>,
    /// The queues that it reads.
    pub queues: Vec<QueueSource>,
    /// The schedules that invoke it.
    pub schedules: Vec<Schedule>,
    /// The patterns of EventBridge's rules that invoke it, one for each rule.
    pub rules: Vec<Json>,
    /// What it may do by its own policies. What SAM adds for logs and streams is no call of the
    /// function.
    pub policy: Policy,
}

impl Function {
    /// Whether only schedules invoke it, so that no client and no event waits for it.
    #[must_use]
    pub fn is_background(&self) -> bool {
        self.routes.is_empty() && !self.has_events() && !self.schedules.is_empty()
    }

    /// Whether events invoke it and no client waits for its answer.
    #[must_use]
    pub fn is_called_by_events(&self) -> bool {
        self.routes.is_empty() && self.has_events()
    }

    /// Whether changes of a table, messages of a queue or events of a bus invoke it.
    fn has_events(&self) -> bool {
        !(self.streams.is_empty() && self.queues.is_empty() && self.rules.is_empty())
    }
}

/// One DynamoDB table.
#[derive(Clone, Debug)]
pub struct Table {
    /// Its logical id.
    pub id: String,
    /// Its name: `recourse-` and the logical id in lower case.
    pub name: String,
    /// The `CreateTable` request that makes it.
    pub create: Json,
    /// The attribute whose time, in Unix seconds, an item expires at.
    pub ttl_attribute: Option<String>,
    /// Whether it has a stream.
    pub has_stream: bool,
    /// Whether it has point-in-time recovery. No local engine does it, but an operator's check asks
    /// for it.
    pub recoverable: bool,
}

/// One event source mapping from a table's stream.
#[derive(Clone, Debug, PartialEq)]
pub struct StreamSource {
    /// The table's name, as in [`Table::name`].
    pub table: String,
    /// How many records one invocation gets at most.
    pub batch_size: usize,
    /// The patterns of `FilterCriteria`. A record passes when one matches it, or when there are
    /// none.
    pub patterns: Vec<Json>,
    /// How often a failed batch is tried again; without an end when `None`.
    pub max_retries: Option<u32>,
    /// Whether the function reports the records of a batch that failed (`ReportBatchItemFailures`).
    pub partial_batch: bool,
    /// Whether a batch that fails as a whole is tried again in halves
    /// (`BisectBatchOnFunctionError`).
    pub bisect: bool,
}

/// One event source mapping from a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueSource {
    /// The queue's name, as in [`Queue::name`].
    pub queue: String,
    /// How many messages one invocation gets at most.
    pub batch_size: usize,
    /// How long a batch waits for more messages.
    pub window: Duration,
    /// How many batches are under way at most.
    pub max_concurrency: usize,
    /// Whether the function reports the messages of a batch that failed
    /// (`ReportBatchItemFailures`).
    pub partial_batch: bool,
}

/// One schedule.
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule {
    /// The time from one run to the next.
    pub every: Duration,
    /// The event that the function gets.
    pub input: Json,
}

/// What is wrong with a template, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("template.yaml, {at}: {problem}")]
pub struct TemplateError {
    /// The resource, parameter or section.
    pub at: String,
    /// What is wrong, and what would be right.
    pub problem: String,
}

impl TemplateError {
    fn new(at: impl Into<String>, problem: impl fmt::Display) -> TemplateError {
        TemplateError { at: at.into(), problem: problem.to_string() }
    }
}

/// The resource type of a function.
const FUNCTION: &str = "AWS::Serverless::Function";

/// Resource types that a deployment needs and one machine does not.
const NOT_RUN_HERE: [&str; 14] = [
    "AWS::ApiGatewayV2::ApiMapping",
    "AWS::ApiGatewayV2::DomainName",
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::Dashboard",
    "AWS::GuardDuty::MalwareProtectionPlan",
    "AWS::IAM::Role",
    "AWS::KMS::Alias",
    "AWS::KMS::Key",
    "AWS::Logs::LogGroup",
    "AWS::Logs::MetricFilter",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::Subscription",
    "AWS::SNS::Topic",
    "AWS::SQS::QueuePolicy",
];

/// The text of `template.yaml` in `root`.
fn text(root: &Path) -> Result<String, TemplateError> {
    let path = root.join("template.yaml");
    std::fs::read_to_string(&path)
        .map_err(|e| TemplateError::new("the file", format!("cannot read {}: {e}", path.display())))
}

impl Template {
    /// Reads `template.yaml` in `root`; `overrides` replace the defaults of parameters.
    ///
    /// # Errors
    /// When the file cannot be read, or as [`Template::parse`].
    pub fn read(root: &Path, overrides: &BTreeMap<String, String>) -> Result<Template, TemplateError> {
        Template::parse(without_bom(&text(root)?), overrides)
    }

    /// Whether `template.yaml` in `root` has a parameter of this name.
    ///
    /// # Errors
    /// When the file cannot be read, or is no template.
    pub fn declares(root: &Path, parameter: &str) -> Result<bool, TemplateError> {
        let document = document::read(without_bom(&text(root)?))?;
        Ok(document.parameters.contains_key(parameter))
    }

    /// Understands the text of a template.
    ///
    /// # Errors
    /// The first thing that is not YAML, not understood, or without a value.
    pub fn parse(text: &str, overrides: &BTreeMap<String, String>) -> Result<Template, TemplateError> {
        let document = document::read(text)?;
        let parameters = parameter::values(&document.parameters, overrides)?;
        let conditions = condition::read(&document.conditions, &parameters)?;
        let functions = document.resources.iter().filter(|(_, resource)| resource.kind == FUNCTION);
        let declared: BTreeSet<String> = functions.map(|(id, _)| id.clone()).collect();
        let resources = document::present(document.resources, &conditions)?;
        let types = resources.iter().map(|(id, r)| (id.clone(), r.kind.clone())).collect();
        let lists = parameter::lists(&document.parameters);
        let scope = resolve::Scope { parameters: &parameters, lists, resources: &types, conditions: &conditions };

        let globals = match &document.globals.function {
            Some(globals) => function::globals("Globals.Function", scope.resolve(globals, "Globals.Function")?)?,
            None => function::Globals::default(),
        };
        let mut functions = Vec::new();
        let mut tables = Vec::new();
        let mut buckets = Vec::new();
        let (mut configuration_sets, mut destinations) = (Vec::new(), Vec::new());
        let (mut rule_sets, mut rules) = (Vec::new(), Vec::new());
        let (mut queues, mut queue_rules) = (Vec::new(), Vec::new());
        for (id, resource) in &resources {
            let properties = || scope.resolve(&resource.properties, id);
            match resource.kind.as_str() {
                FUNCTION => functions.push(function::read(id, properties()?, &globals)?),
                "AWS::DynamoDB::Table" => tables.push(table::read(id, properties()?)?),
                "AWS::S3::Bucket" => buckets.push(bucket::read(id, properties()?)?),
                "AWS::SQS::Queue" => queues.push(queue::read(id, properties()?)?),
                "AWS::Events::Rule" => queue_rules.push((id, queue::rule(id, properties()?)?)),
                "AWS::SES::ConfigurationSet" => configuration_sets.push(configuration_set::read(id, properties()?)?),
                "AWS::SES::ConfigurationSetEventDestination" => {
                    destinations.push((id, configuration_set::destination(id, properties()?)?));
                }
                "AWS::SES::ReceiptRuleSet" => {
                    receipt_rule::check_set(id, properties()?)?;
                    rule_sets.push(id.clone());
                }
                "AWS::SES::ReceiptRule" => rules.push((id, properties()?)),
                "AWS::Serverless::HttpApi" => function::check_api(id, properties()?)?,
                other if NOT_RUN_HERE.contains(&other) => {}
                other => {
                    let problem = format!("the type {other} is not known here: add it to local/src/template.rs");
                    return Err(TemplateError::new(id, problem));
                }
            }
        }
        route::check_unique(&functions)?;
        instances::place(&mut functions, &declared, &parameters)?;
        queue::check(&queues, &queue_rules, &functions)?;
        let queue_rules = queue_rules.into_iter().map(|(_, rule)| rule).collect();
        for (id, destination) in destinations {
            destination.add_to(id, &mut configuration_sets)?;
        }
        let mut receipt_rules = Vec::new();
        for (id, properties) in rules {
            receipt_rules.extend(receipt_rule::read(id, properties, &rule_sets)?);
        }
        Ok(Template { functions, tables, buckets, queues, queue_rules, configuration_sets, receipt_rules, parameters })
    }
}

#[cfg(test)]
mod tests;
