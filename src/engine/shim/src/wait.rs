//! Waiting for host events: one event loop a session, made at the first wait.

use crate::shared::Shared;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock};
use std::task::Poll;
use tokio::runtime::{Builder, EnterGuard, Runtime};

/// The event loop of a session. Copies share it.
#[derive(Clone)]
pub struct Waiter(Arc<Loop>);

struct Loop {
    networked: bool,
    runtime: OnceLock<Runtime>,
}

impl Drop for Loop {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background(); // a name lookup may hang for long
        }
    }
}

impl Waiter {
    /// Without sockets, all happens on the guest's thread. Sockets need a second one: wasmtime-wasi waits for some of their
    /// events where the guest's thread does not run the loop, and writes in the background.
    pub fn new(networked: bool) -> Waiter {
        Waiter(Arc::new(Loop { networked, runtime: OnceLock::new() }))
    }

    fn runtime(&self) -> &Runtime {
        let start = || match self.0.networked {
            true => Builder::new_multi_thread().worker_threads(1).enable_io().enable_time().build(),
            false => Builder::new_current_thread().enable_io().enable_time().build(),
        };
        self.0.runtime.get_or_init(|| {
            start().expect("the system has no descriptor or thread left for an event loop")
        })
    }

    /// Makes this loop the one that wasmtime-wasi's sockets register with, while the guard lives.
    pub fn enter(&self) -> Option<EnterGuard<'_>> {
        self.0.networked.then(|| self.runtime().enter())
    }

    /// Waits for `work` to its end.
    pub fn finish<F: Future>(&self, work: F) -> F::Output {
        self.runtime().block_on(work)
    }

    /// Waits for `work`; None if an interrupt came first, in which case `work` is dropped.
    pub fn wait<F: Future>(&self, shared: &Shared, work: F) -> Option<F::Output> {
        shared.wait_interrupted.store(false, Ordering::Relaxed);
        self.finish(async {
            let mut interrupt = pin!(shared.interrupt.notified());
            let mut work = pin!(work);
            poll_fn(|context| {
                if let Poll::Ready(value) = work.as_mut().poll(context) {
                    return Poll::Ready(Some(value));
                }
                interrupt.as_mut().poll(context).map(|()| {
                    shared.wait_interrupted.store(true, Ordering::Relaxed);
                    None
                })
            })
            .await
        })
    }
}
