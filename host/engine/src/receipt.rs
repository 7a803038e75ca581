//! Receipts: what a run was, in enough detail to repeat it to the bit.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

/// What a run was. Never a clock, a path, a number of threads or a duration: those stand in `run.json`.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Receipt {
    /// The version of this record.
    pub(crate) format: u32,
    pub(crate) engine: &'static str,
    pub(crate) contract: String,
    pub(crate) snapshot: String,
    pub(crate) as_of: String,
    pub(crate) window: String,
    pub(crate) population: Value,
    /// Sorted.
    pub(crate) exclude_roles: Vec<String>,
    pub(crate) count_left_out: bool,
    pub(crate) time_zone: String,
    pub(crate) mode: Value,
    /// Of the processor, in fast mode; in strict mode results are the same on any.
    pub(crate) architecture: &'static str,
    pub(crate) limits: Value,
    pub(crate) batch_size: usize,
    /// The questions, or plugins, behind the community's own metrics that were asked for, by name.
    pub(crate) metrics: BTreeMap<String, Value>,
    pub(crate) definition: Part,
    /// The reward rules; none where they were not asked.
    pub(crate) programme: Option<Part>,
    /// The programme's unit and the period of as-of; none without a programme.
    pub(crate) period: Option<ReceiptPeriod>,
    /// The digest of earlier periods' history; none where no reward rules were asked.
    pub(crate) history: Option<String>,
}

/// A plugin, and what it was told.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Part {
    /// The definition's name in `community.toml`.
    pub(crate) name: String,
    pub(crate) plugin: String,
    pub(crate) version: String,
    /// Of the component's bytes.
    pub(crate) hash: String,
    /// Every setting, defaults filled in.
    pub(crate) settings: Value,
    /// Sorted.
    pub(crate) grants: Vec<String>,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct ReceiptPeriod {
    pub(crate) unit: Value,
    pub(crate) key: String,
    /// How many runs have to agree on a tier, where one is not enough.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) confirm_runs: Option<u32>,
}

impl Receipt {
    /// The record as canonical JSON: what is hashed, and what `receipt.json` holds to the byte.
    pub(crate) fn json(&self) -> String {
        canonical_json(&serde_json::to_value(self).unwrap_or_default())
    }

    /// BLAKE3 of [`Receipt::json`]: 64 hexadecimal digits.
    pub(crate) fn hash(&self) -> String {
        blake3::hash(self.json().as_bytes()).to_hex().to_string()
    }
}

/// A value as canonical JSON.
pub(crate) fn canonical_json(value: &Value) -> String {
    let mut out = String::new();
    canonical(value, &mut out);
    out
}

/// JSON with keys sorted by bytes and no white space. Numbers in the shortest form that reads back as the
/// same number, text escaped no more than it has to be.
fn canonical(value: &Value, out: &mut String) {
    match value {
        Value::Array(items) => {
            out.push('[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    out.push(',');
                }
                canonical(item, out);
            }
            out.push(']');
        }
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_by(|left, right| left.0.as_bytes().cmp(right.0.as_bytes()));
            out.push('{');
            for (place, (name, value)) in fields.into_iter().enumerate() {
                if place > 0 {
                    out.push(',');
                }
                out.push_str(&Value::String(name.clone()).to_string());
                out.push(':');
                canonical(value, out);
            }
            out.push('}');
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            out.push_str(&value.to_string())
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Map, json};

    use super::*;

    fn text(value: &Value) -> String {
        canonical_json(value)
    }

    #[test]
    fn keys_are_sorted_at_every_depth_and_numbers_are_short() {
        let value = json!({"b": [1, 1.0, 0.1, -0.0, 1e300], "a": {"z": null, "é": true, "y": "a\"\n"}});
        insta::assert_snapshot!(text(&value), @r#"{"a":{"y":"a\"\n","z":null,"é":true},"b":[1,1.0,0.1,-0.0,1e+300]}"#);
    }

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_filter("finite", |number| number.is_finite()).prop_map(Value::from),
            ".{0,6}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::btree_map(".{0,3}", inner, 0..5)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn canonical_json_reads_back_as_the_same_value(value in values()) {
            prop_assert_eq!(serde_json::from_str::<Value>(&text(&value)).unwrap(), value);
        }

        #[test]
        fn the_order_of_keys_does_not_matter(fields in prop::collection::btree_map("[a-z]{1,4}", values(), 0..6)) {
            let forward: Map<String, Value> = fields.clone().into_iter().collect();
            let backward: Map<String, Value> = fields.into_iter().rev().collect();
            prop_assert_eq!(text(&Value::Object(forward)), text(&Value::Object(backward)));
        }
    }

    fn receipt() -> Receipt {
        let part = |name: &str| Part {
            name: name.into(),
            plugin: "p".into(),
            version: "1.0.0".into(),
            hash: "11".into(),
            settings: json!({"ceiling": 1}),
            grants: vec!["team".into()],
        };
        Receipt {
            format: 1,
            engine: "0.1.0",
            contract: "0.1.0".into(),
            snapshot: "00".into(),
            as_of: "2020-01-01T00:00:00Z".into(),
            window: "365d".into(),
            population: json!("all"),
            exclude_roles: vec!["bot".into()],
            count_left_out: true,
            time_zone: "UTC".into(),
            mode: json!("strict"),
            architecture: "any",
            limits: json!({"memory_bytes": 1}),
            batch_size: 8_192,
            metrics: BTreeMap::new(),
            definition: part("d"),
            programme: Some(part("e")),
            period: Some(ReceiptPeriod {
                unit: json!("month"),
                key: "2020-01".into(),
                confirm_runs: Some(2),
            }),
            history: Some("22".into()),
        }
    }

    /// The receipt with another value in each of its fields in turn, by the field.
    fn changed() -> Vec<(String, Receipt)> {
        type Change<T> = fn(&mut T);
        let changes: [(&str, Change<Receipt>); 20] = [
            ("format", |receipt| receipt.format += 1),
            ("engine", |receipt| receipt.engine = "0.1.1"),
            ("contract", |receipt| receipt.contract.push('1')),
            ("snapshot", |receipt| receipt.snapshot.push('1')),
            ("as_of", |receipt| receipt.as_of.push('1')),
            ("window", |receipt| receipt.window = "all".into()),
            ("population", |receipt| receipt.population = json!("active")),
            ("exclude_roles", |receipt| receipt.exclude_roles.clear()),
            ("count_left_out", |receipt| receipt.count_left_out = false),
            ("time_zone", |receipt| receipt.time_zone.push('1')),
            ("mode", |receipt| receipt.mode = json!("fast")),
            ("architecture", |receipt| receipt.architecture = "x86_64"),
            ("limits", |receipt| receipt.limits = json!({"memory_bytes": 2})),
            ("batch_size", |receipt| receipt.batch_size += 1),
            ("period/unit", |receipt| receipt.period.as_mut().unwrap().unit = json!("year")),
            ("period/confirm_runs", |receipt| receipt.period.as_mut().unwrap().confirm_runs = None),
            ("period/key", |receipt| receipt.period.as_mut().unwrap().key.push('1')),
            ("metrics", |receipt| _ = receipt.metrics.insert("own".into(), "select 1".into())),
            ("history", |receipt| receipt.history = None),
            ("programme", |receipt| receipt.programme = None),
        ];
        let of_parts: [(&str, Change<Part>); 6] = [
            ("name", |part| part.name.push('1')),
            ("plugin", |part| part.plugin.push('1')),
            ("version", |part| part.version.push('1')),
            ("hash", |part| part.hash.push('1')),
            ("settings", |part| part.settings = json!({"ceiling": 2})),
            ("grants", |part| part.grants.clear()),
        ];
        let mut all = Vec::new();
        let mut add = |name: String, change: &dyn Fn(&mut Receipt)| {
            let mut other = receipt();
            change(&mut other);
            all.push((name, other));
        };
        for (name, change) in changes {
            add(name.to_owned(), &change);
        }
        for (name, change) in of_parts {
            add(format!("definition/{name}"), &|receipt| change(&mut receipt.definition));
            add(format!("programme/{name}"), &|receipt| change(receipt.programme.as_mut().unwrap()));
        }
        all
    }

    #[test]
    fn every_field_changes_the_hash() {
        let base = receipt();
        let mut hashes = vec![base.hash()];
        let mut names = Vec::new();
        for (name, other) in changed() {
            hashes.push(other.hash());
            names.push(name);
        }
        let all = hashes.len();
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), all);
        // And no field was forgotten.
        let json = serde_json::to_value(&base).unwrap();
        for (field, value) in json.as_object().unwrap() {
            let inner = ["definition", "programme", "period"].contains(&field.as_str());
            for inside in value.as_object().into_iter().filter(|_| inner).flatten() {
                assert!(names.contains(&format!("{field}/{}", inside.0)), "{field}/{}", inside.0);
            }
            assert!(inner || names.contains(field), "{field}");
        }
    }
}
