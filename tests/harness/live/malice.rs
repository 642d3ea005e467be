//! What no client of good will says, in bytes.

use std::io::Write;

use flate2::Compression;
use flate2::write::DeflateEncoder;

/// A sync message without content: heads, needs, these haves, these changes; no flags.
pub fn sync_message(have: &[u8], changes: &[&[u8]]) -> Vec<u8> {
    let mut message = vec![0x42, 0, 0];
    message.extend_from_slice(have);
    number(&mut message, changes.len());
    for change in changes {
        number(&mut message, change.len());
        message.extend_from_slice(change);
    }
    message
}

/// LEB128.
pub fn number(to: &mut Vec<u8>, mut value: usize) {
    loop {
        let byte = u8::try_from(value & 0x7f).expect("seven bits");
        value >>= 7;
        to.push(if value == 0 { byte } else { byte | 0x80 });
        if value == 0 {
            return;
        }
    }
}

/// One `have` with this filter.
pub fn have(filter: &[u8]) -> Vec<u8> {
    let mut have = vec![1, 0];
    number(&mut have, filter.len());
    have.extend_from_slice(filter);
    have
}

/// A chunk of automerge's format around a body; its checksum is wrong, as it would be found to be last.
pub fn chunk(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut chunk = vec![0x85, 0x6f, 0x4a, 0x83, 1, 2, 3, 4, kind];
    number(&mut chunk, body.len());
    chunk.extend_from_slice(body);
    chunk
}

/// A few kilobytes that unfold to 200 megabytes.
pub fn bomb() -> Vec<u8> {
    let mut deflate = DeflateEncoder::new(Vec::new(), Compression::best());
    let zeros = vec![0; 1 << 20];
    for _ in 0..200 {
        deflate.write_all(&zeros).expect("memory takes bytes");
    }
    chunk(2, &deflate.finish().expect("memory takes bytes"))
}

/// 2^40, as LEB128.
pub const TRILLION: &[u8] = &[0x80, 0x80, 0x80, 0x80, 0x80, 0x20];
/// The largest number of 64 bits, as LEB128.
pub const MOST: &[u8] = &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
/// A run of 1,000,001 operations that put: its count is signed, then what each does.
pub const MILLION_AND_ONE: &[u8] = &[0xc1, 0x84, 0x3d, 1];

/// A message with a change of which one part claims more than there is, or than may be. The parts: dependencies,
/// the actor's length and bytes, its sequence number, the first operation's, the time, the message's length, other
/// actors, columns; of the one column its kind (what operations do), its length and its content.
pub fn claiming(alter: impl FnOnce(&mut [&[u8]; 12])) -> Vec<u8> {
    let mut parts: [&[u8]; 12] =
        [&[0], &[1], &[7], &[1], &[1], &[0], &[0], &[0], &[1], &[0x42], &[4], &[1, 1, 1, 1]];
    alter(&mut parts);
    sync_message(&[0], &[&chunk(1, &parts.concat())])
}

/// A change with a column that says it is deflated, which changes' columns never are, and unfolds to 200 megabytes.
pub fn bomb_in_a_column() -> Vec<u8> {
    let bomb = bomb();
    let mut body = vec![0, 1, 7, 1, 1, 0, 0, 0, 1, 0x42 | 0x08];
    number(&mut body, bomb.len());
    body.extend_from_slice(&bomb);
    chunk(1, &body)
}
