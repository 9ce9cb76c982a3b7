//! How many members there are, how many are active, and how often.

use super::Material;
use super::table::Person;
use crate::metrics::{Cohort, ratio};
use crate::money::group;
use crate::report::{Amount, Bucket, Chart, Distribution, Figure, Group, Question, Section};

/// The cohorts as people read them, with the share of working days.
const COHORTS: [(Cohort, &str, &str, &str); 4] = [
    (Cohort::Heavy, "heavy", "Heavy use", "more than 60 % of the window's working days"),
    (Cohort::Moderate, "moderate", "Moderate use", "more than 25 % and up to 60 % of the window's working days"),
    (Cohort::Light, "light", "Light use", "up to 25 % of the window's working days"),
    (Cohort::None, "none", "No use", "not one day"),
];

/// A cohort's name.
pub(super) fn cohort_name(cohort: Cohort) -> &'static str {
    COHORTS.iter().find(|(known, ..)| *known == cohort).map_or("", |(_, _, name, _)| name)
}

pub(super) fn groups(question: &Question, material: &Material<'_>, everyone: &[Person]) -> Vec<Group> {
    let members: Vec<&Person> = everyone.iter().filter(|person| !person.unmatched).collect();
    let count =
        |test: &dyn Fn(&Person) -> bool| i64::try_from(members.iter().filter(|person| test(person)).count()).unwrap_or(i64::MAX);
    let all = count(&|_| true);
    let mut adoption = vec![Figure::bare(
        "members",
        "Members",
        Amount::Count(all),
        "Members who had not left before the window, and those with usage in it, whether a tool names them or not.",
    )];
    adoption.push(active(material, everyone, count(&|person| person.active_days > 0), all));
    let knows = material.presence.knows_activity();
    let of_cohort = |(cohort, id, name, days): &(Cohort, &str, &str, &str)| {
        let many = count(&|person| person.cohort(question) == *cohort);
        Figure {
            context: format!("of {} members", group(all)),
            ..Figure::bare(
                &format!("cohort_{id}"),
                name,
                Amount::count(knows.then_some(many)),
                &format!("Members active with any tool on {days}. Active days by working days of the window."),
            )
        }
    };
    vec![
        Group { heading: "How many".into(), figures: adoption },
        Group { heading: "How often".into(), figures: COHORTS.iter().map(of_cohort).collect() },
    ]
}

fn active(material: &Material<'_>, everyone: &[Person], active: i64, all: i64) -> Figure {
    let unmatched = everyone.iter().filter(|person| person.unmatched && person.active_days > 0).count();
    let also = match unmatched {
        0 => String::new(),
        1 => "; 1 active identity matches no member".to_owned(),
        many => format!("; {} active identities match no member", group(many)),
    };
    let share = ratio(Some(active), Some(all)).map_or(String::new(), |share| format!(", {:.0} %", share * 100.0));
    let before = |people: &crate::metrics::People| people.count() - people.count_within(material.directory.unmatched());
    let knows = material.presence.knows_activity();
    Figure {
        before: Amount::count(material.active_before.as_ref().map(before)),
        context: format!("of {} members{share}{also}", group(all)),
        provisional: material.provenance.provisional_days > 0,
        spark: material.presence.daily(),
        ..Figure::bare(
            "active_members",
            "Active members",
            Amount::count(knows.then_some(active)),
            "Distinct members active with at least one tool, counted over the window. A member who uses two tools counts once.",
        )
    }
}

/// How many members fall in each cohort.
pub(super) fn cohorts(question: &Question, everyone: &[Person]) -> Section {
    let bucket = |(cohort, _, name, _): &(Cohort, &str, &str, &str)| {
        let many = everyone.iter().filter(|person| !person.unmatched && person.cohort(question) == *cohort).count();
        Bucket { label: (*name).to_owned(), people: i64::try_from(many).unwrap_or(i64::MAX) }
    };
    let buckets = COHORTS.iter().rev().map(bucket).collect();
    Section::drawn(
        "cohorts",
        "How often members use the tools",
        "Members by their active days among the window's working days: light up to 25 %, moderate up to 60 %, heavy above.",
        Chart::Distribution(Distribution { measure: "Use".into(), buckets }),
    )
}
