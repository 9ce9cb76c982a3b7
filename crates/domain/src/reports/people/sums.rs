//! Each identity's measures with each tool, added up column by column.

use super::lists::Lists;
use crate::columns::{CountedSlice, LaidValues};
use crate::measure::plus;
use crate::{Day, Directory, IdentityId, Measure, Measures, SubjectId, ToolId, WHOLE_ORGANIZATION};

/// What one identity did with one tool over a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonSum {
    /// Who, in the vendor's terms; whom that is today, the directory knows.
    pub identity: IdentityId,
    /// With which tool.
    pub tool: ToolId,
    /// The measures that were asked for.
    pub measures: Measures,
    /// Days on which they were active with this tool. Days with several tools are in each tool's number.
    pub active_days: u32,
    /// The last of those days.
    pub last_active: Option<Day>,
}

/// Where the sum of one identity with one tool is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SumPlace {
    tool: u32,
    place: u32,
}

/// Adds slices up; they are given in the order of their days.
#[derive(Debug, Default)]
pub struct Sums {
    tools: Vec<ToolSums>,
}

/// What the identities of one tool did: each has a place, and each measure a value at that place. Measure by measure, because a
/// day's column then runs through one array that the processor's cache holds.
#[derive(Debug)]
pub(crate) struct ToolSums {
    tool: ToolId,
    places: Vec<u32>,
    identities: Vec<IdentityId>,
    active_days: Vec<u32>,
    last_active: Vec<Option<Day>>,
    values: Vec<(Measure, Column)>,
    lists: Lists,
}

/// A measure's sums, and whether they are said.
#[derive(Debug, Default)]
pub(crate) struct Column {
    sums: Vec<i64>,
    said: Vec<bool>,
}

/// Whose values are added.
#[derive(Debug, Clone, Copy)]
enum Who<'a> {
    /// Everybody's, and the first place is the first person's: then the processor adds several at once.
    InOrder,
    All,
    These(&'a [usize]),
}

const NOWHERE: u32 = u32::MAX;

impl Sums {
    /// Adds these measures of a slice: of everybody, or of those only who count, by their places in it.
    pub fn add(&mut self, slice: &CountedSlice, measures: &[Measure], these: Option<&[usize]>) {
        let index = self.tools.iter().position(|tool| tool.tool == slice.tool).unwrap_or_else(|| {
            self.tools.push(ToolSums::new(slice.tool.clone()));
            self.tools.len() - 1
        });
        self.tools[index].add(slice, measures, these);
    }

    /// What was done with each tool.
    pub(super) fn tools_mut(&mut self) -> &mut [ToolSums] {
        &mut self.tools
    }

    /// What vendors count for the organization as a whole, naming nobody, by tool.
    #[must_use]
    pub fn of_nobody(&self) -> Vec<PersonSum> {
        let place = |tool: &ToolSums| tool.identities.iter().position(|identity| *identity == WHOLE_ORGANIZATION);
        self.tools.iter().filter_map(|tool| Some(tool.sum(place(tool)?))).collect()
    }

    /// The sums by tool and identity, without whoever stands for the whole organization.
    #[must_use]
    pub fn finish(self) -> Vec<PersonSum> {
        self.places().map(|at| self.at(at)).collect()
    }

    /// Whether there is nothing of anybody.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tools.iter().all(|tool| tool.identities.is_empty())
    }

    /// Where the sums are, without whoever stands for the whole organization.
    fn places(&self) -> impl Iterator<Item = SumPlace> + '_ {
        (0..).zip(&self.tools).flat_map(|(tool, of_tool)| {
            let people = (0..).zip(&of_tool.identities).filter(|(_, identity)| **identity != WHOLE_ORGANIZATION);
            people.map(move |(place, _)| SumPlace { tool, place })
        })
    }

    /// The places of each subject's sums, by subject.
    #[must_use]
    pub fn by_subject(&self, directory: &Directory) -> Vec<(SubjectId, SumPlace)> {
        let subject = |at: SumPlace| directory.subject(self.tools[at.tool as usize].identities[at.place as usize]);
        let mut places: Vec<(SubjectId, SumPlace)> = self.places().map(|at| (subject(at), at)).collect();
        places.sort();
        places
    }

    /// One sum.
    #[must_use]
    pub fn at(&self, at: SumPlace) -> PersonSum {
        self.tools[at.tool as usize].sum(at.place as usize)
    }

    /// One measure of one sum.
    #[must_use]
    pub fn value(&self, at: SumPlace, measure: Measure) -> Option<i64> {
        let (_, column) = self.tools[at.tool as usize].values.iter().find(|(known, _)| *known == measure)?;
        column.value(at.place as usize)
    }

    /// Everybody's sums with each tool, also of whoever stands for the whole organization.
    #[must_use]
    pub fn totals(&self) -> Vec<(ToolId, Measures)> {
        let total = |tool: &ToolSums| {
            let sums = tool.values.iter().map(|(measure, column)| (*measure, column.total()));
            (tool.tool.clone(), sums.fold(Measures::default(), |all, (measure, sum)| all.with(measure, sum)))
        };
        self.tools.iter().map(total).collect()
    }

    /// Interactions of everyone and of those who match a member.
    #[must_use]
    pub fn interactions(&self, directory: &Directory) -> (Option<i64>, Option<i64>) {
        let mut both = (None, None);
        for (tool, column) in self.tools.iter().filter_map(|tool| Some((tool, tool.column(Measure::Interactions)?))) {
            for (place, identity) in tool.identities.iter().enumerate().filter(|(_, one)| **one != WHOLE_ORGANIZATION) {
                let own = column.value(place);
                both.0 = plus(both.0, own);
                if !directory.unmatched().contains(directory.subject(*identity)) {
                    both.1 = plus(both.1, own);
                }
            }
        }
        both
    }
}

impl ToolSums {
    fn new(tool: ToolId) -> Self {
        Self {
            tool,
            places: Vec::new(),
            identities: Vec::new(),
            active_days: Vec::new(),
            last_active: Vec::new(),
            values: Vec::new(),
            lists: Lists::default(),
        }
    }

    /// With which tool.
    pub(crate) fn tool(&self) -> &ToolId {
        &self.tool
    }

    /// Everybody, and whether they were active.
    pub(super) fn people(&self) -> impl Iterator<Item = (IdentityId, bool)> + '_ {
        self.identities.iter().zip(&self.active_days).map(|(identity, days)| (*identity, *days > 0))
    }

    /// Every measure that somebody has, with their values in the order of the people.
    pub(crate) fn columns(&self) -> impl Iterator<Item = (Measure, &Column)> {
        self.values.iter().map(|(measure, column)| (*measure, column))
    }

    /// As if whoever is at a place had done nothing yet. Their place they keep: the next days are mostly of the same people.
    pub(super) fn forget(&mut self, place: usize) {
        self.active_days[place] = 0;
        self.last_active[place] = None;
        for (_, column) in &mut self.values {
            if let (Some(sum), Some(said)) = (column.sums.get_mut(place), column.said.get_mut(place)) {
                (*sum, *said) = (0, false);
            }
        }
    }

    fn add(&mut self, slice: &CountedSlice, measures: &[Measure], these: Option<&[usize]>) {
        let Some(these) = these else { return self.add_all(slice, measures) };
        let at: Vec<u32> = these.iter().map(|place| self.place(slice.people.active(*place).0)).collect();
        let active = these.iter().map(|place| slice.people.active(*place).1 == Some(true));
        self.note_day(slice.day, &at, active);
        self.add_columns(slice, measures, &at, Who::These(these));
    }

    fn add_all(&mut self, slice: &CountedSlice, measures: &[Measure]) {
        let mut lists = std::mem::take(&mut self.lists);
        let listed = lists.take(slice.people.list(), |identity| self.place(*identity));
        let in_order = (0..).zip(&listed.1).all(|(place, at)| place == *at);
        self.note_day(slice.day, &listed.1, slice.people.actives());
        self.add_columns(slice, measures, &listed.1, if in_order { Who::InOrder } else { Who::All });
        lists.give_back(listed);
        self.lists = lists;
    }

    fn add_columns(&mut self, slice: &CountedSlice, measures: &[Measure], at: &[u32], who: Who<'_>) {
        for (measure, laid) in slice.measures().filter(|(measure, _)| measures.contains(measure)) {
            let column = column_of(&mut self.values, measure);
            column.sums.resize(self.identities.len(), 0);
            column.said.resize(self.identities.len(), false);
            column.add(laid, at, who);
        }
    }

    /// Counts a day for the active. The same person in two slices of a tool and day was active on one day.
    fn note_day(&mut self, day: Day, at: &[u32], active: impl Iterator<Item = bool>) {
        for (place, _) in at.iter().map(|place| *place as usize).zip(active).filter(|(_, is_active)| *is_active) {
            if self.last_active[place] != Some(day) {
                self.active_days[place] += 1;
                self.last_active[place] = Some(day);
            }
        }
    }

    pub(crate) fn column(&self, measure: Measure) -> Option<&Column> {
        self.values.iter().find(|(known, _)| *known == measure).map(|(_, column)| column)
    }

    fn sum(&self, place: usize) -> PersonSum {
        let mut measures = Measures::default();
        self.values.iter().for_each(|(measure, column)| measures[*measure] = column.value(place));
        PersonSum {
            identity: self.identities[place],
            tool: self.tool.clone(),
            measures,
            active_days: self.active_days[place],
            last_active: self.last_active[place],
        }
    }

    #[inline]
    fn place(&mut self, identity: IdentityId) -> u32 {
        let index = identity.0 as usize;
        if self.places.len() <= index {
            self.places.resize((index + 1).next_power_of_two(), NOWHERE);
        }
        if self.places[index] == NOWHERE {
            self.places[index] = u32::try_from(self.identities.len()).unwrap_or(NOWHERE);
            self.identities.push(identity);
            self.active_days.push(0);
            self.last_active.push(None);
        }
        self.places[index]
    }
}

fn column_of(values: &mut Vec<(Measure, Column)>, measure: Measure) -> &mut Column {
    let index = values.iter().position(|(known, _)| *known == measure).unwrap_or_else(|| {
        values.push((measure, Column::default()));
        values.len() - 1
    });
    &mut values[index].1
}

impl Column {
    /// The sum of whoever is at a place; `None`: nothing was said of them.
    #[inline]
    pub(crate) fn value(&self, place: usize) -> Option<i64> {
        self.said.get(place).copied().unwrap_or(false).then(|| self.sums[place])
    }

    /// Everybody's.
    fn total(&self) -> Option<i64> {
        (0..self.sums.len()).fold(None, |sum, place| plus(sum, self.value(place)))
    }

    /// Adds the values of all of a slice's people, or of these, each at its place.
    fn add(&mut self, laid: &LaidValues, at: &[u32], who: Who<'_>) {
        match laid {
            LaidValues::Unsaid => {}
            LaidValues::Byte(values) => self.add_each(values, at, who, |to, value| to.add(value != u8::MAX, value.into())),
            LaidValues::Short(values) => self.add_each(values, at, who, |to, value| to.add(value != u16::MAX, value.into())),
            LaidValues::Word(values) => self.add_each(values, at, who, |to, value| to.add(value != u32::MAX, value.into())),
            LaidValues::Whole(values) => self.add_each(values, at, who, |to, value| {
                let sum = to.0.saturating_add(value.unwrap_or(0)).clamp(-FURTHEST, FURTHEST);
                (*to.0, *to.1) = (sum, *to.1 || value.is_some());
            }),
        }
    }

    fn add_each<T: Copy>(&mut self, values: &[T], at: &[u32], who: Who<'_>, add: impl Fn(Sum<'_>, T)) {
        let (sums, said) = (&mut self.sums, &mut self.said);
        match who {
            Who::InOrder => {
                sums.iter_mut().zip(said).zip(values).for_each(|((sum, said), value)| add(Sum(sum, said), *value));
            }
            Who::All => {
                let at = at.iter().map(|at| *at as usize);
                at.zip(values).for_each(|(at, value)| add(Sum(&mut sums[at], &mut said[at]), *value));
            }
            Who::These(these) => {
                let at = at.iter().map(|at| *at as usize);
                at.zip(these).for_each(|(at, place)| add(Sum(&mut sums[at], &mut said[at]), values[*place]));
            }
        }
    }
}

/// Where a sum stays that no real use comes near to: so far from the end that no number of narrow values gets there.
const FURTHEST: i64 = i64::MAX / 2;

/// One sum, and whether it is said.
struct Sum<'s>(&'s mut i64, &'s mut bool);

impl Sum<'_> {
    /// Adds a value of at most 32 bits: without a check for overflow the processor adds several at once.
    #[inline]
    fn add(self, is_said: bool, value: i64) {
        *self.0 = self.0.wrapping_add(if is_said { value } else { 0 });
        *self.1 |= is_said;
    }
}
