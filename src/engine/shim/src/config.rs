//! The one configuration that compiling and loading share: code is refused at load if they differ.

use wasmtime::{Config, Engine, Result};

/// Native stack that the guest's own frames may use: kGuestStackBytes (guest_thread.hh) less 64 MiB for the host's.
/// CPython's recursion limits lie well below it.
pub const MAX_WASM_STACK: usize = 192 << 20;

/// Memory images up to this size are mapped copy-on-write, however sparse they are.
const DENSE_IMAGE_BYTES: u64 = 512 << 20;

/// The engine's name and version, as Cargo.toml pins it.
pub fn version() -> &'static str {
    const PIN: &str = "wasmtime = { version = \"=";
    let manifest = include_str!("../Cargo.toml");
    let start = manifest.find(PIN).map_or(0, |at| at + PIN.len());
    manifest[start..].split('"').next().unwrap_or("unknown")
}

/// The engine with that configuration.
pub fn engine() -> Result<Engine> {
    let mut config = Config::new();
    config
        .wasm_component_model(true)
        .wasm_exceptions(true)
        .wasm_gc(false)
        .wasm_function_references(false)
        .max_wasm_stack(MAX_WASM_STACK)
        // No guest runs on an asynchronous stack, but the engine wants it no smaller than the other.
        .async_stack_size(MAX_WASM_STACK)
        .memory_guaranteed_dense_image_size(DENSE_IMAGE_BYTES)
        .memory_init_cow(true)
        .table_lazy_init(true)
        .signals_based_traps(true)
        .epoch_interruption(false)
        .consume_fuel(false)
        .native_unwind_info(false)
        .generate_address_map(true);
    #[cfg(feature = "compile")]
    config.parallel_compilation(true).cranelift_opt_level(wasmtime::OptLevel::Speed);
    Engine::new(&config)
}
