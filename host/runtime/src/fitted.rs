//! A definition with the population held fixed: what anybody's values score, whoever they stand beside.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::ask::Asked;
use crate::batches::{batches, for_each_batch, on_guest_thread};
use crate::lines::Lines;
use crate::parts::Parts;
use crate::population::{Prepared, Ruler, Summary};
use crate::score::{Job, Sheet, prepare};
use crate::usage::Meter;
use crate::{Error, Mode, Plugin, Population, RunOptions, Value};

/// A definition that was fitted to a population, which is held fixed from then on: it scores anybody by their raw values
/// alone, among the population or not. Made by [`Plugin::fit`]. Cloning is cheap; clones may be used from any thread.
///
/// A member of the population scores what [`Plugin::score`] gives them, bit for bit. There are no ranks, tiers or
/// explanations: those are of a population, not of a row.
///
/// ```no_run
/// use groundswell_runtime::{Column, Limits, Population, RunOptions, Runtime};
///
/// let plugin = Runtime::new(Limits::new())?.load("first.wasm")?;
/// let population = Population::new(3).with("answers", Column::Number([12.0, 0.0, 3.0].into()))?;
/// let fitted = plugin.fit(&population, &RunOptions::new())?;
/// // Seven answers lie above two of three members.
/// let newcomer = Population::new(1).with("answers", Column::Number([7.0].into()))?;
/// println!("{:?}", fitted.score(&newcomer)?);
/// # Ok::<(), groundswell_runtime::Error>(())
/// ```
///
/// # What is missing
///
/// NaN, a metric that is not there, a value of a metric that nobody in the population has a value of, and a word that nobody
/// in the population has: all are missing to the plugin, which was told of none such. A score is finite all the same.
#[derive(Clone)]
pub struct Fitted {
    inner: Arc<Inner>,
}

struct Inner {
    plugin: Plugin,
    /// In declared order.
    settings: Vec<Value>,
    options: RunOptions,
    rulers: Vec<(Ruler, Summary)>,
    base: f64,
    lines: Arc<Lines>,
    /// How many batches have been scored.
    scored: AtomicU64,
}

impl Plugin {
    /// Fits the definition to a population that is then held fixed. Of the options all count that count for
    /// [`Plugin::score`], but for progress; cancelling and the deadline also end what is scored later.
    ///
    /// # Errors
    ///
    /// As [`Plugin::score`]: the plugin is asked about a row of medians.
    pub fn fit(&self, population: &Population, options: &RunOptions) -> Result<Fitted, Error> {
        let (indices, description) = self.definition()?;
        let settings = self.settings(&description.settings, options)?;
        let prepared = prepare(self, population, &description.inputs)?;
        let runtime = self.runtime();
        let meter = Meter::new(runtime.mode() == Mode::Strict);
        let lines = self.lines();
        let sheet = Sheet::new(&prepared);
        let asked = Asked::with_lines(self, options, &meter, Arc::clone(&lines));
        let job = Job::new(asked, (indices, description), &settings, &sheet);
        let base = on_guest_thread(runtime, || job.base())?;
        drop(job);
        let rulers = description.inputs.iter().map(|input| population.ruler(input));
        let rulers = rulers.zip(prepared.into_iter().map(|prepared| prepared.summary)).collect();
        let (plugin, options, scored) = (self.clone(), options.clone(), AtomicU64::new(0));
        let inner = Arc::new(Inner { plugin, settings, options, rulers, base, lines, scored });
        Ok(Fitted { inner })
    }
}

impl Fitted {
    /// The plugin whose definition it is.
    pub fn plugin(&self) -> &Plugin {
        &self.inner.plugin
    }

    /// The score of a row of the population's medians.
    pub fn base(&self) -> f64 {
        self.inner.base
    }

    /// The scores of anybody, one a row, from raw values; finite. No row depends on the others.
    ///
    /// Rows go to the plugin in batches of the size that the options say, each inside its limits. The first batch, the second,
    /// the fourth and so on, over all calls, are asked about again: a fresh instance gets the same rows in another order, and
    /// without one of them. Other bits are a fault.
    ///
    /// # Errors
    ///
    /// [`Error::Population`] where a metric is a number and the definition asks for words, or the reverse, and
    /// [`Error::Fault`], [`Error::Threads`], [`Error::Cancelled`] and [`Error::Deadline`] as in [`Plugin::score`].
    pub fn score(&self, members: &Population) -> Result<Vec<f64>, Error> {
        let Inner { plugin, settings, options, lines, .. } = &*self.inner;
        let (indices, description) = plugin.definition()?;
        let prepared = self.prepared(members)?;
        let runtime = plugin.runtime();
        let rows = members.rows();
        let _span = tracing::info_span!("score", plugin = %plugin.id(), members = rows).entered();
        let meter = Meter::new(runtime.mode() == Mode::Strict);
        let sheet = Sheet::new(&prepared);
        let asked = Asked::with_lines(plugin, options, &meter, Arc::clone(lines));
        let job = Job::new(asked, (indices, description), settings, &sheet);
        let size = options.rows_a_batch();
        let batches = batches(rows, size);
        let mut scores = vec![0.0; rows];
        let parts = Parts::of(std::slice::from_mut(&mut scores), size);
        for_each_batch(runtime, options, &batches, None, |warm: &mut _, range| {
            let told = job.scores(warm, range.clone())?;
            parts.write(&range, std::slice::from_ref(&told));
            Ok(())
        })?;
        drop(parts);
        let before = self.inner.scored.fetch_add(batches.len() as u64, Ordering::Relaxed);
        let again = (before + 1..).zip(&batches).filter(|(number, _)| number.is_power_of_two());
        let again: Vec<_> = again.map(|(_, batch)| batch.clone()).collect();
        for_each_batch(runtime, options, &again, None, |(): &mut (), range| job.score_again(range, &scores))?;
        Ok(scores)
    }

    /// The columns that the definition asks for, each on its scale over the population that is held fixed.
    fn prepared(&self, members: &Population) -> Result<Vec<Prepared>, Error> {
        let inputs = self.inner.plugin.scoring().map_or(&[][..], |description| &description.inputs);
        let prepare = |((ruler, summary), input): (&(Ruler, Summary), &crate::Input)| {
            let scaled = ruler.applied(members.column(&input.metric), members.rows());
            let scaled = scaled.ok_or_else(|| Error::Population {
                metric: input.metric.clone(),
                what: match ruler {
                    Ruler::Number(_) => "it is a category, and the definition asks for a number".to_owned(),
                    Ruler::Category(_) => "it is a number, and the definition asks for words".to_owned(),
                },
            })?;
            Ok(Prepared { scaled, summary: summary.clone(), lost: 0 })
        };
        self.inner.rulers.iter().zip(inputs).map(prepare).collect()
    }
}

impl fmt::Debug for Fitted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fitted").field("plugin", &self.inner.plugin).finish_non_exhaustive()
    }
}
