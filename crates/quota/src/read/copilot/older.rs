//! The free plan as GitHub told it until 2025: what a month holds, and what is left of it, in two objects.

use crate::read::fields::Fields;
use crate::read::misread::Misread;
use crate::{Limit, Meter, Milli, Unit};

/// The meters of the pair; none unless both halves tell of the same thing.
///
/// # Errors
/// When a field holds another kind of thing.
pub(super) fn meters(user: &Fields<'_>) -> Result<Vec<Meter>, Misread> {
    let (Some(months), Some(left)) = (user.object("monthly_quotas")?, user.object("limited_user_quotas")?) else {
        return Ok(Vec::new());
    };
    let resets_at = user.instant("limited_user_reset_date")?;
    let mut meters = Vec::new();
    for id in ["chat", "completions"] {
        let (Some(month), Some(left)) = (months.amount(id)?, left.number(id)?) else { continue };
        if month.0 == 0 {
            continue;
        }
        let used = Milli((month.0 - left.0).max(0));
        let mut meter = Meter::new(id, id, Unit::Requests, used, Limit::Of(month))?;
        meter.resets_at = resets_at;
        meters.push(meter);
    }
    Ok(meters)
}
