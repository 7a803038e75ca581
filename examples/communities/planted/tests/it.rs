//! The planted community: that it is what its page says.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::io::Read as _;
use std::path::Path;

use flate2::read::GzDecoder;
use groundswell_planted::{Community, FILES, Kind, Plan, generate, write_to};

/// The rows of a table without its header; no value of a planted community has a comma or a quote.
fn rows(csv: &[u8]) -> impl Iterator<Item = Vec<&str>> {
    std::str::from_utf8(csv).unwrap().lines().skip(1).map(|line| line.split(',').collect())
}

fn unpacked(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut content = bytes.to_vec();
    if name.ends_with(".gz") {
        content.clear();
        GzDecoder::new(bytes).read_to_end(&mut content).unwrap();
    }
    content
}

#[test]
fn the_files_are_what_the_generator_makes() {
    let made = tempfile::tempdir().unwrap();
    let written = write_to(made.path(), &Plan::default()).unwrap();
    assert_eq!(written.members, 600);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let names: BTreeSet<_> = fs::read_dir(made.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .chain(["README.md".to_owned()])
        .collect();
    assert_eq!(names, FILES.iter().map(|(name, _)| (*name).to_owned()).collect());
    for (name, embedded) in FILES {
        assert_eq!(fs::read(folder.join(name)).unwrap(), *embedded, "{name}");
        if *name == "README.md" {
            continue;
        }
        // Unpacked: another version of the packer may pack otherwise.
        let fresh = unpacked(name, &fs::read(made.path().join(name)).unwrap());
        assert!(fresh == unpacked(name, embedded), "{name} differs: run `cargo run -p groundswell-planted`");
    }
}

#[test]
fn memory_and_disk_hold_the_same_and_another_seed_another_community() {
    let plan = Plan { members: 300, seed: 5, packed: false };
    let folder = tempfile::tempdir().unwrap();
    write_to(folder.path(), &plan).unwrap();
    let community = generate(&plan);
    let read = |name: &str| fs::read(folder.path().join(name)).unwrap();
    assert_eq!(read("members.csv"), community.members_csv);
    assert_eq!(read("follows.csv"), community.follows_csv);
    assert_eq!(read("activities.csv"), community.activities_csv);
    assert_eq!(read("conversions.csv"), community.conversions_csv);
    assert_eq!(community, generate(&plan));
    assert_ne!(community, generate(&Plan { seed: 6, ..plan }));
}

#[test]
fn every_row_is_sound() {
    let Community { members_csv, follows_csv, activities_csv, conversions_csv, expected } =
        generate(&Plan { members: 900, ..Plan::default() });
    let kinds: HashMap<&str, Kind> = expected.iter().map(|(id, kind)| (id.as_str(), *kind)).collect();
    let ids: Vec<_> = rows(&members_csv).map(|row| row[0].to_owned()).collect();
    assert_eq!(ids, expected.iter().map(|(id, _)| id.clone()).collect::<Vec<_>>());
    assert!(ids.is_sorted());

    let mut follows = BTreeSet::new();
    for row in rows(&follows_csv) {
        assert!(kinds.contains_key(row[0]) && kinds.contains_key(row[1]) && row[0] != row[1]);
        assert!(follows.insert((row[0].to_owned(), row[1].to_owned())), "followed twice");
        assert_ne!(kinds[row[0]], Kind::Bot);
    }
    let mut activities = BTreeSet::new();
    for row in rows(&activities_csv) {
        assert_eq!(row.len(), 10);
        assert!(activities.insert(row[0].to_owned()), "an id twice");
        for member in [row[1], row[4]] {
            assert!(member.is_empty() || kinds.contains_key(member));
        }
        assert!(row[1] != row[4], "nobody acts on themselves");
        assert!(("2024-01-01T".."2024-12-30").contains(&row[3]), "{}", row[3]);
        assert!(kinds.get(row[1]) != Some(&Kind::Lurker) && kinds.get(row[4]) != Some(&Kind::Lurker));
    }
    for row in rows(&conversions_csv) {
        assert_eq!(row.len(), 5);
        assert!(kinds.contains_key(row[0]) && row[3].parse::<u64>().unwrap() > 0);
    }
}

/// What is known of a member: weeks aside, all that tells the kinds apart.
#[derive(Default)]
struct Deeds {
    answers: u32,
    helped: BTreeSet<String>,
    thanks: u32,
    endorsements: u32,
    audience: u64,
}

#[test]
fn every_kind_stands_apart_whatever_the_seed_and_size() {
    for (members, seed) in [(600, 1), (600, 2), (2_500, 3), (10_000, 4)] {
        let community = generate(&Plan { members, seed, packed: false });
        let mut deeds: BTreeMap<String, Deeds> = BTreeMap::new();
        for row in rows(&community.activities_csv) {
            let (actor, verb, recipient) = (row[1].to_owned(), row[2], row[4].to_owned());
            match verb {
                "answer" => {
                    let helper = deeds.entry(actor).or_default();
                    helper.answers += 1;
                    helper.helped.insert(recipient);
                }
                "thank" => deeds.entry(recipient).or_default().thanks += 1,
                "endorse" => deeds.entry(recipient).or_default().endorsements += 1,
                _ => {}
            }
        }
        for row in rows(&community.follows_csv) {
            deeds.entry(row[1].to_owned()).or_default().audience += 1;
        }
        for row in rows(&community.members_csv) {
            deeds.entry(row[0].to_owned()).or_default().audience += row[3].parse::<u64>().unwrap();
        }
        for (id, kind) in &community.expected {
            let it = &deeds[id];
            let (answers, helped, thanks, endorsements) =
                (it.answers, it.helped.len(), it.thanks, it.endorsements);
            let apart = match kind {
                Kind::MicroInfluencer | Kind::OptedOut => {
                    answers >= 46 && helped >= 35 && thanks >= 29 && endorsements >= 18 && it.audience >= 13
                }
                Kind::Staff => {
                    (34..=41).contains(&answers) && (15..=23).contains(&thanks) && endorsements <= 9
                }
                Kind::Regular => {
                    (10..=14).contains(&answers)
                        && (3..=6).contains(&thanks)
                        && (1..=2).contains(&endorsements)
                }
                Kind::Member => answers <= 1 && thanks <= 1 && endorsements == 0,
                Kind::Celebrity => answers <= 2 && thanks == 0 && it.audience > 100_000,
                Kind::Bot | Kind::Bystander | Kind::Lurker => answers == 0 && thanks == 0 && it.audience == 0,
            };
            assert!(apart, "{id}, {kind}: {answers} {helped} {thanks} {endorsements} {}", it.audience);
            assert!(*kind == Kind::Celebrity || it.audience < 100);
        }
    }
}

#[test]
fn micro_influencers_and_staff_are_the_best_twentieth_and_regulars_the_best_fifth() {
    for members in [250, 600, 1_001, 99_999, 1_000_000] {
        let plan = Plan { members, ..Plan::default() };
        let population: u32 =
            Kind::ALL.iter().filter(|kind| kind.tier().is_some()).map(|kind| plan.count(*kind)).sum();
        let percentile = |rank: u32| (f64::from(population - rank) + 0.5) / f64::from(population);
        let best = plan.count(Kind::MicroInfluencer) + plan.count(Kind::Staff);
        assert!(percentile(best) >= 0.95 && percentile(best + 1) < 0.95, "{members}");
        let good = best + plan.count(Kind::Regular);
        assert!(percentile(good) >= 0.8 && percentile(good + 1) < 0.8, "{members}");
    }
}
