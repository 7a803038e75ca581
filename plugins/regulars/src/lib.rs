//! The default definition and its reward rules: the most active members, whom others trust, under a ceiling on
//! audience.
//!
//! [`Regulars`] scores everybody from 0 to 100 by two halves: **activity** (questions answered, members helped,
//! weeks active) and **trust**, which only others can give (thanks, endorsements, likes, accepted answers). Each
//! input is measured against the population's largest value, counts on the logarithmic scale. An input that
//! tells nobody apart, because the data lacks it or everybody is equal, hands its weight to the others of its
//! half. The score is a weighted sum, so every point of it can be told. A high score is not enough: a
//! micro-influencer has helped and been appreciated by more than a few, was active regularly, and does not
//! have the audience of a celebrity.
//!
//! [`Nurture`] proposes what micro-influencers get: a shoutout on the first day, a badge, an invitation to
//! training, a circle of their own.
//!
//! The README beside this crate says the same to members.

mod describe;
mod place;
mod rewards;
mod score;

pub use rewards::Nurture;
pub use score::Regulars;

groundswell_plugin::export!(definition: Regulars, rewards: Nurture);
