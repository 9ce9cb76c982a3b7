//! Reading the audit log, by page, by REST and as a file: what may be asked, and how a row reads.

use crate::api::v1::names::ActionName;
use crate::app::Site;
use crate::caller::Caller;
use crate::problem::Problem;
use serde::Deserialize;
use serde_json::Value;
use tacho_domain::audit::{Action, Actor};
use tacho_domain::{Day, Instant};
use tacho_store::{AuditFilter, AuditRow};
use utoipa::IntoParams;

const DAY_MICROS: i64 = 86_400_000_000;

/// Which rows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Asked {
    /// The first day, in UTC.
    #[param(required = false, nullable = false, value_type = String, format = Date, example = "2026-11-01")]
    pub(crate) from: Option<Day>,
    /// The last day.
    #[param(required = false, nullable = false, value_type = String, format = Date, example = "2026-11-20")]
    pub(crate) to: Option<Day>,
    /// Only this action.
    #[param(required = false, nullable = false, value_type = ActionName, example = "role_changed")]
    pub(crate) action: Option<String>,
    /// A part of the e-mail address or name of who did it.
    #[param(required = false, nullable = false, example = "ada@")]
    pub(crate) actor: Option<String>,
    /// A part of to whom or what it was done.
    #[param(required = false, nullable = false, example = "cursor")]
    pub(crate) target: Option<String>,
}

impl Asked {
    fn filter(&self, before: Option<i64>, limit: u32) -> Result<AuditFilter<'_>, Problem> {
        if let (Some(from), Some(to)) = (self.from, self.to)
            && to < from
        {
            return Err(Problem::field("to", "is before the first day: choose a later last day"));
        }
        let action = self.action.as_deref().map(|name| Action::parse(name).ok_or_else(unknown_action)).transpose()?;
        Ok(AuditFilter {
            from: self.from.map(begin),
            to: self.to.map(|day| begin(day.plus(1))),
            action,
            actor: self.actor.as_deref(),
            target: self.target.as_deref(),
            before,
            limit,
        })
    }

    /// Rows of the caller's organization, newest first, from before the one of that number.
    pub(crate) async fn rows(
        &self,
        site: &Site,
        caller: &Caller,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<AuditRow>, Problem> {
        Ok(site.store().list_audit(caller.organization, &self.filter(before, limit)?).await?)
    }

    /// What was asked, to be written down when the log is taken away as a file.
    pub(crate) fn words(&self) -> Value {
        let fields = [
            ("from", self.from.map(|day| day.to_string())),
            ("to", self.to.map(|day| day.to_string())),
            ("action", self.action.clone()),
            ("actor", self.actor.clone()),
            ("target", self.target.clone()),
        ];
        fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), Value::from(value?)))).collect()
    }

    /// The query that asks the same.
    pub(crate) fn query(&self) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in self.words().as_object().into_iter().flatten() {
            query.append_pair(name, value.as_str().unwrap_or_default());
        }
        query.finish()
    }
}

fn begin(day: Day) -> Instant {
    Instant(i64::from(day.0) * DAY_MICROS)
}

fn unknown_action() -> Problem {
    let names: Vec<&str> = Action::ALL.iter().map(|action| action.as_str()).collect();
    Problem::field("action", format!("is not known: use {}", names.join(", ")))
}

/// Who did it, as people read it.
pub(crate) fn who(actor: &Actor) -> String {
    match actor {
        Actor::User { email, .. } => email.clone(),
        Actor::Token { name } => format!("token {name}"),
        Actor::Operator => "the server's operator".to_owned(),
        Actor::Visitor => "a visitor".to_owned(),
    }
}

/// The detail in words: `from: member, to: lead`.
pub(crate) fn details(detail: &Value) -> String {
    match detail {
        Value::Object(fields) => {
            let given = fields.iter().filter(|(_, value)| !value.is_null());
            given.map(|(name, value)| format!("{}: {}", name.replace('_', " "), inner(value))).collect::<Vec<_>>().join(", ")
        }
        Value::Null => String::new(),
        other => inner(other),
    }
}

fn inner(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(flag) => if *flag { "yes" } else { "no" }.to_owned(),
        Value::Array(items) => items.iter().map(inner).collect::<Vec<_>>().join(" "),
        Value::Object(_) => format!("({})", details(value)),
        Value::Null => "nothing".to_owned(),
        Value::Number(number) => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn details_read_as_words() {
        assert_eq!(details(&json!({ "from": "member", "to": "lead" })), "from: member, to: lead");
        assert_eq!(details(&json!({ "expires_at": null, "scopes": ["a", "b"], "shared": true })), "scopes: a b, shared: yes");
        assert_eq!(details(&json!({ "name": { "from": "A", "to": null } })), "name: (from: A)");
        assert_eq!((details(&json!({})), details(&Value::Null)), (String::new(), String::new()));
    }

    #[test]
    fn days_are_whole_and_a_window_that_ends_before_it_begins_is_refused() {
        let asked = Asked { from: "2026-11-01".parse().ok(), to: "2026-11-01".parse().ok(), ..Asked::default() };
        let filter = asked.filter(None, 10).unwrap();
        assert_eq!((filter.from, filter.to), (Instant::parse("2026-11-01T00:00:00Z"), Instant::parse("2026-11-02T00:00:00Z")));
        let turned = Asked { to: "2026-10-31".parse().ok(), ..asked };
        assert_eq!(turned.filter(None, 10).unwrap_err().more["field"], "to");
        let action = Asked { action: Some("flew".to_owned()), ..Asked::default() };
        assert_eq!(action.filter(None, 10).unwrap_err().more["field"], "action");
    }
}
