//! wasi:sockets/ip-name-lookup: the system's resolver, on a thread of its own, for the names that the policy allows.

use crate::network::{Net, given_up, ours, refused, theirs};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, ToSocketAddrs, UdpSocket};
use std::vec::IntoIter;
use tokio::sync::oneshot;
use wasmtime::Result;
use wasmtime::component::Resource;
use wasmtime_wasi::async_trait;
use wasmtime_wasi::p2::bindings::sockets::ip_name_lookup::{
    Host, HostResolveAddressStream, ResolveAddressStream,
};
use wasmtime_wasi::p2::bindings::sockets::network::{ErrorCode, IpAddress};
use wasmtime_wasi::p2::{DynPollable, Network, Pollable, SocketError, subscribe};

type Found = std::result::Result<IntoIter<IpAddr>, ErrorCode>;

/// The answer to a question, once it is there.
struct Answer {
    name: String,
    waiting: Option<oneshot::Receiver<Found>>,
    found: Found,
}

impl Answer {
    /// The answer that needs nobody: an address stands for itself, and `localhost` for this machine.
    fn known(name: &str) -> Option<Answer> {
        let literal = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        let addresses = match literal {
            Ok(address) => vec![address],
            Err(_) if is_localhost(name) => loopback(),
            Err(_) => return None,
        };
        Some(Answer { name: name.to_owned(), waiting: None, found: Ok(addresses.into_iter()) })
    }

    fn asked(name: String) -> Answer {
        let (give, waiting) = oneshot::channel();
        let asked = name.clone();
        std::thread::spawn(move || {
            let _ = give.send(resolve(&asked)); // the guest may be gone
        });
        Answer { name, waiting: Some(waiting), found: Err(ErrorCode::WouldBlock) }
    }

    /// Takes what has arrived, and tells whether it is new.
    fn look(&mut self) -> bool {
        let Some(waiting) = &mut self.waiting else { return false };
        match waiting.try_recv() {
            Ok(found) => self.found = found,
            Err(oneshot::error::TryRecvError::Empty) => return false,
            Err(oneshot::error::TryRecvError::Closed) => {
                self.found = Err(ErrorCode::TemporaryResolverFailure)
            }
        }
        self.waiting = None;
        true
    }
}

/// `localhost` and what is below it (RFC 6761).
fn is_localhost(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost")
}

/// The addresses of this machine for itself; ::1 where it has IPv6.
fn loopback() -> Vec<IpAddr> {
    let mut addresses = vec![IpAddr::V4(Ipv4Addr::LOCALHOST)];
    if UdpSocket::bind((Ipv6Addr::LOCALHOST, 0)).is_ok() {
        addresses.push(IpAddr::V6(Ipv6Addr::LOCALHOST));
    }
    addresses
}

/// Asks the system.
fn resolve(name: &str) -> Found {
    let found = (name, 0).to_socket_addrs().map_err(|_| ErrorCode::NameUnresolvable)?;
    let mut addresses: Vec<IpAddr> = Vec::new();
    for address in found.map(|address| address.ip().to_canonical()) {
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    Ok(addresses.into_iter())
}

#[async_trait]
impl Pollable for Answer {
    async fn ready(&mut self) {
        let Some(waiting) = &mut self.waiting else { return };
        let found = waiting.await;
        // What was taken here is put where `look` finds it.
        let (give, arrived) = oneshot::channel();
        let _ = give.send(found.unwrap_or(Err(ErrorCode::TemporaryResolverFailure)));
        self.waiting = Some(arrived);
    }
}

impl Host for Net<'_> {
    fn resolve_addresses(
        &mut self,
        _network: Resource<Network>,
        name: String,
    ) -> std::result::Result<Resource<ResolveAddressStream>, SocketError> {
        let answer = match Answer::known(&name) {
            Some(answer) => answer,
            None if self.access.lookup(&name) => Answer::asked(name),
            None => return Err(refused()),
        };
        Ok(theirs(self.table.push(answer)?))
    }
}

impl HostResolveAddressStream for Net<'_> {
    fn resolve_next_address(
        &mut self,
        stream: Resource<ResolveAddressStream>,
    ) -> std::result::Result<Option<IpAddress>, SocketError> {
        let answer = self.table.get_mut(&ours::<Answer, _>(&stream))?;
        if answer.look() {
            if let Ok(found) = &answer.found {
                let addresses = found.as_slice().iter();
                addresses.for_each(|address| self.access.found(&answer.name, *address));
            }
        }
        match &mut answer.found {
            Ok(addresses) => Ok(addresses.next().map(Into::into)),
            Err(error) => Err((*error).into()),
        }
    }
    fn subscribe(
        &mut self,
        stream: Resource<ResolveAddressStream>,
    ) -> Result<Resource<DynPollable>> {
        subscribe(self.table, ours::<Answer, _>(&stream))
    }
    fn drop(&mut self, stream: Resource<ResolveAddressStream>) -> Result<()> {
        self.table.delete(given_up::<Answer, _>(stream))?;
        Ok(())
    }
}
