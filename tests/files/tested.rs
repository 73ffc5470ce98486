//! `make test` runs every test there is.

use crate::read;
use crate::sources::{files, shown};

/// `make test` does not link the test harness of a binary that has no tests, as most functions do.
/// A binary that has some is named in the Makefile.
#[test]
fn the_makefile_names_every_binary_that_has_tests() {
    let makefile = read("Makefile");
    for path in files("functions", "rs") {
        let is_binary = path.parent().is_some_and(|folder| folder.ends_with("src/bin"));
        if is_binary && std::fs::read_to_string(&path).unwrap().contains("#[test]") {
            let name = path.file_stem().unwrap().to_str().unwrap();
            assert!(
                makefile.contains(&format!("--bin {name} ")),
                "{} has tests that `make test` does not run: move them to the library, or name the binary in TESTED",
                shown(&path)
            );
        }
    }
}

/// `make run` and `make test` start the functions from one binary, which lists them.
#[test]
fn the_binary_of_all_functions_has_each_of_them() {
    let all = read("local/functions/src/main.rs");
    for path in files("functions", "rs") {
        if path.parent().is_some_and(|folder| folder.ends_with("src/bin")) {
            let name = path.file_stem().unwrap().to_str().unwrap();
            let line = format!("    \"{name}\" {} \"../../../{}\";\n", name.replace('-', "_"), shown(&path));
            assert!(all.contains(&line), "local/functions/src/main.rs lacks the line\n{line}");
        }
    }
}
