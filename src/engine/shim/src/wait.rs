//! Waiting for host events on the guest's own thread: one single-threaded event loop, made at the first wait.

use crate::shared::Shared;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock};
use std::task::Poll;
use tokio::runtime::{Builder, EnterGuard, Runtime};

/// The event loop of a session. Copies share it.
#[derive(Clone, Default)]
pub struct Waiter(Arc<OnceLock<Runtime>>);

impl Waiter {
    fn runtime(&self) -> &Runtime {
        let start = || Builder::new_current_thread().enable_io().enable_time().build();
        self.0.get_or_init(|| start().expect("the system has no descriptor left for an event loop"))
    }

    /// Makes this loop the one that wasmtime-wasi's sockets register with, while the guard lives.
    pub fn enter(&self) -> EnterGuard<'_> {
        self.runtime().enter()
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

    /// Lets events that have happened reach their sockets; does nothing before the first wait.
    pub fn catch_up(&self) {
        if let Some(runtime) = self.0.get() {
            runtime.block_on(tokio::task::yield_now());
        }
    }
}
