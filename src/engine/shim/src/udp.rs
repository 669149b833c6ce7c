//! wasi:sockets/udp over sockets of the system that never block, each use judged by the policy.

use crate::network::{Access, Bound, Net, failed, given_up, ours, refused, theirs};
use crate::tcp::{buffer_size, check_family, hop_limit, local, set_hop_limit, socket, wanted_size};
use crate::wait::{Direction, Watched};
use socket2::{Socket, Type};
use std::io;
use std::net::SocketAddr;
use std::os::fd::AsRawFd;
use std::sync::Arc;
use wasmtime::Result;
use wasmtime::component::Resource;
use wasmtime_wasi::async_trait;
use wasmtime_wasi::p2::bindings::sockets::network::{ErrorCode, IpAddressFamily, IpSocketAddress};
use wasmtime_wasi::p2::bindings::sync::sockets::udp::{
    self, IncomingDatagram, IncomingDatagramStream, OutgoingDatagram, OutgoingDatagramStream,
};
use wasmtime_wasi::p2::bindings::sync::sockets::udp_create_socket;
use wasmtime_wasi::p2::{DynPollable, Network, Pollable, SocketResult, UdpSocket, subscribe};

/// How many datagrams cross in one call, and the most that one of them holds.
const MOST: u64 = 16;
const DATAGRAM: usize = 65536;

/// A socket of the guest's.
struct Udp {
    shared: Arc<Watched>,
    family: IpAddressFamily,
    bound: Option<Bound>,
    remote: Option<SocketAddr>,
    access: Arc<Access>,
}

/// One direction of a socket.
struct Incoming {
    socket: Arc<Watched>,
    bound: Bound,
    remote: Option<SocketAddr>,
    access: Arc<Access>,
}
struct Outgoing {
    socket: Arc<Watched>,
    family: IpAddressFamily,
    remote: Option<SocketAddr>,
    access: Arc<Access>,
}

impl Udp {
    fn bind(&mut self, address: SocketAddr) -> SocketResult<()> {
        if self.bound.is_some() {
            return Err(ErrorCode::InvalidState.into());
        }
        check_family(self.family, address)?;
        let bound = self.access.bind(address).ok_or_else(refused)?;
        self.shared.bind(&address.into())?;
        self.bound = Some(bound);
        let address = local(&self.shared)?;
        if bound == Bound::Own {
            self.access.bound(address);
        }
        self.access.serves_datagrams(address, true);
        Ok(())
    }

    /// The two directions, to and from `remote` alone if there is one.
    fn stream(&mut self, remote: Option<SocketAddr>) -> SocketResult<(Incoming, Outgoing)> {
        let bound = self.bound.ok_or(ErrorCode::InvalidState)?;
        if let Some(address) = remote {
            check_family(self.family, address)?;
            if address.port() == 0 {
                return Err(ErrorCode::InvalidArgument.into());
            }
            if !self.access.send(address) {
                return Err(refused());
            }
        }
        if remote.is_some() || self.remote.is_some() {
            self.connect(remote)?;
        }
        let (socket, access) = (self.shared.clone(), self.access.clone());
        let incoming = Incoming { socket, bound, remote, access };
        let (socket, family, access) = (self.shared.clone(), self.family, self.access.clone());
        Ok((incoming, Outgoing { socket, family, remote, access }))
    }
}

impl Udp {
    /// Fixes who the other side is, or that it is anybody.
    fn connect(&mut self, remote: Option<SocketAddr>) -> SocketResult<()> {
        match remote {
            Some(address) => self.shared.connect(&address.into())?,
            None => {
                let address = local(&self.shared)?;
                disconnect(&self.shared)?;
                if local(&self.shared)?.port() == 0 {
                    self.shared.bind(&address.into())?; // a port of the system's choice is gone with it
                }
            }
        }
        self.remote = remote;
        Ok(())
    }
}

impl Drop for Udp {
    fn drop(&mut self) {
        if let (Some(_), Ok(address)) = (self.bound, local(&self.shared)) {
            self.access.serves_datagrams(address, false);
        }
    }
}

/// Ends that the other side is fixed.
fn disconnect(socket: &Socket) -> io::Result<()> {
    let nobody =
        libc::sockaddr { sa_family: libc::AF_UNSPEC as libc::sa_family_t, sa_data: [0; 14] };
    let size = size_of::<libc::sockaddr>() as libc::socklen_t;
    match unsafe { libc::connect(socket.as_raw_fd(), &nobody, size) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

impl Incoming {
    /// The next datagram that the guest may have; others are dropped unseen.
    fn receive(&self) -> io::Result<Option<IncomingDatagram>> {
        loop {
            let mut data = Vec::with_capacity(DATAGRAM);
            let (count, from) = match self.socket.recv_from(data.spare_capacity_mut()) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(None),
                received => received?,
            };
            unsafe { data.set_len(count) }; // the system wrote as many
            let Some(from) = from.as_socket() else { continue };
            // What came before the other side was fixed may be another's.
            let expected = self.remote.is_none_or(|remote| remote == from);
            if expected && self.access.receive(from, self.bound) {
                data.shrink_to_fit();
                return Ok(Some(IncomingDatagram { data, remote_address: from.into() }));
            }
        }
    }
}

impl Outgoing {
    fn send(&self, datagram: &OutgoingDatagram) -> SocketResult<()> {
        let to = datagram.remote_address.map(SocketAddr::from);
        let data = &datagram.data;
        let sent = match (self.remote, to) {
            (Some(_), None) => self.socket.send(data),
            (Some(remote), Some(to)) if remote == to => self.socket.send(data),
            (None, Some(to)) => {
                check_family(self.family, to)?;
                if !self.access.send(to) {
                    return Err(refused());
                }
                self.socket.send_to(data, &to.into())
            }
            _ => return Err(ErrorCode::InvalidArgument.into()),
        };
        sent.map(|_| ()).map_err(failed)
    }
}

#[async_trait]
impl Pollable for Udp {
    async fn ready(&mut self) {}
}

#[async_trait]
impl Pollable for Incoming {
    async fn ready(&mut self) {
        self.socket.ready(Direction::Read).await;
    }
}

#[async_trait]
impl Pollable for Outgoing {
    async fn ready(&mut self) {
        self.socket.ready(Direction::Write).await;
    }
}

impl Net<'_> {
    fn udp(&mut self, handle: &Resource<UdpSocket>) -> SocketResult<&mut Udp> {
        Ok(self.table.get_mut(&ours::<Udp, _>(handle))?)
    }
}

impl udp_create_socket::Host for Net<'_> {
    fn create_udp_socket(&mut self, family: IpAddressFamily) -> SocketResult<Resource<UdpSocket>> {
        if !self.access.has_sockets() {
            return Err(refused());
        }
        let shared = Watched::new(socket(family, Type::DGRAM)?);
        let access = self.access.clone();
        let socket = Udp { shared, family, bound: None, remote: None, access };
        Ok(theirs(self.table.push(socket)?))
    }
}

impl udp::Host for Net<'_> {}

type This = Resource<UdpSocket>;

impl udp::HostUdpSocket for Net<'_> {
    fn start_bind(
        &mut self,
        this: This,
        _network: Resource<Network>,
        address: IpSocketAddress,
    ) -> SocketResult<()> {
        self.udp(&this)?.bind(address.into())
    }
    fn finish_bind(&mut self, _this: This) -> SocketResult<()> {
        Ok(())
    }
    fn stream(
        &mut self,
        this: This,
        remote: Option<IpSocketAddress>,
    ) -> SocketResult<(Resource<IncomingDatagramStream>, Resource<OutgoingDatagramStream>)> {
        let (incoming, outgoing) = self.udp(&this)?.stream(remote.map(Into::into))?;
        Ok((theirs(self.table.push(incoming)?), theirs(self.table.push(outgoing)?)))
    }
    fn local_address(&mut self, this: This) -> SocketResult<IpSocketAddress> {
        let socket = self.udp(&this)?;
        match socket.bound {
            Some(_) => Ok(local(&socket.shared)?.into()),
            None => Err(ErrorCode::InvalidState.into()),
        }
    }
    fn remote_address(&mut self, this: This) -> SocketResult<IpSocketAddress> {
        let remote = self.udp(&this)?.remote;
        Ok(remote.ok_or(ErrorCode::InvalidState)?.into())
    }
    fn address_family(&mut self, this: This) -> Result<IpAddressFamily> {
        Ok(self.table.get(&ours::<Udp, _>(&this))?.family)
    }
    fn unicast_hop_limit(&mut self, this: This) -> SocketResult<u8> {
        let socket = self.udp(&this)?;
        hop_limit(&socket.shared, socket.family)
    }
    fn set_unicast_hop_limit(&mut self, this: This, value: u8) -> SocketResult<()> {
        let socket = self.udp(&this)?;
        set_hop_limit(&socket.shared, socket.family, value)
    }
    fn receive_buffer_size(&mut self, this: This) -> SocketResult<u64> {
        buffer_size(self.udp(&this)?.shared.recv_buffer_size())
    }
    fn set_receive_buffer_size(&mut self, this: This, value: u64) -> SocketResult<()> {
        Ok(self.udp(&this)?.shared.set_recv_buffer_size(wanted_size(value)?)?)
    }
    fn send_buffer_size(&mut self, this: This) -> SocketResult<u64> {
        buffer_size(self.udp(&this)?.shared.send_buffer_size())
    }
    fn set_send_buffer_size(&mut self, this: This, value: u64) -> SocketResult<()> {
        Ok(self.udp(&this)?.shared.set_send_buffer_size(wanted_size(value)?)?)
    }
    fn subscribe(&mut self, this: This) -> Result<Resource<DynPollable>> {
        subscribe(self.table, ours::<Udp, _>(&this))
    }
    fn drop(&mut self, this: This) -> Result<()> {
        self.table.delete(given_up::<Udp, _>(this))?;
        Ok(())
    }
}

impl udp::HostIncomingDatagramStream for Net<'_> {
    fn receive(
        &mut self,
        this: Resource<IncomingDatagramStream>,
        most: u64,
    ) -> SocketResult<Vec<IncomingDatagram>> {
        let stream = self.table.get(&ours::<Incoming, _>(&this))?;
        let mut datagrams = Vec::new();
        while (datagrams.len() as u64) < most.min(MOST) {
            match stream.receive() {
                Ok(Some(datagram)) => datagrams.push(datagram),
                Ok(None) => break,
                Err(error) if datagrams.is_empty() => return Err(failed(error)),
                Err(_) => break,
            }
        }
        Ok(datagrams)
    }
    fn subscribe(
        &mut self,
        this: Resource<IncomingDatagramStream>,
    ) -> Result<Resource<DynPollable>> {
        subscribe(self.table, ours::<Incoming, _>(&this))
    }
    fn drop(&mut self, this: Resource<IncomingDatagramStream>) -> Result<()> {
        self.table.delete(given_up::<Incoming, _>(this))?;
        Ok(())
    }
}

impl udp::HostOutgoingDatagramStream for Net<'_> {
    fn check_send(&mut self, this: Resource<OutgoingDatagramStream>) -> SocketResult<u64> {
        let stream = self.table.get(&ours::<Outgoing, _>(&this))?;
        let free = stream.socket.is_ready(Direction::Write);
        Ok(if free { MOST } else { 0 })
    }
    fn send(
        &mut self,
        this: Resource<OutgoingDatagramStream>,
        datagrams: Vec<OutgoingDatagram>,
    ) -> SocketResult<u64> {
        let stream = self.table.get(&ours::<Outgoing, _>(&this))?;
        let mut sent = 0;
        for datagram in &datagrams {
            match stream.send(datagram) {
                Ok(()) => sent += 1,
                Err(error) if sent == 0 => return Err(error),
                Err(_) => break,
            }
        }
        Ok(sent)
    }
    fn subscribe(
        &mut self,
        this: Resource<OutgoingDatagramStream>,
    ) -> Result<Resource<DynPollable>> {
        subscribe(self.table, ours::<Outgoing, _>(&this))
    }
    fn drop(&mut self, this: Resource<OutgoingDatagramStream>) -> Result<()> {
        self.table.delete(given_up::<Outgoing, _>(this))?;
        Ok(())
    }
}
