//! Frames: what was encoded decodes to itself, what others write is read, and nothing at all makes it panic.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
#![allow(clippy::format_push_string, clippy::too_many_lines, reason = "its cases are data")]
#![allow(clippy::needless_raw_string_hashes, reason = "expect-test writes them")]

use std::collections::BTreeMap;

use expect_test::{Expect, expect};
use minicbor::Encoder;
use proptest::prelude::*;

use super::{decode, encode, encode_sync};
use crate::ids::StorageId;
use crate::wire::bytes;
use crate::wire::frame::{ENTRIES_MAX, Frame, Metadata, RemoteHeads, TEXT_BYTES_MAX};

fn words() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9é’-]{0,30}"
}

fn metadata() -> impl Strategy<Value = Metadata> {
    (proptest::option::of(words()), any::<[bool; 3]>()).prop_map(
        |(storage, [ephemeral, sparing, quarantine])| Metadata {
            storage: storage.map(Into::into),
            ephemeral,
            sparing,
            quarantine,
        },
    )
}

fn heads() -> impl Strategy<Value = BTreeMap<StorageId, RemoteHeads>> {
    let known = (proptest::collection::vec(words(), 0..4), any::<i64>())
        .prop_map(|(heads, timestamp)| RemoteHeads { heads, timestamp });
    proptest::collection::btree_map(words().prop_map(StorageId::from), known, 0..4)
}

fn storages() -> impl Strategy<Value = Vec<StorageId>> {
    proptest::collection::vec(words().prop_map(StorageId::from), 0..4)
}

prop_compose! {
    fn frames()(
        kind in 0..11, sender in words(), target in words(), document in words(), message in words(),
        data in any::<Vec<u8>>(), request in any::<bool>(), count in any::<u64>(), metadata in metadata(),
        versions in proptest::collection::vec(words(), 0..3), add in storages(), remove in storages(),
        heads in heads(),
    ) -> Frame {
        let (sender, target) = (sender.into(), target.into());
        match kind {
            0 => Frame::Join { sender, metadata, versions },
            1 => Frame::Peer { sender, target, metadata },
            2 => Frame::Leave { sender },
            3 => Frame::Sync { sender, target, document, data, request },
            4 => Frame::DocUnavailable { sender, target, document },
            5 => Frame::Ephemeral { sender, target, document, count, session: message, data },
            6 => Frame::RemoteSubscriptionChange { sender, target, add, remove },
            7 => Frame::RemoteHeadsChanged { sender, target, document, heads },
            8 => Frame::Error { sender, target, document: (message.len() % 2 == 1).then(|| message.clone()), message },
            9 => Frame::QuarantineChanged { sender, target, document },
            _ => Frame::Unknown { kind: format!("x-{message}") },
        }
    }
}

proptest! {
    /// What was encoded decodes to itself, and every truncation of it is refused.
    #[test]
    fn decoding_undoes_encoding(frame in frames(), cut in any::<prop::sample::Index>()) {
        let bytes = encode(&frame);
        prop_assert_eq!(decode(&bytes).unwrap(), frame);
        let cut = cut.index(bytes.len());
        prop_assert!(decode(&bytes[..cut]).is_err());
    }

    /// Arbitrary bytes, and frames with some bytes changed, never panic.
    #[test]
    fn arbitrary_bytes_never_panic(
        noise in proptest::collection::vec(any::<u8>(), 0..200),
        frame in frames(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        drop(decode(&noise));
        let mut bytes = encode(&frame);
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        drop(decode(&bytes));
    }
}

/// Goal: frames as the stock JavaScript library writes them are read; see `tests/fixtures/wire/README.md`.
#[test]
fn javascript_frames_are_read() {
    macro_rules! fixtures {
        ($($name:literal),* $(,)?) => {
            [$(($name, include_str!(concat!("../../../../tests/fixtures/wire/", $name, ".hex")))),*]
        };
    }
    let mut all = String::new();
    for (name, hex) in fixtures![
        "join",
        "join-without-metadata",
        "join-without-versions",
        "peer",
        "leave",
        "request",
        "sync",
        "sync-tagged",
        "sync-whole",
        "doc-unavailable",
        "ephemeral",
        "remote-subscription-change",
        "remote-heads-changed",
        "error",
        "from-the-future",
    ] {
        let frame = decode(&bytes(hex)).unwrap();
        let shown = if let Frame::Sync { data, request, document, .. } = &frame {
            let told = crate::wire::sync::peek(data).unwrap();
            format!(
                "Sync {document} request={request} heads={} chunks={} document={} reset={}",
                told.heads.len() / 32,
                told.chunks,
                told.document,
                told.reset
            )
        } else {
            format!("{frame:?}")
        };
        all += &format!("{name}: {shown}\n");
        assert_eq!(decode(&encode(&frame)).unwrap(), frame);
    }
    expect![[r#"
        join: Join { sender: PeerId(peer-1), metadata: Metadata { storage: Some(StorageId(3f1a1b3c-0000-4000-8000-000000000001)), ephemeral: false, sparing: false, quarantine: false }, versions: ["1"] }
        join-without-metadata: Join { sender: PeerId(peer-1), metadata: Metadata { storage: None, ephemeral: false, sparing: false, quarantine: false }, versions: ["1"] }
        join-without-versions: Join { sender: PeerId(peer-1), metadata: Metadata { storage: None, ephemeral: true, sparing: false, quarantine: false }, versions: [] }
        peer: Peer { sender: PeerId(server-1), target: PeerId(peer-1), metadata: Metadata { storage: Some(StorageId(3f1a1b3c-0000-4000-8000-000000000001)), ephemeral: false, sparing: false, quarantine: false } }
        leave: Leave { sender: PeerId(peer-1) }
        request: Sync 4NMNnkMhL8jXrdJ9jamS58PAVdXu request=true heads=0 chunks=0 document=false reset=false
        sync: Sync 4NMNnkMhL8jXrdJ9jamS58PAVdXu request=false heads=1 chunks=0 document=false reset=false
        sync-tagged: Sync 4NMNnkMhL8jXrdJ9jamS58PAVdXu request=false heads=1 chunks=0 document=false reset=false
        sync-whole: Sync 4NMNnkMhL8jXrdJ9jamS58PAVdXu request=false heads=1 chunks=1 document=true reset=false
        doc-unavailable: DocUnavailable { sender: PeerId(peer-1), target: PeerId(server-1), document: "4NMNnkMhL8jXrdJ9jamS58PAVdXu" }
        ephemeral: Ephemeral { sender: PeerId(peer-1), target: PeerId(server-1), document: "4NMNnkMhL8jXrdJ9jamS58PAVdXu", count: 5000000000, session: "abcdef", data: [185, 0, 1, 102, 99, 117, 114, 115, 111, 114, 12] }
        remote-subscription-change: RemoteSubscriptionChange { sender: PeerId(peer-1), target: PeerId(server-1), add: [StorageId(3f1a1b3c-0000-4000-8000-000000000001)], remove: [] }
        remote-heads-changed: RemoteHeadsChanged { sender: PeerId(peer-1), target: PeerId(server-1), document: "4NMNnkMhL8jXrdJ9jamS58PAVdXu", heads: {StorageId(3f1a1b3c-0000-4000-8000-000000000001): RemoteHeads { heads: ["2DPs6gXyfKfbZrVYnBRvUdYa5y5SBRNnyPyZtgSmLqSiQ5pjZ4"], timestamp: 1778572800123 }} }
        error: Error { sender: PeerId(server-1), target: PeerId(peer-1), message: "unsupported protocol version", document: None }
        from-the-future: Unknown { kind: "auth" }
    "#]].assert_eq(&all);
}

fn outcome(bytes: &[u8]) -> String {
    match decode(bytes) {
        Ok(frame) => format!("{frame:?}"),
        Err(error) => format!("refused: {error}"),
    }
}

/// Writes CBOR by hand.
fn cbor(write: impl FnOnce(&mut Encoder<Vec<u8>>)) -> Vec<u8> {
    let mut encoder = Encoder::new(Vec::new());
    write(&mut encoder);
    encoder.into_writer()
}

/// Goal: every way to write the same frame is read, and what is missing or of the wrong kind is refused.
#[test]
fn frames_in_other_shapes() {
    let cases: Vec<(Vec<u8>, Expect)> = vec![
        // Of untold length, in pieces, with unknown keys at every level.
        (
            cbor(|e| {
                e.begin_map().unwrap().str("type").unwrap().begin_str().unwrap();
                e.str("le").unwrap().str("ave").unwrap().end().unwrap();
                e.str("later").unwrap().begin_array().unwrap().begin_map().unwrap().end().unwrap();
                e.end().unwrap().str("senderId").unwrap().str("peer-1").unwrap().end().unwrap();
            }),
            expect!["Leave { sender: PeerId(peer-1) }"],
        ),
        // Bytes in pieces, under two tags.
        (
            cbor(|e| {
                e.map(5).unwrap().str("type").unwrap().str("sync").unwrap();
                e.str("senderId").unwrap().str("p").unwrap().str("targetId").unwrap().undefined().unwrap();
                e.str("documentId").unwrap().str("d").unwrap().str("data").unwrap();
                e.tag(minicbor::data::Tag::new(64)).unwrap().tag(minicbor::data::Tag::new(64)).unwrap();
                e.begin_bytes().unwrap().bytes(&[1, 2]).unwrap().bytes(&[3]).unwrap().end().unwrap();
            }),
            expect![[
                r#"Sync { sender: PeerId(p), target: PeerId(), document: "d", data: [1, 2, 3], request: false }"#
            ]],
        ),
        // A list of untold length with undefined in it, counts as floats and beyond 63 bits.
        (
            cbor(|e| {
                e.map(4).unwrap().str("type").unwrap().str("remote-subscription-change").unwrap();
                e.str("senderId").unwrap().str("p").unwrap().str("remove").unwrap().null().unwrap();
                e.str("add")
                    .unwrap()
                    .begin_array()
                    .unwrap()
                    .str("s")
                    .unwrap()
                    .undefined()
                    .unwrap()
                    .end()
                    .unwrap();
            }),
            expect![
                "RemoteSubscriptionChange { sender: PeerId(p), target: PeerId(), add: [StorageId(s)], remove: [] }"
            ],
        ),
        (
            ephemeral(|e| {
                e.f32(3.0).unwrap();
            }),
            expect![[
                r#"Ephemeral { sender: PeerId(p), target: PeerId(), document: "d", count: 3, session: "", data: [] }"#
            ]],
        ),
        (
            ephemeral(|e| {
                e.f64(5e9).unwrap();
            }),
            expect![[
                r#"Ephemeral { sender: PeerId(p), target: PeerId(), document: "d", count: 5000000000, session: "", data: [] }"#
            ]],
        ),
        (
            ephemeral(|e| {
                e.f64(1e300).unwrap();
            }),
            expect![[
                r#"Ephemeral { sender: PeerId(p), target: PeerId(), document: "d", count: 18446744073709551615, session: "", data: [] }"#
            ]],
        ),
        (
            ephemeral(|e| {
                e.f64(f64::NAN).unwrap();
            }),
            expect![[
                r#"Ephemeral { sender: PeerId(p), target: PeerId(), document: "d", count: 0, session: "", data: [] }"#
            ]],
        ),
        (
            ephemeral(|e| {
                e.i64(-3).unwrap();
            }),
            expect![[
                r#"Ephemeral { sender: PeerId(p), target: PeerId(), document: "d", count: 0, session: "", data: [] }"#
            ]],
        ),
        (
            ephemeral(|e| {
                e.u64(u64::MAX).unwrap();
            }),
            expect![[
                r#"Ephemeral { sender: PeerId(p), target: PeerId(), document: "d", count: 18446744073709551615, session: "", data: [] }"#
            ]],
        ),
        (
            ephemeral(|e| {
                e.undefined().unwrap();
            }),
            expect![[
                r#"Ephemeral { sender: PeerId(p), target: PeerId(), document: "d", count: 0, session: "", data: [] }"#
            ]],
        ),
        (
            ephemeral(|e| {
                e.str("3").unwrap();
            }),
            expect!["refused: unexpected type string at position 52: expected int"],
        ),
        // Twice the same key: the last one counts, as in JavaScript.
        (
            cbor(|e| {
                e.map(3).unwrap().str("type").unwrap().str("leave").unwrap();
                e.str("senderId").unwrap().str("a").unwrap().str("senderId").unwrap().str("b").unwrap();
            }),
            expect!["Leave { sender: PeerId(b) }"],
        ),
        (
            cbor(|e| {
                e.map(0).unwrap();
            }),
            expect!["refused: decode error: no type"],
        ),
        (
            cbor(|e| {
                e.null().unwrap();
            }),
            expect!["refused: decode error: no type"],
        ),
        (
            cbor(|e| {
                e.str("leave").unwrap();
            }),
            expect!["refused: unexpected type string at position 0: expected map"],
        ),
        (
            cbor(|e| {
                e.map(1).unwrap().str("type").unwrap().str("leave").unwrap();
            }),
            expect!["refused: decode error: no senderId"],
        ),
        (
            cbor(|e| {
                e.map(1).unwrap().str("type").unwrap().u8(1).unwrap();
            }),
            expect!["refused: decode error: no type"],
        ),
        (
            cbor(|e| {
                e.map(1).unwrap().u8(1).unwrap().str("leave").unwrap();
            }),
            expect!["refused: unexpected type u8 at position 1: expected text"],
        ),
        (Vec::new(), expect!["refused: end of input bytes"]),
    ];
    for (bytes, expected) in cases {
        expected.assert_eq(&outcome(&bytes));
    }
}

fn ephemeral(count: impl FnOnce(&mut Encoder<Vec<u8>>)) -> Vec<u8> {
    cbor(|e| {
        e.map(5)
            .unwrap()
            .str("type")
            .unwrap()
            .str("ephemeral")
            .unwrap()
            .str("senderId")
            .unwrap()
            .str("p")
            .unwrap();
        e.str("documentId").unwrap().str("d").unwrap().str("data").unwrap().bytes(&[]).unwrap();
        count(e.str("count").unwrap());
    })
}

/// Goal: what claims more than it may is refused before memory is spent on it.
#[test]
fn claims_are_bounded() {
    let join = |write: &dyn Fn(&mut Encoder<Vec<u8>>)| {
        cbor(|e| {
            e.map(3)
                .unwrap()
                .str("type")
                .unwrap()
                .str("join")
                .unwrap()
                .str("senderId")
                .unwrap()
                .str("p")
                .unwrap();
            write(e);
        })
    };
    let long = "x".repeat(TEXT_BYTES_MAX + 1);
    let many = ENTRIES_MAX + 1;
    let told = |e: &mut Encoder<Vec<u8>>, length| {
        e.str("supportedProtocolVersions").unwrap().array(length).unwrap();
    };
    let cases: Vec<(Vec<u8>, &str)> = vec![
        (
            join(&|e| {
                e.str("message").unwrap().str(&long).unwrap();
            }),
            "too long",
        ),
        (
            join(&|e| {
                e.str(&long).unwrap().u8(1).unwrap();
            }),
            "too long",
        ),
        (join(&|e| told(e, u64::MAX)), "end of input"),
        (
            join(&|e| {
                told(e, many);
                (0..many).for_each(|_| {
                    e.str("").unwrap();
                });
            }),
            "too many entries",
        ),
        (
            join(&|e| {
                e.str("add").unwrap().begin_array().unwrap();
                (0..many).for_each(|_| {
                    e.str("").unwrap();
                });
                e.end().unwrap();
            }),
            "too many entries",
        ),
        (
            join(&|e| {
                e.str("newHeads").unwrap().map(64).unwrap();
                for storage in 0..64 {
                    e.str(&storage.to_string())
                        .unwrap()
                        .map(1)
                        .unwrap()
                        .str("heads")
                        .unwrap()
                        .array(65)
                        .unwrap();
                    (0..65).for_each(|_| {
                        e.str("").unwrap();
                    });
                }
            }),
            "too many heads",
        ),
        (
            cbor(|e| {
                e.map(u64::MAX).unwrap();
            }),
            "too many entries",
        ),
        (
            cbor(|e| {
                e.begin_map().unwrap();
                (0..many).for_each(|_| {
                    e.str("k").unwrap().u8(0).unwrap();
                });
                e.end().unwrap();
            }),
            "too many entries",
        ),
        // Bytes that claim to be longer than the frame.
        (
            vec![0xa1, 0x64, b'd', b'a', b't', b'a', 0x5b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            "end of input",
        ),
    ];
    for (bytes, reason) in cases {
        let error = decode(&bytes).unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
    }
    // Nested a million times under a key that nobody knows: skipped without recursion.
    let mut deep = vec![0xa2, 0x64];
    deep.extend(b"type");
    deep.extend([0x63, b'x', b'-', b'y', 0x61, b'k']);
    deep.extend(std::iter::repeat_n(0x81, 1_000_000));
    deep.push(0);
    assert_eq!(decode(&deep).unwrap(), Frame::Unknown { kind: "x-y".to_owned() });
}

/// Goal: a sync frame around a shared message is the same frame.
#[test]
fn shared_messages_make_the_same_frame() {
    let frame = Frame::Sync {
        sender: "s".into(),
        target: "t".into(),
        document: "d".to_owned(),
        data: vec![1, 2, 3],
        request: false,
    };
    assert_eq!(encode_sync("s", "t", "d", &[1, 2, 3]), encode(&frame));
    assert_eq!(frame.sender().unwrap().as_str(), "s");
    assert_eq!(Frame::Unknown { kind: "x".to_owned() }.sender(), None);
}
