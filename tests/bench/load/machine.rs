//! The machine: which core a process runs on, what it used of it, and what the machine is called.

use std::fs;
use std::process::Command;

/// The core of the server, and that of the driver.
pub(crate) const CORES: [&str; 2] = ["0", "1"];

/// Whether there is a core for each, and the tool that binds processes to them.
pub(crate) fn has_two_cores() -> bool {
    let allowed = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let allowed = allowed.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:")).map(str::trim);
    let both = allowed.is_some_and(|list| list.starts_with("0-") || list.starts_with("0,1"));
    both && Command::new("taskset").arg("--version").output().is_ok_and(|ran| ran.status.success())
}

/// Binds this process, with all its threads and those it starts later, to the driver's core.
pub(crate) fn bind_driver() -> bool {
    let me = std::process::id().to_string();
    let bound = Command::new("taskset").args(["-acp", CORES[1], &me]).output();
    bound.is_ok_and(|ran| ran.status.success())
}

/// A command that runs on the server's core.
pub(crate) fn on_server_core(program: &std::path::Path, bound: bool) -> Command {
    if bound {
        let mut command = Command::new("taskset");
        command.args(["-c", CORES[0]]).arg(program);
        command
    } else {
        Command::new(program)
    }
}

/// Seconds of processor that a process used so far.
pub(crate) fn cpu_seconds(pid: u32) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The name, in brackets, may hold anything; what follows is the state and numbers.
    let rest = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
    let ticks = rest.split(' ').skip(11).take(2).filter_map(|number| number.parse::<f64>().ok()).sum::<f64>();
    // Linux counts in hundredths for whoever asks here, whatever the kernel's own tick.
    ticks / 100.0
}

/// The most memory that a process had since [`forget_peak`], in bytes.
pub(crate) fn peak_bytes(pid: u32) -> f64 {
    memory(pid, "VmHWM:")
}

fn memory(pid: u32, which: &str) -> f64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(which)).unwrap_or_default();
    line.trim().trim_end_matches("kB").trim().parse::<f64>().unwrap_or_default() * 1024.0
}

/// The memory that a process has now, in bytes.
pub(crate) fn resident_bytes(pid: u32) -> f64 {
    memory(pid, "VmRSS:")
}

/// Lets the peak begin with what the process has now.
pub(crate) fn forget_peak(pid: u32) {
    // Where that is not allowed the peak counts from the process's start, which is no less.
    drop(fs::write(format!("/proc/{pid}/clear_refs"), "5"));
}

/// Processor, cores, memory and kernel, in a line.
pub(crate) fn name() -> String {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or("processor unknown");
    let cores = cpu.lines().filter(|line| line.starts_with("processor")).count();
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kilobytes: u64 = memory
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"))
        .and_then(|rest| rest.trim().trim_end_matches("kB").trim().parse().ok())
        .unwrap_or_default();
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let model = model.trim_start_matches([' ', '\t', ':']);
    format!("{model}, {cores} cores, {} GB, Linux {}", kilobytes.div_ceil(1 << 20), kernel.trim())
}

/// What a program calls its version; empty where it is not there.
pub(crate) fn version(program: &str) -> String {
    let ran = Command::new(program).arg("--version").output();
    ran.map(|ran| String::from_utf8_lossy(&ran.stdout).trim().to_owned()).unwrap_or_default()
}
