//! What is known of one's own use: meters with what is used and how much is included, as a vendor told it.

use serde::{Deserialize, Serialize};
use std::fmt;
use tacho_domain::Instant;

/// An amount in thousandths of its unit: whole numbers compare and print the same everywhere.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Milli(pub i64);

impl Milli {
    /// Whole units.
    #[must_use]
    pub const fn whole(units: i64) -> Self {
        Self(units.saturating_mul(1_000))
    }

    /// A vendor's number, to the nearest thousandth; `None` where it is not finite or too large to be an amount.
    #[must_use]
    pub fn of(number: f64) -> Option<Self> {
        let thousandths = (number * 1_000.0).round();
        // Beyond 2^53 a float no longer tells neighbouring whole numbers apart.
        #[expect(clippy::cast_possible_truncation, reason = "checked to be small")]
        (thousandths.abs() < 9_007_199_254_740_992.0).then_some(Self(thousandths as i64))
    }
}

impl fmt::Display for Milli {
    /// With as many decimals as it has, three at most: `50`, `1.4`, `-0.25`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0.unsigned_abs() / 1_000, self.0.unsigned_abs() % 1_000);
        let sign = if self.0 < 0 { "-" } else { "" };
        let decimals = format!("{rest:03}");
        match decimals.trim_end_matches('0') {
            "" => write!(f, "{sign}{whole}"),
            decimals => write!(f, "{sign}{whole}.{decimals}"),
        }
    }
}

/// What a meter counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Requests or messages.
    Requests,
    /// A vendor's credits.
    Credits,
    /// Nothing but a share is told: the limit is 100.
    Percent,
    /// US cents.
    Cents,
}

/// How much is included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// That much; always more than nothing.
    Of(Milli),
    /// Without limit: there is nothing to measure against.
    Unlimited,
    /// The vendor counts and does not say against what (a seat whose pool is the organization's). Never invented.
    Unknown,
}

/// One meter: what is used of what is included, until when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Parts")]
pub struct Meter {
    /// Stable name: `premium_interactions`, `five_hour`.
    pub id: String,
    /// What a person calls it: "premium requests", "5 hours".
    pub label: String,
    /// What it counts.
    pub unit: Unit,
    used: Milli,
    limit: Limit,
    /// Whether use beyond the limit goes on (and is billed); `None`: not told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overage_permitted: Option<bool>,
    /// When the count begins again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resets_at: Option<Instant>,
    /// How long a period is, in minutes, where it is a rolling one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window_minutes: Option<u32>,
}

/// A meter that cannot be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// Less than nothing was used.
    #[error("`{meter}`: {used} used, which is less than nothing")]
    NegativeUse {
        /// The meter's id.
        meter: String,
        /// What was told.
        used: Milli,
    },
    /// A limit of nothing, or less.
    #[error("`{meter}`: a limit of {limit}; expected more than 0, or `unlimited`")]
    NoLimit {
        /// The meter's id.
        meter: String,
        /// What was told.
        limit: Milli,
    },
}

impl Meter {
    /// A meter of which only use and limit are known.
    ///
    /// # Errors
    /// When use is negative or a limit is not more than nothing.
    pub fn new(id: &str, label: &str, unit: Unit, used: Milli, limit: Limit) -> Result<Self, Invalid> {
        let meter = id.to_owned();
        match limit {
            _ if used.0 < 0 => return Err(Invalid::NegativeUse { meter, used }),
            Limit::Of(limit) if limit.0 <= 0 => return Err(Invalid::NoLimit { meter, limit }),
            _ => {}
        }
        let label = label.to_owned();
        Ok(Self { id: meter, label, unit, used, limit, overage_permitted: None, resets_at: None, window_minutes: None })
    }

    /// What is used; may be more than the limit.
    #[must_use]
    pub fn used(&self) -> Milli {
        self.used
    }

    /// How much is included.
    #[must_use]
    pub fn limit(&self) -> Limit {
        self.limit
    }

    /// What is used beyond the limit; nothing where there is none.
    #[must_use]
    pub fn overage(&self) -> Milli {
        match self.limit {
            Limit::Of(limit) => Milli((self.used.0 - limit.0).max(0)),
            Limit::Unlimited | Limit::Unknown => Milli(0),
        }
    }

    /// The share used, in thousandths of a per cent; above 100 000 beyond the limit. `None` without a limit.
    #[must_use]
    pub fn percent(&self) -> Option<Milli> {
        let Limit::Of(limit) = self.limit else { return None };
        let share = i128::from(self.used.0) * 100_000 / i128::from(limit.0);
        Some(Milli(i64::try_from(share).unwrap_or(i64::MAX)))
    }

    /// Whether its period has ended by `now`, so that what was used no longer says anything.
    #[must_use]
    pub fn is_over_by(&self, now: Instant) -> bool {
        self.resets_at.is_some_and(|at| at <= now)
    }
}

/// A meter as it stands in the state file, before it is checked.
#[derive(Deserialize)]
struct Parts {
    id: String,
    label: String,
    unit: Unit,
    used: Milli,
    limit: Limit,
    #[serde(default)]
    overage_permitted: Option<bool>,
    #[serde(default)]
    resets_at: Option<Instant>,
    #[serde(default)]
    window_minutes: Option<u32>,
}

impl TryFrom<Parts> for Meter {
    type Error = Invalid;

    fn try_from(parts: Parts) -> Result<Self, Invalid> {
        let Parts { overage_permitted, resets_at, window_minutes, .. } = parts;
        let meter = Self::new(&parts.id, &parts.label, parts.unit, parts.used, parts.limit)?;
        Ok(Self { overage_permitted, resets_at, window_minutes, ..meter })
    }
}

/// What one source told at one time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsageData {
    /// Whose it is, as the vendor calls them: a login, an e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The plan in the vendor's word: `individual_pro`, `business`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
    /// The meters, the one that matters most first. None: the account has nothing to measure.
    pub meters: Vec<Meter>,
    /// What a person should know besides: "the pool is your organization's".
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<String>,
    /// When it was told.
    pub as_of: Instant,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meter(used: i64, limit: Limit) -> Meter {
        Meter::new("m", "m", Unit::Requests, Milli::whole(used), limit).unwrap()
    }

    #[test]
    fn use_beyond_the_limit_is_told_as_it_is() {
        let over = meter(575, Limit::Of(Milli::whole(500)));
        assert_eq!((over.percent(), over.overage()), (Some(Milli::whole(115)), Milli::whole(75)));
        let free = meter(31, Limit::Unknown);
        assert_eq!((free.percent(), free.overage()), (None, Milli(0)));
    }

    #[test]
    fn what_cannot_be_is_refused_even_from_a_file() {
        assert!(Meter::new("m", "m", Unit::Requests, Milli(-1), Limit::Unlimited).is_err());
        let error = Meter::new("chat", "chat", Unit::Requests, Milli(0), Limit::Of(Milli(0))).unwrap_err();
        assert_eq!(error.to_string(), "`chat`: a limit of 0; expected more than 0, or `unlimited`");
        let text = serde_json::to_string(&meter(1, Limit::Of(Milli::whole(2)))).unwrap();
        assert_eq!(serde_json::from_str::<Meter>(&text).unwrap(), meter(1, Limit::Of(Milli::whole(2))));
        assert!(serde_json::from_str::<Meter>(&text.replace("1000", "-5")).is_err());
    }

    #[test]
    fn amounts_print_without_idle_decimals() {
        let shown = [0, 1_000, 1_400, -250, 1_234_005].map(|thousandths| Milli(thousandths).to_string());
        assert_eq!(shown, ["0", "1", "1.4", "-0.25", "1234.005"]);
        assert_eq!(Milli::of(1_197.7), Some(Milli(1_197_700)));
        assert_eq!([f64::NAN, f64::INFINITY, 1e300].map(Milli::of), [None; 3]);
    }
}
