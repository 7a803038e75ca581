//! Bytes as a file of Parquet.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

use groundswell::{Host, RunOptions, Table};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use crate::frozen::{
    accounted, assert_readable, assert_refused, assert_same, config, freeze, table as files_of,
};
use crate::message::assert_plain;
use crate::scratch::{folder, write};

/// Of files that say that they have more rows, the rows are not read a second time.
const ROWS: i64 = 20_000;
/// How long those are read.
const TIME: Duration = Duration::from_secs(2);

pub(crate) fn run(input: &[u8]) {
    let Some((way, rest)) = input.split_first() else { return };
    let Some(table) = Table::ALL.get(usize::from(way % 4)) else { return };
    if !rest.starts_with(b"PAR1") {
        return;
    }
    let scratch = folder();
    let folder = scratch.path();
    write(folder, "table", rest);
    let rows = said_rows(&folder.join("table"));
    let sources = match way / 4 % 2 {
        0 => files_of(*table, "table"),
        _ => format!(
            "[[sources.map]]\ntable = \"activities\"\nfiles = \"table\"\ncolumns = {{ actor = 1, at = 2 }}\n\
             constants = {{ verb = \"post\" }}\n"
        ),
    };
    let table = if way / 4 % 2 == 0 { *table } else { Table::Activities };
    if rows.is_none_or(|rows| rows > ROWS) {
        return read_for_a_while(folder, &sources);
    }
    match freeze(folder, &sources) {
        Ok(snapshot) => {
            assert_readable(&snapshot, table);
            if let Some(rows) = written_anew(&folder.join("table"), &folder.join("anew")) {
                assert_eq!(accounted(&snapshot, table), rows, "rows lost, or counted twice");
                let anew = sources.replace("\"table\"", "\"anew\"");
                assert_same(folder, &anew, &snapshot, "written by others in other pages");
            }
        }
        Err(error) => assert_refused(folder, &sources, &error),
    }
}

/// The rows that a file says it has; `None` where it says nothing that can be read.
fn said_rows(path: &Path) -> Option<i64> {
    let said = || {
        let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(path).ok()?).ok()?;
        let metadata = builder.metadata();
        let groups = metadata.row_groups().iter().map(|group| group.num_rows().max(0));
        let all = groups.fold(0_i64, i64::saturating_add);
        Some(all.max(metadata.file_metadata().num_rows()))
    };
    catch_unwind(AssertUnwindSafe(said)).ok().flatten()
}

/// A small file may say one thing a billion times: whoever reads it can stop.
fn read_for_a_while(folder: &Path, sources: &str) {
    let community = Host::new().and_then(|host| Ok(host.open_config(config(folder, sources)?)));
    let options = RunOptions::default().deadline(Instant::now() + TIME);
    match community.and_then(|community| community.validate(&options)) {
        Ok(validation) => validation.problems.iter().for_each(|problem| assert_plain(&problem.to_string())),
        Err(error) => assert!(error.is_stopped(), "{error}"),
    }
}

/// Writes the rows of a file to another one, packed otherwise, and answers how many there are; `None` where this cannot read them.
fn written_anew(from: &Path, to: &Path) -> Option<u64> {
    let work = || {
        let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(from).ok()?).ok()?;
        let reader = reader.with_batch_size(1_000).build().ok()?;
        let level = ZstdLevel::try_new(1).ok()?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(level))
            .set_max_row_group_row_count(Some(7))
            .set_dictionary_enabled(false)
            .build();
        let schema = arrow_array::RecordBatchReader::schema(&reader);
        let mut writer = ArrowWriter::try_new(File::create(to).ok()?, schema, Some(properties)).ok()?;
        let mut rows = 0;
        for batch in reader {
            let batch = batch.ok()?;
            rows += batch.num_rows() as u64;
            writer.write(&batch).ok()?;
        }
        writer.close().ok()?;
        Some(rows)
    };
    catch_unwind(AssertUnwindSafe(work)).ok().flatten()
}
