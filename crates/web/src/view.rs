//! What a page or a report call asks for, read from the address and written back into links, so that every view is an address.

use crate::problem::Problem;
use tacho_domain::report::{Arrangement, Audience, Question, ReportName};
use tacho_domain::{Day, OrganizationId, SubjectId, ToolId, ToolProfile, Window};
use url::form_urlencoded;

/// The longest window that is answered: three years.
const MOST_DAYS: u32 = 1_096;
/// Rows of a table on a page.
pub(crate) const PAGE_ROWS: usize = 20;
/// The longest search.
const SEARCH_LENGTH: usize = 100;

/// Which days. Named windows move on with time, a range stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Choice {
    /// That many days, ending yesterday.
    Days(u32),
    /// Since the quarter began.
    Quarter,
    /// Since the year began.
    Year,
    /// The last month that is over.
    LastMonth,
    /// Exactly these.
    Range(Window),
}

/// A view of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct View {
    pub(crate) choice: Choice,
    /// What the page shows where the address says nothing.
    pub(crate) natural: Choice,
    /// Empty means all tools.
    pub(crate) tools: Vec<ToolId>,
    pub(crate) team: Option<i64>,
    pub(crate) member: Option<SubjectId>,
    /// Whether figures stand beside those of the days before.
    pub(crate) compare: bool,
    /// Column and whether the largest come first.
    pub(crate) sort: Option<(String, bool)>,
    pub(crate) search: String,
    /// Whose table is sorted, searched and paged; none: the main one.
    pub(crate) section: Option<String>,
    /// Page of that table, counted from 1.
    pub(crate) page: usize,
    /// Rows of a table.
    pub(crate) rows: usize,
}

impl Default for View {
    fn default() -> Self {
        Self::natural(Choice::Days(28))
    }
}

impl View {
    fn natural(natural: Choice) -> Self {
        Self {
            choice: natural,
            natural,
            tools: Vec::new(),
            team: None,
            member: None,
            compare: true,
            sort: None,
            search: String::new(),
            section: None,
            page: 1,
            rows: PAGE_ROWS,
        }
    }

    /// What a report shows where its address says nothing: one's own use over 90 days, all else over 28.
    pub(crate) fn of(name: &ReportName) -> Self {
        Self::natural(natural_of(&name.page()))
    }

    /// Reads a query; what is not given keeps its default.
    pub(crate) fn parse(query: &str, tools: &[ToolProfile], yesterday: Day) -> Result<Self, Problem> {
        Self::default().told(query, tools, yesterday)
    }

    /// The same for a report.
    pub(crate) fn parse_of(name: &ReportName, query: &str, tools: &[ToolProfile], yesterday: Day) -> Result<Self, Problem> {
        Self::of(name).told(query, tools, yesterday)
    }

    /// This view with what a query says.
    fn told(self, query: &str, tools: &[ToolProfile], yesterday: Day) -> Result<Self, Problem> {
        let mut view = self;
        let (mut from, mut to, mut sort, mut largest_first) = (None, None, None, false);
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
                "team" => view.team = Some(number("team", &value)?),
                "member" => view.member = Some(SubjectId(number("member", &value)?)),
                "compare" => view.compare = yes("compare", &value)?,
                "sort" => sort = Some(shown(&value)),
                "order" => largest_first = descending(&value)?,
                "search" => view.search = value.chars().take(SEARCH_LENGTH).collect(),
                "section" => view.section = Some(shown(&value)),
                "page" => view.page = whole("page", &value, 1, 1_000_000)?,
                "limit" => view.rows = whole("limit", &value, 1, 500)?,
                _ => {}
            }
        }
        if from.is_some() || to.is_some() {
            view.choice = Choice::Range(range(from, to, yesterday)?);
        }
        view.sort = sort.map(|column| (column, largest_first));
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
            Choice::LastMonth => {
                // On the first of a month the month that ended yesterday is the last one.
                let last = yesterday.plus(1).month().minus(1);
                Window { from: last.month(), to: last }
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
            team: self.team,
            member: self.member,
            offset: self.offset(),
            limit: self.rows,
            audience,
            shown: None,
        }
    }

    fn offset(&self) -> usize {
        (self.page - 1).saturating_mul(self.rows)
    }

    /// How the table that is meant is arranged on a page.
    pub(crate) fn arrangement(&self) -> Arrangement {
        Arrangement { offset: self.offset(), limit: self.rows, ..self.whole() }
    }

    /// The same with all its rows, for files.
    pub(crate) fn whole(&self) -> Arrangement {
        let (sort, search, section) = (self.sort.clone(), self.search.clone(), self.section.clone());
        Arrangement { section, sort, search, offset: 0, limit: usize::MAX }
    }

    /// The fields of the query that reads as this view; empty for the default.
    pub(crate) fn fields(&self) -> Vec<(&'static str, String)> {
        let mut fields = Vec::new();
        match self.choice {
            choice if choice == self.natural => {}
            Choice::Days(days) => fields.push(("days", days.to_string())),
            Choice::Quarter => fields.push(("window", "quarter".into())),
            Choice::Year => fields.push(("window", "year".into())),
            Choice::LastMonth => fields.push(("window", "last_month".into())),
            Choice::Range(window) => {
                fields.extend([("from", window.from.to_string()), ("to", window.to.to_string())]);
            }
        }
        fields.extend(self.tools.iter().map(|tool| ("tool", tool.to_string())));
        fields.extend(self.team.map(|team| ("team", team.to_string())));
        fields.extend(self.member.map(|member| ("member", member.0.to_string())));
        if !self.compare {
            fields.push(("compare", "0".into()));
        }
        fields.extend(self.section.clone().map(|section| ("section", section)));
        if let Some((column, largest_first)) = &self.sort {
            fields.push(("sort", column.clone()));
            if *largest_first {
                fields.push(("order", "desc".into()));
            }
        }
        if !self.search.is_empty() {
            fields.push(("search", self.search.clone()));
        }
        if self.page > 1 {
            fields.push(("page", self.page.to_string()));
        }
        if self.rows != PAGE_ROWS {
            fields.push(("limit", self.rows.to_string()));
        }
        fields
    }

    /// The query that reads as this view.
    pub(crate) fn query(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(self.fields()).finish()
    }

    /// The address of this view below `path`.
    pub(crate) fn href(&self, path: &str) -> String {
        let query = self.query();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
    }

    /// The address of the same days and tools on another page of ours; one that is no report's stays as it is.
    pub(crate) fn carried(&self, path: &str) -> String {
        if !is_report(path) {
            return path.to_owned();
        }
        let natural = natural_of(path);
        // Who asked for nothing gets what the other page shows by itself.
        let choice = if self.choice == self.natural { natural } else { self.choice };
        let tools = if path.starts_with("/tools/") { Vec::new() } else { self.tools.clone() };
        Self { choice, tools, compare: self.compare, ..Self::natural(natural) }.href(path)
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

    /// The same about everyone.
    pub(crate) fn everyone(&self) -> Self {
        Self { member: None, page: 1, ..self.clone() }
    }

    /// The same with or without the days before.
    pub(crate) fn compared(&self, compare: bool) -> Self {
        Self { compare, ..self.clone() }
    }

    /// The same with another table meant, as it was made.
    pub(crate) fn on(&self, section: Option<&str>) -> Self {
        let section = section.map(str::to_owned);
        if section == self.section {
            return self.clone();
        }
        Self { section, sort: None, search: String::new(), page: 1, ..self.clone() }
    }

    /// The same sorted by a column.
    pub(crate) fn sorted(&self, column: &str, largest_first: bool) -> Self {
        Self { sort: Some((column.to_owned(), largest_first)), page: 1, ..self.clone() }
    }

    /// The same with all rows of the table that is meant.
    pub(crate) fn searching(&self, search: &str) -> Self {
        Self { search: search.to_owned(), page: 1, ..self.clone() }
    }

    /// The same at another page of the table.
    pub(crate) fn at_page(&self, page: usize) -> Self {
        Self { page, ..self.clone() }
    }

    /// Only what a file needs: which days and people, how the table is sorted; not which of its pages.
    pub(crate) fn for_files(&self) -> Self {
        Self { page: 1, rows: PAGE_ROWS, ..self.clone() }
    }
}

/// What a page shows where its address says nothing.
fn natural_of(path: &str) -> Choice {
    if path == "/me" { Choice::Days(90) } else { Choice::Days(28) }
}

/// Whether a report is at this address.
pub(crate) fn is_report(path: &str) -> bool {
    const BELOW: [&str; 8] = ["tools", "members", "teams", "seats", "cost", "delivery", "me", "reconciliation"];
    path == "/"
        || path.strip_prefix('/').is_some_and(|rest| BELOW.contains(&rest.split('/').next().unwrap_or("")) && rest != "me/share")
}

/// The beginning of what was sent, to be said back.
pub(crate) fn shown(value: &str) -> String {
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

fn number<N: std::str::FromStr>(field: &str, value: &str) -> Result<N, Problem> {
    value.parse().map_err(|_| Problem::field(field, format!("`{}` is not a whole number", shown(value))))
}

fn yes(field: &str, value: &str) -> Result<bool, Problem> {
    match value {
        "1" | "true" => Ok(true),
        "0" | "false" => Ok(false),
        _ => Err(Problem::field(field, format!("`{}` is neither `0` nor `1`", shown(value)))),
    }
}

fn descending(value: &str) -> Result<bool, Problem> {
    match value {
        "asc" => Ok(false),
        "desc" => Ok(true),
        _ => Err(Problem::field("order", format!("`{}` is not known: use `asc` or `desc`", shown(value)))),
    }
}

fn day(field: &str, value: &str) -> Result<Day, Problem> {
    value.parse().map_err(|error: tacho_domain::day::NotADay| Problem::field(field, error.to_string()))
}

fn named(value: &str) -> Result<Choice, Problem> {
    match value {
        "quarter" => Ok(Choice::Quarter),
        "year" => Ok(Choice::Year),
        "last_month" => Ok(Choice::LastMonth),
        _ => {
            let known = "use `quarter`, `year` or `last_month`, or `days=28`";
            Err(Problem::field("window", format!("`{}` is not known: {known}", shown(value))))
        }
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
        ..ToolProfile::BLANK
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
        assert_eq!(window("window=last_month", "2026-11-20"), "2026-10-01..2026-10-31");
        assert_eq!(window("window=last_month", "2026-10-31"), "2026-10-01..2026-10-31");
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
            ("window=fortnight", "use `quarter`, `year`"),
            ("team=platform", "`team`: `platform` is not a whole number"),
            ("member=-1", "`member`: `-1` is not a whole number"),
            ("compare=maybe", "`compare`: `maybe` is neither"),
            ("order=up", "`order`: `up` is not known: use `asc` or `desc`"),
            ("page=0", "`page`"),
        ] {
            let problem = View::parse(query, &TOOLS, Day(20_000)).unwrap_err();
            assert!(problem.detail.contains(words), "{query}: {}", problem.detail);
        }
    }

    #[test]
    fn a_way_to_another_page_keeps_the_days_that_were_chosen_and_nothing_of_tables() {
        let view = |query: &str| View::parse(query, &TOOLS, Day(20_000)).unwrap();
        let asked = view("days=90&tool=some_tool&sort=name&page=3&compare=0");
        assert_eq!(asked.carried("/members/7"), "/members/7?days=90&tool=some_tool&compare=0");
        assert_eq!(asked.carried("/tools/some_tool"), "/tools/some_tool?days=90&compare=0");
        assert_eq!(asked.carried("/me"), "/me?tool=some_tool&compare=0", "90 days are what that page shows by itself");
        assert_eq!(asked.carried("/settings/people"), "/settings/people");
        assert_eq!(asked.carried("/me/share"), "/me/share");
        assert_eq!(view("").carried("/me"), "/me");
        assert_eq!(View::parse_of(&ReportName::Mine, "", &TOOLS, Day(20_000)).unwrap().carried("/"), "/");
    }

    #[test]
    fn another_table_forgets_how_the_one_before_was_sorted() {
        let view = View::parse("sort=name&search=a&page=2", &TOOLS, Day(20_000)).unwrap();
        assert_eq!(view.on(Some("teams")).query(), "section=teams");
        assert_eq!(view.on(None), view);
    }

    fn views() -> impl Strategy<Value = View> {
        let choice = prop_oneof![
            (1u32..1096).prop_map(Choice::Days),
            Just(Choice::Quarter),
            Just(Choice::Year),
            Just(Choice::LastMonth),
            (10_000i32..30_000, 1u32..1000).prop_map(|(to, days)| Choice::Range(Window::ending(Day(to), days))),
        ];
        let filters = (any::<bool>(), prop::option::of(any::<i64>()), prop::option::of(any::<u32>()), any::<bool>());
        let table = (
            prop::option::of(("[a-z_]{1,20}", any::<bool>())),
            "[^\\x00]{0,20}",
            prop::option::of("[a-z]{1,9}"),
            1usize..500,
            1usize..=500,
        );
        (choice, filters, table).prop_map(|(choice, (filtered, team, member, compare), (sort, search, section, page, rows))| {
            View {
                choice,
                natural: Choice::Days(28),
                tools: if filtered { vec![ToolId::new("some_tool")] } else { Vec::new() },
                team,
                member: member.map(SubjectId),
                compare,
                sort,
                search,
                section,
                page,
                rows,
            }
        })
    }

    proptest! {
        #[test]
        fn a_link_reads_as_the_view_it_was_written_from(view in views()) {
            prop_assert_eq!(View::parse(&view.query(), &TOOLS, Day(20_000)).unwrap(), view);
        }

        #[test]
        fn any_query_is_survived(query in "\\PC{0,80}") {
            let _ = View::parse(&query, &TOOLS, Day(20_000));
        }
    }
}
