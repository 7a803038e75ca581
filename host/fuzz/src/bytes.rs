//! Sections of components, written by hand.

/// Two bytes that come first, a number; what follows them.
pub(crate) fn number(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (number, rest) = bytes.split_first_chunk()?;
    Some((usize::from(u16::from_le_bytes(*number)), rest))
}

/// A section of this kind.
pub(crate) fn section(id: u8, content: &[u8]) -> Vec<u8> {
    let mut section = vec![id];
    section.extend(leb128(content.len()));
    section.extend(content);
    section
}

/// A custom section of this name.
pub(crate) fn custom(name: &str, content: &[u8]) -> Vec<u8> {
    let mut all = leb128(name.len());
    all.extend(name.as_bytes());
    all.extend(content);
    section(0, &all)
}

/// The outermost sections of a component: each one's kind, and its bytes as a whole.
pub(crate) fn sections(component: &[u8]) -> Vec<(u8, &[u8])> {
    let mut rest = component.get(PREAMBLE.len()..).unwrap_or_default();
    let mut sections = Vec::new();
    while let Some((&id, behind)) = rest.split_first() {
        let Some((size, header)) = read_leb128(behind) else { break };
        let Some((section, behind)) = rest.split_at_checked(1 + header + size) else { break };
        sections.push((id, section));
        rest = behind;
    }
    sections
}

/// What a component begins with.
pub(crate) const PREAMBLE: &[u8; 8] = b"\0asm\x0d\0\x01\0";

/// A number, as WebAssembly writes it.
pub(crate) fn leb128(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = (number & 0x7f) as u8;
        number >>= 7;
        bytes.push(if number == 0 { low } else { low | 0x80 });
        if number == 0 {
            return bytes;
        }
    }
}

/// A number and how many bytes it takes.
fn read_leb128(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut number = 0_usize;
    for (place, byte) in bytes.iter().take(5).enumerate() {
        number |= usize::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            return Some((number, place + 1));
        }
    }
    None
}
