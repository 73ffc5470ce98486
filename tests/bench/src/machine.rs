//! Which machine and which tools a run was made with.

use std::fmt;
use std::process::Command;

/// The machine, for the head of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machine {
    /// The processor's name.
    pub processor: String,
    /// How many of them this process may use.
    pub cores: usize,
    /// The kernel's release.
    pub kernel: String,
    /// What `rustc --version`, `python3 --version` and `node --version` say.
    pub tools: String,
}

impl Machine {
    /// This one.
    #[must_use]
    pub fn this() -> Self {
        let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
        let tools = ["rustc", "python3", "node"].map(version);
        Self {
            processor: processor(&read("/proc/cpuinfo")),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
            tools: tools.join(", "),
        }
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { processor, cores, kernel, tools } = self;
        write!(out, "{processor}, {cores} cores, Linux {kernel}, {tools}")
    }
}

/// The name of the first processor. Some have none, such as Arm's.
fn processor(cpuinfo: &str) -> String {
    let named = cpuinfo.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    named.map_or_else(|| std::env::consts::ARCH.to_owned(), |(_, name)| name.trim().to_owned())
}

fn version(tool: &str) -> String {
    let said = Command::new(tool).arg("--version").output();
    let said = said.map(|said| String::from_utf8_lossy(&said.stdout).trim().to_owned()).unwrap_or_default();
    // Node.js says its number alone.
    if said.starts_with('v') { format!("Node.js {said}") } else { said }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_processor_is_named_or_at_least_its_architecture() {
        assert_eq!(processor("processor : 0\nmodel name\t: Some CPU @ 2.1GHz\nmodel name\t: x\n"), "Some CPU @ 2.1GHz");
        assert_eq!(processor("processor : 0\n"), std::env::consts::ARCH);
    }
}
