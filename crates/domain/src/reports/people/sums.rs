//! Each identity's measures with each tool, added up column by column.

use crate::columns::{CountedSlice, LaidPeople, LaidValues};
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
    tools: Vec<OfTool>,
}

/// The identities of one tool: each has a place, and each measure a value at that place. Measure by measure, because a
/// day's column then runs through one array that the processor's cache holds.
#[derive(Debug)]
struct OfTool {
    tool: ToolId,
    places: Vec<u32>,
    identities: Vec<IdentityId>,
    active_days: Vec<u32>,
    last_active: Vec<Option<Day>>,
    values: Vec<(Measure, Column)>,
    /// The places of the slice at hand.
    at: Vec<u32>,
}

/// A measure's sums, and whether they are said.
#[derive(Debug, Default)]
struct Column {
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
    /// Adds these measures of a slice: of everybody, or of those only who count, given ascending.
    pub fn add(&mut self, slice: &CountedSlice, measures: &[Measure], who: Option<&[IdentityId]>) {
        let index = self.tools.iter().position(|tool| tool.tool == slice.tool).unwrap_or_else(|| {
            self.tools.push(OfTool::new(slice.tool.clone()));
            self.tools.len() - 1
        });
        let places = who.map(|who| slice.people.places(who));
        self.tools[index].add(slice, measures, places.as_deref());
    }

    /// What vendors count for the organization as a whole, naming nobody, by tool.
    #[must_use]
    pub fn of_nobody(&self) -> Vec<PersonSum> {
        let place = |tool: &OfTool| tool.identities.iter().position(|identity| *identity == WHOLE_ORGANIZATION);
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
        let total = |tool: &OfTool| {
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

impl OfTool {
    fn new(tool: ToolId) -> Self {
        Self {
            tool,
            places: Vec::new(),
            identities: Vec::new(),
            active_days: Vec::new(),
            last_active: Vec::new(),
            values: Vec::new(),
            at: Vec::new(),
        }
    }

    fn add(&mut self, slice: &CountedSlice, measures: &[Measure], these: Option<&[usize]>) {
        match these {
            None => self.enter(slice.day, &slice.people, 0..slice.people.len()),
            Some(these) => self.enter(slice.day, &slice.people, these.iter().copied()),
        }
        let in_order = these.is_none() && (0..).zip(&self.at).all(|(place, at)| place == *at);
        let columns = slice.columns.iter().map(|(measure, laid)| (*measure, laid.as_ref()));
        let interactions = (Measure::Interactions, slice.people.interactions());
        for (measure, laid) in columns.chain([interactions]).filter(|(measure, _)| measures.contains(measure)) {
            let column = column_of(&mut self.values, measure);
            column.sums.resize(self.identities.len(), 0);
            column.said.resize(self.identities.len(), false);
            column.add(laid, &self.at, if in_order { Who::InOrder } else { these.map_or(Who::All, Who::These) });
        }
    }

    /// Looks up everybody's place, and counts the days of the active.
    fn enter(&mut self, day: Day, people: &LaidPeople, these: impl Iterator<Item = usize>) {
        self.at.clear();
        for (identity, active) in these.map(|place| people.active(place)) {
            let place = self.place(identity);
            self.at.push(place);
            let place = place as usize;
            // The same person in two slices of a tool and day was active on one day.
            if active == Some(true) && self.last_active[place] != Some(day) {
                self.active_days[place] += 1;
                self.last_active[place] = Some(day);
            }
        }
    }

    fn column(&self, measure: Measure) -> Option<&Column> {
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
    fn value(&self, place: usize) -> Option<i64> {
        self.said.get(place).copied().unwrap_or(false).then(|| self.sums[place])
    }

    fn total(&self) -> Option<i64> {
        (0..self.sums.len()).fold(None, |sum, place| plus(sum, self.value(place)))
    }

    /// Adds the values of all of a slice's people, or of these, each at its place.
    fn add(&mut self, laid: &LaidValues, at: &[u32], who: Who<'_>) {
        match laid {
            LaidValues::Unsaid => {}
            LaidValues::Byte(values) => self.add_each(values, at, who, |value| (value != u8::MAX).then(|| value.into())),
            LaidValues::Short(values) => self.add_each(values, at, who, |value| (value != u16::MAX).then(|| value.into())),
            LaidValues::Word(values) => self.add_each(values, at, who, |value| (value != u32::MAX).then(|| value.into())),
            LaidValues::Whole(values) => self.add_each(values, at, who, |value| value),
        }
    }

    fn add_each<T: Copy>(&mut self, values: &[T], at: &[u32], who: Who<'_>, wide: impl Fn(T) -> Option<i64>) {
        let add = |(sum, said): (&mut i64, &mut bool), value: T| {
            let value = wide(value);
            *sum = sum.saturating_add(value.unwrap_or(0));
            *said |= value.is_some();
        };
        let (sums, said) = (&mut self.sums, &mut self.said);
        match who {
            Who::InOrder => sums.iter_mut().zip(said).zip(values).for_each(|(to, value)| add(to, *value)),
            Who::All => {
                at.iter().map(|at| *at as usize).zip(values).for_each(|(at, value)| add((&mut sums[at], &mut said[at]), *value));
            }
            Who::These(these) => {
                let at = at.iter().map(|at| *at as usize);
                at.zip(these).for_each(|(at, place)| add((&mut sums[at], &mut said[at]), values[*place]));
            }
        }
    }
}
