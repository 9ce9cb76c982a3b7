//! Each identity's measures with each tool, added up column by column.

use crate::columns::{CountedSlice, OpenSlice};
use crate::measure::plus;
use crate::{Day, IdentityId, Measure, Measures, ToolId, WHOLE_ORGANIZATION};

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
    values: Vec<(Measure, Vec<Option<i64>>)>,
    /// The places of the slice at hand.
    at: Vec<u32>,
}

const NOWHERE: u32 = u32::MAX;

impl Sums {
    /// Adds a slice.
    pub fn add(&mut self, slice: &CountedSlice, open: &OpenSlice) {
        let index = self.tools.iter().position(|tool| tool.tool == slice.tool).unwrap_or_else(|| {
            self.tools.push(OfTool::new(slice.tool.clone()));
            self.tools.len() - 1
        });
        self.tools[index].add(slice.day, open);
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
        let mut sums = Vec::with_capacity(self.tools.iter().map(|tool| tool.identities.len()).sum());
        for tool in self.tools {
            let people = (0..tool.identities.len()).filter(|place| tool.identities[*place] != WHOLE_ORGANIZATION);
            sums.extend(people.map(|place| tool.sum(place)));
        }
        sums
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

    fn add(&mut self, day: Day, open: &OpenSlice) {
        self.at.clear();
        for person in &open.people {
            let place = self.place(person.identity);
            self.at.push(place);
            let place = place as usize;
            // The same person in two slices of a tool and day was active on one day.
            if person.active == Some(true) && self.last_active[place] != Some(day) {
                self.active_days[place] += 1;
                self.last_active[place] = Some(day);
            }
        }
        for (measure, values) in &open.values {
            let index = self.values.iter().position(|(known, _)| known == measure).unwrap_or_else(|| {
                self.values.push((*measure, Vec::new()));
                self.values.len() - 1
            });
            let sums = &mut self.values[index].1;
            sums.resize(self.identities.len(), None);
            for (&place, &value) in self.at.iter().zip(values) {
                let sum = &mut sums[place as usize];
                *sum = plus(*sum, value);
            }
        }
    }

    fn sum(&self, place: usize) -> PersonSum {
        let mut measures = Measures::default();
        self.values.iter().for_each(|(measure, values)| measures[*measure] = values.get(place).copied().flatten());
        PersonSum {
            identity: self.identities[place],
            tool: self.tool.clone(),
            measures,
            active_days: self.active_days[place],
            last_active: self.last_active[place],
        }
    }

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
