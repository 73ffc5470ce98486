use std::path::{Path, PathBuf};
use std::time::Instant;

use serde_json::{Value, json};

use super::*;
use crate::base_url::BaseUrl;

/// A file of transactions, and the trxids that were sent.
struct Case {
    _dir: tempfile::TempDir,
    file: PathBuf,
    sent: Vec<u64>,
}

const URL: &str = "http://localhost:1";

impl Case {
    fn new(lines: u64) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("t.jsonl");
        let text: String = (1..=lines).map(|line| format!("{{\"trxid\":\"{line}\"}}\n")).collect();
        std::fs::write(&file, text).unwrap();
        Self { _dir: dir, file, sent: Vec::new() }
    }

    /// Runs the import. `api` gets the trxids of a batch and returns the status of its answer.
    fn run(
        &mut self,
        arguments: &[&str],
        interrupt: &Interrupt,
        mut api: impl FnMut(&[u64]) -> Option<u16>,
    ) -> Result<Counts, Failure> {
        #[derive(clap::Parser)]
        struct Line {
            #[command(flatten)]
            import: Import,
        }
        let words = ["import", self.file.to_str().unwrap()].into_iter().chain(arguments.iter().copied());
        let import = <Line as clap::Parser>::parse_from(words).import;
        let mut source = Source::open(&self.file, &BaseUrl::parse(URL).unwrap())?;
        let mut display = Display::Plain { last: Instant::now() };
        let before = import.begin(&mut source, &display)?;
        super::import(&mut source, before, &mut display, interrupt, |body| {
            let body: Value = serde_json::from_slice(body).unwrap();
            let ids: Vec<u64> = body["transactions"]
                .as_array()
                .unwrap()
                .iter()
                .map(|one| one["trxid"].as_str().unwrap().parse().unwrap())
                .collect();
            let status = api(&ids);
            if status != Some(200) {
                return status.map(|status| ServiceResponse::of(status, "")).ok_or(Unanswered::Lost("cut".into()));
            }
            self.sent.extend(&ids);
            let results: Vec<Value> =
                ids.iter().map(|id| json!({"trxid": id.to_string(), "status": "created"})).collect();
            Ok(ServiceResponse::of(200, &json!({ "results": results }).to_string()))
        })
    }

    fn progress(&self) -> PathBuf {
        self.file.with_extension("jsonl.progress")
    }
}

fn all(from: u64, to: u64) -> Vec<u64> {
    (from..=to).collect()
}

#[test]
fn every_line_is_sent_once_and_no_progress_file_remains() {
    let mut case = Case::new(250);
    let counts = case.run(&[], &Interrupt::default(), |_| Some(200)).unwrap();
    assert_eq!((counts.created, counts.total()), (250, 250));
    assert_eq!(case.sent, all(1, 250));
    assert!(!case.progress().exists());
}

#[test]
fn an_import_continues_where_it_was_refused_with_all_counts() {
    let mut case = Case::new(250);
    let failure = case.run(&[], &Interrupt::default(), |ids| Some(if ids[0] == 101 { 403 } else { 200 })).unwrap_err();
    assert!(
        failure.text.contains("Lines to 100 are imported; the same command continues with line 101."),
        "{}",
        failure.text
    );
    assert_eq!(case.sent, all(1, 100));
    let counts = case.run(&[], &Interrupt::default(), |_| Some(200)).unwrap();
    assert_eq!(case.sent, all(1, 250));
    assert_eq!(counts.created, 250);
    assert!(!case.progress().exists());
}

#[test]
fn ctrl_c_ends_after_the_batch_under_way() {
    let mut case = Case::new(250);
    let interrupt = Interrupt::default();
    let pressed = interrupt.clone();
    let failure = case
        .run(&[], &interrupt, |_| {
            pressed.press();
            Some(200)
        })
        .unwrap_err();
    assert_eq!(failure.ending, Ending::Interrupted);
    assert!(failure.text.contains("line 101"), "{}", failure.text);
    case.run(&[], &Interrupt::default(), |_| Some(200)).unwrap();
    assert_eq!(case.sent, all(1, 250));
}

#[test]
fn a_batch_is_sent_again_when_its_answer_was_lost() {
    let mut case = Case::new(3);
    let mut answers = vec![Some(200), None];
    let counts = case.run(&[], &Interrupt::default(), |_| answers.pop().unwrap()).unwrap();
    assert_eq!((counts.created, case.sent), (3, all(1, 3)));
}

#[test]
fn from_and_restart_override_the_progress_file() {
    let mut case = Case::new(150);
    let stop = |ids: &[u64]| Some(if ids[0] == 101 { 403 } else { 200 });
    case.run(&[], &Interrupt::default(), stop).unwrap_err();
    case.sent.clear();
    case.run(&["--from", "149"], &Interrupt::default(), |_| Some(200)).unwrap();
    assert_eq!(case.sent, [149, 150]);
    case.sent.clear();
    case.run(&["--restart"], &Interrupt::default(), |_| Some(200)).unwrap();
    assert_eq!(case.sent, all(1, 150));
    let failure = case.run(&["--from", "152"], &Interrupt::default(), |_| Some(200)).unwrap_err();
    assert_eq!(failure.text, "there is no line 152: the file ends with line 150");
}

#[test]
fn from_leaves_the_progress_file_alone_and_prints_where_to_continue() {
    let mut case = Case::new(450);
    let stop = |at: u64| move |ids: &[u64]| Some(if ids[0] == at { 403 } else { 200 });
    for stored in [None, Some(101)] {
        if let Some(at) = stored {
            case.run(&[], &Interrupt::default(), stop(at)).unwrap_err();
        }
        let before = std::fs::read(case.progress()).ok();
        assert_eq!(before.is_some(), stored.is_some());
        let failure = case.run(&["--from", "201"], &Interrupt::default(), stop(301)).unwrap_err();
        assert!(failure.text.ends_with("Lines 201 to 300 are imported; continue with --from 301."), "{}", failure.text);
        let failure = case.run(&["--from", "301"], &Interrupt::default(), stop(301)).unwrap_err();
        assert!(
            failure.text.ends_with("No line from 301 on is imported; continue with --from 301."),
            "{}",
            failure.text
        );
        assert_eq!(std::fs::read(case.progress()).ok(), before);
    }
    case.sent.clear();
    case.run(&["--from", "301"], &Interrupt::default(), |_| Some(200)).unwrap();
    assert_eq!(case.sent, all(301, 450));
    // Lines 101 to 200 have not been sent yet.
    case.sent.clear();
    case.run(&[], &Interrupt::default(), |_| Some(200)).unwrap();
    assert_eq!(case.sent, all(101, 450));
}

#[test]
fn after_an_interrupted_restart_the_command_without_it_continues() {
    let mut case = Case::new(150);
    let stop = |ids: &[u64]| Some(if ids[0] == 101 { 403 } else { 200 });
    let failure = case.run(&["--restart"], &Interrupt::default(), stop).unwrap_err();
    let hint = "Lines to 100 are imported; the same command without --restart continues with line 101.";
    assert!(failure.text.ends_with(hint), "{}", failure.text);
    case.run(&[], &Interrupt::default(), |_| Some(200)).unwrap();
    assert_eq!(case.sent, all(1, 150));
}

#[test]
fn without_a_progress_file_the_error_says_where_to_continue() {
    let mut case = Case::new(150);
    std::fs::create_dir(case.progress()).unwrap();
    let failure =
        case.run(&["--restart"], &Interrupt::default(), |ids| Some(if ids[0] == 101 { 403 } else { 200 })).unwrap_err();
    assert!(failure.text.ends_with("Lines to 100 are imported; continue with --from 101."), "{}", failure.text);
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let failure = Source::open(Path::new("/nowhere.jsonl"), &BaseUrl::parse(URL).unwrap()).err().unwrap();
    assert!(failure.text.starts_with("/nowhere.jsonl cannot be read: "), "{}", failure.text);
}

#[test]
fn the_exit_code_tells_stale_from_invalid_lines() {
    for (stale, invalid, expected) in
        [(0, 0, Ending::Done), (1, 0, Ending::Stale), (0, 1, Ending::No), (3, 2, Ending::No)]
    {
        let counts = Counts { created: 5, replaced: 5, stale, invalid };
        assert_eq!(ending(counts), expected, "{counts}");
    }
    assert_eq!((Ending::Stale.code(), Ending::No.code(), Ending::Done.code()), (4, 1, 0));
}

#[test]
fn a_file_with_a_byte_order_mark_loses_no_line() {
    let mut case = Case::new(3);
    let text = std::fs::read_to_string(&case.file).unwrap();
    std::fs::write(&case.file, format!("\u{feff}{text}")).unwrap();
    let counts = case.run(&[], &Interrupt::default(), |_| Some(200)).unwrap();
    assert_eq!((counts.created, counts.invalid, case.sent), (3, 0, all(1, 3)));
}
