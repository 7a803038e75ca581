//! What other people call the columns of the tables.

use super::values::plain;
use crate::Table;
use crate::sources::WISHES;

/// A column of a table, and what it is called elsewhere: names that hardly mean anything else, and names that may. Each is a
/// list of words, letters and digits in lowercase; what comes first is looked for first.
pub(super) struct Known {
    pub(super) column: &'static str,
    sure: &'static str,
    perhaps: &'static str,
}

const fn known(column: &'static str, sure: &'static str, perhaps: &'static str) -> Known {
    Known { column, sure, perhaps }
}

impl Known {
    /// Names that hardly mean anything else.
    pub(super) fn sure(&self) -> impl Iterator<Item = &'static str> {
        self.sure.split_ascii_whitespace()
    }

    /// Names that may mean something else.
    pub(super) fn perhaps(&self) -> impl Iterator<Item = &'static str> {
        self.perhaps.split_ascii_whitespace()
    }
}

const MEMBERS: [Known; 5] = [
    known(
        "id",
        "id userid memberid accountid uid user member username login handle",
        "account accountname nickname personid contactid email",
    ),
    known("opted_out", WISHES, "excluded hidden"),
    known(
        "joined_at",
        "joinedat joined joindate joinedon membersince registeredat registered registrationdate signupdate signedupat signup \
         createdat creationdate created datecreated datejoined",
        "since date started startdate firstseen",
    ),
    known("role", "role roles userrole memberrole", "usertype membertype rank type position status"),
    known(
        "external_followers",
        "externalfollowers followers followerscount followercount numfollowers",
        "audience fans subscribers reach",
    ),
];

const FOLLOWS: [Known; 3] = [
    known(
        "follower",
        "follower followerid followername",
        "from fromid fromuser fromuserid fromnodeid source sourceid src user userid u a",
    ),
    known(
        "followed",
        "followed followedid followee followeeid following followingid",
        "to toid touser touserid tonodeid target targetid dst dest friend friendid v b",
    ),
    known(
        "since",
        "since followedat followedsince createdat at time timestamp date ts created creationdate",
        "",
    ),
];

const ACTIVITIES: [Known; 10] = [
    known(
        "verb",
        "verb action activitytype eventtype event activity actiontype eventname",
        "type kind reaction interaction sign vote",
    ),
    // Times are known by their values too.
    known(
        "at",
        "at timestamp createdat datetime time ts date occurredat happenedat postedat sentat eventtime creationdate unixtime \
         createdutc created datecreated when",
        "day epoch t",
    ),
    known(
        "actor",
        "actor actorid userid user authorid author senderid sender username memberid member owneruserid",
        "from fromid fromuser fromuserid fromnodeid source sourceid src by createdby postedby owner ownerid voter rater creator \
         who account accountid login trustor u",
    ),
    known(
        "recipient",
        "recipient recipientid touserid touser receiver receiverid targetuser targetuserid",
        "to toid tonodeid target targetid dst dest whom inreplytouserid inreplytouser replyto parentauthor candidate ratee \
         trustee v",
    ),
    known("id", "id activityid eventid messageid msgid postid commentid", "uuid guid key"),
    known("object_kind", "objectkind objecttype", "posttype contenttype targettype"),
    known(
        "object",
        "object objectid",
        "postid messageid commentid threadid thread parentid contentid articleid",
    ),
    known(
        "topic",
        "topic topicid channel channelid channelname forum forumid stream",
        "category tag room subreddit board group section subject",
    ),
    known("product", "product productid productname sku", "item itemid brand"),
    known("weight", "weight", "score rating strength points value"),
];

const CONVERSIONS: [Known; 5] = [
    known(
        "member",
        "member memberid customer customerid buyer buyerid purchaser customername",
        "userid user username account accountid client clientid email",
    ),
    known(
        "at",
        "at purchasedat purchasedate orderdate orderedat paidat transactiondate convertedat soldat createdat timestamp date \
         time ts datetime created when signupdate invoicedate",
        "",
    ),
    known("product", "product productid productname sku item itemid", "plan category description stockcode"),
    known(
        "value",
        "value amount price total revenue ordertotal totalprice ordervalue",
        "sum cost spent paid quantity",
    ),
    known(
        "referrer",
        "referrer referrerid referredby referer",
        "referral ref coupon affiliate source invitedby",
    ),
];

/// The columns of a table.
pub(super) fn of(table: Table) -> &'static [Known] {
    match table {
        Table::Members => &MEMBERS,
        Table::Follows => &FOLLOWS,
        Table::Activities => &ACTIVITIES,
        Table::Conversions => &CONVERSIONS,
    }
}

/// Words in a file's name that tell its table.
const FILES: [(Table, &[&str]); 4] = [
    (Table::Follows, &["follow", "friend", "subscription"]),
    (
        Table::Conversions,
        &["conversion", "purchase", "order", "sale", "transaction", "payment", "signup", "checkout"],
    ),
    (Table::Members, &["member", "user", "people", "profile", "account", "contact", "customer"]),
    (
        Table::Activities,
        &[
            "activit",
            "event",
            "message",
            "post",
            "comment",
            "vote",
            "rating",
            "interaction",
            "action",
            "repl",
            "answer",
            "chat",
            "log",
        ],
    ),
];

/// The table that a file's name speaks of.
pub(super) fn table_of(file: &str) -> Option<Table> {
    let name = plain(file);
    FILES.into_iter().find(|(_, words)| words.iter().any(|word| name.contains(word))).map(|(table, _)| table)
}

/// Whether a field is what columns are called.
pub(super) fn is_name(field: &str) -> bool {
    let name = plain(field);
    // A single letter may be anybody's id.
    name.len() > 1
        && Table::ALL
            .into_iter()
            .flat_map(of)
            .any(|known| known.sure().chain(known.perhaps()).any(|known| known == name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::columns;

    #[test]
    fn every_column_of_every_table_is_known_by_its_own_name() {
        for table in Table::ALL {
            for column in columns(table, &[]) {
                let found = of(table).iter().find(|known| known.column == column.name);
                let own = plain(&column.name);
                assert!(
                    found.is_some_and(|known| known.sure().any(|name| name == own)),
                    "{table} {column:?}"
                );
            }
            for known in of(table) {
                assert!(
                    known.sure().chain(known.perhaps()).all(|name| plain(name) == name),
                    "{}",
                    known.column
                );
            }
        }
    }

    #[test]
    fn files_are_known_by_words_in_their_names() {
        assert_eq!(table_of("twitter-followers.tsv"), Some(Table::Follows));
        assert_eq!(table_of("Orders_2020.csv"), Some(Table::Conversions));
        assert_eq!(table_of("users.jsonl"), Some(Table::Members));
        assert_eq!(table_of("wiki-Vote.txt"), Some(Table::Activities));
        assert_eq!(table_of("a.csv"), None);
    }
}
