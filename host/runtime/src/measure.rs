//! Measuring: a metric computes one number a member from the ties between them.

use std::sync::Arc;

use crate::batches::{for_each_batch, on_guest_thread};
use crate::call::{About, Call};
use crate::lines::Lines;
use crate::network::Handed;
use crate::population::canonical;
use crate::score::prepare;
use crate::text::Figure;
use crate::usage::Meter;
use crate::{
    Column, Error, Fault, FaultKind, Mode, Network, Phase, Plugin, Population, RunOptions, Ties, Usage,
    answer, convert,
};

/// How much is handed out at once: members, or ties.
const PIECE: usize = 65_536;
/// The same when it is asked again, so that an answer that depends on it is found.
const OTHER_PIECE: usize = 10_007;

/// What a metric says of every member.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Measured {
    /// One value a member, NaN for none; -0 has become 0.
    pub values: Vec<f64>,
    /// What the plugin used.
    pub usage: Usage,
}

impl Plugin {
    /// Asks a metric which networks it looks at with the options' settings.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchPart`] where the plugin has no metric, [`Error::Setting`] and [`Error::SettingCount`] where the
    /// settings are not its own, [`Error::Fault`] where it breaks the contract or a limit, or refuses them.
    pub fn networks(&self, options: &RunOptions) -> Result<Vec<Network>, Error> {
        let (indices, description) = self.metric()?;
        let settings = self.settings(&description.settings, options)?;
        on_guest_thread(self.runtime(), || {
            let mut call = Call::start(self, About::Plugin, &options.stop, options.world, &self.lines())?;
            let settings: Vec<_> = settings.iter().map(convert::value).collect();
            let told = indices
                .load(&mut call.store, &call.instance)
                .and_then(|guest| guest.call_networks(&mut call.store, &settings));
            let told: Vec<Network> =
                call.answer(Phase::Networks, told)?.into_iter().map(convert::network).collect();
            answer::networks(&told).map_err(|what| call.broken(Phase::Networks, what))?;
            Ok(told)
        })
    }

    /// Measures: `members` has the metric's inputs, by their ids and for every member, in the order of members' ids;
    /// `networks` is what [`Plugin::networks`] answered with the same options, which is not asked again, and `ties` has
    /// those of each of them, in the same order.
    ///
    /// Two fresh instances are asked, at once where the options have threads for them; the second is handed other amounts at
    /// a time. Other bits are a fault.
    ///
    /// A row, of which limits speak, is a member or a tie here.
    ///
    /// # Errors
    ///
    /// As [`Plugin::networks`]; [`Error::MissingMetric`] where an input is required and not there, [`Error::Ties`] where
    /// `ties` are not those of all networks, or of members that are not there, [`Error::Threads`] where no thread can be
    /// had, [`Error::Cancelled`] and [`Error::Deadline`] where the options say so.
    pub fn measure(
        &self,
        members: &Population,
        networks: &[Network],
        ties: &[Ties],
        options: &RunOptions,
    ) -> Result<Measured, Error> {
        let (indices, description) = self.metric()?;
        let settings = self.settings(&description.settings, options)?;
        fits(members, ties, networks.len())?;
        let inputs = prepare(self, members, &description.inputs)?;
        let inputs: Arc<[Column]> = inputs.into_iter().map(|input| input.scaled).collect();
        let count: usize = ties.iter().map(Ties::len).sum();
        let _span =
            tracing::info_span!("measure", plugin = %self.id(), members = members.rows(), ties = count)
                .entered();
        let meter = Meter::new(self.runtime().mode() == Mode::Strict);
        let handed = Handed {
            members: u32::try_from(members.rows()).unwrap_or(u32::MAX),
            inputs,
            networks: ties.into(),
            piece: PIECE,
        };
        let ask = |again: bool, piece: usize, lines: &Arc<Lines>| {
            let handed = Handed { piece, ..handed.clone() };
            let about = About::Network { members: members.rows(), ties: handed.ties(), again };
            let mut call = Call::start(self, about, &options.stop, options.world, lines)?;
            let guest = indices.load(&mut call.store, &call.instance);
            let guest = call.answer(Phase::Load, guest.map(Ok))?;
            let settings: Vec<_> = settings.iter().map(convert::value).collect();
            call.store.data_mut().handed = Some(handed);
            call.question();
            let told = guest.call_measure(&mut call.store, &settings);
            let mut values = call.answer(Phase::Measure, told)?;
            answer::values(&values, members.rows()).map_err(|what| call.broken(Phase::Measure, what))?;
            values.iter_mut().for_each(|value| *value = canonical(*value));
            if !again {
                call.measure(&meter);
            }
            Ok(values)
        };
        let lines = [self.lines(), self.no_lines()];
        let [first, second] = &lines;
        let mut answers =
            for_each_batch(self.runtime(), options, &[0..1, 1..2], None, |(): &mut (), turn| {
                if turn.start == 0 { ask(false, PIECE, first) } else { ask(true, OTHER_PIECE, second) }
            })?
            .into_iter();
        let (values, again) = (answers.next().unwrap_or_default(), answers.next().unwrap_or_default());
        match values.iter().zip(&again).position(|(one, other)| one.to_bits() != other.to_bits()) {
            None => Ok(Measured { values, usage: meter.usage() }),
            Some(row) => Err(self.impure(row, values.get(row), again.get(row)).into()),
        }
    }

    fn impure(&self, row: usize, one: Option<&f64>, other: Option<&f64>) -> Fault {
        let value = |value: Option<&f64>| value.copied().unwrap_or(f64::NAN);
        let what = format!(
            "it measured {} for member {} when {} members or ties were handed out at a time, and {} when it was {}: an \
             answer may not depend on how much comes at once; mend the plugin",
            value(one),
            Figure(row),
            Figure(PIECE),
            value(other),
            Figure(OTHER_PIECE)
        );
        let kind = FaultKind::Impure { what };
        Fault { plugin: self.id().clone(), phase: Phase::Measure, rows: None, asked_again: false, kind }
    }
}

/// Whether the ties are those of a metric's networks, and of these members.
fn fits(members: &Population, ties: &[Ties], declared: usize) -> Result<(), Error> {
    if members.rows() == 0 {
        return Err(Error::Ties("there are no members to have any".to_owned()));
    }
    if u32::try_from(members.rows()).is_err() {
        return Err(Error::Ties("there are more members than can be numbered".to_owned()));
    }
    if ties.len() != declared {
        return Err(Error::Ties(format!(
            "those of {} networks were given, and the metric looks at {declared} with these settings",
            Figure(ties.len())
        )));
    }
    for (network, ties) in ties.iter().enumerate() {
        if let Some(place) = ties.beyond(members.rows()) {
            return Err(Error::Ties(format!(
                "tie {} of network {network} is of a member beyond the {} given",
                Figure(place),
                Figure(members.rows())
            )));
        }
    }
    Ok(())
}
