//! Who is mentioned and quoted in a message of Zulip.
//!
//! Rendered, a mention is `<span class="user-mention" data-user-id="7">@Ada</span>`, and a quotation begins with a silent
//! mention and a link to what is quoted: `<span class="user-mention silent" data-user-id="7">Ada</span> <a href="…/near/42">said</a>:`. As
//! it was written, they are `@**Ada**` or `@**Ada|7**`, and `@_**Ada|7** [said](…/near/42):`. What a message says besides is not kept.

use std::collections::HashMap;

/// What a message says of others.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Said {
    /// Whom it mentions, each once, in order.
    pub(super) mentions: Vec<i64>,
    /// The messages that it quotes, each once, and who the text says wrote them.
    pub(super) quotes: Vec<(i64, Option<i64>)>,
    /// Mentions of everybody at once.
    pub(super) wildcards: u64,
    /// Mentions of names that nobody bears, or several do.
    pub(super) unknown: u64,
}

impl Said {
    fn mention(&mut self, member: i64) {
        if !self.mentions.contains(&member) {
            self.mentions.push(member);
        }
    }

    fn quote(&mut self, message: i64, author: Option<i64>) {
        if self.quotes.iter().all(|(known, _)| *known != message) {
            self.quotes.push((message, author));
        }
    }

    /// Reads a message as it is shown.
    pub(super) fn rendered(html: &str) -> Self {
        let mut said = Self::default();
        let mut rest = html;
        while let Some((_, from)) = rest.split_once("<span ") {
            let Some((tag, behind)) = from.split_once('>') else { break };
            rest = behind;
            let class = attribute(tag, "class").unwrap_or_default();
            if !class.split_whitespace().any(|word| word == "user-mention") {
                continue;
            }
            let silent = class.split_whitespace().any(|word| word == "silent");
            let member = attribute(tag, "data-user-id").unwrap_or_default();
            match (member.parse().ok(), silent) {
                (None, true) => {}
                (None, false) => said.wildcards += 1,
                (Some(member), false) => said.mention(member),
                (Some(member), true) => {
                    if let Some(message) = link_behind(behind) {
                        said.quote(message, Some(member));
                    }
                }
            }
        }
        said
    }

    /// Reads a message as it was written. Of the names of members, `None` stands for those that several bear.
    pub(super) fn written(text: &str, names: &HashMap<Box<str>, Option<i64>>) -> Self {
        let mut said = Self::default();
        for line in outside_of_quotations(text) {
            let mut rest = line;
            while let Some((_, from)) = rest.split_once('@') {
                let (silent, from) = from.strip_prefix('_').map_or((false, from), |from| (true, from));
                let Some((name, behind)) = from.strip_prefix("**").and_then(|from| from.split_once("**"))
                else {
                    rest = from;
                    continue;
                };
                rest = behind;
                let (name, id) =
                    name.rsplit_once('|').map_or((name, None), |(name, id)| (name, id.parse::<i64>().ok()));
                let member = id.or_else(|| names.get(name).copied().flatten());
                let everybody = ["all", "everyone", "stream", "channel", "topic"].contains(&name);
                match member {
                    _ if silent => {
                        if let Some(message) = written_link(behind) {
                            said.quote(message, member);
                        }
                    }
                    Some(member) => said.mention(member),
                    None if everybody => said.wildcards += 1,
                    None => said.unknown += 1,
                }
            }
        }
        said
    }
}

/// The value of an attribute of a tag.
fn attribute<'t>(tag: &'t str, name: &str) -> Option<&'t str> {
    let mut rest = tag;
    while let Some((before, from)) = rest.split_once(name) {
        let begins = before.is_empty() || before.ends_with(char::is_whitespace);
        if begins && let Some(value) = from.strip_prefix("=\"") {
            return value.split_once('"').map(|(value, _)| value);
        }
        rest = from;
    }
    None
}

/// The message that the link behind a silent mention leads to.
fn link_behind(html: &str) -> Option<i64> {
    let (_, behind) = html.split_once("</span>")?;
    let tag = behind.trim_start().strip_prefix("<a ")?.split_once('>')?.0;
    near(attribute(tag, "href")?)
}

/// The same, as it was written: `[said](…/near/42)`.
fn written_link(text: &str) -> Option<i64> {
    let (_, behind) = text.trim_start().strip_prefix('[')?.split_once("](")?;
    near(behind.split_once(')')?.0)
}

/// The message that a link into a conversation leads to.
fn near(link: &str) -> Option<i64> {
    let (_, from) = link.rsplit_once("/near/")?;
    let digits = from.find(|c: char| !c.is_ascii_digit()).map_or(from, |end| from.split_at(end).0);
    digits.parse().ok()
}

/// The lines of a text that are neither quoted nor code.
fn outside_of_quotations(text: &str) -> impl Iterator<Item = &str> {
    let mut fence: Option<&str> = None;
    text.lines().filter(move |line| {
        let line = line.trim_start();
        let marks = ["```", "~~~"].into_iter().find(|marks| line.starts_with(marks));
        match (fence, marks) {
            (None, Some(marks)) => fence = Some(marks),
            (Some(open), Some(marks)) if open == marks => fence = None,
            _ => {}
        }
        fence.is_none() && marks.is_none() && !line.starts_with('>')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mentions_and_quotations_are_found_in_what_is_shown() {
        let html = "<p><span class=\"user-mention\" data-user-id=\"7\">@A</span>, <span data-user-id=\"8\" class=\"user-mention\">@B</span> and \
                    <span class=\"user-mention\" data-user-id=\"7\">@A</span> <span class=\"user-mention silent\" data-user-id=\"9\">C</span> \
                    <span class=\"user-group-mention\" data-user-group-id=\"3\">@G</span> <span class=\"user-mention\" data-user-id=\"*\">@all</span></p>\n\
                    <p><span class=\"user-mention silent\" data-user-id=\"5\">D</span> <a href=\"https://x.example/#narrow/channel/1-a/topic/b/near/42\">said</a>:</p>\
                    <blockquote><p><span class=\"user-mention silent\" data-user-id=\"6\">E</span></p></blockquote>";
        let said = Said { mentions: vec![7, 8], quotes: vec![(42, Some(5))], wildcards: 1, unknown: 0 };
        assert_eq!(Said::rendered(html), said);
        for odd in [
            "<span ",
            "<span class=\"user-mention\"",
            "<span class=\"user-mention silent\" data-user-id=\"1\"></span><a href=\"/near/x\">",
            "@**A**",
        ] {
            assert_eq!(Said::rendered(odd), Said::default(), "{odd}");
        }
    }

    #[test]
    fn mentions_and_quotations_are_found_in_what_was_written() {
        let names = HashMap::from([("A".into(), Some(7)), ("B B".into(), Some(8)), ("Twin".into(), None)]);
        let text = "@**A** @**B B** @**A** @**Twin|9** @**Twin** @**Nobody** @**all** @*group* a@b.example\n\
                    @_**D|5** [said](https://x.example/#narrow/stream/1/topic/b/near/42):\n```quote\n@**Quoted|3**\n```\n> @**Old|4**\n@_**A**";
        let said = Said { mentions: vec![7, 8, 9], quotes: vec![(42, Some(5))], wildcards: 1, unknown: 2 };
        assert_eq!(Said::written(text, &names), said);
        assert_eq!(Said::written("@** @", &names), Said::default());
    }
}
