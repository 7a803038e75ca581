//! Bytes as a `community.toml`.

use groundswell::{Config, Location};

use crate::message::assert_plain;

pub(crate) fn run(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    match Config::parse("community.toml", text) {
        Ok(config) => {
            assert_eq!(config.path().to_str(), Some("community.toml"));
            // Letters of some languages are joined by invisible ones; who shows the name escapes them.
            assert!(!config.community.name.chars().any(char::is_control), "{:?}", config.community.name);
            for (name, definition) in &config.definitions {
                assert_plain(name);
                for setting in definition.settings.keys() {
                    let keys = ["definitions", name, "settings", setting];
                    assert_within(&config.locate(&keys), text);
                }
            }
            for table in config.sources.tables.keys() {
                assert_within(&config.locate(&["sources", "tables", &table.to_string()]), text);
            }
        }
        Err(error) => {
            let said = error.to_string();
            assert_plain(&said);
            let Some(location) = error.location() else { unreachable!("it points nowhere: {said}") };
            assert_within(location, text);
            location.help.iter().for_each(|help| assert_plain(help));
            let again = Config::parse("community.toml", text).err().map(|error| error.to_string());
            assert_eq!(again, Some(said));
        }
    }
}

/// Asserts that a place is one in the text, on whole characters.
fn assert_within(location: &Location, text: &str) {
    assert!(text.get(location.span.clone()).is_some(), "{:?} is no part of the text", location.span);
    let (line, column) = location.line_and_column();
    assert!(line >= 1 && column >= 1 && line <= text.matches('\n').count() + 1);
}
