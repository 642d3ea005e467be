//! Frames of a websocket, and the sync messages in them.
//!
//! What was read and written again is the same; what passes the peek is decoded by automerge without a fault, and the two
//! do not contradict each other.

use automerge::sync::Message;
use portrea_protocol::wire::codec;
use portrea_protocol::wire::frame::Frame;
use portrea_protocol::wire::sync::{Peek, adds_nothing, peek};

/// Reads the bytes as a frame and as a sync message. Whether they were one of the two.
pub fn meet(bytes: &[u8]) -> bool {
    let alone = message(bytes);
    let Ok(frame) = codec::decode(bytes) else { return alone };
    let written = codec::encode(&frame);
    let again = codec::decode(&written).expect("what was written can be read");
    assert_eq!(again, frame, "read, written and read again");
    assert_eq!(codec::encode(&frame), written, "written twice");
    if let Frame::Sync { data, .. } = &frame { message(data) } else { true }
}

/// Reads a sync message as a territory does: first the peek, then automerge.
fn message(bytes: &[u8]) -> bool {
    let Some(said) = peek(bytes) else { return false };
    bounded(&said, bytes.len());
    let Ok(read) = Message::decode(bytes) else { return false };
    assert_eq!(read.heads, said.hashes());
    assert_eq!(read.need.len(), said.needs);
    if adds_nothing(&said) {
        assert!(
            read.changes.is_empty() && read.need.is_empty(),
            "a message that adds something was left unread"
        );
    }
    true
}

/// Nothing that the peek tells is more than the bytes can hold.
fn bounded(said: &Peek<'_>, bytes: usize) {
    assert!(said.heads.len() + 32 * said.needs + said.chunk_bytes + said.chunks <= bytes, "{said:?}");
}
