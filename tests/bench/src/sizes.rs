//! How large functions are as a deployment uploads them: deflated by Python's `zipfile`, which is
//! what SAM uses.

use std::path::Path;
use std::process::Command;

use crate::Result;

/// Zips the files that are its arguments one by one, each as `bootstrap`, and prints the sizes.
const SCRIPT: &str = "import io, sys, zipfile
for path in sys.argv[1:]:
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as archive:
        archive.write(path, 'bootstrap')
    print(out.tell(), flush=True)
";

/// The zipped size of each of these functions that is built in `folder`, in bytes.
///
/// # Errors
/// There is no Python, or a file cannot be read.
pub fn zipped(folder: &Path, names: &[String]) -> Result<Vec<(String, u64)>> {
    let built: Vec<&String> = names.iter().filter(|name| folder.join(name).is_file()).collect();
    let paths = built.iter().map(|name| folder.join(name));
    let said = Command::new("python3").args(["-c", SCRIPT]).args(paths).output()?;
    if !said.status.success() {
        return Err(format!("python3 cannot zip: {}", String::from_utf8_lossy(&said.stderr)).into());
    }
    let text = String::from_utf8(said.stdout)?;
    let sizes = text.lines().map(str::parse::<u64>).collect::<std::result::Result<Vec<_>, _>>()?;
    Ok(built.into_iter().cloned().zip(sizes).collect())
}

/// The functions that template.yaml deploys, by the names of their binaries.
#[must_use]
pub fn functions(template: &str) -> Vec<String> {
    let functions = template.lines().filter_map(|line| line.trim().strip_prefix("CodeUri: target/lambda/"));
    functions.map(|name| name.trim_end_matches('/').to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_those_of_the_template() {
        let template = "Resources:\n  A:\n      CodeUri: target/lambda/health-get/\n      CodeUri: elsewhere/\n";
        assert_eq!(functions(template), ["health-get"]);
    }
}
