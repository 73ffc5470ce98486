//! A deployment's tables in this process, and the command line run against them.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;

use recourse_aws::Aws;
use recourse_local::dynamodb::{DynamoDb, Engine};
use recourse_local::template::Template;
use tempfile::TempDir;

/// Empty tables, a folder with the `.recourse.env` that leads to them, and the same settings for a
/// test. `more` has further ones.
pub async fn tables(more: &[(&'static str, String)]) -> (DynamoDb, TempDir, Aws) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let template = Template::read(root, &BTreeMap::new()).unwrap();
    let dynamodb = DynamoDb::start(&Engine::Embedded, None, &template.tables).await.unwrap();
    let of =
        |name: &str| template.functions.iter().find_map(|function| function.environment.get(name)).unwrap().clone();
    let mut variables: BTreeMap<&str, String> = BTreeMap::from([
        ("AWS_ENDPOINT_URL_DYNAMODB", dynamodb.endpoint()),
        ("AWS_REGION", "us-east-1".to_owned()),
        ("AWS_ACCESS_KEY_ID", "LOCALcli".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "local".to_owned()),
    ]);
    variables.extend(["DISPUTES_TABLE", "EPHEMERAL_TABLE", "SEALING_KEY"].map(|name| (name, of(name))));
    variables.extend(more.iter().cloned());
    let folder = tempfile::tempdir().unwrap();
    let lines: String = variables.iter().map(|(name, value)| format!("export {name}={value}\n")).collect();
    std::fs::write(folder.path().join(".recourse.env"), lines).unwrap();
    let aws = Aws::with(move |name| variables.get(name).cloned()).unwrap();
    (dynamodb, folder, aws)
}

/// Runs `recourse` in a folder, with a user's name in the environment: exit code, stdout, stderr.
pub async fn recourse(folder: &TempDir, user: &str, words: &[&str]) -> (i32, String, String) {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_recourse"));
    command.current_dir(folder.path()).env_clear().env("USER", user).args(words);
    let output = command.stdin(Stdio::null()).output().await.unwrap();
    let [out, err] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    (output.status.code().unwrap(), out, err)
}
