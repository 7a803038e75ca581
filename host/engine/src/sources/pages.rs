//! What the pages of a Parquet file take up in memory, as their headers tell before any of them is unpacked.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use flate2::read::MultiGzDecoder;
use groundswell_runtime::{open_regular, shown};
use parquet::arrow::ProjectionMask;
use parquet::basic::{Compression, Type};
use parquet::column::page::{Page, PageReader};
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData};
use parquet::file::serialized_reader::SerializedPageReader;

/// The longest value, in bytes.
pub(super) const LONGEST_VALUE: u64 = 1 << 20;
/// What the pages at hand of all columns may take up, in bytes.
const MOST: u64 = 256 << 20;
/// What the values of the rows that are unpacked at a time should take up, in bytes.
const ROOM: u64 = 32 << 20;
/// Rows that are unpacked at a time at the most.
const BATCH: u64 = 128;
/// Dictionaries that are looked at no closer: each of their values may be as long as all of it.
const SMALL: u64 = 1 << 12;

const DICTIONARY_PAGE: i64 = 2;
const DELTA_LENGTH_BYTE_ARRAY: i64 = 6;
const DELTA_BYTE_ARRAY: i64 = 7;

/// What is said of a value that is longer than [`LONGEST_VALUE`].
pub(super) fn too_long(column: &str, bytes: u64) -> String {
    format!("a value of the column `{}` has {bytes} bytes, and 1 MiB is the most", shown(column, 60))
}

/// How many rows can be unpacked at a time so that little memory is needed, whatever the file holds.
///
/// # Errors
///
/// What is wrong with the file, where a page takes up too much, a value is too long, or headers cannot be read.
pub(super) fn rows_at_a_time(
    path: &Path,
    metadata: &ParquetMetaData,
    mask: &ProjectionMask,
    check: &dyn Fn() -> Result<(), crate::Error>,
) -> Result<Result<usize, String>, crate::Error> {
    let read = |error: io::Error| format!("the Parquet file is damaged: {error}");
    let mut columns: Vec<Takes> = Vec::new();
    for group in metadata.row_groups() {
        let wanted = group.columns().iter().enumerate().filter(|(at, _)| mask.leaf_included(*at));
        for (place, (_, chunk)) in wanted.enumerate() {
            check()?;
            if let Some(codec) = unreadable(chunk.compression()) {
                return Ok(Err(format!(
                    "the column `{}` is compressed by {codec}, which is not read: write the file anew with zstd or snappy",
                    shown(&chunk.column_path().string(), 60)
                )));
            }
            let found = Takes::of(path, chunk, usize::try_from(group.num_rows()).unwrap_or(0));
            let found = match found.map_err(read) {
                Ok(found) => found,
                Err(problem) => return Ok(Err(problem)),
            };
            if found.value > LONGEST_VALUE {
                return Ok(Err(too_long(&chunk.column_path().string(), found.value)));
            }
            match columns.get_mut(place) {
                Some(takes) => *takes = takes.most(found),
                None => columns.push(found),
            }
        }
    }
    let held = columns.iter().map(|takes| takes.held).fold(0, u64::saturating_add);
    if held > MOST {
        return Ok(Err(format!(
            "pages of the Parquet file unpack to {} MiB, and what is at hand at a time may have {} MiB: write it with smaller \
             pages",
            held >> 20,
            MOST >> 20
        )));
    }
    let row = columns.iter().map(|takes| takes.row).fold(1, u64::saturating_add);
    Ok(Ok(usize::try_from((ROOM / row).clamp(1, BATCH)).unwrap_or(1)))
}

/// What one column takes up, in bytes.
#[derive(Clone, Copy, Default)]
struct Takes {
    /// Its largest dictionary and its largest page.
    held: u64,
    /// The longest value of its dictionaries; 0 where that is not known to be long.
    value: u64,
    /// What a row may come to.
    row: u64,
}

impl Takes {
    fn most(self, other: Self) -> Self {
        Self {
            held: self.held.max(other.held),
            value: self.value.max(other.value),
            row: self.row.max(other.row),
        }
    }

    fn of(path: &Path, chunk: &ColumnChunkMetaData, rows: usize) -> io::Result<Self> {
        let start = chunk.dictionary_page_offset().unwrap_or(chunk.data_page_offset());
        let (Ok(start), Ok(bytes)) = (u64::try_from(start), u64::try_from(chunk.compressed_size())) else {
            return Err(damaged());
        };
        let mut pages = BufReader::new(open_regular(path)?);
        pages.seek(SeekFrom::Start(start))?;
        let mut left = bytes;
        let (mut dictionary, mut page, mut in_row, mut values) = (0_u64, 0_u64, 0_u64, 0_u64);
        while left > 0 {
            let mut header = (&mut pages).take(left);
            let about = Header::read(&mut header)?;
            left = header.limit().checked_sub(about.packed).ok_or_else(damaged)?;
            unpacks_to(chunk.compression(), &mut pages, about)?;
            if about.kind == DICTIONARY_PAGE {
                dictionary = dictionary.max(about.bytes);
                continue;
            }
            // What is at hand before the values themselves.
            let lengths = match about.encoding {
                DELTA_LENGTH_BYTE_ARRAY | DELTA_BYTE_ARRAY => about.values.saturating_mul(8),
                _ => 0,
            };
            page = page.max(about.bytes.saturating_add(lengths));
            values = values.max(about.values);
            in_row = in_row.max(match about.encoding {
                // Each may begin with all that the one before it is.
                DELTA_BYTE_ARRAY => about.bytes,
                _ => about.bytes / about.values.max(1),
            });
        }
        // Both are unpacked to be looked at.
        if dictionary.max(page) > MOST {
            return Ok(Self { held: dictionary.saturating_add(page), value: 0, row: 0 });
        }
        let about = chunk.column_descr();
        let value = match about.physical_type() {
            Type::FIXED_LEN_BYTE_ARRAY => u64::try_from(about.type_length()).unwrap_or(0),
            Type::BYTE_ARRAY if dictionary > SMALL => longest(path, chunk, rows)?,
            Type::BYTE_ARRAY => dictionary,
            _ => 0,
        };
        let row = in_row.max(value);
        // Rows with lists may have all values of a page.
        let row = if about.max_rep_level() > 0 { values.saturating_mul(value.max(8)).max(page) } else { row };
        let held = dictionary.saturating_add(page);
        let held = if about.max_rep_level() > 0 { held.saturating_add(row) } else { held };
        Ok(Self { held, value, row })
    }
}

/// The longest value of a chunk's dictionary.
fn longest(path: &Path, chunk: &ColumnChunkMetaData, rows: usize) -> io::Result<u64> {
    let file = Arc::new(open_regular(path)?);
    let first =
        SerializedPageReader::new(file, chunk, rows, None).and_then(|mut pages| pages.get_next_page());
    let Some(Page::DictionaryPage { buf, .. }) = first.map_err(io::Error::other)? else {
        return Err(damaged());
    };
    let (mut rest, mut longest) = (buf.as_ref(), 0);
    while let Some((length, values)) = rest.split_first_chunk() {
        let length = u32::from_le_bytes(*length);
        longest = longest.max(u64::from(length));
        rest = usize::try_from(length).ok().and_then(|length| values.get(length..)).unwrap_or_default();
    }
    Ok(longest)
}

/// What pages are compressed by that cannot be read, if it cannot.
fn unreadable(how: Compression) -> Option<&'static str> {
    match how {
        // Unpacked into no more room than headers say.
        Compression::UNCOMPRESSED | Compression::SNAPPY | Compression::ZSTD(_) | Compression::LZ4_RAW => None,
        // Their readers keep to no size: [`unpacks_to`] looks.
        Compression::GZIP(_) | Compression::BROTLI(_) | Compression::LZ4 => None,
        Compression::LZO => Some("LZO"),
    }
}

/// The first byte of a stream of Brotli whose window is larger than its format has them: up to a gibibyte.
const LARGE_WINDOW: u8 = 0x11;

/// Passes over a page. Of one that is packed in a way whose reader keeps to no size, makes sure that it has the one it says.
fn unpacks_to(how: Compression, pages: &mut BufReader<File>, about: Header) -> io::Result<()> {
    let keeps_to_none = matches!(how, Compression::GZIP(_) | Compression::BROTLI(_) | Compression::LZ4);
    if about.is_plain || !keeps_to_none {
        return pages.seek_relative(i64::try_from(about.packed).map_err(|_| damaged())?);
    }
    let mut packed = pages.take(about.packed);
    // Levels stand before it as they are.
    skip(&mut packed, about.levels)?;
    let bytes = about.bytes.saturating_sub(about.levels);
    let found = match how {
        Compression::GZIP(_) => unpacked(MultiGzDecoder::new(&mut packed), bytes),
        Compression::BROTLI(_) => {
            let start = packed.fill_buf()?.first().copied();
            if start == Some(LARGE_WINDOW) {
                let told = "a page is packed by Brotli with a window larger than 16 MiB";
                return Err(io::Error::new(io::ErrorKind::InvalidData, told));
            }
            unpacked(brotli::Decompressor::new(&mut packed, 1 << 12), bytes)
        }
        // What Hadoop frames says its size before it is unpacked; what is framed as LZ4 is by itself does not.
        _ => unpacked(lz4_flex::frame::FrameDecoder::new(&mut packed), bytes),
    };
    if found > bytes {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "a page is larger than its header says"));
    }
    io::copy(&mut packed, &mut io::sink())?;
    Ok(())
}

/// The bytes that there are, but no more than one beyond the most. What is not packed so after all is for the reader to say.
fn unpacked(from: impl Read, most: u64) -> u64 {
    let (mut from, mut found, mut buffer) = (from.take(most.saturating_add(1)), 0, [0; 1 << 12]);
    loop {
        match from.read(&mut buffer) {
            Ok(0) => return found,
            Ok(count) => found += count as u64,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return found,
        }
    }
}

fn damaged() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the header of a page cannot be read")
}

/// What the header of a page says.
#[derive(Clone, Copy, Default)]
struct Header {
    kind: i64,
    /// Bytes when unpacked, and in the file.
    bytes: u64,
    packed: u64,
    values: u64,
    encoding: i64,
    /// Bytes of levels that stand before the values and are never packed.
    levels: u64,
    /// Whether the values are not packed either, whatever the column says.
    is_plain: bool,
}

impl Header {
    /// Reads one in the compact protocol of Thrift.
    fn read(from: &mut impl Read) -> io::Result<Self> {
        let mut header = Self { kind: -1, ..Self::default() };
        fields(from, DEEPEST, &mut |from, field, kind| {
            match (field, kind) {
                (1, 5) => header.kind = number(from)?,
                (2, 5) => header.bytes = size(from)?,
                (3, 5) => header.packed = size(from)?,
                // Of a page of data, of a dictionary, and of data in the second form.
                (5 | 7 | 8, 12) => {
                    let place = if field == 8 { 4 } else { 2 };
                    fields(from, DEEPEST - 1, &mut |from, field, kind| match (field, kind) {
                        (1, 5) => size(from).map(|values| header.values = values),
                        (5 | 6, 5) if place == 4 => {
                            size(from).map(|bytes| header.levels = header.levels.saturating_add(bytes))
                        }
                        (7, 2) if place == 4 => {
                            header.is_plain = true;
                            Ok(())
                        }
                        (field, 5) if field == place => {
                            number(from).map(|encoding| header.encoding = encoding)
                        }
                        _ => pass(from, kind, DEEPEST - 2),
                    })?;
                }
                _ => pass(from, kind, DEEPEST)?,
            }
            Ok(())
        })?;
        if header.is_plain {
            header.bytes = header.bytes.max(header.packed);
        }
        Ok(header)
    }
}

/// How deep structures may lie in one another.
const DEEPEST: u8 = 8;

/// Hands out every field of a structure, with its number and type, to be read.
fn fields<R: Read>(
    from: &mut R,
    depth: u8,
    each: &mut dyn FnMut(&mut R, i64, u8) -> io::Result<()>,
) -> io::Result<()> {
    if depth == 0 {
        return Err(damaged());
    }
    let mut field = 0_i64;
    loop {
        let byte = byte(from)?;
        if byte == 0 {
            return Ok(());
        }
        field = match byte >> 4 {
            0 => number(from)?,
            further => field.saturating_add(further.into()),
        };
        each(from, field, byte & 0x0f)?;
    }
}

/// Passes over a value of a type.
fn pass<R: Read>(from: &mut R, kind: u8, depth: u8) -> io::Result<()> {
    if depth == 0 {
        return Err(damaged());
    }
    match kind {
        // Whether it is true stands in the type.
        1 | 2 => Ok(()),
        3 => byte(from).map(drop),
        4..=6 => unsigned(from).map(drop),
        7 => skip(from, 8),
        8 => {
            let bytes = unsigned(from)?;
            skip(from, bytes)
        }
        9 | 10 => {
            let about = byte(from)?;
            let many = if about >> 4 == 15 { unsigned(from)? } else { u64::from(about >> 4) };
            (0..many).try_for_each(|_| match about & 0x0f {
                // Here they take up a byte.
                1 | 2 => byte(from).map(drop),
                kind => pass(from, kind, depth - 1),
            })
        }
        12 => fields(from, depth - 1, &mut |from, _, kind| pass(from, kind, depth - 1)),
        _ => Err(damaged()),
    }
}

fn skip(from: &mut impl Read, bytes: u64) -> io::Result<()> {
    let passed = io::copy(&mut from.take(bytes), &mut io::sink())?;
    if passed == bytes { Ok(()) } else { Err(damaged()) }
}

fn byte(from: &mut impl Read) -> io::Result<u8> {
    let mut byte = [0];
    from.read_exact(&mut byte).map_err(|_| damaged())?;
    Ok(byte[0])
}

fn unsigned(from: &mut impl Read) -> io::Result<u64> {
    let mut number = 0_u64;
    for shift in (0..64).step_by(7) {
        let byte = byte(from)?;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Ok(number);
        }
    }
    Err(damaged())
}

fn number(from: &mut impl Read) -> io::Result<i64> {
    let zigzag = unsigned(from)?;
    Ok((zigzag >> 1).cast_signed() ^ -(zigzag & 1).cast_signed())
}

fn size(from: &mut impl Read) -> io::Result<u64> {
    u64::try_from(number(from)?).map_err(|_| damaged())
}

#[cfg(test)]
mod tests {
    use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
    use parquet::arrow::ArrowWriter;
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
    use parquet::basic::{Encoding, GzipLevel};
    use parquet::file::properties::{WriterProperties, WriterPropertiesBuilder};

    use super::*;

    /// The rows at a time of a file whose rows have a number and one of these texts each.
    fn rows(texts: &[&str], how: WriterPropertiesBuilder) -> Result<usize, String> {
        let many = 1_000;
        let texts = StringArray::from_iter_values((0..many).map(|row| texts[row % texts.len()]));
        let numbers = Int64Array::from_iter_values(0..many as i64);
        let columns = [("id", Arc::new(numbers) as ArrayRef), ("team", Arc::new(texts))];
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let file = File::create(&path).unwrap();
        let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(how.build())).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(&path).unwrap()).unwrap();
        rows_at_a_time(&path, builder.metadata(), &ProjectionMask::all(), &|| Ok(())).unwrap()
    }

    /// Passes over a page that is packed so and says to come to these bytes.
    fn passed(how: Compression, levels: &[u8], packed: &[u8], says: usize) -> Result<(), String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("page");
        std::fs::write(&path, [levels, packed, b"the next"].concat()).unwrap();
        let length = (levels.len() + packed.len()) as u64;
        let levels = levels.len() as u64;
        let about = Header { bytes: levels + says as u64, packed: length, levels, ..Header::default() };
        let mut pages = BufReader::new(File::open(&path).unwrap());
        unpacks_to(how, &mut pages, about).map_err(|error| error.to_string())?;
        assert_eq!(pages.stream_position().unwrap(), length, "{how}");
        Ok(())
    }

    #[test]
    fn pages_whose_readers_keep_to_no_size_are_held_to_what_they_say() {
        use std::io::Write;

        let text = vec![b'a'; 100_000];
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        gzip.write_all(&text).unwrap();
        let mut brotli = brotli::CompressorWriter::new(Vec::new(), 1 << 12, 1, 22);
        brotli.write_all(&text).unwrap();
        let mut lz4 = lz4_flex::frame::FrameEncoder::new(Vec::new());
        lz4.write_all(&text).unwrap();
        for (how, packed) in [
            (Compression::GZIP(GzipLevel::default()), gzip.finish().unwrap()),
            (Compression::BROTLI(Default::default()), brotli.into_inner()),
            (Compression::LZ4, lz4.finish().unwrap()),
        ] {
            assert!(packed.len() < 2_000, "{how}");
            for levels in [&b""[..], b"levels"] {
                assert_eq!(passed(how, levels, &packed, text.len()), Ok(()), "{how}");
                for says in [0, 10, text.len() - 1] {
                    let told = passed(how, levels, &packed, says).unwrap_err();
                    assert_eq!(told, "a page is larger than its header says", "{how} {says}");
                }
            }
            // What is packed otherwise is for the reader to refuse.
            assert_eq!(passed(how, b"", b"nothing of the kind", 10), Ok(()), "{how}");
        }
        // 22 is the base-2 logarithm of a usual window, and 30 of the largest.
        let windows = |bits: i32| {
            let how = brotli::enc::BrotliEncoderParams {
                large_window: bits > 24,
                lgwin: bits,
                ..Default::default()
            };
            let mut packed = Vec::new();
            brotli::BrotliCompress(&mut text.as_slice(), &mut packed, &how).unwrap();
            passed(Compression::BROTLI(Default::default()), b"", &packed, text.len())
        };
        assert_eq!(windows(22), Ok(()));
        assert_eq!(windows(30).unwrap_err(), "a page is packed by Brotli with a window larger than 16 MiB");
        for how in [Compression::SNAPPY, Compression::ZSTD(Default::default()), Compression::LZ4_RAW] {
            assert_eq!(passed(how, b"", b"anything", 1 << 40), Ok(()), "{how}");
        }
    }

    #[test]
    fn the_longer_values_are_the_fewer_rows_are_unpacked_at_a_time() {
        let how = || WriterProperties::builder().set_dictionary_page_size_limit(16 << 20);
        let long = |bytes: usize| "a".repeat(bytes);
        assert_eq!(rows(&["red", "blue"], how()), Ok(128));
        let many: Vec<String> = (0..500).map(|team| format!("team {team}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(rows(&many, how()), Ok(128));
        assert_eq!(rows(&["red", &long(1 << 20)], how()), Ok(31));
        assert_eq!(
            rows(&["red", &long(1 << 20)], how().set_compression(Compression::GZIP(GzipLevel::default()))),
            Ok(31)
        );
        let refused = rows(&["red", &long((1 << 20) + 1)], how()).unwrap_err();
        assert_eq!(refused, "a value of the column `team` has 1048577 bytes, and 1 MiB is the most");
        let plain = || WriterProperties::builder().set_dictionary_enabled(false);
        assert_eq!(
            rows(
                &["red", "blue"],
                plain().set_column_encoding("team".into(), Encoding::DELTA_LENGTH_BYTE_ARRAY)
            ),
            Ok(128)
        );
        let chained = || plain().set_column_encoding("team".into(), Encoding::DELTA_BYTE_ARRAY);
        assert_eq!(rows(&["red", "blue"], chained()), Ok(128));
        assert!(rows(&[&long(500_000)], chained()).unwrap() < 128);
    }
}
