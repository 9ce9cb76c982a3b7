//! The invented organization: who works there, since when, with which tools, and how they tend to work.

use crate::activity::Tool;
use crate::delivery::Delivery;
use crate::dice::Dice;
use crate::names;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use tacho_domain::{Day, Window};

/// What to simulate. The same configuration gives the same bytes on every machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Everything by chance follows from it.
    pub seed: u64,
    /// People in the organization; besides them there are three identities that match nobody.
    pub members: u32,
    /// Teams they are in.
    pub teams: u32,
    /// Days of history, the current one included.
    pub days: u32,
    /// The current day: still running, so its numbers are a part of a day's.
    pub today: Day,
    /// The GitHub organization's login.
    pub organization: String,
    /// The GitHub enterprise's slug.
    pub enterprise: String,
    /// Copilot reports of this many days, the current one included, are not there yet.
    pub copilot_late_days: u32,
    /// Cursor's limit of calls a minute, where it is to be enforced; the real one is 20.
    pub cursor_per_minute: Option<u32>,
    /// Whether everybody says yes at once to an OAuth app, without GitHub's page.
    pub github_approves: bool,
    /// The day on which the GitHub token ends; without one GitHub says nothing of its end.
    pub github_token_ends: Option<Day>,
    /// Pull requests and deployments.
    pub delivery: Delivery,
}

impl Config {
    /// 60 people in 3 teams over 180 days.
    #[must_use]
    pub fn new(seed: u64, today: Day) -> Self {
        Self {
            seed,
            members: 60,
            teams: 3,
            days: 180,
            today,
            organization: "octo-demo".into(),
            enterprise: "octo-demo-group".into(),
            copilot_late_days: 2,
            cursor_per_minute: None,
            github_approves: false,
            github_token_ends: None,
            delivery: Delivery::default(),
        }
    }

    /// The first day anybody used anything.
    #[must_use]
    pub fn first_day(&self) -> Day {
        Window::ending(self.today, self.days).from
    }
}

/// What someone in the simulation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A person whom the vendors know by e-mail.
    Member,
    /// A GitHub login whose seat names no e-mail address: it matches nobody.
    StrangerLogin,
    /// A Claude API key used by machines.
    ApiKey,
    /// A Cursor service account.
    ServiceAccount,
}

/// Someone, with temperament.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) index: usize,
    pub(crate) kind: Kind,
    pub(crate) name: String,
    pub(crate) email: Option<String>,
    pub(crate) login: String,
    pub(crate) github_id: i64,
    pub(crate) cursor_id: String,
    pub(crate) cursor_number: i64,
    pub(crate) claude_id: String,
    pub(crate) teams: Vec<usize>,
    pub(crate) joined: Day,
    /// First day they are gone.
    pub(crate) left: Option<Day>,
    pub(crate) vacations: Vec<Window>,
    /// First day with each tool; `None`: never.
    pub(crate) since: [Option<Day>; 3],
    /// Whether a Copilot seat is held, used or not.
    pub(crate) copilot_seat: bool,
    pub(crate) key: u64,
    /// Thousandths: chance of a working day with a tool, of a weekend day, size of the work, kept suggestions, agent use.
    pub(crate) diligence: i64,
    pub(crate) weekends: i64,
    pub(crate) volume: i64,
    pub(crate) acceptance: i64,
    pub(crate) agent: i64,
    pub(crate) uses_cli: bool,
    pub(crate) on_subscription: bool,
    pub(crate) ide: &'static str,
    pub(crate) languages: [&'static str; 2],
    pub(crate) chat_model: &'static str,
    pub(crate) agent_model: &'static str,
    pub(crate) terminal: &'static str,
}

impl Person {
    /// Whether they work here on that day and are not on leave.
    pub(crate) fn is_here(&self, day: Day) -> bool {
        self.joined <= day
            && self.left.is_none_or(|left| day < left)
            && !self.vacations.iter().any(|vacation| vacation.contains(day))
    }
}

const IDES: [&str; 5] = ["vscode", "vscode", "vscode", "intellij", "visualstudio"];
const LANGUAGES: [&str; 8] = ["rust", "typescript", "python", "go", "java", "kotlin", "c#", "ruby"];
const SECOND_LANGUAGES: [&str; 5] = ["markdown", "yaml", "sql", "bash", "json"];
const CHAT_MODELS: [&str; 3] = ["gpt-5.4", "gpt-5.4-mini", "auto"];
const AGENT_MODELS: [&str; 3] = ["claude-sonnet-4.6", "gpt-5.4", "claude-opus-4.6"];
const TERMINALS: [&str; 5] = ["vscode", "iTerm.app", "tmux", "Apple_Terminal", "ghostty"];

/// Everybody: the members first, then the three that match nobody.
pub(crate) fn people(config: &Config) -> Vec<Person> {
    let mut seed = [0u8; 32];
    seed[..8].copy_from_slice(&config.seed.to_le_bytes());
    let mut chacha = ChaCha8Rng::from_seed(seed);
    let offset = usize::try_from(chacha.next_u64() >> 48).unwrap_or(0);
    let members = usize::try_from(config.members).unwrap_or(usize::MAX);
    let mut everybody: Vec<Person> = (0..members).map(|index| member(config, index, offset, chacha.next_u64())).collect();
    for (place, kind) in [Kind::StrangerLogin, Kind::ApiKey, Kind::ServiceAccount].into_iter().enumerate() {
        everybody.push(stranger(config, members + place, kind, chacha.next_u64()));
    }
    everybody
}

fn member(config: &Config, index: usize, offset: usize, key: u64) -> Person {
    let mut dice = Dice::new(&[key, 0]);
    let (first, last, again) = names::person(index, offset);
    let number = again.map(|n| n.to_string()).unwrap_or_default();
    let handle = format!("{}.{}{number}", first.to_lowercase(), last.to_lowercase());
    let (joined, left) = employment(config, index, &mut dice);
    let (since, copilot_seat) = tools(config, index, joined, &mut dice);
    let abstains = index > 5 && Dice::new(&[key, 21]).hit(i64::from(config.delivery.abstainers_permille));
    let (since, copilot_seat) = if abstains { ([None; 3], false) } else { (since, copilot_seat) };
    let mut person = blank(index, Kind::Member, key, &mut dice);
    person.name = format!("{first} {last}");
    person.email = Some(format!("{handle}@example.com"));
    person.login = handle.replace('.', "-");
    person.teams = teams(config, index, &mut dice);
    person.joined = joined;
    person.left = left;
    person.vacations = vacations(config, &mut dice);
    person.since = since;
    person.copilot_seat = copilot_seat;
    person
}

fn stranger(config: &Config, index: usize, kind: Kind, key: u64) -> Person {
    let mut dice = Dice::new(&[key, 0]);
    let mut person = blank(index, kind, key, &mut dice);
    let (name, tool) = match kind {
        Kind::StrangerLogin => ("contractor-42", Tool::Copilot),
        Kind::ApiKey => ("ci-release", Tool::Claude),
        Kind::ServiceAccount | Kind::Member => ("Nightly Agent", Tool::Cursor),
    };
    name.clone_into(&mut person.name);
    name.clone_into(&mut person.login);
    person.joined = config.first_day().minus(400);
    person.since[tool as usize] = Some(person.joined);
    person.copilot_seat = kind == Kind::StrangerLogin;
    person
}

fn blank(index: usize, kind: Kind, key: u64, dice: &mut Dice) -> Person {
    let place = i64::try_from(index).unwrap_or(0);
    Person {
        index,
        kind,
        name: String::new(),
        email: None,
        login: String::new(),
        github_id: 20_000_000 + place * 37 + dice.below(37),
        cursor_id: format!("user_{}", letters(dice, 26)),
        cursor_number: 500_000 + place,
        claude_id: format!("user_01{}", letters(dice, 22)),
        teams: Vec::new(),
        joined: Day(0),
        left: None,
        vacations: Vec::new(),
        since: [None; 3],
        copilot_seat: false,
        key,
        diligence: dice.between(350, 960),
        weekends: dice.pick(&[0, 10, 20, 40, 120]),
        volume: dice.between(300, 1_900),
        acceptance: dice.between(180, 430),
        agent: dice.between(80, 850),
        uses_cli: dice.hit(300),
        on_subscription: dice.hit(550),
        ide: dice.pick(&IDES),
        languages: [dice.pick(&LANGUAGES), dice.pick(&SECOND_LANGUAGES)],
        chat_model: dice.pick(&CHAT_MODELS),
        agent_model: dice.pick(&AGENT_MODELS),
        terminal: dice.pick(&TERMINALS),
    }
}

/// Starters come and leavers go in the middle of the history; the first five stay throughout.
fn employment(config: &Config, index: usize, dice: &mut Dice) -> (Day, Option<Day>) {
    let (first, days) = (config.first_day(), i64::from(config.days));
    let within = |low: i64, high: i64, dice: &mut Dice| {
        first.plus(i32::try_from(dice.between(days * low / 10, days * high / 10)).unwrap_or(0))
    };
    let fate = dice.below(100);
    let long_ago = first.minus(i32::try_from(dice.between(30, 1_500)).unwrap_or(30));
    match fate {
        _ if index < 5 => (long_ago, None),
        0..8 => (within(2, 8, dice), None),
        8..14 => (long_ago, Some(within(3, 9, dice))),
        _ => (long_ago, None),
    }
}

/// Who uses what. The first are fixed so that the smallest organization has every tool, someone in two, someone in
/// three, and someone with a seat who never came; the sixth person has nothing at all.
fn tools(config: &Config, index: usize, joined: Day, dice: &mut Dice) -> ([Option<Day>; 3], bool) {
    let fate = dice.below(100);
    let (copilot, claude, cursor, idle_seat) = match (index, fate) {
        (0, _) => (true, true, false, false),
        (1, _) => (true, false, false, false),
        (2, _) => (true, true, true, false),
        (3, _) => (false, false, true, false),
        (4, _) | (_, 0..6) => (false, false, false, true),
        (5, _) | (_, 6..10) => (false, false, false, false),
        (_, 10..43) => (true, false, false, false),
        (_, 43..53) => (false, true, false, false),
        (_, 53..62) => (false, false, true, false),
        (_, 62..79) => (true, true, false, false),
        (_, 79..89) => (true, false, true, false),
        (_, 89..94) => (false, true, true, false),
        _ => (true, true, true, false),
    };
    let mut start = |uses: bool| {
        let late = if index >= 5 && dice.hit(350) { dice.below(i64::from(config.days) * 8 / 10) } else { -30 };
        let day = config.first_day().plus(i32::try_from(late).unwrap_or(0));
        uses.then_some(day.max(joined))
    };
    ([start(copilot), start(claude), start(cursor)], copilot || idle_seat)
}

fn teams(config: &Config, index: usize, dice: &mut Dice) -> Vec<usize> {
    let count = usize::try_from(config.teams.max(1)).unwrap_or(1);
    let first = index % count;
    let second = (first + 1) % count;
    if second != first && dice.hit(60) { vec![first, second] } else { vec![first] }
}

fn vacations(config: &Config, dice: &mut Dice) -> Vec<Window> {
    let days = i64::from(config.days);
    let how_many = (days / 90).clamp(0, 60) + dice.below(2);
    let mut some = Vec::new();
    for _ in 0..how_many {
        let from = config.first_day().plus(i32::try_from(dice.below(days.max(1))).unwrap_or(0));
        let length = u32::try_from(dice.between(3, 14)).unwrap_or(3);
        let to = from.plus(i32::try_from(length).unwrap_or(3) - 1);
        some.push(Window { from, to });
    }
    some
}

/// Letters and digits as vendors' ids have them.
pub(crate) fn letters(dice: &mut Dice, length: usize) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz0123456789";
    (0..length).map(|_| char::from(dice.pick(ALPHABET))).collect()
}
