//! One instance of a component in a store of its own.

use crate::abi::{self, Options};
use crate::calls::Calls;
use crate::failure::{Failure, FailureKind};
use crate::grants::Grants;
use crate::limits::Limits;
use crate::link;
use crate::network::Access;
use crate::residents::Residents;
use crate::shared::Shared;
use crate::state::State;
use crate::stdio::Standard;
use crate::wait::Waiter;
use std::rc::Rc;
use std::sync::Arc;
use wasmtime::component::{Component, ComponentNamedList, Instance, Lift, TypedFunc, WasmList};
use wasmtime::{Engine, Store};
use wasmtime_wasi::{I32Exit, ResourceTable, WasiCtx, WasiCtxBuilder};

/// The export that runs a command.
const RUN: &str = "wasi:cli/run@0.2.0";

/// A session; made and used on one thread at a time, its `Shared` part from any.
pub struct Session {
    store: Store<State>,
    instance: Instance,
    residents: Rc<Residents>,
}

/// The program of a run, to the components that it calls.
const PROGRAM: &str = "the program";

/// The most that a guest may hand the host in one call: every list that CPython can hold. What single functions take is
/// less, and theirs to check.
const HOSTCALL_BYTES: usize = (2 << 30) + (1 << 20);

impl Session {
    /// Links what the component imports, as `options` grant, and instantiates it.
    ///
    /// # Safety
    /// The pointers in `options` are as `shim.h` says.
    pub unsafe fn new(
        engine: &Engine,
        component: &Component,
        options: &Options,
        shared: Arc<Shared>,
    ) -> Result<Session, Failure> {
        shared.limit_memory(options.max_memory);
        let source = unsafe { options.providers.as_ref() }.copied();
        let residents = Residents::new(engine, source, shared.clone());
        let calls = Calls::new(residents.clone(), 0, PROGRAM);
        let (store, instance) = unsafe { instantiate(engine, component, options, shared, calls) }?;
        Ok(Session { store, instance, residents })
    }

    /// Calls wasi:cli/run; the exit status.
    pub fn run(&mut self) -> Result<i32, Failure> {
        let index = self.instance.get_export_index(&mut self.store, None, RUN);
        let index = index
            .and_then(|run| self.instance.get_export_index(&mut self.store, Some(&run), "run"));
        let run = index.and_then(|run| {
            self.instance.get_typed_func::<(), (Result<(), ()>,)>(&mut self.store, run).ok()
        });
        let Some(run) = run else {
            return Err(Failure::new(
                FailureKind::Input,
                format!("the component is no command: it exports no {RUN}"),
            ));
        };
        let ended = self.enter(&run);
        let state = self.store.data();
        state.waiter.settle(&state.shared);
        match ended {
            Ok((Ok(()),)) => Ok(0),
            Ok((Err(()),)) => Ok(1),
            Err(error) => match error.downcast_ref::<I32Exit>() {
                Some(exit) => Ok(exit.0),
                None => Err(Failure::of_run(&error)),
            },
        }
    }

    /// Calls an exported function of the world that takes nothing and returns a number.
    pub fn call(&mut self, name: &str) -> Result<u32, Failure> {
        let function = self.function::<(u32,)>(name, "func() -> u32")?;
        self.enter(&function).map(|(value,)| value).map_err(|error| Failure::of_run(&error))
    }

    /// Calls an exported function of the world that returns a list<u8>, and returns where its bytes lie.
    pub fn view(&mut self, name: &str) -> Result<(*const u8, usize), Failure> {
        let function = self.function::<(WasmList<u8>,)>(name, "func() -> list<u8>")?;
        let (list,) = self.enter(&function).map_err(|error| Failure::of_run(&error))?;
        let bytes = list.as_le_slice(&self.store);
        Ok((bytes.as_ptr(), bytes.len()))
    }

    fn function<R>(&mut self, name: &str, signature: &str) -> Result<TypedFunc<(), R>, Failure>
    where
        R: ComponentNamedList + Lift + 'static,
    {
        self.instance.get_typed_func::<(), R>(&mut self.store, name).map_err(|error| {
            let doing = format!("the component does not export {name}: {signature}");
            Failure::of(FailureKind::Input, &doing, &error)
        })
    }

    fn enter<R>(&mut self, function: &TypedFunc<(), R>) -> wasmtime::Result<R>
    where
        R: ComponentNamedList + Lift + Send + Sync + 'static,
    {
        function.call(&mut self.store, ())
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.residents.end();
    }
}

/// Links what the component imports, as `options` grant, and instantiates it in a new store.
///
/// # Safety
/// The pointers in `options` are as `shim.h` says.
pub unsafe fn instantiate(
    engine: &Engine,
    component: &Component,
    options: &Options,
    shared: Arc<Shared>,
    calls: Calls,
) -> Result<(Store<State>, Instance), Failure> {
    let linker = link::linker(engine, component)
        .map_err(|error| {
            Failure::of(FailureKind::Internal, "cannot prepare the component's imports", &error)
        })?
        .map_err(|import| {
            let message = format!("the component needs {import}, which nothing here provides");
            Failure::new(FailureKind::Input, message)
        })?;
    let refusals = shared.memory_refusals();
    let mut store = Store::new(engine, unsafe { state(options, shared.clone(), calls) }?);
    store.limiter(|state| &mut state.limits);
    store.set_hostcall_fuel(HOSTCALL_BYTES);
    let prepared = linker.instantiate_pre(component).map_err(|error| {
        Failure::of(FailureKind::Input, "the component's imports do not fit", &error)
    })?;
    let instance = prepared.instantiate(&mut store).map_err(|error| {
        match shared.memory_refusals() != refusals {
            true => Failure::new(
                FailureKind::Limit,
                "the program needs more memory to start than it may have",
            ),
            false => Failure::of_run(&error),
        }
    })?;
    store.data_mut().calls.instance = Some(instance);
    Ok((store, instance))
}

unsafe fn state(options: &Options, shared: Arc<Shared>, calls: Calls) -> Result<State, Failure> {
    let preopens = unsafe { abi::array(options.preopens, options.preopen_count) };
    let grants = unsafe { Grants::open(preopens) }.map_err(|(host, error)| {
        Failure::new(FailureKind::Io, format!("cannot open the directory {host}: {error}"))
    })?;
    let waiter = Waiter::default();
    Ok(State {
        wasi: unsafe { wasi(options) },
        table: ResourceTable::new(),
        grants,
        access: Access::new(options.network, shared.clone(), waiter.stalled.clone()),
        native: unsafe { options.native.as_ref() }.copied(),
        limits: Limits::new(shared.clone()),
        waiter,
        shared,
        calls,
    })
}

unsafe fn wasi(options: &Options) -> WasiCtx {
    let mut builder = WasiCtxBuilder::new();
    builder.allow_blocking_current_thread(true);
    for argument in unsafe { abi::array(options.arguments, options.argument_count) } {
        builder.arg(unsafe { argument.string() });
    }
    for variable in unsafe { abi::array(options.environment, options.environment_count) } {
        builder.env(unsafe { variable.name.string() }, unsafe { variable.value.string() });
    }
    let directory = unsafe { options.directory.string() };
    if !directory.is_empty() {
        builder.initial_cwd(directory);
    }
    let [input, output, error] =
        options.standard.map(|stream| Standard::new(unsafe { stream.as_ref() }.copied()));
    builder.stdin(input).stdout(output).stderr(error);
    builder.build()
}
