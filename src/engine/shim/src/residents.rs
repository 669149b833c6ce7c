//! The providers of a run: each in a store of its own, instantiated at its first call, resident until it traps or the
//! run ends.

use crate::abi::{self, Text};
use crate::calls::{Calls, Lookup};
use crate::config::MAX_WASM_STACK;
use crate::dynlink::{self, Answer, Context, Failed, Handler, Kind, MAX_PAYLOAD};
use crate::failure::{self, FailureKind};
use crate::session;
use crate::shared::Shared;
use crate::stack;
use crate::state::State;
use std::cell::{Cell, RefCell, UnsafeCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::slice;
use std::sync::Arc;
use wasmtime::component::Component;
use wasmtime::{AsContextMut, Engine, Store, StoreContextMut};
use wasmtime_wasi::I32Exit;

/// How deep calls between components may be nested.
const MAX_DEPTH: u32 = 64;

/// How many handles to providers a run may hold.
const MAX_HANDLES: usize = 100_000;

/// What the host's own frames need above a guest's stack.
const HOST_STACK: usize = 8 << 20;

type Outcome<T> = std::result::Result<T, Failed>;

/// A component of the plan, as the host program describes it; the pointers live as long as the session.
struct Found {
    key: u64,
    name: String,
    component: Component,
    options: *const abi::Options,
    schema: Option<(&'static [u8], &'static [u8])>,
}

/// A provider that someone resolved. Its instance is made at the first call.
pub struct Provider {
    found: Found,
    running: RefCell<Option<Rc<Running>>>,
    starting: Cell<bool>,
    gone: Cell<bool>,
}

struct Running {
    store: UnsafeCell<Store<State>>,
    handle: Handler,
}

/// All providers of a run and the handles to them.
pub struct Residents {
    engine: Engine,
    shared: Arc<Shared>,
    source: Option<abi::Source>,
    providers: RefCell<HashMap<u64, Rc<Provider>>>,
    handles: RefCell<Handles>,
    depth: Cell<u32>,
    /// What ended a callback's component: on its way to the call that this component waits in.
    unwinding: RefCell<Option<wasmtime::Error>>,
}

#[derive(Default)]
struct Handles {
    open: Vec<Option<Rc<Provider>>>,
    free: Vec<u32>,
}

/// One level of nested calls, until dropped.
struct Level<'a>(&'a Cell<u32>);

impl Drop for Level<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

impl Residents {
    pub fn new(engine: &Engine, source: Option<abi::Source>, shared: Arc<Shared>) -> Rc<Residents> {
        Rc::new(Residents {
            engine: engine.clone(),
            shared,
            source,
            providers: RefCell::default(),
            handles: RefCell::default(),
            depth: Cell::new(0),
            unwinding: RefCell::default(),
        })
    }

    /// Ends all providers; they and this refer to each other.
    pub fn end(&self) {
        self.handles.take();
        self.providers.take();
    }

    /// A handle to the component that `name` means for the component `loader`.
    pub fn resolve(&self, loader: u64, lookup: Lookup, name: &str) -> Outcome<u32> {
        let found = self.find(loader, lookup, name)?;
        let mut providers = self.providers.borrow_mut();
        let provider = providers.entry(found.key).or_insert_with(|| Rc::new(Provider::new(found)));
        self.handles.borrow_mut().open(provider.clone())
    }

    fn find(&self, loader: u64, lookup: Lookup, name: &str) -> Outcome<Found> {
        let Some(source) = &self.source else {
            let message = format!("the component '{name}' is not there: this run has no plan");
            return Err(Failed::new(Kind::NotFound, message));
        };
        let mut provider = abi::Provider::default();
        let mut refusal = abi::Refusal::default();
        let digest = lookup == Lookup::Digest;
        let resolve = source.resolve;
        // SAFETY: as `shim.h` says; what `provider` points to lives as long as the session.
        unsafe {
            if !resolve(source.user, loader, Text::of(name), digest, &mut provider, &mut refusal) {
                return Err(Failed::new(Kind::of(refusal.kind), refusal.message.string()));
            }
            let schema = (!provider.schema_digest.is_null()).then(|| {
                (provider.schema.bytes(), slice::from_raw_parts(provider.schema_digest, 32))
            });
            Ok(Found {
                key: provider.key,
                name: provider.name.string(),
                component: (*provider.component).clone(),
                options: provider.options,
                schema,
            })
        }
    }

    /// Forgets a handle. The provider stays.
    pub fn close(&self, handle: u32) {
        self.handles.borrow_mut().close(handle);
    }

    /// The schema that the plan names for a provider.
    pub fn schema(&self, handle: u32) -> Outcome<&'static [u8]> {
        let provider = self.handles.borrow().get(handle)?;
        provider.found.schema.map(|(schema, _)| schema).ok_or_else(|| {
            let message = format!("the plan names no schema for '{}'", provider.found.name);
            Failed::new(Kind::NotFound, message)
        })
    }

    /// Calls a method of a provider. Fails only if `caller` itself is to end: by an exit, or a trap in its callback.
    pub fn invoke(
        self: &Rc<Self>,
        handle: u32,
        caller: Option<Context>,
        method: &str,
        payload: &[u8],
    ) -> wasmtime::Result<Answer> {
        let provider = self.handles.borrow().get(handle);
        let ready = provider.and_then(|provider| {
            check_size(payload)?;
            let level = self.deeper()?;
            let running = self.running(&provider)?;
            Ok((level, provider, running))
        });
        match ready {
            Ok((_level, provider, running)) => {
                self.call(&provider, &running, caller, method, payload)
            }
            Err(failed) => Ok(Err(failed.into())),
        }
    }

    /// The provider's instance, made now if this is its first call.
    fn running(self: &Rc<Self>, provider: &Rc<Provider>) -> Outcome<Rc<Running>> {
        let name = &provider.found.name;
        if provider.gone.get() {
            let message = format!("'{name}' trapped in an earlier call; resolve it again");
            return Err(Failed::new(Kind::Trapped, message));
        }
        if stack::left() < MAX_WASM_STACK + HOST_STACK {
            let message = format!("the caller's recursion is too deep to call '{name}' from");
            return Err(Failed::new(Kind::Limit, message));
        }
        if let Some(running) = &*provider.running.borrow() {
            return Ok(running.clone());
        }
        if provider.starting.replace(true) {
            return Err(Failed::new(Kind::Internal, format!("'{name}' needs itself to start")));
        }
        let started = self.start(&provider.found);
        provider.starting.set(false);
        let running = Rc::new(started?);
        provider.running.replace(Some(running.clone()));
        Ok(running)
    }

    fn deeper(&self) -> Outcome<Level<'_>> {
        if self.depth.get() >= MAX_DEPTH {
            let message = format!("calls between components are nested more than {MAX_DEPTH} deep");
            return Err(Failed::new(Kind::Limit, message));
        }
        self.depth.set(self.depth.get() + 1);
        Ok(Level(&self.depth))
    }

    fn start(self: &Rc<Self>, found: &Found) -> Outcome<Running> {
        let Found { key, name, component, options, schema } = found;
        let calls = Calls::new(self.clone(), *key, name);
        let refusals = self.shared.memory_refusals();
        let started = unsafe {
            session::instantiate(&self.engine, component, &**options, self.shared.clone(), calls)
        };
        let (mut store, instance) = started.map_err(|problem| {
            let (kind, detail) = match problem.kind {
                _ if self.shared.memory_refusals() != refusals => {
                    (Kind::Limit, "it needs more memory than is left".to_owned())
                }
                FailureKind::Trap => (Kind::Trapped, problem.line()),
                _ => (Kind::Internal, problem.line()),
            };
            Failed::new(kind, format!("'{name}' cannot be started: {detail}"))
        })?;
        let endpoint = dynlink::endpoint(&mut store.as_context_mut(), instance)
            .map_err(|error| self.reason(name, &error, refusals))?;
        let Some((handle, digest)) = endpoint else {
            let message = format!("'{name}' exports no compose:dynlink/endpoint@0.1.0");
            return Err(Failed::new(Kind::Internal, message));
        };
        if schema.is_some_and(|(_, planned)| planned != digest) {
            let message = format!(
                "'{name}' was made from another contract than the schema that the plan names for it"
            );
            return Err(Failed::new(Kind::SchemaMismatch, message));
        }
        Ok(Running { store: UnsafeCell::new(store), handle })
    }

    fn call(
        &self,
        provider: &Rc<Provider>,
        running: &Running,
        caller: Option<Context>,
        method: &str,
        payload: &[u8],
    ) -> wasmtime::Result<Answer> {
        let refusals = self.shared.memory_refusals();
        // SAFETY: calls nest on one thread; who waits further out in this store does not touch it meanwhile.
        let mut store = unsafe { &mut *running.store.get() }.as_context_mut();
        store.data_mut().calls.callers.push(caller);
        let (method, payload) = unsafe { (dynlink::unbound(method), dynlink::unbound(payload)) };
        let answer = running.handle.call(&mut store, (method, payload));
        store.data_mut().calls.callers.pop();
        let error = match answer {
            Ok((answer,)) if !provider.gone.get() => return Ok(answer),
            Ok(_) => None, // a call further in has trapped
            Err(error) => Some(error),
        };
        self.forget(provider);
        if let Some(error) = self.unwinding.take() {
            return Err(error);
        }
        let name = &provider.found.name;
        Ok(Err(match error {
            Some(error) => self.reason(name, &error, refusals).into(),
            None => Failed::new(Kind::Trapped, format!("'{name}' trapped in a nested call")).into(),
        }))
    }

    /// Calls back into the component behind `consumer`. What ends that component ends the call that it waits in, too.
    pub fn call_back(
        &self,
        mut consumer: StoreContextMut<'_, State>,
        method: &str,
        payload: &[u8],
    ) -> wasmtime::Result<Answer> {
        let ready = check_size(payload).and_then(|()| self.deeper());
        let _level = match ready {
            Ok(level) => level,
            Err(failed) => return Ok(Err(failed.into())),
        };
        let Some(handler) = dynlink::callback_of(&mut consumer) else {
            let message = format!("{} takes no callbacks", consumer.data().calls.name);
            return Ok(Err(Failed::new(Kind::NotFound, message).into()));
        };
        let (method, payload) = unsafe { (dynlink::unbound(method), dynlink::unbound(payload)) };
        match handler.call(&mut consumer, (method, payload)) {
            Ok((answer,)) => Ok(answer),
            Err(error) => {
                self.unwinding.replace(Some(error));
                Err(wasmtime::format_err!("the component that was called back has ended"))
            }
        }
    }

    /// Lets the next resolve make a new instance. This one ends with the last call into it that is under way.
    fn forget(&self, provider: &Rc<Provider>) {
        provider.gone.set(true);
        provider.running.take();
        let mut providers = self.providers.borrow_mut();
        if providers.get(&provider.found.key).is_some_and(|known| Rc::ptr_eq(known, provider)) {
            providers.remove(&provider.found.key);
        }
    }

    /// Why a call into a provider ended it.
    fn reason(&self, name: &str, error: &wasmtime::Error, refusals: u32) -> Failed {
        if self.shared.memory_refusals() != refusals {
            let message = format!("'{name}' needs more memory than is left for it");
            return Failed::new(Kind::Limit, message);
        }
        if failure::is_too_much_data(error) {
            let message = format!("'{name}' answers with more than the host takes");
            return Failed::new(Kind::Limit, message);
        }
        let reason = match error.downcast_ref::<I32Exit>() {
            Some(exit) => format!("it ended itself with exit status {}", exit.0),
            None => failure::reason(error),
        };
        Failed::new(Kind::Trapped, format!("'{name}' trapped: {reason}"))
    }
}

/// The host program as a caller of a plan's providers.
pub struct HostCaller(Rc<Residents>);

impl HostCaller {
    /// # Safety
    /// The pointers in `options` are as `shim.h` says.
    pub unsafe fn new(engine: &Engine, options: &abi::Options, shared: Arc<Shared>) -> HostCaller {
        shared.limit_memory(options.max_memory);
        let source = unsafe { options.providers.as_ref() }.copied();
        HostCaller(Residents::new(engine, source, shared))
    }

    /// Resolves by id and calls.
    pub fn invoke(&self, id: &str, method: &str, payload: &[u8]) -> wasmtime::Result<Answer> {
        let handle = match self.0.resolve(0, Lookup::Id, id) {
            Ok(handle) => handle,
            Err(failed) => return Ok(Err(failed.into())),
        };
        let answer = self.0.invoke(handle, None, method, payload);
        self.0.close(handle);
        answer
    }
}

impl Drop for HostCaller {
    fn drop(&mut self) {
        self.0.end();
    }
}

fn check_size(payload: &[u8]) -> Outcome<()> {
    if payload.len() <= MAX_PAYLOAD {
        return Ok(());
    }
    let message = format!("a payload of {} bytes: the most is {MAX_PAYLOAD}", payload.len());
    Err(Failed::new(Kind::Limit, message))
}

impl Provider {
    fn new(found: Found) -> Provider {
        Provider {
            found,
            running: RefCell::default(),
            starting: Cell::new(false),
            gone: Cell::new(false),
        }
    }
}

impl Handles {
    fn open(&mut self, provider: Rc<Provider>) -> Outcome<u32> {
        if let Some(free) = self.free.pop() {
            self.open[free as usize] = Some(provider);
            return Ok(free);
        }
        if self.open.len() == MAX_HANDLES {
            let message = format!("a run may hold {MAX_HANDLES} handles to providers");
            return Err(Failed::new(Kind::Limit, message));
        }
        self.open.push(Some(provider));
        Ok(self.open.len() as u32 - 1)
    }

    fn close(&mut self, handle: u32) {
        if self.open.get_mut(handle as usize).is_some_and(|place| place.take().is_some()) {
            self.free.push(handle);
        }
    }

    fn get(&self, handle: u32) -> Outcome<Rc<Provider>> {
        let provider = self.open.get(handle as usize).and_then(Clone::clone);
        provider.ok_or_else(|| Failed::new(Kind::Internal, "the handle is not open"))
    }
}
