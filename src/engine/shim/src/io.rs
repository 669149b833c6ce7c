//! wasi:io with waits that an interrupt ends. wasmtime-wasi's own synchronous version starts a pool of threads and
//! cannot be woken.

use crate::shared::Shared;
use crate::state::State;
use crate::wait::Waiter;
use std::pin::pin;
use std::sync::atomic::Ordering;
use wasmtime::Result;
use wasmtime::component::{HasData, Resource, ResourceTable};
use wasmtime_wasi::p2::bindings::io::{poll as base_poll, streams as base};
use wasmtime_wasi::p2::bindings::sync::io::{poll, streams};
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream, DynPollable, StreamError, StreamResult};

/// The part of a session's state that wasi:io works on.
pub struct Io<'a> {
    table: &'a mut ResourceTable,
    waiter: &'a Waiter,
    shared: &'a Shared,
}

impl Io<'_> {
    pub fn of(state: &mut State) -> Io<'_> {
        Io { table: &mut state.table, waiter: &state.waiter, shared: &state.shared }
    }
}

/// Names `Io` for wasmtime's generated linker functions.
pub struct HasIo;

impl HasData for HasIo {
    type Data<'a> = Io<'a>;
}

fn interrupted() -> StreamError {
    StreamError::LastOperationFailed(std::io::Error::from_raw_os_error(libc::EINTR).into())
}

impl poll::Host for Io<'_> {
    fn poll(&mut self, pollables: Vec<Resource<DynPollable>>) -> Result<Vec<u32>> {
        let ready = self.waiter.wait(self.shared, base_poll::Host::poll(self.table, pollables));
        ready.unwrap_or_else(|| Ok(Vec::new()))
    }
}

impl poll::HostPollable for Io<'_> {
    fn ready(&mut self, pollable: Resource<DynPollable>) -> Result<bool> {
        self.waiter.finish(base_poll::HostPollable::ready(self.table, pollable))
    }
    fn block(&mut self, pollable: Resource<DynPollable>) -> Result<()> {
        let done =
            self.waiter.wait(self.shared, base_poll::HostPollable::block(self.table, pollable));
        done.unwrap_or(Ok(()))
    }
    fn drop(&mut self, pollable: Resource<DynPollable>) -> Result<()> {
        base_poll::HostPollable::drop(self.table, pollable)
    }
}

impl streams::Host for Io<'_> {
    fn convert_stream_error(&mut self, error: StreamError) -> Result<streams::StreamError> {
        Ok(base::Host::convert_stream_error(self.table, error)?.into())
    }
}

impl streams::HostInputStream for Io<'_> {
    fn read(&mut self, stream: Resource<DynInputStream>, size: u64) -> StreamResult<Vec<u8>> {
        let data = base::HostInputStream::read(self.table, stream, size)?;
        if data.is_empty()
            && size > 0
            && self.shared.wait_interrupted.swap(false, Ordering::Relaxed)
        {
            return Err(interrupted());
        }
        Ok(data)
    }
    fn blocking_read(
        &mut self,
        stream: Resource<DynInputStream>,
        size: u64,
    ) -> StreamResult<Vec<u8>> {
        let work = base::HostInputStream::blocking_read(self.table, stream, size);
        self.waiter.wait(self.shared, work).unwrap_or_else(|| Err(interrupted()))
    }
    fn skip(&mut self, stream: Resource<DynInputStream>, size: u64) -> StreamResult<u64> {
        base::HostInputStream::skip(self.table, stream, size)
    }
    fn blocking_skip(&mut self, stream: Resource<DynInputStream>, size: u64) -> StreamResult<u64> {
        let work = base::HostInputStream::blocking_skip(self.table, stream, size);
        self.waiter.wait(self.shared, work).unwrap_or_else(|| Err(interrupted()))
    }
    fn subscribe(&mut self, stream: Resource<DynInputStream>) -> Result<Resource<DynPollable>> {
        base::HostInputStream::subscribe(self.table, stream)
    }
    fn drop(&mut self, stream: Resource<DynInputStream>) -> Result<()> {
        now_or(self.waiter, base::HostInputStream::drop(self.table, stream))
    }
}

impl streams::HostOutputStream for Io<'_> {
    fn check_write(&mut self, stream: Resource<DynOutputStream>) -> StreamResult<u64> {
        base::HostOutputStream::check_write(self.table, stream)
    }
    fn write(&mut self, stream: Resource<DynOutputStream>, bytes: Vec<u8>) -> StreamResult<()> {
        base::HostOutputStream::write(self.table, stream, bytes)
    }
    fn blocking_write_and_flush(
        &mut self,
        stream: Resource<DynOutputStream>,
        bytes: Vec<u8>,
    ) -> StreamResult<()> {
        now_or(
            self.waiter,
            base::HostOutputStream::blocking_write_and_flush(self.table, stream, bytes),
        )
    }
    fn write_zeroes(&mut self, stream: Resource<DynOutputStream>, size: u64) -> StreamResult<()> {
        base::HostOutputStream::write_zeroes(self.table, stream, size)
    }
    fn blocking_write_zeroes_and_flush(
        &mut self,
        stream: Resource<DynOutputStream>,
        size: u64,
    ) -> StreamResult<()> {
        now_or(
            self.waiter,
            base::HostOutputStream::blocking_write_zeroes_and_flush(self.table, stream, size),
        )
    }
    fn flush(&mut self, stream: Resource<DynOutputStream>) -> StreamResult<()> {
        base::HostOutputStream::flush(self.table, stream)
    }
    fn blocking_flush(&mut self, stream: Resource<DynOutputStream>) -> StreamResult<()> {
        let mut work = pin!(base::HostOutputStream::blocking_flush(self.table, stream));
        match wasmtime_wasi::runtime::poll_noop(work.as_mut()) {
            Some(done) => done,
            // What was written is the stream's: an interrupt ends the wait, not the write.
            None => self.waiter.wait(self.shared, work).unwrap_or(Ok(())),
        }
    }
    fn splice(
        &mut self,
        to: Resource<DynOutputStream>,
        from: Resource<DynInputStream>,
        size: u64,
    ) -> StreamResult<u64> {
        base::HostOutputStream::splice(self.table, to, from, size)
    }
    fn blocking_splice(
        &mut self,
        to: Resource<DynOutputStream>,
        from: Resource<DynInputStream>,
        size: u64,
    ) -> StreamResult<u64> {
        let work = base::HostOutputStream::blocking_splice(self.table, to, from, size);
        self.waiter.wait(self.shared, work).unwrap_or_else(|| Err(interrupted()))
    }
    fn subscribe(&mut self, stream: Resource<DynOutputStream>) -> Result<Resource<DynPollable>> {
        base::HostOutputStream::subscribe(self.table, stream)
    }
    fn drop(&mut self, stream: Resource<DynOutputStream>) -> Result<()> {
        now_or(self.waiter, base::HostOutputStream::drop(self.table, stream))
    }
}

/// The outcome of `work`: at once where it needs no event, as with files and standard streams, else after the wait.
fn now_or<F: Future>(waiter: &Waiter, work: F) -> F::Output {
    let mut work = pin!(work);
    match wasmtime_wasi::runtime::poll_noop(work.as_mut()) {
        Some(value) => value,
        None => waiter.finish(work),
    }
}
