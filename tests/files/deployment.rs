//! What template.yaml, samconfig.toml and the workflows declare for a deployment: two stacks can
//! exist side by side, and what is deployed is what was built.
//!
//! scripts/check_deploy_test.py, which `make lint` runs, checks what SAM makes of the template.

use yaml_serde::Value;

use crate::{read, yaml};

/// Staging and production may share an account and a region.
#[test]
fn no_resource_has_a_name_that_a_second_stack_could_not_use() {
    let template = yaml("template.yaml");
    let mut wrong = Vec::new();
    for (id, resource) in template["Resources"].as_mapping().unwrap() {
        let id = id.as_str().unwrap();
        let properties = resource["Properties"].as_mapping().into_iter().flatten();
        for (name, value) in properties.filter_map(|(name, value)| Some((name.as_str()?, value))) {
            // AWS chose the names of metrics; a stage's name is unique within its API.
            let physical = name.ends_with("Name") && !["MetricName", "StageName"].contains(&name);
            // Not is_string(): it is true of an intrinsic, too, which is a tagged string.
            if physical && matches!(value, Value::String(_)) {
                wrong.push(format!("{id}: {name} is the same in every stack"));
            }
        }
        for (event, schedule) in resource["Properties"]["Events"].as_mapping().into_iter().flatten() {
            // Otherwise SAM names it after its logical id.
            if schedule["Type"] == *"ScheduleV2" && schedule["Properties"]["OmitName"] != true {
                wrong.push(format!("{id}: the schedule {event:?} needs OmitName: true"));
            }
        }
    }
    assert!(wrong.is_empty(), "template.yaml:\n{}", wrong.join("\n"));
}

/// A request of a staging account takes a step of its key's script of faults (docs/sandbox.md). A
/// function that may not look for one would answer staging alone with an error.
#[test]
fn every_function_that_knows_its_caller_by_a_key_may_take_a_step_of_its_script() {
    let template = yaml("template.yaml");
    let keys_of = |function: &Value| {
        let mut keys = Vec::new();
        for policy in function["Properties"]["Policies"].as_sequence().into_iter().flatten() {
            for statement in policy["Statement"].as_sequence().into_iter().flatten() {
                let of = &statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"];
                let of = of.as_sequence().into_iter().flatten();
                keys.extend(of.filter_map(|key| key.as_str().map(str::to_owned)));
            }
        }
        keys
    };
    let (mut callers, mut wrong) = (0, Vec::new());
    for (id, resource) in template["Resources"].as_mapping().unwrap() {
        let (id, keys) = (id.as_str().unwrap(), keys_of(resource));
        let has = |key: &str| keys.iter().any(|known| known == key);
        // A token of the Arbiter API names its key. The console reads keys to list them.
        if id.starts_with("Arbiter") || has("KEY#*") && !id.starts_with("Console") {
            callers += 1;
            wrong.extend((!has("CHAOS#key#*")).then_some(id));
        }
    }
    assert!(callers >= 40, "{callers}");
    assert!(wrong.is_empty(), "template.yaml: these may not take a step: {wrong:?}");
}

/// A truncated value of `Deadlines` would stop every function. CloudFormation rejects it before it
/// changes anything.
#[test]
fn cloudformation_rejects_a_value_of_deadlines_that_would_stop_every_function() {
    let deadlines = &yaml("template.yaml")["Parameters"]["Deadlines"];
    // scripts/check_deploy_test.py shows that a function's environment has room for as much.
    assert!(deadlines["MaxLength"].as_u64().unwrap() <= 1230);
    assert_eq!(deadlines["AllowedPattern"], *r"^\{[\s\S]*\}$");
    assert!(deadlines["ConstraintDescription"].as_str().unwrap().contains("docs/deploy.md"));
    assert!(read("Makefile").contains("scripts/check_deploy.py $(STAGE)\n"));
}

/// The functions read their parameters when they start. A value that only they refuse would stop
/// them after the deployment, and a worker's errors reach no client.
#[test]
fn cloudformation_knows_which_values_each_parameter_can_have() {
    let template = yaml("template.yaml");
    let mut wrong = Vec::new();
    for (name, rules) in template["Parameters"].as_mapping().unwrap() {
        let name = name.as_str().unwrap();
        let has = |rule: &str| rules.get(rule).is_some();
        match rules["Type"].as_str().unwrap() {
            "String" if has("AllowedValues") => {}
            "String" if has("AllowedPattern") && has("MaxLength") && has("ConstraintDescription") => {}
            "String" => wrong.push(format!(
                "{name}: a String needs AllowedValues, or AllowedPattern, MaxLength and ConstraintDescription"
            )),
            "Number" if has("MinValue") => {}
            // CloudFormation applies the pattern to each value, and knows no longest list.
            "CommaDelimitedList" if has("AllowedPattern") && has("ConstraintDescription") => {}
            other => wrong.push(format!("{name}: a {other} needs MinValue, or another type")),
        }
    }
    assert!(wrong.is_empty(), "template.yaml:\n{}", wrong.join("\n"));
}

#[test]
fn deployments_queue_by_stage_and_check_the_commit_that_runs() {
    let deploy = yaml(".github/workflows/deploy.yml");
    assert!(deploy.get("concurrency").is_none(), "a run that waits for approval would hold up every other");
    for stage in ["staging", "production"] {
        let concurrency = &deploy["jobs"][stage]["concurrency"];
        assert_eq!(concurrency["group"], *format!("deploy-{stage}"));
        assert_eq!(concurrency["cancel-in-progress"], false);
    }
    let stage = read(".github/workflows/stage.yml");
    assert!(stage.contains("commit=$(git rev-parse HEAD)") && stage.contains(".commit == $commit"));
    assert!(read("Makefile").contains("export RECOURSE_COMMIT := "));
}
