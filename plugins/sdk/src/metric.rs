//! What a community measures besides.

use crate::describe::described;
use crate::{Community, Input, Problem, Setting, Settings, Text};

/// A metric of a community's own: one number a member, from who has ties to whom.
///
/// ```
/// use groundswell_plugin::{Community, Metric, MetricDescription, Network, Problem, Settings, Ties};
///
/// /// From how many others a member gets thanks.
/// struct Thanked;
///
/// impl Metric for Thanked {
///     fn describe() -> MetricDescription {
///         MetricDescription::new("From how many others the member gets thanks.", "members")
///     }
///     fn networks(_: &Settings) -> Result<Vec<Network>, Problem> { Ok(vec![Network::of_verbs(["thank"])]) }
///     fn measure(_: &Settings, community: &Community) -> Result<Vec<f64>, Problem> {
///         let mut from = vec![0.0; community.members()];
///         for ties in community.ties(0) {
///             ties.target.iter().for_each(|&member| from[member as usize] += 1.0);
///         }
///         Ok(from)
///     }
/// }
///
/// groundswell_plugin::export!(metric: Thanked);
///
/// // Elsewhere it is a Rust type like any other, and so are its tests.
/// let thanks = Ties::new(vec![0, 1], vec![2, 2], vec![5, 1], vec![5.0, 1.0]);
/// let community = Community::new(3).with_network(thanks);
/// assert_eq!(Thanked::measure(&Settings::defaults(&[]), &community)?, [0.0, 0.0, 2.0]);
/// # Ok::<(), Problem>(())
/// ```
///
/// Use + − × / min and max, or the `libm` crate: std's `ln`, `exp` and `powf` differ between processors.
pub trait Metric: Sized + 'static {
    /// What the metric is and needs. The same on every call.
    fn describe() -> MetricDescription;

    /// The networks that it looks at with these settings, at most 8.
    ///
    /// # Errors
    ///
    /// A [`Problem`] where these settings cannot be used.
    fn networks(settings: &Settings) -> Result<Vec<Network>, Problem>;

    /// Measures: one value a member, in the order of their numbers; finite, or NaN for none.
    ///
    /// # Errors
    ///
    /// A [`Problem`] where this community cannot be measured.
    fn measure(settings: &Settings, community: &Community) -> Result<Vec<f64>, Problem>;
}

/// What a metric is and needs. Name and version come from the plugin's own manifest.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct MetricDescription {
    /// The plugin's name, if not the package's.
    pub name: Option<Text>,
    /// The plugin's version, if not the package's.
    pub version: Option<Text>,
    /// One sentence for those who choose a metric: what it tells of a member. At most 280 characters.
    pub summary: Text,
    /// The unit of its values, with their range. At most 64 characters.
    pub unit: Text,
    /// What it wants to know of members: [`Input::raw`] or [`Input::category`]. At most 64; none is allowed.
    pub inputs: Vec<Input>,
    /// What a community may change. At most 64.
    pub settings: Vec<Setting>,
}

impl MetricDescription {
    /// Begins a description.
    pub fn new(summary: impl Into<Text>, unit: impl Into<Text>) -> Self {
        let (summary, unit) = (summary.into(), unit.into());
        Self { name: None, version: None, summary, unit, inputs: Vec::new(), settings: Vec::new() }
    }
}
described!(MetricDescription);

/// Which ties make a network.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TieKind {
    /// From follower to followed.
    Follows,
    /// From actor to recipient, whatever was done.
    Activity,
    /// From actor to recipient of activities with one of these verbs: 1 to 32, each once.
    Verbs(Vec<Text>),
}

/// A network that a metric looks at.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Network {
    /// Which ties.
    pub ties: TieKind,
    /// Halves the weight of an activity for every so many days of its age: 1 to 36,500.
    pub half_life: Option<u32>,
}

impl Network {
    /// Who follows whom.
    pub fn of_follows() -> Self {
        Self { ties: TieKind::Follows, half_life: None }
    }

    /// Who did anything towards whom.
    pub fn of_activity() -> Self {
        Self { ties: TieKind::Activity, half_life: None }
    }

    /// Who did one of these towards whom.
    pub fn of_verbs(verbs: impl IntoIterator<Item = impl Into<Text>>) -> Self {
        Self { ties: TieKind::Verbs(verbs.into_iter().map(Into::into).collect()), half_life: None }
    }

    /// Halves the weight of an activity for every so many days of its age: 1 to 36,500. Not of follows, which have none.
    pub fn half_life(mut self, days: u32) -> Self {
        self.half_life = Some(days);
        self
    }
}
