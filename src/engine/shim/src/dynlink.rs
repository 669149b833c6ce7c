//! compose:dynlink as host functions: `linker` for components that call others, `callback` for those that are called.
//! Payloads go from one guest's memory straight into the other's; answers come through one buffer of the host's.

use crate::calls::{Calls, Lookup};
use crate::state::State;
use wasmtime::component::{
    ComponentType, Instance, Lift, Linker, Lower, Resource, ResourceType, TypedFunc, WasmList,
    WasmStr,
};
use wasmtime::{AsContextMut, Result, StoreContextMut};

const LINKER: &str = "compose:dynlink/linker@0.1.0";
const CALLBACK: &str = "compose:dynlink/callback@0.1.0";
const ENDPOINT: &str = "compose:dynlink/endpoint@0.1.0";

/// The longest payload or answer of one call, in bytes.
pub const MAX_PAYLOAD: usize = 1 << 30;

/// `failure-kind`; `pylon::engine::FailureKind` has the same order.
#[derive(ComponentType, Lift, Lower, Clone, Copy, PartialEq, Eq, Debug)]
#[component(enum)]
#[repr(u8)]
pub enum Kind {
    #[component(name = "not-found")]
    NotFound,
    #[component(name = "denied")]
    Denied,
    #[component(name = "corrupt")]
    Corrupt,
    #[component(name = "schema-mismatch")]
    SchemaMismatch,
    #[component(name = "bad-payload")]
    BadPayload,
    #[component(name = "limit")]
    Limit,
    #[component(name = "trapped")]
    Trapped,
    #[component(name = "raised")]
    Raised,
    #[component(name = "internal")]
    Internal,
}

impl Kind {
    /// The kind of that number; what is none is `Internal`.
    pub fn of(number: u8) -> Kind {
        use Kind::*;
        let kinds = [
            NotFound,
            Denied,
            Corrupt,
            SchemaMismatch,
            BadPayload,
            Limit,
            Trapped,
            Raised,
            Internal,
        ];
        kinds.get(usize::from(number)).copied().unwrap_or(Internal)
    }
}

/// The record `failure`.
#[derive(ComponentType, Lift, Lower, Clone, Debug)]
#[component(record)]
pub struct Failed {
    #[component(name = "kind")]
    pub kind: Kind,
    #[component(name = "message")]
    pub message: String,
}

impl Failed {
    pub fn new(kind: Kind, message: impl Into<String>) -> Failed {
        Failed { kind, message: message.into() }
    }
}

/// The variant `error`.
#[derive(ComponentType, Lift, Lower, Clone, Debug)]
#[component(variant)]
pub enum Error {
    #[component(name = "returned")]
    Returned(Vec<u8>),
    #[component(name = "failed")]
    Failed(Failed),
}

impl From<Failed> for Error {
    fn from(failed: Failed) -> Error {
        Error::Failed(failed)
    }
}

/// What a call comes to.
pub type Answer = std::result::Result<Vec<u8>, Error>;

/// `endpoint.handle` and `callback.call`. What is passed is copied before the function runs, so it need not live longer.
pub type Handler = TypedFunc<(&'static str, &'static [u8]), (Answer,)>;

/// Names the host's representation of `linker.instance`.
struct Handle;

/// The bytes as a parameter of a `Handler`, or as an answer that the host does not own.
///
/// # Safety
/// They stay until they are lowered.
pub unsafe fn unbound<'a, T: ?Sized>(value: &T) -> &'a T {
    unsafe { &*(value as *const T) }
}

/// Adds `linker`.
pub fn add_linker(linker: &mut Linker<State>) -> Result<()> {
    let mut interface = linker.instance(LINKER)?;
    interface.resource("instance", ResourceType::host::<Handle>(), |cx, rep| {
        cx.data().calls.residents.close(rep);
        Ok(())
    })?;
    interface.func_wrap("resolve-by-id", |cx, (id,): (WasmStr,)| resolve(cx, Lookup::Id, id))?;
    interface.func_wrap("resolve-by-digest", |cx, (digest,): (WasmStr,)| {
        resolve(cx, Lookup::Digest, digest)
    })?;
    interface.func_wrap("[method]instance.schema", schema)?;
    interface.func_wrap("[method]instance.invoke", invoke)?;
    Ok(())
}

/// Adds `callback`, as a provider imports it.
pub fn add_callback(linker: &mut Linker<State>) -> Result<()> {
    linker.instance(CALLBACK)?.func_wrap("call", call_back)
}

fn resolve(
    cx: StoreContextMut<'_, State>,
    lookup: Lookup,
    name: WasmStr,
) -> Result<(std::result::Result<Resource<Handle>, Failed>,)> {
    let name = name.to_str(&cx)?;
    let Calls { residents, key, .. } = &cx.data().calls;
    Ok((residents.resolve(*key, lookup, &name).map(Resource::new_own),))
}

type Schema = std::result::Result<&'static [u8], Failed>;

fn schema(cx: StoreContextMut<'_, State>, (provider,): (Resource<Handle>,)) -> Result<(Schema,)> {
    Ok((cx.data().calls.residents.schema(provider.rep()),))
}

fn invoke(
    mut cx: StoreContextMut<'_, State>,
    (provider, method, payload): (Resource<Handle>, WasmStr, WasmList<u8>),
) -> Result<(Answer,)> {
    let residents = cx.data().calls.residents.clone();
    let caller = Context::of(&mut cx);
    let method = method.to_str(&cx)?;
    let (method, payload) = unsafe { (unbound(&*method), unbound(payload.as_le_slice(&cx))) };
    let answer = residents.invoke(provider.rep(), Some(caller), method, payload)?;
    Ok((fitting(&cx, answer),))
}

/// Calls the export `callback.call` of whoever is calling this component now.
fn call_back(
    cx: StoreContextMut<'_, State>,
    (method, payload): (WasmStr, WasmList<u8>),
) -> Result<(Answer,)> {
    let State { calls, .. } = cx.data();
    let Some(caller) = calls.callers.last().copied().flatten() else {
        let message = format!("{} calls back, but no component is calling it", calls.name);
        return Ok((Err(Failed::new(Kind::NotFound, message).into()),));
    };
    let method = method.to_str(&cx)?;
    let (method, payload) = unsafe { (unbound(&*method), unbound(payload.as_le_slice(&cx))) };
    let residents = calls.residents.clone();
    // SAFETY: the caller waits in `invoke` for this component.
    let answer = residents.call_back(unsafe { caller.get() }, method, payload)?;
    Ok((fitting(&cx, answer),))
}

/// The answer, if the component behind `cx` can take it: one that cannot get the memory would trap.
fn fitting(cx: &StoreContextMut<'_, State>, answer: Answer) -> Answer {
    const ALWAYS_TRIED: usize = 64 << 10;
    let size = match &answer {
        Ok(bytes) | Err(Error::Returned(bytes)) => bytes.len(),
        Err(Error::Failed(failed)) => failed.message.len(),
    };
    let room = cx.data().limits.room().max(ALWAYS_TRIED);
    if size <= room.min(MAX_PAYLOAD) {
        return answer;
    }
    let message = match size <= MAX_PAYLOAD {
        true => format!("an answer of {size} bytes: the caller's memory has no room for it"),
        false => format!("an answer of {size} bytes: the most is {MAX_PAYLOAD}"),
    };
    Err(Failed::new(Kind::Limit, message).into())
}

/// A component's `callback.call`, if it has one; looked up once.
pub fn callback_of(cx: &mut StoreContextMut<'_, State>) -> Option<Handler> {
    let Calls { callback, instance, .. } = &cx.data().calls;
    if let Some(known) = callback {
        return *known;
    }
    let found = (*instance).and_then(|instance| handler(cx, instance, CALLBACK, "call"));
    cx.data_mut().calls.callback = Some(found);
    found
}

/// A provider's endpoint: `handle`, and what `schema-digest` says.
pub fn endpoint(
    cx: &mut StoreContextMut<'_, State>,
    instance: Instance,
) -> Result<Option<(Handler, Vec<u8>)>> {
    let Some(handle) = handler(cx, instance, ENDPOINT, "handle") else { return Ok(None) };
    let digest = exported::<(), (Vec<u8>,)>(cx, instance, ENDPOINT, "schema-digest");
    let Some(digest) = digest else { return Ok(None) };
    let (digest,) = digest.call(cx, ())?;
    Ok(Some((handle, digest)))
}

fn handler(
    cx: &mut StoreContextMut<'_, State>,
    instance: Instance,
    interface: &str,
    name: &str,
) -> Option<Handler> {
    exported(cx, instance, interface, name)
}

fn exported<P, R>(
    cx: &mut StoreContextMut<'_, State>,
    instance: Instance,
    interface: &str,
    name: &str,
) -> Option<TypedFunc<P, R>>
where
    P: wasmtime::component::ComponentNamedList + Lower,
    R: wasmtime::component::ComponentNamedList + Lift,
{
    let interface = instance.get_export_index(&mut *cx, None, interface)?;
    let function = instance.get_export_index(&mut *cx, Some(&interface), name)?;
    instance.get_typed_func(&mut *cx, function).ok()
}

/// The store of a component that waits in a host function, for calls back into it.
#[derive(Clone, Copy)]
pub struct Context(*mut ());

impl Context {
    pub fn of(cx: &mut StoreContextMut<'_, State>) -> Context {
        let cx = cx.as_context_mut();
        // SAFETY: the type is a reference, transparently.
        Context(unsafe { std::mem::transmute::<StoreContextMut<'_, State>, *mut ()>(cx) })
    }

    /// # Safety
    /// The host function that the context was taken in has not returned and does not use its own meanwhile.
    pub unsafe fn get<'a>(self) -> StoreContextMut<'a, State> {
        unsafe { std::mem::transmute::<*mut (), StoreContextMut<'a, State>>(self.0) }
    }
}
