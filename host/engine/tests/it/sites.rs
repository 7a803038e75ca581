//! Dumps of real sites from import to leaderboard.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::path::{Path, PathBuf};

use groundswell::import::{ImportReport, stackexchange};
use groundswell::{Config, PopulationKind, Run, RunOptions, Window};

use crate::community::{Community, data};
use crate::planted::{host, ledger};

/// A site's dump, and the community that it becomes.
struct Site {
    dump: PathBuf,
    written: Community,
    report: ImportReport,
}

impl Site {
    /// `None`, said aloud, where the data is not there.
    fn import(name: &str) -> Option<Self> {
        let dump = data(&format!("stackexchange/{name}"))?;
        let written = Community::new(&[]);
        let report = stackexchange(&dump, written.path(""), &|_, _, _| {}).unwrap();
        Some(Self { dump, written, report })
    }

    fn run(&self) -> Run {
        host().open(self.written.path("community.toml")).unwrap().run(&RunOptions::default()).unwrap()
    }

    /// How many of the 20 highest reputations, which no input knows, are among the first 20.
    fn hits(&self, run: &Run) -> usize {
        let mut reputations = reputations(&self.dump);
        reputations.sort_by_key(|(reputation, _)| std::cmp::Reverse(*reputation));
        let top: Vec<&str> = run.members().take(20).map(|member| member.member).collect();
        reputations.iter().take(20).filter(|(_, id)| top.contains(&id.as_str())).count()
    }
}

fn reputations(dump: &Path) -> Vec<(i64, String)> {
    let mut users = String::new();
    let file = std::fs::File::open(dump.join("Users.xml.gz")).unwrap();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(file), &mut users).unwrap();
    let field = |row: &str, name: &str| -> Option<String> {
        Some(row.split_once(&format!(" {name}=\""))?.1.split_once('"')?.0.to_owned())
    };
    users
        .lines()
        .filter_map(|row| Some((field(row, "Reputation")?.parse().ok()?, field(row, "Id")?)))
        .collect()
}

/// Imports a site, runs it as it was imported, and checks it against the dump.
/// `later` members joined behind the newest activity.
fn from_dump_to_leaderboard(name: &str, users: u64, later: u64) -> Option<(Site, Run)> {
    let site = Site::import(name)?;
    assert_eq!(site.report.members, users);
    let run = site.run();
    assert_eq!(run.rejected(), []);
    assert_eq!(run.info().notes, Vec::<String>::new());
    let left_out = run.info().left_out;
    assert_eq!(run.info().population + left_out.total(), users);
    assert_eq!((left_out.opted_out, left_out.not_yet_joined, left_out.excluded_role), (0, later, 1));
    // A dump knows neither followers nor moderators. Its one role is the site's own account's, who is left out.
    let unknown: Vec<_> = run.info().unknown.iter().map(|unknown| unknown.metric.as_str()).collect();
    assert_eq!(unknown, ["audience", "role"]);
    assert_eq!(run.tiers().iter().map(|tier| tier.members).sum::<u64>(), run.info().population);
    let given = ledger(&site.written).iter().filter(|row| row.contains("\"award\"")).count();
    assert_eq!(given, run.awards().len());
    eprintln!("{name}: {} of the 20 highest reputations are in the top 20", site.hits(&run));
    Some((site, run))
}

#[test]
fn the_beer_site_has_the_members_that_were_counted_in_it() {
    let Some((site, run)) = from_dump_to_leaderboard("beer-2020-06", 6_863, 0) else { return };
    // 1,482 members are active; one of them is the site's bot.
    assert_eq!(run.info().population, 1_481);
    assert!(site.hits(&run) >= 15, "{}", site.hits(&run));
    // Asked who is active now, the same site has other answers.
    let path = site.written.path("community.toml");
    let mut table: toml::Table = std::fs::read_to_string(&path).unwrap().parse().unwrap();
    table["community"].as_table_mut().unwrap().insert("window".to_owned(), "365d".into());
    std::fs::write(path, table.to_string()).unwrap();
    let year = site.run();
    assert_eq!(year.info().population, 396);
    assert_eq!(year.info().population + year.info().left_out.total(), 6_863);
}

#[test]
fn the_quantum_computing_site_goes_from_dump_to_leaderboard() {
    from_dump_to_leaderboard("quantumcomputing-2018-09", 3_461, 1);
}

#[test]
fn the_constructed_languages_meta_site_goes_from_dump_to_leaderboard() {
    from_dump_to_leaderboard("conlang-meta-2020-08", 272, 0);
}

/// How many members there are whom votes name, how many of them have the reputation that the site shows, or 100 less, which is
/// its bonus for members of other sites, and how many of the site's first twenty are among ours.
fn reputation_met(site: &Site, question_like: u32) -> Vec<Option<String>> {
    let path = site.written.path("community.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let mut config = Config::parse(path, &text).unwrap();
    config.community.window = Window::All;
    config.community.population = PopulationKind::All;
    let metric = format!("site-reputation(question-like={question_like})");
    let query = format!(
        "with voted as (
             select distinct recipient as id from activities where verb in ('like', 'dislike', 'accept', 'bounty')
             union select distinct actor from activities where verb in ('accept', 'bounty')
         ), r as (
             select m.id, cast(m.reputation as double) as site, x.\"{metric}\" as ours, v.id is not null as voted
             from members m join metrics('{metric}') x on x.member = m.id left join voted v on v.id = m.id
         )
         select count(*) filter (where voted), count(*) filter (where voted and (site = ours or site = ours + 100)),
             (select count(*) from (select id from r order by site desc, id limit 20) a
              join (select id from r order by ours desc, id limit 20) b on a.id = b.id)
         from r"
    );
    let answer = host().open_config(config).sql(&query, &RunOptions::default()).unwrap();
    answer.rows().next().unwrap()
}

#[test]
fn reputation_comes_out_as_the_sites_show_it() {
    let met = |voted: &str, met: &str, top: &str| [voted, met, top].map(|count| Some(count.to_owned()));
    if let Some(site) = Site::import("beer-2020-06") {
        assert_eq!(reputation_met(&site, 10), met("1070", "913", "20"));
    }
    // Before November 2019 a like of a question brought 5.
    if let Some(site) = Site::import("quantumcomputing-2018-09") {
        assert_eq!(reputation_met(&site, 5), met("331", "246", "20"));
    }
}
