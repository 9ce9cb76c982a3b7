//! Reads what the Teams report is made of.

use super::active::active;
use super::narrow::Narrow;
use super::packed::packed_slices;
use super::persons::counted;
use super::{Asked, material};
use crate::StoreError;
use crate::people::{memberships, team_names};
use crate::sql::Tx;
use tacho_domain::report::Report;
use tacho_domain::reports::people::{compared, provenance};
use tacho_domain::reports::teams::{Material, Tally, document};

pub(super) async fn answer(tx: &mut Tx, asked: &Asked<'_>) -> Result<Report, StoreError> {
    let (question, directory, profiles) = (asked.question, asked.directory, asked.known.profiles);
    let window = question.window;
    let measures = compared(profiles);
    let narrow = Narrow::read(tx, asked, window).await?;
    let slices = packed_slices(tx, question, window, &measures).await?;
    let memberships = memberships(tx, question.organization, directory, window, None).await?;
    let tally = Tally::of(window, (directory, &memberships), &measures, counted(asked, narrow.as_ref(), &slices));
    let narrow_before = Narrow::read(tx, asked, window.before()).await?;
    let before = active(tx, asked, narrow_before.as_ref(), window.before()).await?;
    let last_synced = material::last_synced(tx, question).await?;
    let material = Material {
        profiles,
        directory,
        names: team_names(tx, question.organization).await?,
        provenance: provenance(question, slices.iter(), tally.interactions(), last_synced),
        tally,
        active_before: before.known.then(|| before.anybody()),
    };
    Ok(document(question, &material))
}
