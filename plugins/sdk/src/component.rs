//! The exports of a component: thin shells around [`Fitted`] and the author's own rules.

use std::marker::PhantomData;
use std::rc::Rc;

use crate::bindings::definition::exports::groundswell::plugin::scoring;
use crate::bindings::definition::groundswell::plugin::types as wit;
use crate::bindings::metric::exports::groundswell::plugin::measuring;
use crate::bindings::reward_rules::exports::groundswell::plugin::rewards;
use crate::definition::{inputs_of, settings_of};
use crate::input::Inputs;
use crate::{Community, Definition, Fitted, Metric, Population, RewardRules, Settings, Tier, convert, log};

/// Who a plugin is, from its manifest. The export macro implements it.
pub trait Manifest: 'static {
    /// The package's name.
    const NAME: &'static str;
    /// The package's version.
    const VERSION: &'static str;
}

/// Exports a definition.
#[derive(Debug)]
pub struct Scoring<D, M>(PhantomData<(D, M)>);

impl<D: Definition, M: Manifest> scoring::Guest for Scoring<D, M> {
    type Model = Fitted<D>;

    fn describe() -> scoring::Description {
        log::panics();
        convert::description(D::describe(), M::NAME, M::VERSION)
    }
}

impl<D: Definition> scoring::GuestModel for Fitted<D> {
    fn fit(settings: Vec<wit::Value>, population: Vec<wit::Summary>) -> Result<scoring::Model, wit::Problem> {
        log::panics();
        let settings = Settings::from_values(settings_of::<D>(), convert::values(settings));
        let population = Population::from_summaries(inputs_of::<D>(), convert::summaries(population));
        Ok(scoring::Model::new(Self::fit(&settings, &population)?))
    }

    fn score(&self, members: wit::Batch) -> Result<Vec<f64>, wit::Problem> {
        Ok(Self::score(self, convert::members(self.inputs(), members))?)
    }

    fn place(&self, members: wit::Batch, ranking: wit::Ranking) -> Result<scoring::Placements, wit::Problem> {
        Ok(Self::place(self, &convert::members(self.inputs(), members), &ranking.into())?.into())
    }

    fn explain(&self, members: wit::Batch) -> Result<scoring::Contributions, wit::Problem> {
        Ok(Self::explain(self, convert::members(self.inputs(), members))?.into())
    }
}

/// Exports reward rules.
#[derive(Debug)]
pub struct Rewards<R, M>(PhantomData<(R, M)>);

impl<R: RewardRules, M: Manifest> rewards::Guest for Rewards<R, M> {
    type Rules = Opened<R>;

    fn describe() -> rewards::Description {
        log::panics();
        convert::rewards_description(R::describe(), M::NAME, M::VERSION)
    }
}

/// Rules opened for one definition.
#[derive(Debug)]
pub struct Opened<R> {
    rules: R,
    tiers: Rc<[Tier]>,
    inputs: Inputs,
}

impl<R: RewardRules> rewards::GuestRules for Opened<R> {
    fn open(settings: Vec<wit::Value>, tiers: Vec<wit::Tier>) -> Result<rewards::Rules, wit::Problem> {
        log::panics();
        let settings = Settings::from_values(R::describe().settings, convert::values(settings));
        let tiers: Rc<[Tier]> = convert::tiers(tiers).into();
        let inputs = Inputs::described_by(|| R::describe().inputs);
        Ok(rewards::Rules::new(Self { rules: R::open(&settings, &tiers)?, tiers, inputs }))
    }

    fn decide(
        &self,
        members: wit::Batch,
        standing: wit::Standing,
    ) -> Result<Vec<rewards::Award>, wit::Problem> {
        let members = convert::members(self.inputs.clone(), members);
        let standings = convert::standings(Rc::clone(&self.tiers), standing);
        Ok(convert::awards(self.rules.decide(&members, &standings)?))
    }
}

/// Exports a metric.
#[derive(Debug)]
pub struct Measuring<T, M>(PhantomData<(T, M)>);

impl<T: Metric, M: Manifest> measuring::Guest for Measuring<T, M> {
    fn describe() -> measuring::Description {
        log::panics();
        convert::metric_description(T::describe(), M::NAME, M::VERSION)
    }

    fn networks(settings: Vec<wit::Value>) -> Result<Vec<measuring::Network>, wit::Problem> {
        log::panics();
        Ok(convert::networks(T::networks(&told::<T>(settings))?))
    }

    fn measure(settings: Vec<wit::Value>) -> Result<Vec<f64>, wit::Problem> {
        log::panics();
        Ok(T::measure(&told::<T>(settings), &Community::of_host(|| T::describe().inputs))?)
    }
}

fn told<T: Metric>(settings: Vec<wit::Value>) -> Settings {
    Settings::from_values(T::describe().settings, convert::values(settings))
}
