//! The way from a gate (src/native) to its native code and back.

use crate::state::State;
use wasmtime::component::{Linker, WasmList};
use wasmtime::{Result, StoreContextMut, bail};

/// Where the gate's mailbox lies in its memory (src/native/protocol.hh).
const MAIL: usize = 512;
const TRAPPED: u32 = u32::MAX;

/// Adds the one import of a gate. The mailbox is a parameter because a component knows no memory: its place tells where
/// the memory begins.
pub fn add(linker: &mut Linker<State>) -> Result<()> {
    linker.instance("pylon:native/core@0.1.0")?.func_wrap(
        "switch",
        |store: StoreContextMut<'_, State>, (mail, message): (WasmList<u8>, u32)| {
            let Some(native) = store.data().native else {
                bail!("the component is the gate of native code, and there is none")
            };
            let memory = mail.as_le_slice(&store).as_ptr().wrapping_sub(MAIL).cast_mut();
            // Nothing here refers to the memory while the code changes it.
            let wish = unsafe { (native.change)(native.user, memory, message) };
            if wish == TRAPPED {
                bail!("{}", unsafe { (native.reason)(native.user).string() })
            }
            Ok((wish,))
        },
    )
}
