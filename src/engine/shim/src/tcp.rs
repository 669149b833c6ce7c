//! wasi:sockets/tcp over sockets of the system that never block, each use judged by the policy. wasmtime-wasi's own need a
//! second thread, have no listeners for the guest alone, and send small writes late.

use crate::connection::Connection;
use crate::network::{Access, Bound, Net, Way, failed, given_up, ours, refused, theirs};
use crate::wait::{Direction, Watched};
use socket2::{Domain, SockAddr, Socket, TcpKeepalive, Type};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use wasmtime::Result;
use wasmtime::component::Resource;
use wasmtime_wasi::async_trait;
use wasmtime_wasi::p2::bindings::sockets::network::{ErrorCode, IpAddressFamily, IpSocketAddress};
use wasmtime_wasi::p2::bindings::sockets::tcp_create_socket;
use wasmtime_wasi::p2::bindings::sync::sockets::tcp::{self, ShutdownType, TcpSocket};
use wasmtime_wasi::p2::{
    DynInputStream, DynOutputStream, DynPollable, Network, Pollable, SocketError, SocketResult,
    subscribe,
};

/// The length of a queue of connections that nobody asked for another of.
const BACKLOG: i32 = 128;

/// A socket of the guest's.
struct Tcp {
    socket: Arc<Watched>,
    family: IpAddressFamily,
    state: State,
    bound: Option<Bound>,
    backlog: i32,
    /// Its peer is the guest itself.
    own: bool,
    access: Arc<Access>,
}

enum State {
    /// Neither connected nor listening.
    Idle,
    Connecting(SocketAddr),
    Connected(Arc<Connection>, SocketAddr),
    /// The address, and whether only the guest's own connections are taken.
    Listening(SocketAddr, bool),
    Failed(ErrorCode),
}

impl Tcp {
    fn new(access: &Arc<Access>, family: IpAddressFamily) -> io::Result<Tcp> {
        let socket = Watched::new(socket(family, Type::STREAM)?);
        let access = access.clone();
        let (state, bound, backlog, own) = (State::Idle, None, BACKLOG, false);
        Ok(Tcp { socket, family, state, bound, backlog, own, access })
    }

    fn bind(&mut self, address: SocketAddr) -> SocketResult<()> {
        if self.bound.is_some() || !matches!(self.state, State::Idle) {
            return Err(ErrorCode::InvalidState.into());
        }
        check_family(self.family, address)?;
        let bound = self.access.bind(address).ok_or_else(refused)?;
        if address.port() != 0 {
            self.socket.set_reuse_address(true)?; // as every server wants it
        }
        self.socket.bind(&address.into())?;
        self.bound = Some(bound);
        if bound == Bound::Own {
            self.access.bound(local(&self.socket)?);
        }
        Ok(())
    }

    fn listen(&mut self) -> SocketResult<()> {
        let (State::Idle, Some(bound)) = (&self.state, self.bound) else {
            return Err(ErrorCode::InvalidState.into());
        };
        let address = local(&self.socket)?;
        if !self.access.listen(address, bound) {
            return Err(refused());
        }
        let own = bound == Bound::Own && address.ip().is_loopback();
        self.state = State::Listening(address, own); // so that its end is noted
        self.socket.listen(self.backlog)?;
        Ok(())
    }

    fn connect(&mut self, address: SocketAddr) -> SocketResult<()> {
        if !matches!(self.state, State::Idle) {
            return Err(ErrorCode::InvalidState.into());
        }
        check_family(self.family, address)?;
        if address.port() == 0 {
            return Err(ErrorCode::InvalidArgument.into());
        }
        match self.access.connect(address) {
            None => return Err(refused()),
            Some(Way::Nobody) => return Err(ErrorCode::ConnectionRefused.into()),
            Some(Way::Granted) => {}
            Some(Way::Own) => self.call(address)?,
        }
        let started = loop {
            match self.socket.connect(&address.into()) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                started => break started,
            }
        };
        match started {
            Err(error) if error.raw_os_error() != Some(libc::EINPROGRESS) => Err(failed(error)),
            _ => {
                self.state = State::Connecting(address);
                Ok(())
            }
        }
    }

    /// Makes known that the connection to `listener`, which is the guest's own, comes from this socket.
    fn call(&mut self, listener: SocketAddr) -> SocketResult<()> {
        if self.bound.is_none() {
            self.socket.bind(&SocketAddr::new(listener.ip(), 0).into())?;
            self.bound = Some(Bound::Own);
        }
        let mut caller = local(&self.socket)?;
        if caller.ip().is_unspecified() {
            caller.set_ip(listener.ip());
        }
        self.access.calls(caller, listener);
        self.own = true;
        Ok(())
    }

    /// The connection that `connect` began, once it is there.
    fn connected(&mut self) -> SocketResult<Arc<Connection>> {
        let address = match &self.state {
            State::Connecting(address) => *address,
            State::Failed(code) => return Err((*code).into()),
            _ => return Err(ErrorCode::NotInProgress.into()),
        };
        if !self.socket.is_ready(Direction::Write) {
            return Err(ErrorCode::WouldBlock.into());
        }
        if let Some(error) = self.socket.take_error()? {
            let code = ErrorCode::from(error);
            self.state = State::Failed(code);
            return Err(code.into());
        }
        Ok(self.connect_to(address))
    }

    fn connect_to(&mut self, address: SocketAddr) -> Arc<Connection> {
        let connection =
            Connection::new(self.socket.clone(), self.own, self.access.stalled.clone());
        self.state = State::Connected(connection.clone(), address);
        connection
    }

    /// The next connection that the guest may have; others are dropped unseen.
    fn accept(&mut self) -> SocketResult<(Tcp, Arc<Connection>)> {
        let State::Listening(_, own) = self.state else {
            return Err(ErrorCode::InvalidState.into());
        };
        let (socket, from) = loop {
            let (socket, from) = match self.socket.accept() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                accepted => accepted?,
            };
            let from = address_of(from)?;
            if !own || self.access.is_own_call(from) {
                break (socket, from);
            }
        };
        prepare(&socket, Type::STREAM)?;
        let mut peer = Tcp {
            socket: Watched::new(socket),
            family: self.family,
            state: State::Idle,
            bound: self.bound,
            backlog: BACKLOG,
            own,
            access: self.access.clone(),
        };
        let connection = peer.connect_to(from);
        Ok((peer, connection))
    }

    fn shutdown(&self, how: ShutdownType) -> SocketResult<()> {
        let State::Connected(connection, _) = &self.state else {
            return Err(ErrorCode::InvalidState.into());
        };
        let how = match how {
            ShutdownType::Receive => std::net::Shutdown::Read,
            ShutdownType::Send => std::net::Shutdown::Write,
            ShutdownType::Both => std::net::Shutdown::Both,
        };
        Ok(connection.shutdown(how)?)
    }
}

impl Drop for Tcp {
    fn drop(&mut self) {
        match self.state {
            State::Listening(address, true) => self.access.listened(address),
            State::Connected(..) => {} // it may be accepted still
            _ if self.own => {
                let _ = local(&self.socket).map(|caller| self.access.is_own_call(caller));
            }
            _ => {}
        }
    }
}

#[async_trait]
impl Pollable for Tcp {
    async fn ready(&mut self) {
        match self.state {
            State::Connecting(_) => self.socket.ready(Direction::Write).await,
            State::Listening(..) => self.socket.ready(Direction::Read).await,
            _ => {}
        }
    }
}

/// A socket of the system's that never blocks.
pub fn socket(family: IpAddressFamily, kind: Type) -> io::Result<Socket> {
    let domain = match family {
        IpAddressFamily::Ipv4 => Domain::IPV4,
        IpAddressFamily::Ipv6 => Domain::IPV6,
    };
    let socket = Socket::new(domain, kind, None)?;
    if family == IpAddressFamily::Ipv6 {
        socket.set_only_v6(true)?;
    }
    prepare(&socket, kind)?;
    Ok(socket)
}

/// WASI cannot say TCP_NODELAY, which everybody who answers small messages wants; here writes leave at once.
fn prepare(socket: &Socket, kind: Type) -> io::Result<()> {
    socket.set_nonblocking(true)?;
    if kind == Type::STREAM { socket.set_tcp_nodelay(true) } else { Ok(()) }
}

pub fn local(socket: &Socket) -> io::Result<SocketAddr> {
    address_of(socket.local_addr()?)
}

fn address_of(address: SockAddr) -> io::Result<SocketAddr> {
    address.as_socket().ok_or_else(|| io::ErrorKind::Unsupported.into())
}

/// An address that a socket of `family` can use; IPv4 in IPv6 is IPv4, and other sockets' business.
pub fn check_family(family: IpAddressFamily, address: SocketAddr) -> SocketResult<()> {
    let fits = match (family, address.ip()) {
        (IpAddressFamily::Ipv4, IpAddr::V4(_)) => true,
        (IpAddressFamily::Ipv6, IpAddr::V6(ip)) => ip.to_ipv4_mapped().is_none(),
        _ => false,
    };
    if fits { Ok(()) } else { Err(ErrorCode::InvalidArgument.into()) }
}

/// A number that has to be at least one.
fn positive<T: PartialEq + Default>(value: T) -> SocketResult<T> {
    if value == T::default() { Err(ErrorCode::InvalidArgument.into()) } else { Ok(value) }
}

/// Seconds as the system counts them, of nanoseconds.
fn seconds(nanoseconds: u64) -> SocketResult<Duration> {
    let seconds = positive(nanoseconds)?.div_ceil(1_000_000_000);
    Ok(Duration::from_secs(seconds.min(i16::MAX as u64)))
}

fn nanoseconds(duration: Duration) -> u64 {
    duration.as_nanos().try_into().unwrap_or(u64::MAX)
}

/// The hop limit of a socket.
pub fn hop_limit(socket: &Socket, family: IpAddressFamily) -> SocketResult<u8> {
    let hops = match family {
        IpAddressFamily::Ipv4 => socket.ttl_v4()?,
        IpAddressFamily::Ipv6 => socket.unicast_hops_v6()?,
    };
    hops.try_into().map_err(|_| ErrorCode::NotSupported.into())
}

pub fn set_hop_limit(socket: &Socket, family: IpAddressFamily, hops: u8) -> SocketResult<()> {
    let hops = positive(hops)?.into();
    match family {
        IpAddressFamily::Ipv4 => socket.set_ttl_v4(hops)?,
        IpAddressFamily::Ipv6 => socket.set_unicast_hops_v6(hops)?,
    }
    Ok(())
}

/// A buffer's size as it was asked for: the system doubles it for its own needs.
pub fn buffer_size(size: io::Result<usize>) -> SocketResult<u64> {
    Ok(size? as u64 / 2)
}

/// A size to ask for.
pub fn wanted_size(size: u64) -> SocketResult<usize> {
    Ok(positive(size)?.min(i32::MAX as u64) as usize)
}

impl Net<'_> {
    fn tcp(&mut self, handle: &Resource<TcpSocket>) -> SocketResult<&mut Tcp> {
        Ok(self.table.get_mut(&ours::<Tcp, _>(handle))?)
    }

    fn push_streams(
        &mut self,
        connection: &Arc<Connection>,
    ) -> SocketResult<(Resource<DynInputStream>, Resource<DynOutputStream>)> {
        let (input, output) = connection.streams();
        Ok((self.table.push(input)?, self.table.push(output)?))
    }
}

impl tcp_create_socket::Host for Net<'_> {
    fn create_tcp_socket(&mut self, family: IpAddressFamily) -> SocketResult<Resource<TcpSocket>> {
        if !self.access.has_sockets() {
            return Err(refused());
        }
        let socket = Tcp::new(self.access, family)?;
        Ok(theirs(self.table.push(socket)?))
    }
}

impl tcp::Host for Net<'_> {}

type This = Resource<TcpSocket>;

impl tcp::HostTcpSocket for Net<'_> {
    fn start_bind(
        &mut self,
        this: This,
        _network: Resource<Network>,
        address: IpSocketAddress,
    ) -> SocketResult<()> {
        self.tcp(&this)?.bind(address.into())
    }
    fn finish_bind(&mut self, _this: This) -> SocketResult<()> {
        Ok(())
    }
    fn start_connect(
        &mut self,
        this: This,
        _network: Resource<Network>,
        address: IpSocketAddress,
    ) -> SocketResult<()> {
        self.tcp(&this)?.connect(address.into())
    }
    fn finish_connect(
        &mut self,
        this: This,
    ) -> std::result::Result<(Resource<DynInputStream>, Resource<DynOutputStream>), SocketError>
    {
        let connection = self.tcp(&this)?.connected()?;
        self.push_streams(&connection)
    }
    fn start_listen(&mut self, this: This) -> SocketResult<()> {
        self.tcp(&this)?.listen()
    }
    fn finish_listen(&mut self, _this: This) -> SocketResult<()> {
        Ok(())
    }
    fn accept(
        &mut self,
        this: This,
    ) -> SocketResult<(This, Resource<DynInputStream>, Resource<DynOutputStream>)> {
        let (peer, connection) = self.tcp(&this)?.accept()?;
        let peer = theirs(self.table.push(peer)?);
        let (input, output) = self.push_streams(&connection)?;
        Ok((peer, input, output))
    }
    fn local_address(&mut self, this: This) -> SocketResult<IpSocketAddress> {
        let socket = self.tcp(&this)?;
        if socket.bound.is_none() && matches!(socket.state, State::Idle) {
            return Err(ErrorCode::InvalidState.into());
        }
        Ok(local(&socket.socket)?.into())
    }
    fn remote_address(&mut self, this: This) -> SocketResult<IpSocketAddress> {
        match &self.tcp(&this)?.state {
            State::Connected(_, address) => Ok((*address).into()),
            _ => Err(ErrorCode::InvalidState.into()),
        }
    }
    fn is_listening(&mut self, this: This) -> Result<bool> {
        let socket = self.table.get(&ours::<Tcp, _>(&this))?;
        Ok(matches!(socket.state, State::Listening(..)))
    }
    fn address_family(&mut self, this: This) -> Result<IpAddressFamily> {
        Ok(self.table.get(&ours::<Tcp, _>(&this))?.family)
    }
    fn set_listen_backlog_size(&mut self, this: This, value: u64) -> SocketResult<()> {
        let socket = self.tcp(&this)?;
        socket.backlog = positive(value)?.min(i32::MAX as u64) as i32;
        match socket.state {
            State::Listening(..) => Ok(socket.socket.listen(socket.backlog)?),
            _ => Ok(()),
        }
    }
    fn keep_alive_enabled(&mut self, this: This) -> SocketResult<bool> {
        Ok(self.tcp(&this)?.socket.keepalive()?)
    }
    fn set_keep_alive_enabled(&mut self, this: This, value: bool) -> SocketResult<()> {
        Ok(self.tcp(&this)?.socket.set_keepalive(value)?)
    }
    fn keep_alive_idle_time(&mut self, this: This) -> SocketResult<u64> {
        Ok(nanoseconds(self.tcp(&this)?.socket.tcp_keepalive_time()?))
    }
    fn set_keep_alive_idle_time(&mut self, this: This, value: u64) -> SocketResult<()> {
        keep_alive(self.tcp(&this)?, |keeping| Ok(keeping.with_time(seconds(value)?)))
    }
    fn keep_alive_interval(&mut self, this: This) -> SocketResult<u64> {
        Ok(nanoseconds(self.tcp(&this)?.socket.tcp_keepalive_interval()?))
    }
    fn set_keep_alive_interval(&mut self, this: This, value: u64) -> SocketResult<()> {
        keep_alive(self.tcp(&this)?, |keeping| Ok(keeping.with_interval(seconds(value)?)))
    }
    fn keep_alive_count(&mut self, this: This) -> SocketResult<u32> {
        Ok(self.tcp(&this)?.socket.tcp_keepalive_retries()?)
    }
    fn set_keep_alive_count(&mut self, this: This, value: u32) -> SocketResult<()> {
        let count = positive(value)?.min(i8::MAX as u32);
        keep_alive(self.tcp(&this)?, |keeping| Ok(keeping.with_retries(count)))
    }
    fn hop_limit(&mut self, this: This) -> SocketResult<u8> {
        let socket = self.tcp(&this)?;
        hop_limit(&socket.socket, socket.family)
    }
    fn set_hop_limit(&mut self, this: This, value: u8) -> SocketResult<()> {
        let socket = self.tcp(&this)?;
        set_hop_limit(&socket.socket, socket.family, value)
    }
    fn receive_buffer_size(&mut self, this: This) -> SocketResult<u64> {
        buffer_size(self.tcp(&this)?.socket.recv_buffer_size())
    }
    fn set_receive_buffer_size(&mut self, this: This, value: u64) -> SocketResult<()> {
        Ok(self.tcp(&this)?.socket.set_recv_buffer_size(wanted_size(value)?)?)
    }
    fn send_buffer_size(&mut self, this: This) -> SocketResult<u64> {
        buffer_size(self.tcp(&this)?.socket.send_buffer_size())
    }
    fn set_send_buffer_size(&mut self, this: This, value: u64) -> SocketResult<()> {
        Ok(self.tcp(&this)?.socket.set_send_buffer_size(wanted_size(value)?)?)
    }
    fn subscribe(&mut self, this: This) -> Result<Resource<DynPollable>> {
        subscribe(self.table, ours::<Tcp, _>(&this))
    }
    fn shutdown(&mut self, this: This, how: ShutdownType) -> SocketResult<()> {
        self.tcp(&this)?.shutdown(how)
    }
    fn drop(&mut self, this: This) -> Result<()> {
        self.table.delete(given_up::<Tcp, _>(this))?;
        Ok(())
    }
}

fn keep_alive(
    socket: &mut Tcp,
    change: impl FnOnce(TcpKeepalive) -> SocketResult<TcpKeepalive>,
) -> SocketResult<()> {
    let enabled = socket.socket.keepalive()?;
    socket.socket.set_tcp_keepalive(&change(TcpKeepalive::new())?)?;
    Ok(socket.socket.set_keepalive(enabled)?) // setting a time has switched it on
}
