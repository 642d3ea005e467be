//! Reading what servers send, without copies: the CBOR envelope of automerge-repo and automerge's sync message.
//!
//! The driver reads each frame once for each client, up to 160,000 a second, so it looks at the few fields it needs and
//! skips the rest. What it writes goes through the protocol's own codec, `join` aside: what it asks for beyond the
//! protocol must not depend on whether the server of this checkout knows it.

use portrea_protocol::wire::frame::VERSION;

/// The parts of a frame that a thin client needs.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Frame<'a> {
    /// `type`.
    pub(crate) kind: &'a [u8],
    /// `senderId`.
    pub(crate) sender: &'a [u8],
    /// `data`.
    pub(crate) data: &'a [u8],
    /// `message`, of an error.
    pub(crate) message: &'a [u8],
    /// Whether `peerMetadata` says that frames need no answer each.
    pub(crate) sparing: bool,
}

impl<'a> Frame<'a> {
    /// Reads a frame; `None` for what is none.
    pub(crate) fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut frame = Self::default();
        let mut cbor = Cbor(bytes);
        let (5, entries) = cbor.head()? else { return None };
        for _ in 0..entries {
            let key = cbor.text()?;
            match key {
                b"type" => frame.kind = cbor.text()?,
                b"senderId" => frame.sender = cbor.text()?,
                b"data" => frame.data = cbor.text()?,
                b"message" => frame.message = cbor.text()?,
                b"peerMetadata" => frame.sparing = cbor.has_true(b"sparing")?,
                _ => cbor.skip()?,
            }
        }
        Some(frame)
    }
}

/// What is left of some CBOR.
struct Cbor<'a>(&'a [u8]);

impl<'a> Cbor<'a> {
    /// Major type and argument of the next item. Lengths are told in all that these servers write.
    fn head(&mut self) -> Option<(u8, usize)> {
        let (first, rest) = self.0.split_first()?;
        let (width, small) = match first & 0x1f {
            small @ 0..24 => (0, usize::from(small)),
            24 => (1, 0),
            25 => (2, 0),
            26 => (4, 0),
            27 => (8, 0),
            _ => return None,
        };
        let (wide, rest) = rest.split_at_checked(width)?;
        self.0 = rest;
        Some((first >> 5, wide.iter().fold(small, |value, byte| value << 8 | usize::from(*byte))))
    }

    /// Text or bytes, under tags or not.
    fn text(&mut self) -> Option<&'a [u8]> {
        match self.head()? {
            (2 | 3, length) => {
                let (text, rest) = self.0.split_at_checked(length)?;
                self.0 = rest;
                Some(text)
            }
            (6, _) => self.text(),
            _ => None,
        }
    }

    /// Whether the map that comes next says `true` under this key; what is no map says nothing.
    fn has_true(&mut self, wanted: &[u8]) -> Option<bool> {
        let before = self.0;
        let (5, entries) = self.head()? else {
            self.0 = before;
            self.skip()?;
            return Some(false);
        };
        let mut found = false;
        for _ in 0..entries {
            let key = self.text()?;
            // 0xf5 is `true`.
            found |= key == wanted && self.0.first() == Some(&0xf5);
            self.skip()?;
        }
        Some(found)
    }

    fn skip(&mut self) -> Option<()> {
        match self.head()? {
            (0 | 1 | 7, _) => Some(()),
            (2 | 3, length) => {
                self.0 = self.0.get(length..)?;
                Some(())
            }
            (4, length) => (0..length).try_for_each(|_| self.skip()),
            (5, length) => (0..2 * length).try_for_each(|_| self.skip()),
            _ => self.skip(),
        }
    }
}

/// The `join` of a client that keeps its document; `sparing` offers not to answer each frame.
pub(crate) fn join(peer: &str, sparing: bool) -> Vec<u8> {
    let mut cbor = Vec::with_capacity(128);
    cbor.push(0xa4);
    let storage = format!("{peer}-storage");
    for text in ["type", "join", "senderId", peer, "supportedProtocolVersions"] {
        write_text(&mut cbor, text);
    }
    cbor.push(0x81);
    write_text(&mut cbor, VERSION);
    write_text(&mut cbor, "peerMetadata");
    cbor.push(if sparing { 0xa3 } else { 0xa2 });
    write_text(&mut cbor, "storageId");
    write_text(&mut cbor, &storage);
    write_text(&mut cbor, "isEphemeral");
    cbor.push(0xf4);
    if sparing {
        write_text(&mut cbor, "sparing");
        cbor.push(0xf5);
    }
    cbor
}

fn write_text(cbor: &mut Vec<u8>, text: &str) {
    let length = u8::try_from(text.len()).expect("names are short");
    if length < 24 {
        cbor.push(0x60 | length);
    } else {
        cbor.extend([0x78, length]);
    }
    cbor.extend(text.as_bytes());
}

/// A sync message, read in place.
#[derive(Debug, Default)]
pub(crate) struct Sync<'a> {
    /// The sender's heads, 32 bytes each.
    pub(crate) heads: &'a [u8],
    /// What it asks for, likewise.
    pub(crate) need: &'a [u8],
    /// Its summaries: what was last in common, and the filter over what it has since.
    pub(crate) have: Vec<(&'a [u8], &'a [u8])>,
    /// Chunks of changes, or of a whole document.
    pub(crate) chunks: Vec<&'a [u8]>,
    /// Whether the sender takes nothing.
    pub(crate) read_only: bool,
}

impl<'a> Sync<'a> {
    /// Whether it asks for nothing: the sender takes the reader to have all that it has itself.
    pub(crate) fn asks_nothing(&self) -> bool {
        self.need.is_empty()
            && matches!(self.have.as_slice(), [(last, filter)] if *last == self.heads && filter.is_empty())
    }

    /// Reads a message of version 1 or 2; `None` for what is none.
    pub(crate) fn read(bytes: &'a [u8]) -> Option<Self> {
        let (kind, mut rest) = bytes.split_first()?;
        if !matches!(kind, 0x42 | 0x43) {
            return None;
        }
        let rest = &mut rest;
        let mut sync = Self { heads: hashes(rest)?, need: hashes(rest)?, ..Self::default() };
        for _ in 0..number(rest)? {
            sync.have.push((hashes(rest)?, prefixed(rest)?));
        }
        for _ in 0..number(rest)? {
            let mut list = prefixed(rest)?;
            while !list.is_empty() {
                sync.chunks.push(chunk(&mut list)?);
            }
        }
        let flags = if rest.is_empty() { *rest } else { prefixed(rest)? };
        sync.read_only = flags.iter().any(|byte| byte & 0x80 != 0 && byte & 0x02 != 0);
        Some(sync)
    }
}

/// The type byte of a chunk: 0 a document, 1 a change, 2 a compressed change.
pub(crate) fn chunk_kind(chunk: &[u8]) -> u8 {
    chunk.get(8).copied().unwrap_or(u8::MAX)
}

/// One chunk of several that may follow each other: four bytes of magic, four of checksum, type, length, content.
fn chunk<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let whole: &'a [u8] = bytes;
    let mut rest = whole.get(9..)?;
    let length = number(&mut rest)?;
    let end = whole.len() - rest.get(length..)?.len();
    let (chunk, rest) = whole.split_at(end);
    *bytes = rest;
    Some(chunk)
}

fn number(bytes: &mut &[u8]) -> Option<usize> {
    let mut value = 0;
    for (index, byte) in bytes.iter().enumerate().take(9) {
        value |= usize::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            *bytes = &bytes[index + 1..];
            return Some(value);
        }
    }
    None
}

fn prefixed<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = number(bytes)?;
    let (taken, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(taken)
}

fn hashes<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = number(bytes)?.checked_mul(32)?;
    let (taken, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(taken)
}
