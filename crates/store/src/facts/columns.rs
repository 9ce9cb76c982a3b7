//! A slice's measures and teams as packed columns: what reports about people and teams read instead of its rows.

use super::rows::{Gathered, said};
use crate::sql::{Row, Tx, Value, bind};
use crate::{SliceWrite, StoreError};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use tacho_domain::columns::{encode_identities, encode_teams, encode_values};
use tacho_domain::{IdentityId, Measure, Measures, OrganizationId, decode_active};

/// The key of a slice as the roll-ups have it: organization, day, integration, stream.
type Key = [Value; 4];

/// Measures, each packed.
pub(super) type Packed = Vec<(Measure, Vec<u8>)>;

/// A counted slice's measures, each person's in the order of the packed people. Interactions are with the people.
pub(super) fn pack(people: &[&Measures]) -> Packed {
    let column = |measure| {
        let values: Vec<Option<i64>> = people.iter().map(|person| person[measure]).collect();
        (measure, encode_values(&values))
    };
    let measures = said(people.iter().copied()).into_iter();
    measures.filter(|measure| *measure != Measure::Interactions).map(column).collect()
}

/// What a slice's packed people, columns and parts are, in one number: two of the same number are the same.
pub(super) fn stamp(people: &[u8], columns: &Packed, parts: Option<&[u8]>) -> i64 {
    // Before there were packed parts, stamps did not tell of them: no stamp of then is one of now.
    let mut digest = Sha256::new().chain_update("with parts").chain_update(people.len().to_le_bytes()).chain_update(people);
    for (measure, packed) in columns {
        digest.update(measure.name());
        digest.update(packed.len().to_le_bytes());
        digest.update(packed);
    }
    digest.update(parts.unwrap_or_default());
    let digest = digest.finalize();
    digest.first_chunk::<8>().map_or(0, |eight| i64::from_le_bytes(*eight))
}

/// Writes a counted slice's columns.
pub(super) async fn write_columns(
    tx: &mut Tx,
    organization: OrganizationId,
    write: &SliceWrite<'_>,
    columns: &Packed,
) -> Result<(), StoreError> {
    insert_columns(tx, bind![organization, write.day, write.integration, write.stream], columns).await
}

async fn insert_columns(tx: &mut Tx, key: &Key, columns: &Packed) -> Result<(), StoreError> {
    let mut loader = tx.loader("slice_columns", &["organization_id", "day", "integration_id", "stream", "measure", "packed"]);
    for (measure, packed) in columns {
        loader.values(key)?;
        loader.text(measure.name())?;
        loader.bytes(packed.as_slice())?;
        loader.end_row().await?;
    }
    loader.finish().await.map(drop)
}

/// Writes who a snapshot names in each team.
pub(super) async fn write_teams(
    tx: &mut Tx,
    organization: OrganizationId,
    write: &SliceWrite<'_>,
    rows: &Gathered<'_>,
) -> Result<(), StoreError> {
    let mut teams: BTreeMap<&str, Vec<IdentityId>> = BTreeMap::new();
    for (key, identity) in rows.teams.keys() {
        teams.entry(key.as_ref()).or_default().push(IdentityId(*identity));
    }
    let key = bind![organization, write.day, write.integration, write.stream];
    insert_team_list(tx, key, teams.iter().map(|(key, identities)| (*key, identities.as_slice()))).await?;
    insert_teams(tx, key, teams).await
}

async fn insert_teams<T: AsRef<str>>(
    tx: &mut Tx,
    key: &Key,
    teams: impl IntoIterator<Item = (T, Vec<IdentityId>)>,
) -> Result<(), StoreError> {
    let mut loader = tx.loader("slice_teams", &["organization_id", "day", "integration_id", "stream", "team_key", "identities"]);
    for (team, identities) in teams {
        loader.values(key)?;
        loader.text(team.as_ref())?;
        loader.bytes(encode_identities(identities).as_slice())?;
        loader.end_row().await?;
    }
    loader.finish().await.map(drop)
}

async fn insert_team_list<'t>(
    tx: &mut Tx,
    key: &Key,
    teams: impl IntoIterator<Item = (&'t str, &'t [IdentityId])>,
) -> Result<(), StoreError> {
    let mut values = key.to_vec();
    values.push(encode_teams(teams).into());
    let sql = "insert into slice_team_lists (organization_id, day, integration_id, stream, teams) values ($1, $2, $3, $4, $5)";
    tx.execute(sql, &values).await.map(drop)
}

/// Packs the teams of each snapshot that was read before they were one value.
pub(crate) async fn fill_team_lists(tx: &mut Tx) -> Result<(), StoreError> {
    let snapshots = "select distinct organization_id, day, integration_id, stream from slice_teams";
    for slice in tx.fetch(snapshots, &[]).await? {
        let key = key(&slice)?;
        let sql = "select team_key, identities from slice_teams
                   where organization_id = $1 and integration_id = $3 and stream = $4 and day = $2 order by team_key";
        let mut teams: Vec<(String, Vec<IdentityId>)> = Vec::new();
        for row in tx.fetch(sql, &key).await? {
            let mut identities = Vec::new();
            decode_active(&row.bytes(1)?, |identity| identities.push(identity));
            teams.push((row.text(0)?, identities));
        }
        insert_team_list(tx, &key, teams.iter().map(|(key, identities)| (key.as_str(), identities.as_slice()))).await?;
    }
    Ok(())
}

/// Packs what was read before there were columns, one slice after the other, so that no more than one lies in memory.
pub(crate) async fn fill_columns(tx: &mut Tx) -> Result<(), StoreError> {
    let measures = known_measures(tx).await?;
    let names: Vec<&str> = std::iter::once("identity_id").chain(measures.iter().map(|measure| measure.name())).collect();
    let list = names.join(", ");
    for slice in tx.fetch("select organization_id, day, integration_id, stream from slice_people", &[]).await? {
        let key = key(&slice)?;
        let sql = format!(
            "select {list} from usage_daily
             where organization_id = $1 and integration_id = $3 and stream = $4 and day = $2 order by identity_id"
        );
        let rows = tx.fetch(sql, &key).await?;
        let people: Vec<Measures> = rows.iter().map(|row| row.measures(1, &measures)).collect::<Result<_, _>>()?;
        insert_columns(tx, &key, &pack(&people.iter().collect::<Vec<_>>())).await?;
    }
    fill_teams(tx).await
}

async fn fill_teams(tx: &mut Tx) -> Result<(), StoreError> {
    let snapshots = "select s.organization_id, s.day, s.integration_id, s.stream from slices s
                     join team_streams t on t.organization_id = s.organization_id and t.integration_id = s.integration_id
                          and t.stream = s.stream";
    for slice in tx.fetch(snapshots, &[]).await? {
        let key = key(&slice)?;
        let sql = "select team_key, identity_id from team_members_daily
                   where organization_id = $1 and integration_id = $3 and stream = $4 and day = $2";
        let mut teams: BTreeMap<String, Vec<IdentityId>> = BTreeMap::new();
        for row in tx.fetch(sql, &key).await? {
            teams.entry(row.text(0)?).or_default().push(IdentityId(row.number(1)?));
        }
        insert_teams(tx, &key, teams).await?;
    }
    Ok(())
}

fn key(row: &Row) -> Result<Key, StoreError> {
    Ok([row.int(0)?.into(), row.day(1)?.into(), row.int(2)?.into(), row.text(3)?.as_str().into()])
}

/// The measures that the tables have columns for at this moment: newer ones are added after the migrations.
pub(super) async fn known_measures(tx: &mut Tx) -> Result<Vec<Measure>, StoreError> {
    let mut known = Vec::new();
    for row in tx.fetch("select name from measure_columns order by name", &[]).await? {
        known.extend(Measure::parse(&row.text(0)?));
    }
    Ok(known)
}
