//! The network policy: which addresses and names the guest may use. What it grants and what it refuses is recorded.
//!
//! A guest may always talk to itself: at an address of the loopback interface whose port the system chose, it may listen
//! without a grant. Such a listener takes only connections that this guest made, and only this guest may connect to it.

use crate::abi::{self, Text};
use crate::connection::Stalled;
use crate::shared::{Kind, Shared};
use crate::state::State;
use std::collections::{HashMap, HashSet};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard};
use wasmtime::Result;
use wasmtime::component::{HasData, Resource, ResourceTable};
use wasmtime_wasi::p2::SocketError;
use wasmtime_wasi::p2::bindings::sockets::network::{self, ErrorCode};

/// What a guest may do with the network, shared with its sockets.
pub struct Access {
    policy: abi::Network,
    shared: Arc<Shared>,
    own: Mutex<Own>,
    pub stalled: Stalled,
}

/// What the guest has that nobody else can reach.
#[derive(Default)]
struct Own {
    /// Where it listens for itself alone.
    listeners: HashSet<SocketAddr>,
    /// Where its connections to them come from, until they are accepted, and which each goes to.
    callers: HashMap<SocketAddr, SocketAddr>,
    /// Where its datagrams come from.
    datagrams: HashSet<SocketAddr>,
    /// The ports of the loopback interface that the system chose for it: nobody else's business.
    ports: HashSet<u16>,
}

/// Whose an address is that a socket is bound to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Bound {
    /// A granted one: anybody may come.
    Granted,
    /// The guest's alone.
    Own,
}

/// Where a connection may go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    Granted,
    /// To a listener that is the guest's alone.
    Own,
    /// To a port that once was the guest's alone, where nobody of the guest's listens now.
    Nobody,
}

/// An errno as a guest's error.
pub fn failed(error: io::Error) -> SocketError {
    error.into()
}

pub fn refused() -> SocketError {
    ErrorCode::AccessDenied.into()
}

impl Access {
    /// Connections whose data is stalled go on as `stalled` says.
    pub fn new(policy: abi::Network, shared: Arc<Shared>, stalled: Stalled) -> Arc<Access> {
        Arc::new(Access { policy, shared, own: Mutex::default(), stalled })
    }

    fn own(&self) -> MutexGuard<'_, Own> {
        self.own.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// Whether the guest may make sockets at all.
    pub fn has_sockets(&self) -> bool {
        self.policy.allow_address.is_some()
    }

    fn grants(&self, address: SocketAddr, bind: bool) -> bool {
        let Some(judge) = self.policy.allow_address else { return false };
        let name = address.ip().to_string();
        unsafe { judge(self.policy.user, Text::of(&name), address.port(), bind) }
    }

    /// Records that `address` was refused.
    fn refuse(&self, kind: Kind, address: SocketAddr) {
        self.shared.refuse(kind, address.to_string());
    }

    /// Whose `address` is, if a socket may be bound to it.
    pub fn bind(&self, address: SocketAddr) -> Option<Bound> {
        let chosen = address.port() == 0;
        if self.grants(address, true) {
            return Some(Bound::Granted);
        }
        // Of any address, the system's choice before connecting or sending: listening there is judged by itself.
        let harmless = match address.ip().is_loopback() {
            true => chosen || self.own().ports.contains(&address.port()),
            false => chosen && address.ip().is_unspecified(),
        };
        if !harmless {
            self.refuse(Kind::Listen, address);
        }
        harmless.then_some(Bound::Own)
    }

    /// Notes what a socket was bound to that is the guest's own.
    pub fn bound(&self, address: SocketAddr) {
        if address.ip().is_loopback() {
            self.own().ports.insert(address.port());
        }
    }

    /// Whether a socket bound to `address` may listen.
    pub fn listen(&self, address: SocketAddr, bound: Bound) -> bool {
        let allowed = match bound {
            Bound::Own if address.ip().is_loopback() => true,
            // The system chose the port, so that a grant of one does not cover it.
            Bound::Own => self.grants(SocketAddr::new(address.ip(), 0), true),
            Bound::Granted => true,
        };
        match (allowed, bound) {
            (false, _) => self.shared.refuse(Kind::Listen, address.ip().to_string()),
            (true, Bound::Own) if address.ip().is_loopback() => {
                self.own().listeners.insert(address);
            }
            (true, _) => self.shared.used(Kind::Listen, address.to_string()),
        }
        allowed
    }

    /// Ends what `listen` began.
    pub fn listened(&self, address: SocketAddr) {
        let mut own = self.own();
        own.listeners.remove(&address);
        own.callers.retain(|_, listener| *listener != address);
    }

    /// How the guest may connect to `address`, if it may.
    pub fn connect(&self, address: SocketAddr) -> Option<Way> {
        if self.own().listeners.contains(&address) {
            return Some(Way::Own);
        }
        if self.grants(address, false) {
            self.shared.used(Kind::Connect, address.to_string());
            return Some(Way::Granted);
        }
        if address.ip().is_loopback() && self.own().ports.contains(&address.port()) {
            return Some(Way::Nobody);
        }
        self.refuse(Kind::Connect, address);
        None
    }

    /// Notes a connection of the guest's from `caller` to its own `listener`.
    pub fn calls(&self, caller: SocketAddr, listener: SocketAddr) {
        self.own().callers.insert(caller, listener);
    }

    /// Whether the connection that arrived from `caller` is the guest's own; another from there is not.
    pub fn is_own_call(&self, caller: SocketAddr) -> bool {
        self.own().callers.remove(&caller).is_some()
    }

    /// Notes a datagram socket of the guest's, and its end.
    pub fn serves_datagrams(&self, address: SocketAddr, serves: bool) {
        match serves {
            true => drop(self.own().datagrams.insert(address)),
            false => drop(self.own().datagrams.remove(&address)),
        }
    }

    /// Whether the guest itself sends datagrams from `address` and gets those that are sent there.
    fn is_own_datagram(&self, address: SocketAddr) -> bool {
        let any = |ip: IpAddr| match ip {
            IpAddr::V4(_) => IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED),
            IpAddr::V6(_) => IpAddr::V6(std::net::Ipv6Addr::UNSPECIFIED),
        };
        let own = self.own();
        let everywhere = SocketAddr::new(any(address.ip()), address.port());
        own.datagrams.contains(&address)
            || (address.ip().is_loopback() && own.datagrams.contains(&everywhere))
    }

    /// Whether the guest may send a datagram to `address`.
    pub fn send(&self, address: SocketAddr) -> bool {
        if self.is_own_datagram(address) {
            return true;
        }
        match self.grants(address, false) {
            true => self.shared.used(Kind::Connect, address.to_string()),
            false => {
                self.refuse(Kind::Connect, address);
                return false;
            }
        }
        true
    }

    /// Whether a datagram from `address` may reach a socket of the guest's.
    pub fn receive(&self, address: SocketAddr, bound: Bound) -> bool {
        bound == Bound::Granted || self.is_own_datagram(address) || self.grants(address, false)
    }

    /// Whether the guest may ask for the addresses of `host`.
    pub fn lookup(&self, host: &str) -> bool {
        let allowed = match self.policy.allow_lookup {
            Some(judge) => unsafe { judge(self.policy.user, Text::of(host)) },
            None => false,
        };
        match allowed {
            true => self.shared.used(Kind::Lookup, host.to_owned()),
            false => self.shared.refuse(Kind::Lookup, host.to_owned()),
        }
        allowed
    }

    /// Tells the policy an address that `host` was found to have.
    pub fn found(&self, host: &str, address: IpAddr) {
        if let Some(note) = self.policy.found {
            let text = address.to_string();
            unsafe { note(self.policy.user, Text::of(host), Text::of(&text)) };
        }
    }
}

/// The part of a session's state that wasi:sockets works on.
pub struct Net<'a> {
    pub table: &'a mut ResourceTable,
    pub access: &'a Arc<Access>,
}

impl Net<'_> {
    pub fn of(state: &mut State) -> Net<'_> {
        Net { table: &mut state.table, access: &state.access }
    }
}

/// Names `Net` for wasmtime's generated linker functions.
pub struct HasNet;

impl HasData for HasNet {
    type Data<'a> = Net<'a>;
}

/// The handle of `resource` as one of ours: wasmtime-wasi's interfaces name its own types.
pub fn ours<T: 'static, U: 'static>(resource: &Resource<U>) -> Resource<T> {
    Resource::new_borrow(resource.rep())
}

/// The handle of what is ours under the name that the interface wants.
pub fn theirs<T: 'static, U: 'static>(resource: Resource<T>) -> Resource<U> {
    Resource::new_own(resource.rep())
}

/// A handle that the guest gave up, as one of ours.
pub fn given_up<T: 'static, U: 'static>(resource: Resource<U>) -> Resource<T> {
    Resource::new_own(resource.rep())
}

impl network::Host for Net<'_> {
    fn convert_error_code(&mut self, error: SocketError) -> Result<ErrorCode> {
        error.downcast()
    }
    fn network_error_code(
        &mut self,
        error: Resource<wasmtime::Error>,
    ) -> Result<Option<ErrorCode>> {
        let error = self.table.get(&error)?;
        Ok(error.downcast_ref::<io::Error>().map(ErrorCode::from))
    }
}

impl network::HostNetwork for Net<'_> {
    fn drop(&mut self, handle: Resource<wasmtime_wasi::p2::Network>) -> Result<()> {
        self.table.delete(handle)?;
        Ok(())
    }
}
