//! Where what is told of a run belongs, on whatever thread it is told.

use tracing::{Dispatch, Span, dispatcher};

/// The subscriber and the span of a caller, for the threads that work for it.
pub(crate) struct Scope {
    subscriber: Dispatch,
    span: Span,
}

impl Scope {
    /// The one that this thread is in.
    pub(crate) fn here() -> Self {
        Self { subscriber: dispatcher::get_default(Clone::clone), span: Span::current() }
    }

    /// Works in it.
    pub(crate) fn enter<T>(&self, work: impl FnOnce() -> T) -> T {
        dispatcher::with_default(&self.subscriber, || self.span.in_scope(work))
    }
}
