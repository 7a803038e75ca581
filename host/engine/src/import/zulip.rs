use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use groundswell_runtime::shown;
use jiff::Timestamp;
use serde_json::Value;

use super::ids::Ids;
use super::json::{self, Part, Reader, Step, integer, text};
use super::markup::Said;
use super::report::{Fate, Progress};
use super::tables::{Activity, Layout, MEMBER_COLUMNS, Member, Tables};
use super::{FileReport, ImportError, ImportReport};

const LAYOUT: Layout = Layout { members: &MEMBER_COLUMNS, config: include_str!("zulip.txt") };

/// The tables of `realm.json` that are looked at, but for reactions.
const REALM: [&str; 6] = [
    "zerver_userprofile",
    "zerver_userprofile_crossrealm",
    "zerver_userprofile_mirrordummy",
    "zerver_stream",
    "zerver_recipient",
    "zerver_subscription",
];
const MESSAGES: &str = "zerver_message";
const REACTIONS: &str = "zerver_reaction";

const NO_ID: &str = "no id, or one that is no number";
const DOUBLE: &str = "a row with this id came before";
const NO_TIME: &str = "no time, or one that no table can hold";
const NO_MEMBER: &str = "a member id that is no number";

/// Imports an export of a Zulip organization from `folder` into the tables of a community in `out`.
///
/// Reads `realm.json` and `messages-000001.json` and so on, as `manage.py export` and the export of an organization's settings write
/// them, row by row. `progress` hears the bytes done, the bytes to do and the file being read.
///
/// | row of the export | becomes |
/// | --- | --- |
/// | user | a member: id, time of joining; role `owner`, `administrator`, `moderator`, `guest` or `bot` |
/// | mirror dummy | a member too: where members were asked, those who did not agree that their private data is exported, bots among them |
/// | message in a channel | `post`; topic: the channel's id and a number for the topic |
/// | mention in it | `mention` of each member, once; not those of everybody, of groups, and silent ones |
/// | quotation in it | `quote` of the message that its link leads to; recipient: who wrote that |
/// | reaction | `like`, or `dislike` for a thumb that points down; recipient: who wrote the message. An export does not say when: as the message |
/// | direct message, and all about it | nothing: left out and counted |
/// | subscription, channel, recipient | nothing: left out and counted |
///
/// The object is the message, `m` and its id, of the kind `message`. Only ids, times and numbers are written: never what somebody wrote,
/// the name of a topic or channel, a member's name or address.
///
/// `community.toml` is written only where there is none yet; the tables replace older ones once all is read.
///
/// # Errors
///
/// A folder without the two kinds of file, an export that is not complete, a file that cannot be read, is cut off or is not the JSON it
/// should be, and tables that cannot be written. Nothing is left half written. Rows that make no sense are no error: they are left out
/// and counted.
///
/// # Memory
///
/// Follows users, and the messages in channels (about 60 bytes each). A row may have 16 MiB.
pub fn zulip(
    folder: impl AsRef<Path>,
    out: impl AsRef<Path>,
    progress: &dyn Fn(u64, u64, &str),
) -> Result<ImportReport, ImportError> {
    let (folder, out) = (folder.as_ref(), out.as_ref());
    let export = Export::find(folder)?;
    let tables = Tables::create(out, &LAYOUT)?;
    let mut import = Import {
        tables,
        report: ImportReport { folder: folder.to_owned(), out: out.to_owned(), ..ImportReport::default() },
        progress: Progress::new(export.bytes(), progress),
        known: Known::default(),
        pass: Pass::Realm,
        files: Vec::new(),
        list: 0,
        label: String::new(),
        not_read: Vec::new(),
        met: Met::default(),
    };
    import.read(&export.realm, Pass::Realm)?;
    let mut with_reactions = vec![&export.realm];
    for path in &export.messages {
        import.known.reactions = false;
        import.read(path, Pass::Messages)?;
        if import.known.reactions {
            with_reactions.push(path);
        }
    }
    for path in with_reactions {
        import.read(path, Pass::Reactions)?;
    }
    let Import { tables, mut report, files, not_read, .. } = import;
    report.files = files;
    report.not_read = not_read;
    debug_assert!(report.adds_up(), "rows lost or counted twice: {report:#?}");
    tables.finish(&super::name_of(folder, "zulip"), &mut report)?;
    Ok(report)
}

/// The files of an export.
struct Export {
    realm: PathBuf,
    messages: Vec<PathBuf>,
}

impl Export {
    /// Finds them in a folder, or in the only folder inside that has a `realm.json`.
    fn find(folder: &Path) -> Result<Self, ImportError> {
        let wrong = |what: &str| ImportError::NotADump { path: folder.to_owned(), what: what.to_owned() };
        let unread = |source| ImportError::Read { path: folder.to_owned(), source };
        if !fs::metadata(folder).map_err(unread)?.is_dir() {
            return Err(wrong("is no folder: unpack the export, and name the folder that holds realm.json"));
        }
        let mut inside = Vec::new();
        if !folder.join("realm.json").is_file() {
            for entry in fs::read_dir(folder).map_err(unread)? {
                let path = entry.map_err(unread)?.path();
                if path.join("realm.json").is_file() {
                    inside.push(path);
                }
            }
        }
        let folder = match inside.as_slice() {
            [] => folder,
            [one] => one,
            _ => return Err(wrong("holds several exports: name one of the folders inside")),
        };
        let realm = folder.join("realm.json");
        if !realm.is_file() {
            return Err(wrong("holds no realm.json: name the folder of an unpacked Zulip export"));
        }
        let mut messages = Vec::new();
        for entry in fs::read_dir(folder).map_err(unread)? {
            let name = entry.map_err(unread)?.file_name().to_string_lossy().into_owned();
            let number = name.strip_prefix("messages-").and_then(|name| name.strip_suffix(".json"));
            if number
                .is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
            {
                messages.push(folder.join(&name));
            } else if name.starts_with("messages-")
                && [".partial", ".locked"].iter().any(|end| name.ends_with(end))
            {
                return Err(wrong(
                    "holds an export that is not complete, with files that end in .partial or .locked: export again",
                ));
            }
        }
        if messages.is_empty() {
            return Err(wrong(
                "holds no messages-000001.json: an export without messages says nothing of what members did",
            ));
        }
        messages.sort_unstable();
        Ok(Self { realm, messages })
    }

    /// Bytes to read: the first file is read twice; whether others are is not known beforehand.
    fn bytes(&self) -> u64 {
        let files = [&self.realm, &self.realm].into_iter().chain(&self.messages);
        files.map(|path| fs::metadata(path).map_or(0, |file| file.len())).sum()
    }
}

/// Which rows a reading is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pass {
    Realm,
    Messages,
    Reactions,
}

/// Who writes to whom: what a message is addressed to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Addressee {
    /// The channel of this id.
    Channel(i64),
    /// A member, or several.
    Members,
}

/// A message in a channel.
#[derive(Clone, Copy)]
struct Sent {
    sender: i64,
    /// Microseconds since 1970.
    at: i64,
    topic: u32,
}

/// What must be known before messages and reactions can be told.
#[derive(Default)]
struct Known {
    /// By the id of the recipient.
    addressees: HashMap<i64, Addressee>,
    /// Members by name, kept while messages are read and written nowhere; `None` where several bear it.
    names: HashMap<Box<str>, Option<i64>>,
    messages: HashMap<i64, Sent>,
    /// Numbers of topics, by channel and name.
    topics: HashMap<(i64, Box<str>), u32>,
    /// The texts that tables have for them.
    topic_ids: Vec<Box<str>>,
    /// Whether the file being read has reactions.
    reactions: bool,
}

/// Ids that were met.
#[derive(Default)]
struct Met {
    users: Ids,
    streams: Ids,
    recipients: Ids,
    subscriptions: Ids,
    messages: Ids,
    reactions: Ids,
}

struct Import<'a> {
    tables: Tables,
    report: ImportReport,
    progress: Progress<'a>,
    known: Known,
    pass: Pass,
    /// Reports on the tables that were read, one a file and table; and the place of the one at hand.
    files: Vec<FileReport>,
    list: usize,
    /// The file being read.
    label: String,
    not_read: Vec<String>,
    met: Met,
}

impl Import<'_> {
    fn read(&mut self, path: &Path, pass: Pass) -> Result<(), ImportError> {
        self.pass = pass;
        self.label = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let bytes = json::read(path, self)?;
        self.progress.done(bytes, &self.label);
        Ok(())
    }

    /// Begins to report on a table of the file being read, or goes on.
    fn begin(&mut self, table: &str) {
        let name = format!("{table} of {}", self.label);
        self.list = self.files.iter().position(|file| file.file == name).unwrap_or(self.files.len());
        if self.list == self.files.len() {
            self.files.push(FileReport::new(&name));
        }
    }

    /// Counts what became of a row, or of a part of it.
    fn count(&mut self, what: impl FnOnce(&mut FileReport)) {
        if let Some(file) = self.files.get_mut(self.list) {
            what(file);
        }
    }
}

impl Reader for Import<'_> {
    fn part(&mut self, path: &[Step]) -> Part {
        let [Step::Key(table)] = path else { return Part::Ignored };
        let wanted = match self.pass {
            Pass::Realm => REALM.contains(&table.as_str()),
            Pass::Messages => table == MESSAGES,
            Pass::Reactions => table == REACTIONS,
        };
        if wanted {
            self.begin(table);
            return Part::Rows;
        }
        self.known.reactions |= table == REACTIONS;
        let other = format!("{} of {}", shown(table, 60), self.label);
        const MOST: usize = 200;
        let later = [MESSAGES, REACTIONS].contains(&table.as_str());
        if self.pass != Pass::Reactions
            && !later
            && self.not_read.len() < MOST
            && !self.not_read.contains(&other)
        {
            self.not_read.push(other);
        }
        Part::Ignored
    }

    fn whole(&mut self, _: &[Step], _: Value) -> Result<(), ImportError> {
        Ok(())
    }

    fn row(&mut self, path: &[Step], row: Value) -> Result<(), ImportError> {
        let [Step::Key(table)] = path else { return Ok(()) };
        let fate: Fate = match table.as_str() {
            "zerver_userprofile" | "zerver_userprofile_crossrealm" | "zerver_userprofile_mirrordummy" => {
                self.user(&row, table)?
            }
            "zerver_stream" => {
                if self.met(|met| &mut met.streams, &row) {
                    Err("a channel: messages name it")
                } else {
                    Err(self.no_id(&row))
                }
            }
            "zerver_recipient" => self.recipient(&row),
            "zerver_subscription" => {
                if self.met(|met| &mut met.subscriptions, &row) {
                    Err("a subscription to a channel: it follows nobody")
                } else {
                    Err(self.no_id(&row))
                }
            }
            MESSAGES => self.message(&row)?,
            _ => self.reaction(&row)?,
        };
        self.count(|file| file.row(fate));
        Ok(())
    }

    fn progress(&mut self, bytes: u64) {
        self.progress.tell(bytes, &self.label);
    }
}

impl Import<'_> {
    /// Whether a row has an id that is new.
    fn met(&mut self, of: impl Fn(&mut Met) -> &mut Ids, row: &Value) -> bool {
        integer(row.get("id")).is_some_and(|id| of(&mut self.met).insert(id))
    }

    /// What is wrong with the id of a row that has no new one.
    fn no_id(&self, row: &Value) -> &'static str {
        if integer(row.get("id")).is_some() { DOUBLE } else { NO_ID }
    }

    fn user(&mut self, row: &Value, table: &str) -> Result<Fate, ImportError> {
        let Some(id) = integer(row.get("id")) else { return Ok(Err(NO_ID)) };
        if !self.met.users.insert(id) {
            return Ok(Err(DOUBLE));
        }
        if let Some(name) = text(row.get("full_name")) {
            let bearer = self.known.names.entry(name.into()).or_insert(Some(id));
            if *bearer != Some(id) {
                *bearer = None;
            }
        }
        let system = table == "zerver_userprofile_crossrealm";
        let member = Member {
            id: &id.to_string(),
            joined_at: moment(row.get("date_joined")).and_then(timestamp),
            role: if system { Some("bot") } else { role(row) },
            more: None,
        };
        self.tables.member(&member, &mut self.report)?;
        Ok(Ok("member"))
    }

    fn recipient(&mut self, row: &Value) -> Fate {
        let Some(id) = integer(row.get("id")) else { return Err(NO_ID) };
        if !self.met.recipients.insert(id) {
            return Err(DOUBLE);
        }
        let addressee = match (integer(row.get("type")), integer(row.get("type_id"))) {
            (Some(2), Some(channel)) => Addressee::Channel(channel),
            (Some(1 | 3), _) => Addressee::Members,
            _ => return Err("a recipient of another type"),
        };
        self.known.addressees.insert(id, addressee);
        Err("a recipient: messages name it")
    }

    fn message(&mut self, row: &Value) -> Result<Fate, ImportError> {
        let Some(id) = integer(row.get("id")) else { return Ok(Err(NO_ID)) };
        if !self.met.messages.insert(id) {
            return Ok(Err(DOUBLE));
        }
        let Some(sender) = integer(row.get("sender")) else { return Ok(Err(NO_MEMBER)) };
        let Some(addressee) =
            integer(row.get("recipient")).and_then(|id| self.known.addressees.get(&id).copied())
        else {
            return Ok(Err("to a recipient that is not in the export"));
        };
        let Addressee::Channel(channel) = addressee else { return Ok(Err("a direct message")) };
        let moment_sent = moment(row.get("date_sent").or_else(|| row.get("pub_date")));
        let Some((micros, at)) = moment_sent.and_then(|micros| Some((micros, timestamp(micros)?))) else {
            return Ok(Err(NO_TIME));
        };
        let topic = self.topic(channel, text(row.get("subject")).unwrap_or_default());
        self.known.messages.insert(id, Sent { sender, at: micros, topic });
        let said = match text(row.get("rendered_content")).filter(|html| !html.is_empty()) {
            Some(html) => Said::rendered(html),
            None => Said::written(text(row.get("content")).unwrap_or_default(), &self.known.names),
        };
        let message = Sent { sender, at: micros, topic };
        self.write((&format!("m{id}"), "post"), sender, None, (id, message, at))?;
        for (number, member) in said.mentions.iter().copied().filter(|member| *member != sender).enumerate() {
            self.write(
                (&format!("m{id}-{}", number + 1), "mention"),
                sender,
                Some(member),
                (id, message, at),
            )?;
            self.count(|file| file.besides("mention"));
        }
        for (number, (quoted, author)) in said.quotes.iter().copied().enumerate() {
            let author = self.known.messages.get(&quoted).map(|message| message.sender).or(author);
            match author.filter(|author| *author != sender) {
                Some(author) => {
                    self.write(
                        (&format!("m{id}-q{}", number + 1), "quote"),
                        sender,
                        Some(author),
                        (quoted, message, at),
                    )?;
                    self.count(|file| file.besides("quote"));
                }
                None => self.count(|file| {
                    file.part_left_out("quotation of oneself, or of somebody who is not named")
                }),
            }
        }
        for _ in 0..said.wildcards {
            self.count(|file| file.part_left_out("mention of everybody"));
        }
        for _ in 0..said.unknown {
            self.count(|file| file.part_left_out("mention of a name that nobody bears, or several do"));
        }
        for _ in said.mentions.iter().filter(|member| **member == sender) {
            self.count(|file| file.part_left_out("mention of oneself"));
        }
        Ok(Ok("post"))
    }

    fn reaction(&mut self, row: &Value) -> Result<Fate, ImportError> {
        let Some(id) = integer(row.get("id")) else { return Ok(Err(NO_ID)) };
        if !self.met.reactions.insert(id) {
            return Ok(Err(DOUBLE));
        }
        let Some(actor) = integer(row.get("user_profile")) else { return Ok(Err(NO_MEMBER)) };
        let Some(about) = integer(row.get("message")) else {
            return Ok(Err("no message, or one that is no number"));
        };
        let Some(message) = self.known.messages.get(&about).copied() else {
            return Ok(Err("to a message that was left out, or is not in the export"));
        };
        let Some(at) = timestamp(message.at) else { return Ok(Err(NO_TIME)) };
        let down = text(row.get("emoji_code")) == Some("1f44e")
            || matches!(text(row.get("emoji_name")), Some("thumbs_down" | "-1"));
        let verb = if down { "dislike" } else { "like" };
        self.write((&format!("r{id}"), verb), actor, Some(message.sender), (about, message, at))?;
        Ok(Ok(verb))
    }

    /// The number of a topic, the next one where it is new. Its name is written nowhere.
    fn topic(&mut self, channel: i64, name: &str) -> u32 {
        // Names of topics are one in whatever case they are written.
        let key = (channel, name.to_lowercase().into_boxed_str());
        if let Some(known) = self.known.topics.get(&key) {
            return *known;
        }
        let number = u32::try_from(self.known.topic_ids.len()).unwrap_or(u32::MAX);
        self.known.topic_ids.push(format!("{channel}-{}", number + 1).into());
        self.known.topics.insert(key, number);
        number
    }

    fn write(
        &mut self,
        (id, verb): (&str, &'static str),
        actor: i64,
        recipient: Option<i64>,
        (object, message, at): (i64, Sent, Timestamp),
    ) -> Result<(), ImportError> {
        let recipient = recipient.map(|member| member.to_string());
        let activity = Activity {
            id,
            actor: Some(&actor.to_string()),
            verb,
            at,
            recipient: recipient.as_deref(),
            object: &format!("m{object}"),
            object_kind: Some("message"),
            topic: self.known.topic_ids.get(message.topic as usize).map(|topic| &**topic),
            weight: None,
        };
        self.tables.activity(&activity, &mut self.report)
    }
}

/// What a member is by appointment.
fn role(row: &Value) -> Option<&'static str> {
    let is = |key: &str| row.get(key).and_then(Value::as_bool) == Some(true);
    if is("is_bot") {
        return Some("bot");
    }
    match integer(row.get("role")) {
        Some(100) => Some("owner"),
        Some(200) => Some("administrator"),
        Some(300) => Some("moderator"),
        Some(600) => Some("guest"),
        Some(_) => None,
        // As exports of before 2019 have it.
        None if is("is_realm_admin") => Some("administrator"),
        None if is("is_guest") => Some("guest"),
        None => None,
    }
}

/// A moment, in microseconds since 1970: exports have seconds with decimals, or RFC 3339.
fn moment(value: Option<&Value>) -> Option<i64> {
    match value? {
        Value::Number(seconds) => {
            let micros = seconds.as_f64()? * 1e6;
            (micros.abs() < 1e16).then_some(micros.round() as i64)
        }
        Value::String(text) => text.parse::<Timestamp>().ok().map(Timestamp::as_microsecond),
        _ => None,
    }
}

/// A moment that a table can hold.
fn timestamp(micros: i64) -> Option<Timestamp> {
    Timestamp::from_microsecond(micros).ok().filter(|at| i64::try_from(at.as_nanosecond()).is_ok())
}
