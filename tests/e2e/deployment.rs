//! What template.yaml, samconfig.toml and the workflows say of a deployment: that two stacks can be beside each other, and that what is deployed is what was built.
//!
//! What SAM makes of the template, scripts/check_deploy_test.py looks at, which `make lint` runs.

use http::Request;
use yaml_serde::Value;

use crate::harness::{root, run, shared};

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

fn yaml(path: &str) -> Value {
    yaml_serde::from_str(&read(path)).unwrap()
}

/// Staging and production may be in one account and region.
#[test]
fn no_name_is_one_that_a_second_stack_cannot_have() {
    let template = yaml("template.yaml");
    let mut wrong = Vec::new();
    for (id, resource) in template["Resources"].as_mapping().unwrap() {
        let id = id.as_str().unwrap();
        let properties = resource["Properties"].as_mapping().into_iter().flatten();
        for (name, value) in properties.filter_map(|(name, value)| Some((name.as_str()?, value))) {
            // A metric's name is AWS's; a stage's lies within its API.
            let physical = name.ends_with("Name") && !["MetricName", "StageName"].contains(&name);
            // An intrinsic is a tagged value, which is_string() looks through.
            if physical && matches!(value, Value::String(_)) {
                wrong.push(format!("{id}: {name} is the same in every stack"));
            }
        }
        for (event, said) in resource["Properties"]["Events"].as_mapping().into_iter().flatten() {
            // SAM names it after its logical id otherwise.
            if said["Type"] == *"ScheduleV2" && said["Properties"]["OmitName"] != true {
                wrong.push(format!("{id}: the schedule {event:?} needs OmitName: true"));
            }
        }
    }
    assert!(wrong.is_empty(), "template.yaml:\n{}", wrong.join("\n"));
}

/// A cut off value of `Deadlines` would stop every function: CloudFormation refuses it before it changes anything.
#[test]
fn a_parameter_that_stops_every_function_is_refused() {
    let deadlines = &yaml("template.yaml")["Parameters"]["Deadlines"];
    // scripts/check_deploy_test.py shows that a function's environment has room for as much.
    assert!(deadlines["MaxLength"].as_u64().unwrap() <= 1500);
    assert_eq!(deadlines["AllowedPattern"], *r"^\{[\s\S]*\}$");
    assert!(deadlines["ConstraintDescription"].as_str().unwrap().contains("docs/deploy.md"));
    assert!(read("Makefile").contains("scripts/check_deploy.py $(STAGE)\n"));
}

#[test]
fn a_stage_waits_for_itself_alone_and_is_asked_for_its_commit() {
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

#[test]
fn health_says_which_commit_was_built() {
    run(async {
        let answer = shared().await.raw(Request::get("/health").body(Vec::new()).unwrap()).await;
        let commit = answer.json()["commit"].as_str().unwrap().to_owned();
        let digits = commit.trim_end_matches("-dirty");
        let is_commit = digits.len() == 40 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        assert!(is_commit || commit == "unknown", "{commit}");
    });
}
