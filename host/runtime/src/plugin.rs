//! A prepared plugin: compiled, checked, described; without state.

use std::sync::Arc;

use wasmtime::component::InstancePre;

use crate::batches::on_guest_thread;
use crate::bindings::exports::groundswell::plugin::{rewards, scoring};
use crate::bindings::metric::exports::groundswell::plugin::measuring;
use crate::call::{About, Call, HostState};
use crate::lines::Lines;
use crate::load::Stamped;
use crate::load_error::LoadProblem;
use crate::stop::Stop;
use crate::wasi::World;
use crate::{
    Error, Limits, LoadError, MeasuringDescription, Origin, Phase, PluginId, RewardsDescription, Runtime,
    ScoringDescription, check, convert,
};

/// From this size on, in bytes, a component brings an interpreter along.
const LARGE: usize = 4 << 20;

/// A plugin that has been compiled, checked and asked to describe itself. It has no state: every question
/// gets a fresh instance. Cloning is cheap; clones may be used from any thread.
#[derive(Clone)]
pub struct Plugin {
    runtime: Runtime,
    inner: Arc<Inner>,
}

#[derive(Clone)]
struct Inner {
    id: Arc<PluginId>,
    contract: String,
    hash: String,
    bytes: Arc<[u8]>,
    origin: Origin,
    pre: InstancePre<HostState>,
    scoring: Option<(scoring::GuestIndices, ScoringDescription)>,
    rewards: Option<(rewards::GuestIndices, RewardsDescription)>,
    measuring: Option<(measuring::GuestIndices, MeasuringDescription)>,
}

impl Plugin {
    /// Asks a compiled component to describe itself.
    pub(crate) fn describe(
        runtime: Runtime,
        file: &str,
        bytes: &[u8],
        stamped: Stamped,
        pre: InstancePre<HostState>,
        origin: Origin,
    ) -> Result<Self, Error> {
        let mismatch = |error: wasmtime::Error| LoadError {
            file: file.to_owned(),
            plugin: Some(stamped.id.clone()),
            problem: Box::new(LoadProblem::Mismatch(format!("{error:#}").into())),
        };
        let scoring =
            stamped.scoring.then(|| scoring::GuestIndices::new(&pre)).transpose().map_err(mismatch)?;
        let rewards =
            stamped.rewards.then(|| rewards::GuestIndices::new(&pre)).transpose().map_err(mismatch)?;
        let measuring =
            stamped.measuring.then(|| measuring::GuestIndices::new(&pre)).transpose().map_err(mismatch)?;
        let parts = Inner {
            hash: blake3::hash(bytes).to_hex().to_string(),
            bytes: bytes.into(),
            id: Arc::new(stamped.id.clone()),
            contract: stamped.contract.clone(),
            scoring: None,
            rewards: None,
            measuring: None,
            origin,
            pre,
        };
        let silent = Self { runtime, inner: Arc::new(parts.clone()) };
        let (scoring, rewards, measuring) = on_guest_thread(&silent.runtime, || {
            let scoring = scoring.map(|indices| silent.ask_scoring(&indices).map(|told| (indices, told)));
            let rewards = rewards.map(|indices| silent.ask_rewards(&indices).map(|told| (indices, told)));
            let measuring =
                measuring.map(|indices| silent.ask_measuring(&indices).map(|told| (indices, told)));
            Ok((scoring.transpose()?, rewards.transpose()?, measuring.transpose()?))
        })?;
        Ok(Self { runtime: silent.runtime, inner: Arc::new(Inner { scoring, rewards, measuring, ..parts }) })
    }

    fn ask_scoring(&self, indices: &scoring::GuestIndices) -> Result<ScoringDescription, Error> {
        let mut call = Call::start(self, About::Plugin, &Stop::default(), World::default(), &self.lines())?;
        let told = indices
            .load(&mut call.store, &call.instance)
            .and_then(|guest| guest.call_describe(&mut call.store));
        let told = convert::scoring(call.answer(Phase::Describe, told.map(Ok))?);
        check::scoring(&told, self.id()).map_err(|what| call.broken(Phase::Describe, what))?;
        Ok(told)
    }

    fn ask_rewards(&self, indices: &rewards::GuestIndices) -> Result<RewardsDescription, Error> {
        let mut call = Call::start(self, About::Plugin, &Stop::default(), World::default(), &self.lines())?;
        let told = indices
            .load(&mut call.store, &call.instance)
            .and_then(|guest| guest.call_describe(&mut call.store));
        let told = convert::rewards(call.answer(Phase::Describe, told.map(Ok))?);
        check::rewards(&told, self.id()).map_err(|what| call.broken(Phase::Describe, what))?;
        Ok(told)
    }

    fn ask_measuring(&self, indices: &measuring::GuestIndices) -> Result<MeasuringDescription, Error> {
        let mut call = Call::start(self, About::Plugin, &Stop::default(), World::default(), &self.lines())?;
        let told = indices
            .load(&mut call.store, &call.instance)
            .and_then(|guest| guest.call_describe(&mut call.store));
        let told = convert::measuring(call.answer(Phase::Describe, told.map(Ok))?);
        check::measuring(&told, self.id()).map_err(|what| call.broken(Phase::Describe, what))?;
        Ok(told)
    }

    /// The same plugin, compiled once, with other limits.
    ///
    /// # Errors
    ///
    /// As [`Runtime::with_limits`].
    pub fn with_limits(&self, limits: Limits) -> Result<Self, Error> {
        Ok(Self { runtime: self.runtime.with_limits(limits)?, inner: Arc::clone(&self.inner) })
    }

    /// The plugin's name, from its stamp.
    pub fn name(&self) -> &str {
        &self.inner.id.name
    }

    /// The plugin's version, from its stamp.
    pub fn version(&self) -> &str {
        &self.inner.id.version
    }

    /// Name and version, as messages show them.
    pub fn id(&self) -> &PluginId {
        &self.inner.id
    }

    /// The contract version that the plugin speaks.
    pub fn contract(&self) -> &str {
        &self.inner.contract
    }

    /// BLAKE3 of the component's bytes, as 64 hexadecimal digits.
    pub fn hash(&self) -> &str {
        &self.inner.hash
    }

    /// The component as it was loaded.
    pub fn bytes(&self) -> &[u8] {
        &self.inner.bytes
    }

    /// How its machine code came about.
    pub fn origin(&self) -> &Origin {
        &self.inner.origin
    }

    /// What its definition says of itself, if it has one.
    pub fn scoring(&self) -> Option<&ScoringDescription> {
        self.inner.scoring.as_ref().map(|(_, description)| description)
    }

    /// What its reward rules say of themselves, if it has any.
    pub fn rewards(&self) -> Option<&RewardsDescription> {
        self.inner.rewards.as_ref().map(|(_, description)| description)
    }

    /// What its metric says of itself, if it is one.
    pub fn measuring(&self) -> Option<&MeasuringDescription> {
        self.inner.measuring.as_ref().map(|(_, description)| description)
    }

    pub(crate) fn metric(&self) -> Result<&(measuring::GuestIndices, MeasuringDescription), Error> {
        self.inner.measuring.as_ref().ok_or_else(|| Error::NoSuchPart {
            plugin: self.id().clone(),
            part: "metric",
            export: "measuring",
        })
    }

    pub(crate) fn definition(&self) -> Result<&(scoring::GuestIndices, ScoringDescription), Error> {
        self.inner.scoring.as_ref().ok_or_else(|| Error::NoSuchPart {
            plugin: self.id().clone(),
            part: "definition",
            export: "scoring",
        })
    }

    pub(crate) fn reward_rules(&self) -> Result<&(rewards::GuestIndices, RewardsDescription), Error> {
        self.inner.rewards.as_ref().ok_or_else(|| Error::NoSuchPart {
            plugin: self.id().clone(),
            part: "reward rules",
            export: "rewards",
        })
    }

    /// How many members a batch should have where nobody says otherwise: 8,192, and 65,536 for components so large
    /// that a fresh instance costs more than a small batch does, as JavaScript's and Python's are.
    pub fn batch_rows(&self) -> usize {
        if self.bytes().len() > LARGE { 65_536 } else { 8_192 }
    }

    /// The runtime that it was loaded by, with its own limits.
    pub fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// A log for one run of the plugin.
    pub(crate) fn lines(&self) -> Arc<Lines> {
        Lines::new(Arc::clone(&self.inner.id), self.runtime.limits().log_lines)
    }

    /// A log for questions that are asked again.
    pub(crate) fn no_lines(&self) -> Arc<Lines> {
        Lines::silent(Arc::clone(&self.inner.id))
    }

    pub(crate) fn pre(&self) -> &InstancePre<HostState> {
        &self.inner.pre
    }
}

impl std::fmt::Debug for Plugin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Plugin").field("id", self.id()).field("hash", &self.hash()).finish_non_exhaustive()
    }
}
