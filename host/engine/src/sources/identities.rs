//! Who is who: accounts that are one member's, and members who are to be forgotten.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{Cell, Column, Line, Meter, SourceFile, Table, people};
use crate::Error;

/// The columns of a file of aliases.
const COLUMNS: [&str; 2] = ["alias", "member"];

/// Who is who.
#[derive(Clone, Debug, Default)]
pub(crate) struct Identities {
    /// By alias, the member's own id.
    aliases: HashMap<String, String>,
    /// Those who have any.
    members: HashSet<String>,
    forgotten: Forgotten,
}

/// Members who are to be forgotten: their ids are kept as nothing but hashes with a key, so that later data of theirs is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Forgotten {
    /// 32 bytes of chance, in hexadecimal digits.
    key: String,
    /// BLAKE3 of ids with that key, sorted.
    members: Vec<String>,
}

impl Forgotten {
    /// With a key that nobody knows.
    pub(crate) fn new(key: [u8; 32]) -> Self {
        Self { key: blake3::Hash::from_bytes(key).to_hex().to_string(), members: Vec::new() }
    }

    fn hash(&self, id: &str) -> Option<String> {
        let key = blake3::Hash::from_hex(&self.key).ok()?;
        Some(blake3::keyed_hash(key.as_bytes(), id.as_bytes()).to_hex().to_string())
    }

    pub(crate) fn add(&mut self, id: &str) {
        if let Some(hash) = self.hash(id)
            && let Err(place) = self.members.binary_search(&hash)
        {
            self.members.insert(place, hash);
        }
    }

    /// Whether a member is to be forgotten.
    pub(crate) fn has(&self, id: &str) -> bool {
        !self.members.is_empty()
            && self.hash(id).is_some_and(|hash| self.members.binary_search(&hash).is_ok())
    }
}

/// What becomes of a row.
pub(crate) enum Fate {
    /// It stays, with the ids of members in it.
    Stays,
    /// It is of somebody who is to be forgotten.
    Forgotten,
    /// It is one of several that one member has.
    OneOfSeveral(String),
}

impl Identities {
    /// Reads the files of aliases.
    pub(crate) fn read(files: &[SourceFile], forgotten: Forgotten, meter: &Meter<'_>) -> Result<Self, Error> {
        let mut said = BTreeMap::new();
        for file in files {
            // What the file is called by in errors is its path; the table matters to formats with types alone.
            let mut reader = file.open(Table::Members, meter)?;
            let refuse =
                |problem: String| Error::Source { table: "aliases", path: file.path.clone(), problem };
            let place = |name: &str| reader.header().iter().position(|column| column == name);
            let [Some(alias), Some(member)] = COLUMNS.map(place) else {
                return Err(refuse("a file of aliases has the columns `alias` and `member`".to_owned()));
            };
            while let Some(Line { number, fields, flaw }) = reader.next()? {
                let text = |at: usize| {
                    let text = fields.get(at).and_then(|field| std::str::from_utf8(field).ok());
                    let text = text
                        .map(str::trim)
                        .filter(|text| !text.is_empty() && !text.contains(char::is_control));
                    text.filter(|_| flaw.is_none()).map(str::to_owned)
                };
                let (Some(alias), Some(member)) = (text(alias), text(member)) else {
                    return Err(refuse(format!("line {number} does not name an alias and a member")));
                };
                if alias == member {
                    continue;
                }
                match said.get(&alias) {
                    Some(Said { member: other, line, .. }) if *other != member => {
                        let [alias, member, other] = [&alias, &member, other].map(|id| shown(id));
                        return Err(refuse(format!(
                            "line {number} says that {alias} is {member}, and line {line} that it is {other}: leave one of them out"
                        )));
                    }
                    _ => _ = said.insert(alias, Said { member, path: &file.path, line: number }),
                }
            }
        }
        let aliases = ends(&said)?;
        let members = aliases.values().cloned().collect();
        Ok(Self { aliases, members, forgotten })
    }

    /// Whether everybody is who their rows say.
    pub(crate) fn are_plain(&self) -> bool {
        self.aliases.is_empty() && self.forgotten.members.is_empty()
    }

    pub(crate) fn have_aliases(&self) -> bool {
        !self.aliases.is_empty()
    }

    /// Whether a state says otherwise by now who is to be forgotten.
    pub(crate) fn are_outdated(&self, state: &Path) -> Result<bool, Error> {
        Ok(crate::forget::forgotten(state)? != self.forgotten)
    }

    /// Who is to be forgotten, and nobody's other names.
    pub(crate) fn without_aliases(&self) -> Self {
        Self { forgotten: self.forgotten.clone(), ..Self::default() }
    }

    /// Who is to be forgotten.
    pub(crate) fn forgotten_mut(&mut self) -> &mut Forgotten {
        &mut self.forgotten
    }

    /// The member's own id, and then all others that are the same member's.
    pub(crate) fn all_of(&self, id: &str) -> Vec<String> {
        let own = self.aliases.get(id).map_or(id, String::as_str);
        let mut others: Vec<String> = self
            .aliases
            .iter()
            .filter(|(_, member)| *member == own)
            .map(|(alias, _)| alias.clone())
            .collect();
        others.sort_unstable();
        others.insert(0, own.to_owned());
        others
    }

    /// Adds all other ids that are these members'.
    pub(crate) fn add_others(&self, ids: &mut Vec<String>) {
        let own: HashSet<&str> = ids.iter().map(String::as_str).collect();
        let others = self.aliases.iter().filter(|(_, member)| own.contains(member.as_str()));
        let others: Vec<String> = others.map(|(alias, _)| alias.clone()).collect();
        ids.extend(others);
    }

    /// What tells these identities from others.
    pub(crate) fn digest(&self) -> String {
        let mut aliases: Vec<_> = self.aliases.iter().collect();
        aliases.sort_unstable();
        format!("{aliases:?} {:?}", self.forgotten)
    }

    /// Puts members' own ids in the place of aliases, and takes out who is to be forgotten.
    pub(crate) fn settle<'r>(&'r self, table: Table, columns: &[Column], cells: &mut [Cell<'r>]) -> Fate {
        let mut fate = Fate::Stays;
        for name in people(table) {
            let Some(cell) =
                columns.iter().position(|column| column.name == *name).and_then(|at| cells.get_mut(at))
            else {
                continue;
            };
            let Cell::Text(id) = *cell else { continue };
            let own = self.aliases.get(id).map(String::as_str);
            if self.forgotten.has(own.unwrap_or(id)) || own.is_some() && self.forgotten.has(id) {
                // What somebody else did, or what was done to somebody else, stays without them.
                let of_others = table == Table::Activities || *name == "referrer";
                if !of_others {
                    return Fate::Forgotten;
                }
                *cell = Cell::Missing;
                continue;
            }
            if let Some(own) = own {
                *cell = Cell::Text(own);
            }
            let own = own.unwrap_or(id);
            if table == Table::Members && self.members.contains(own) {
                fate = Fate::OneOfSeveral(own.to_owned());
            }
        }
        fate
    }
}

/// Of whom something is an alias, and where that is said.
struct Said<'f> {
    member: String,
    path: &'f Path,
    line: u64,
}

/// Of every alias the member whom it leads to, by way of whatever others.
fn ends(said: &BTreeMap<String, Said<'_>>) -> Result<HashMap<String, String>, Error> {
    let mut ends: HashMap<&str, &str> = HashMap::new();
    for alias in said.keys() {
        let (mut way, mut end) = (Vec::new(), alias.as_str());
        while let Some(Said { member, .. }) = said.get(end) {
            if let Some(known) = ends.get(end) {
                end = known;
                break;
            }
            if way.len() == said.len() {
                return Err(round(said, end));
            }
            way.push(end);
            end = member;
        }
        ends.extend(way.into_iter().map(|alias| (alias, end)));
    }
    Ok(ends.into_iter().map(|(alias, end)| (alias.to_owned(), end.to_owned())).collect())
}

/// That aliases go round, told by the smallest of those that do; `one` is any of them.
fn round(said: &BTreeMap<String, Said<'_>>, one: &str) -> Error {
    let next = |alias: &str| said.get_key_value(said.get(alias)?.member.as_str());
    let all = std::iter::successors(said.get_key_value(one), |(alias, _)| {
        next(alias).filter(|(next, _)| next.as_str() != one)
    });
    let (alias, path, line) = all
        .map(|(alias, said)| (alias.as_str(), said.path, said.line))
        .min()
        .unwrap_or((one, Path::new(""), 0));
    let problem = format!(
        "line {line}: {} is an alias of itself, by way of others: one of them has to be the member",
        shown(alias)
    );
    Error::Source { table: "aliases", path: path.to_owned(), problem }
}

fn shown(id: &str) -> String {
    groundswell_runtime::shown(id, 60)
}

/// Rows of members who have several.
#[derive(Default)]
pub(crate) struct Several(BTreeMap<String, Vec<Row>>);

/// The number of a file, and a line.
type Place = (u32, u64);

/// What of a member's rows is made, and where the first of them stands.
type Merged = (Vec<Owned>, Place);

/// One of a member's rows: whether it is the member's own, its id, its cells, and where it stands.
struct Row {
    own: bool,
    id: String,
    cells: Vec<Owned>,
    place: Place,
}

/// A cell that is kept.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Owned {
    Missing,
    Text(String),
    Time(i64),
    Number(f64),
    Count(u64),
    Flag(bool),
}

impl Owned {
    fn of(cell: &Cell<'_>) -> Self {
        match cell {
            Cell::Missing | Cell::TooLong => Self::Missing,
            Cell::Text(text) => Self::Text((*text).to_owned()),
            Cell::Time(at, _) => Self::Time(*at),
            Cell::Number(number) => Self::Number(*number),
            Cell::Count(count) => Self::Count(*count),
            Cell::Flag(flag) => Self::Flag(*flag),
        }
    }

    fn cell(&self) -> Cell<'_> {
        match self {
            Self::Missing => Cell::Missing,
            Self::Text(text) => Cell::Text(text),
            Self::Time(at) => Cell::Time(*at, None),
            Self::Number(number) => Cell::Number(*number),
            Self::Count(count) => Cell::Count(*count),
            Self::Flag(flag) => Cell::Flag(*flag),
        }
    }
}

impl Several {
    /// Puts a row aside. `id` is what it said itself.
    pub(crate) fn add(&mut self, member: String, id: &str, cells: &[Cell<'_>], place: Place) {
        let own = id == member;
        let row = Row { own, id: id.to_owned(), cells: cells.iter().map(Owned::of).collect(), place };
        self.0.entry(member).or_default().push(row);
    }

    /// One row for each member: what the member's own row says, and where it says nothing what the others say, in the order
    /// of their ids; opted out where any of them is, there since the earliest of them, with the largest audience.
    ///
    /// # Errors
    ///
    /// The member, where one of the rows has an excluded role that the one that counts has not.
    pub(crate) fn merged(
        self,
        columns: &[Column],
        excluded_roles: &[String],
    ) -> Result<Vec<Merged>, (String, Place)> {
        let mut all = Vec::new();
        for (member, mut rows) in self.0 {
            rows.sort_by(|one, other| {
                let key = |row: &Row| (!row.own, row.id.clone(), format!("{:?}", row.cells), row.place);
                key(one).cmp(&key(other))
            });
            let said = |at: usize| {
                rows.iter().filter_map(move |row| row.cells.get(at)).filter(|cell| **cell != Owned::Missing)
            };
            let mut cells = Vec::with_capacity(columns.len());
            for (at, column) in columns.iter().enumerate() {
                let cell = match column.name.as_str() {
                    "id" => Some(Owned::Text(member.clone())),
                    "opted_out" => Some(Owned::Flag(said(at).any(|cell| *cell == Owned::Flag(true)))),
                    "joined_at" => said(at)
                        .filter_map(|cell| if let Owned::Time(at) = cell { Some(*at) } else { None })
                        .min()
                        .map(Owned::Time),
                    "external_followers" => said(at)
                        .filter_map(|cell| if let Owned::Count(count) = cell { Some(*count) } else { None })
                        .max()
                        .map(Owned::Count),
                    _ => said(at).next().cloned(),
                };
                if column.name == "role" {
                    let excluded =
                        |cell: &Owned| matches!(cell, Owned::Text(role) if excluded_roles.contains(role));
                    if said(at).any(excluded) && !cell.as_ref().is_some_and(excluded) {
                        let place = rows
                            .iter()
                            .find(|row| row.cells.get(at).is_some_and(excluded))
                            .map(|row| row.place);
                        return Err((member, place.unwrap_or_default()));
                    }
                }
                cells.push(cell.unwrap_or(Owned::Missing));
            }
            let place = rows.first().map(|row| row.place).unwrap_or_default();
            all.push((cells, place));
        }
        Ok(all)
    }
}

/// The cells of a row that was kept.
pub(crate) fn cells(row: &[Owned]) -> Vec<Cell<'_>> {
    row.iter().map(Owned::cell).collect()
}
