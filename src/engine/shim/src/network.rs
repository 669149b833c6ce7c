//! The network policy: which addresses and names the guest may use. What it refuses is recorded.

use crate::abi::{Network, Text};
use crate::shared::{Kind, Shared};
use crate::state::State;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use wasmtime::Result;
use wasmtime::component::{HasData, Resource};
use wasmtime_wasi::WasiCtxBuilder;
use wasmtime_wasi::p2::bindings::sockets::ip_name_lookup::{
    Host, HostResolveAddressStream, ResolveAddressStream,
};
use wasmtime_wasi::p2::bindings::sockets::network::{self, ErrorCode, IpAddress};
use wasmtime_wasi::p2::{DynPollable, Network as NetworkHandle, SocketError};
use wasmtime_wasi::sockets::{SocketAddrUse, WasiSocketsCtxView, WasiSocketsView};

/// Grants what `policy` grants: sockets only if it judges addresses at all.
pub fn configure(builder: &mut WasiCtxBuilder, policy: Network, shared: Arc<Shared>) {
    let sockets = policy.allow_address.is_some();
    builder
        .allow_tcp(sockets)
        .allow_udp(sockets)
        .allow_ip_name_lookup(policy.allow_lookup.is_some());
    let serves_datagrams = AtomicBool::new(false);
    builder.socket_addr_check(move |address, purpose| {
        let allowed = allows(&policy, address, purpose, &shared, &serves_datagrams);
        Box::pin(async move { allowed })
    });
}

/// `serves_datagrams` is set once the guest has bound a datagram socket as allowed: then datagrams may come from anywhere.
fn allows(
    policy: &Network,
    address: SocketAddr,
    purpose: SocketAddrUse,
    shared: &Shared,
    serves_datagrams: &AtomicBool,
) -> bool {
    use SocketAddrUse::*;
    let judge = |bind| {
        let name = address.ip().to_string();
        let judge = policy.allow_address;
        judge.is_some_and(|judge| unsafe {
            judge(policy.user, Text::of(&name), address.port(), bind)
        })
    };
    let allowed = match purpose {
        // The system's own choice before connecting or sending, which is judged by itself.
        TcpBind | UdpBind if address.ip().is_unspecified() && address.port() == 0 => return true,
        TcpAccept => return true, // listening was judged
        UdpReceive => return serves_datagrams.load(Ordering::Relaxed) || judge(false),
        TcpBind | TcpListen | UdpBind => judge(true),
        TcpConnect | UdpSend => judge(false),
    };
    if allowed && matches!(purpose, UdpBind) {
        serves_datagrams.store(true, Ordering::Relaxed);
    }
    if !allowed {
        shared.refuse(Kind::Connect, address.to_string());
    }
    allowed
}

/// wasi:sockets/ip-name-lookup behind the policy.
pub struct Lookup<'a> {
    base: WasiSocketsCtxView<'a>,
    policy: Network,
    shared: Arc<Shared>,
}

impl Lookup<'_> {
    pub fn of(state: &mut State) -> Lookup<'_> {
        let (policy, shared) = (state.network, state.shared.clone());
        Lookup { base: state.sockets(), policy, shared }
    }
}

/// Names `Lookup` for wasmtime's generated linker functions.
pub struct HasLookup;

impl HasData for HasLookup {
    type Data<'a> = Lookup<'a>;
}

impl network::Host for Lookup<'_> {
    fn convert_error_code(&mut self, error: SocketError) -> Result<ErrorCode> {
        self.base.convert_error_code(error)
    }
    fn network_error_code(
        &mut self,
        error: Resource<wasmtime::Error>,
    ) -> Result<Option<ErrorCode>> {
        self.base.network_error_code(error)
    }
}

impl network::HostNetwork for Lookup<'_> {
    fn drop(&mut self, handle: Resource<NetworkHandle>) -> Result<()> {
        network::HostNetwork::drop(&mut self.base, handle)
    }
}

impl Host for Lookup<'_> {
    fn resolve_addresses(
        &mut self,
        network: Resource<NetworkHandle>,
        name: String,
    ) -> Result<Resource<ResolveAddressStream>, SocketError> {
        let allowed = match self.policy.allow_lookup {
            Some(judge) => unsafe { judge(self.policy.user, Text::of(&name)) },
            None => false,
        };
        if !allowed {
            self.shared.refuse(Kind::Lookup, name);
            return Err(ErrorCode::AccessDenied.into());
        }
        self.base.resolve_addresses(network, name)
    }
}

impl HostResolveAddressStream for Lookup<'_> {
    fn resolve_next_address(
        &mut self,
        stream: Resource<ResolveAddressStream>,
    ) -> Result<Option<IpAddress>, SocketError> {
        self.base.resolve_next_address(stream)
    }
    fn subscribe(
        &mut self,
        stream: Resource<ResolveAddressStream>,
    ) -> Result<Resource<DynPollable>> {
        self.base.subscribe(stream)
    }
    fn drop(&mut self, stream: Resource<ResolveAddressStream>) -> Result<()> {
        HostResolveAddressStream::drop(&mut self.base, stream)
    }
}
