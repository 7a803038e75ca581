//! Reading a community's files.

mod column;
mod columnar;
mod database;
mod files;
mod given;
mod identities;
mod json;
mod mapped;
mod meter;
mod packed;
mod pages;
mod parquet;
mod query;
mod quotes;
mod reader;
mod row;
mod sample;
mod tap;

use std::fmt;

pub(crate) use column::{Column, Kind, WISHES, columns, may_be_a_role, may_be_a_wish, people};
pub(crate) use columnar::Rows as ColumnarRows;
#[cfg(feature = "datafusion")]
pub(crate) use columnar::read as readable;
pub(crate) use files::{Origin, SourceFile, aliases, find};
pub(crate) use given::Rows;
pub(crate) use given::{Flaw, Given, Line, Reading};
pub(crate) use identities::{Fate, Forgotten, Identities, Several, cells};
pub(crate) use mapped::by_pattern;
pub(crate) use meter::{Meter, Streams};
pub(crate) use reader::Reader;
pub(crate) use row::{Cell, Header, Reason, Unreadable, flag};
pub(crate) use sample::{Sample, sample};

/// One of the four tables that a community's data consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Table {
    /// Who belongs to the community: id, joined_at, role, external_followers, opted_out and attributes.
    Members,
    /// Who follows whom, since when.
    Follows,
    /// Who did what, when, to whom.
    Activities,
    /// Who bought or signed up for what, when.
    Conversions,
}

impl Table {
    /// All of them, in the order in which they are read and hashed.
    pub const ALL: [Self; 4] = [Self::Members, Self::Follows, Self::Activities, Self::Conversions];

    /// The table's name, as it stands in `community.toml` and in file names.
    pub fn name(self) -> &'static str {
        match self {
            Self::Members => "members",
            Self::Follows => "follows",
            Self::Activities => "activities",
            Self::Conversions => "conversions",
        }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
