//! What a question in SQL may not do, as far as its plan tells before anything runs.

use datafusion::common::ScalarValue;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, LogicalPlan, Operator, Volatility};
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};

/// The longest question, in bytes.
const LONGEST: usize = 16 << 10;
/// The most words and signs in a question, but for commas and values: each may lie inside of the one before, and whoever plans
/// the question goes down into all of them.
const DEEPEST: usize = 1_000;
/// How many times as long as the texts of the data, or as 1 KiB, a text may become.
const GROWTH: u64 = 64;
/// Bytes that count as one text of the data: the longest that there is.
const TEXT: u64 = 1 << 10;

/// What there is to say against a question before anybody has looked what it means.
pub(super) fn unread(query: &str) -> Option<String> {
    if query.len() > LONGEST {
        return Some(format!("it is longer than {} KiB: leave something out", LONGEST >> 10));
    }
    // What are no words at all is for the parser to say.
    let tokens = Tokenizer::new(&GenericDialect {}, query).tokenize().unwrap_or_default();
    let nests = |token: &&Token| {
        !matches!(
            token,
            Token::Whitespace(_) | Token::Comma | Token::Number(..) | Token::SingleQuotedString(_)
        )
    };
    let words = tokens.iter().filter(nests).count();
    if words > DEEPEST {
        return Some(format!(
            "it has {words} words and signs besides values, and may have {DEEPEST}: leave something out"
        ));
    }
    let is_said = |token: &Token| !matches!(token, Token::Whitespace(_));
    let statements = tokens.split(|token| *token == Token::SemiColon).filter(|part| part.iter().any(is_said));
    match statements.count() {
        0 if query.trim_matches([' ', ';', '\n', '\t']).is_empty() => {
            Some("it is empty: write a select".to_owned())
        }
        0 | 1 => None,
        _ => Some("it is several statements: ask one at a time".to_owned()),
    }
}

/// What there is to say against a plan, whatever it is for.
pub(super) fn problem(plan: &LogicalPlan) -> Result<Option<String>> {
    let mut growth = 1_u64;
    let mut problem = None;
    plan.apply_with_subqueries(|node| {
        let mut most = 1_u64;
        node.apply_expressions(|expression| {
            expression.apply(|part| match grows(part) {
                Ok(None) => Ok(TreeNodeRecursion::Continue),
                Ok(Some(times)) => {
                    most = most.max(times);
                    Ok(TreeNodeRecursion::Jump)
                }
                Err(told) => {
                    problem.get_or_insert(told);
                    Ok(TreeNodeRecursion::Stop)
                }
            })
        })?;
        growth = growth.saturating_mul(most);
        Ok(if problem.is_some() { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    })?;
    Ok(problem.or_else(|| {
        (growth > GROWTH).then(|| {
            format!(
                "texts or lists in it may become {growth} times as long as those that they are made of, and may become {GROWTH} \
                 times as long: put fewer of them together"
            )
        })
    }))
}

/// How many times as long as a text of the data what this is may be; `None` where it is no longer than its parts, and
/// an error where nobody can say.
fn grows(part: &Expr) -> std::result::Result<Option<u64>, String> {
    match part {
        Expr::ScalarFunction(call) => match call.func.name() {
            name @ ("range" | "generate_series") => {
                Err(format!("{name}() makes lists of any length: use it as a table, from {name}(…)"))
            }
            name @ ("repeat" | "array_repeat" | "array_resize" | "lpad" | "rpad") => {
                let place = usize::from(name != "array_repeat" || call.args.len() > 1);
                match call.args.get(place).and_then(whole) {
                    Some(count) if matches!(name, "lpad" | "rpad") => {
                        Ok(Some(inner(&call.args)?.saturating_add(count.saturating_mul(4) / TEXT)))
                    }
                    Some(count) => Ok(Some(inner(&call.args)?.saturating_mul(count.max(1)))),
                    None => Err(format!(
                        "{name}() makes texts or lists of any length: write how long as a number, not as something that \
                         differs from row to row"
                    )),
                }
            }
            "concat" | "concat_ws" | "make_array" | "array_concat" | "array_to_string" | "overlay" => {
                Ok(Some(inner(&call.args)?))
            }
            "replace" | "translate" | "array_replace" | "array_replace_all" | "array_replace_n" => {
                // Each character of the one may become the whole of the other.
                let times = call.args.get(2).map_or(1, |by| text(by).map_or(TEXT, |by| by.len() as u64));
                Ok(Some(inner(&call.args)?.saturating_mul(times.max(1))))
            }
            _ => Ok(None),
        },
        Expr::BinaryExpr(both) if both.op == Operator::StringConcat => inner(operands(part)).map(Some),
        Expr::Literal(value, _) => {
            let bytes = value.try_as_str().flatten().map_or(0, str::len) as u64;
            Ok((bytes > TEXT).then_some(bytes / TEXT + 1))
        }
        _ => Ok(None),
    }
}

/// What some expressions come to together, in texts of the data.
fn inner<'e>(expressions: impl IntoIterator<Item = &'e Expr>) -> std::result::Result<u64, String> {
    let (mut sum, mut told) = (0_u64, None);
    for expression in expressions {
        let walked = expression.apply(|part| {
            Ok(match grows(part) {
                Ok(Some(times)) => {
                    sum = sum.saturating_add(times);
                    TreeNodeRecursion::Jump
                }
                Ok(None) => {
                    let counts = matches!(part, Expr::Column(_) | Expr::OuterReferenceColumn(..));
                    sum = sum.saturating_add(u64::from(counts));
                    TreeNodeRecursion::Continue
                }
                Err(problem) => {
                    told = Some(problem);
                    TreeNodeRecursion::Stop
                }
            })
        });
        walked.map_err(|error| error.strip_backtrace())?;
    }
    told.map_or(Ok(sum.max(1)), Err)
}

/// What is put together by `||`, however many they are.
fn operands(expression: &Expr) -> Vec<&Expr> {
    let (mut all, mut rest) = (Vec::new(), expression);
    while let Expr::BinaryExpr(both) = rest
        && both.op == Operator::StringConcat
    {
        all.push(both.right.as_ref());
        rest = &both.left;
    }
    all.push(rest);
    all
}

/// A whole number that is written as such.
fn whole(expression: &Expr) -> Option<u64> {
    match expression {
        Expr::Literal(ScalarValue::Int64(Some(number)), _) => Some(u64::try_from(*number).unwrap_or(0)),
        Expr::Literal(ScalarValue::UInt64(Some(number)), _) => Some(*number),
        _ => None,
    }
}

/// A text that is written as such.
fn text(expression: &Expr) -> Option<&str> {
    match expression {
        Expr::Literal(value, _) => value.try_as_str().flatten(),
        _ => None,
    }
}

/// The first function that does not say the same of the same rows, if there is any.
pub(super) fn unstable(plan: &LogicalPlan) -> Result<Option<String>> {
    let mut found = None;
    plan.apply_with_subqueries(|node| {
        node.apply_expressions(|expression| {
            expression.apply(|part| {
                found = found.take().or_else(|| name_of_unstable(part));
                Ok(if found.is_some() { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
            })
        })?;
        Ok(if found.is_some() { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    })?;
    Ok(found)
}

fn name_of_unstable(part: &Expr) -> Option<String> {
    match part {
        Expr::ScalarFunction(call) if call.func.signature().volatility != Volatility::Immutable => {
            Some(call.func.name().to_owned())
        }
        // What is approximate depends on how rows come together.
        Expr::AggregateFunction(call) if call.func.name().starts_with("approx_") => {
            Some(call.func.name().to_owned())
        }
        _ => None,
    }
}
