//! One quota of the present plans, and the rules that decide what its numbers mean.

use super::MAIN;
use crate::read::fields::Fields;
use crate::read::misread::Misread;
use crate::{Limit, Meter, Milli, Unit};
use tacho_domain::Instant;

/// What the answer tells of the account and holds for each of its quotas.
pub(super) struct Account {
    credits: bool,
    company: bool,
    resets_at: Option<Instant>,
}

/// What one snapshot comes to.
pub(super) enum Quota {
    /// It says 0 of 0 and means neither: often 100 % remaining, sometimes 0 %.
    Placeholder,
    /// It counts.
    Counted {
        /// The count.
        meter: Meter,
        /// What a person should know about it.
        remark: Option<String>,
    },
}

/// What one snapshot tells, as it stands.
struct Snapshot {
    unlimited: bool,
    included: Option<Milli>,
    /// Not rounded; the older answers have the rounded count only.
    exact: Option<Milli>,
    rounded: Option<Milli>,
    percent: Option<Milli>,
    overage: Milli,
    /// Counted on credit plans whatever is included; the only number of seats whose pool is the organization's.
    credits_used: Option<Milli>,
}

impl Account {
    /// # Errors
    /// When a field holds another kind of thing.
    pub(super) fn of(user: &Fields<'_>) -> Result<Self, Misread> {
        Ok(Self {
            credits: user.flag("token_based_billing")?.unwrap_or_default(),
            company: matches!(user.text("copilot_plan")?.as_deref(), Some("business" | "enterprise")),
            // The one has the moment, the other only the day.
            resets_at: user.instant("quota_reset_date_utc")?.or(user.instant("quota_reset_date")?),
        })
    }
}

/// # Errors
/// When a field holds another kind of thing, or the numbers cannot be right.
pub(super) fn read(fields: &Fields<'_>, id: &str, label: &str, account: &Account) -> Result<Quota, Misread> {
    let snapshot = Snapshot::of(fields)?;
    let is_main = id == MAIN;
    let Some((used, limit)) = snapshot.count(is_main) else { return Ok(Quota::Placeholder) };
    let by_credits =
        account.credits || fields.flag("token_based_billing")?.unwrap_or_default() || snapshot.credits_used.is_some();
    let (label, unit) = match (snapshot.is_share(), is_main && by_credits) {
        (true, _) => (label, Unit::Percent),
        // Since 2026 the quota of the old name holds AI credits.
        (false, true) => ("AI credits", Unit::Credits),
        (false, false) => (label, Unit::Requests),
    };
    let mut meter = Meter::new(id, label, unit, used, limit)?;
    meter.overage_permitted = fields.flag("overage_permitted")?;
    meter.resets_at = fields.instant("quota_reset_at")?.or(account.resets_at);
    let remark = snapshot.remark(&meter, account);
    Ok(Quota::Counted { meter, remark })
}

impl Snapshot {
    fn of(fields: &Fields<'_>) -> Result<Self, Misread> {
        Ok(Self {
            unlimited: fields.flag("unlimited")?.unwrap_or_default(),
            included: fields.amount("entitlement")?,
            exact: fields.number("quota_remaining")?,
            rounded: fields.number("remaining")?,
            percent: fields.number("percent_remaining")?,
            overage: fields.amount("overage_count")?.unwrap_or_default(),
            credits_used: fields.amount("credits_used")?,
        })
    }

    /// What is used, of how much; `None` for a placeholder.
    fn count(&self, is_main: bool) -> Option<(Milli, Limit)> {
        let credits = self.credits_used.filter(|used| is_main || used.0 > 0);
        match (self.included, credits) {
            (_, Some(used)) if self.unlimited => Some((used, Limit::Unknown)),
            _ if self.unlimited => Some((Milli(0), Limit::Unlimited)),
            (Some(included), _) if included.0 > 0 => Some((self.used_of(included)?, Limit::Of(included))),
            (_, Some(used)) => Some((used, Limit::Unknown)),
            _ if self.beyond().0 > 0 => Some((self.beyond(), Limit::Unknown)),
            (Some(_), None) => None,
            (None, None) => self.used_of(WHOLE).filter(|_| self.is_share()).map(|used| (used, Limit::Of(WHOLE))),
        }
    }

    /// Whether a percentage is all it tells.
    fn is_share(&self) -> bool {
        let counts = [self.included, self.exact, self.rounded, self.credits_used];
        !self.unlimited && self.percent.is_some() && counts.iter().all(Option::is_none) && self.overage.0 == 0
    }

    /// What is used of `included`; more than that when the remainder is negative. Never less than nothing: a remainder above
    /// what is included (carried over, or bought besides) is not negative use.
    fn used_of(&self, included: Milli) -> Option<Milli> {
        let by_remainder = |remaining: Milli| Milli(included.0 - remaining.0);
        let by_share = |percent: Milli| Milli(part(included, 100_000_i64.saturating_sub(percent.0)));
        let used = self.exact.map(by_remainder).or(self.credits_used);
        let used = used.or(self.rounded.map(by_remainder)).or(self.percent.map(by_share))?;
        let over = Milli(if self.overage.0 > 0 && used >= included { included.0 + self.overage.0 } else { 0 });
        Some(used.max(over).max(Milli(0)))
    }

    /// What is used where nothing is included.
    fn beyond(&self) -> Milli {
        let remaining = self.exact.or(self.rounded).unwrap_or_default();
        self.overage.max(Milli(-remaining.0))
    }

    fn remark(&self, meter: &Meter, account: &Account) -> Option<String> {
        let text = match meter.limit() {
            Limit::Of(_) if self.contradicts(meter) => "GitHub's count and its percentage disagree; the count is shown.",
            // A company includes nothing per person on such plans; what limits one person is a budget.
            Limit::Of(_) if account.company && meter.unit == Unit::Credits => {
                "The limit is the budget that your organization set for you."
            }
            Limit::Unknown => "GitHub tells what is used and not of how much: such a seat draws on the organization's pool.",
            Limit::Of(_) | Limit::Unlimited => return None,
        };
        Some(text.to_owned())
    }

    /// Whether count and percentage are more than one per cent apart. Beyond the limit some answers stop at 0 %.
    fn contradicts(&self, meter: &Meter) -> bool {
        let (Some(percent), Some(used)) = (self.percent, meter.percent()) else { return false };
        used.0 < 100_000 && (100_000 - used.0).abs_diff(percent.0) > 1_000
    }
}

const WHOLE: Milli = Milli::whole(100);

/// `thousandths` of a per cent of an amount.
fn part(amount: Milli, thousandths: i64) -> i64 {
    let part = i128::from(amount.0) * i128::from(thousandths) / 100_000;
    i64::try_from(part).unwrap_or(i64::MAX)
}
