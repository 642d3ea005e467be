//! TCP connections: so many at a time, and none of them for ever.
//!
//! A line whose caller does not finish what they began is closed: a request's head and its body must arrive in time,
//! and an answer must be taken. Between two requests a line may stay open as long as a head may take. A line that was
//! upgraded to a websocket is the session's, which has its own patience.
//!
//! Callers beyond the limit wait in the system's queue, and are let in as others leave.

use std::convert::Infallible;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::http::{Request, StatusCode};
use futures_util::{StreamExt, stream};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{Instant, Sleep, sleep, sleep_until};

use super::caller;
use crate::settings::Settings;

/// What a line may hold of what was read and not yet understood, or written and not yet taken: the length of a head,
/// and what each of ten thousand callers can make the server keep.
const BUFFER_BYTES_MAX: usize = 32 * 1024;
/// After an error that will come again at once (no descriptors left), new callers wait this long.
const BREATH: Duration = Duration::from_secs(1);
/// Descriptors that are left to the store, the log and the administrative socket.
const DESCRIPTORS_KEPT: usize = 64;

/// Serves until `stopping` turns true and the last line that is no websocket ended.
pub(super) async fn serve(
    listener: TcpListener,
    router: Router,
    settings: &Settings,
    mut stopping: watch::Receiver<bool>,
) {
    let slots = Arc::new(Semaphore::new(slots(settings.lines_max)));
    let patience = Patience::of(settings);
    // Each line holds a receiver, so that the end of the last one is heard.
    let (open, _) = watch::channel(());
    loop {
        let next = async {
            let permit = Arc::clone(&slots).acquire_owned().await.expect("the semaphore is never closed");
            (accept(&listener).await, permit)
        };
        let ((stream, peer), permit) = tokio::select! {
            accepted = next => accepted,
            () = stop(&mut stopping) => break,
        };
        let (router, stopping, open) = (router.clone(), stopping.clone(), open.subscribe());
        tokio::spawn(async move {
            line(stream, peer, permit, router, patience, stopping).await;
            drop(open);
        });
    }
    drop(listener);
    open.closed().await;
}

/// Waits until the server stops. An error means that its state is gone: it stops just as well.
async fn stop(stopping: &mut watch::Receiver<bool>) {
    drop(stopping.wait_for(|stopping| *stopping).await);
}

/// How long a line may keep us waiting.
#[derive(Debug, Clone, Copy)]
struct Patience {
    head: Duration,
    body: Duration,
    unread: Duration,
}

impl Patience {
    fn of(settings: &Settings) -> Self {
        Self {
            head: Duration::from_millis(settings.head_ms),
            body: Duration::from_millis(settings.body_ms),
            unread: Duration::from_millis(settings.unread_ms),
        }
    }
}

/// As many lines as are wanted, or as the system gives descriptors for: the store must be able to open files, however
/// many call.
fn slots(wanted: usize) -> usize {
    let limit = std::fs::read_to_string("/proc/self/limits").ok().and_then(|limits| descriptors(&limits));
    let most = limit.map_or(wanted, |limit| limit.saturating_sub(DESCRIPTORS_KEPT).max(1));
    if most < wanted {
        tracing::warn!(lines_max = wanted, lines = most, "the limit on open files allows fewer lines");
    }
    wanted.min(most).min(Semaphore::MAX_PERMITS)
}

/// How many descriptors the process may have, as Linux tells it.
fn descriptors(limits: &str) -> Option<usize> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// The next caller. What is wrong with a caller is passed over; what is wrong with us passes.
async fn accept(listener: &TcpListener) -> (TcpStream, IpAddr) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                // An edit is a small frame: without this it waits until the one before it was confirmed. A line that
                // refuses works all the same, later.
                drop(stream.set_nodelay(true));
                return (stream, peer.ip());
            }
            Err(error) if matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) => {
            }
            Err(error) => {
                tracing::error!(%error, "callers cannot be let in");
                sleep(BREATH).await;
            }
        }
    }
}

/// Serves one line until it ends or is upgraded.
async fn line(
    stream: TcpStream,
    peer: IpAddr,
    permit: OwnedSemaphorePermit,
    router: Router,
    patience: Patience,
    mut stopping: watch::Receiver<bool>,
) {
    let upgraded = Arc::new(AtomicBool::new(false));
    let io = Line {
        stream,
        unread: patience.unread,
        until: None,
        upgraded: Arc::clone(&upgraded),
        _permit: permit,
    };
    let app = TowerToHyperService::new(router);
    let answer = service_fn(|mut request: Request<Incoming>| {
        request.extensions_mut().insert(caller::Line(peer));
        let answer = app.call(request.map(|body| in_time(body, patience.body)));
        let upgraded = Arc::clone(&upgraded);
        async move {
            let answer = answer.await?;
            upgraded.fetch_or(answer.status() == StatusCode::SWITCHING_PROTOCOLS, Ordering::Relaxed);
            Ok::<_, Infallible>(answer)
        }
    });
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(patience.head)
        .max_buf_size(BUFFER_BYTES_MAX)
        .serve_connection(TokioIo::new(io), answer)
        .with_upgrades();
    let mut serving = std::pin::pin!(serving);
    let ended = tokio::select! {
        ended = serving.as_mut() => ended,
        () = stop(&mut stopping) => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a line broke off");
    }
}

/// A request's body that fails unless all of it arrives within this time.
fn in_time(body: Incoming, patience: Duration) -> Body {
    if body.is_end_stream() {
        return Body::empty();
    }
    let mut data = Body::new(body).into_data_stream();
    let mut until = Box::pin(sleep(patience));
    Body::from_stream(stream::poll_fn(move |context| match data.poll_next_unpin(context) {
        Poll::Pending => {
            ready!(until.as_mut().poll(context));
            Poll::Ready(Some(Err(axum::Error::new(io::Error::from(io::ErrorKind::TimedOut)))))
        }
        ready @ Poll::Ready(_) => ready,
    }))
}

/// A connection that fails when nothing of what is written is taken for a time, unless it was upgraded.
struct Line<S> {
    stream: S,
    unread: Duration,
    /// When a write that waits will have waited too long.
    until: Option<Pin<Box<Sleep>>>,
    upgraded: Arc<AtomicBool>,
    /// Given back when the connection is closed, also by a websocket.
    _permit: OwnedSemaphorePermit,
}

impl<S> Line<S> {
    /// Looks at the clock after each try to write.
    fn watched<T>(&mut self, context: &mut Context<'_>, tried: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if tried.is_ready() || self.upgraded.load(Ordering::Relaxed) {
            self.until = None;
            return tried;
        }
        let unread = self.unread;
        let until = self.until.get_or_insert_with(|| Box::pin(sleep_until(Instant::now() + unread)));
        ready!(until.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Line<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Line<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let tried = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.watched(context, tried)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let tried = Pin::new(&mut self.stream).poll_write_vectored(context, bytes);
        self.watched(context, tried)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: the limit on open files is read where there is one. Method: two tables as Linux writes them.
    #[test]
    fn the_limit_on_open_files_is_read() {
        let limits = |soft: &str| {
            format!(
                "Limit  Soft Limit  Hard Limit  Units\nMax open files            {soft}    524288    files\n"
            )
        };
        assert_eq!(descriptors(&limits("1024")), Some(1_024));
        assert_eq!(descriptors(&limits("unlimited")), None);
        assert_eq!(descriptors(""), None);
    }
}
