//! What a whole run takes, by the number of activities.

use std::path::PathBuf;

use groundswell_bench_peers::Missing;

use crate::folder::Folder;
use crate::made::Made;
use crate::plot::{Panel, Plot, bar};
use crate::runs::{Report, mebibytes, report};
use crate::times::{load, timed};

/// Measures so many activities, of a tenth as many members each.
pub(crate) fn growth(sizes: &[u64]) -> Result<(), Missing> {
    println!("whole runs of regulars, from files to results, all threads; the load before: {}", load());
    let mut reports = Vec::new();
    for &activities in sizes {
        let folder = Folder::new();
        let (making, ()) = timed(|| Made::of(activities).write(folder.path()));
        let report = report(&folder.path().join("community.toml"));
        let peak = report.peak.map_or("not told".to_owned(), mebibytes);
        println!(
            "  {activities} activities of {} members (made in {making:.1?}): {} scored, whole run {:.1?}, peak memory {peak}",
            activities / 10,
            report.members,
            report.whole,
        );
        for stage in &report.stages {
            let peak = stage.peak.map_or("not told".to_owned(), mebibytes);
            println!("    {}: {:.1?}, by then {peak}", stage.title, stage.took);
        }
        reports.push((activities, report));
    }
    let panels = [
        panel("microseconds an activity", &reports, |report| Some(report.whole.as_secs_f64() * 1e6)),
        panel("bytes of peak memory an activity", &reports, |report| report.peak.map(|peak| peak as f64)),
    ];
    for panel in &panels {
        println!("  {}:", panel.title);
        let most = panel.points.iter().map(|(_, value)| *value).fold(0.0, f64::max);
        for (activities, value) in &panel.points {
            println!("    {activities:>11} {value:>9.2} {}", bar(value / most));
        }
    }
    let path = plot_path()?;
    let svg = Plot { title: "Whole runs of regulars, by activities", panels: &panels }.svg();
    std::fs::write(&path, svg).map_err(|error| format!("{} was not written: {error}", path.display()))?;
    println!("  as a plot: {}\n  the load after: {}", path.display(), load());
    Ok(())
}

/// What each run took, an activity.
fn panel(title: &'static str, reports: &[(u64, Report)], of: impl Fn(&Report) -> Option<f64>) -> Panel {
    let each = |(activities, report): &(u64, Report)| Some((*activities, of(report)? / *activities as f64));
    Panel { title, points: reports.iter().filter_map(each).collect() }
}

/// `target/growth.svg`, wherever `target` is.
fn plot_path() -> Result<PathBuf, Missing> {
    let program = std::env::current_exe().map_err(|error| format!("this program is not found: {error}"))?;
    let target = program.ancestors().nth(3).ok_or("this program lies in no target folder")?;
    Ok(target.join("growth.svg"))
}
