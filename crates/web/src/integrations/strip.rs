//! The strip of days of an integration: how each of the last days stands, as a whole and by stream.

use crate::connections::ConnectorCard;
use serde::Serialize;
use std::collections::BTreeMap;
use tacho_domain::{Day, SliceState, Window};
use tacho_render::words::plural;
use tacho_store::{StreamFailure, StripDay};
use utoipa::ToSchema;

/// How a day stands, from worst to best. A day as a whole is as good as the worst of its streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DayState {
    /// Not read yet.
    Missing,
    /// Read, and the vendor may still restate it.
    Provisional,
    /// Asked, and the vendor has nothing.
    NoData,
    /// Read and settled.
    Final,
}

impl DayState {
    pub(crate) const ALL: [Self; 4] = [Self::Missing, Self::Provisional, Self::NoData, Self::Final];

    /// Also the class of its look.
    pub(crate) const fn slug(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Provisional => "provisional",
            Self::NoData => "none",
            Self::Final => "final",
        }
    }

    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Provisional => "provisional",
            Self::NoData => "no data",
            Self::Final => "final",
        }
    }

    /// A day that the vendor has nothing for yet is asked for again, so it is missing.
    fn of(state: Option<SliceState>) -> Self {
        match state {
            None | Some(SliceState::Pending) => Self::Missing,
            Some(SliceState::Provisional) => Self::Provisional,
            Some(SliceState::NoData) => Self::NoData,
            Some(SliceState::Final) => Self::Final,
        }
    }
}

/// The strip.
pub(crate) struct Strip {
    /// Each day as a whole, oldest first.
    pub(crate) days: Vec<(Day, DayState)>,
    /// Each stream of it.
    pub(crate) streams: Vec<StreamStrip>,
}

/// The days of one stream.
pub(crate) struct StreamStrip {
    pub(crate) id: String,
    pub(crate) label: String,
    /// From the first day that the vendor has.
    pub(crate) days: Vec<(Day, DayState)>,
}

/// What a sync reads, and what it could not.
pub(crate) struct Reading<'a> {
    /// The streams that are asked for, by their ids; `None`: nobody is asked, and what was imported is all there is.
    pub(crate) asked: Option<&'a [String]>,
    /// Those that are not available.
    pub(crate) failures: &'a [StreamFailure],
}

impl Reading<'_> {
    /// Whether a day without this stream is missing something. What the settings leave off is not asked for, and what is not
    /// available and has given nothing is told in words instead of making every day look missing.
    fn expects(&self, stream: &str, has_given: bool) -> bool {
        let Some(asked) = self.asked else { return has_given };
        let available = self.failures.iter().all(|failure| failure.stream != stream);
        asked.iter().any(|id| id == stream) && (available || has_given)
    }
}

impl Strip {
    /// Of the streams that figures are made of. Days before a vendor's first are no days of a stream.
    pub(crate) fn of(window: Window, rows: &[StripDay], card: Option<&ConnectorCard>, reading: &Reading<'_>) -> Self {
        let mut known: BTreeMap<&str, BTreeMap<Day, SliceState>> = BTreeMap::new();
        for row in rows {
            known.entry(row.stream.as_str()).or_default().insert(row.day, row.state);
        }
        let none = BTreeMap::new();
        let streams = card.into_iter().flat_map(|card| &card.streams);
        let streams =
            streams.filter(|stream| stream.on_strip && reading.expects(&stream.id, known.contains_key(stream.id.as_str())));
        let streams = streams.map(|stream| {
            let rows = known.get(stream.id.as_str()).unwrap_or(&none);
            let from = stream.floor.map_or(window.from, |floor| floor.max(window.from));
            let days = Window { from, to: window.to.max(from) }.days().filter(|day| *day <= window.to);
            let days = days.map(|day| (day, DayState::of(rows.get(&day).copied()))).collect();
            StreamStrip { id: stream.id.clone(), label: stream.label.clone(), days }
        });
        let streams: Vec<StreamStrip> = streams.collect();
        let whole = |day: Day| {
            let states = streams.iter().filter_map(|stream| stream.days.iter().find(|(known, _)| *known == day));
            // Where one stream has nothing and another has something, the day has data.
            let states: Vec<DayState> = states.map(|(_, state)| *state).collect();
            let worst = states.iter().min().copied().unwrap_or(DayState::Missing);
            if worst == DayState::NoData && states.contains(&DayState::Final) { DayState::Final } else { worst }
        };
        let days = window.days().map(|day| (day, whole(day))).collect();
        Self { days, streams }
    }

    /// Whether anything was ever read.
    pub(crate) fn has_data(&self) -> bool {
        let read = |(_, state): &(Day, DayState)| matches!(state, DayState::Provisional | DayState::Final);
        self.streams.iter().any(|stream| stream.days.iter().any(read))
    }

    /// The whole in one sentence, for whoever does not see the picture.
    pub(crate) fn words(&self) -> String {
        let counts = DayState::ALL.iter().rev().map(|state| format!("{} {}", count(&self.days, *state), state.label()));
        let (first, last) = (self.days.first(), self.days.last());
        let span = first.zip(last).map(|((from, _), (to, _))| format!(" from {from} to {to}")).unwrap_or_default();
        let days = plural(self.days.len() as u64, "day", "days");
        format!("{days}{span}: {}", counts.collect::<Vec<_>>().join(", "))
    }
}

impl StreamStrip {
    /// Runs of days that stand alike, newest first: from, to, state.
    pub(crate) fn runs(&self) -> Vec<(Day, Day, DayState)> {
        let mut runs: Vec<(Day, Day, DayState)> = Vec::new();
        for &(day, state) in &self.days {
            match runs.last_mut() {
                Some((_, to, known)) if *known == state => *to = day,
                _ => runs.push((day, day, state)),
            }
        }
        runs.reverse();
        runs
    }
}

/// Days that stand so.
pub(crate) fn count(days: &[(Day, DayState)], state: DayState) -> usize {
    days.iter().filter(|(_, known)| *known == state).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connections::StreamCard;
    use tacho_domain::ToolId;

    fn card(streams: &[(&str, bool, Option<i32>)]) -> ConnectorCard {
        let stream = |(id, on_strip, floor): &(&str, bool, Option<i32>)| StreamCard {
            id: (*id).to_owned(),
            label: (*id).to_owned(),
            on_strip: *on_strip,
            floor: floor.map(Day),
        };
        ConnectorCard {
            id: String::new(),
            name: String::new(),
            tool: ToolId::new("tool"),
            credential: String::new(),
            looks_like: String::new(),
            how_to: String::new(),
            docs: String::new(),
            settings: Vec::new(),
            streams: streams.iter().map(stream).collect(),
            sign_in: None,
            scopes: Vec::new(),
            app: None,
            not_personal: None,
            webhook: None,
        }
    }

    fn row(stream: &str, day: i32, state: SliceState) -> StripDay {
        StripDay { stream: stream.to_owned(), day: Day(day), state }
    }

    fn slugs(days: &[(Day, DayState)]) -> Vec<&'static str> {
        days.iter().map(|(_, state)| state.slug()).collect()
    }

    /// Where every stream is asked for.
    fn strip_of(window: Window, rows: &[StripDay], card: &ConnectorCard, failures: &[StreamFailure]) -> Strip {
        let asked: Vec<String> = card.streams.iter().map(|stream| stream.id.clone()).collect();
        Strip::of(window, rows, Some(card), &Reading { asked: Some(&asked), failures })
    }

    #[test]
    fn a_day_is_as_good_as_the_worst_of_its_streams_and_only_counted_streams_speak() {
        let rows = [
            row("usage", 10, SliceState::Final),
            row("usage", 11, SliceState::Final),
            row("usage", 12, SliceState::Provisional),
            row("usage", 13, SliceState::Pending),
            row("money", 10, SliceState::NoData),
            row("money", 11, SliceState::Final),
            row("money", 12, SliceState::Final),
            row("seats", 13, SliceState::Final),
        ];
        let card = card(&[("usage", true, None), ("money", true, Some(10)), ("seats", false, None)]);
        let strip = strip_of(Window { from: Day(9), to: Day(13) }, &rows, &card, &[]);
        assert_eq!(slugs(&strip.days), ["missing", "final", "final", "provisional", "missing"]);
        assert_eq!(strip.streams[1].days.len(), 4, "before its first day there is nothing to miss");
        assert!(strip.has_data());
        assert!(strip.words().starts_with("5 days from 1970-01-10 to 1970-01-14: 2 final, 0 no data, 1 provisional, 2 missing"));
        let runs = strip.streams[0].runs();
        assert_eq!(
            (runs.len(), runs[0], runs[2]),
            (4, (Day(13), Day(13), DayState::Missing), (Day(10), Day(11), DayState::Final))
        );
    }

    #[test]
    fn a_stream_that_is_not_available_does_not_make_every_day_look_missing() {
        let failure = |stream: &str| StreamFailure {
            stream: stream.to_owned(),
            failure: tacho_store::StoredFailure {
                kind: "forbidden".into(),
                cause: "No.".into(),
                fix: "Ask.".into(),
                at: tacho_domain::Instant(0),
            },
        };
        let card = card(&[("usage", true, None), ("money", true, None)]);
        let window = Window { from: Day(10), to: Day(10) };
        let rows = [row("usage", 10, SliceState::Final)];
        let strip = strip_of(window, &rows, &card, &[failure("money")]);
        assert_eq!((slugs(&strip.days), strip.streams.len()), (vec!["final"], 1));
        let strip = strip_of(window, &[], &card, &[failure("usage"), failure("money")]);
        assert!(!strip.has_data() && slugs(&strip.days) == ["missing"]);
    }

    #[test]
    fn what_nobody_asks_for_is_not_missing() {
        let card = card(&[("pull_requests", true, None), ("deployments", true, None)]);
        let window = Window { from: Day(10), to: Day(10) };
        let rows = [row("pull_requests", 10, SliceState::Final)];
        let days = |asked: Option<&[&str]>, rows: &[StripDay]| {
            let asked: Option<Vec<String>> = asked.map(|ids| ids.iter().map(|id| (*id).to_owned()).collect());
            let strip = Strip::of(window, rows, Some(&card), &Reading { asked: asked.as_deref(), failures: &[] });
            (slugs(&strip.days), strip.streams.len())
        };
        assert_eq!(days(Some(&["pull_requests"]), &rows), (vec!["final"], 1), "deployments are left off");
        assert_eq!(days(Some(&["pull_requests", "deployments"]), &rows), (vec!["missing"], 2), "they are asked for");
        assert_eq!(days(None, &rows), (vec!["final"], 1), "nobody imported deployments");
        assert_eq!(days(None, &[]), (vec!["missing"], 0));
    }
}
