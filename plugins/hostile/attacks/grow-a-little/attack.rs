//! Keeps a mebibyte of every call, and answers well.

use std::cell::RefCell;

use groundswell_plugin::{Members, Problem};

use crate::{Attack, honest_score};

thread_local! {
    static HOARD: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

#[derive(Default)]
struct GrowALittle;

impl Attack for GrowALittle {
    fn score(&self, members: &Members) -> Result<Vec<f64>, Problem> {
        HOARD.with_borrow_mut(|hoard| hoard.push(std::hint::black_box(vec![1; 1 << 20])));
        Ok(honest_score(members))
    }
}

crate::attack!(definition: GrowALittle);
