//! What each merged pull request cost: a ratio over everybody who is asked about, spend that produced nothing included.

use super::figures::each;
use super::{Material, Merged};
use crate::money::group;
use crate::report::{Amount, Figure, Question};

/// Under so many the ratio would be about single pull requests.
const FEWEST: i64 = 10;

/// The figure; `None`: no repository host told of the window, or it is about a single person.
pub(super) fn per_merged(question: &Question, material: &Material<'_>) -> Option<Figure> {
    let Merged { now, before } = material.merged.filter(|_| question.member.is_none())?;
    let ratio = |window, merged: i64| {
        let value = material.value_of_all(window);
        Amount::money(if merged < FEWEST { None } else { each(value, merged) })
    };
    let context = if now < FEWEST {
        format!("{now} merged: not shown under {FEWEST}")
    } else {
        format!("{} merged; API list-price equivalent", group(now))
    };
    Some(Figure {
        before: before.map_or(Amount::Unknown, |before| ratio(question.window.before(), before)),
        context,
        ..Figure::bare(
            "cost_per_merged",
            "Metered value per merged pull request",
            ratio(question.window, now),
            "Metered value over the window / pull requests merged in it, of everybody who is asked about: use that produced nothing \
             is in it, seat fees are not. Dependency bots' pull requests are left out. Says nothing about what a single pull \
             request cost.",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Audience;
    use crate::reports::cost::tests::{directory, material, question};
    use crate::{Money, SubjectId};

    fn figure(merged: Option<Merged>) -> Option<Figure> {
        let directory = directory();
        per_merged(&question(Audience::Everyone), &Material { merged, ..material(&directory) })
    }

    #[test]
    fn all_that_was_spent_is_shared_among_what_was_merged() {
        let spent = material(&directory()).value_of_all(question(Audience::Everyone).window).unwrap();
        let found = figure(Some(Merged { now: 12, before: Some(24) })).unwrap();
        let Amount::Money(Money(each)) = found.value else { panic!("{found:?}") };
        assert!((each * 12 - spent).abs() <= 12, "{each} of {spent}");
        let Amount::Money(Money(before)) = found.before else { panic!("{found:?}") };
        assert!((before * 2 - each).abs() <= 2, "as much was spent on twice as many");
    }

    #[test]
    fn under_ten_and_without_a_host_there_is_no_ratio() {
        assert_eq!(figure(None), None);
        for (now, shown) in [(0, false), (9, false), (10, true)] {
            let found = figure(Some(Merged { now, before: None })).unwrap();
            assert_eq!((found.value != Amount::Unknown, found.before), (shown, Amount::Unknown), "{now}");
        }
    }

    #[test]
    fn a_single_persons_is_never_told() {
        let directory = directory();
        let merged = Some(Merged { now: 40, before: None });
        let one = Question { member: Some(SubjectId(101)), ..question(Audience::Everyone) };
        assert_eq!(per_merged(&one, &Material { merged, ..material(&directory) }), None);
    }
}
