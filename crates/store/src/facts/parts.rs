//! A slice's parts by model, language, editor and feature as one packed value: what pages about a team read instead of its rows.

use super::rows::Gathered;
use crate::sql::{Tx, Value, bind};
use crate::{SliceWrite, StoreError};
use tacho_domain::columns::{PersonPart, encode_parts};
use tacho_domain::{Dimension, IdentityId, Measures, OrganizationId};

/// A counted slice's parts, packed; `None`: it has none.
pub(super) fn pack(rows: &Gathered<'_>) -> Option<Vec<u8>> {
    let parts = rows.splits.iter().map(|row| PersonPart {
        identity: IdentityId(row.identity),
        dimension: row.dimension,
        value: row.value.as_ref(),
        measures: row.measures.as_ref(),
    });
    (!rows.splits.is_empty()).then(|| encode_parts(&parts.collect::<Vec<_>>()))
}

/// Writes them.
pub(super) async fn write_parts(
    tx: &mut Tx,
    organization: OrganizationId,
    write: &SliceWrite<'_>,
    packed: Vec<u8>,
) -> Result<(), StoreError> {
    insert(tx, bind![organization, write.day, write.integration, write.stream], packed).await
}

async fn insert(tx: &mut Tx, key: &[Value; 4], packed: Vec<u8>) -> Result<(), StoreError> {
    let mut values = key.to_vec();
    values.push(packed.into());
    let sql = "insert into slice_parts (organization_id, day, integration_id, stream, packed) values ($1, $2, $3, $4, $5)";
    tx.execute(sql, &values).await.map(drop)
}

/// Packs what was read before there were packed parts, one slice after the other, so that no more than one lies in memory.
pub(crate) async fn fill_parts(tx: &mut Tx) -> Result<(), StoreError> {
    let measures = super::columns::known_measures(tx).await?;
    let sql = format!(
        "select identity_id, dimension, value{} from usage_splits
         where organization_id = $1 and integration_id = $3 and stream = $4 and day = $2 order by identity_id, dimension, value",
        super::rows::more_columns(&measures)
    );
    for slice in tx.fetch("select organization_id, day, integration_id, stream from slice_rollups", &[]).await? {
        let key = [slice.int(0)?.into(), slice.day(1)?.into(), slice.int(2)?.into(), slice.text(3)?.as_str().into()];
        let mut said: Vec<(IdentityId, Dimension, String, Measures)> = Vec::new();
        for row in tx.fetch(sql.clone(), &key).await? {
            if let Some(dimension) = Dimension::parse(&row.text(1)?) {
                said.push((IdentityId(row.number(0)?), dimension, row.text(2)?, row.measures(3, &measures)?));
            }
        }
        if !said.is_empty() {
            let part = |(identity, dimension, value, measures)| PersonPart { identity, dimension, value, measures };
            let parts =
                said.iter().map(|(identity, dimension, value, measures)| part((*identity, *dimension, value.as_str(), measures)));
            insert(tx, &key, encode_parts(&parts.collect::<Vec<_>>())).await?;
        }
    }
    Ok(())
}
