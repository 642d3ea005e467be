//! Every frame of the automerge-repo websocket protocol, version "1", both ways. The protocol is symmetric after the
//! handshake, so one closed enum serves device and server.

use std::collections::BTreeMap;

use crate::ids::{PeerId, StorageId};

/// The protocol version both sides must speak.
pub const VERSION: &str = "1";

/// The largest frame the server takes or sends, in bytes. A territory of 20,000 structures is some 5 MB.
pub const FRAME_BYTES_MAX: usize = 32 * 1024 * 1024;

/// The largest text (peer id, document id, type) inside a frame, in bytes.
pub const TEXT_BYTES_MAX: usize = 1_024;

/// The most entries that a list or map inside a frame may have.
pub const ENTRIES_MAX: u64 = 4_096;

/// Who a peer says it is, beside its id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Metadata {
    /// The storage whose heads survive this connection, if any.
    pub storage: Option<StorageId>,
    /// Whether the peer keeps nothing.
    pub ephemeral: bool,
    /// In `join`: the client would leave out answers that tell nothing new. In `peer`: the server can do without.
    pub sparing: bool,
    /// In `join`: the client wants to be told when its person's quarantine changes. In `peer`: it will be.
    pub quarantine: bool,
}

/// Heads that a storage was last known to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteHeads {
    /// The heads, each in base58check as automerge-repo writes them.
    pub heads: Vec<String>,
    /// When, in milliseconds since 1970 by the teller's clock.
    pub timestamp: i64,
}

/// One message of the protocol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// The first frame of a client.
    Join {
        /// The client.
        sender: PeerId,
        /// Who it says it is.
        metadata: Metadata,
        /// Versions it speaks.
        versions: Vec<String>,
    },
    /// The server's answer to `join`.
    Peer {
        /// The server.
        sender: PeerId,
        /// The client.
        target: PeerId,
        /// Who the server says it is.
        metadata: Metadata,
    },
    /// The client goes.
    Leave {
        /// The client.
        sender: PeerId,
    },
    /// A sync message; `request` when its sender does not have the document.
    Sync {
        /// Who sends.
        sender: PeerId,
        /// For whom.
        target: PeerId,
        /// The document, in base58check.
        document: String,
        /// automerge's sync message.
        data: Vec<u8>,
        /// Whether it was a `request`.
        request: bool,
    },
    /// The sender does not have the document, or may not give it.
    DocUnavailable {
        /// Who sends.
        sender: PeerId,
        /// For whom.
        target: PeerId,
        /// The document.
        document: String,
    },
    /// A message that is passed on and not kept: presence.
    Ephemeral {
        /// Who sends.
        sender: PeerId,
        /// For whom.
        target: PeerId,
        /// The document it is about.
        document: String,
        /// Counts the sender's messages in its session.
        count: u64,
        /// The sender's session.
        session: String,
        /// The content, opaque.
        data: Vec<u8>,
    },
    /// The sender wants to hear of these storages' heads, or no longer.
    RemoteSubscriptionChange {
        /// Who sends.
        sender: PeerId,
        /// For whom.
        target: PeerId,
        /// Storages to hear of.
        add: Vec<StorageId>,
        /// Storages to hear of no longer.
        remove: Vec<StorageId>,
    },
    /// Heads that other storages have.
    RemoteHeadsChanged {
        /// Who sends.
        sender: PeerId,
        /// For whom.
        target: PeerId,
        /// The document.
        document: String,
        /// Heads by storage.
        heads: BTreeMap<StorageId, RemoteHeads>,
    },
    /// Something in the quarantine of the person who is signed in is another than before: set aside, carried over or
    /// decided about. What it is, the client asks.
    QuarantineChanged {
        /// Who sends.
        sender: PeerId,
        /// For whom.
        target: PeerId,
        /// The document.
        document: String,
    },
    /// What went wrong: before the connection closes, or why a document is not to be had any more.
    Error {
        /// Who sends.
        sender: PeerId,
        /// For whom.
        target: PeerId,
        /// In words.
        message: String,
        /// The document that took the place of the one that was asked about: the connection goes on.
        document: Option<String>,
    },
    /// A message of a type we do not know: ignored, for the protocol grows that way.
    Unknown {
        /// Its type.
        kind: String,
    },
}

impl Frame {
    /// Who the frame says it comes from.
    pub fn sender(&self) -> Option<&PeerId> {
        match self {
            Self::Join { sender, .. }
            | Self::Peer { sender, .. }
            | Self::Leave { sender }
            | Self::Sync { sender, .. }
            | Self::DocUnavailable { sender, .. }
            | Self::Ephemeral { sender, .. }
            | Self::RemoteSubscriptionChange { sender, .. }
            | Self::RemoteHeadsChanged { sender, .. }
            | Self::QuarantineChanged { sender, .. }
            | Self::Error { sender, .. } => Some(sender),
            Self::Unknown { .. } => None,
        }
    }
}
