//! DORA's five, where deployments are known.

use super::gather::Gathered;
use crate::Window;
use crate::delivery::{Deployed, deployed};
use crate::metrics::ratio;
use crate::money::group;
use crate::report::{Amount, Figure};

/// Nothing where no deployments are configured, and of a team or a person: deployments name neither.
pub(super) fn figures(gathered: &Gathered<'_>) -> Vec<Figure> {
    let Some(deployments) = gathered.material.deployments.as_ref().filter(|_| gathered.is_whole()) else { return Vec::new() };
    let of = |window| deployed(window, deployments, &gathered.material.pulls);
    let (now, before) = (of(gathered.window()), of(gathered.window().before()));
    let told = |window, value: Amount| if gathered.is_told(window) { value } else { Amount::Unknown };
    let figure =
        |(id, label, formula): (&str, &str, &str), context: String, value: &dyn Fn(&Deployed, Window) -> Amount| Figure {
            before: told(gathered.window().before(), value(&before, gathered.window().before())),
            context,
            provisional: gathered.is_provisional(gathered.window()),
            ..Figure::bare(id, label, told(gathered.window(), value(&now, gathered.window())), formula)
        };
    vec![
        figure(FREQUENCY, format!("{} in {} days", group(now.succeeded), gathered.window().len()), &|sum, window| {
            #[expect(clippy::cast_precision_loss, reason = "numbers of deployments")]
            Amount::Number(sum.succeeded as f64 * 7.0 / f64::from(window.len()))
        }),
        figure(LEAD, format!("of {} merged pull requests", group(now.delivered)), &|sum, _| Amount::duration(sum.lead_seconds)),
        figure(FAILED, format!("{} of {}", group(now.failed), group(now.ended)), &|sum, _| {
            Amount::share(ratio(Some(sum.failed), Some(sum.ended)))
        }),
        figure(RECOVERY, format!("of {} failed deployments", group(now.recovered)), &|sum, _| {
            Amount::duration(sum.recovery_seconds)
        }),
        figure(REWORK, format!("{} of {}", group(now.repairs), group(now.ended)), &|sum, _| {
            Amount::share(ratio(Some(sum.repairs), Some(sum.ended)))
        }),
    ]
}

const FREQUENCY: (&str, &str, &str) = (
    "deployment_frequency",
    "Deployments per week",
    "Deployments that went live / weeks of the window, of all repositories that deploy.",
);
const LEAD: (&str, &str, &str) = (
    "lead_time",
    "Lead time for changes (median)",
    "Median of the time from a merge to the end of the first deployment of the same repository that began after it and went \
     live. Merges of repositories that do not deploy, and those not yet deployed, are left out.",
);
const FAILED: (&str, &str, &str) = (
    "change_fail_rate",
    "Change fail rate",
    "Deployments that failed, or after which a change was reverted before the next one, / deployments that ended.",
);
const RECOVERY: (&str, &str, &str) = (
    "recovery_time",
    "Failed deployment recovery time (median)",
    "Median of the time from the end of a failed deployment to the end of the next one of the same repository that went live.",
);
const REWORK: (&str, &str, &str) = (
    "deployment_rework_rate",
    "Deployment rework rate",
    "Deployments that were the first to go live after a failed one / deployments that ended.",
);
