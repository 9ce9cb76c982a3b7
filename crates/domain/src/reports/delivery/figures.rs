//! The figures of delivery, each with the pull requests behind it.

use super::gather::{Gathered, Pull, Tiers, lengths, people};
use crate::day::length;
use crate::delivery::{Part, REVERT_DAYS, REWORK_DAYS, percentile, rework};
use crate::metrics::ratio;
use crate::money::group as grouped;
use crate::report::{Amount, Figure, Group};
use crate::{Day, Window};

pub(super) fn groups(gathered: &Gathered<'_>) -> Vec<Group> {
    let mut groups = vec![
        group("Throughput", throughput(gathered)),
        group("Time from commit to merge", Part::ALL.iter().map(|part| time(gathered, *part)).collect()),
        group("AI-assisted pull requests", assisted(gathered)),
        group("What did not last", quality(gathered)),
        group("Deployments", super::deployments::figures(gathered)),
    ];
    groups.retain(|group| !group.figures.is_empty());
    groups
}

/// The few figures that other reports show.
pub(super) fn headline(gathered: &Gathered<'_>) -> Group {
    let mut figures = throughput(gathered);
    figures.retain(|figure| figure.id != "contributors" && figure.id != "pull_request_size");
    figures.push(time(gathered, Part::Cycle));
    figures.extend(assisted(gathered));
    group("Delivery", figures)
}

fn group(heading: &str, figures: Vec<Figure>) -> Group {
    Group { heading: heading.into(), figures }
}

/// A figure of the window beside the one before.
pub(super) fn figure(
    gathered: &Gathered<'_>,
    (id, label, formula): (&str, &str, &str),
    context: String,
    value: impl Fn(Window, &[Pull<'_>]) -> Amount,
) -> Figure {
    let (now, before) = (gathered.window(), gathered.window().before());
    let of = |window| if gathered.is_told(window) { value(window, gathered.within(window)) } else { Amount::Unknown };
    Figure { before: of(before), context, provisional: gathered.is_provisional(now), ..Figure::bare(id, label, of(now), formula) }
}

#[expect(clippy::cast_precision_loss, reason = "numbers of pull requests")]
fn throughput(gathered: &Gathered<'_>) -> Vec<Figure> {
    let now = gathered.now();
    let agents = now.iter().filter(|pull| pull.row.author_kind == crate::delivery::AuthorKind::Agent).count();
    let per_day = |day: Day| gathered.is_told(Window::day(day)).then(|| gathered.within(Window::day(day)).len() as f64);
    let merged = Figure {
        spark: gathered.window().days().map(per_day).collect(),
        ..figure(
            gathered,
            (
                "merged_pull_requests",
                "Merged pull requests",
                "Pull requests merged in the window, by people and by AI agents; those of other bots, such as dependency \
                 updates, are left out of every figure.",
            ),
            format!("{} by people, {} by agents", grouped(now.len() - agents), grouped(agents)),
            |_, pulls| Amount::Count(count(pulls.len())),
        )
    };
    let contributors = figure(
        gathered,
        (
            "contributors",
            "Contributors",
            "Distinct people credited with a pull request merged in the window: its author, or whoever started the agent.",
        ),
        format!("of {} merged pull requests", grouped(now.len())),
        |_, pulls| Amount::Count(people(pulls).count()),
    );
    let each = |window: Window, pulls: &[Pull<'_>]| {
        let contributors = people(pulls).count();
        let weeks = f64::from(window.len()) / 7.0;
        if contributors == 0 { Amount::Unknown } else { Amount::Number(pulls.len() as f64 / contributors as f64 / weeks) }
    };
    let throughput = figure(
        gathered,
        (
            "throughput",
            "Merged per contributor and week",
            "Merged pull requests / contributors / weeks of the window. Pull requests of agents are credited to whoever \
             started them.",
        ),
        format!("{} pull requests, {} contributors", grouped(now.len()), grouped(people(now).count())),
        each,
    );
    let lines = |pulls: &[Pull<'_>], hundredths| {
        percentile(&mut pulls.iter().map(|pull| pull.row.lines()).collect::<Vec<_>>(), hundredths)
    };
    let size = figure(
        gathered,
        ("pull_request_size", "Size (median lines)", "Median of lines added and deleted, of each merged pull request."),
        lines(now, 75).map_or_else(String::new, |lines| format!("three quarters have at most {} lines", grouped(lines))),
        |_, pulls| Amount::count(lines(pulls, 50)),
    );
    vec![merged, contributors, throughput, size]
}

fn count(many: usize) -> i64 {
    i64::try_from(many).unwrap_or(i64::MAX)
}

fn time(gathered: &Gathered<'_>, part: Part) -> Figure {
    let now = gathered.now();
    let mut known = lengths(now, part);
    let of = format!("of {} of {} pull requests", grouped(known.len()), grouped(now.len()));
    let context = percentile(&mut known, 75).map_or_else(|| of.clone(), |most| format!("p75 {}, {of}", length(most)));
    let formula = format!(
        "Median of the time {}. Never the mean: a few that lie for months would make it. p75: three quarters took at most as \
         long. A pull request of which an end is not known is left out.",
        part.words()
    );
    let label = format!("{} (median)", part.label());
    figure(gathered, (part.id(), &label, &formula), context, |_, pulls| {
        Amount::duration(percentile(&mut lengths(pulls, part), 50))
    })
}

const TIERS: &str = "Exact: an agent is the author by its numeric id, or a commit names it by id or address. Strong: a branch, a \
                     label or a marker names an agent, or the author used a tool on a day between the first and the last \
                     commit. Weak: the author used a tool on the day before the first commit.";

fn assisted(gathered: &Gathered<'_>) -> Vec<Figure> {
    let tiers = Tiers::of(gathered.now());
    let floor = figure(
        gathered,
        (
            "ai_assisted_floor",
            "AI-assisted, at least",
            &format!("Merged pull requests with exact evidence / merged pull requests. {TIERS}"),
        ),
        format!("{} of {} with exact evidence", grouped(tiers.exact), grouped(tiers.all)),
        |_, pulls| Amount::share(Tiers::of(pulls).floor()),
    );
    let ceiling = figure(
        gathered,
        (
            "ai_assisted_ceiling",
            "AI-assisted, at most",
            &format!(
                "Merged pull requests with evidence of any tier / merged pull requests. The truth lies between both: use on the \
                 same days need not have gone into the pull request, and use that no connected tool tells of is in neither. {TIERS}"
            ),
        ),
        format!("{} exact, {} strong, {} weak, of {}", tiers.exact, tiers.strong, tiers.weak, tiers.all),
        |_, pulls| Amount::share(Tiers::of(pulls).ceiling()),
    );
    vec![floor, ceiling]
}

fn quality(gathered: &Gathered<'_>) -> Vec<Figure> {
    let reverted = |pulls: &[Pull<'_>]| count(pulls.iter().filter(|pull| pull.is_reverted).count());
    let now = gathered.now();
    let formula = format!(
        "Merged pull requests that another merged one takes back within {REVERT_DAYS} days / merged pull requests. A revert is \
         known by its branch `revert-…` or by the words that Git puts into its commit. The newest may yet be reverted."
    );
    let reverts = figure(
        gathered,
        ("revert_rate", "Reverted", &formula),
        format!("{} of {}", grouped(reverted(now)), grouped(now.len())),
        |_, pulls| Amount::share(ratio(Some(reverted(pulls)), Some(count(pulls.len())))),
    );
    vec![reverts, reworked(gathered)]
}

fn reworked(gathered: &Gathered<'_>) -> Figure {
    let formula = format!(
        "Lines in files that another pull request of the same repository changed again within {REWORK_DAYS} days / all lines, of \
         pull requests merged at least {REWORK_DAYS} days before the end of the data. At most: a file may be changed again \
         without touching those lines."
    );
    let named = ("rework", "Rework, at most", formula.as_str());
    let Some(files) = &gathered.material.files else {
        let context = "not read: it is switched on with the setting `rework` of the delivery integration".to_owned();
        return figure(gathered, named, context, |_, _| Amount::Unknown);
    };
    let last = gathered.material.days.keys().next_back().copied().unwrap_or(gathered.window().to);
    let windows = [gathered.window(), gathered.window().before()];
    let since = windows[1].from;
    let pulls = gathered.every().filter(|(pull, _)| pull.merged_at.day() >= since).map(|(pull, counts)| {
        let is_of = |window: &Window| counts && window.contains(pull.merged_at.day());
        (pull, windows.iter().position(is_of))
    });
    let [now, before] = rework(pulls, files, last);
    let context =
        format!("{} of {} lines, of {} pull requests old enough", grouped(now.again), grouped(now.lines), grouped(now.pulls));
    figure(gathered, named, context, |window, _| {
        let rework = if window == windows[0] { now } else { before };
        Amount::share(ratio(Some(rework.again), Some(rework.lines)))
    })
}
