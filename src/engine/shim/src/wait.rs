//! Waiting for host events: one event loop a session, made at the first wait.

use crate::connection::Stalled;
use crate::shared::Shared;
use socket2::Socket;
use std::future::{Future, poll_fn};
use std::ops::Deref;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::pin::pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock};
use std::task::Poll;
use std::time::Duration;
use tokio::io::{Interest, unix::AsyncFd};
use tokio::runtime::{Builder, Handle, Runtime};

/// How long what the guest wrote may take to leave after its end.
const LINGER: Duration = Duration::from_secs(10);

/// What to wait for on a descriptor.
#[derive(Clone, Copy)]
pub enum Direction {
    Read,
    Write,
}

/// Whether `descriptor` is ready now. An error is too: it shows at the operation.
pub fn is_ready(descriptor: RawFd, direction: Direction) -> bool {
    let events = match direction {
        Direction::Read => libc::POLLIN,
        Direction::Write => libc::POLLOUT,
    };
    let mut entry = libc::pollfd { fd: descriptor, events, revents: 0 };
    unsafe { libc::poll(&mut entry, 1, 0) != 0 }
}

/// Returns once `descriptor` is readable; what cannot be waited for (a regular file) always is.
pub async fn until_readable(descriptor: RawFd) {
    if is_ready(descriptor, Direction::Read) {
        return;
    }
    in_loop().await;
    // Each wait has a descriptor of its own, so that two of them on one stream do not collide in epoll.
    let own = unsafe { libc::fcntl(descriptor, libc::F_DUPFD_CLOEXEC, 0) };
    if own < 0 {
        return;
    }
    let own = unsafe { OwnedFd::from_raw_fd(own) };
    // It stays open while it is registered, as the function wants, because the registration owns it.
    if let Ok(waiting) = unsafe { AsyncFd::register_with_interest(own, Interest::READABLE) } {
        let _ = waiting.readable().await;
    }
}

/// A socket that is waited for often: it is registered with the event loop once, at the first wait.
pub struct Watched {
    watch: OnceLock<AsyncFd<RawFd>>, // dropped before the socket, as it has to be
    socket: Socket,
}

impl Watched {
    pub fn new(socket: Socket) -> Arc<Watched> {
        Arc::new(Watched { watch: OnceLock::new(), socket })
    }

    /// Whether it is ready now.
    pub fn is_ready(&self, direction: Direction) -> bool {
        is_ready(self.socket.as_raw_fd(), direction)
    }

    /// Returns once it is ready.
    pub async fn ready(&self, direction: Direction) {
        while !self.is_ready(direction) {
            in_loop().await;
            let Some(watch) = self.watch() else { return };
            let event = match direction {
                Direction::Read => watch.readable().await,
                Direction::Write => watch.writable().await,
            };
            let Ok(mut event) = event else { return };
            if self.is_ready(direction) {
                return;
            }
            event.clear_ready(); // the event of an earlier time
        }
    }

    fn watch(&self) -> Option<&AsyncFd<RawFd>> {
        if self.watch.get().is_none() {
            // It stays open while it is registered, as the function wants.
            let watch = unsafe { AsyncFd::register(self.socket.as_raw_fd()) };
            let _ = self.watch.set(watch.ok()?);
        }
        self.watch.get()
    }
}

impl Deref for Watched {
    type Target = Socket;
    fn deref(&self) -> &Socket {
        &self.socket
    }
}

/// Returns inside of an event loop; outside of one, a first look finds that there is something to wait for.
async fn in_loop() {
    poll_fn(|_| match Handle::try_current() {
        Ok(_) => Poll::Ready(()),
        Err(_) => Poll::Pending,
    })
    .await
}

/// The event loop of a session. Copies share it.
#[derive(Clone, Default)]
pub struct Waiter {
    runtime: Arc<OnceLock<Runtime>>,
    /// What goes on during each wait.
    pub stalled: Stalled,
}

impl Waiter {
    fn runtime(&self) -> &Runtime {
        self.runtime.get_or_init(|| {
            let start = Builder::new_current_thread().enable_io().enable_time().build();
            start.expect("the system has no descriptor left for an event loop")
        })
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
            let mut sending = (!self.stalled.is_empty()).then(|| Box::pin(self.stalled.send()));
            poll_fn(|context| {
                if let Some(sent) = &mut sending
                    && sent.as_mut().poll(context).is_ready()
                {
                    sending = None;
                }
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

    /// Waits until what the guest wrote has left, but not for ever: its peer may never read it.
    pub fn settle(&self, shared: &Shared) {
        self.stalled.drop_own();
        if !self.stalled.is_empty() {
            let sending = async { tokio::time::timeout(LINGER, self.stalled.send()).await };
            let _ = self.wait(shared, sending);
        }
    }
}
