//! The files that a check goes through.

use std::path::{Path, PathBuf};

use crate::root;

/// Folders that hold nothing of the project's own.
const SKIPPED: [&str; 5] = ["target", ".git", ".tools", "node_modules", ".aws-sam"];

/// The files below a folder of the workspace whose names end in `.extension`, sorted.
pub(crate) fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    walk(&root().join(folder), extension, &mut found);
    found.sort();
    found
}

/// A path below the workspace, as people write it.
pub(crate) fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

fn walk(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.unwrap().path();
        let is_skipped = path.file_name().and_then(|name| name.to_str()).is_some_and(|name| SKIPPED.contains(&name));
        if path.is_dir() && !path.is_symlink() && !is_skipped {
            walk(&path, extension, found);
        } else if path.extension().is_some_and(|end| end == extension) {
            found.push(path);
        }
    }
}
