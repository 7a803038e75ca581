use std::str::FromStr;

use groundswell::Community;
use groundswell::ledger::Moment;

use crate::failure::Failure;

/// A time, or a date, which is one once it is known by whose clocks.
#[derive(Clone, Debug)]
pub(crate) struct When(String);

impl When {
    /// The moment by the clocks of a community.
    pub(crate) fn in_time_zone_of(&self, community: &Community) -> Result<Moment, Failure> {
        Moment::read(&self.0, &community.config().community.time_zone).map_err(Failure::of)
    }
}

impl FromStr for When {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // Whether it is one at all does not depend on the clocks.
        text.parse::<Moment>().map(|_| Self(text.to_owned()))
    }
}
