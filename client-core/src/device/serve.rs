//! A device that stays connected: it reconnects, sends edits as they are made, and is spoken to through a handle.

use portrea_protocol::schema::write::Edit;
use tokio::sync::{mpsc, oneshot, watch};

use super::{Device, DeviceError};
use crate::link::Event;
use crate::replica::Replica;
use crate::status::Status;

/// Requests that may wait for the device.
const REQUESTS_MAX: usize = 64;

/// What is asked of a serving device.
enum Request {
    Edit(Vec<Edit>, oneshot::Sender<Result<bool, DeviceError>>),
    Read(Box<dyn FnOnce(&Replica) + Send>),
    Offline(bool),
}

/// Speaks to a serving device; the device stops when the last handle is dropped.
#[derive(Clone)]
pub struct Handle {
    requests: mpsc::Sender<Request>,
    status: watch::Receiver<Status>,
}

impl Handle {
    /// Writes a group of edits, all or none. They are on the shelf when it returns, and sent when there is a line.
    pub async fn edit(&self, edits: Vec<Edit>) -> Result<bool, DeviceError> {
        let (done, told) = oneshot::channel();
        self.ask(Request::Edit(edits, done)).await?;
        told.await.map_err(|_| DeviceError::Stopped)?
    }

    /// Reads the document.
    pub async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Replica) -> T + Send + 'static,
    ) -> Result<T, DeviceError> {
        let (done, told) = oneshot::channel();
        let request = Request::Read(Box::new(move |replica| drop(done.send(read(replica)))));
        self.ask(request).await?;
        told.await.map_err(|_| DeviceError::Stopped)
    }

    /// Hangs up and stays so, or dials again.
    pub async fn set_offline(&self, offline: bool) -> Result<(), DeviceError> {
        self.ask(Request::Offline(offline)).await
    }

    /// The status, as it changes.
    pub fn status(&self) -> watch::Receiver<Status> {
        self.status.clone()
    }

    async fn ask(&self, request: Request) -> Result<(), DeviceError> {
        self.requests.send(request).await.map_err(|_| DeviceError::Stopped)
    }
}

impl Device {
    /// A handle, and the work itself: a future that whoever wants the device to live must run. It ends when the last
    /// handle is dropped, and gives the device back.
    pub fn serve(mut self) -> (Handle, impl Future<Output = Self> + Send) {
        let (requests, mut asked) = mpsc::channel(REQUESTS_MAX);
        let handle = Handle { requests, status: self.watch() };
        let work = async move {
            self.tell(Event::Start).await;
            loop {
                // A step may be dropped while it waits and not while it deals: it is never raced against a request.
                tokio::select! {
                    request = asked.recv() => match request {
                        Some(request) => self.comply(request).await,
                        None => break,
                    },
                    input = self.input() => self.deal(input).await,
                }
            }
            self.hang_up().await;
            self.note_server();
            self
        };
        (handle, work)
    }

    async fn comply(&mut self, request: Request) {
        match request {
            Request::Edit(edits, done) => {
                let edited = self.edit(&edits);
                let due = if matches!(edited, Ok(true)) { self.replica.poll_send() } else { None };
                let _ = done.send(edited);
                self.answer(due).await;
            }
            Request::Read(read) => read(&self.replica),
            Request::Offline(true) => self.hang_up().await,
            Request::Offline(false) => self.tell(Event::Start).await,
        }
    }
}
