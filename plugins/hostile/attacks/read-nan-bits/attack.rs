//! Scores by the sign of what is no number, which differs between processors.

use groundswell_plugin::{Members, Problem};

use crate::{Attack, honest_score};

#[derive(Default)]
struct ReadNanBits;

impl Attack for ReadNanBits {
    fn score(&self, members: &Members) -> Result<Vec<f64>, Problem> {
        let [zero, other] = std::hint::black_box([0.0_f64; 2]);
        let bonus = f64::from((zero / other).is_sign_negative());
        Ok(honest_score(members).into_iter().map(|score| score + bonus).collect())
    }
}

crate::attack!(definition: ReadNanBits);
