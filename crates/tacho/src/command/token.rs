//! `tacho token`: API tokens.

use crate::failure::{Failure, Outcome};
use crate::output;
use crate::wiring::Installation;
use clap::{Args, Subcommand};
use comfy_table::Table;
use comfy_table::presets::UTF8_HORIZONTAL_ONLY;

/// Manage API tokens
#[derive(Debug, Subcommand)]
pub(crate) enum Token {
    Add(Add),
    /// List the tokens, by name
    List,
    Remove(Remove),
}

/// Make a token and print it, once; one of the same name is replaced
#[derive(Debug, Args)]
pub(crate) struct Add {
    /// What to call it: who or what will use it
    name: String,
}

/// Take a token away
#[derive(Debug, Args)]
pub(crate) struct Remove {
    /// Its name
    name: String,
}

impl Token {
    pub(crate) async fn run(&self, installation: &Installation) -> Outcome {
        let (store, organization) = (&installation.store, installation.organization);
        match self {
            Self::Add(add) => {
                let token = tacho_web::new_api_token(store, organization, &name(&add.name)?, installation.now()).await?;
                output::secret(&token)?;
                output::note("Keep it safe: it is not shown again. Use it as `Authorization: Bearer <token>`.");
                Ok(())
            }
            Self::List => {
                let mut table = Table::new();
                table.load_style(UTF8_HORIZONTAL_ONLY).set_header(["name", "made", "last used"]);
                let tokens = store.list_api_tokens(organization).await?;
                if tokens.is_empty() {
                    output::note("There are no API tokens. `tacho token add <name>` makes one.");
                    return Ok(());
                }
                for token in tokens {
                    let used = token.last_used_at.map_or_else(|| "never".to_owned(), |at| at.to_string());
                    table.add_row([token.name, token.created_at.to_string(), used]);
                }
                output::line(&table.to_string())
            }
            Self::Remove(remove) => {
                if store.remove_api_token(organization, &remove.name).await? {
                    return output::line(&format!("The token `{}` opens nothing any more.", remove.name));
                }
                Err(Failure::failed(format!("there is no API token named `{}`", remove.name))
                    .hint("`tacho token list` names them"))
            }
        }
    }
}

fn name(text: &str) -> Outcome<String> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > 100 {
        return Err(Failure::usage("a token's name has 1 to 100 characters"));
    }
    Ok(text.to_owned())
}
