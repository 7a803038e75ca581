//! Which attack a copy of the module plays.

/// What stands before the name in the module's bytes, so that the suite finds the place.
const MARK: &[u8; 24] = b"groundswell-attacker-is:";
/// Bytes for the name, which ends with the first blank.
const ROOM: usize = 64;

/// The mark and the attacker's name: `good`, until the suite writes another one.
pub static ROLE: [u8; MARK.len() + ROOM] = {
    let mut role = [b' '; MARK.len() + ROOM];
    let (mark, rest) = role.split_at_mut(MARK.len());
    mark.copy_from_slice(MARK);
    let (name, _) = rest.split_at_mut(4);
    name.copy_from_slice(b"good");
    role
};

/// The attacker's name: that of its folder, or, of a family, that and the variant's.
pub fn name() -> &'static str {
    // Whoever compiles this must not know what stands there.
    let role: &'static [u8] = std::hint::black_box(&ROLE);
    let name = role.get(MARK.len()..).unwrap_or_default();
    str::from_utf8(name).unwrap_or_default().trim_end()
}

/// The attack that is played and its folder; of a family's attackers the names begin with the folder's.
fn chosen() -> Option<&'static (&'static str, crate::Played)> {
    let is_of = |folder: &str| {
        name().strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    };
    crate::ALL.iter().filter(|(folder, _)| is_of(folder)).max_by_key(|(folder, _)| folder.len())
}

/// The attack that is played; none for the honest plugin of no folder.
pub(crate) fn played() -> Option<&'static crate::Played> {
    chosen().map(|(_, attack)| attack)
}

/// What the attacker's name says after its folder's.
pub fn variant() -> &'static str {
    let folder = chosen().map_or("", |(folder, _)| *folder);
    name().strip_prefix(folder).unwrap_or_default().trim_start_matches('-')
}
