//! The commands of the READMEs, pasted as a newcomer pastes them: whole, in order, into one shell,
//! on a freshly started cloud, with `recourse` on the PATH. Blocks that are marked `sh ignore` are
//! for another terminal, another deployment, or somebody who types a secret.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use recourse_local::Options;

use crate::harness::{Stack, binaries, options, root, run};

/// How long the commands of a page may take.
const PATIENCE: Duration = Duration::from_secs(180);

/// What a command that fails says of itself: its line, and its exit code.
const TRAP: &str = r#"trap 'printf "%s %s\n" "$LINENO" "$?" >> "$FAILED"' ERR; set -o pipefail;"#;

/// A script of the runnable lines of a page. Each is at its own line of the page, so that a shell
/// names it.
fn script(page: &str) -> String {
    let (mut is_code, mut is_run) = (false, false);
    let lines = page.lines().map(|line| {
        if let Some(info) = line.strip_prefix("```") {
            is_code = !is_code;
            is_run = is_code && info == "sh";
            return "";
        }
        if is_run { line } else { "" }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The exit codes that lines announce, but 0.
fn announced(script: &str) -> BTreeMap<usize, String> {
    let announced = script.lines().enumerate().filter_map(|(index, line)| {
        let (_, rest) = line.split_once('#')?.1.split_once("exit code ")?;
        Some((index + 1, rest.chars().take_while(char::is_ascii_digit).collect()))
    });
    announced.collect()
}

/// What `make run` starts, and the tests of one API's calls do not: schedules that run by
/// themselves, the support process, with mail that comes in and somebody who hears of late cases,
/// and the queue of transactions.
fn as_run() -> Options {
    let mut options = Options { sweep: true, ..options() };
    let parameters = [
        ("SupportProcess", "on"),
        ("InboundMail", "on"),
        ("SupervisorAddresses", "supervisors@platform.example"),
        ("IngestAccount", "acct_platform"),
    ];
    options.parameters.extend(parameters.map(|(name, value)| (name.to_owned(), value.to_owned())));
    options
}

/// Runs a page as a newcomer does, in a folder that looks like the checkout, and returns what it
/// printed.
async fn paste(page: &str) -> String {
    let stack = Stack::start(as_run()).await;
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    for name in ["target", "home"] {
        std::fs::create_dir(at(name)).unwrap();
    }
    std::os::unix::fs::symlink(root().join("cli"), at("cli")).unwrap();
    let environment: String =
        stack.cloud().environment().iter().map(|(name, value)| format!("export {name}={value}\n")).collect();
    std::fs::write(at(".recourse.env"), environment).unwrap();

    let script = script(&std::fs::read_to_string(root().join(page)).unwrap());
    assert!(script.contains("\nrecourse "), "{page} has no command to run");
    // The trap is on the first line, which is a heading.
    let (first, rest) = script.split_once('\n').unwrap();
    assert_eq!(first, "");
    std::fs::write(at("page.sh"), format!("{TRAP}\n{rest}\n")).unwrap();
    let path =
        std::env::join_paths([binaries()].into_iter().chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())));
    let mut command = Command::new("bash");
    command.arg("page.sh").current_dir(folder.path()).env_clear();
    // Without USER, as in a plain container: the command line knows the login name.
    command.env("PATH", path.unwrap()).env("HOME", at("home")).env("FAILED", at("failed"));
    // A page waits for what its commands cause. What never comes must not hold up the tests.
    let output = command.kill_on_drop(true).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let ended = tokio::time::timeout(PATIENCE, output.spawn().unwrap().wait_with_output()).await;
    let output = ended.unwrap_or_else(|_| panic!("{page} takes longer than {} seconds", PATIENCE.as_secs())).unwrap();
    let [out, err] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());

    let failed = std::fs::read_to_string(at("failed")).unwrap_or_default();
    let failed: BTreeMap<usize, String> = failed
        .lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(line, code)| (line.parse().unwrap(), code.to_owned()))
        .collect();
    let lines: Vec<_> = script.lines().collect();
    let named = |codes: &BTreeMap<usize, String>| {
        codes
            .iter()
            .map(|(line, code)| format!("{page}:{line}: exit code {code}: {}", lines[line - 1]))
            .collect::<Vec<_>>()
    };
    assert_eq!(named(&failed), named(&announced(&script)), "\n{out}\n{err}");
    assert!(!err.contains("not found"), "{err}");
    out
}

#[test]
fn every_command_of_the_readme_works_when_it_is_pasted() {
    run(async {
        let out = paste("README.md").await;
        for said in [
            "200 Success",
            "200 Failed",
            "400 Bad Request",
            "active: no other dispute of 50001 can be opened",
            "\"status\":\"CREATED\"",
            "\"transactionReference\":\"chargeback-1\"",
            "18d ahead of this machine's clock",
        ] {
            assert!(out.contains(said), "{said}: {out}");
        }
    });
}

#[test]
fn every_command_of_the_command_lines_readme_works_when_it_is_pasted() {
    run(async {
        let out = paste("cli/README.md").await;
        for said in ["200 Success", "2 lines: 2 created", "closed in the customer's favour", "1 times 200 Success"] {
            assert!(out.contains(said), "{said}: {out}");
        }
        assert!(!out.contains("WRONG"), "{out}");
    });
}

/// The story of a voucher: a question, a photo, the provider's answer, an objection, an agent.
#[test]
fn every_command_of_the_support_page_works_when_it_is_pasted() {
    run(async {
        let out = paste("docs/support.md").await;
        for said in [
            "attachment voucher.png",
            "held mail     delivered",
            "the customer",
            "message ",
            "closed in the customer's favour",
            "ok  voucher",
            "whsec_",
        ] {
            assert!(out.contains(said), "{said}: {out}");
        }
    });
}

/// The guide of each API: what a client sets, and what it is answered.
#[test]
fn every_command_of_the_guides_works_when_it_is_pasted() {
    run(async {
        for (page, said) in [
            (
                "iimmpact",
                &["200 Success", "reason: ", "Invalid transaction ID or reference ID", "signed text: v1:"][..],
            ),
            (
                "platform",
                &[
                    "2 lines: 1 created, 1 replaced",
                    "\"trxid\":\"guide-1\"",
                    "\"disputes\":[{\"case_id\":\"RC-",
                    "reason: milliseconds",
                ],
            ),
            (
                "connect",
                &["\"status\":\"CREATED\"", "signed text: POST\\n", "reason: wrong_signature", "\"code\":\"9007\""],
            ),
            (
                "arbiter",
                &[
                    "\"transactionReference\":\"good-faith-1\"",
                    "\"satus\"",
                    "refusal=invalid_token",
                    "reason: wrong_secret",
                ],
            ),
            (
                "tutelar",
                &["Merchant Won this dispute", "Dispute already raised", "No data found", "reason: wrong_secret"],
            ),
        ] {
            let out = paste(&format!("docs/guides/{page}.md")).await;
            for said in said {
                assert!(out.contains(said), "{page}: {said}: {out}");
            }
        }
    });
}

/// Webhook endpoints by API.
#[test]
fn every_command_of_the_webhooks_page_works_when_it_is_pasted() {
    run(async {
        let out = paste("docs/webhooks.md").await;
        for said in [
            "\"account\":\"acct_demo\"",
            "\"secret\":\"whsec_",
            "\"type\":\"webhook.test\"",
            "\"deliveries\":[{",
            "\"replayed\":[",
            "\"state\":\"disabled\"",
            "\"state\":\"removed\"",
        ] {
            assert!(out.contains(said), "{said}: {out}");
        }
        assert!(!out.contains("\"message\""), "a call was refused: {out}");
    });
}

/// Every failure that a client can bring about in staging.
#[test]
fn every_command_of_the_sandboxs_page_works_when_it_is_pasted() {
    run(async {
        let out = paste("docs/sandbox.md").await;
        for said in [
            "503 Service Unavailable",
            "429 Too Many Requests",
            "401 stale_timestamp",
            "200 Failed",
            "set duplicate out-of-order bad-signature",
            "cleared duplicate out-of-order bad-signature",
            "let the time run out; now closed in the customer's favour",
            "no step is left",
        ] {
            assert!(out.contains(said), "{said}: {out}");
        }
    });
}

/// A transaction that comes by the queue.
#[test]
fn every_command_of_the_queues_page_works_when_it_is_pasted() {
    run(async {
        let out = paste("docs/ingest.md").await;
        for said in ["1 transactions in 1 messages", "\"refid\":\"queue-1\"", "in the failure queue 0"] {
            assert!(out.contains(said), "{said}: {out}");
        }
    });
}

/// The operators and the audit log of the console.
#[test]
fn every_command_of_the_consoles_page_works_when_it_is_pasted() {
    run(async {
        let out = paste("docs/console.md").await;
        for said in ["created as Eva, admin", "leads the team", "a laptop was stolen", "left the company"] {
            assert!(out.contains(said), "{said}: {out}");
        }
    });
}

/// Each API has a guide, each guide is in the list, and each has what a reader looks for.
#[test]
fn every_guide_says_where_to_point_a_client_and_what_each_error_means() {
    let list = std::fs::read_to_string(root().join("docs/guides/README.md")).unwrap();
    for entry in std::fs::read_dir(root().join("docs/guides")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name == "README.md" {
            continue;
        }
        assert!(list.contains(&format!("({name})")), "{name} is in no list");
        let page = std::fs::read_to_string(root().join("docs/guides").join(&name)).unwrap();
        for heading in ["## Point it here", "## In your language", "## Errors", "| clock |", "| status | "] {
            assert!(page.contains(heading), "{name} has no {heading}");
        }
    }
}

/// Each command that the command line has is in its README, in a block that is run where it can be.
#[test]
fn no_command_is_missing_from_the_readme() {
    let page = std::fs::read_to_string(root().join("cli/README.md")).unwrap();
    let script = script(&page);
    let help = |words: &[&str]| {
        let output =
            std::process::Command::new(binaries().join("recourse")).args(words).arg("--help").output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let (_, commands) = text.split_once("Commands:\n").unwrap_or_default();
        let names = commands.lines().take_while(|line| line.starts_with("  "));
        names
            .filter_map(|line| line.split_whitespace().next().map(str::to_owned))
            .filter(|name| name != "help")
            .collect::<Vec<_>>()
    };
    let commands = help(&[]);
    assert!(commands.len() > 10, "{commands:?}");
    for command in commands {
        let below = help(&[&command]);
        let names = if below.is_empty() {
            vec![command]
        } else {
            below.iter().map(|name| format!("{command} {name}")).collect()
        };
        for name in names {
            assert!(script.contains(&format!("recourse {name}")), "{name} is in no block that is run");
        }
    }
}
