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

/// The ties between so many members, some each way and none of a member to themselves: source, target, how many activities
/// and their weight, in order.
///
/// ```
/// use groundswell_attackers::ties;
///
/// assert_eq!(ties(4), [(0, 1, 1, 0.5), (1, 3, 2, 2.0), (2, 1, 3, -0.5)]);
/// ```
pub fn ties(members: u32) -> Vec<(u32, u32, u32, f64)> {
    let tie = |source: u32| {
        let count = 1 + source % 3;
        let weight = match count {
            1 => 0.5,
            2 => 2.0,
            _ => -0.5,
        };
        (source, (source * 2 + 1) % members.max(1), count, weight)
    };
    (0..members).map(tie).filter(|(source, target, ..)| source != target).collect()
}
