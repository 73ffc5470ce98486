//! What the kernel counts of a process: its processor time and its largest memory.

use std::time::Duration;

use crate::Result;

/// What `/proc` counts processor time in: a hundredth of a second, on every Linux that Rust has.
const TICK: Duration = Duration::from_millis(10);

/// The processor time of a process so far, user and system, of all its threads.
///
/// # Errors
/// There is no such process, or no `/proc`.
pub fn cpu(pid: u32) -> Result<Duration> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    Ok(parse_cpu(&text).ok_or("/proc/PID/stat has no processor times")?)
}

/// The largest memory that a process had in use, in bytes.
///
/// # Errors
/// As [`cpu`].
pub fn peak_memory(pid: u32) -> Result<u64> {
    memory(pid, "VmHWM")
}

/// A size of `/proc/PID/status`, in bytes, such as `VmRSS`, the memory in use.
///
/// # Errors
/// As [`cpu`].
pub fn memory(pid: u32, name: &str) -> Result<u64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    Ok(parse_memory(&text, name).ok_or_else(|| format!("/proc/PID/status has no {name}"))?)
}

/// The fields of a line follow the name, which has parentheses and may have anything in them.
fn parse_cpu(text: &str) -> Option<Duration> {
    let (_, fields) = text.rsplit_once(')')?;
    // After the name come the state, ten fields, and the times in user and in system mode.
    let mut fields = fields.split_ascii_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<u32>().ok();
    Some(TICK * ticks()?.checked_add(ticks()?)?)
}

fn parse_memory(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kib.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_times_are_found_behind_any_name() {
        let line = "7 (a ) b) S 1 7 7 0 -1 4194304 99 0 0 0 12 34 5 6 20 0 1 0";
        assert_eq!(parse_cpu(line), Some(Duration::from_millis(460)));
        assert_eq!(parse_cpu("7 (a) S 1"), None);
    }

    #[test]
    fn a_size_is_found_by_its_whole_name() {
        let text = "VmHWMx:\t 1 kB\nVmHWM:\t   8900 kB\nVmRSS:\t 10 kB\n";
        assert_eq!(parse_memory(text, "VmHWM"), Some(8900 * 1024));
        assert_eq!(parse_memory(text, "VmPeak"), None);
    }

    #[test]
    fn this_process_has_both() {
        let pid = std::process::id();
        assert!(cpu(pid).is_ok() && peak_memory(pid).unwrap() > 100_000);
    }
}
