//! What a store carries: WASI's own state and ours.

use crate::abi::Native;
use crate::calls::Calls;
use crate::grants::Grants;
use crate::limits::Limits;
use crate::network::Access;
use crate::shared::Shared;
use crate::wait::Waiter;
use std::sync::Arc;
use wasmtime_wasi::{ResourceTable, WasiCtx, WasiCtxView, WasiView};

pub struct State {
    pub wasi: WasiCtx,
    pub table: ResourceTable,
    pub grants: Grants,
    pub access: Arc<Access>,
    pub native: Option<Native>,
    pub limits: Limits,
    pub waiter: Waiter,
    pub shared: Arc<Shared>,
    pub calls: Calls,
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}
