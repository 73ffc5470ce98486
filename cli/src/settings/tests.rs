use super::*;

const WRITTEN: &str = "export RECOURSE_URL=http://127.0.0.1:3000\nexport AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:4001\n\
    export DISPUTES_TABLE=disputes\nexport AWS_REGION=local\nexport AWS_ACCESS_KEY_ID=cli\nexport AWS_SECRET_ACCESS_KEY=local\n";

fn settings(process: &[(&str, &str)], file: &str) -> Settings {
    let process = process.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Settings::new(process, file).unwrap()
}

#[track_caller]
fn refused(file: &str) -> String {
    Settings::new(Variables::new(), file).err().unwrap().text
}

#[test]
fn the_file_fills_in_what_the_process_does_not_set() {
    let both = settings(&[("AWS_REGION", "eu-west-1"), ("EPHEMERAL_TABLE", "")], WRITTEN);
    assert_eq!(both.get("AWS_REGION").as_deref(), Some("eu-west-1"));
    assert_eq!(both.get("RECOURSE_URL").as_deref(), Some("http://127.0.0.1:3000"));
    assert_eq!(both.get("EPHEMERAL_TABLE"), None);
}

#[test]
fn the_file_is_ignored_when_the_environment_names_another_deployment() {
    let stack = settings(&[("DISPUTES_TABLE", "stack-disputes")], WRITTEN);
    assert_eq!(stack.get("AWS_ENDPOINT_URL_DYNAMODB"), None);
    assert_eq!(stack.get("RECOURSE_URL"), None);
    let text = stack.store().err().unwrap().text;
    assert!(
        text.starts_with("AWS_ACCESS_KEY_ID is not set. .recourse.env is ignored, because DISPUTES_TABLE "),
        "{text}"
    );
    let sourced = settings(&[("DISPUTES_TABLE", "disputes"), ("RECOURSE_URL", "http://127.0.0.1:3000/")], WRITTEN);
    assert_eq!(sourced.get("AWS_REGION").as_deref(), Some("local"));
}

#[test]
fn credentials_come_from_one_place() {
    let token = settings(&[("AWS_SESSION_TOKEN", "of another key")], WRITTEN);
    assert_eq!(token.get("AWS_SESSION_TOKEN"), None);
    assert_eq!(token.get("AWS_SECRET_ACCESS_KEY").as_deref(), Some("local"));
    let own = settings(&[("AWS_ACCESS_KEY_ID", "AKIA")], WRITTEN);
    assert_eq!(own.get("AWS_SECRET_ACCESS_KEY"), None);
}

#[test]
fn the_file_is_read_as_a_shell_would_and_a_wrong_line_is_named() {
    let quoted = settings(&[], "# by hand\n\n  export A='x y'\nexport B=\"z\"\nexport C=a=b\nexport D=\n");
    assert_eq!(
        ["A", "B", "C", "D"].map(|name| quoted.get(name)),
        [Some("x y".into()), Some("z".into()), Some("a=b".into()), None]
    );
    // As local/src/shell.rs writes them.
    for (word, text) in
        [("'not an address'", "not an address"), (r"'it'\''s@b.example'", "it's@b.example"), ("'$(id)'", "$(id)")]
    {
        assert_eq!(settings(&[], &format!("export A={word}\n")).get("A").as_deref(), Some(text));
    }
    let marked = settings(&[], "\u{feff}export A=1\n");
    assert_eq!(marked.get("A").as_deref(), Some("1"), "a byte order mark is skipped");
    assert!(refused("export A=1\nB=2").contains("line 2"));
    assert!(refused("export A B=2").contains("line 1"));
    assert!(refused("export =2").contains("line 1"));
}

#[test]
fn an_address_in_the_file_must_be_on_this_machine() {
    for line in [
        "export RECOURSE_URL=https://api.example.com",
        "export AWS_ENDPOINT_URL_DYNAMODB=http://10.0.0.1",
        "export AWS_ENDPOINT_URL=x",
    ] {
        assert!(refused(line).contains("on this machine"), "{line}");
    }
}

#[test]
fn a_missing_setting_is_named() {
    let text = settings(&[("AWS_ACCESS_KEY_ID", "x"), ("AWS_SECRET_ACCESS_KEY", "x"), ("AWS_REGION", "x")], "").store();
    assert!(text.err().unwrap().text.starts_with("DISPUTES_TABLE is not set"));
}
