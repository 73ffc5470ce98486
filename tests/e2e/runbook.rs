//! Every alarm of template.yaml has its entry in docs/runbook.md, and every entry its alarm.

use std::collections::BTreeSet;

use yaml_serde::Value;

use crate::harness::root;

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

/// The alarms of the template: logical id and description.
fn alarms() -> Vec<(String, String)> {
    let template: Value = yaml_serde::from_str(&read("template.yaml")).unwrap();
    let resources = template["Resources"].as_mapping().unwrap().iter();
    let alarms = resources.filter(|(_, resource)| resource["Type"].as_str() == Some("AWS::CloudWatch::Alarm"));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    alarms.map(|(id, alarm)| (text(id), text(&alarm["Properties"]["AlarmDescription"]))).collect()
}

#[test]
fn every_alarm_has_its_entry() {
    let runbook = read("docs/runbook.md");
    let headings: BTreeSet<&str> = runbook.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    let alarms = alarms();
    assert!(alarms.len() > 3, "{alarms:?}");
    for (id, description) in &alarms {
        assert!(headings.contains(id.as_str()), "docs/runbook.md has no heading `## {id}`");
        assert!(description.ends_with(&format!("Runbook, {id}")), "the description of {id} ends in `Runbook, {id}`");
    }
}

/// An entry says the same four things, so that nobody has to look for them at night.
#[test]
fn every_entry_says_what_it_means_who_notices_where_to_look_and_what_to_do() {
    let runbook = read("docs/runbook.md");
    let (_, entries) = runbook.split_once("\n## ").unwrap();
    for entry in format!("\n## {entries}").split("\n## ").skip(1) {
        for part in ["**Means.**", "**Noticed as.**", "**Look.**", "**Do.**"] {
            assert!(entry.contains(part), "{part} is not in the entry {}", entry.lines().next().unwrap());
        }
    }
}

/// All sources of functions and what they stand on.
fn sources(folder: &std::path::Path, found: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push_str(&std::fs::read_to_string(&path).unwrap());
        }
    }
}

/// What a query compares `name` with.
fn compared<'a>(runbook: &'a str, name: &str) -> BTreeSet<&'a str> {
    let wanted = format!("filter {name} = \"");
    runbook.split(&wanted).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

/// A line that is a metric has its message at the root, and any other within `fields`: a query that looks in the wrong place finds nothing, and says so as if
/// nothing had happened.
#[test]
fn every_query_looks_where_the_message_is() {
    let runbook = read("docs/runbook.md");
    let mut code = String::new();
    for folder in ["functions", "shared"] {
        sources(&root().join(folder), &mut code);
    }
    let code: String = code.split_whitespace().collect::<Vec<_>>().join(" ");
    let (metrics, others) = (compared(&runbook, "message"), compared(&runbook, "fields.message"));
    assert!(metrics.len() >= 3 && others.len() >= 3, "{metrics:?} {others:?}");
    for message in metrics {
        let made = code
            .split("Line::new(")
            .skip(1)
            .any(|rest| rest.chars().take(80).collect::<String>().contains(&format!("\"{message}\"")));
        assert!(made, "`filter message = \"{message}\"`: no line that is a metric is called so; is it fields.message?");
    }
    for message in others {
        let logged = code.split("tracing::").skip(1).any(|rest| {
            rest.split(");").next().is_some_and(|call| call.trim_end().ends_with(&format!("\"{message}\"")))
        });
        assert!(logged, "`filter fields.message = \"{message}\"`: nothing is logged so");
    }
}

/// The queries of the runbook: the blocks that begin with a query's first word, and the texts in a
/// line that do.
fn queries(runbook: &str) -> Vec<&str> {
    let is_query = |text: &&str| text.starts_with("filter ") || text.starts_with("stats ");
    let blocks = runbook.split("```\n").map(str::trim).filter(is_query);
    let inline = runbook.lines().flat_map(|line| line.split('`')).filter(is_query);
    blocks.chain(inline).collect()
}

/// After `stats` there is nothing but what it names: to sort by anything else sorts by nothing, and
/// Logs Insights does not say so.
#[test]
fn no_query_sorts_by_what_stats_left_out() {
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

/// A rollback that failed is where a stack takes no command but two.
#[test]
fn the_runbook_knows_the_way_out_of_a_rollback_that_failed() {
    let runbook = read("docs/runbook.md");
    for part in ["UPDATE_ROLLBACK_FAILED", "continue-update-rollback", "ROLLBACK_COMPLETE", "update-deployment-group"] {
        assert!(runbook.contains(part), "{part}");
    }
    let guide = read("docs/deploy.md");
    for part in ["ProtectTables=false", "deployer-policy.json", "make prune", "first-day.md"] {
        assert!(guide.contains(part), "docs/deploy.md does not say {part}");
    }
}

/// What a command names is there: outputs, resources, stacks.
#[test]
fn every_command_names_what_there_is() {
    let template: Value = yaml_serde::from_str(&read("template.yaml")).unwrap();
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
