//! One pass over the packed days: per tool, per day and per person.

use super::{Material, Packed, SliceRollup, compared_days, heatmap_days};
use crate::columns::decode_active;
use crate::measure::plus;
use crate::metrics::{People, acceptance, ratio};
use crate::report::{HeatDay, Point, Provenance, Question, Series, ToolUsage};
use crate::{Day, Directory, Instant, Measure, Measures, SubjectId, ToolId, ToolProfile, WHOLE_ORGANIZATION, Window};
use std::collections::BTreeMap;

/// What one tool did on one day.
#[derive(Debug, Default)]
pub(crate) struct ToolDay {
    pub(crate) sums: Measures,
    pub(crate) active: People,
    pub(crate) provisional: bool,
    pub(crate) knows_activity: bool,
}

/// What one tool did over the window and the one before.
#[derive(Debug)]
pub(crate) struct ToolSum<'a> {
    pub(crate) profile: &'a ToolProfile,
    pub(crate) days: BTreeMap<Day, ToolDay>,
    pub(crate) now: Measures,
    pub(crate) before: Measures,
    pub(crate) active: People,
    pub(crate) active_before: People,
    /// Active in the window's last seven days.
    pub(crate) active_week: People,
    pub(crate) active_week_before: People,
    /// Who used an agent in the window; `None`: the vendor does not say of anybody.
    pub(crate) agents: Option<People>,
    /// Who was active on each day that is known, from four weeks before the end of the window before.
    pub(crate) daily: BTreeMap<Day, People>,
}

/// Who was active in one slice, and who used an agent.
#[derive(Debug, Default)]
struct Who {
    active: People,
    agents: Option<People>,
}

/// What one person did over the window.
#[derive(Debug, Clone, Default)]
pub(crate) struct Person {
    pub(crate) interactions: Option<i64>,
    pub(crate) active_days: u32,
    pub(crate) last_active: Option<Day>,
    pub(crate) seen: bool,
}

#[derive(Debug)]
pub(crate) struct Gathered<'a> {
    pub(crate) tools: Vec<ToolSum<'a>>,
    pub(crate) people: Vec<Person>,
    /// Interactions per day of the heatmap.
    heat: BTreeMap<Day, Option<i64>>,
    pub(crate) directory: &'a Directory,
}

impl<'a> Gathered<'a> {
    pub(crate) fn read(question: &Question, material: &Material<'a>) -> Self {
        let mut gathered = Self { tools: Vec::new(), people: Vec::new(), heat: BTreeMap::new(), directory: material.directory };
        let mut slices: Vec<&SliceRollup> = material.slices.iter().filter(|slice| question.asks_for(&slice.tool)).collect();
        slices.sort_by_key(|slice| slice.day);
        for of_day in slices.chunk_by(|one, next| one.day == next.day) {
            gathered.read_day(question.window, of_day, material.profiles);
        }
        gathered.tools.sort_by_key(|tool| tool.profile.colour);
        gathered
    }

    fn read_day(&mut self, window: Window, slices: &[&SliceRollup], profiles: &'a [ToolProfile]) {
        let day = slices[0].day;
        let mut active = People::default();
        for slice in slices {
            let Some(profile) = profiles.iter().find(|p| p.id == slice.tool.as_str()) else { continue };
            if heatmap_days(window).contains(day) {
                let sum = self.heat.entry(day).or_default();
                *sum = plus(*sum, slice.sums[Measure::Interactions]);
            }
            if compared_days(window).contains(day) {
                let index = self.tool_index(profile);
                let who = self.read_people(slice, window.contains(day));
                active.extend(&who.active);
                self.tools[index].add(window, slice, &who);
            }
        }
        if window.contains(day) {
            for subject in active.iter() {
                let person = &mut self.people[subject.0 as usize];
                person.active_days += 1;
                person.last_active = Some(day);
            }
        }
    }

    /// Adds the slice's people to the window's and gives those who were active.
    fn read_people(&mut self, slice: &SliceRollup, in_window: bool) -> Who {
        let mut who = Who::default();
        let directory = self.directory;
        let people = &mut self.people;
        let packed = match &slice.people {
            Packed::Whole(packed) => packed,
            Packed::Active(packed) => {
                decode_active(packed, |identity| who.active.insert(directory.subject(identity)));
                return who;
            }
            Packed::Unread => return who,
        };
        for day in packed.iter().filter(|day| day.identity != WHOLE_ORGANIZATION) {
            let subject = directory.subject(day.identity);
            if day.active == Some(true) {
                who.active.insert(subject);
            }
            if let Some(used) = day.agent {
                let agents = who.agents.get_or_insert_default();
                if used {
                    agents.insert(subject);
                }
            }
            if in_window {
                let index = subject.0 as usize;
                if people.len() <= index {
                    people.resize((index + 1).next_power_of_two(), Person::default());
                }
                let person = &mut people[index];
                person.seen = true;
                person.interactions = plus(person.interactions, day.interactions);
            }
        }
        who
    }

    fn tool_index(&mut self, profile: &'a ToolProfile) -> usize {
        self.tools.iter().position(|tool| tool.profile.id == profile.id).unwrap_or_else(|| {
            self.tools.push(ToolSum::new(profile));
            self.tools.len() - 1
        })
    }

    /// Distinct people over the window, by a choice of set per tool.
    pub(crate) fn distinct(&self, set: impl for<'s> Fn(&'s ToolSum<'a>) -> &'s People) -> People {
        let mut all = People::default();
        self.tools.iter().for_each(|tool| all.extend(set(tool)));
        all
    }

    /// How many of a set are members.
    pub(crate) fn members_in(&self, people: &People) -> i64 {
        people.count() - people.count_within(self.directory.unmatched())
    }

    pub(crate) fn adoption(&self, window: Window) -> Vec<Series> {
        let series = |tool: &ToolSum<'a>| Series {
            tool: ToolId::new(tool.profile.id),
            label: tool.profile.name.to_owned(),
            colour: tool.profile.colour,
            points: tool.points(window, |day| day.knows_activity.then(|| self.members_in(&day.active))),
        };
        self.tools.iter().filter(|tool| tool.has_data(window)).map(series).collect()
    }

    pub(crate) fn heatmap(&self, window: Window) -> Vec<HeatDay> {
        let at = |day| HeatDay { day, interactions: self.heat.get(&day).copied().flatten() };
        heatmap_days(window).days().map(at).collect()
    }

    pub(crate) fn usage(&self) -> Vec<ToolUsage> {
        let total = self.tools.iter().fold(None, |sum, tool| plus(sum, tool.now[Measure::Interactions]));
        let mut usage: Vec<ToolUsage> = self
            .tools
            .iter()
            .filter(|tool| !tool.now.is_silent())
            .map(|tool| ToolUsage {
                tool: ToolId::new(tool.profile.id),
                name: tool.profile.name.to_owned(),
                colour: tool.profile.colour,
                unit: tool.profile.interaction_unit.to_owned(),
                interactions: tool.now[Measure::Interactions],
                tokens: tool.now.tokens(),
                share: ratio(tool.now[Measure::Interactions], total),
                active_members: self.members_in(&tool.active),
                active_unmatched: tool.active.count_within(self.directory.unmatched()),
            })
            .collect();
        usage.sort_by_key(|tool| std::cmp::Reverse(tool.interactions));
        usage
    }

    pub(crate) fn weekly_acceptance(&self, window: Window) -> Vec<Series> {
        let mut series = Vec::new();
        for tool in &self.tools {
            for rule in tool.profile.acceptance {
                let points: Vec<Point> = tool
                    .weeks(window)
                    .into_iter()
                    .map(|(day, (sums, provisional))| Point { day, value: acceptance(rule, &sums), provisional })
                    .collect();
                if points.iter().any(|point| point.value.is_some()) {
                    let label = rule_label(tool.profile, rule.label);
                    series.push(Series { tool: ToolId::new(tool.profile.id), label, colour: tool.profile.colour, points });
                }
            }
        }
        series
    }

    pub(crate) fn provenance(&self, window: Window, last_synced: Option<Instant>) -> Provenance {
        let any = |day: Day, test: fn(&ToolDay) -> bool| self.tools.iter().any(|t| t.days.get(&day).is_some_and(test));
        let count = |test: &dyn Fn(Day) -> bool| u32::try_from(window.days().filter(|d| test(*d)).count()).unwrap_or(u32::MAX);
        let matched =
            self.people.iter().enumerate().filter(|(index, _)| {
                u32::try_from(*index).is_ok_and(|index| !self.directory.unmatched().contains(SubjectId(index)))
            });
        let of_members = matched.fold(None, |sum, (_, person)| plus(sum, person.interactions));
        let all = self.tools.iter().fold(None, |sum, tool| plus(sum, tool.now[Measure::Interactions]));
        Provenance {
            last_synced,
            coverage: ratio(of_members.or(all.map(|_| 0)), all),
            provisional_days: count(&|day| any(day, |d| d.provisional)),
            missing_days: count(&|day| !any(day, |_| true)),
        }
    }
}

/// "Cursor: tab completions", or the tool's name alone where it has one rule.
pub(crate) fn rule_label(profile: &ToolProfile, rule: &str) -> String {
    if profile.acceptance.len() > 1 { format!("{}: {rule}", profile.name) } else { profile.name.to_owned() }
}

impl<'a> ToolSum<'a> {
    fn new(profile: &'a ToolProfile) -> Self {
        Self {
            profile,
            days: BTreeMap::new(),
            now: Measures::default(),
            before: Measures::default(),
            active: People::default(),
            active_before: People::default(),
            active_week: People::default(),
            active_week_before: People::default(),
            agents: None,
            daily: BTreeMap::new(),
        }
    }

    fn add(&mut self, window: Window, slice: &SliceRollup, Who { active: who, agents }: &Who) {
        let week = |to| Window::ending(to, 7).contains(slice.day);
        if slice.knows_activity {
            self.daily.entry(slice.day).or_default().extend(who);
        }
        if let Some(agents) = agents.as_ref().filter(|_| window.contains(slice.day)) {
            self.agents.get_or_insert_default().extend(agents);
        }
        if window.contains(slice.day) {
            self.now.add(&slice.sums);
            self.active.extend(who);
            let day = self.days.entry(slice.day).or_default();
            day.sums.add(&slice.sums);
            day.active.extend(who);
            day.provisional |= slice.provisional;
            day.knows_activity |= slice.knows_activity;
        } else if window.before().contains(slice.day) {
            self.before.add(&slice.sums);
            self.active_before.extend(who);
        }
        if week(window.to) {
            self.active_week.extend(who);
        }
        if week(window.before().to) {
            self.active_week_before.extend(who);
        }
    }

    pub(crate) fn has_data(&self, window: Window) -> bool {
        self.days.range(window.from..=window.to).next().is_some()
    }

    #[expect(clippy::cast_precision_loss, reason = "points to draw")]
    pub(crate) fn points(&self, window: Window, value: impl Fn(&ToolDay) -> Option<i64>) -> Vec<Point> {
        let point = |day| {
            let known = self.days.get(&day);
            let value = known.and_then(&value).map(|v| v as f64);
            Point { day, value, provisional: known.is_some_and(|d| d.provisional) }
        };
        window.days().map(point).collect()
    }

    /// Sums by week, every week of the window, the first and last possibly in part.
    pub(crate) fn weeks(&self, window: Window) -> BTreeMap<Day, (Measures, bool)> {
        let mut weeks: BTreeMap<Day, (Measures, bool)> = BTreeMap::new();
        for day in window.days() {
            let (sums, provisional) = weeks.entry(day.week()).or_default();
            if let Some(known) = self.days.get(&day) {
                sums.add(&known.sums);
                *provisional |= known.provisional;
            }
        }
        weeks
    }
}
