//! A prepared plugin: compiled, checked, described; without state.

use std::sync::Arc;

use wasmtime::component::InstancePre;

use crate::batches::on_guest_thread;
use crate::bindings::exports::groundswell::plugin::{rewards, scoring};
use crate::call::{About, Call, HostState};
use crate::load::{LoadProblem, Stamped};
use crate::{
    Error, LoadError, Phase, PluginId, RewardsDescription, Runtime, ScoringDescription, check, convert,
};

/// A plugin that has been compiled, checked and asked to describe itself. It has no state: every question
/// gets a fresh instance. Cloning is cheap; clones may be used from any thread.
#[derive(Clone)]
pub struct Plugin {
    inner: Arc<Inner>,
}

struct Inner {
    runtime: Runtime,
    id: PluginId,
    contract: String,
    hash: String,
    bytes: Arc<[u8]>,
    pre: InstancePre<HostState>,
    scoring: Option<(scoring::GuestIndices, ScoringDescription)>,
    rewards: Option<(rewards::GuestIndices, RewardsDescription)>,
}

impl Plugin {
    /// Asks a compiled component to describe itself.
    pub(crate) fn describe(
        runtime: Runtime,
        file: &str,
        bytes: &[u8],
        stamped: Stamped,
        pre: InstancePre<HostState>,
    ) -> Result<Self, Error> {
        let mismatch = |error: wasmtime::Error| LoadError {
            file: file.to_owned(),
            plugin: Some(stamped.id.clone()),
            problem: LoadProblem::Mismatch(vec![format!("{error:#}")]),
        };
        let scoring =
            stamped.scoring.then(|| scoring::GuestIndices::new(&pre)).transpose().map_err(mismatch)?;
        let rewards =
            stamped.rewards.then(|| rewards::GuestIndices::new(&pre)).transpose().map_err(mismatch)?;
        let silent = Self {
            inner: Arc::new(Inner {
                hash: blake3::hash(bytes).to_hex().to_string(),
                bytes: bytes.into(),
                id: stamped.id.clone(),
                contract: stamped.contract.clone(),
                scoring: None,
                rewards: None,
                runtime,
                pre,
            }),
        };
        let stack = silent.runtime().limits().stack_bytes;
        let (scoring, rewards) = on_guest_thread(stack, || {
            let scoring = scoring.map(|indices| silent.ask_scoring(&indices).map(|told| (indices, told)));
            let rewards = rewards.map(|indices| silent.ask_rewards(&indices).map(|told| (indices, told)));
            Ok((scoring.transpose()?, rewards.transpose()?))
        })?;
        let Inner { runtime, id, contract, hash, bytes, pre, .. } = &*silent.inner;
        Ok(Self {
            inner: Arc::new(Inner {
                runtime: runtime.clone(),
                id: id.clone(),
                contract: contract.clone(),
                hash: hash.clone(),
                bytes: Arc::clone(bytes),
                pre: pre.clone(),
                scoring,
                rewards,
            }),
        })
    }

    fn ask_scoring(&self, indices: &scoring::GuestIndices) -> Result<ScoringDescription, Error> {
        let mut call = Call::start(self, About::Plugin)?;
        let told = indices
            .load(&mut call.store, &call.instance)
            .and_then(|guest| guest.call_describe(&mut call.store));
        let told = convert::scoring(call.answer(Phase::Describe, told.map(Ok))?);
        check::scoring(&told, self.id()).map_err(|what| call.broken(Phase::Describe, what))?;
        Ok(told)
    }

    fn ask_rewards(&self, indices: &rewards::GuestIndices) -> Result<RewardsDescription, Error> {
        let mut call = Call::start(self, About::Plugin)?;
        let told = indices
            .load(&mut call.store, &call.instance)
            .and_then(|guest| guest.call_describe(&mut call.store));
        let told = convert::rewards(call.answer(Phase::Describe, told.map(Ok))?);
        check::rewards(&told, self.id()).map_err(|what| call.broken(Phase::Describe, what))?;
        Ok(told)
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

    /// What its definition says of itself, if it has one.
    pub fn scoring(&self) -> Option<&ScoringDescription> {
        self.inner.scoring.as_ref().map(|(_, description)| description)
    }

    /// What its reward rules say of themselves, if it has any.
    pub fn rewards(&self) -> Option<&RewardsDescription> {
        self.inner.rewards.as_ref().map(|(_, description)| description)
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

    pub(crate) fn runtime(&self) -> &Runtime {
        &self.inner.runtime
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
