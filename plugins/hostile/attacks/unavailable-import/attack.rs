//! Imports a clock, which no host offers.

use groundswell_plugin::{Members, Problem};
use hostile::{Attack, honest_score};

mod bindings {
    wit_bindgen::generate!({
        inline: "
            package attack:clock;
            interface clock { now: func() -> u64; }
            world attack { import clock; }
        ",
    });
}

#[derive(Default)]
struct UnavailableImport;

impl Attack for UnavailableImport {
    const NAME: &'static str = "unavailable-import";

    fn score(&self, members: &Members) -> Result<Vec<f64>, Problem> {
        let now = bindings::attack::clock::clock::now();
        Ok(honest_score(members).into_iter().map(|score| score + now as f64).collect())
    }
}

hostile::export!(definition: UnavailableImport);
