//! Levels, and the progress from one to the next.

use groundswell_plugin::{Members, Placements, Population, Problem, Reason, Row, Settings, log, ramp};

use crate::describe::{input, reason};
use crate::requirements::{LEVELS, REQUIREMENTS};

/// Whoever lacks something for the next level has less than this of the way behind them, however little it is.
const MOST_PROGRESS: f64 = 0.99;
/// Whoever is flagged too often stays below this level.
const LEVEL_WITHOUT_FLAGS: f64 = 3.0;

/// The thresholds.
#[derive(Clone, Debug)]
pub(crate) struct Ladder {
    /// Of everything that somebody here has any of.
    asked: Vec<Asked>,
    most_flags: f64,
}

/// A requirement that is on.
#[derive(Clone, Debug)]
struct Asked {
    /// The place of its input, and among [`REQUIREMENTS`].
    place: usize,
    /// What levels 1 to 4 ask for.
    least: [f64; LEVELS],
}

impl Ladder {
    pub(crate) fn open(settings: &Settings, population: &Population) -> Result<Self, Problem> {
        let mut asked = Vec::with_capacity(REQUIREMENTS.len());
        for (place, requirement) in REQUIREMENTS.iter().enumerate() {
            let names = requirement.settings.map(|(name, ..)| name);
            settings.ascending(&names, "a level asks for what the one below asks for, or more")?;
            // False where nobody has a value, too.
            if population.number(place).quantile(1.0) > 0.0 {
                asked.push(Asked { place, least: names.map(|name| settings.integer(name) as f64) });
            } else {
                log::info(format_args!(
                    "no level asks for {}: nobody is known to have any",
                    requirement.metric
                ));
            }
        }
        if asked.is_empty() {
            log::warn("nothing that levels ask for is known here, so everybody is at level 0");
        }
        Ok(Self { asked, most_flags: settings.integer("most-flags") as f64 })
    }

    pub(crate) fn scores(&self, members: &Members) -> Vec<f64> {
        let columns: Vec<_> = self.asked.iter().map(|asked| (asked, members.number(asked.place))).collect();
        let flags = members.number(input::FLAGS).iter().enumerate();
        let score = |(row, &flags): (usize, &f64)| {
            let values = columns.iter().filter_map(|(asked, column)| Some((*asked, *column.get(row)?)));
            let score = standing(values);
            let flagged = flags > self.most_flags;
            if flagged { score.min(LEVEL_WITHOUT_FLAGS - 1.0 + MOST_PROGRESS) } else { score }
        };
        flags.map(score).collect()
    }

    pub(crate) fn place(&self, row: Row<'_>, score: f64, placements: &mut Placements) {
        let level = score.clamp(0.0, LEVELS as f64).floor();
        // Levels are the first tiers, by number.
        placements.place(level as u32);
        for asked in &self.asked {
            let value = row.number(asked.place);
            let text = match asked.least.get(level as usize) {
                // Comparisons with NaN are false: nobody lacks what is not known.
                Some(least) if value < *least => reason::lacking(asked.place),
                None if value > 0.0 => reason::enough(asked.place),
                _ => continue,
            };
            placements.because(Reason::about(text, asked.place as u32));
        }
        if row.number(input::FLAGS) > self.most_flags {
            placements.because(Reason::about(reason::FLAGGED, input::FLAGS as u32));
        }
    }
}

/// The level, plus the progress to the next: the mean share of what it asks for, over all that it asks for.
fn standing<'a>(values: impl Iterator<Item = (&'a Asked, f64)> + Clone) -> f64 {
    for level in 0..LEVELS {
        let (mut asked, mut progress, mut reached) = (0.0, 0.0, true);
        for (requirement, value) in values.clone() {
            let least = requirement.least.get(level).copied().unwrap_or_default();
            if least > 0.0 {
                asked += 1.0;
                progress += ramp(value, 0.0, least);
                reached &= value >= least;
            }
        }
        // Where nothing is known to ask for, nobody has risen.
        if values.clone().next().is_none() {
            return 0.0;
        }
        if !reached {
            return level as f64 + (progress / asked).min(MOST_PROGRESS);
        }
    }
    LEVELS as f64
}
