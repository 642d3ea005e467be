//! The small territory that the fuzzer's bytes meet, the same in every run, and the wrapping of changes: a fuzzer would
//! never guess a checksum.

use std::io::Read;
use std::sync::OnceLock;

use automerge::{ActorId, Automerge};
use flate2::Compression;
use flate2::read::DeflateEncoder;
use portrea_indicators::statistics::Statistics;
use portrea_protocol::ids::{ContributorId, DeviceId, RecordId, TerritoryId};
use portrea_protocol::people::{Person, Role};
use portrea_protocol::schema::document;
use portrea_protocol::schema::path::Address;
use portrea_protocol::schema::write::{Edit, perform};
use portrea_protocol::time::UnixMillis;
use portrea_territory::chunk::{Chunk, Kept};
use portrea_territory::io::Opening;
use portrea_territory::territory::Territory;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// An instant in May 2026.
pub const NOW: UnixMillis = UnixMillis(1_778_572_800_000);

/// What a chunk begins with.
const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
/// The type of a plain change's chunk.
const CHANGE: u8 = 1;
/// The type of a deflated change's chunk.
const DEFLATED: u8 = 2;

/// An actor by number.
pub fn actor(number: u8) -> ActorId {
    ActorId::from([number; 16])
}

/// A record's id by number.
pub fn id(number: u32) -> RecordId {
    RecordId::from(format!("01917f3e-0000-7000-8000-0000{number:08x}"))
}

/// Gives a field of structure 1 a text.
pub fn set(path: &str, text: &str) -> Edit {
    let address = Address::parse(&id(1), path).expect("a field that there is");
    Edit::Set { address, value: Some(text.into()) }
}

/// Somebody by number.
pub fn person(number: u8) -> Person {
    Person {
        contributor: ContributorId(Uuid::from_bytes([number; 16])),
        name: format!("Personne {number}"),
        role: Role::Contributor,
        device: DeviceId(Uuid::from_bytes([number | 0x80; 16])),
    }
}

/// A document with structure 1, its service 2 and its helper 3, by actor 1; saved.
pub fn furnished() -> &'static [u8] {
    static SAVED: OnceLock<Vec<u8>> = OnceLock::new();
    SAVED.get_or_init(|| {
        let mut doc = document::create(actor(1), "CC d’essai", "200000000", NOW).expect("a document");
        let edits = [
            Edit::AddStructure { id: id(1), name: "Médiathèque".to_owned() },
            Edit::AddService { structure: id(1), id: id(2), family: "assist".to_owned() },
            Edit::AddHelper { structure: id(1), id: id(3), name: "Amina".to_owned() },
        ];
        perform(&mut doc, &edits, NOW).expect("edits that a document takes");
        doc.save()
    })
}

/// That document on a device.
pub fn replica(number: u8) -> Automerge {
    document::load(furnished(), actor(number)).expect("a document that was saved")
}

/// A territory that keeps that document and these chunks.
pub fn territory(chunks: impl IntoIterator<Item = Chunk>) -> Territory {
    let chunks = std::iter::once(Chunk::new(furnished().to_vec())).chain(chunks).collect();
    Territory::open(Opening {
        id: TerritoryId(Uuid::from_u128(7)),
        actor: actor(250),
        storage: "storage-server".into(),
        kept: Kept { chunks, ..Kept::default() },
        statistics: Statistics::default(),
    })
    .expect("what was kept opens")
}

/// A change's chunk around this body, with the checksum that it must have.
pub fn chunk(body: &[u8]) -> Vec<u8> {
    let hashed = [&[CHANGE], length(body).as_slice(), body].concat();
    [&MAGIC, &checksum(&hashed), hashed.as_slice()].concat()
}

/// The same change, deflated: its checksum is the plain one's.
pub fn deflated(body: &[u8]) -> Vec<u8> {
    let hashed = [&[CHANGE], length(body).as_slice(), body].concat();
    let mut small = Vec::new();
    DeflateEncoder::new(body, Compression::fast()).read_to_end(&mut small).expect("memory can be read");
    [&MAGIC[..], &checksum(&hashed), &[DEFLATED], length(&small).as_slice(), &small].concat()
}

/// The body of a plain change's chunk.
pub fn body(chunk: &[u8]) -> &[u8] {
    let behind = chunk.get(9..).unwrap_or_default();
    let length = behind.iter().take_while(|byte| *byte & 0x80 != 0).count() + 1;
    behind.get(length..).unwrap_or_default()
}

fn checksum(hashed: &[u8]) -> [u8; 4] {
    Sha256::digest(hashed).first_chunk().copied().expect("a digest has 32 bytes")
}

/// How long the bytes are, in LEB128.
fn length(bytes: &[u8]) -> Vec<u8> {
    let (mut written, mut left) = (Vec::new(), bytes.len());
    loop {
        let low = u8::try_from(left & 0x7f).expect("seven bits");
        left >>= 7;
        written.push(if left == 0 { low } else { low | 0x80 });
        if left == 0 {
            return written;
        }
    }
}
