//! A backup as a file: everything that a store keeps, in one gzip stream that ends with its own count.
//!
//! The format is ours and plain: a mark, then pieces, each a kind, a length and that many bytes. It does not depend on
//! the engine that kept them, so that a backup is also the way from one engine to another. What was cut off or
//! damaged is noticed by the stream's checksum and by the count; chunks are named by their content again.

use std::io::{self, Read, Write};

use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use portrea_protocol::ids::TerritoryId;
use portrea_territory::chunk::{Binding, Chunk, FeedRow};
use portrea_territory::held::Held;
use uuid::Uuid;

use crate::store::{Row, Table};

/// What a backup begins with, its version last.
const MARK: &[u8; 16] = b"PORTREA-BACKUP\x00\x01";
/// The longest piece that is read, in bytes: a snapshot of the largest document, with room.
const PIECE_BYTES_MAX: u32 = 1 << 30;

/// One thing that was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// A row of a table.
    Row(Row),
    /// The number of a territory's epoch, where it is not the first, with a whole document of it. It comes before
    /// anything else of the territory.
    Epoch(TerritoryId, u32, Chunk),
    /// A whole document of a territory.
    Snapshot(TerritoryId, Chunk),
    /// Changes of a territory.
    Chunk(TerritoryId, Chunk),
    /// Whose an actor is.
    Binding(TerritoryId, Binding),
    /// A change of a territory that was not merged.
    Quarantine(TerritoryId, Held),
    /// An event of a territory's feed.
    Feed(TerritoryId, FeedRow),
}

/// Why a backup cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// It is none, or of a later version.
    #[error("this is no backup of PORTREA, or one of a later version")]
    NotOne,
    /// It ends too early, or was damaged.
    #[error("the backup is cut off or damaged after {0} pieces")]
    Broken(u64),
    /// The file cannot be read or written.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Writes a backup, piece by piece.
pub struct Writer<W: Write> {
    to: GzEncoder<W>,
    pieces: u64,
}

impl<W: Write> Writer<W> {
    /// Begins a backup.
    pub fn new(to: W) -> io::Result<Self> {
        // Chunks are compressed already: the fastest level has the rest.
        let mut to = GzEncoder::new(to, Compression::fast());
        to.write_all(MARK)?;
        Ok(Self { to, pieces: 0 })
    }

    /// Adds a piece.
    pub fn add(&mut self, piece: &Piece) -> io::Result<()> {
        let json = |value: serde_json::Result<Vec<u8>>| value.map_err(io::Error::from);
        match piece {
            Piece::Row(Row { table, key, value }) => {
                let length = u16::try_from(key.len()).map_err(io::Error::other)?;
                let head = [&[*table as u8], length.to_be_bytes().as_slice(), key].concat();
                self.put(b'r', &[&head, value.as_deref().unwrap_or_default()])?;
            }
            Piece::Epoch(id, number, chunk) => {
                self.put(b'e', &[id.0.as_bytes(), &number.to_be_bytes(), chunk.bytes()])?;
            }
            Piece::Snapshot(id, chunk) => self.put(b's', &[id.0.as_bytes(), chunk.bytes()])?,
            Piece::Chunk(id, chunk) => self.put(b'c', &[id.0.as_bytes(), chunk.bytes()])?,
            Piece::Binding(id, binding) => {
                self.put(b'b', &[id.0.as_bytes(), &json(serde_json::to_vec(binding))?])?;
            }
            Piece::Quarantine(id, held) => self.put(b'q', &[id.0.as_bytes(), &held.to_bytes()])?,
            Piece::Feed(id, row) => {
                self.put(b'f', &[id.0.as_bytes(), &row.seq.to_be_bytes(), row.json.as_bytes()])?;
            }
        }
        self.pieces += 1;
        Ok(())
    }

    /// Ends the backup; gives back where it was written to.
    pub fn finish(mut self) -> io::Result<W> {
        let pieces = self.pieces.to_be_bytes();
        self.put(b'.', &[&pieces])?;
        self.to.finish()
    }

    fn put(&mut self, kind: u8, parts: &[&[u8]]) -> io::Result<()> {
        let length = parts.iter().map(|part| part.len()).sum::<usize>();
        let length = u32::try_from(length).ok().filter(|length| *length <= PIECE_BYTES_MAX);
        let length = length.ok_or_else(|| io::Error::other("a piece is too large for a backup"))?;
        self.to.write_all(&[kind])?;
        self.to.write_all(&length.to_be_bytes())?;
        parts.iter().try_for_each(|part| self.to.write_all(part))
    }
}

/// Reads a backup, piece by piece; the last item says whether it was whole.
pub struct Reader<R: Read> {
    from: MultiGzDecoder<R>,
    pieces: u64,
    over: bool,
}

impl<R: Read> Reader<R> {
    /// Begins to read a backup.
    pub fn new(from: R) -> Result<Self, BackupError> {
        let mut from = MultiGzDecoder::new(from);
        let mut mark = [0; MARK.len()];
        from.read_exact(&mut mark).map_err(|_| BackupError::NotOne)?;
        if mark != *MARK {
            return Err(BackupError::NotOne);
        }
        Ok(Self { from, pieces: 0, over: false })
    }

    fn piece(&mut self) -> Result<Option<Piece>, BackupError> {
        let broken = |_| BackupError::Broken(self.pieces);
        let mut head = [0; 5];
        self.from.read_exact(&mut head).map_err(broken)?;
        let [kind, length @ ..] = head;
        let length = u32::from_be_bytes(length);
        if length > PIECE_BYTES_MAX {
            return Err(BackupError::Broken(self.pieces));
        }
        // Read as it comes: a length alone claims no memory.
        let mut bytes = Vec::new();
        let read = (&mut self.from).take(u64::from(length)).read_to_end(&mut bytes).map_err(broken)?;
        if u32::try_from(read) != Ok(length) {
            return Err(BackupError::Broken(self.pieces));
        }
        if kind == b'.' {
            // Only at its end is a stream's checksum looked at.
            let rest = self.from.read(&mut [0]).map_err(broken)?;
            let whole = rest == 0 && bytes == self.pieces.to_be_bytes();
            return if whole { Ok(None) } else { Err(BackupError::Broken(self.pieces)) };
        }
        let piece = parsed(kind, &bytes).ok_or(BackupError::Broken(self.pieces))?;
        self.pieces += 1;
        Ok(Some(piece))
    }
}

impl<R: Read> Iterator for Reader<R> {
    type Item = Result<Piece, BackupError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.over {
            return None;
        }
        let piece = self.piece().transpose();
        self.over = !matches!(piece, Some(Ok(_)));
        piece
    }
}

fn parsed(kind: u8, bytes: &[u8]) -> Option<Piece> {
    if kind == b'r' {
        let (table, rest) = bytes.split_first()?;
        let table = Table::ALL.into_iter().find(|each| *each as u8 == *table)?;
        let (length, rest) = rest.split_at_checked(2)?;
        let (key, value) = rest.split_at_checked(usize::from(u16::from_be_bytes(length.try_into().ok()?)))?;
        return Some(Piece::Row(Row { table, key: key.to_vec(), value: Some(value.to_vec()) }));
    }
    let (id, rest) = bytes.split_at_checked(16)?;
    let id = TerritoryId(Uuid::from_slice(id).ok()?);
    match kind {
        b'e' => {
            let (number, rest) = rest.split_at_checked(4)?;
            Some(Piece::Epoch(id, u32::from_be_bytes(number.try_into().ok()?), Chunk::new(rest)))
        }
        b's' => Some(Piece::Snapshot(id, Chunk::new(rest))),
        b'c' => Some(Piece::Chunk(id, Chunk::new(rest))),
        b'b' => Some(Piece::Binding(id, serde_json::from_slice(rest).ok()?)),
        b'q' => Some(Piece::Quarantine(id, Held::read(rest)?)),
        b'f' => {
            let (seq, json) = rest.split_at_checked(8)?;
            let seq = u64::from_be_bytes(seq.try_into().ok()?);
            Some(Piece::Feed(id, FeedRow { seq, json: std::str::from_utf8(json).ok()?.into() }))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
