//! Evidence and next steps in words.

use groundswell_ledger::Moment;
use groundswell_runtime::shown;

use super::answer::{Falling, LeavingReason, Overlooked};
use super::per_week;
use crate::metrics::Attention;
use crate::reason::plain_number;

fn day(moment: Option<Moment>) -> String {
    moment.map_or_else(|| "never".to_owned(), Moment::day)
}

fn sentence(text: String, next: &str) -> (String, String) {
    (text, next.to_owned())
}

pub(super) fn overlooked_words(
    one: &Overlooked,
    days: u32,
    seen: &Attention,
    ledger: bool,
) -> (String, String) {
    let known = |has: bool, at| if has { day(at) } else { "unknown".to_owned() };
    let given = match ledger {
        true => format!("last shoutout: {}; last badge: {}", day(one.shoutout), day(one.badge)),
        false => "shoutouts and badges are unknown".to_owned(),
    };
    let evidence = format!(
        "nothing in {}; last thanked: {}; last accepted answer: {}; {given}",
        counted(days.into(), "day", "days"),
        known(seen.has_thanks, one.thanked),
        known(seen.has_accepts, one.accepted),
    );
    sentence(evidence, "thank them in public: name something that they did for others, and whom it helped")
}

pub(super) fn falling_words(one: &Falling) -> (String, String) {
    let weekly = |activities, weeks: u32| plain_number(per_week(activities, weeks as usize));
    let evidence = format!(
        "{} in the last {} weeks, {} a week, after {} a week in the {} weeks before; by chance alone in one of {}; \
         p-value adjusted for all who were tested: {}",
        counted(one.activities, "activity", "activities"),
        one.weeks,
        weekly(one.activities, one.weeks),
        weekly(one.activities_before, one.weeks_before),
        one.weeks_before,
        plain_number((1.0 / one.chance).round()),
        p_value(one.adjusted),
    );
    sentence(evidence, "ask how they are, in private, and ask for nothing")
}

fn p_value(p: f64) -> String {
    if p < 0.000_1 { "below 0.0001".to_owned() } else { format!("{p:.4}") }
}

fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

pub(super) fn leaving_words(reasons: &[LeavingReason], margin: f64) -> (String, String) {
    let told = |reason: &LeavingReason| match reason {
        LeavingReason::NoLonger { before, now } => {
            format!("was {before} in the last period, and is {now} now")
        }
        LeavingReason::Leaving { award, since } => {
            format!("is about to leave the circle `{}` since {}", shown(award, 64), since.day())
        }
        LeavingReason::Revoking { award, since } => {
            format!(
                "`{}` is to be taken back, and waits for a person since {}",
                shown(award, 64),
                since.day()
            )
        }
        LeavingReason::NearEdge { score, lowest, highest } => format!(
            "score {}, in the lowest {} % of the way from the tier's lowest, {}, to its highest, {}",
            plain_number(*score),
            plain_number(margin * 100.0),
            plain_number(*lowest),
            plain_number(*highest),
        ),
    };
    let evidence: Vec<String> = reasons.iter().map(told).collect();
    let waits = reasons.iter().any(|reason| matches!(reason, LeavingReason::Revoking { .. }));
    let gone = reasons.iter().any(|reason| matches!(reason, LeavingReason::NoLonger { .. }));
    let next = match (waits, gone) {
        (true, _) => "talk to them, then decide: approve lets it be taken back, reject lets them keep it",
        (false, true) => {
            "thank them for what they did, and tell them how to come back: their letter says what counts"
        }
        (false, false) => {
            "tell them what they are valued for, and ask what they need: their letter says what counts"
        }
    };
    sentence(evidence.join("; "), next)
}

pub(super) fn arrived_words(tier: &str, before: Option<&(String, String)>) -> (String, String) {
    let evidence = match before {
        Some((before, period)) => format!("{tier} for the first time; was {before} in {}", shown(period, 20)),
        None => format!("{tier} for the first time; no earlier period has scored them"),
    };
    sentence(evidence, "welcome them in person, tell them why, and ask what they would like to do")
}
