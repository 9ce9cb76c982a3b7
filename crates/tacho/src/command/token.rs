//! `tacho token`: API tokens that belong to nobody in particular, and a look at everybody's.

use crate::command::users::role;
use crate::failure::{Failure, Outcome};
use crate::output;
use crate::wiring::{Installation, refused};
use clap::{Args, Subcommand};
use comfy_table::Table;
use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use serde_json::json;
use tacho_domain::audit::Action;
use tacho_domain::{Instant, Role, Scopes};
use tacho_store::ApiToken;
use tacho_web::TokenWanted;

/// Manage API tokens
#[derive(Debug, Subcommand)]
pub(crate) enum Token {
    Add(Add),
    /// List the tokens, by name
    List,
    Remove(Remove),
}

/// Make a token that belongs to nobody in particular and print it, once
#[derive(Debug, Args)]
pub(crate) struct Add {
    /// What to call it: who or what will use it
    name: String,
    /// What it may at most do: owner, admin, manager, lead, member or viewer
    #[arg(long, value_name = "ROLE", default_value = "viewer", value_parser = role)]
    role: Role,
    /// Which of the role's permissions it has, with commas, such as `view_aggregates,view_all_data` [default: all of them]
    #[arg(long, value_name = "PERMISSIONS")]
    scope: Option<String>,
    /// When it ends: a number of hours or days such as 12h or 90d, or `never`
    #[arg(long, value_name = "TIME", default_value = "90d", value_parser = lifetime)]
    expires: Lifetime,
}

/// Take a token away
#[derive(Debug, Args)]
pub(crate) struct Remove {
    /// Its name, or its number where several have the name
    name: String,
}

/// How long a token works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lifetime {
    Seconds(i64),
    Endless,
}

fn lifetime(text: &str) -> Result<Lifetime, String> {
    if text == "never" {
        return Ok(Lifetime::Endless);
    }
    let unit = |unit: char, seconds: i64| {
        let number = text.strip_suffix(unit)?.parse::<u16>().ok().filter(|number| *number > 0)?;
        Some(i64::from(number) * seconds)
    };
    unit('d', 86_400)
        .or_else(|| unit('h', 3_600))
        .map(Lifetime::Seconds)
        .ok_or_else(|| "expected a number of hours or days such as `12h` or `90d`, or `never`".to_owned())
}

impl Token {
    pub(crate) async fn run(&self, installation: &Installation) -> Outcome {
        match self {
            Self::Add(add) => add.run(installation).await,
            Self::List => list(installation).await,
            Self::Remove(remove) => remove.run(installation).await,
        }
    }
}

impl Add {
    async fn run(&self, installation: &Installation) -> Outcome {
        let (store, organization, now) = (&installation.store, installation.organization, installation.now());
        let expires_at = match self.expires {
            Lifetime::Seconds(seconds) => Some(now.plus_seconds(seconds)),
            Lifetime::Endless => None,
        };
        let (role, scopes) = (self.role, self.scopes()?);
        let wanted = TokenWanted { name: &self.name, user: None, role, scopes, expires_at, made_by: None };
        let token = tacho_web::new_api_token(store, organization, &wanted, now).await.map_err(refused)?;
        let detail = json!({"role": role.as_str(), "scopes": scopes.to_string(), "expires_at": expires_at.map(text)});
        installation.note(Action::TokenMade, self.name.trim(), detail).await?;
        output::secret(&token)?;
        let ends = expires_at.map_or_else(|| "works until it is taken away".to_owned(), |at| format!("works until {at}"));
        output::note(&format!("Keep it safe: it is not shown again. It {ends}. Use it as `Authorization: Bearer <token>`."));
        Ok(())
    }

    /// The permissions; one that the role does not grant would do nothing, which nobody means.
    fn scopes(&self) -> Outcome<Scopes> {
        let Some(named) = &self.scope else { return Ok(self.role.permissions().into_iter().collect()) };
        let known = || {
            let names: Vec<&str> = self.role.permissions().into_iter().map(tacho_domain::Permission::as_str).collect();
            format!("the role `{}` grants {}", self.role, names.join(", "))
        };
        let scopes = Scopes::parse(named)
            .map_err(|name| Failure::usage(format!("--scope: there is no permission `{name}`")).hint(known()))?;
        match scopes.iter().find(|permission| !self.role.may(*permission)) {
            Some(beyond) => {
                Err(Failure::usage(format!("--scope: the role `{}` does not grant `{beyond}`", self.role)).hint(known()))
            }
            None if scopes == Scopes::default() => {
                Err(Failure::usage("--scope: a token without any permission does nothing").hint(known()))
            }
            None => Ok(scopes),
        }
    }
}

async fn list(installation: &Installation) -> Outcome {
    let mut table = Table::new();
    table.load_style(UTF8_HORIZONTAL_ONLY).set_header(["number", "name", "of", "role", "made", "ends", "last used"]);
    let tokens = installation.store.list_api_tokens(installation.organization, None).await?;
    if tokens.is_empty() {
        output::note("There are no API tokens. `tacho token add <name>` makes one.");
        return Ok(());
    }
    let now = installation.now();
    for token in tokens {
        let ends = match token.expires_at {
            None => "never".to_owned(),
            Some(at) if at <= now => format!("ended {at}"),
            Some(at) => text(at),
        };
        table.add_row([
            token.id.to_string(),
            token.name,
            token.user.map_or_else(|| "nobody".to_owned(), |(_, email)| email),
            token.role.to_string(),
            text(token.created_at),
            ends,
            token.last_used_at.map_or_else(|| "never".to_owned(), text),
        ]);
    }
    output::line(&table.to_string())
}

fn text(at: Instant) -> String {
    at.to_string()
}

impl Remove {
    async fn run(&self, installation: &Installation) -> Outcome {
        let (store, organization) = (&installation.store, installation.organization);
        let tokens = store.list_api_tokens(organization, None).await?;
        let named: Vec<&ApiToken> = tokens.iter().filter(|token| token.name == self.name).collect();
        let numbered = || tokens.iter().find(|token| token.id.to_string() == self.name);
        let token = match named[..] {
            [one] => one,
            [] => numbered().ok_or_else(|| {
                Failure::failed(format!("there is no API token named `{}`", self.name)).hint("`tacho token list` names them")
            })?,
            _ => {
                let numbers: Vec<String> = named.iter().map(|token| token.id.to_string()).collect();
                return Err(Failure::failed(format!("several API tokens are named `{}`", self.name))
                    .hint(format!("give the number of the one you mean: {}", numbers.join(", "))));
            }
        };
        store.remove_api_token(organization, token.id, None).await?;
        let of = token.user.as_ref().map(|(_, email)| email);
        installation.note(Action::TokenRevoked, &token.name, json!({"of": of})).await?;
        output::line(&format!("The token `{}` opens nothing any more.", token.name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lifetime_is_hours_days_or_never() {
        assert_eq!(lifetime("90d"), Ok(Lifetime::Seconds(7_776_000)));
        assert_eq!(lifetime("12h"), Ok(Lifetime::Seconds(43_200)));
        assert_eq!(lifetime("never"), Ok(Lifetime::Endless));
        for wrong in ["", "d", "0d", "-1d", "90", "90 d", "1y", "99999d"] {
            assert!(lifetime(wrong).is_err(), "{wrong}");
        }
    }
}
