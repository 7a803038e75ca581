//! Metrics: what there is to be measured, and how it is.

mod attention;
mod catalogue;
mod columns;
mod fact;
mod kernels;
mod measure;
mod metric;
mod network;
mod own;
mod pairs;
mod parameter;
mod relay;
mod scan;
mod span;
mod world;

pub(crate) use attention::{Attended, Attention, Look, attention};
pub use catalogue::{MetricFamily, MetricGroup, MetricKind, metrics};
pub(crate) use measure::{Everyone, Measured, Request, measure};
pub(crate) use metric::Metric;
pub(crate) use own::{Measuring, Own, refuse_own};
pub use parameter::{MetricParameter, ParameterKind};
pub(crate) use scan::read;
pub(crate) use span::Span;
pub(crate) use world::opted_out;

/// Counted up whenever a metric of the host comes to mean something else, so that tiers before and after are told apart.
pub(crate) const MEANING: u32 = 1;

/// What roles of members are taken from.
pub(crate) const ROLES: &str = "the column role of the table members";
