//! Writes a planted community into a folder: `groundswell-planted FOLDER [MEMBERS [SEED]]`. Above 10,000 members
//! activities are not packed.

use std::process::ExitCode;

use groundswell_planted::{Plan, write_to};

const USAGE: &str = "usage: groundswell-planted FOLDER [MEMBERS [SEED]]";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let default = Plan::default();
    let (folder, members, seed) = match arguments.as_slice() {
        [folder] => (folder, Ok(default.members), Ok(default.seed)),
        [folder, members] => (folder, members.parse(), Ok(default.seed)),
        [folder, members, seed] => (folder, members.parse(), seed.parse()),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    let (Ok(members), Ok(seed)) = (members, seed) else {
        eprintln!("MEMBERS and SEED are whole numbers; {USAGE}");
        return ExitCode::from(2);
    };
    match write_to(folder, &Plan { members, seed, packed: members <= 10_000 }) {
        Ok(written) => {
            println!(
                "{folder}: {} members, {} follows, {} activities, {} conversions",
                written.members, written.follows, written.activities, written.conversions
            );
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{folder}: could not be written: {error}");
            ExitCode::from(2)
        }
    }
}
