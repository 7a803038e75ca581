//! Types of WASI that answers are made of.

use wasmtime::component::{ComponentType, Lower, Resource};

/// Something to wait for.
pub(crate) struct Pollable {
    /// The moment of the monotonic clock from which on it is ready.
    pub(super) at: u64,
}

/// Where nothing comes from.
pub(super) enum InputStream {}

/// Standard output or standard error, told apart by their number.
pub(super) enum OutputStream {}

/// A network on which nothing is allowed.
pub(super) enum Network {}

/// A resource of which there is none: nobody can hold one.
pub(super) enum Never {}

/// A failure of a stream; of which there is none.
pub(super) enum Failure {}

/// `wasi:io/streams.stream-error`.
#[derive(ComponentType, Lower)]
#[component(variant)]
pub(super) enum StreamError {
    #[component(name = "last-operation-failed")]
    #[expect(dead_code, reason = "of the type, and never the answer")]
    LastOperationFailed(Resource<Failure>),
    #[component(name = "closed")]
    Closed,
}

/// `wasi:clocks/wall-clock.datetime`.
#[derive(ComponentType, Lower)]
#[component(record)]
pub(super) struct Datetime {
    pub(super) seconds: u64,
    pub(super) nanoseconds: u32,
}
