//! Finds and rewards the micro-influencers of an online community.

pub mod import;
