//! Figures that a measurement among the tests finds, for the table of `make bench`.

use std::io::Write;

use serde_json::json;

/// Adds a ratio to the file that `FIGURES` names, with the most that it should be; nothing without
/// that variable. `detail` is the two values.
pub fn figure(name: &str, ratio: f64, at_most: f64, detail: &str) {
    let Some(path) = std::env::var_os("FIGURES").filter(|path| !path.is_empty()) else { return };
    let line = json!({ "figure": name, "value": ratio, "target": at_most, "unit": "ratio", "detail": detail });
    let mut file = std::fs::File::options().create(true).append(true).open(path).unwrap();
    writeln!(file, "{line}").unwrap();
}
