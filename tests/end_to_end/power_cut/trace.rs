//! What a server asked the kernel for, read from strace, and what it told its devices by then.

use std::collections::HashMap;

use automerge::ChangeHash;
use automerge::sync::Message;
use portrea_protocol::wire::codec;
use portrea_protocol::wire::frame::Frame;

/// The calls that matter: whatever changes a file or a name, flushes, or sends.
pub(super) const CALLS: &str = "trace=openat,creat,write,writev,pwrite64,pwritev,sendto,sendmsg,ftruncate,fallocate,\
    rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,fsync,fdatasync";

/// One call: its name, the file of its first argument, the strings among its arguments, and all of it as text. It
/// began and ended at these lines of the trace.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) name: String,
    pub(super) file: String,
    pub(super) strings: Vec<Vec<u8>>,
    pub(super) text: String,
    pub(super) began: usize,
    pub(super) ended: usize,
}

/// Heads that a device was told, and the line at which the kernel was given the frame's last byte.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) heads: Vec<ChangeHash>,
    pub(super) at: usize,
}

impl Call {
    fn new(text: &str, began: usize, ended: usize) -> Option<Self> {
        let (name, arguments) = text.split_once('(')?;
        let first = arguments.split(',').next().unwrap_or_default();
        let file = first.split_once('<').map(|(_, file)| file.split('>').next().unwrap_or_default());
        let quoted = arguments.split('"').skip(1).step_by(2);
        // The strings are megabytes in hexadecimal digits, and are not needed twice.
        let text: String = text.split('"').step_by(2).collect::<Vec<_>>().join("\"\"");
        Some(Self {
            name: name.to_owned(),
            file: String::from_utf8_lossy(&unescaped(file.unwrap_or_default())).into_owned(),
            strings: quoted.map(unescaped).collect(),
            text,
            began,
            ended,
        })
    }

    /// What it gave back; `None` when the process died in it.
    fn result(&self) -> Option<i64> {
        let result = self.text.rsplit_once(" = ")?.1;
        result.split(|c: char| c != '-' && !c.is_ascii_digit()).next()?.parse().ok()
    }

    /// A call that nobody saw end may have done its work.
    pub(super) fn failed(&self) -> bool {
        self.result().is_some_and(|result| result < 0)
    }

    /// The bytes that were taken of those given.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.strings.concat();
        if let Some(taken) = self.result().and_then(|taken| usize::try_from(taken).ok()) {
            bytes.truncate(taken);
        }
        bytes
    }

    /// The last of its arguments, when it is a number.
    pub(super) fn last_number(&self) -> Option<u64> {
        let arguments = self.text.rsplit_once(") ").map_or(self.text.as_str(), |(arguments, _)| arguments);
        arguments.rsplit(", ").next()?.trim_end_matches([')', ' ']).parse().ok()
    }

    /// Its string arguments as paths.
    pub(super) fn paths(&self) -> Vec<String> {
        self.strings.iter().map(|path| String::from_utf8_lossy(path).into_owned()).collect()
    }
}

/// Text of `strace -xx`: `\x2f` for each byte.
fn unescaped(text: &str) -> Vec<u8> {
    let pairs = text.as_bytes().chunks_exact(4).filter(|chunk| chunk.starts_with(b"\\x"));
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    pairs.filter_map(|chunk| Some(digit(chunk[2])? << 4 | digit(chunk[3])?)).collect()
}

/// Reads a trace whose first line has this number; calls come in the order in which they ended.
pub(super) fn read(trace: &str, first: usize) -> Vec<Call> {
    let mut open: HashMap<&str, (usize, &str)> = HashMap::new();
    let mut calls = Vec::new();
    let mut end = first;
    for (line, text) in (first..).zip(trace.lines()) {
        end = line + 1;
        let Some((thread, text)) = text.split_once(' ') else { continue };
        let text = text.trim_start();
        if let Some(head) = text.split_once(" <unfinished ...>").map(|(head, _)| head) {
            open.insert(thread, (line, head));
        } else if let Some((_, tail)) =
            text.strip_prefix("<... ").and_then(|text| text.split_once(" resumed>"))
        {
            let (began, head) = open.remove(thread).expect("a call is resumed after it began");
            calls.extend(Call::new(&format!("{head}{tail}"), began, line));
        } else if !text.starts_with(['+', '-']) {
            calls.extend(Call::new(text, line, line));
        }
    }
    let mut cut_short: Vec<_> = open.into_values().collect();
    cut_short.sort_unstable();
    calls.extend(cut_short.into_iter().filter_map(|(began, head)| Call::new(head, began, end)));
    calls
}

/// What devices were told over their websockets.
pub(super) fn told(calls: &[Call]) -> Vec<Told> {
    let mut lines: HashMap<String, Vec<(Vec<u8>, usize)>> = HashMap::new();
    for call in calls.iter().filter(|call| call.file.contains("socket:") && !call.failed()) {
        lines.entry(call.file.clone()).or_default().push((call.bytes(), call.began));
    }
    let mut told: Vec<Told> = lines.into_values().flat_map(|sent| told_on(&sent)).collect();
    told.sort_by_key(|told| told.at);
    told
}

/// The frames of one line: the answer that upgraded it, then messages without a mask, none in parts.
fn told_on(sent: &[(Vec<u8>, usize)]) -> Vec<Told> {
    let bytes: Vec<u8> = sent.iter().flat_map(|(bytes, _)| bytes).copied().collect();
    let mut told = Vec::new();
    if !bytes.starts_with(b"HTTP/1.1 101") {
        return told;
    }
    let head = bytes.windows(4).position(|end| end == b"\r\n\r\n").expect("a head ends");
    let mut at = head + 4;
    while let Some((kind, start, end)) = frame(&bytes, at) {
        if let Some(payload) = bytes.get(start..end)
            && kind == 0x82
            && let Ok(Frame::Sync { data, .. }) = codec::decode(payload)
        {
            let heads = Message::decode(&data).expect("the server's messages can be read").heads;
            told.push(Told { heads, at: sent_at(sent, end) });
        }
        at = end;
    }
    told
}

/// The first byte of a websocket frame, and where its payload stands.
fn frame(bytes: &[u8], at: usize) -> Option<(u8, usize, usize)> {
    let number = |from: usize, to: usize| {
        let bytes = bytes.get(at + from..at + to)?;
        Some(bytes.iter().fold(0, |number, byte| number << 8 | usize::from(*byte)))
    };
    let (head, length) = match number(1, 2)? {
        126 => (4, number(2, 4)?),
        127 => (10, number(2, 10)?),
        short => (2, short),
    };
    Some((*bytes.get(at)?, at + head, at + head + length))
}

/// When the kernel was given the byte before this one.
fn sent_at(sent: &[(Vec<u8>, usize)], end: usize) -> usize {
    let mut given = 0;
    let last = sent.iter().find(|(bytes, _)| {
        given += bytes.len();
        given >= end
    });
    last.map_or(usize::MAX, |(_, at)| *at)
}
