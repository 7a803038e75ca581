//! Declares a setting that cannot be what it says.

use groundswell_plugin::{Description, Setting};

use crate::{Attack, honest_description, variant};

#[derive(Default)]
struct BadSetting;

impl Attack for BadSetting {
    fn describe() -> Description {
        let number = |default| Setting::number("mood", default, "Cannot be.");
        honest_description().setting(match variant() {
            "above-its-bounds" => number(11.0).between(0.0, 10.0),
            "below-its-bounds" => number(-1.0).between(0.0, 10.0),
            "upside-down" => number(5.0).between(10.0, 0.0),
            "bound-that-is-no-number" => number(5.0).between(f64::NAN, 10.0),
            "default-that-is-no-number" => number(f64::NAN),
            "infinite" => number(f64::INFINITY),
            "choices-of-a-number" => number(1.0).one_of(["one"]),
            "none-of-its-choices" => Setting::text("mood", "bad", "Cannot be.").one_of(["good", "better"]),
            _ => Setting::boolean("mood", true, "Can be."),
        })
    }
}

crate::attack!(definition: BadSetting);
