use std::io;
use std::path::PathBuf;

/// Why an import stopped. Nothing is left half written: the tables appear under their names only when all is read.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The folder to import from is not there, or is a file.
    #[error("{} is not a folder: name the folder that holds the dump's XML files", folder.display())]
    NotAFolder {
        /// The folder as it was given.
        folder: PathBuf,
    },

    /// Files the import cannot do without are missing.
    #[error(
        "{} holds no {}: a Stack Exchange dump needs Users, Posts, Votes and Comments, each as .xml or .xml.gz{hint}",
        folder.display(),
        missing.join(", no "),
    )]
    Missing {
        /// The folder that was looked into.
        folder: PathBuf,
        /// The names that were looked for and not found, such as `Votes.xml`.
        missing: Vec<String>,
        /// What the folder holds that may explain it; empty or a sentence.
        hint: String,
    },

    /// A file could not be opened or read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },

    /// A file ends before its end: an interrupted download or copy.
    #[error(
        "{}: cut off in row {row} (line {line}, byte {byte} of the XML): {what}; fetch the file again",
        path.display(),
    )]
    CutOff {
        /// The file.
        path: PathBuf,
        /// The row in which it ends, counted from 1.
        row: u64,
        /// The line of the XML, counted from 1.
        line: u64,
        /// The byte of the XML (of the unpacked text where the file is packed), counted from 0.
        byte: u64,
        /// What tells that it is cut off.
        what: String,
    },

    /// A file is XML no parser would take.
    #[error("{}: malformed XML in row {row} (line {line}, byte {byte}): {what}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The row, counted from 1.
        row: u64,
        /// The line of the XML, counted from 1.
        line: u64,
        /// The byte of the XML (of the unpacked text where the file is packed), counted from 0.
        byte: u64,
        /// What is wrong with it.
        what: String,
    },

    /// A file is not one of a Stack Exchange dump at all.
    #[error("{}: {what}", path.display())]
    NotADump {
        /// The file.
        path: PathBuf,
        /// What it is instead, and what to do.
        what: String,
    },

    /// A single row is larger than any real one: read no further before memory runs out.
    #[error(
        "{}: row {row} (line {line}, byte {byte}) is longer than {limit} bytes, the most a row may have; \
         this is not a file of a dump, or it is damaged",
        path.display(),
    )]
    RowTooLarge {
        /// The file.
        path: PathBuf,
        /// The row, counted from 1.
        row: u64,
        /// The line of the XML, counted from 1.
        line: u64,
        /// The byte of the XML at which the row starts, counted from 0.
        byte: u64,
        /// The limit in bytes.
        limit: u64,
    },

    /// A file of JSON ends before its end: an interrupted download or copy.
    #[error("{}: cut off in line {line}, column {column}: fetch the file again", path.display())]
    CutOffJson {
        /// The file.
        path: PathBuf,
        /// The line of the JSON, counted from 1.
        line: usize,
        /// The column, in bytes counted from 1.
        column: usize,
    },

    /// A file is not JSON, or not in the form that it should have.
    #[error("{}: this is not the JSON that it should be: {what}", path.display())]
    MalformedJson {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, and where.
        what: String,
    },

    /// A single row of JSON is larger than any real one: read no further before memory runs out.
    #[error(
        "{}: row {row} (line {line}, column {column}) is longer than {limit} bytes, the most a row may have; it is damaged",
        path.display(),
    )]
    LongJson {
        /// The file.
        path: PathBuf,
        /// The row, counted from 1 over all lists of the file.
        row: u64,
        /// The line of the JSON, counted from 1.
        line: usize,
        /// The column, in bytes counted from 1.
        column: usize,
        /// The limit in bytes.
        limit: u64,
    },

    /// A table could not be written.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}
