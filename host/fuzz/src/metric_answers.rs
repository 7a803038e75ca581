//! A metric that measures whatever the input says, and what must hold of what comes out.

use groundswell_runtime::{Error, Network, Plugin, RunOptions, TieKind, Ties};

use crate::guests::arbitrary_metric;
use crate::use_fully::{ROWS, assert_fault, assert_inputs, assert_sentence, assert_settings, population};

/// What an input begins with that is about a large community.
const LARGE: u8 = 0xfe;
/// So many members that they are handed out in several pieces when a metric is asked again.
const MANY: usize = 10_100;

pub(crate) fn run(input: &[u8]) {
    let members = if input.first() == Some(&LARGE) { MANY } else { ROWS };
    match arbitrary_metric().load(input) {
        Ok(plugin) => {
            assert_described(&plugin);
            let once = measured(&plugin, members, 1);
            assert_eq!(once, measured(&plugin, members, 2), "the outcome depends on the number of threads");
        }
        Err(error) => assert_fault(&error),
    }
}

fn assert_described(plugin: &Plugin) {
    let Some(told) = plugin.measuring() else { unreachable!("it is no metric") };
    assert_eq!(format!("{} {}", told.name, told.version), plugin.id().to_string());
    assert_sentence(&told.summary, 280);
    assert_sentence(&told.unit, 64);
    assert!(told.inputs.len() <= 64);
    assert_inputs(&told.inputs);
    assert_settings(&told.settings);
}

/// What it measures, as bits, or an error's text.
fn measured(plugin: &Plugin, members: usize, threads: usize) -> Result<Vec<u64>, String> {
    let options = RunOptions::new().threads(threads);
    let inputs = plugin.measuring().map(|told| told.inputs.clone()).unwrap_or_default();
    let outcome = || {
        let networks = plugin.networks(&options)?;
        assert_networks(&networks);
        let ties: Vec<Ties> = networks.iter().map(|_| ring(members)).collect();
        let measured = plugin.measure(&population(members, &inputs), &networks, &ties, &options)?;
        assert_eq!(measured.values.len(), members);
        for value in &measured.values {
            assert!(value.is_finite() || value.is_nan(), "{value}");
            assert!(*value != 0.0 || value.is_sign_positive(), "a zero with a sign");
        }
        let most = plugin.runtime().limits().memory_bytes as u64;
        assert!(measured.usage.peak_memory_bytes <= most, "{} bytes", measured.usage.peak_memory_bytes);
        Ok(measured.values.iter().map(|value| value.to_bits()).collect())
    };
    outcome().map_err(|error: Error| {
        assert_fault(&error);
        error.to_string()
    })
}

fn assert_networks(networks: &[Network]) {
    assert!(networks.len() <= 8, "{} networks", networks.len());
    for network in networks {
        assert!(network.half_life.is_none_or(|days| (1..=36_500).contains(&days)), "{network:?}");
        match &network.ties {
            TieKind::Follows => assert_eq!(network.half_life, None),
            TieKind::Verbs(verbs) => {
                assert!((1..=32).contains(&verbs.len()));
                let kebab = |byte: u8| byte == b'-' || byte.is_ascii_lowercase() || byte.is_ascii_digit();
                assert!(verbs.iter().all(|verb| !verb.is_empty() && verb.bytes().all(kebab)), "{verbs:?}");
            }
            _ => {}
        }
    }
}

/// Everybody has a tie to the next, of a weight that is large, small or below 0.
fn ring(members: usize) -> Ties {
    let source = || (0..).take(members);
    let target = source().map(|member: u32| (member + 1) % members as u32);
    let weights = [1.0, -0.5, 1e300, 1e-300];
    let weight = weights.into_iter().cycle().take(members);
    let count = source().map(|member| 1 + member % 3);
    match Ties::new(
        source().collect::<Vec<_>>(),
        target.collect::<Vec<_>>(),
        count.collect::<Vec<_>>(),
        weight.collect::<Vec<_>>(),
    ) {
        Ok(ties) => ties,
        Err(error) => unreachable!("usable ties are refused: {error}"),
    }
}
