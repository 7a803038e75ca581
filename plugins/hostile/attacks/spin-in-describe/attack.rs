//! Never finishes saying what it is.

use groundswell_plugin::Description;
use hostile::Attack;

#[derive(Default)]
struct SpinInDescribe;

impl Attack for SpinInDescribe {
    const NAME: &'static str = "spin-in-describe";

    fn describe() -> Description {
        loop {
            std::hint::black_box(());
        }
    }
}

hostile::export!(definition: SpinInDescribe);
