//! A definition's past: as it was recorded, and as it would be by what `community.toml` says now.

use groundswell_ledger::{Calendar, Compared, Ledger, Moment, Past, Stood};
use jiff::Timestamp;

use crate::{Community, Error, Rewards, Run, RunOptions};

/// The most periods that are gone through.
const MOST_PERIODS: usize = 520;

/// The past of a definition by what `community.toml` says now, period by period. Made by [`Community::relive`]; it is gone
/// with the value.
#[derive(Debug)]
pub struct Relived {
    definition: String,
    anew: Ledger,
    recorded: Ledger,
    _state: tempfile::TempDir,
}

/// One period of that.
pub(crate) struct Lived<'a> {
    /// The community as it looks from then.
    pub(crate) community: &'a Community,
    /// The period's key.
    pub(crate) period: String,
    /// Its last moment, or the community's as-of.
    pub(crate) as_of: i64,
    /// `None` where there was nobody yet.
    pub(crate) run: Option<Run>,
}

impl Community {
    /// Runs a definition for every period from the one that contains `since` until as-of as `community.toml` says now, over today's
    /// data, so that all of them are by one measure. Each period is run once, at its end, and what that run says is compared with what
    /// the newest run of the period said. The default of the definition is that of a run. Nothing is written to the state but the
    /// snapshot.
    ///
    /// # Errors
    ///
    /// Where there is no programme, or a run fails; and where that would be more than 520 periods.
    ///
    /// # Cost
    ///
    /// A whole run for each period, but for reading the data, which is read once.
    pub fn relive(&self, since: Moment, options: &RunOptions) -> Result<Relived, Error> {
        let definition = self.pipeline(options).definition()?.to_owned();
        let mut once = self.clone();
        // Each period is run once, so that no tier can be confirmed by other runs.
        if let Some(programme) = &mut once.config_mut().programme {
            programme.confirm_runs = 1;
        }
        let state = once.live(since, options, &mut |_| Ok(()))?;
        let anew = Ledger::look(&state.path().join("ledger.sqlite"))?;
        let recorded = Ledger::look(&self.pipeline(options).ledger())?;
        Ok(Relived { definition, anew, recorded, _state: state })
    }

    /// The same, and tells of every period. Answers the state that the runs wrote to, which has no results.
    pub(crate) fn live(
        &self,
        since: Moment,
        options: &RunOptions,
        tell: &mut dyn FnMut(Lived<'_>) -> Result<(), Error>,
    ) -> Result<tempfile::TempDir, Error> {
        let mut own = options.clone();
        // What is computed has to be seen by the next period, and nobody is to keep it.
        (own.dry_run, own.history_alone, own.out) = (false, true, None);
        let options = &own;
        let pipeline = self.pipeline(options);
        let Some(said) = &self.config().programme else { return Err(pipeline.no_programme()) };
        let calendar = Calendar::new(said.period, self.config().community.time_zone.clone());
        let view = pipeline.view(false)?;
        let moments = moments(&calendar, since.0, view.as_of)
            .ok_or(Error::TooManyPeriods { since: since.to_string(), most: MOST_PERIODS })?;
        let state = tempfile::tempdir().map_err(Error::file("create", std::env::temp_dir()))?;
        for as_of in moments {
            let mut then = self.clone().with_snapshot(view.snapshot.clone());
            then.move_to(as_of, state.path());
            let run = match then.run(options) {
                Ok(run) => Some(run),
                // Before the first of them came.
                Err(Error::NobodyToScore { .. }) => None,
                Err(error) => return Err(error),
            };
            let period = calendar.at(as_of).map(|period| period.key).unwrap_or_default();
            tell(Lived { community: &then, period, as_of, run })?;
        }
        Ok(state)
    }

    /// Looks from another moment, and keeps what is computed somewhere else.
    fn move_to(&mut self, as_of: i64, state: &std::path::Path) {
        let community = &mut self.config_mut().community;
        community.as_of = Timestamp::from_nanosecond(as_of.into()).ok();
        state.clone_into(&mut community.state);
    }
}

impl Relived {
    /// Every period, oldest first.
    ///
    /// # Errors
    ///
    /// Where what was computed cannot be read.
    pub fn periods(&self) -> Result<Vec<Past>, Error> {
        Ok(self.anew.past(&self.definition, None)?)
    }

    /// Where a member would have stood.
    ///
    /// # Errors
    ///
    /// As [`Relived::periods`].
    pub fn tiers(&self, member: &str) -> Result<Vec<Stood>, Error> {
        let all = self.anew.tiers(member)?;
        Ok(all.into_iter().filter(|stood| stood.definition == self.definition).collect())
    }

    /// What this says of a period's members beside what the community's ledger recorded of them.
    ///
    /// # Errors
    ///
    /// Where one of both cannot be read.
    pub fn compared(&self, period: &str) -> Result<Compared, Error> {
        Ok(self.recorded.compared(&self.anew, &self.definition, period)?)
    }
}

impl Rewards {
    /// Every period in which a definition was run, as it was recorded then, oldest first.
    ///
    /// # Errors
    ///
    /// Where the ledger cannot be read.
    pub fn past(&self, definition: &str, since: Option<Moment>) -> Result<Vec<Past>, Error> {
        Ok(self.look()?.past(definition, since)?)
    }

    /// The definitions that were ever recorded, by name.
    ///
    /// # Errors
    ///
    /// Where the ledger cannot be read.
    pub fn definitions(&self) -> Result<Vec<String>, Error> {
        Ok(self.look()?.definitions()?)
    }
}

/// The last moment of every period from the one that contains `since` on; of the newest, as-of. `None` where they are too many.
fn moments(calendar: &Calendar, since: i64, as_of: i64) -> Option<Vec<i64>> {
    let mut all = Vec::new();
    let mut moment = as_of;
    let first = calendar.at(since.min(as_of)).ok()?.index;
    loop {
        all.push(moment);
        let period = calendar.at(moment).ok()?;
        if period.index <= first {
            all.reverse();
            return Some(all);
        }
        if all.len() >= MOST_PERIODS {
            return None;
        }
        moment = period.start - 1;
    }
}

#[cfg(test)]
mod tests {
    use groundswell_ledger::Period;
    use jiff::tz::TimeZone;

    use super::*;

    #[test]
    fn moments_are_the_last_of_each_period_and_as_of() {
        let calendar = Calendar::new(Period::Month, TimeZone::get("Europe/Berlin").unwrap());
        let at = |text: &str| text.parse::<Moment>().unwrap().0;
        let told: Vec<String> = moments(&calendar, at("2020-01-15"), at("2020-04-10"))
            .unwrap()
            .into_iter()
            .map(|moment| Moment(moment).to_string())
            .collect();
        insta::assert_snapshot!(told.join("\n"), @r"
        2020-01-31T22:59:59.999999999Z
        2020-02-29T22:59:59.999999999Z
        2020-03-31T21:59:59.999999999Z
        2020-04-10T00:00:00Z
        ");
        // As-of comes first, whatever is asked for.
        assert_eq!(moments(&calendar, at("2021-01-01"), at("2020-04-10")).unwrap().len(), 1);
        assert_eq!(moments(&calendar, at("1900-01-01"), at("2020-04-10")), None);
    }
}
