//! Playbooks as an operator reads and writes them. Nothing here speaks to anybody.

use recourse_casework::PlaybookSet;
use recourse_support::Problem;
use recourse_support::case::Kind;
use recourse_support::playbook::{Playbook, Playbooks, shipped};

/// The playbook that ships for a kind as its file has it, or all of them as one object.
#[must_use]
pub fn shipped_text(kind: Option<Kind>) -> String {
    match kind {
        Some(kind) => shipped(kind).trim_end().to_owned(),
        None => {
            let all = Kind::ALL.map(|kind| {
                let text = shipped(kind).trim_end().replace('\n', "\n  ");
                format!("  \"{}\": {text}", kind.name())
            });
            format!("{{\n{}\n}}", all.join(",\n"))
        }
    }
}

/// Reads playbooks that somebody wrote: those of all kinds, or that of one kind beside those of
/// `current`. `file` is named in the problems.
///
/// # Errors
/// Every [`Problem`], by playbook, step and rule.
pub fn written(file: &str, json: &str, kind: Option<Kind>, current: &PlaybookSet) -> Result<Playbooks, Vec<Problem>> {
    let Some(kind) = kind else { return Playbooks::parse(file, json) };
    let playbook = Playbook::parse(file, json)?;
    let others = match current {
        PlaybookSet::Ready(playbooks) => playbooks.clone(),
        PlaybookSet::Unreadable(_) => Playbooks::shipped()?,
    };
    Ok(others.with(kind, playbook))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ships_is_what_is_read() {
        let current = PlaybookSet::shipped().unwrap();
        let all = written("all", &shipped_text(None), None, &current).unwrap();
        assert_eq!(all.iter().count(), Kind::ALL.len());
        for kind in Kind::ALL {
            let one = shipped_text(Some(kind));
            assert!(written("one", &one, Some(kind), &current).is_ok());
            assert!(written("one", &one, None, &current).is_err(), "one playbook is not all of them");
        }
    }

    #[test]
    fn one_playbook_takes_the_place_of_its_kind_alone() {
        let current = PlaybookSet::shipped().unwrap();
        let json = r#"{"name":"short","start":"person","steps":{"person":{"do":"escalate"}}}"#;
        let changed = written("pasted", json, Some(Kind::Bill), &current).unwrap();
        for kind in Kind::ALL {
            let is_short = changed.of(kind).unwrap().name() == "short";
            assert_eq!(is_short, kind == Kind::Bill, "{kind:?}");
        }
    }

    #[test]
    fn every_problem_is_named_with_its_place() {
        let wrong = shipped_text(None).replace("\"then\": \"provider\"", "\"then\": \"nowhere\"");
        let problems = written("own.json", &wrong, None, &PlaybookSet::shipped().unwrap()).unwrap_err();
        assert!(problems.len() >= 3 && problems.iter().all(|problem| problem.place.contains("own.json")));
        assert!(problems.iter().any(|problem| problem.rule.contains("nowhere")), "{problems:?}");
    }
}
