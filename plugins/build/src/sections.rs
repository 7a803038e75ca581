//! The sections of a module or component, without looking into them.

use std::ops::Range;

use wasmparser::BinaryReader;

/// What a binary is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// What a compiler makes.
    Module,
    /// What a host runs.
    Component,
}

/// One section of the outermost module or component.
pub(crate) struct Section<'a> {
    /// Where it stands, id and size included.
    pub(crate) range: Range<usize>,
    /// Name and data, where it is a custom one.
    pub(crate) custom: Option<(&'a str, &'a [u8])>,
}

/// Splits a binary into its sections, in order.
///
/// The error is a reason for people.
pub(crate) fn split(bytes: &[u8]) -> Result<(Encoding, Vec<Section<'_>>), String> {
    let encoding = match bytes.get(..8) {
        Some(b"\0asm\x01\0\0\0") => Encoding::Module,
        Some(b"\0asm\x0d\0\x01\0") => Encoding::Component,
        Some([0, b'a', b's', b'm', ..]) => return Err("its WebAssembly version is not known".into()),
        _ => return Err("it does not begin as WebAssembly does".into()),
    };
    let mut sections = Vec::new();
    let mut at = 8;
    while at < bytes.len() {
        let rest = bytes.get(at..).unwrap_or_default();
        let (custom, length) = section(rest, at).map_err(|error| error.to_string())?;
        sections.push(Section { range: at..at + length, custom });
        at += length;
    }
    Ok((encoding, sections))
}

/// The section at the beginning of `bytes`, which stand at `at`: its name and data where it is a custom one, and its length.
#[expect(clippy::type_complexity, reason = "one private caller, which gives the parts their names")]
fn section(bytes: &[u8], at: usize) -> Result<(Option<(&str, &[u8])>, usize), wasmparser::BinaryReaderError> {
    let mut reader = BinaryReader::new(bytes, at as u64);
    let id = reader.read_u8()?;
    let size = reader.read_var_u32()? as usize;
    let content = reader.read_bytes(size)?;
    let length = bytes.len() - reader.bytes_remaining();
    if id != 0 {
        return Ok((None, length));
    }
    let mut content = BinaryReader::new(content, 0);
    let name = content.read_string()?;
    let data = content.read_bytes(content.bytes_remaining())?;
    Ok((Some((name, data)), length))
}
