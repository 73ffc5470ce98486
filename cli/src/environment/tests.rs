use super::*;

const WRITTEN: &str = "export RECOURSE_URL=http://127.0.0.1:3000\nexport AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:4001\n\
    export DISPUTES_TABLE=disputes\nexport AWS_REGION=local\nexport AWS_ACCESS_KEY_ID=cli\nexport AWS_SECRET_ACCESS_KEY=local\n";

fn environment(process: &[(&str, &str)], file: &str) -> Settings {
    let process = process.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Settings::new(process, file).unwrap()
}

#[track_caller]
fn refused(file: &str) -> String {
    Settings::new(Variables::new(), file).err().unwrap().text
}

#[test]
fn the_file_fills_in_what_the_process_does_not_set() {
    let both = environment(&[("AWS_REGION", "eu-west-1"), ("EPHEMERAL_TABLE", "")], WRITTEN);
    assert_eq!(both.get("AWS_REGION").as_deref(), Some("eu-west-1"));
    assert_eq!(both.get("RECOURSE_URL").as_deref(), Some("http://127.0.0.1:3000"));
    assert_eq!(both.get("EPHEMERAL_TABLE"), None);
}

#[test]
fn another_deployment_in_the_environment_silences_the_file() {
    let stack = environment(&[("DISPUTES_TABLE", "stack-disputes")], WRITTEN);
    assert_eq!(stack.get("AWS_ENDPOINT_URL_DYNAMODB"), None);
    assert_eq!(stack.get("RECOURSE_URL"), None);
    assert!(
        stack.store().err().unwrap().text.ends_with(".recourse.env says nothing, as DISPUTES_TABLE is another one.")
    );
    let sourced = environment(&[("DISPUTES_TABLE", "disputes"), ("RECOURSE_URL", "http://127.0.0.1:3000/")], WRITTEN);
    assert_eq!(sourced.get("AWS_REGION").as_deref(), Some("local"));
}

#[test]
fn credentials_come_from_one_place() {
    let token = environment(&[("AWS_SESSION_TOKEN", "of another key")], WRITTEN);
    assert_eq!(token.get("AWS_SESSION_TOKEN"), None);
    assert_eq!(token.get("AWS_SECRET_ACCESS_KEY").as_deref(), Some("local"));
    let own = environment(&[("AWS_ACCESS_KEY_ID", "AKIA")], WRITTEN);
    assert_eq!(own.get("AWS_SECRET_ACCESS_KEY"), None);
}

#[test]
fn reads_what_a_shell_would_and_says_which_line_is_wrong() {
    let quoted = environment(&[], "# by hand\n\n  export A='x y'\nexport B=\"z\"\nexport C=a=b\nexport D=\n");
    assert_eq!(
        ["A", "B", "C", "D"].map(|name| quoted.get(name)),
        [Some("x y".into()), Some("z".into()), Some("a=b".into()), None]
    );
    assert!(refused("export A=1\nB=2").contains("line 2"));
    assert!(refused("export A B=2").contains("line 1"));
    assert!(refused("export =2").contains("line 1"));
}

#[test]
fn the_file_leads_nowhere_else_than_here() {
    for line in [
        "export RECOURSE_URL=https://api.example.com",
        "export AWS_ENDPOINT_URL_DYNAMODB=http://10.0.0.1",
        "export AWS_ENDPOINT_URL=x",
    ] {
        assert!(refused(line).contains("on this machine"), "{line}");
    }
}

#[test]
fn says_which_setting_is_missing() {
    let text =
        environment(&[("AWS_ACCESS_KEY_ID", "x"), ("AWS_SECRET_ACCESS_KEY", "x"), ("AWS_REGION", "x")], "").store();
    assert!(text.err().unwrap().text.starts_with("DISPUTES_TABLE is not set"));
}
