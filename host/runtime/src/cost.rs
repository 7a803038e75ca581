//! What calls of the host cost in fuel, so that a loop of them ends by it.

use wasmtime::{StoreContextMut, Trap};

use crate::call::HostState;

/// Fuel of a call of the host, in units, whatever it is about: what an instruction-bound guest does in the time that one takes.
pub(crate) const CALL: u64 = 1_000;

/// Takes the fuel of one call of the host about so many bytes: [`CALL`], and a unit a byte. Fast mode counts none.
pub(crate) fn charge(store: &mut StoreContextMut<'_, HostState>, bytes: usize) -> wasmtime::Result<()> {
    let Ok(left) = store.get_fuel() else { return Ok(()) };
    let rest = left.checked_sub(CALL.saturating_add(bytes as u64));
    store.set_fuel(rest.unwrap_or(0))?;
    rest.map(drop).ok_or_else(|| Trap::OutOfFuel.into())
}
