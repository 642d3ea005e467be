//! Callers of ill will, while others work: lines on which nothing comes, and members who send what is refused.
//!
//! They have a thread of their own: ten thousand lines that are closed at once would hold up the clients that are measured.

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use portrea_tests::live::malice::{TRILLION, bomb, bomb_in_a_column, claiming, sync_message};
use portrea_tests::seed::Seed;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::{LocalSet, spawn_local};
use tokio::time::{Instant, sleep_until};
use tokio_tungstenite::tungstenite::Bytes;

use crate::socket::{Door, Line};

/// Lines that are opened and left.
const HALF_OPEN: u64 = 10_000;
/// Members who are refused, and come back.
pub(crate) const INTRUDERS: usize = 20;
/// By then they are all there.
const GATHERED: Duration = Duration::from_secs(4);
/// Whoever was turned away comes back after this.
const BACK_AFTER: Duration = Duration::from_millis(100);

/// All of them, until it is dropped.
pub(crate) struct Siege {
    end: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Starts all of them and gives them time to come. The intruders have the last of the tokens.
pub(crate) async fn begin(door: &Door, tokens: &[String]) -> Siege {
    let (end, ended) = oneshot::channel();
    let (door, tokens, messages) = (door.clone(), tokens.to_vec(), refused());
    let thread = thread::spawn(move || {
        let attacking = async {
            for number in 0..HALF_OPEN {
                spawn_local(dangle(door.address, number));
            }
            for (number, token) in tokens.into_iter().rev().take(INTRUDERS).enumerate() {
                spawn_local(intrude(door.clone(), token, number, messages.clone()));
            }
            // An error means that nobody holds the siege any more.
            drop(ended.await);
        };
        LocalSet::new().block_on(&crate::runtime(), attacking);
    });
    pause(GATHERED).await;
    Siege { end: Some(end), thread: Some(thread) }
}

impl Drop for Siege {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

/// Opens a line, begins a request, and goes no further; again when the line is closed.
async fn dangle(address: SocketAddr, number: u64) {
    // Not all at once: the system's queue for callers is short.
    pause(Duration::from_micros(200 * number)).await;
    loop {
        if let Ok(mut line) = TcpStream::connect(address).await {
            // What becomes of it is the server's business.
            drop(line.write_all(b"GET / HTTP/1.1\r\nHost: ").await);
            drop(line.read_to_end(&mut Vec::new()).await);
        }
        pause(BACK_AFTER).await;
    }
}

/// Messages that are refused. A bomb takes its maker half a second: they are made before anything is measured.
fn refused() -> Arc<[Vec<u8>; 4]> {
    let [plain, in_a_column] = [bomb(), bomb_in_a_column()].map(|bomb| sync_message(&[0], &[&bomb]));
    let [actors, column] = [7, 10].map(|part| claiming(|parts| parts[part] = TRILLION));
    Arc::new([plain, in_a_column, actors, column])
}

/// Joins, says one thing that is refused, and comes back.
async fn intrude(door: Door, token: String, number: usize, messages: Arc<[Vec<u8>; 4]>) {
    let mut seed = Seed::new(u64::try_from(number).expect("a small number"));
    loop {
        if let Ok(mut line) = Line::open(&door, Some(&token), format!("mallory-{number}")).await {
            match seed.between(0, 8) {
                kind @ 0..4 => line.say(&messages[usize::try_from(kind).expect("a small number")]),
                _ => line.say_raw(noise(&mut seed)),
            }
            while line.step(&mut Vec::new()).await.is_ok() {}
        }
        pause(BACK_AFTER).await;
    }
}

fn noise(seed: &mut Seed) -> Bytes {
    let length = seed.between(1, 4_000);
    (0..length).map(|_| u8::try_from(seed.below(256)).expect("a byte")).collect()
}

async fn pause(time: Duration) {
    sleep_until(Instant::now() + time).await;
}
