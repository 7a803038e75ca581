//! What attackers, and the honest plugin beside them, are asked about.

/// The number that a member has of a metric, from 0 to 15/16; NaN, for missing, of every seventeenth. Who has
/// which differs from metric to metric.
///
/// ```
/// use groundswell_attackers::number;
///
/// assert_eq!(number("answers", 0), 0.375);
/// assert!(number("answers", 8).is_nan());
/// ```
pub fn number(metric: &str, row: usize) -> f64 {
    let salt = metric.bytes().map(usize::from).sum::<usize>();
    match (row * 31 + salt) % 17 {
        16 => f64::NAN,
        value => value as f64 / 16.0,
    }
}

/// The word that a member has in a category: one of two, or none.
pub fn word(row: usize) -> Option<&'static str> {
    match row % 3 {
        0 => Some("staff"),
        1 => None,
        _ => Some("member"),
    }
}
