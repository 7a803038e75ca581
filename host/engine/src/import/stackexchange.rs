use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::dump::Dump;
use super::ids::Ids;
use super::mentions::Mentions;
use super::posts::{Post, PostKind, Posts};
use super::report::Fate;
use super::tables::{Activity, Layout, Member, Tables};
use super::{FileReport, ImportError, ImportReport};

const LAYOUT: Layout =
    Layout { members: &["id", "joined_at", "role", "reputation"], config: include_str!("stackexchange.txt") };

/// The account in whose name a site acts by itself.
const SITE: i64 = -1;
/// Rows between two calls of the progress callback.
const STRIDE: u64 = 4096;

const NO_ID: &str = "no id, or one that is no number";
const DOUBLE: &str = "a row with this id came before";
const NO_TIME: &str = "no time, or one that cannot be read";
const NO_MEMBER: &str = "a member id that is no number";
const NO_TYPE: &str = "no type, or one that is no number";
const NO_POST: &str = "no post id, or one that is no number";
const DELETED: &str = "about a post that is not in the dump (deleted)";
const PAGE: &str = "about a tag wiki or another page of the site";

/// Imports a dump of a Stack Exchange site from `folder` into the tables of a community in `out`.
///
/// Reads `Users`, `Posts`, `Votes` and `Comments`, each `.xml` or `.xml.gz`, plain or gzip whatever the name says, row
/// by row; `Posts` is read twice. The rows of `Badges`, `PostHistory`, `PostLinks` and `Tags`, where they are there,
/// are counted as left out. `progress` hears the bytes done, the bytes to do (as the files lie on disk) and the file being read.
///
/// | row of the dump | becomes |
/// | --- | --- |
/// | user | a member: id, time of joining, attribute `reputation`; role `bot` for the site's own account −1 |
/// | question | `ask` |
/// | answer | `answer`; recipient: who asked |
/// | up, down vote | `like`, `dislike` without an actor, always; recipient: the post's owner |
/// | accept vote | `accept` by who asked, to who answered. An accepted answer that no vote dates is dated by itself |
/// | favourite | `x-favourite` by the voter, to who asked |
/// | bounty offered | `bounty` by the one who offers, for the question, without a recipient; weight: the amount |
/// | bounty awarded | `bounty` to the answer's owner, without an actor (a dump does not say who awarded it, and it may have been nobody); weight: the amount |
/// | comment | `reply`; recipient: the post's owner; and a `mention` for every `@name` of a participant |
/// | badge, revision, link, tag | nothing: left out and counted |
///
/// The object is the post, `p` and its id; the topic the first tag of its question. Votes are dated to midnight UTC,
/// as in the dump. A deleted author leaves the actor or recipient empty. A row about a post that is not in the dump is
/// imported only if it names its own member.
///
/// `community.toml` is written only where there is none yet; the tables replace older ones once all is read.
///
/// # Errors
///
/// A missing or unreadable file, one that is cut off, malformed or no dump at all, and tables that cannot be written.
/// Nothing is left half written. Rows that are XML but make no sense are no error: they are left out and counted.
///
/// # Memory
///
/// Follows users, posts and distinct pairs of post and commenter; of a vote a few bits are kept. A row may have 16 MiB.
pub fn stackexchange(
    folder: impl AsRef<Path>,
    out: impl AsRef<Path>,
    progress: &dyn Fn(u64, u64, &str),
) -> Result<ImportReport, ImportError> {
    let (folder, out) = (folder.as_ref(), out.as_ref());
    let files = Files::find(folder)?;
    let tables = Tables::create(out, &LAYOUT)?;
    let mut import = Import {
        tables,
        report: ImportReport {
            folder: folder.to_owned(),
            out: out.to_owned(),
            not_read: files.not_read.clone(),
            ..ImportReport::default()
        },
        posts: Posts::default(),
        mentions: Mentions::default(),
        bytes_before: 0,
        bytes: files.bytes(),
        progress,
    };
    let users = import.users(&files.users)?;
    import.index_posts(&files.posts)?;
    let mut posts = import.posts(&files.posts)?;
    let votes = import.votes(&files.votes)?;
    import.undated_accepts(&mut posts)?;
    let comments = import.comments(&files.comments)?;
    let mut read = vec![users, posts, votes, comments];
    for (path, other) in &files.others {
        read.push(import.each(path, other.root, [], |_, _, []| Ok(Err(other.reason)))?);
    }

    let Import { tables, mut report, .. } = import;
    report.files = read;
    debug_assert!(report.adds_up(), "rows lost or counted twice: {report:#?}");
    tables.finish(&super::name_of(folder, "stackexchange"), &mut report)?;
    Ok(report)
}

struct Files {
    users: PathBuf,
    posts: PathBuf,
    votes: PathBuf,
    comments: PathBuf,
    others: Vec<(PathBuf, &'static Other)>,
    not_read: Vec<String>,
}

/// A file of which nothing becomes a part of the community.
struct Other {
    stem: &'static str,
    root: &'static str,
    /// Why its rows are left out.
    reason: &'static str,
}

const OTHERS: [Other; 4] = [
    Other {
        stem: "Badges",
        root: "badges",
        reason: "badge: the site's own award, nothing that a member did",
    },
    Other { stem: "PostHistory", root: "posthistory", reason: "revision of a post" },
    Other {
        stem: "PostLinks",
        root: "postlinks",
        reason: "link between posts: nobody is named as its author",
    },
    Other { stem: "Tags", root: "tags", reason: "tag: a topic, which activities name themselves" },
];

impl Files {
    fn find(folder: &Path) -> Result<Self, ImportError> {
        if !folder.is_dir() {
            return Err(ImportError::NotAFolder { folder: folder.to_owned() });
        }
        let read_error = |source| ImportError::Read { path: folder.to_owned(), source };
        let mut names = Vec::new();
        for entry in fs::read_dir(folder).map_err(read_error)? {
            names.push(entry.map_err(read_error)?.file_name().to_string_lossy().into_owned());
        }
        names.sort_unstable();

        let mut take = |stem: &str| {
            let wanted = [format!("{stem}.xml"), format!("{stem}.xml.gz")];
            let at = wanted
                .iter()
                .find_map(|wanted| names.iter().position(|name| name.eq_ignore_ascii_case(wanted)));
            at.map(|at| folder.join(names.remove(at))).ok_or_else(|| format!("{stem}.xml"))
        };
        let needed = ["Users", "Posts", "Votes", "Comments"].map(&mut take);
        let others = OTHERS.iter().filter_map(|other| Some((take(other.stem).ok()?, other))).collect();
        let missing: Vec<String> = needed.iter().filter_map(|found| found.clone().err()).collect();
        if !missing.is_empty() {
            let packed = names.iter().find(|name| name.ends_with(".7z") || name.ends_with(".zip"));
            let hint = match packed {
                Some(packed) => format!("; unpack {packed} first"),
                None => String::new(),
            };
            return Err(ImportError::Missing { folder: folder.to_owned(), missing, hint });
        }
        let not_read = names
            .into_iter()
            .filter(|name| {
                let name = name.to_ascii_lowercase();
                name.ends_with(".xml") || name.ends_with(".xml.gz")
            })
            .collect();
        let [users, posts, votes, comments] = needed.map(Result::unwrap_or_default);
        Ok(Self { users, posts, votes, comments, others, not_read })
    }

    /// Bytes to read: posts are read twice.
    fn bytes(&self) -> u64 {
        [&self.users, &self.posts, &self.posts, &self.votes, &self.comments]
            .into_iter()
            .chain(self.others.iter().map(|(path, _)| path))
            .map(|path| fs::metadata(path).map_or(0, |file| file.len()))
            .sum()
    }
}

struct Import<'a> {
    tables: Tables,
    report: ImportReport,
    posts: Posts,
    mentions: Mentions,
    bytes_before: u64,
    bytes: u64,
    progress: &'a dyn Fn(u64, u64, &str),
}

impl Import<'_> {
    /// Reads a file to its end; `each` sees the wanted attributes of every row.
    fn each<const N: usize>(
        &mut self,
        path: &Path,
        root: &'static str,
        wanted: [&str; N],
        mut each: impl FnMut(&mut Self, &mut FileReport, [Option<&str>; N]) -> Result<Fate, ImportError>,
    ) -> Result<FileReport, ImportError> {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let mut report = FileReport::new(&name);
        let mut dump = Dump::open(path, root)?;
        let mut values = [const { None }; N];
        while dump.next(&wanted, &mut values)? {
            let fate = each(self, &mut report, values.each_ref().map(Option::as_deref))?;
            report.row(fate);
            if report.rows.is_multiple_of(STRIDE) {
                (self.progress)(self.bytes_before + dump.bytes_read(), self.bytes, &name);
            }
        }
        self.bytes_before += dump.bytes_read();
        (self.progress)(self.bytes_before, self.bytes, &name);
        Ok(report)
    }

    fn users(&mut self, path: &Path) -> Result<FileReport, ImportError> {
        let mut met = Ids::default();
        let wanted = ["Id", "CreationDate", "Reputation", "DisplayName"];
        self.each(path, "users", wanted, move |import, _, [id, joined_at, reputation, name]| {
            let Some(id) = number(id) else { return Ok(Err(NO_ID)) };
            if !met.insert(id) {
                return Ok(Err(DOUBLE));
            }
            if let Some(name) = name {
                import.mentions.name(id, name);
            }
            let member = Member {
                id: &id.to_string(),
                joined_at: joined_at.and_then(time),
                role: (id == SITE).then_some("bot"),
                more: number(reputation).map(|reputation| reputation.to_string()),
            };
            import.tables.member(&member, &mut import.report)?;
            Ok(Ok("member"))
        })
    }

    /// The first reading of posts: whose they are. What is wrong with a row is counted by the second.
    fn index_posts(&mut self, path: &Path) -> Result<(), ImportError> {
        let wanted =
            ["Id", "PostTypeId", "CreationDate", "OwnerUserId", "ParentId", "AcceptedAnswerId", "Tags"];
        self.each(path, "posts", wanted, |import, _, [id, kind, at, owner, parent, accepted, tags]| {
            let (Some(id), Some(kind)) = (number(id), number(kind)) else { return Ok(Err(NO_ID)) };
            let kind = match kind {
                1 => PostKind::Question,
                2 => PostKind::Answer,
                _ => PostKind::Page,
            };
            let mut post = Post::new(kind, number(owner), at.and_then(time));
            post.parent = number(parent);
            post.accepted = number(accepted);
            import.posts.add(id, post, tags);
            Ok(Ok("post"))
        })?;
        Ok(())
    }

    fn posts(&mut self, path: &Path) -> Result<FileReport, ImportError> {
        let wanted = ["Id", "PostTypeId", "CreationDate", "OwnerUserId"];
        self.each(path, "posts", wanted, |import, _, [id, kind, at, owner]| {
            let Some(id) = number(id) else { return Ok(Err(NO_ID)) };
            let Some(kind) = number(kind) else { return Ok(Err(NO_TYPE)) };
            let Some(post) = import.posts.get_mut(id) else { return Ok(Err(NO_ID)) };
            if std::mem::replace(&mut post.met, true) {
                return Ok(Err(DOUBLE));
            }
            let verb = match kind {
                1 => "ask",
                2 => "answer",
                3..=5 => return Ok(Err("tag wiki")),
                6 => return Ok(Err("moderator nomination")),
                7 => return Ok(Err("placeholder of a wiki page")),
                8 => return Ok(Err("description of a privilege")),
                _ => return Ok(Err("another type of post")),
            };
            let Some(at) = at.and_then(time) else { return Ok(Err(NO_TIME)) };
            let Ok(actor) = member(owner) else { return Ok(Err(NO_MEMBER)) };
            let recipient = match kind {
                2 => import.posts.question(id).and_then(|question| question.owner),
                _ => None,
            };
            import.write(format!("p{id}"), verb, actor, recipient, at, id, None)
        })
    }

    fn votes(&mut self, path: &Path) -> Result<FileReport, ImportError> {
        let mut met = Ids::default();
        let wanted = ["Id", "PostId", "VoteTypeId", "CreationDate", "UserId", "BountyAmount"];
        self.each(path, "votes", wanted, |import, _, [id, post, kind, at, voter, amount]| {
            let Some(id) = number(id) else { return Ok(Err(NO_ID)) };
            if !met.insert(id) {
                return Ok(Err(DOUBLE));
            }
            let Some(kind) = number(kind) else { return Ok(Err(NO_TYPE)) };
            let Some(post) = number(post) else { return Ok(Err(NO_POST)) };
            match kind {
                1 | 2 | 3 | 5 | 8 | 9 => {}
                4 => return Ok(Err("vote: offensive")),
                6 => return Ok(Err("vote: close")),
                7 => return Ok(Err("vote: reopen")),
                10 => return Ok(Err("vote: delete")),
                11 => return Ok(Err("vote: undelete")),
                12 => return Ok(Err("vote: spam")),
                15 => return Ok(Err("vote: moderator review")),
                16 => return Ok(Err("vote: approve an edit")),
                _ => return Ok(Err("another type of vote")),
            }
            let Some(at) = at.and_then(time) else { return Ok(Err(NO_TIME)) };
            let Ok(voter) = member(voter) else { return Ok(Err(NO_MEMBER)) };
            let found = import.posts.get(post).copied();
            let owner = match found {
                Some(found) if found.kind == PostKind::Page => return Ok(Err(PAGE)),
                Some(found) => found.owner,
                None if matches!(kind, 5 | 8) && voter.is_some() => None,
                None => return Ok(Err(DELETED)),
            };
            let id = format!("v{id}");
            match kind {
                1 => import.accept(id, at, post),
                // Whoever voted is nobody's business, should a dump ever say it.
                2 => import.write(id, "like", None, owner, at, post, None),
                3 => import.write(id, "dislike", None, owner, at, post, None),
                5 => import.write(id, "x-favourite", voter, owner, at, post, None),
                8 => match number(amount).filter(|&amount| amount > 0) {
                    Some(amount) => import.write(id, "bounty", voter, None, at, post, Some(amount)),
                    None => Ok(Err("bounty offered without an amount")),
                },
                _ => match number(amount).filter(|&amount| amount > 0) {
                    Some(amount) => import.write(id, "bounty", None, owner, at, post, Some(amount)),
                    None => Ok(Err("bounty that ended without an award")),
                },
            }
        })
    }

    /// An accept vote and the post's accepted answer are one `accept`.
    fn accept(&mut self, id: String, at: Timestamp, answer: i64) -> Result<Fate, ImportError> {
        let Some(question) = self.posts.question(answer).copied() else { return Ok(Err(DELETED)) };
        if question.accepted != Some(answer) {
            return Ok(Err("accept vote for an answer that is not the accepted one"));
        }
        let Some(post) = self.posts.get_mut(answer) else { return Ok(Err(DELETED)) };
        if std::mem::replace(&mut post.dated, true) {
            return Ok(Err("second accept vote for the same answer"));
        }
        let recipient = post.owner;
        self.write(id, "accept", question.owner, recipient, at, answer, None)
    }

    /// Accepted answers that no accept vote dates.
    fn undated_accepts(&mut self, posts: &mut FileReport) -> Result<(), ImportError> {
        for (question_id, answer_id) in self.posts.accepted() {
            let answer = self.posts.get(answer_id).copied();
            let answer = answer.filter(|a| a.kind == PostKind::Answer && a.parent == Some(question_id));
            let Some(answer) = answer else {
                posts.part_left_out("accepted answer that is not in the dump");
                continue;
            };
            if answer.dated {
                continue;
            }
            let Some(at) = answer.at else {
                posts.part_left_out("accepted answer without a time");
                continue;
            };
            let owner = self.posts.get(question_id).and_then(|question| question.owner);
            let fate = self.write(
                format!("p{answer_id}-accept"),
                "accept",
                owner,
                answer.owner,
                at,
                answer_id,
                None,
            )?;
            if let Ok(verb) = fate {
                posts.besides(verb);
            }
        }
        Ok(())
    }

    fn comments(&mut self, path: &Path) -> Result<FileReport, ImportError> {
        let mut met = Ids::default();
        let wanted = ["Id", "PostId", "CreationDate", "UserId", "Text"];
        self.each(path, "comments", wanted, |import, report, [id, post, at, actor, text]| {
            let Some(id) = number(id) else { return Ok(Err(NO_ID)) };
            if !met.insert(id) {
                return Ok(Err(DOUBLE));
            }
            let Some(post) = number(post) else { return Ok(Err(NO_POST)) };
            let Some(at) = at.and_then(time) else { return Ok(Err(NO_TIME)) };
            let Ok(actor) = member(actor) else { return Ok(Err(NO_MEMBER)) };
            let owner = match import.posts.get(post) {
                Some(found) if found.kind == PostKind::Page => return Ok(Err(PAGE)),
                Some(found) => found.owner,
                None if actor.is_some() => None,
                None => return Ok(Err(DELETED)),
            };
            let mentions = import.mentions.resolve(text.unwrap_or_default(), post, owner, actor);
            for (index, mentioned) in mentions.into_iter().enumerate() {
                match mentioned {
                    Ok(member) => {
                        let id = format!("c{id}-{}", index + 1);
                        if let Ok(verb) = import.write(id, "mention", actor, Some(member), at, post, None)? {
                            report.besides(verb);
                        }
                    }
                    Err(reason) => report.part_left_out(reason),
                }
            }
            if let Some(actor) = actor {
                import.mentions.takes_part(post, actor);
            }
            import.write(format!("c{id}"), "reply", actor, owner, at, post, None)
        })
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "an activity has that many parts, and each call names them all"
    )]
    fn write(
        &mut self,
        id: String,
        verb: &'static str,
        actor: Option<i64>,
        recipient: Option<i64>,
        at: Timestamp,
        post: i64,
        weight: Option<i64>,
    ) -> Result<Fate, ImportError> {
        let [actor, recipient] = [actor, recipient].map(|member| member.map(|id| id.to_string()));
        let activity = Activity {
            id: &id,
            actor: actor.as_deref(),
            verb,
            at,
            recipient: recipient.as_deref(),
            object: &format!("p{post}"),
            object_kind: self.posts.get(post).and_then(|post| post.kind.object_kind()),
            topic: self.posts.topic(post),
            weight,
        };
        self.tables.activity(&activity, &mut self.report)?;
        Ok(Ok(verb))
    }
}

fn number(value: Option<&str>) -> Option<i64> {
    value?.trim().parse().ok()
}

/// A member's id, none where there is none; an error where there is one that is no number.
fn member(value: Option<&str>) -> Result<Option<i64>, std::num::ParseIntError> {
    value.map(str::trim).filter(|value| !value.is_empty()).map(str::parse).transpose()
}

/// A dump's times are UTC without saying so. None where the tables could not be read with it.
fn time(value: &str) -> Option<Timestamp> {
    let value = value.trim();
    let at = value.parse::<Timestamp>().ok().or_else(|| {
        let at: DateTime = value.parse().ok()?;
        Some(at.to_zoned(TimeZone::UTC).ok()?.timestamp())
    });
    at.filter(|at| i64::try_from(at.as_nanosecond()).is_ok())
}
