//! Which WebAssembly a plugin may be written in.

use wasmparser_engine::WasmFeatures;

/// The proposals that guests in Rust, JavaScript and Python are compiled with, and no others.
///
/// Everything is said, nothing left to the engine: what it takes by default depends on its version, and on features of
/// it that another crate in the same build may have asked for.
pub(crate) const ALLOWED: WasmFeatures = WasmFeatures::empty()
    .union(WasmFeatures::MUTABLE_GLOBAL)
    .union(WasmFeatures::SATURATING_FLOAT_TO_INT)
    .union(WasmFeatures::SIGN_EXTENSION)
    .union(WasmFeatures::MULTI_VALUE)
    .union(WasmFeatures::BULK_MEMORY)
    .union(WasmFeatures::REFERENCE_TYPES)
    .union(WasmFeatures::SIMD)
    .union(WasmFeatures::EXTENDED_CONST)
    .union(WasmFeatures::FLOATS)
    .union(WasmFeatures::COMPONENT_MODEL);

/// Everything else, among it what would break a promise: threads and relaxed SIMD (not the same everywhere), garbage
/// collection and exceptions (memory beyond the limits), 64-bit and further memories, and every way to wait.
pub(crate) const REFUSED: WasmFeatures = WasmFeatures::all().difference(ALLOWED);
