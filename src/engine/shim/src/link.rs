//! Which imports of a component are met, and by what. Only what the component imports is put into its linker.

use crate::dynlink;
use crate::files::{FileView, HasFiles};
use crate::io::{HasIo, Io};
use crate::locks;
use crate::native;
use crate::network::{HasNet, Net};
use crate::state::State;
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, Linker};
use wasmtime::{Engine, Result};
use wasmtime_wasi::WasiView;
use wasmtime_wasi::cli::{WasiCli, WasiCliView};
use wasmtime_wasi::clocks::{WasiClocks, WasiClocksView};
use wasmtime_wasi::p2::bindings as wasi;
use wasmtime_wasi::p2::bindings::sync;
use wasmtime_wasi::random::WasiRandom;
use wasmtime_wasi::sockets::{WasiSockets, WasiSocketsView};

type Add = fn(&mut Linker<State>) -> Result<()>;

/// One row an interface: its name without the version, and what adds it. Versions match as semver says.
const INTERFACES: &[(&str, Add)] = &[
    ("compose:dynlink/callback", dynlink::add_callback),
    ("compose:dynlink/linker", dynlink::add_linker),
    ("pylon:files/locks", locks::add),
    ("pylon:native/core", native::add),
    ("wasi:cli/environment", |l| {
        wasi::cli::environment::add_to_linker::<_, WasiCli>(l, State::cli)
    }),
    ("wasi:cli/exit", |l| wasi::cli::exit::add_to_linker::<_, WasiCli>(l, State::cli)),
    ("wasi:cli/stdin", |l| wasi::cli::stdin::add_to_linker::<_, WasiCli>(l, State::cli)),
    ("wasi:cli/stdout", |l| wasi::cli::stdout::add_to_linker::<_, WasiCli>(l, State::cli)),
    ("wasi:cli/stderr", |l| wasi::cli::stderr::add_to_linker::<_, WasiCli>(l, State::cli)),
    ("wasi:cli/terminal-input", |l| {
        wasi::cli::terminal_input::add_to_linker::<_, WasiCli>(l, State::cli)
    }),
    ("wasi:cli/terminal-output", |l| {
        wasi::cli::terminal_output::add_to_linker::<_, WasiCli>(l, State::cli)
    }),
    ("wasi:cli/terminal-stdin", |l| {
        wasi::cli::terminal_stdin::add_to_linker::<_, WasiCli>(l, State::cli)
    }),
    ("wasi:cli/terminal-stdout", |l| {
        wasi::cli::terminal_stdout::add_to_linker::<_, WasiCli>(l, State::cli)
    }),
    ("wasi:cli/terminal-stderr", |l| {
        wasi::cli::terminal_stderr::add_to_linker::<_, WasiCli>(l, State::cli)
    }),
    ("wasi:clocks/monotonic-clock", |l| {
        wasi::clocks::monotonic_clock::add_to_linker::<_, WasiClocks>(l, State::clocks)
    }),
    ("wasi:clocks/wall-clock", |l| {
        wasi::clocks::wall_clock::add_to_linker::<_, WasiClocks>(l, State::clocks)
    }),
    ("wasi:filesystem/preopens", |l| {
        wasi::filesystem::preopens::add_to_linker::<_, HasFiles>(l, FileView::of)
    }),
    ("wasi:filesystem/types", |l| {
        sync::filesystem::types::add_to_linker::<_, HasFiles>(l, FileView::of)
    }),
    ("wasi:io/error", |l| wasi::io::error::add_to_linker::<_, HasTable>(l, |s| &mut s.table)),
    ("wasi:io/poll", |l| sync::io::poll::add_to_linker::<_, HasIo>(l, Io::of)),
    ("wasi:io/streams", |l| sync::io::streams::add_to_linker::<_, HasIo>(l, Io::of)),
    ("wasi:random/random", |l| {
        wasi::random::random::add_to_linker::<_, WasiRandom>(l, |s| s.ctx().ctx.random())
    }),
    ("wasi:random/insecure", |l| {
        wasi::random::insecure::add_to_linker::<_, WasiRandom>(l, |s| s.ctx().ctx.random())
    }),
    ("wasi:random/insecure-seed", |l| {
        wasi::random::insecure_seed::add_to_linker::<_, WasiRandom>(l, |s| s.ctx().ctx.random())
    }),
    ("wasi:sockets/instance-network", |l| {
        wasi::sockets::instance_network::add_to_linker::<_, WasiSockets>(l, State::sockets)
    }),
    ("wasi:sockets/ip-name-lookup", |l| {
        wasi::sockets::ip_name_lookup::add_to_linker::<_, HasNet>(l, Net::of)
    }),
    ("wasi:sockets/network", |l| {
        let options = wasi::sockets::network::LinkOptions::default();
        wasi::sockets::network::add_to_linker::<_, HasNet>(l, &options, Net::of)
    }),
    ("wasi:sockets/tcp", |l| sync::sockets::tcp::add_to_linker::<_, HasNet>(l, Net::of)),
    ("wasi:sockets/tcp-create-socket", |l| {
        wasi::sockets::tcp_create_socket::add_to_linker::<_, HasNet>(l, Net::of)
    }),
    ("wasi:sockets/udp", |l| sync::sockets::udp::add_to_linker::<_, HasNet>(l, Net::of)),
    ("wasi:sockets/udp-create-socket", |l| {
        sync::sockets::udp_create_socket::add_to_linker::<_, HasNet>(l, Net::of)
    }),
];

struct HasTable;

impl wasmtime::component::HasData for HasTable {
    type Data<'a> = &'a mut wasmtime_wasi::ResourceTable;
}

/// A linker with what `component` imports, or the first import that nothing provides.
pub fn linker(
    engine: &Engine,
    component: &Component,
) -> Result<std::result::Result<Linker<State>, String>> {
    let mut linker = Linker::new(engine);
    for (import, item) in component.component_type().imports(engine) {
        let interface = import.split('@').next().unwrap_or(import);
        match INTERFACES.iter().find(|(name, _)| *name == interface) {
            Some((_, add)) => add(&mut linker)?,
            None if is_of_types_only(engine, &item.ty) => {}
            None => return Ok(Err(import.to_owned())),
        }
    }
    Ok(Ok(linker))
}

/// Whether an import is an interface without functions and resources, which needs nobody to provide it.
fn is_of_types_only(engine: &Engine, item: &ComponentItem) -> bool {
    let ComponentItem::ComponentInstance(interface) = item else { return false };
    interface.exports(engine).all(|(_, export)| matches!(export.ty, ComponentItem::Type(_)))
}
