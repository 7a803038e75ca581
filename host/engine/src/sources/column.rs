//! What the columns of a table are called and hold.

use super::Table;
use crate::nearest::nearest;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A name for something: at most [`LONGEST_TEXT`] bytes without control characters.
    Id,
    /// An [`Kind::Id`] that has to be one of the verbs, or begin with `x-`.
    Verb,
    /// Any text of at most [`LONGEST_TEXT`] bytes; a longer one is none.
    Text,
    /// A moment.
    Time,
    /// A finite number.
    Number,
    /// A finite number that is 1 where nothing is said.
    Weight,
    /// A whole number from 0 on.
    Count,
    /// Yes or no; no where nothing is said.
    Flag,
}

/// The longest text that a field may hold, in bytes.
pub(crate) const LONGEST_TEXT: usize = 1024;

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Column {
    /// The name, in files as in snapshots; attributes are `attribute:NAME` in snapshots and `NAME` in files.
    pub(crate) name: String,
    pub(crate) kind: Kind,
    /// Whether the file needs the column, and every row a value in it.
    pub(crate) needed: bool,
}

impl Column {
    fn new(name: &str, kind: Kind, needed: bool) -> Self {
        Self { name: name.to_owned(), kind, needed }
    }

    /// The name in files.
    pub(crate) fn name_in_files(&self) -> &str {
        self.name.strip_prefix(ATTRIBUTE).unwrap_or(&self.name)
    }

    /// Whether every row of a snapshot has a value here.
    pub(crate) fn never_null(&self) -> bool {
        self.needed || matches!(self.kind, Kind::Weight | Kind::Flag)
    }
}

const ATTRIBUTE: &str = "attribute:";

/// The columns of a table in the order in which snapshots hold, hash and compare them.
///
/// Of members with the same id the smallest row stays; so `opted_out`, whose yes is smaller than its no, comes before all that may
/// differ, and no opt-out is lost to another row.
pub(crate) fn columns(table: Table, attributes: &[String]) -> Vec<Column> {
    let column = Column::new;
    match table {
        Table::Members => {
            let mut columns = vec![
                column("id", Kind::Id, true),
                column("opted_out", Kind::Flag, false),
                column("joined_at", Kind::Time, false),
                column("role", Kind::Id, false),
                column("external_followers", Kind::Count, false),
            ];
            columns.extend(
                attributes.iter().map(|name| column(&format!("{ATTRIBUTE}{name}"), Kind::Text, false)),
            );
            columns
        }
        Table::Follows => vec![
            column("follower", Kind::Id, true),
            column("followed", Kind::Id, true),
            column("since", Kind::Time, false),
        ],
        Table::Activities => vec![
            column("id", Kind::Id, false),
            column("actor", Kind::Id, false),
            column("verb", Kind::Verb, true),
            column("at", Kind::Time, true),
            column("recipient", Kind::Id, false),
            column("object", Kind::Id, false),
            column("object_kind", Kind::Id, false),
            column("topic", Kind::Id, false),
            column("product", Kind::Id, false),
            column("weight", Kind::Weight, false),
        ],
        Table::Conversions => vec![
            column("member", Kind::Id, true),
            column("product", Kind::Id, false),
            column("at", Kind::Time, true),
            column("value", Kind::Number, false),
            column("referrer", Kind::Id, false),
        ],
    }
}

/// The columns that name members, by table.
pub(crate) fn people(table: Table) -> &'static [&'static str] {
    match table {
        Table::Members => &["id"],
        Table::Follows => &["follower", "followed"],
        Table::Activities => &["actor", "recipient"],
        Table::Conversions => &["member", "referrer"],
    }
}

/// Whether a name is the other one but for case and what stands between its words.
fn is_like(name: &str, other: &str) -> bool {
    plain(name) == plain(other)
}

fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// What `opted_out` is called elsewhere: names that hardly mean anything else, letters and digits in lowercase.
pub(crate) const WISHES: &str = "optedout optout unsubscribed donottrack";

/// Whether a column or a key may hold members' wishes to be left out.
pub(crate) fn may_be_a_wish(name: &str) -> bool {
    let plain = plain(name);
    nearest(name, ["opted_out"]).is_some() || WISHES.split(' ').any(|wish| plain.contains(wish))
}

/// Whether a column or a key may hold members' roles; of nested keys the outermost counts.
pub(crate) fn may_be_a_role(name: &str) -> bool {
    is_like(outermost(name), "role")
}

/// Whether a key may say in some lines what the key `own`, which keeps members out of the results, says in others.
pub(crate) fn is_another(name: &str, own: &str) -> bool {
    let outer = outermost(name);
    name != own
        && (is_like(outer, own) || own == "opted_out" && WISHES.split(' ').any(|wish| wish == plain(outer)))
}

fn outermost(name: &str) -> &str {
    name.split('.').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verb::VERBS;

    #[test]
    fn names_that_may_say_who_is_to_be_left_out_are_known() {
        for name in [
            "optout",
            "OptOut",
            "opted_out (y/n)",
            "prefs.opted-out",
            "opted_out.value",
            "do_not_track",
            "Unsubscribed",
        ] {
            assert!(may_be_a_wish(name), "{name}");
        }
        for name in ["team", "output", "about", "role", "opinion", "subscribed"] {
            assert!(!may_be_a_wish(name), "{name}");
        }
        assert!(may_be_a_role("Role") && may_be_a_role("role.name") && !may_be_a_role("payroll"));
        assert!(is_another("optOut", "opted_out") && !is_another("opted_out_at", "opted_out"));
    }

    #[test]
    fn the_page_of_communities_names_every_column_and_verb() {
        let page = include_str!("../../../../examples/communities/README.md");
        for table in Table::ALL {
            let line =
                page.lines().find(|line| line.starts_with(&format!("| `{table}` |"))).unwrap_or_default();
            for column in columns(table, &[]) {
                let bold = if column.needed { "**" } else { "" };
                let name = format!("{bold}`{}`{bold}", column.name);
                assert!(line.contains(&name), "{table} {name}");
            }
        }
        for verb in VERBS {
            assert!(page.contains(&format!("`{verb}`")), "{verb}");
        }
    }
}
