//! Guessing what somebody meant to type.

/// The candidate that is most like what was written, if one is like it at all.
///
/// Case and the difference between `_`, `-` and blanks do not count; otherwise one typing error in three characters is forgiven.
pub(crate) fn nearest<'c>(written: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let plain = |text: &str| text.to_lowercase().replace(['_', ' '], "-");
    let written = plain(written);
    let forgiven = (written.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (strsim::osa_distance(&written, &plain(candidate)), candidate))
        .filter(|(distance, _)| *distance <= forgiven)
        .min()
        .map(|(_, candidate)| candidate)
}

/// Names in backticks with commas between them: `` `a`, `b` and `c` ``.
pub(crate) fn listed<T: AsRef<str>>(names: impl IntoIterator<Item = T>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{}`", name.as_ref())).collect();
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        Some((last, _)) => last.clone(),
        None => "none".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{listed, nearest};

    #[test]
    fn one_typing_error_in_three_characters_is_forgiven() {
        let keys = ["as-of", "window", "time-zone"];
        assert_eq!(nearest("windwo", keys), Some("window"));
        assert_eq!(nearest("time_zone", keys), Some("time-zone"));
        assert_eq!(nearest("colour", keys), None);
    }

    #[test]
    fn names_are_listed_as_in_a_sentence() {
        assert_eq!(listed(["a", "b", "c"]), "`a`, `b` and `c`");
        assert_eq!(listed(["a"]), "`a`");
        assert_eq!(listed::<&str>([]), "none");
    }
}
