//! `tacho organizations`: the organizations of an installation, which see nothing of each other.

use crate::failure::Outcome;
use crate::output;
use crate::wiring::{Installation, refused};
use clap::{Args, Subcommand};
use comfy_table::Table;
use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use serde_json::json;
use tacho_domain::audit::Action;

/// Manage the organizations of this installation
#[derive(Debug, Subcommand)]
pub(crate) enum Organizations {
    /// List the organizations, oldest first
    List,
    Add(Add),
    Rename(Rename),
}

/// Make another organization, with people and data of its own
#[derive(Debug, Args)]
pub(crate) struct Add {
    /// Its name
    name: String,
}

/// Give an organization another name; which one, --organization says
#[derive(Debug, Args)]
pub(crate) struct Rename {
    /// The new name
    name: String,
}

impl Organizations {
    /// Whether it is about one of them.
    pub(crate) fn is_about_one(&self) -> bool {
        matches!(self, Self::Rename(_))
    }

    pub(crate) async fn run(&self, installation: &Installation) -> Outcome {
        let store = &installation.store;
        match self {
            Self::List => {
                let mut table = Table::new();
                table.load_style(UTF8_HORIZONTAL_ONLY).set_header(["name", "users", "connections", "made"]);
                for organization in store.list_organizations().await? {
                    let users = store.list_memberships(organization.id).await?.len().to_string();
                    let connections = store.list_integrations(organization.id).await?.len().to_string();
                    table.add_row([organization.name, users, connections, organization.created_at.to_string()]);
                }
                output::line(&table.to_string())
            }
            Self::Add(add) => {
                let id = store.add_organization(&add.name, installation.now()).await.map_err(refused)?;
                let added = Installation { organization: id, ..installation.clone() };
                added.note(Action::OrganizationChanged, add.name.trim(), json!({"added": true})).await?;
                output::line(&format!("`{}` is made.", add.name.trim()))?;
                output::note(&format!(
                    "Let its first owner in: `tacho --organization \"{}\" users invite <email> --role owner`",
                    add.name.trim()
                ));
                Ok(())
            }
            Self::Rename(rename) => {
                let before = store.find_organization(installation.organization).await?.map(|found| found.name);
                store.rename_organization(installation.organization, &rename.name).await.map_err(refused)?;
                let detail = json!({"before": before, "after": rename.name.trim()});
                installation.note(Action::OrganizationChanged, rename.name.trim(), detail).await?;
                output::line(&format!("`{}` is called `{}` now.", before.unwrap_or_default(), rename.name.trim()))
            }
        }
    }
}
