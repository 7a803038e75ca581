//! Where members stood in earlier periods, and what newest runs said of them.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, params};

/// What a member reached before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Before {
    /// The tier at the newest run of an earlier period; none where that run did not score them.
    pub previous: Option<String>,
    /// The highest rung of any earlier period.
    pub best: Option<u8>,
    /// What earlier runs said, newest first; no more than have to agree. None of them where one is enough.
    pub said: Vec<String>,
    /// The tier that counted for rewards at the newest of those.
    pub counted: Option<String>,
}

impl Before {
    /// The tier that counts for rewards where the newest run says `said`: that one once `runs` of them in a row have said so,
    /// the one that counted before until then. Whoever is seen for the first time is where they are said to be.
    pub fn counts<'t>(&'t self, said: &'t str, runs: u32) -> &'t str {
        let Some(counted) = self.counted.as_deref() else { return said };
        let wanted = (runs as usize).saturating_sub(1);
        let agree = self.said.iter().take(wanted).filter(|earlier| *earlier == said).count();
        if agree == wanted { said } else { counted }
    }
}

/// What members reached before, by id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History(pub(crate) BTreeMap<String, Before>);

impl History {
    /// What one member reached; `None` for whoever was never scored.
    pub fn of(&self, member: &str) -> Option<&Before> {
        self.0.get(member)
    }

    /// Whether any earlier run said where somebody stands who has to be seen there by several. Where none did, whatever a run says
    /// counts at once.
    pub fn was_said(&self) -> bool {
        self.0.values().any(|before| before.counted.is_some())
    }

    /// BLAKE3 over what reward rules can be told of it: member, previous tier and best rung, and what earlier runs said where that
    /// counts, in the order of member ids by bytes. Equal digests, equal decisions.
    pub fn digest(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        let text = |hasher: &mut blake3::Hasher, text: Option<&str>| {
            hasher.update(&text.map_or(u64::MAX, |text| text.len() as u64).to_le_bytes());
            hasher.update(text.unwrap_or_default().as_bytes());
        };
        for (member, before) in &self.0 {
            text(&mut hasher, Some(member));
            text(&mut hasher, before.previous.as_deref());
            hasher.update(&before.best.map_or(u16::MAX, u16::from).to_le_bytes());
            if let Some(counted) = &before.counted {
                text(&mut hasher, Some(counted));
                before.said.iter().for_each(|said| text(&mut hasher, Some(said)));
                text(&mut hasher, None);
            }
        }
        hasher.finalize().to_hex().to_string()
    }
}

/// Which history a run looks at, and which it becomes part of.
#[derive(Clone, Copy, Debug)]
pub struct Chapter<'a> {
    /// The definition's name.
    pub definition: &'a str,
    /// The period's key.
    pub period: &'a str,
    /// The period's first moment, nanoseconds since 1970 (UTC).
    pub start: i64,
    /// The moment that the run looks from, nanoseconds since 1970 (UTC).
    pub as_of: i64,
    /// How many runs in a row have to say so before a tier counts for rewards; at least 1.
    pub runs: u32,
}

/// The period and the receipt of a definition's newest run before a chapter's period.
pub(crate) fn run_before(
    connection: &Connection,
    chapter: &Chapter<'_>,
) -> rusqlite::Result<Option<(String, i64)>> {
    connection
        .prepare_cached(
            "SELECT period, receipt FROM runs WHERE definition = ?1 AND as_of < ?2 ORDER BY as_of DESC, period DESC LIMIT 1",
        )?
        .query_row(params![chapter.definition, chapter.start], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
}

pub(crate) fn history(connection: &Connection, chapter: &Chapter<'_>) -> rusqlite::Result<History> {
    let mut members: BTreeMap<String, Before> = BTreeMap::new();
    if let Some((period, receipt)) = run_before(connection, chapter)? {
        let mut query = connection.prepare(
            "SELECT member, tier FROM history WHERE definition = ?1 AND period = ?2 AND receipt = ?3",
        )?;
        let mut rows = query.query(params![chapter.definition, period, receipt])?;
        while let Some(row) = rows.next()? {
            members.entry(row.get(0)?).or_default().previous = Some(row.get(1)?);
        }
    }
    let mut query = connection.prepare(
        "SELECT member, max(rung) FROM history WHERE definition = ?1 AND as_of < ?2 AND rung IS NOT NULL GROUP BY member",
    )?;
    let mut rows = query.query(params![chapter.definition, chapter.start])?;
    while let Some(row) = rows.next()? {
        members.entry(row.get(0)?).or_default().best = Some(row.get(1)?);
    }
    if chapter.runs > 1 {
        // Newest first, so that what counted is what the first row of a member says.
        let mut query = connection.prepare(
            "SELECT member, said, counts FROM
                 (SELECT member, said, counts, as_of, row_number() OVER (PARTITION BY member ORDER BY as_of DESC) AS place
                  FROM sightings WHERE definition = ?1 AND as_of < ?2)
             WHERE place <= ?3 ORDER BY as_of DESC",
        )?;
        let mut rows = query.query(params![chapter.definition, chapter.as_of, chapter.runs - 1])?;
        while let Some(row) = rows.next()? {
            let before = members.entry(row.get(0)?).or_default();
            before.said.push(row.get(1)?);
            if before.counted.is_none() {
                before.counted = Some(row.get(2)?);
            }
        }
    }
    Ok(History(members))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tier_counts_once_enough_runs_in_a_row_have_said_so() {
        let before = |said: &[&str], counted: &str| Before {
            said: said.iter().map(|said| (*said).to_owned()).collect(),
            counted: Some(counted.to_owned()),
            ..Before::default()
        };
        assert_eq!(Before::default().counts("micro", 3), "micro");
        assert_eq!(before(&["member", "member"], "member").counts("micro", 3), "member");
        assert_eq!(before(&["micro", "member"], "member").counts("micro", 3), "member");
        assert_eq!(before(&["micro", "micro"], "member").counts("micro", 3), "micro");
        assert_eq!(before(&["micro", "micro"], "micro").counts("member", 3), "micro");
        // Where one run is enough, what was said before is of no account.
        assert_eq!(before(&[], "member").counts("micro", 1), "micro");
        // Fewer runs than have to agree are not enough.
        assert_eq!(before(&["micro"], "member").counts("micro", 3), "member");
    }
}
