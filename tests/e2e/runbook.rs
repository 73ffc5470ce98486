//! Every alarm of template.yaml has its entry in docs/runbook.md, and every entry its alarm.

use std::collections::BTreeSet;

use serde_yaml_ng::Value;

use crate::harness::root;

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

/// The alarms of the template: logical id and description.
fn alarms() -> Vec<(String, String)> {
    let template: Value = serde_yaml_ng::from_str(&read("template.yaml")).unwrap();
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
