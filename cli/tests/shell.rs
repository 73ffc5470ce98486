//! Completions and man pages.
#![expect(clippy::unwrap_used, reason = "what cannot go on here fails the test")]

use std::path::Path;
use std::process::Command;

/// Exit code, stdout and stderr.
fn run(folder: &Path, words: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_recourse"));
    let output = command.current_dir(folder).env_clear().args(words).output().unwrap();
    let [out, err] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    (output.status.code().unwrap(), out, err)
}

#[test]
fn a_shell_gets_completions_for_every_command() {
    let folder = tempfile::tempdir().unwrap();
    // Completions need no settings, so wrong settings are ignored.
    std::fs::write(folder.path().join(".recourse.env"), "nonsense\n").unwrap();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let (code, out, err) = run(folder.path(), &["completions", shell]);
        assert_eq!((code, err.as_str()), (0, ""), "{shell}");
        for word in ["search", "recount", "--refid", "staging"] {
            assert!(out.contains(word.trim_start_matches('-')), "{shell}: {word}");
        }
    }
    // Bash itself reads it, and completes a command with it.
    let (_, script, _) = run(folder.path(), &["completions", "bash"]);
    let ask =
        "COMP_WORDS=(recourse acc); COMP_CWORD=1; _recourse recourse acc recourse; printf '%s\\n' \"${COMPREPLY[@]}\"";
    // It is longer than an argument may be.
    let file = folder.path().join("completions.bash");
    std::fs::write(&file, format!("{script}\n{ask}\n")).unwrap();
    let output = Command::new("bash").arg(&file).output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "account\n", "{:?}", String::from_utf8(output.stderr));
}

#[test]
fn every_command_has_a_page() {
    let folder = tempfile::tempdir().unwrap();
    let (code, out, err) = run(folder.path(), &["man", "share/man1", "--json"]);
    assert_eq!((code, err.as_str()), (0, ""));
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    let pages = std::fs::read_dir(folder.path().join("share/man1")).unwrap().count();
    assert_eq!(json["pages"], pages, "{out}");
    let page = std::fs::read_to_string(folder.path().join("share/man1/recourse-dispute-show.1")).unwrap();
    assert!(
        page.contains("recourse dispute show rc\\-0000008t") && page.contains("Print JSON for a program"),
        "{page}"
    );
    std::fs::write(folder.path().join("file"), "").unwrap();
    let (code, _, err) = run(folder.path(), &["man", "file"]);
    assert!(code == 2 && err.contains("file: "), "{err}");
}
