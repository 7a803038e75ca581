//! What a metric in SQL may not do.

use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, LogicalPlan, Volatility};

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
