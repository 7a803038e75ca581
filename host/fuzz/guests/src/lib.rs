//! Plugins that fuzzed inputs are put into: the examples beside this file, built all at once, and what those of them share that
//! answer whatever bytes say: steps of four bytes, what to change in honest answers and how.

#![expect(clippy::indexing_slicing, reason = "guests may panic, and some do so where their bytes say so")]

use std::hint::black_box;

use groundswell_plugin::bindings::definition::groundswell::plugin::{log, types};
use types::Problem;

/// Bytes of steps.
const ROOM: usize = 2_048;
/// Ends the steps.
const END: u8 = 0xff;

/// Found by its mark, in the component and in what is compiled of it.
#[derive(Debug)]
#[repr(C)]
pub struct Buffer {
    mark: [u8; 32],
    steps: [u8; ROOM],
}

impl Buffer {
    /// What it is found by.
    pub fn mark(&self) -> &[u8] {
        &self.mark
    }
}

/// The bytes that the guest answers from.
#[used]
pub static BUFFER: Buffer = Buffer { mark: *b"groundswell: arbitrary answers >", steps: as_built() };

/// Not zeros at the end, which a compiler might leave out.
const fn as_built() -> [u8; ROOM] {
    let mut steps = [END; ROOM];
    [steps[0], steps[1], steps[2], steps[3]] = [35, 0, 250, 0];
    steps
}

/// What to change, and how.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// What to change.
    pub what: u8,
    /// How: by how much, where, or of which kind.
    pub x: u8,
    /// The same.
    pub y: u8,
    /// The same.
    pub z: u8,
}

/// The steps that there are, in their order.
pub fn steps() -> impl Iterator<Item = Step> {
    // Nobody is to know at compile time what stands there.
    let steps = black_box(&BUFFER).steps.chunks_exact(4);
    steps.take_while(|step| step[0] != END).map(|step| Step {
        what: step[0],
        x: step[1],
        y: step[2],
        z: step[3],
    })
}

/// A text of a kind, larger or smaller.
pub fn text(kind: u8, size: u8) -> String {
    let size = usize::from(size);
    match kind % 20 {
        0 => String::new(),
        1 => "a".repeat(size),
        2 => "One sentence.".to_owned(),
        3 => "ü".repeat(size * 2),
        4 => "\u{1b}[31mred".to_owned(),
        5 => "\u{202e}reversed".to_owned(),
        6 => "{value}".to_owned(),
        7 => "{value} of {value}".repeat(size),
        8 => "{".to_owned(),
        9 => "{other}".to_owned(),
        10 => "\0".repeat(size),
        11 => "🌊".repeat(size),
        12 => "long ".repeat(size * size),
        13 => "two\nlines\r\t".to_owned(),
        14 => "e\u{301}".repeat(size),
        15 => format!("id-{size}"),
        16 => "{{value}}".to_owned(),
        17 => char::from_u32(0x1_0000 + 0x1000 * size as u32).map(String::from).unwrap_or_default(),
        18 => ["answers", "answers@raw", "attribute(name=team)", "received(verb=thank)"][size % 4].to_owned(),
        _ => {
            let from = size * 4;
            let bytes = black_box(&BUFFER).steps.get(from..from + 32).unwrap_or_default();
            String::from_utf8_lossy(bytes).into_owned()
        }
    }
}

/// A number of a kind.
pub fn number(kind: u8, size: u8) -> f64 {
    match kind % 20 {
        0 => 0.0,
        1 => -0.0,
        2 => f64::NAN,
        3 => f64::INFINITY,
        4 => f64::NEG_INFINITY,
        5 => f64::MAX,
        6 => f64::MIN,
        7 => f64::MIN_POSITIVE,
        8 => f64::from_bits(u64::from(size)),
        9 => f64::EPSILON * f64::from(size),
        10 => f64::from_bits(0x7ff8_0000_0000_0000 | u64::from(size)),
        11 => f64::from_bits(0xfff0_0000_0000_0001 | u64::from(size)),
        12 => i64::MIN as f64,
        13 => f64::from(size),
        14 => -f64::from(size),
        15 => 1.0 / f64::from(size),
        16 => 1e-9 * f64::from(size),
        17 => 1.0 + 1e-10 * f64::from(size),
        18 => 2_f64.powi(i32::from(size) * 8 - 1_020),
        _ => f64::from(i8::from_le_bytes([size])) * 1e300,
    }
}

/// An index: of something that is there, or far beyond.
pub fn index(of: u8) -> u32 {
    match of {
        0xf0.. => u32::MAX - u32::from(of - 0xf0),
        of => u32::from(of),
    }
}

/// A problem of a kind, in some words.
pub fn problem(Step { x, y, z, .. }: Step) -> Problem {
    let words = text(y, z);
    match x % 3 {
        0 => Problem::InvalidSetting(words),
        1 => Problem::UnsupportedInput(words),
        _ => Problem::Other(words),
    }
}

/// Logs something.
pub fn message(Step { x, y, z, .. }: Step) {
    let level = [log::Level::Debug, log::Level::Info, log::Level::Warn];
    log::log(level[usize::from(x) % 3], &text(y, z));
}

/// An input that is looked at.
pub fn input(metric: impl Into<String>, scale: types::Scale, required: bool) -> types::Input {
    let why = "It is looked at.".to_owned();
    types::Input { metric: metric.into(), scale, required, why, effect: types::Effect::Varies }
}

/// Those of an honest definition.
pub fn inputs() -> Vec<types::Input> {
    vec![
        input("answers", types::Scale::Raw, true),
        input("received(verb=thank)", types::Scale::Log1p, false),
        input("role", types::Scale::Category, false),
    ]
}

/// Any scale.
pub fn scale(of: u8) -> types::Scale {
    use types::Scale::{Category, Log1p, Percentile, Raw, ZScore};
    [Raw, Log1p, ZScore, Percentile, Category][usize::from(of) % 5]
}

/// A setting of a kind, with a default.
pub fn setting(Step { x, y, z, .. }: Step) -> types::Setting {
    let default = match x % 4 {
        0 => types::Value::Boolean(y > 9),
        1 => types::Value::Integer(number(y, z) as i64),
        2 => types::Value::Number(number(y, z)),
        _ => types::Value::Text(text(y, z)),
    };
    let bounds = types::Bounds { least: None, most: None, choices: Vec::new() };
    types::Setting { name: format!("setting-{}", x / 4), summary: "It is set.".to_owned(), default, bounds }
}

/// A reason.
pub fn reason_text(id: String, text: String) -> types::ReasonText {
    types::ReasonText { id, text }
}

/// Changes what descriptions have in common.
pub fn change_common(
    step: Step,
    inputs: &mut Vec<types::Input>,
    settings: &mut Vec<types::Setting>,
    reasons: &mut Vec<types::ReasonText>,
) {
    let Step { what, x, y, z } = step;
    let place = usize::from(x);
    match what % 16 {
        3 => inputs.push(input(text(y, z), scale(x), x & 8 == 0)),
        4 => inputs.extend((0..x).map(|more| input(format!("metric-{more}"), scale(more / y.max(1)), false))),
        5 => drop((place < inputs.len()).then(|| inputs.remove(place))),
        6 => inputs.iter_mut().skip(place).take(1).for_each(|input| input.metric = text(y, z)),
        7 => inputs.iter_mut().skip(place).take(1).for_each(|input| input.why = text(y, z)),
        8 => settings.push(setting(step)),
        9 => settings.extend((0..x).map(|more| setting(Step { what, x: more * 4, y, z }))),
        10 => settings.iter_mut().for_each(|setting| {
            setting.bounds.least = (x < 0xf0).then(|| number(x, z));
            setting.bounds.most = (y < 0xf0).then(|| number(y, z));
        }),
        11 => settings.iter_mut().for_each(|setting| {
            setting.bounds.choices.extend((0..z).map(|_| text(x, y)));
        }),
        12 => settings.iter_mut().skip(place).take(1).for_each(|setting| setting.name = text(y, z)),
        13 => settings.iter_mut().skip(place).take(1).for_each(|setting| setting.summary = text(y, z)),
        14 => reasons.push(reason_text(format!("reason-{x}"), text(y, z))),
        15 => reasons.extend((0..x).map(|more| reason_text(format!("more-{more}"), text(y, z)))),
        _ => {}
    }
}
