//! Modules of a crate do not import each other in a circle.
//!
//! Siblings are compared: the modules of a crate, and the submodules of each module. A module
//! imports a sibling when a file of it names that sibling's path after `crate::` or `super::`. A
//! module and its own submodules may import each other. Test code does not count, and a name that a
//! parent re-exports counts for the parent.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::root;
use crate::sources::{files, shown};

/// Circles that are left, each as crate, parent module and the modules in it. Delete what is cut.
const ALLOWED: [(&str, &str, &[&str]); 3] = [
    ("shared/inbound", "", &["html", "text"]),
    ("shared/support", "", &["case", "decision", "event", "templates"]),
    ("shared/support", "model", &["parse", "schema"]),
];

/// Parent module, importing submodule and imported submodule, each with a place that does it.
type Imports = BTreeMap<(Vec<String>, String, String), String>;

/// A module's path, from its file's path below `src`.
fn module(file: &Path) -> Vec<String> {
    let mut path: Vec<String> = file.with_extension("").iter().map(|part| part.to_str().unwrap().to_owned()).collect();
    if path.last().is_some_and(|last| ["lib", "main", "mod"].contains(&last.as_str())) {
        path.pop();
    }
    path
}

/// A file without comments and without what is `#[cfg(test)]`, and the modules that are only built
/// for tests.
fn without_tests(text: &str) -> (Vec<(usize, String)>, Vec<String>) {
    let (mut lines, mut tests, mut is_test) = (Vec::new(), Vec::new(), false);
    for (index, line) in text.lines().enumerate() {
        let line = line.split("//").next().unwrap_or_default().trim();
        if line == "#[cfg(test)]" {
            is_test = true;
        } else if is_test {
            let declared = line.split_once("mod ").map(|(_, rest)| rest);
            match declared {
                Some(rest) if rest.ends_with(';') => tests.push(rest.trim_end_matches(';').to_owned()),
                // The rest of the file is the test module: clippy wants it last.
                Some(_) => break,
                None => {}
            }
            is_test = line.starts_with("#[");
        } else {
            lines.push((index + 1, line.to_owned()));
        }
    }
    (lines, tests)
}

/// The paths of a `use` tree, as in `a::{b, c::d}`.
fn paths(tree: &str) -> Vec<Vec<String>> {
    let Some((prefix, group)) = tree.split_once('{') else {
        let path = tree.split(" as ").next().unwrap_or_default();
        return vec![path.split("::").map(|part| part.trim().to_owned()).collect()];
    };
    let group = group.trim().trim_end_matches('}');
    let (mut parts, mut depth) = (vec![String::new()], 0);
    for letter in group.chars() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        parts.last_mut().unwrap().push(letter);
    }
    let open = |part: &str| part.matches('{').count() - part.matches('}').count();
    let closed = parts.iter().map(|part| format!("{}{}", part.trim(), "}".repeat(open(part))));
    closed.filter(|part| !part.is_empty()).flat_map(|part| paths(&format!("{}{part}", prefix.trim()))).collect()
}

/// The paths after `crate::` and `super::` in a file, each with its line.
fn named(lines: &[(usize, String)]) -> Vec<(usize, Vec<String>)> {
    let mut found = Vec::new();
    let mut statement: Option<(usize, String)> = None;
    for (number, line) in lines {
        let begins = ["use ", "pub use ", "pub(crate) use ", "pub(super) use "];
        if let Some((_, text)) = &mut statement {
            text.push_str(line);
        } else if let Some(rest) = begins.iter().find_map(|begin| line.strip_prefix(begin)) {
            statement = Some((*number, rest.to_owned()));
        } else {
            for start in ["crate::", "super::"] {
                for (at, _) in line.match_indices(start) {
                    let is_path = |letter: char| letter.is_alphanumeric() || "_:".contains(letter);
                    let (before, path) = line.split_at(at);
                    let path = path.split(|letter| !is_path(letter)).next().unwrap_or_default();
                    let is_whole = !before.ends_with(is_path);
                    found.extend(is_whole.then(|| (*number, paths(path).remove(0))));
                }
            }
        }
        if statement.as_ref().is_some_and(|(_, text)| text.ends_with(';')) {
            let (number, text) = statement.take().unwrap();
            found.extend(paths(text.trim_end_matches(';')).into_iter().map(|path| (number, path)));
        }
    }
    found
}

/// A path from the root of the crate; `None` when it leads elsewhere.
fn resolved(module: &[String], path: &[String]) -> Option<Vec<String>> {
    match path.first()?.as_str() {
        "crate" => Some(path[1..].to_vec()),
        "self" => Some([module, &path[1..]].concat()),
        "super" => {
            let ups = path.iter().take_while(|part| *part == "super").count();
            Some([&module[..module.len().checked_sub(ups)?], &path[ups..]].concat())
        }
        _ => None,
    }
}

/// What the modules below `src` import of their siblings.
fn imports(src: &str) -> Imports {
    let mut sources = Vec::new();
    let mut tests: Vec<Vec<String>> = Vec::new();
    for file in files(src, "rs") {
        let module = module(file.strip_prefix(root().join(src)).unwrap());
        let (lines, of_tests) = without_tests(&std::fs::read_to_string(&file).unwrap());
        tests.extend(of_tests.into_iter().map(|name| [module.as_slice(), &[name]].concat()));
        sources.push((file, module, lines));
    }
    sources.retain(|(_, module, _)| !tests.iter().any(|test| module.starts_with(test)));
    let modules: BTreeSet<Vec<String>> = sources.iter().map(|(_, module, _)| module.clone()).collect();
    let mut imports = Imports::new();
    for (file, module, lines) in &sources {
        for (line, path) in named(lines) {
            let Some(path) = resolved(module, &path) else { continue };
            let common = module.iter().zip(&path).take_while(|(a, b)| a == b).count();
            let (Some(from), Some(to)) = (module.get(common), path.get(common)) else { continue };
            let (parent, imported) = (&path[..common], &path[..=common]);
            if modules.contains(imported) {
                let place = format!("{}:{line}", shown(file));
                imports.entry((parent.to_vec(), from.clone(), to.clone())).or_insert(place);
            }
        }
    }
    imports
}

/// The circles: by parent module, the modules in each.
fn circles(imports: &Imports) -> BTreeSet<(Vec<String>, Vec<String>)> {
    let mut reach: BTreeMap<(&[String], &str), BTreeSet<&str>> = BTreeMap::new();
    for (parent, from, to) in imports.keys() {
        reach.entry((parent, from)).or_default().insert(to);
    }
    loop {
        let before: usize = reach.values().map(BTreeSet::len).sum();
        let known = reach.clone();
        for ((parent, _), to) in &mut reach {
            let further: Vec<_> = to.iter().filter_map(|to| known.get(&(*parent, *to))).flatten().copied().collect();
            to.extend(further);
        }
        if reach.values().map(BTreeSet::len).sum::<usize>() == before {
            break;
        }
    }
    let circle = |((parent, from), to): (&(&[String], &str), &BTreeSet<&str>)| {
        let back = |to: &&&str| reach.get(&(*parent, **to)).is_some_and(|back| back.contains(from));
        to.contains(from).then(|| (parent.to_vec(), to.iter().filter(back).map(|to| (*to).to_owned()).collect()))
    };
    reach.iter().filter_map(circle).collect()
}

#[test]
fn modules_do_not_import_each_other_in_a_circle() {
    let mut wrong = Vec::new();
    let mut cut: BTreeSet<_> = ALLOWED.into_iter().collect();
    let crates = files("", "toml").into_iter().filter(|path| path.ends_with("Cargo.toml"));
    for folder in crates.map(|path| path.parent().unwrap().to_owned()).filter(|folder| folder.join("src").is_dir()) {
        let name = shown(&folder);
        let imports = imports(&format!("{name}/src"));
        for (parent, modules) in circles(&imports) {
            let shown_parent = parent.join("::");
            let is_this = |(a, b, c): &(&str, &str, &[&str])| (*a, *b) == (&name, &shown_parent) && *c == modules;
            if let Some(allowed) = ALLOWED.iter().find(|allowed| is_this(allowed)) {
                cut.remove(allowed);
                continue;
            }
            wrong.push(format!("(\"{name}\", \"{shown_parent}\", &{modules:?})"));
            for ((at, from, to), place) in &imports {
                if *at == parent && modules.contains(from) && modules.contains(to) {
                    wrong.push(format!("    {place}: {from} imports {to}"));
                }
            }
        }
    }
    wrong.extend(cut.into_iter().map(|allowed| format!("{allowed:?} is no circle any more: delete it from ALLOWED")));
    assert!(wrong.is_empty(), "modules that import each other in a circle:\n{}", wrong.join("\n"));
}

#[test]
fn a_use_tree_is_expanded() {
    let tree = |text| paths(text).into_iter().map(|path| path.join("::")).collect::<Vec<_>>();
    assert_eq!(tree("crate::{a::{B, c::D}, e as f}"), ["crate::a::B", "crate::a::c::D", "crate::e"]);
    assert_eq!(tree("super::x::*"), ["super::x::*"]);
}

#[test]
fn a_circle_is_found_and_a_line_of_imports_is_none() {
    let edge = |from: &str, to: &str| ((vec![], from.to_owned(), to.to_owned()), String::new());
    let straight = Imports::from([edge("a", "b"), edge("b", "c")]);
    assert!(circles(&straight).is_empty());
    let round = Imports::from([edge("a", "b"), edge("b", "c"), edge("c", "b")]);
    assert_eq!(circles(&round).into_iter().map(|(_, modules)| modules).collect::<Vec<_>>(), [["b", "c"]]);
}

#[test]
fn test_code_and_comments_do_not_count() {
    let text = "use crate::a;\n// crate::b\n#[cfg(test)]\nmod tests;\n#[cfg(test)]\nmod more {\n    use crate::c;\n}\n";
    let (lines, tests) = without_tests(text);
    assert_eq!(named(&lines), [(1, vec!["crate".to_owned(), "a".to_owned()])]);
    assert_eq!(tests, ["tests"]);
}
