//! Bytes as, and inside of, streams of gzip and zstd.

use flate2::bufread::MultiGzDecoder;
use groundswell::Table;

use crate::bytes::number;
use crate::frozen::{
    accounted, all_of, assert_readable, assert_refused, assert_same, freeze, gzip, table as files_of, zstd,
};
use crate::rows::rows;
use crate::scratch::{folder, write};

/// Of files that unpack to more, the rows are not read a second time.
const LONGEST: u64 = 1 << 20;
const GZIP: &[u8] = b"\x1f\x8b";
const ZSTD: &[u8] = b"\x28\xb5\x2f\xfd";

pub(crate) fn run(input: &[u8]) {
    let Some((way, rest)) = input.split_first() else { return };
    let Some(file) = file(way % 6, rest) else { return };
    let scratch = folder();
    let folder = scratch.path();
    write(folder, "follows", &file);
    let sources = files_of(Table::Follows, "follows");
    match freeze(folder, &sources) {
        Ok(snapshot) => {
            assert_readable(&snapshot, Table::Follows);
            let unpacked = if file.starts_with(GZIP) {
                all_of(MultiGzDecoder::new(file.as_slice()), LONGEST)
            } else {
                zstd::Decoder::new(file.as_slice()).ok().and_then(|decoder| all_of(decoder, LONGEST))
            };
            let Some(plain) = unpacked else { return };
            if plain.trim_ascii_start().starts_with(b"{")
                || [GZIP, ZSTD, b"PAR1"].iter().any(|it| plain.starts_with(it))
            {
                return;
            }
            assert_eq!(
                accounted(&snapshot, Table::Follows),
                rows(&plain, b',').rows.len() as u64,
                "rows lost"
            );
            write(folder, "plain", &plain);
            assert_same(folder, &files_of(Table::Follows, "plain"), &snapshot, "unpacked");
            // Streams one after the other are one.
            let (one, other) = plain.split_at(plain.len() / 2);
            let both = if way % 2 == 0 { [zstd(one), zstd(other)] } else { [gzip(one), gzip(other)] };
            write(folder, "both", &both.concat());
            assert_same(folder, &files_of(Table::Follows, "both"), &snapshot, "packed in two streams");
        }
        Err(error) => assert_refused(folder, &sources, &error),
    }
}

/// A stream that begins as one does: the bytes themselves, or an honest one in which they stand, or that is cut off.
fn file(way: u8, rest: &[u8]) -> Option<Vec<u8>> {
    let honest = |pack: fn(&[u8]) -> Vec<u8>| {
        let rows: String = (0_u64..300).map(|row| format!("{row},{}\n", row * 7_919 % 300)).collect();
        let mut stream = pack(format!("follower,followed\n{rows}").as_bytes());
        let (place, bytes) = number(rest)?;
        let place = place % (stream.len() + 1);
        let end = (place + bytes.len()).min(stream.len());
        stream.splice(place..end, bytes.iter().copied());
        Some(stream)
    };
    match way {
        0 => Some([GZIP, rest].concat()),
        1 => Some([ZSTD, rest].concat()),
        2 => honest(gzip),
        3 => honest(zstd),
        4 => number(rest).map(|(end, bytes)| {
            let mut stream = gzip(bytes);
            stream.truncate(end.max(GZIP.len()));
            stream
        }),
        _ => number(rest).map(|(end, bytes)| {
            let mut stream = zstd(bytes);
            stream.truncate(end.max(ZSTD.len()));
            stream
        }),
    }
}
