use super::*;

#[test]
fn clap_accepts_the_definitions() {
    command().debug_assert();
}

fn parsed(words: &[&str]) -> Result<Arguments, clap::Error> {
    parse(&words.iter().map(OsString::from).collect::<Vec<_>>())
}

#[track_caller]
fn refused(line: &str) -> String {
    match parsed(&line.split(' ').collect::<Vec<_>>()) {
        Ok(_) => panic!("{line} was taken"),
        Err(error) => error.to_string(),
    }
}

/// Every command without subcommands, with its full name.
fn leaves() -> Vec<(String, clap::Command)> {
    fn of(command: &clap::Command, before: &str, leaves: &mut Vec<(String, clap::Command)>) {
        let name = format!("{before}{}", command.get_name());
        let mut below = command.get_subcommands().filter(|below| below.get_name() != "help").peekable();
        if below.peek().is_none() {
            leaves.push((name, command.clone()));
        } else {
            below.for_each(|below| of(below, &format!("{name} "), leaves));
        }
    }
    let mut leaves = Vec::new();
    of(&command(), "", &mut leaves);
    assert!(leaves.len() > 30, "{leaves:?}");
    leaves
}

/// The arguments of a line, as a shell splits it. The shell handles quotes, and what follows a `|`,
/// `<`, `>` or `&&`.
fn words(line: &str) -> Vec<String> {
    let script = format!("recourse() {{ printf '%s\\0' recourse \"$@\"; exit; }}\n{line} 2>&1");
    let output = std::process::Command::new("sh").arg("-c").arg(script).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{line}: {output:?}");
    String::from_utf8(output.stdout).unwrap().split_terminator('\0').map(str::to_owned).collect()
}

#[test]
fn every_command_has_help_in_plain_lines_and_examples_that_parse() {
    for (name, command) in leaves() {
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        let options = command.get_arguments().map(|option| {
            let id = option.get_id().to_string();
            (id, option.get_help().map(ToString::to_string).unwrap_or_default())
        });
        for (what, text) in options.chain([(name.clone(), about)]) {
            assert!(
                text.starts_with(char::is_alphabetic) && text.starts_with(char::is_uppercase),
                "{name} {what}: {text:?}"
            );
            assert!(!text.contains('\n') && text.chars().count() <= 80, "{name} {what}: {text:?}");
            for word in ["door", "desk"] {
                assert!(!text.contains(word), "{name} {what}: {text:?}");
            }
        }
        let asked: Vec<_> = name.split(' ').chain(["--help"]).collect();
        let shown = parsed(&asked).err().map(|error| error.to_string()).unwrap_or_default();
        let (options, _) = shown.split_once("Examples:\n").unwrap_or_default();
        for option in command.get_arguments().filter_map(clap::Arg::get_long) {
            let begin = format!("--{option} ");
            let lines = options.lines().map(|line| line.trim_start().trim_start_matches("-h, "));
            assert_eq!(lines.filter(|line| line.starts_with(&begin)).count(), 1, "{name} {option}: {shown}");
        }
        assert!(!shown.contains("Possible values:\n"), "{name}: {shown}");
        let more = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        let (_, examples) = more.split_once("Examples:\n").unwrap_or_else(|| panic!("{name} has no example"));
        let examples: Vec<_> = examples.lines().take_while(|line| line.starts_with("  ")).map(str::trim).collect();
        assert!(examples.iter().any(|example| example.contains(&name)), "{name}: {examples:?}");
        for example in examples {
            // The shell handles `eval` and redirections.
            let example = example
                .strip_prefix("eval \"$(")
                .and_then(|rest| rest.split_once(")\""))
                .map_or(example, |(inner, _)| inner);
            let example = example.split(" < ").next().unwrap_or(example).split(" > ").next().unwrap_or(example);
            let words = words(example);
            let words: Vec<_> = words.iter().map(String::as_str).collect();
            if let Err(error) = parsed(&words) {
                panic!("{name}: {example}: {error}");
            }
        }
        assert!(more.lines().all(|line| line.chars().count() <= 120), "{name}: {more}");
    }
}

#[test]
fn every_command_with_a_result_prints_it_as_json_too() {
    for (name, command) in leaves() {
        let has_json = command.get_arguments().any(|option| option.get_long() == Some("json"));
        assert_eq!(has_json, name != "recourse completions", "{name}");
    }
}

#[test]
fn a_value_may_begin_with_a_hyphen() {
    for line in [
        "recourse report --refid -5",
        "recourse report --refid -abc --email a@b.example",
        "recourse report --trxid -1.50",
        "recourse dispute show --refid -7 --account acct_demo",
        "recourse dispute show -5",
        "recourse dispute show -- -abc",
        "recourse search -5",
        "recourse dispute close 1 --for customer --why -5",
        "recourse demo transaction --amount -5 --currency MYR",
        "recourse outbox redrive --state dead --reason -x",
        "recourse sign POST /v2/x --data -1",
        "recourse account show -5",
        "recourse account show -x --json",
        "recourse user create acct -x --replace",
        "recourse config set acct_x -x.json --why x",
    ] {
        if let Err(error) = parsed(&line.split(' ').collect::<Vec<_>>()) {
            panic!("{line}: {error}");
        }
    }
    // The error of a value names the rule that it breaks, and a misspelt option is an error.
    assert!(refused("recourse address show -x").contains("'-x' for '<ADDRESS>'"));
    assert!(refused("recourse dispute show 1 -x").contains("unexpected argument '-x'"));
    assert!(refused("recourse completions -x").contains("-x"));
    assert!(refused("recourse dispute list --domain FBN --limit -5").contains("invalid value '-5'"));
    assert!(refused("recourse search --day -5").contains("such as 2026-01-15"));
    assert!(refused("recourse dispute show 1 --jsn").contains("--json"));
    assert!(refused("recourse dispute show --jsn").contains("--json"));
    assert!(refused("recourse dispute close 1 --for customer --why --json").contains("flag"));
}

#[test]
fn help_and_version_are_no_errors() {
    for (words, kind) in
        [(["recourse", "--help"], ErrorKind::DisplayHelp), (["recourse", "--version"], ErrorKind::DisplayVersion)]
    {
        assert_eq!(parsed(&words).err().map(|error| error.kind()), Some(kind));
    }
}

#[test]
fn options_that_belong_together_are_required_together() {
    for line in [
        "recourse report --refid 1",
        "recourse report --trxid 1 --email a@b.example --email c@d.example --url http://localhost:1",
        "recourse sign get /v2/x",
        "recourse transaction import - --from 3",
        "recourse dispute show RC-0000008t",
        "recourse dispute show --refid 1 --account acct_demo --json --addresses",
        "recourse dispute show 50001 --environment staging",
        "recourse dispute close --trxid 50001 --environment production --for customer --why x",
        "recourse account create acct_x --name X --email a@b.example --environment staging --merchant-id 1 --by bob",
        "recourse account list --environment staging --json",
        "recourse account show acct_x --json --addresses",
        "recourse search 123456 --account acct_x --environment staging",
        "recourse search --email a@b.example --day 2026-01-15",
        "recourse search --amount 1550.00 --currency ngn --from 2026-01-15 --to 2026-01-16T10:00",
        "recourse search --domain FBN",
        "recourse demo transaction --staging",
        "recourse completions zsh",
        "recourse man pages",
        "recourse account set acct_x --email a@b.example --merchant-id 1 --domain X --why x --by bob",
        "recourse account set acct_x --domain X",
        "recourse key create acct_x --role client --why x --by bob",
        "recourse user create acct_fbn First.Last --why x",
        "recourse search --amount 1550.00 --currency ngn --amount-is paid --domain FBN",
        "recourse account suspend acct_x --why x --by bob",
        "recourse account resume acct_x",
        "recourse key create acct_x --role platform",
        "recourse key list acct_x",
        "recourse key revoke iimm_prod_x --why x",
        "recourse user create acct_fbn First.Last --stdin --replace",
        "recourse user remove acct_fbn First.Last --why x --by bob",
        "recourse user list acct_fbn --json",
        "recourse dispute list --domain FBN --status Chargeback --limit 5",
        "recourse dispute export --account acct_demo --from 2026-01-01T00:00:00Z --category chargeback",
        "recourse dispute recount --all",
        "recourse config set acct_x configuration.json --why x --by bob",
        "recourse config show acct_x",
        "recourse outbox list",
        "recourse outbox list --state dead --json",
        "recourse outbox redrive 551-1 --why x --by bob",
        "recourse outbox redrive --state held --reason cap",
        "recourse address show user@example.com --json",
        "recourse address clear user@example.com --why x --by bob",
        "recourse operator create a@b.example --name Aisyah --role agent --reuse-name --why x --by bob",
        "recourse operator list --removed --json",
        "recourse operator show a@b.example",
        "recourse operator set a@b.example --role admin",
        "recourse operator remove a@b.example --why x",
        "recourse operator end-sessions a@b.example --json",
        "recourse audit list --from 2026-11-01 --to 2026-11-30 --operator Aisyah --action reply --case RC-0000008t",
        "recourse audit export --json",
        "recourse chaos set iimm_dev_demo delay=5 429 503-before 503-after reset-after skew=-600 pass --json",
        "recourse chaos set we_0f1e2d3c4b5a69788796a5b4 duplicate out-of-order bad-signature",
        "recourse chaos show iimm_dev_demo --json",
        "recourse chaos set iimm_dev_demo 429 --why rehearsal --by alice",
        "recourse chaos clear iimm_dev_demo",
        "recourse chaos clear iimm_dev_demo --why over --by alice",
        "recourse clock show",
        "recourse clock advance 19d --url http://127.0.0.1:3000",
        "recourse clock advance acct_staging 19d --by bob --json",
        "recourse clock catch-up acct_staging --json",
        "recourse doctor --json --key-age-days 30 --mail-from cases@recourse.example",
        "recourse doctor --send --deep --merchant-id 1001 --refid 1 --payment 2 --url http://127.0.0.1:3000",
    ] {
        assert!(parsed(&line.split(' ').collect::<Vec<_>>()).is_ok(), "{line}");
    }
    assert!(refused("recourse report").contains("--refid"));
    refused("recourse report --refid 1 --trxid 2");
    refused("recourse transaction import f --from 0");
    refused("recourse transaction import f --from 2 --restart");
    refused("recourse dispute show");
    refused("recourse dispute show 1 --trxid 1");
    assert!(refused("recourse dispute show --refid 1").contains("--account"));
    assert!(refused("recourse dispute show 1 --environment test").contains("production, staging"));
    refused("recourse dispute show 1 --account acct_x --environment staging");
    assert!(refused("recourse dispute close 1 --for customer").contains("--why"));
    assert!(refused("recourse dispute close 1 --for bank --why x").contains("merchant"));
    assert!(refused("recourse account create acct_x --name X --email a@b.example").contains("--environment"));
    assert!(
        refused("recourse account create a#b --name X --email a@b.example --environment staging").contains("1 to 64")
    );
    refused("recourse account create acct_x --name X --email nobody --environment staging");
    assert!(refused("recourse key create acct_x").contains("--role"));
    assert!(refused("recourse key create acct_x --role admin").contains("platform"));
    refused("recourse key create acct_x --role client --secret x");
    refused("recourse key revoke a#b");
    refused("recourse user create acct_fbn a#b");
    for line in ["recourse dispute list", "recourse dispute export"] {
        assert!(refused(line).contains("<--domain <CODE>|--account <ACCOUNT>>"), "{}", refused(line));
    }
    assert!(refused("recourse dispute list --domain FBN --status Nope").contains("Pre Arbitration"));
    for line in ["recourse dispute list --domain FBN --limit 0", "recourse search --domain FBN --limit -1"] {
        assert!(refused(line).contains("must be a whole number from 1"), "{}", refused(line));
    }
    refused("recourse dispute export --domain FBN --account acct_demo");
    assert!(refused("recourse dispute export --domain FBN --from yesterday").contains("such as 2026-01-15"));
    assert!(refused("recourse search").contains("--email"));
    assert!(refused("recourse search --amount 5 --domain FBN").contains("--currency"));
    assert!(refused("recourse search --amount 5").contains("--currency"));
    assert!(refused("recourse search --to 2026-01-15").contains("--from"));
    refused("recourse search 1 --email a@b.example");
    assert!(refused("recourse search --amount-is paid --domain FBN").contains("--amount"));
    refused("recourse search --day 2026-01-15 --from 2026-01-15");
    refused("recourse search --email nobody --account acct_x");
    refused("recourse report --refid 1 --staging --key x");
    refused("recourse completions tcsh");
    assert!(refused("recourse dispute recount").contains("--all"));
    refused("recourse dispute recount --domain FBN --all");
    assert!(refused("recourse config set acct_x").contains("<FILE>"));
    assert!(refused("recourse outbox redrive").contains("<OUTBOX_ID|--state <STATE>>"));
    refused("recourse account set acct_x");
    refused("recourse account set acct_x --email nobody");
    refused("recourse user remove acct_fbn");
    refused("recourse outbox redrive 551-1 --state dead");
    assert!(refused("recourse chaos set iimm_dev_demo").contains("<STEP>..."));
    assert!(refused("recourse chaos set iimm_dev_demo delay=11").contains("delay=1 to delay=10"));
    assert!(refused("recourse chaos set a#b 429").contains("KEY|ENDPOINT"));
    refused(&format!("recourse chaos set iimm_dev_demo{}", " 429".repeat(21)));
    assert!(refused("recourse clock advance").contains("<ACCOUNT|BY>"));
    assert!(refused("recourse doctor --payment 2").contains("--deep"));
    assert!(refused("recourse outbox redrive 551").contains("NUMBER-VERSION"));
    assert!(refused("recourse outbox redrive --state waiting").contains("dead"));
    refused("recourse address clear nobody");
    assert!(refused("recourse operator create a@b.example --name Aisyah --role boss").contains("auditor or admin"));
    assert!(
        refused("recourse operator create a@b.example --name automation --role agent")
            .contains("not automation or nobody")
    );
    assert!(refused("recourse operator set a@b.example").contains("--role"));
    refused("recourse operator remove nobody");
    assert!(refused("recourse audit list --case x").contains("RC-0000008t"));
    assert!(refused("recourse audit export --from 2026-02-30").contains("such as 2023-12-31"));
    assert!(refused("recourse dispute show --trxid a#b").contains("1 to 64 characters"));
}
