//! The guest's standard streams over C callbacks. Nothing is read ahead and no thread is started.

use crate::abi::Stream;
use crate::wait::{self, Direction};
use bytes::Bytes;
use std::io;
use std::os::fd::RawFd;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use wasmtime_wasi::async_trait;
use wasmtime_wasi::cli::{IsTerminal, StdinStream, StdoutStream};
use wasmtime_wasi::p2::{InputStream, OutputStream, Pollable, StreamError, StreamResult};

/// The most that one read hands over, and that one write takes.
const CHUNK: usize = 1 << 20;

/// A standard stream as the host program gave it; absent, it is empty and discards.
#[derive(Clone)]
pub struct Standard(Arc<Option<Stream>>);

impl Standard {
    pub fn new(stream: Option<Stream>) -> Standard {
        Standard(Arc::new(stream))
    }

    fn descriptor(&self) -> RawFd {
        match &*self.0 {
            Some(stream) => unsafe { (stream.descriptor)(stream.user) },
            None => -1,
        }
    }
}

impl IsTerminal for Standard {
    fn is_terminal(&self) -> bool {
        match &*self.0 {
            Some(stream) => unsafe { (stream.is_terminal)(stream.user) },
            None => false,
        }
    }
}

impl StdinStream for Standard {
    fn async_stream(&self) -> Box<dyn AsyncRead + Send + Sync> {
        Box::new(tokio::io::empty()) // only WASI 0.3 asks for it
    }
    fn p2_stream(&self) -> Box<dyn InputStream> {
        Box::new(Input { stream: self.clone(), ended: false })
    }
}

impl StdoutStream for Standard {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(tokio::io::empty()) // only WASI 0.3 asks for it
    }
    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(Output(self.clone()))
    }
}

struct Input {
    stream: Standard,
    ended: bool,
}

#[async_trait]
impl InputStream for Input {
    fn read(&mut self, size: usize) -> StreamResult<Bytes> {
        let Some(stream) = (*self.stream.0).as_ref().filter(|_| !self.ended) else {
            return Err(StreamError::Closed);
        };
        let descriptor = self.stream.descriptor();
        if size == 0 || (descriptor >= 0 && !wait::is_ready(descriptor, Direction::Read)) {
            return Ok(Bytes::new());
        }
        let mut buffer = Vec::with_capacity(size.min(CHUNK));
        let count = unsafe { (stream.read)(stream.user, buffer.as_mut_ptr(), buffer.capacity()) };
        if count == 0 {
            self.ended = !self.stream.is_terminal(); // a terminal goes on after Ctrl-D
            return Err(StreamError::Closed);
        }
        if count < 0 {
            return failed(-count as i32).map(|()| Bytes::new());
        }
        unsafe { buffer.set_len((count as usize).min(buffer.capacity())) };
        Ok(buffer.into())
    }
}

#[async_trait]
impl Pollable for Input {
    async fn ready(&mut self) {
        let descriptor = self.stream.descriptor();
        if !self.ended && descriptor >= 0 {
            wait::until_readable(descriptor).await;
        }
    }
}

struct Output(Standard);

#[async_trait]
impl OutputStream for Output {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        match &*self.0.0 {
            Some(stream) => {
                failed(unsafe { (stream.write)(stream.user, bytes.as_ptr(), bytes.len()) })
            }
            None => Ok(()),
        }
    }
    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }
    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(CHUNK)
    }
}

#[async_trait]
impl Pollable for Output {
    async fn ready(&mut self) {}
}

/// An errno as the guest gets it; EAGAIN and 0 are no failure. A libc makes EPIPE of a closed stream, and EIO of all else.
fn failed(errno: i32) -> StreamResult<()> {
    match errno {
        0 | libc::EAGAIN => Ok(()),
        libc::EPIPE => Err(StreamError::Closed),
        _ => Err(StreamError::LastOperationFailed(io::Error::from_raw_os_error(errno).into())),
    }
}
