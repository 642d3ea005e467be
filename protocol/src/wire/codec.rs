//! Bytes ↔ frames in CBOR, as automerge-repo writes them: a map by field name. Nothing else.
//!
//! Unknown keys are skipped, lengths are checked before memory is spent, and nesting is not followed below one map.
//! A value of an unexpected kind matters only when the frame is of a type we know: others may use the same names.

use std::collections::BTreeMap;

use minicbor::data::Type;
use minicbor::decode::Error;
use minicbor::{Decoder, Encoder};

use super::frame::{ENTRIES_MAX, Frame, Metadata, RemoteHeads, TEXT_BYTES_MAX, VERSION};
use crate::ids::StorageId;

/// Reads a frame; the error says where it went wrong.
pub fn decode(bytes: &[u8]) -> Result<Frame, Error> {
    let mut fields = Fields::default();
    let mut decoder = Decoder::new(bytes);
    let mut fault = None;
    map(&mut decoder, |key, decoder| {
        let start = decoder.position();
        decoder.skip()?;
        let end = decoder.position();
        decoder.set_position(start);
        if let Err(odd) = fields.read(key, decoder) {
            fault.get_or_insert(odd);
        }
        decoder.set_position(end);
        Ok(())
    })?;
    match (fields.frame()?, fault) {
        (Frame::Unknown { kind }, _) => Ok(Frame::Unknown { kind }),
        (_, Some(fault)) => Err(fault),
        (frame, None) => Ok(frame),
    }
}

/// Writes a frame.
pub fn encode(frame: &Frame) -> Vec<u8> {
    let mut encoder = Encoder::new(Vec::with_capacity(256));
    write(frame, &mut encoder).expect("writing into memory does not fail");
    encoder.into_writer()
}

/// Writes a sync frame around a message that is shared between peers.
pub fn encode_sync(sender: &str, target: &str, document: &str, data: &[u8]) -> Vec<u8> {
    let mut encoder = Encoder::new(Vec::with_capacity(data.len() + 256));
    write_sync(&mut encoder, "sync", sender, target, document, data)
        .expect("writing into memory does not fail");
    encoder.into_writer()
}

fn write_sync(
    e: &mut Encode,
    kind: &str,
    sender: &str,
    target: &str,
    document: &str,
    data: &[u8],
) -> Encoded {
    head(e, 5, kind, sender)?;
    e.str("targetId")?.str(target)?;
    e.str("documentId")?.str(document)?;
    e.str("data")?.bytes(data)?;
    Ok(())
}

type Encode = Encoder<Vec<u8>>;
type Encoded = Result<(), minicbor::encode::Error<std::convert::Infallible>>;

fn write(frame: &Frame, e: &mut Encode) -> Encoded {
    match frame {
        Frame::Join { sender, metadata, versions } => {
            head(e, 4, "join", sender.as_str())?;
            write_metadata(e, metadata)?;
            e.str("supportedProtocolVersions")?.array(versions.len() as u64)?;
            versions.iter().try_for_each(|version| e.str(version).map(drop))?;
        }
        Frame::Peer { sender, target, metadata } => {
            head(e, 5, "peer", sender.as_str())?;
            write_metadata(e, metadata)?;
            e.str("selectedProtocolVersion")?.str(VERSION)?;
            e.str("targetId")?.str(target.as_str())?;
        }
        Frame::Leave { sender } => head(e, 2, "leave", sender.as_str())?,
        Frame::Sync { sender, target, document, data, request } => {
            let kind = if *request { "request" } else { "sync" };
            write_sync(e, kind, sender.as_str(), target.as_str(), document, data)?;
        }
        Frame::DocUnavailable { sender, target, document } => {
            write_about(e, "doc-unavailable", sender.as_str(), target.as_str(), document)?;
        }
        Frame::Ephemeral { sender, target, document, count, session, data } => {
            head(e, 7, "ephemeral", sender.as_str())?;
            e.str("targetId")?.str(target.as_str())?;
            e.str("documentId")?.str(document)?;
            e.str("count")?.u64(*count)?;
            e.str("sessionId")?.str(session)?;
            e.str("data")?.bytes(data)?;
        }
        Frame::RemoteSubscriptionChange { sender, target, add, remove } => {
            head(e, 5, "remote-subscription-change", sender.as_str())?;
            e.str("targetId")?.str(target.as_str())?;
            for (key, storages) in [("add", add), ("remove", remove)] {
                e.str(key)?.array(storages.len() as u64)?;
                storages.iter().try_for_each(|storage| e.str(storage.as_str()).map(drop))?;
            }
        }
        Frame::RemoteHeadsChanged { sender, target, document, heads } => {
            head(e, 5, "remote-heads-changed", sender.as_str())?;
            e.str("targetId")?.str(target.as_str())?;
            e.str("documentId")?.str(document)?;
            e.str("newHeads")?.map(heads.len() as u64)?;
            for (storage, known) in heads {
                e.str(storage.as_str())?.map(2)?;
                e.str("heads")?.array(known.heads.len() as u64)?;
                known.heads.iter().try_for_each(|hash| e.str(hash).map(drop))?;
                e.str("timestamp")?.i64(known.timestamp)?;
            }
        }
        Frame::QuarantineChanged { sender, target, document } => {
            write_about(e, "quarantine-changed", sender.as_str(), target.as_str(), document)?;
        }
        Frame::Error { sender, target, message, document } => {
            head(e, 4 + u64::from(document.is_some()), "error", sender.as_str())?;
            e.str("targetId")?.str(target.as_str())?;
            e.str("message")?.str(message)?;
            if let Some(document) = document {
                e.str("documentId")?.str(document)?;
            }
        }
        Frame::Unknown { kind } => {
            e.map(1)?.str("type")?.str(kind)?;
        }
    }
    Ok(())
}

/// A frame that says its type and what document it is about, and no more.
fn write_about(e: &mut Encode, kind: &str, sender: &str, target: &str, document: &str) -> Encoded {
    head(e, 4, kind, sender)?;
    e.str("targetId")?.str(target)?;
    e.str("documentId")?.str(document)?;
    Ok(())
}

fn head(e: &mut Encode, entries: u64, kind: &str, sender: &str) -> Encoded {
    e.map(entries)?.str("type")?.str(kind)?.str("senderId")?.str(sender)?;
    Ok(())
}

fn write_metadata(e: &mut Encode, metadata: &Metadata) -> Encoded {
    let said = [metadata.storage.is_some(), metadata.sparing, metadata.quarantine];
    e.str("peerMetadata")?.map(1 + said.into_iter().map(u64::from).sum::<u64>())?;
    if let Some(storage) = &metadata.storage {
        e.str("storageId")?.str(storage.as_str())?;
    }
    e.str("isEphemeral")?.bool(metadata.ephemeral)?;
    // Only where it is said: what stock libraries write and read stays the same, byte by byte.
    if metadata.sparing {
        e.str("sparing")?.bool(true)?;
    }
    if metadata.quarantine {
        e.str("quarantine")?.bool(true)?;
    }
    Ok(())
}

/// What a frame may hold, before its type is known.
#[derive(Default)]
struct Fields {
    kind: Option<String>,
    sender: Option<String>,
    target: Option<String>,
    document: Option<String>,
    data: Option<Vec<u8>>,
    count: Option<u64>,
    session: Option<String>,
    message: Option<String>,
    metadata: Metadata,
    versions: Vec<String>,
    add: Vec<String>,
    remove: Vec<String>,
    heads: BTreeMap<StorageId, RemoteHeads>,
}

impl Fields {
    fn read(&mut self, key: &str, d: &mut Decoder<'_>) -> Result<(), Error> {
        match key {
            "type" => self.kind = text(d)?,
            "senderId" => self.sender = text(d)?,
            "targetId" => self.target = text(d)?,
            "documentId" => self.document = text(d)?,
            "sessionId" => self.session = text(d)?,
            "message" => self.message = text(d)?,
            "data" => self.data = bytes(d)?,
            "count" => self.count = integer(d)?.map(|count| u64::try_from(count.max(0)).unwrap_or(u64::MAX)),
            "supportedProtocolVersions" => self.versions = texts(d)?,
            "add" => self.add = texts(d)?,
            "remove" => self.remove = texts(d)?,
            "peerMetadata" => {
                let metadata = &mut self.metadata;
                map(d, |key, d| {
                    match key {
                        "storageId" => metadata.storage = text(d)?.map(StorageId::from),
                        "isEphemeral" => metadata.ephemeral = flag(d)?,
                        "sparing" => metadata.sparing = flag(d)?,
                        "quarantine" => metadata.quarantine = flag(d)?,
                        _ => d.skip()?,
                    }
                    Ok(())
                })?;
            }
            "newHeads" => {
                let (heads, mut total) = (&mut self.heads, 0);
                map(d, |storage, d| {
                    let mut known = RemoteHeads { heads: Vec::new(), timestamp: 0 };
                    map(d, |key, d| {
                        match key {
                            "heads" => known.heads = texts(d)?,
                            "timestamp" => known.timestamp = integer(d)?.map_or(0, saturated),
                            _ => d.skip()?,
                        }
                        Ok(())
                    })?;
                    total += known.heads.len() as u64;
                    if total > ENTRIES_MAX {
                        return Err(Error::message("too many heads"));
                    }
                    heads.insert(storage.into(), known);
                    Ok(())
                })?;
            }
            _ => d.skip()?,
        }
        Ok(())
    }

    fn frame(self) -> Result<Frame, Error> {
        let kind = self.kind.ok_or(Error::message("no type"))?;
        let sender = || self.sender.clone().map(Into::into).ok_or(Error::message("no senderId"));
        let target = self.target.unwrap_or_default().into();
        let document = || self.document.clone().ok_or(Error::message("no documentId"));
        let data = || self.data.clone().ok_or(Error::message("no data"));
        let storages = |texts: Vec<String>| texts.into_iter().map(StorageId::from).collect();
        Ok(match kind.as_str() {
            "join" => Frame::Join { sender: sender()?, metadata: self.metadata, versions: self.versions },
            "peer" => Frame::Peer { sender: sender()?, target, metadata: self.metadata },
            "leave" => Frame::Leave { sender: sender()? },
            "sync" | "request" => Frame::Sync {
                sender: sender()?,
                target,
                document: document()?,
                request: kind == "request",
                data: self.data.ok_or(Error::message("no data"))?,
            },
            "doc-unavailable" => Frame::DocUnavailable { sender: sender()?, target, document: document()? },
            "ephemeral" => Frame::Ephemeral {
                sender: sender()?,
                target,
                document: document()?,
                count: self.count.unwrap_or_default(),
                data: data()?,
                session: self.session.unwrap_or_default(),
            },
            "remote-subscription-change" => Frame::RemoteSubscriptionChange {
                sender: sender()?,
                target,
                add: storages(self.add),
                remove: storages(self.remove),
            },
            "remote-heads-changed" => Frame::RemoteHeadsChanged {
                sender: sender()?,
                target,
                document: document()?,
                heads: self.heads,
            },
            "quarantine-changed" => {
                Frame::QuarantineChanged { sender: sender()?, target, document: document()? }
            }
            "error" => Frame::Error {
                sender: sender()?,
                target,
                message: self.message.unwrap_or_default(),
                document: self.document,
            },
            _ => Frame::Unknown { kind },
        })
    }
}

/// Reads a map's entries one by one, whether its length is told or not. Null and undefined are empty maps.
fn map<'b>(
    d: &mut Decoder<'b>,
    mut entry: impl FnMut(&str, &mut Decoder<'b>) -> Result<(), Error>,
) -> Result<(), Error> {
    if nothing(d)? {
        return Ok(());
    }
    let told = d.map()?;
    if told.is_some_and(|entries| entries > ENTRIES_MAX) {
        return Err(Error::message("too many entries"));
    }
    let mut left = told.unwrap_or(ENTRIES_MAX);
    while left > 0 {
        if told.is_none() && d.datatype()? == Type::Break {
            return d.skip();
        }
        let key = text(d)?.ok_or(Error::message("a key must be text"))?;
        entry(&key, d)?;
        left -= 1;
    }
    if told.is_none() { Err(Error::message("too many entries")) } else { Ok(()) }
}

/// Text of a bounded length; `None` for null and undefined, which JavaScript writes freely.
fn text(d: &mut Decoder<'_>) -> Result<Option<String>, Error> {
    if nothing(d)? {
        return Ok(None);
    }
    let mut whole = String::new();
    for piece in d.str_iter()? {
        let piece = piece?;
        if whole.len() + piece.len() > TEXT_BYTES_MAX {
            return Err(Error::message("a text is too long"));
        }
        whole.push_str(piece);
    }
    Ok(Some(whole))
}

fn bytes(d: &mut Decoder<'_>) -> Result<Option<Vec<u8>>, Error> {
    if nothing(d)? {
        return Ok(None);
    }
    // A typed array may come with its tag (RFC 8746).
    while d.datatype()? == Type::Tag {
        d.tag()?;
    }
    let mut whole = Vec::new();
    for piece in d.bytes_iter()? {
        whole.extend_from_slice(piece?);
    }
    Ok(Some(whole))
}

fn texts(d: &mut Decoder<'_>) -> Result<Vec<String>, Error> {
    if nothing(d)? {
        return Ok(Vec::new());
    }
    let told = d.array()?;
    if told.is_some_and(|entries| entries > ENTRIES_MAX) {
        return Err(Error::message("too many entries"));
    }
    let mut all = Vec::new();
    for _ in 0..told.unwrap_or(ENTRIES_MAX) {
        if told.is_none() && d.datatype()? == Type::Break {
            d.skip()?;
            return Ok(all);
        }
        all.extend(text(d)?);
    }
    if told.is_none() { Err(Error::message("too many entries")) } else { Ok(all) }
}

/// JavaScript writes a number beyond 32 bits as a float.
#[expect(clippy::cast_possible_truncation, reason = "out of range saturates, and nothing is decided by it")]
fn integer(d: &mut Decoder<'_>) -> Result<Option<i128>, Error> {
    if nothing(d)? {
        return Ok(None);
    }
    if matches!(d.datatype()?, Type::F16 | Type::F32 | Type::F64) {
        return Ok(Some(d.f64()? as i128));
    }
    d.int().map(|integer| Some(integer.into()))
}

fn saturated(integer: i128) -> i64 {
    i64::try_from(integer).unwrap_or(if integer < 0 { i64::MIN } else { i64::MAX })
}

fn flag(d: &mut Decoder<'_>) -> Result<bool, Error> {
    if nothing(d)? { Ok(false) } else { d.bool() }
}

fn nothing(d: &mut Decoder<'_>) -> Result<bool, Error> {
    if matches!(d.datatype()?, Type::Null | Type::Undefined) {
        d.skip()?;
        return Ok(true);
    }
    Ok(false)
}

#[cfg(test)]
mod tests;
