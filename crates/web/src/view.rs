//! What a page or a report call asks for, read from the address and written back into links, so that every view is an address.

use crate::problem::Problem;
use tacho_domain::report::{Audience, Question};
use tacho_domain::{Day, OrganizationId, ToolId, ToolProfile, Window};
use url::form_urlencoded;

/// The longest window that is answered: three years.
const MOST_DAYS: u32 = 1_096;
/// Rows of the member table on a page.
pub(crate) const PAGE_ROWS: usize = 20;

/// Which days. Named windows move on with time, a range stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Choice {
    /// That many days, ending yesterday.
    Days(u32),
    /// Since the quarter began.
    Quarter,
    /// Since the year began.
    Year,
    /// Exactly these.
    Range(Window),
}

/// A view of the Overview.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct View {
    pub(crate) choice: Choice,
    /// Empty means all tools.
    pub(crate) tools: Vec<ToolId>,
    /// Page of the member table, counted from 1.
    pub(crate) page: usize,
    /// Rows of the member table.
    pub(crate) rows: usize,
}

impl Default for View {
    fn default() -> Self {
        Self { choice: Choice::Days(28), tools: Vec::new(), page: 1, rows: PAGE_ROWS }
    }
}

impl View {
    /// Reads a query; what is not given keeps its default.
    pub(crate) fn parse(query: &str, tools: &[ToolProfile], yesterday: Day) -> Result<Self, Problem> {
        let mut view = Self::default();
        let (mut from, mut to) = (None, None);
        for (key, value) in form_urlencoded::parse(query.as_bytes()) {
            match key.as_ref() {
                _ if value.is_empty() => {}
                "days" => view.choice = Choice::Days(days(&value)?),
                "window" => view.choice = named(&value)?,
                "from" => from = Some(day("from", &value)?),
                "to" => to = Some(day("to", &value)?),
                "tool" => {
                    for id in value.split(',') {
                        let tool = known_tool(id, tools)?;
                        if !view.tools.contains(&tool) {
                            view.tools.push(tool);
                        }
                    }
                }
                "page" => view.page = whole("page", &value, 1, 1_000_000)?,
                "limit" => view.rows = whole("limit", &value, 1, 500)?,
                _ => {}
            }
        }
        if from.is_some() || to.is_some() {
            view.choice = Choice::Range(range(from, to, yesterday)?);
        }
        Ok(view)
    }

    pub(crate) fn window(&self, yesterday: Day) -> Window {
        let since = |first: Day| Window { from: first.min(yesterday), to: yesterday };
        match self.choice {
            Choice::Days(days) => Window::ending(yesterday, days),
            Choice::Quarter => {
                let month = yesterday.month();
                let into = (month.date().month() - 1).rem_euclid(3);
                since((0..into).fold(month, |first, _| first.minus(1).month()))
            }
            Choice::Year => since(Day::from_ymd(yesterday.date().year(), 1, 1).unwrap_or(yesterday)),
            Choice::Range(window) => window,
        }
    }

    pub(crate) fn question(&self, organization: OrganizationId, yesterday: Day, audience: Audience) -> Question {
        Question {
            organization,
            window: self.window(yesterday),
            tools: self.tools.clone(),
            team: None,
            member: None,
            offset: (self.page - 1).saturating_mul(self.rows),
            limit: self.rows,
            audience,
        }
    }

    /// The query that reads as this view; empty for the default.
    pub(crate) fn query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        match self.choice {
            Choice::Days(28) => {}
            Choice::Days(days) => drop(query.append_pair("days", &days.to_string())),
            Choice::Quarter => drop(query.append_pair("window", "quarter")),
            Choice::Year => drop(query.append_pair("window", "year")),
            Choice::Range(window) => {
                query.append_pair("from", &window.from.to_string()).append_pair("to", &window.to.to_string());
            }
        }
        for tool in &self.tools {
            query.append_pair("tool", tool.as_str());
        }
        if self.page > 1 {
            query.append_pair("page", &self.page.to_string());
        }
        query.finish()
    }

    /// The address of this view below `path`.
    pub(crate) fn href(&self, path: &str) -> String {
        let query = self.query();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
    }

    /// The same over other days.
    pub(crate) fn over(&self, choice: Choice) -> Self {
        Self { choice, page: 1, ..self.clone() }
    }

    /// The same with a tool added to the filter, or taken out of it.
    pub(crate) fn toggled(&self, tool: &ToolId) -> Self {
        let mut tools = self.tools.clone();
        match tools.iter().position(|known| known == tool) {
            Some(index) => drop(tools.remove(index)),
            None => tools.push(tool.clone()),
        }
        Self { tools, page: 1, ..self.clone() }
    }

    /// The same with no tool filtered.
    pub(crate) fn all_tools(&self) -> Self {
        Self { tools: Vec::new(), page: 1, ..self.clone() }
    }

    /// The same at another page of the member table.
    pub(crate) fn at_page(&self, page: usize) -> Self {
        Self { page, ..self.clone() }
    }
}

fn shown(value: &str) -> String {
    value.chars().take(40).collect()
}

fn whole(field: &str, value: &str, least: usize, most: usize) -> Result<usize, Problem> {
    let number = value.parse::<usize>().ok().filter(|number| (least..=most).contains(number));
    number.ok_or_else(|| Problem::field(field, format!("`{}` is not a whole number from {least} to {most}", shown(value))))
}

fn days(value: &str) -> Result<u32, Problem> {
    let most = usize::try_from(MOST_DAYS).unwrap_or(usize::MAX);
    whole("days", value, 1, most).map(|days| u32::try_from(days).unwrap_or(MOST_DAYS))
}

fn day(field: &str, value: &str) -> Result<Day, Problem> {
    value.parse().map_err(|error: tacho_domain::day::NotADay| Problem::field(field, error.to_string()))
}

fn named(value: &str) -> Result<Choice, Problem> {
    match value {
        "quarter" => Ok(Choice::Quarter),
        "year" => Ok(Choice::Year),
        _ => Err(Problem::field("window", format!("`{}` is not known: use `quarter` or `year`, or `days=28`", shown(value)))),
    }
}

fn range(from: Option<Day>, to: Option<Day>, yesterday: Day) -> Result<Window, Problem> {
    let to = to.unwrap_or(yesterday);
    let from = from.unwrap_or(to.minus(27));
    let window = Window::new(from, to).map_err(|error| Problem::field("to", error.to_string()))?;
    if window.len() > MOST_DAYS {
        return Err(Problem::field("from", format!("the window has {} days: ask for at most {MOST_DAYS}", window.len())));
    }
    Ok(window)
}

fn known_tool(id: &str, tools: &[ToolProfile]) -> Result<ToolId, Problem> {
    let found = tools.iter().find(|profile| profile.id == id).map(|profile| ToolId::new(profile.id));
    found.ok_or_else(|| {
        let known: Vec<&str> = tools.iter().map(|profile| profile.id).collect();
        Problem::field("tool", format!("`{}` is not known: use {}", shown(id), known.join(", ")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TOOLS: [ToolProfile; 1] = [ToolProfile {
        id: "some_tool",
        name: "Some Tool",
        interaction_unit: "sessions",
        interaction_formula: "",
        active_formula: "",
        acceptance: &[],
        colour: 0,
    }];

    fn window(query: &str, yesterday: &str) -> String {
        let yesterday = yesterday.parse().unwrap();
        View::parse(query, &TOOLS, yesterday).unwrap().window(yesterday).to_string()
    }

    #[test]
    fn named_windows_end_yesterday() {
        assert_eq!(window("", "2026-11-20"), "2026-10-24..2026-11-20");
        assert_eq!(window("days=7", "2026-11-20"), "2026-11-14..2026-11-20");
        assert_eq!(window("window=quarter", "2026-12-31"), "2026-10-01..2026-12-31");
        assert_eq!(window("window=quarter", "2026-04-01"), "2026-04-01..2026-04-01");
        assert_eq!(window("window=year", "2026-11-20"), "2026-01-01..2026-11-20");
        assert_eq!(window("from=2026-01-05&to=2026-02-01", "2026-11-20"), "2026-01-05..2026-02-01");
    }

    #[test]
    fn what_cannot_be_read_names_the_field_and_the_fix() {
        for (query, words) in [
            ("days=0", "`days`: `0` is not a whole number from 1 to 1096"),
            ("days=many", "`days`: `many`"),
            ("from=2026-13-01", "`from`: `2026-13-01` is not a day: expected YYYY-MM-DD"),
            ("from=2026-02-01&to=2026-01-01", "`to`: the window ends on"),
            ("from=2000-01-01&to=2026-01-01", "ask for at most 1096"),
            ("tool=abacus", "`tool`: `abacus` is not known: use some_tool"),
            ("window=fortnight", "use `quarter` or `year`"),
            ("page=0", "`page`"),
        ] {
            let problem = View::parse(query, &TOOLS, Day(20_000)).unwrap_err();
            assert!(problem.detail.contains(words), "{query}: {}", problem.detail);
        }
    }

    proptest! {
        #[test]
        fn a_link_reads_as_the_view_it_was_written_from(
            choice in prop_oneof![
                (1u32..1096).prop_map(Choice::Days), Just(Choice::Quarter), Just(Choice::Year),
                (10_000i32..30_000, 1u32..1000).prop_map(|(to, days)| Choice::Range(Window::ending(Day(to), days))),
            ],
            filtered in any::<bool>(), page in 1usize..500,
        ) {
            let tools = if filtered { vec![ToolId::new("some_tool")] } else { Vec::new() };
            let view = View { choice, tools, page, rows: PAGE_ROWS };
            prop_assert_eq!(View::parse(&view.query(), &TOOLS, Day(20_000)).unwrap(), view);
        }

        #[test]
        fn any_query_is_survived(query in "\\PC{0,80}") {
            let _ = View::parse(&query, &TOOLS, Day(20_000));
        }
    }
}
