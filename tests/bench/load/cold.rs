//! A client with nothing: it asks for the document and takes it.

use automerge::sync::{Message, State, SyncDoc};
use automerge::{Automerge, ChangeHash};

use crate::socket::{Door, Line};
use crate::wire::{Frame, Sync};

/// Asks for the document as a stock client that has nothing; gives the server's heads, what came, and its bytes.
pub(crate) async fn fetch(
    door: &Door,
    token: Option<&str>,
    peer: String,
) -> Result<(Vec<ChangeHash>, Vec<Vec<u8>>, u64), String> {
    let mut line = Line::open(door, token, peer).await?;
    let (mut doc, mut state, mut sent) = (Automerge::new(), State::new(), 0);
    let first = doc.generate_sync_message(&mut state).expect("the first message is always due");
    line.request(first.encode());
    loop {
        let mut heard = Vec::new();
        line.step(&mut heard).await?;
        for bytes in heard {
            let frame = Frame::read(&bytes).ok_or("a frame that cannot be read")?;
            if !matches!(frame.kind, b"sync" | b"request") {
                continue;
            }
            sent += u64::try_from(bytes.len()).expect("a length");
            let message = Sync::read(frame.data).ok_or("a sync message that cannot be read")?;
            if !message.chunks.is_empty() {
                let heads = message.heads.chunks_exact(32).filter_map(|it| ChangeHash::try_from(it).ok());
                return Ok((heads.collect(), message.chunks.iter().map(|it| it.to_vec()).collect(), sent));
            }
            let message = Message::decode(frame.data).map_err(|error| error.to_string())?;
            doc.receive_sync_message(&mut state, message).map_err(|error| error.to_string())?;
            if let Some(answer) = doc.generate_sync_message(&mut state) {
                line.say(&answer.encode());
            }
        }
    }
}
