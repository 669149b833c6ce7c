//! Streams over open files that read and write at once, on the guest's own thread.

use bytes::Bytes;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use wasmtime_wasi::async_trait;
use wasmtime_wasi::p2::{
    DynInputStream, DynOutputStream, InputStream, OutputStream, Pollable, StreamError, StreamResult,
};

/// The most that one read hands over, and that one write takes.
const CHUNK: usize = 1 << 20;

/// A stream of what `file` holds from `offset` on.
pub fn reader(file: Arc<File>, offset: u64) -> DynInputStream {
    Box::new(Reader { file, offset })
}

/// A stream that writes to `file` from `offset` on, or at its end.
pub fn writer(file: Arc<File>, offset: Option<u64>) -> DynOutputStream {
    Box::new(Writer { file, offset })
}

struct Reader {
    file: Arc<File>,
    offset: u64,
}

struct Writer {
    file: Arc<File>,
    offset: Option<u64>,
}

/// Repeats `work` while signals interrupt it.
fn retry<T>(mut work: impl FnMut() -> io::Result<T>) -> StreamResult<T> {
    loop {
        match work() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => {
                return result.map_err(|error| StreamError::LastOperationFailed(error.into()));
            }
        }
    }
}

#[async_trait]
impl InputStream for Reader {
    fn read(&mut self, size: usize) -> StreamResult<Bytes> {
        if size == 0 {
            return Ok(Bytes::new());
        }
        let mut buffer = vec![0; size.min(CHUNK)];
        let count = retry(|| read_at(&self.file, &mut buffer, self.offset))?;
        if count == 0 {
            return Err(StreamError::Closed);
        }
        self.offset += count as u64;
        buffer.truncate(count);
        Ok(buffer.into())
    }
}

#[async_trait]
impl Pollable for Reader {
    async fn ready(&mut self) {}
}

#[async_trait]
impl OutputStream for Writer {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        let mut left = &bytes[..];
        while !left.is_empty() {
            let count = retry(|| write_at(&self.file, left, self.offset))?;
            left = &left[count..];
            self.offset = self.offset.map(|offset| offset + count as u64);
        }
        Ok(())
    }
    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }
    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(CHUNK)
    }
}

#[async_trait]
impl Pollable for Writer {
    async fn ready(&mut self) {}
}

/// Reads at `offset`, or from a pipe or device, which has none, what comes next.
fn read_at(mut file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    match file.read_at(buffer, offset) {
        Err(error) if error.raw_os_error() == Some(libc::ESPIPE) => {
            io::Read::read(&mut file, buffer)
        }
        result => result,
    }
}

/// Writes at `offset`, or at the end; to a pipe or device, which has neither, what comes next.
fn write_at(mut file: &File, data: &[u8], offset: Option<u64>) -> io::Result<usize> {
    let count = match offset {
        Some(offset) => file.write_at(data, offset),
        None => append(file, data),
    };
    match count {
        Err(error) if error.raw_os_error() == Some(libc::ESPIPE) => {
            io::Write::write(&mut file, data)
        }
        Ok(0) => Err(io::ErrorKind::WriteZero.into()),
        result => result,
    }
}

/// Writes at the end of the file in one step of the system's, so that two writers do not overwrite each other.
fn append(file: &File, data: &[u8]) -> io::Result<usize> {
    use std::os::fd::AsRawFd;
    let part = libc::iovec { iov_base: data.as_ptr() as *mut _, iov_len: data.len() };
    let count = unsafe { libc::pwritev2(file.as_raw_fd(), &part, 1, -1, libc::RWF_APPEND) };
    if count < 0 { Err(io::Error::last_os_error()) } else { Ok(count as usize) }
}
