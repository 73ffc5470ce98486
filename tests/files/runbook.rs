//! docs/runbook.md: every alarm of template.yaml has an entry, and its queries and commands work.

use std::collections::BTreeSet;

use yaml_serde::Value;

use crate::sources::files;
use crate::{read, yaml};

/// The alarms of the template: logical id and description.
fn alarms() -> Vec<(String, String)> {
    let template: Value = yaml("template.yaml");
    let resources = template["Resources"].as_mapping().unwrap().iter();
    let alarms = resources.filter(|(_, resource)| resource["Type"].as_str() == Some("AWS::CloudWatch::Alarm"));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    alarms.map(|(id, alarm)| (text(id), text(&alarm["Properties"]["AlarmDescription"]))).collect()
}

#[test]
fn every_alarm_has_an_entry() {
    let runbook = read("docs/runbook.md");
    let headings: BTreeSet<&str> = runbook.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    let alarms = alarms();
    assert!(alarms.len() > 3, "{alarms:?}");
    for (id, description) in &alarms {
        assert!(headings.contains(id.as_str()), "docs/runbook.md has no heading `## {id}`");
        assert!(description.ends_with(&format!("Runbook, {id}")), "the description of {id} ends in `Runbook, {id}`");
    }
}

/// Every entry has the same four parts, so that an operator finds them at night.
#[test]
fn every_entry_says_what_it_means_who_notices_it_where_to_look_and_what_to_do() {
    let runbook = read("docs/runbook.md");
    let (_, entries) = runbook.split_once("\n## ").unwrap();
    for entry in format!("\n## {entries}").split("\n## ").skip(1) {
        for part in ["**Means.**", "**Noticed as.**", "**Look.**", "**Do.**"] {
            assert!(entry.contains(part), "{part} is not in the entry {}", entry.lines().next().unwrap());
        }
    }
}

/// The values that queries compare `name` with.
fn compared<'a>(runbook: &'a str, name: &str) -> BTreeSet<&'a str> {
    let wanted = format!("filter {name} = \"");
    runbook.split(&wanted).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

/// A log line with metrics has `message` at its root. Any other line has it within `fields`. A
/// query that looks in the wrong place finds nothing and reports no error.
#[test]
fn every_query_looks_where_the_message_is() {
    let runbook = read("docs/runbook.md");
    let sources = ["functions", "shared"].iter().flat_map(|folder| files(folder, "rs"));
    let code: Vec<String> = sources.map(|path| std::fs::read_to_string(path).unwrap()).collect();
    let code = code.concat().split_whitespace().collect::<Vec<_>>().join(" ");
    let (metrics, others) = (compared(&runbook, "message"), compared(&runbook, "fields.message"));
    assert!(metrics.len() >= 3 && others.len() >= 3, "{metrics:?} {others:?}");
    for message in metrics {
        let made = code
            .split("EmfRecord::new(")
            .skip(1)
            .any(|rest| rest.chars().take(80).collect::<String>().contains(&format!("\"{message}\"")));
        assert!(
            made,
            "`filter message = \"{message}\"`: no log line with metrics has this message; is it fields.message?"
        );
    }
    for message in others {
        let logged = code.split("tracing::").skip(1).any(|rest| {
            rest.split(");").next().is_some_and(|call| call.trim_end().ends_with(&format!("\"{message}\"")))
        });
        assert!(logged, "`filter fields.message = \"{message}\"`: no line is logged with this message");
    }
}

/// The queries of the runbook: code blocks and code spans that begin with `filter` or `stats`.
fn queries(runbook: &str) -> Vec<&str> {
    let is_query = |text: &&str| text.starts_with("filter ") || text.starts_with("stats ");
    let blocks = runbook.split("```\n").map(str::trim).filter(is_query);
    let inline = runbook.lines().flat_map(|line| line.split('`')).filter(is_query);
    blocks.chain(inline).collect()
}

/// After `stats`, a query has only the fields that `stats` names. Logs Insights ignores a `sort` by
/// any other field and reports no error.
#[test]
fn no_query_sorts_by_a_field_that_stats_dropped() {
    let runbook = read("docs/runbook.md");
    let queries = queries(&runbook);
    assert!(queries.len() > 8, "{queries:?}");
    let mut sorted = 0;
    for query in queries {
        let Some((_, after)) = query.split_once("stats ") else { continue };
        let (stats, rest) = after.split_once('|').unwrap_or((after, ""));
        let (_, by) = stats.split_once(" by ").unwrap_or_default();
        let aliases = stats.split(" as ").skip(1).filter_map(|rest| rest.split([',', ' ', '\n']).next());
        let groups = by.split(", ").map(str::trim);
        let left: BTreeSet<&str> = aliases.chain(groups).collect();
        for sort in rest.split('|').filter_map(|command| command.trim().strip_prefix("sort ")) {
            let field = sort.split_whitespace().next().unwrap();
            assert!(left.contains(field), "sorts by {field}, and stats leaves {left:?}:\n{query}");
            sorted += 1;
        }
    }
    assert!(sorted >= 4, "{sorted}");
}

/// A stack in UPDATE_ROLLBACK_FAILED accepts only two commands.
#[test]
fn the_runbook_explains_how_to_leave_a_failed_rollback() {
    let runbook = read("docs/runbook.md");
    for part in ["UPDATE_ROLLBACK_FAILED", "continue-update-rollback", "ROLLBACK_COMPLETE", "update-deployment-group"] {
        assert!(runbook.contains(part), "{part}");
    }
    let guide = read("docs/deploy.md");
    for part in ["ProtectTables=false", "deployer-policy.json", "make prune", "first-day.md"] {
        assert!(guide.contains(part), "docs/deploy.md does not say {part}");
    }
}

/// Commands name outputs, resources and stacks that exist.
#[test]
fn every_command_names_outputs_resources_and_stacks_that_exist() {
    let template: Value = yaml("template.yaml");
    let stacks: Vec<String> = read("samconfig.toml")
        .lines()
        .filter_map(|line| Some(line.strip_prefix("stack_name = \"")?.trim_end_matches('"').to_owned()))
        .collect();
    assert_eq!(stacks.len(), 2);
    for path in ["docs/runbook.md", "docs/deploy.md", "docs/first-day.md", "cli/README.md"] {
        let text = read(path);
        for (called, section) in [("$(output ", "Outputs"), ("$(resource ", "Resources")] {
            for rest in text.split(called).skip(1) {
                let name = rest.split(')').next().unwrap();
                assert!(template[section].get(name).is_some(), "{path}: {section} has no {name}");
            }
        }
        for rest in text.split("--stack-name ").skip(1) {
            let name = rest.split_whitespace().next().unwrap();
            assert!(
                name == "\"$STACK\"" || stacks.iter().any(|stack| stack == name),
                "{path}: there is no stack {name}"
            );
        }
        for line in text.lines().filter(|line| line.contains("aws sqs receive-message")) {
            assert!(line.contains("--queue-url"), "{line}");
        }
    }
}
