//! Who stands beside the ladder, whatever their score: staff, celebrities, and who was not active.

use crate::{
    Description, Input, InputKey, KnownTier, MISSING, Members, Placements, Population, Reason, Row, Setting,
    Settings, Tier, log,
};

/// Who is staff: whoever has one of the roles that the community names in the setting `staff-roles`. Upper and lower
/// case are the same.
///
/// ```
/// use groundswell_plugin::{Column, Members, Settings, StaffRoles};
///
/// let settings = Settings::defaults(&[StaffRoles::setting()]).with("staff-roles", "staff, Moderator");
/// let role = Column::Category {
///     codes: vec![0, 1, u32::MAX],
///     values: ["member".to_owned(), "moderator".to_owned()].into(),
/// };
/// let members = Members::new(&[StaffRoles::input()], vec![role]);
/// assert_eq!(StaffRoles::open(&settings).rows(&members, "role"), [false, true, false]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffRoles {
    /// Lower case.
    roles: Vec<String>,
}

impl StaffRoles {
    /// The input that it looks at: `role@category`, optional.
    pub fn input() -> Input {
        Input::category("role", "Staff are active by duty, so they stand beside the ladder.").optional()
    }

    /// The setting that it reads: `staff-roles`, by default `staff`.
    pub fn setting() -> Setting {
        Setting::text(
            "staff-roles",
            "staff",
            "Roles that make a member staff, separated by commas, in upper or lower case.",
        )
    }

    /// The tier for staff, beside the ladder and known to all.
    pub fn tier() -> Tier {
        Tier::new("staff", "Staff", "Has a staff role: active by duty.").known(KnownTier::Staff)
    }

    /// Id and text of the reason for the tier. It speaks of the input.
    pub fn reason() -> (&'static str, &'static str) {
        ("staff-role", "Has the role {value}.")
    }

    /// Reads the setting.
    pub fn open(settings: &Settings) -> Self {
        let roles = settings.text("staff-roles").split(',').map(|role| role.trim().to_lowercase());
        Self { roles: roles.filter(|role| !role.is_empty()).collect() }
    }

    /// Which rows have a staff role, by the column `input`.
    pub fn rows(&self, members: &Members, input: impl InputKey) -> Vec<bool> {
        let (codes, values) = members.category(input);
        let staff: Vec<bool> =
            values.iter().map(|role| self.roles.contains(&role.trim().to_lowercase())).collect();
        let is_staff = |&code: &u32| code != MISSING && staff.get(code as usize) == Some(&true);
        codes.iter().map(is_staff).collect()
    }
}

/// Where an audience becomes a celebrity's: above a number of followers, or above a percentile of this very community
/// if it is no handful.
///
/// ```
/// use groundswell_plugin::{Ceiling, Settings};
///
/// let ceiling = Ceiling::open(&Settings::defaults(&Ceiling::settings()));
/// assert!(ceiling.is_below(100_001.0, 0.5));
/// assert!(ceiling.is_below(100.0, 0.99) && !ceiling.is_below(99.0, 0.99));
/// assert!(!ceiling.is_below(f64::NAN, f64::NAN), "who has no known audience is no celebrity");
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ceiling {
    followers: f64,
    percentile: f64,
    least: f64,
}

impl Ceiling {
    /// The inputs that it looks at: `audience@raw` and `audience@percentile`, optional.
    pub fn inputs() -> [Input; 2] {
        [
            Input::raw(
                "audience",
                "An audience above the ceiling makes a celebrity; in followers it moves no score.",
            )
            .varies()
            .optional(),
            Input::percentile("audience", "Tells an audience that is large for this very community.")
                .varies()
                .optional(),
        ]
    }

    /// The settings that it reads: `ceiling`, `ceiling-percentile` and `ceiling-least`.
    pub fn settings() -> [Setting; 3] {
        [
            Setting::integer(
                "ceiling",
                100_000,
                "An audience above this, in followers, makes a celebrity, whatever its percentile.",
            )
            .at_least(0.0),
            Setting::number(
                "ceiling-percentile",
                0.98,
                "An audience above this percentile makes a celebrity if it reaches ceiling-least; 1 turns it off.",
            )
            .between(0.0, 1.0),
            Setting::integer(
                "ceiling-least",
                100,
                "An audience below this, in followers, never makes a celebrity: small communities have no stars.",
            )
            .at_least(0.0),
        ]
    }

    /// The tier for celebrities, beside the ladder and known to all.
    pub fn tier() -> Tier {
        Tier::new("celebrity", "Celebrity", "Has an audience above the ceiling.").known(KnownTier::Celebrity)
    }

    /// Id and text of the reason for the tier. It speaks of `audience@raw`.
    pub fn reason() -> (&'static str, &'static str) {
        ("above-ceiling", "An audience of {value} is above the ceiling.")
    }

    /// Reads the settings.
    pub fn open(settings: &Settings) -> Self {
        Self::new(
            settings.integer("ceiling") as f64,
            settings.number("ceiling-percentile"),
            settings.integer("ceiling-least") as f64,
        )
    }

    /// One whose figures come from elsewhere: followers; a percentile; and the followers below which the percentile
    /// means nothing.
    pub fn new(followers: f64, percentile: f64, least: f64) -> Self {
        Self { followers, percentile, least }
    }

    /// Whether it lies below an audience, in followers, that has this percentile. Comparisons with NaN are false: who
    /// has no known audience is no celebrity.
    pub fn is_below(&self, audience: f64, percentile: f64) -> bool {
        audience > self.followers || (audience >= self.least && percentile > self.percentile)
    }
}

/// What definitions with a ladder have beside it: staff, celebrities and those who were not active themselves, with
/// the inputs, settings, tiers and reasons that this takes.
///
/// Staff come first, then celebrities, then the inactive; a celebrity need not be active. What the data does not have
/// is not looked at: without an audience nobody is a celebrity, and the log says so.
///
/// ```
/// # use groundswell_plugin::*;
/// struct Liked { aside: Aside }
///
/// impl Definition for Liked {
///     fn describe() -> Description {
///         let description = Description::new("")
///             .input(Input::raw("likes-received", ""))
///             .tier(Tier::new("member", "Member", "").rung(0));
///         Aside::describe(description)
///     }
///     fn fit(settings: &Settings, population: &Population) -> Result<Self, Problem> {
///         Ok(Self { aside: Aside::open(settings, population, Self::FIRST) })
///     }
///     fn score(&self, members: &Members) -> Result<Vec<f64>, Problem> { Ok(members.number(0).to_vec()) }
///     fn place(&self, members: &Members, _: &Ranking) -> Result<Placements, Problem> {
///         Ok(self.aside.place(members, |_, placements| { placements.place(0); }))
///     }
/// }
///
/// impl Liked {
///     /// After one input, one tier and no reason of its own.
///     const FIRST: FirstAside = FirstAside { input: 1, tier: 1, reason: 0 };
/// }
/// assert!(Liked::FIRST.is_right(&Liked::describe()));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Aside {
    staff: StaffRoles,
    ceiling: Ceiling,
    first: FirstAside,
}

/// Where the first of an [`Aside`]'s inputs, tiers and reasons stands in the description.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FirstAside {
    /// Of `weeks-active-share@raw`, `audience@raw`, `audience@percentile` and `role@category`.
    pub input: usize,
    /// Of `unrated`, `celebrity` and `staff`.
    pub tier: u32,
    /// Of `not-active`, `above-ceiling` and `staff-role`.
    pub reason: u32,
}

impl FirstAside {
    /// Where the weeks in which members were active stand.
    pub const fn weeks(&self) -> usize {
        self.input
    }

    /// Where the audience stands, in followers.
    pub const fn audience(&self) -> usize {
        self.input + 1
    }

    /// Where the audience's percentile stands.
    pub const fn audience_percentile(&self) -> usize {
        self.input + 2
    }

    /// Where the role stands.
    pub const fn role(&self) -> usize {
        self.input + 3
    }

    /// Whether everything stands where this says: for a plugin's tests.
    pub fn is_right(&self, description: &Description) -> bool {
        let input = |place: usize, id: &str| description.inputs.get(place).is_some_and(|it| it.id() == id);
        let tier = |place: u32, id: &str| description.tiers.get(place as usize).is_some_and(|it| it.id == id);
        let reason =
            |place: u32, id: &str| description.reasons.get(place as usize).is_some_and(|it| it.id == id);
        input(self.weeks(), "weeks-active-share@raw")
            && input(self.audience(), "audience@raw")
            && input(self.audience_percentile(), "audience@percentile")
            && input(self.role(), "role@category")
            && (self.tier..).zip(["unrated", "celebrity", "staff"]).all(|(place, id)| tier(place, id))
            && (self.reason..)
                .zip(["not-active", "above-ceiling", "staff-role"])
                .all(|(place, id)| reason(place, id))
    }
}

impl Aside {
    /// Adds the inputs, settings, tiers and reasons.
    pub fn describe(description: Description) -> Description {
        let weeks = Input::raw("weeks-active-share", "Who was not active is not rated; it moves no score.")
            .varies()
            .optional();
        let description = Ceiling::inputs()
            .into_iter()
            .fold(description.input(weeks), Description::input)
            .input(StaffRoles::input());
        let description = Ceiling::settings()
            .into_iter()
            .fold(description, Description::setting)
            .setting(StaffRoles::setting());
        let description = description
            .tier(Tier::new("unrated", "Not rated", "Not active themselves in the window."))
            .tier(Ceiling::tier())
            .tier(StaffRoles::tier());
        [("not-active", "Not active themselves in the window."), Ceiling::reason(), StaffRoles::reason()]
            .into_iter()
            .fold(description, |description, (id, text)| description.reason(id, text))
    }

    /// Reads the settings. `first` says where the rest stands.
    pub fn open(settings: &Settings, population: &Population, first: FirstAside) -> Self {
        if !population.has(first.audience()) {
            log::info("the data has no audience: the ceiling on it is off");
        }
        Self { staff: StaffRoles::open(settings), ceiling: Ceiling::open(settings), first }
    }

    /// Places those who stand beside the ladder, and lets `ladder` place everybody else: exactly one call of
    /// [`Placements::place`] a row.
    pub fn place(&self, members: &Members, mut ladder: impl FnMut(Row<'_>, &mut Placements)) -> Placements {
        let first = self.first;
        let staff = self.staff.rows(members, first.role());
        let mut placements = Placements::with_capacity(members.len());
        for row in members.rows() {
            if staff.get(row.index()) == Some(&true) {
                let why = Reason::about(first.reason + 2, first.role() as u32);
                placements.place(first.tier + 2).because(why);
            } else if self.is_celebrity(row) {
                let why = Reason::about(first.reason + 1, first.audience() as u32);
                placements.place(first.tier + 1).because(why);
            } else if row.known(first.weeks()).is_some_and(|share| share <= 0.0) {
                placements.place(first.tier).because(Reason::new(first.reason));
            } else {
                ladder(row, &mut placements);
            }
        }
        placements
    }

    fn is_celebrity(&self, row: Row<'_>) -> bool {
        self.ceiling.is_below(row.number(self.first.audience()), row.number(self.first.audience_percentile()))
    }
}
