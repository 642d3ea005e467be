//! Reads a trace of system calls and judges it: was each append on the medium before it was acknowledged?

use std::collections::HashMap;

use super::child;

/// One system call: when it began and ended, as line numbers of the trace, and what it said.
#[derive(Debug)]
struct Call {
    began: usize,
    ended: usize,
    text: String,
}

impl Call {
    fn succeeded(&self) -> bool {
        self.text.rsplit(" = ").next().is_some_and(|result| !result.trim_start().starts_with('-'))
    }

    fn writes_log(&self) -> bool {
        self.text.starts_with("pwrite64(") && self.text.contains("/db>")
    }

    fn flushes_log(&self) -> bool {
        let flush = self.text.starts_with("fdatasync(") || self.text.starts_with("fsync(");
        flush && self.text.contains("/db>") && self.succeeded()
    }
}

/// Reads lines of `strace -f -y -o`, joining calls that another thread interrupted.
fn calls(trace: &str) -> Vec<Call> {
    let mut open: HashMap<&str, (usize, String)> = HashMap::new();
    let mut calls = Vec::new();
    for (line, text) in trace.lines().enumerate() {
        let Some((thread, text)) = text.split_once(' ') else { continue };
        let text = text.trim_start();
        if let Some(head) = text.strip_suffix(" <unfinished ...>") {
            open.insert(thread, (line, head.to_owned()));
        } else if let Some((_, tail)) =
            text.strip_prefix("<... ").and_then(|text| text.split_once(" resumed>"))
        {
            let (began, head) = open.remove(thread).expect("a call is resumed after it began");
            calls.push(Call { began, ended: line, text: head + tail });
        } else {
            calls.push(Call { began: line, ended: line, text: text.to_owned() });
        }
    }
    calls
}

/// For each append: its bytes were written to the log, then a flush of the log began and ended well, then it was
/// acknowledged. Says which append was not.
pub(super) fn judge(trace: &str, appends: u64) -> Result<(), String> {
    let calls = calls(trace);
    for number in 1..=appends {
        let (data, ack) = (child::marker(number), child::acknowledgement(number));
        let acknowledged = calls
            .iter()
            .find(|call| call.text.starts_with("write(") && call.text.contains(&ack))
            .ok_or_else(|| format!("append {number} was never acknowledged"))?;
        let written = calls
            .iter()
            .find(|call| call.writes_log() && call.text.contains(&data) && call.succeeded())
            .ok_or_else(|| format!("append {number} was never written"))?;
        calls
            .iter()
            .find(|call| call.flushes_log() && written.ended < call.began && call.ended < acknowledged.began)
            .ok_or_else(|| format!("append {number} was acknowledged before it was flushed"))?;
    }
    Ok(())
}
