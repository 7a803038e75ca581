//! Figures as pictures.

use std::fmt::Write;

/// One curve.
pub(crate) struct Panel {
    pub(crate) title: &'static str,
    /// From left to right, both above 0.
    pub(crate) points: Vec<(u64, f64)>,
}

/// Curves beside each other, both axes logarithmic.
pub(crate) struct Plot<'p> {
    pub(crate) title: &'static str,
    pub(crate) panels: &'p [Panel],
}

const WIDTH: f64 = 420.0;
const HEIGHT: f64 = 320.0;
const LEFT: f64 = 60.0;
const TOP: f64 = 60.0;
const BOTTOM: f64 = 50.0;
const RIGHT: f64 = 30.0;

impl Plot<'_> {
    pub(crate) fn svg(&self) -> String {
        let width = WIDTH * self.panels.len() as f64;
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {HEIGHT}\" font-family=\"sans-serif\" font-size=\"12\">\n\
             <title>{}</title>\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n",
            self.title
        );
        for (place, panel) in self.panels.iter().enumerate() {
            let _ = writeln!(svg, "<g transform=\"translate({} 0)\">", WIDTH * place as f64);
            panel.draw(&mut svg);
            svg.push_str("</g>\n");
        }
        svg.push_str("</svg>\n");
        svg
    }
}

impl Panel {
    fn draw(&self, svg: &mut String) {
        let across = powers(self.points.iter().map(|(size, _)| *size as f64));
        let up = powers(self.points.iter().map(|(_, value)| *value));
        let x = |size: f64| LEFT + (WIDTH - LEFT - RIGHT) * place(size, &across);
        let y = |value: f64| HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * place(value, &up);
        let (bottom, right) = (HEIGHT - BOTTOM, WIDTH - RIGHT);
        let _ = writeln!(svg, "<text x=\"{LEFT}\" y=\"30\" font-size=\"14\">{}</text>", self.title);
        for power in across.clone() {
            let (size, at) = (10_f64.powi(power), x(10_f64.powi(power)));
            let _ = writeln!(
                svg,
                "<path d=\"M{at:.1} {TOP}V{bottom}\" stroke=\"#ddd\"/><text x=\"{at:.1}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
                bottom + 18.0,
                short(size)
            );
        }
        for power in up.clone() {
            let (value, at) = (10_f64.powi(power), y(10_f64.powi(power)));
            let _ = writeln!(
                svg,
                "<path d=\"M{LEFT} {at:.1}H{right}\" stroke=\"#ddd\"/><text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
                LEFT - 6.0,
                at + 4.0,
                short(value)
            );
        }
        let line: Vec<String> = self
            .points
            .iter()
            .map(|(size, value)| format!("{:.1},{:.1}", x(*size as f64), y(*value)))
            .collect();
        let _ = writeln!(
            svg,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"#07c\" stroke-width=\"2\"/>",
            line.join(" ")
        );
        for (size, value) in &self.points {
            let (x, y) = (x(*size as f64), y(*value));
            let _ = writeln!(
                svg,
                "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\" fill=\"#07c\"/><text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
                y - 10.0,
                figures(*value)
            );
        }
        let _ = writeln!(
            svg,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">activities</text>",
            (LEFT + right) / 2.0,
            HEIGHT - 12.0
        );
    }
}

/// The powers of ten around all values.
fn powers(values: impl Iterator<Item = f64> + Clone) -> std::ops::RangeInclusive<i32> {
    let least = values.clone().fold(f64::INFINITY, f64::min).log10().floor();
    let most = values.fold(0.0, f64::max).log10().ceil();
    least as i32..=(most as i32).max(least as i32 + 1)
}

/// Where a value lies between powers of ten, from 0 to 1.
fn place(value: f64, powers: &std::ops::RangeInclusive<i32>) -> f64 {
    (value.log10() - f64::from(*powers.start())) / f64::from(powers.end() - powers.start())
}

/// A power of ten in few letters.
fn short(value: f64) -> String {
    match value {
        1e6.. => format!("{} M", value / 1e6),
        1e3.. => format!("{} k", value / 1e3),
        value => format!("{value}"),
    }
}

/// A value in three figures.
fn figures(value: f64) -> String {
    let decimals = (2 - value.log10().floor() as i32).max(0) as usize;
    format!("{value:.decimals$}")
}

/// A share of a line of sixty blocks.
pub(crate) fn bar(share: f64) -> String {
    "█".repeat((share * 60.0).round() as usize)
}
