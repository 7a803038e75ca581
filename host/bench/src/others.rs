//! Other ways to run somebody else's weighted sum, each fed in the fastest ordinary way: what a member costs includes
//! turning columns into what the other side understands, and its answer into numbers.

use mlua::Lua;
use rhai::{AST, Array, Dynamic, Engine, Scope};
use serde::Serialize;

/// A way to score a batch of eight columns.
pub(crate) trait Other {
    fn name(&self) -> &'static str;

    fn score(&mut self, columns: &[&[f64]]) -> Vec<f64>;
}

/// All of them, with these weights.
pub(crate) fn others(weights: [f64; 8], extism: Vec<u8>) -> Vec<Box<dyn Other>> {
    vec![Box::new(Extism::new(weights, extism)), Box::new(Rhai::new(weights)), Box::new(InLua::new(weights))]
}

/// `w0 * c0[i] + w1 * c1[i] + …`, in the order of the native definition.
fn sum(weights: [f64; 8]) -> String {
    let terms = weights.iter().enumerate().map(|(place, weight)| format!("{weight:?} * c{place}[i]"));
    terms.collect::<Vec<_>>().join(" + ")
}

/// A plugin in an Extism host, warm, that gets and answers JSON: one call a batch.
struct Extism {
    plugin: extism::Plugin,
    weights: [f64; 8],
}

#[derive(Serialize)]
struct Batch<'a> {
    columns: &'a [&'a [f64]],
    weights: &'a [f64],
}

impl Extism {
    fn new(weights: [f64; 8], module: Vec<u8>) -> Self {
        let manifest = extism::Manifest::new([extism::Wasm::data(module)]);
        Self { plugin: extism::Plugin::new(manifest, [], false).unwrap(), weights }
    }
}

impl Other for Extism {
    fn name(&self) -> &'static str {
        "Extism, JSON"
    }

    fn score(&mut self, columns: &[&[f64]]) -> Vec<f64> {
        let batch = serde_json::to_vec(&Batch { columns, weights: &self.weights }).unwrap();
        let answer: &[u8] = self.plugin.call("score", batch).unwrap();
        serde_json::from_slice(answer).unwrap()
    }
}

/// A script in process: every column becomes an array of dynamic values.
struct Rhai {
    engine: Engine,
    script: AST,
}

impl Rhai {
    fn new(weights: [f64; 8]) -> Self {
        let engine = Engine::new();
        let sum = sum(weights);
        let script = format!(
            "fn score(c0, c1, c2, c3, c4, c5, c6, c7) {{
                let scores = [];
                for i in 0..c0.len() {{ scores.push({sum}); }}
                scores
            }}"
        );
        let script = engine.compile(script).unwrap();
        Self { engine, script }
    }
}

impl Other for Rhai {
    fn name(&self) -> &'static str {
        "Rhai script"
    }

    fn score(&mut self, columns: &[&[f64]]) -> Vec<f64> {
        let array =
            |place: usize| -> Array { columns[place].iter().copied().map(Dynamic::from_float).collect() };
        let arguments = (array(0), array(1), array(2), array(3), array(4), array(5), array(6), array(7));
        let scores: Array = self.engine.call_fn(&mut Scope::new(), &self.script, "score", arguments).unwrap();
        scores.into_iter().map(|score| score.as_float().unwrap()).collect()
    }
}

/// A script in process: every column becomes a table.
struct InLua {
    function: mlua::Function,
    lua: Lua,
}

impl InLua {
    fn new(weights: [f64; 8]) -> Self {
        let lua = Lua::new();
        let sum = sum(weights);
        let script = format!(
            "return function(c0, c1, c2, c3, c4, c5, c6, c7)
                local scores = {{}}
                for i = 1, #c0 do scores[i] = {sum} end
                return scores
            end"
        );
        Self { function: lua.load(script).eval().unwrap(), lua }
    }
}

impl Other for InLua {
    fn name(&self) -> &'static str {
        "Lua script"
    }

    fn score(&mut self, columns: &[&[f64]]) -> Vec<f64> {
        let tables =
            columns.iter().map(|column| self.lua.create_sequence_from(column.iter().copied()).unwrap());
        let arguments: mlua::MultiValue = tables.map(mlua::Value::Table).collect();
        let scores: mlua::Table = self.function.call(arguments).unwrap();
        scores.sequence_values().map(Result::unwrap).collect()
    }
}
