//! How deep types of components nest, found out without following them down.
//!
//! Whatever reads such types calls itself for each one inside another; a file of a megabyte has room for a few hundred
//! thousand, and running out of stack ends the process.

use wasmparser_engine::{
    BinaryReader, BinaryReaderError, ComponentAlias, ComponentExternName, ComponentImport, ComponentType,
    ComponentTypeRef, CoreType,
};

/// How deep the types in a section nest.
pub(crate) fn depth(section: &[u8], offset: usize) -> Result<u64, BinaryReaderError> {
    let mut reader = BinaryReader::new(section, offset);
    let mut deepest = 0;
    for _ in 0..reader.read_var_u32()? {
        // How many declarations are left in each type that has begun.
        let mut open = Vec::new();
        begin(&mut reader, &mut open)?;
        loop {
            deepest = deepest.max(open.len() as u64);
            match open.last_mut() {
                None => break,
                Some(0) => drop(open.pop()),
                Some(left) => {
                    *left -= 1;
                    declaration(&mut reader, &mut open)?;
                }
            }
        }
    }
    Ok(deepest)
}

/// Reads a type; of one that has declarations, up to the first of them.
fn begin(reader: &mut BinaryReader<'_>, open: &mut Vec<u32>) -> Result<(), BinaryReaderError> {
    let mut ahead = reader.clone();
    if matches!(ahead.read_u8()?, 0x41 | 0x42) {
        open.push(ahead.read_var_u32()?);
        *reader = ahead;
        return Ok(());
    }
    reader.read::<ComponentType<'_>>().map(drop)
}

fn declaration(reader: &mut BinaryReader<'_>, open: &mut Vec<u32>) -> Result<(), BinaryReaderError> {
    match reader.read_u8()? {
        0x00 => reader.read::<CoreType<'_>>().map(drop),
        0x01 => begin(reader, open),
        0x02 => reader.read::<ComponentAlias<'_>>().map(drop),
        0x03 => reader.read::<ComponentImport<'_>>().map(drop),
        0x04 => {
            reader.read::<ComponentExternName<'_>>()?;
            reader.read::<ComponentTypeRef>().map(drop)
        }
        // Whoever reads it next says what is wrong.
        _ => {
            open.clear();
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_as_deep_as_they_are_nested_and_no_stack_runs_out() {
        let nested = |levels: usize| {
            let mut section = vec![1];
            section.extend([0x42, 1, 1].repeat(levels));
            section.extend([0x42, 0]);
            section
        };
        for levels in 0..5_usize {
            assert_eq!(depth(&nested(levels), 0).unwrap(), levels as u64 + 1);
        }
        assert_eq!(depth(&nested(1_000_000), 0).unwrap(), 1_000_001);
        // One beside the other is not deeper: an instance with two instances inside, and a tuple.
        let beside = [1, 0x42, 3, 1, 0x42, 0, 1, 0x42, 0, 1, 0x6f, 1, 0x7d];
        assert_eq!(depth(&beside, 0).unwrap(), 2);
        assert!(depth(&beside[..8], 0).is_err());
    }
}
