//! The two directions of a TCP connection, over a socket that never blocks. Nothing is read ahead.

use crate::wait::{Direction, Watched};
use bytes::Bytes;
use std::future::{Future, poll_fn};
use std::io;
use std::net::Shutdown;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::Poll;
use wasmtime_wasi::async_trait;
use wasmtime_wasi::p2::{
    DynInputStream, DynOutputStream, InputStream, OutputStream, Pollable, StreamError, StreamResult,
};

/// The most that one read hands over.
const READ: usize = 256 << 10;

/// The most that one write takes, and so what may be left of it when the system takes no more.
const WRITE: usize = 64 << 10;

/// A connected socket, shared by its handle and its streams.
pub struct Connection {
    socket: Arc<Watched>,
    /// The guest itself is the peer.
    own: bool,
    unsent: Mutex<Unsent>,
    stalled: Stalled,
}

/// What a write took that the system did not take yet.
#[derive(Default)]
struct Unsent {
    data: Vec<u8>,
    /// The end follows.
    ends: bool,
}

/// The connections of a guest that have something unsent. Whatever the guest waits for, they go on meanwhile; those that
/// it has closed, too.
#[derive(Clone, Default)]
pub struct Stalled(Arc<Mutex<Vec<Arc<Connection>>>>);

impl Stalled {
    fn list(&self) -> MutexGuard<'_, Vec<Arc<Connection>>> {
        self.0.lock().unwrap_or_else(|e| e.into_inner())
    }

    pub fn is_empty(&self) -> bool {
        self.list().is_empty()
    }

    /// Forgets what the guest has for itself alone, which after its end nobody reads.
    pub fn drop_own(&self) {
        self.list().retain(|connection| !connection.own);
    }

    /// Sends what is unsent; returns when nothing is left.
    pub async fn send(&self) {
        let connections = self.list().clone();
        let mut waiting: Vec<Pin<Box<dyn Future<Output = ()> + Send>>> =
            connections.into_iter().map(|connection| Box::pin(connection.finish()) as _).collect();
        poll_fn(|context| {
            waiting.retain_mut(|work| work.as_mut().poll(context).is_pending());
            if waiting.is_empty() { Poll::Ready(()) } else { Poll::Pending }
        })
        .await
    }
}

impl Connection {
    pub fn new(socket: Arc<Watched>, own: bool, stalled: Stalled) -> Arc<Connection> {
        Arc::new(Connection { socket, own, unsent: Mutex::default(), stalled })
    }

    pub fn streams(self: &Arc<Connection>) -> (DynInputStream, DynOutputStream) {
        (Box::new(Input(self.clone())), Box::new(Output(self.clone())))
    }

    /// Ends one direction or both; what was written goes out first.
    pub fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        let mut unsent = self.unsent();
        if how == Shutdown::Read || unsent.data.is_empty() {
            return self.socket.shutdown(how);
        }
        unsent.ends = true;
        if how == Shutdown::Both { self.socket.shutdown(Shutdown::Read) } else { Ok(()) }
    }

    fn unsent(&self) -> MutexGuard<'_, Unsent> {
        self.unsent.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// Sends what is unsent as far as the system takes it; true if nothing is left.
    fn push(self: &Arc<Connection>) -> io::Result<bool> {
        let mut unsent = self.unsent();
        if unsent.data.is_empty() {
            return Ok(true);
        }
        let result = send(&self.socket, &unsent.data);
        match &result {
            Ok(count) => drop(unsent.data.drain(..count)),
            Err(_) => unsent.data.clear(),
        }
        if !unsent.data.is_empty() {
            return Ok(false);
        }
        if std::mem::take(&mut unsent.ends) {
            let _ = self.socket.shutdown(Shutdown::Write); // the peer may be gone
        }
        self.stalled.list().retain(|other| !Arc::ptr_eq(other, self));
        result.map(|_| true)
    }

    /// Sends what is unsent, whenever the system takes something; an error shows at the next write.
    async fn finish(self: Arc<Connection>) {
        while let Ok(false) = self.push() {
            self.socket.ready(Direction::Write).await;
        }
    }
}

/// Sends as much of `data` as the system takes.
fn send(socket: &Watched, data: &[u8]) -> io::Result<usize> {
    let mut sent = 0;
    while sent < data.len() {
        match socket.send_with_flags(&data[sent..], libc::MSG_NOSIGNAL) {
            Ok(count) => sent += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
            Err(error) => return Err(error),
        }
    }
    Ok(sent)
}

/// A failure as a stream's: a peer that is gone is the end of it.
fn ended(error: io::Error) -> StreamError {
    match error.kind() {
        io::ErrorKind::BrokenPipe => StreamError::Closed,
        _ => StreamError::LastOperationFailed(error.into()),
    }
}

struct Input(Arc<Connection>);

#[async_trait]
impl InputStream for Input {
    fn read(&mut self, size: usize) -> StreamResult<Bytes> {
        if size == 0 {
            return Ok(Bytes::new());
        }
        let mut data = Vec::with_capacity(size.min(READ));
        let count = loop {
            match self.0.socket.recv(data.spare_capacity_mut()) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    return Ok(Bytes::new());
                }
                Err(error) => return Err(ended(error)),
                Ok(0) => return Err(StreamError::Closed),
                Ok(count) => break count,
            }
        };
        unsafe { data.set_len(count) }; // the system wrote as many
        Ok(data.into())
    }
}

#[async_trait]
impl Pollable for Input {
    async fn ready(&mut self) {
        self.0.socket.ready(Direction::Read).await;
    }
}

struct Output(Arc<Connection>);

#[async_trait]
impl OutputStream for Output {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        let pushed = self.0.push().map_err(ended)?;
        let sent = if pushed { send(&self.0.socket, &bytes).map_err(ended)? } else { 0 };
        if sent == bytes.len() {
            return Ok(());
        }
        self.0.unsent().data.extend_from_slice(&bytes[sent..]);
        if pushed {
            self.0.stalled.list().push(self.0.clone());
        }
        Ok(())
    }
    fn flush(&mut self) -> StreamResult<()> {
        self.0.push().map(|_| ()).map_err(ended)
    }
    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(if self.0.push().map_err(ended)? { WRITE } else { 0 })
    }
    /// A flush waits for nothing: what was written is as good as sent.
    async fn write_ready(&mut self) -> StreamResult<usize> {
        self.check_write()
    }
}

#[async_trait]
impl Pollable for Output {
    async fn ready(&mut self) {
        self.0.clone().finish().await;
        self.0.socket.ready(Direction::Write).await;
    }
}
