//! The teams of one snapshot, packed: all of a vendor's teams of a day in one value, a bit for each identity.

use super::bytes::{Reader, put};
use super::{Damaged, encode_identities};
use crate::IdentityId;

const VERSION: u8 = 1;

/// Packs teams by the vendor's key, with the identities that the snapshot names in each.
#[must_use]
pub fn encode_teams<'t>(teams: impl IntoIterator<Item = (&'t str, &'t [IdentityId])>) -> Vec<u8> {
    let mut bytes = vec![VERSION];
    for (key, identities) in teams {
        let identities = encode_identities(identities.iter().copied());
        put(&mut bytes, key.len() as u64);
        bytes.extend_from_slice(key.as_bytes());
        put(&mut bytes, identities.len() as u64);
        bytes.extend_from_slice(&identities);
    }
    bytes
}

/// Calls `each` with every team's key and its identities, as [`encode_identities`] packs them.
///
/// # Errors
/// When the bytes are not what [`encode_teams`] writes.
pub fn decode_teams<'b>(bytes: &'b [u8], mut each: impl FnMut(&'b str, &'b [u8])) -> Result<(), Damaged> {
    let mut reader = Reader { bytes, at: 0 };
    if reader.byte()? != VERSION {
        return Err(Damaged { at: 0 });
    }
    while reader.at < bytes.len() {
        let at = reader.at;
        let key = std::str::from_utf8(some(&mut reader)?).map_err(|_| Damaged { at })?;
        each(key, some(&mut reader)?);
    }
    Ok(())
}

/// Bytes after their number.
fn some<'b>(reader: &mut Reader<'b>) -> Result<&'b [u8], Damaged> {
    let at = reader.at;
    let length = usize::try_from(reader.number()?).map_err(|_| Damaged { at })?;
    let end = reader.at.checked_add(length).ok_or(Damaged { at })?;
    let found = reader.bytes.get(reader.at..end).ok_or(Damaged { at })?;
    reader.at = end;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode_active;
    use proptest::prelude::*;
    use std::collections::{BTreeMap, BTreeSet};

    proptest! {
        #[test]
        fn packing_loses_nothing(teams in prop::collection::btree_map(".{0,5}", prop::collection::btree_set(0u32..99, 0..9), 0..9)) {
            let of_team = |people: &BTreeSet<u32>| people.iter().copied().map(IdentityId).collect::<Vec<_>>();
            let given: Vec<(String, Vec<IdentityId>)> = teams.iter().map(|(key, people)| (key.clone(), of_team(people))).collect();
            let mut found = BTreeMap::new();
            decode_teams(&encode_teams(given.iter().map(|(key, people)| (key.as_str(), people.as_slice()))), |key, packed| {
                let mut people = BTreeSet::new();
                decode_active(packed, |identity| people.extend([identity.0]));
                found.insert(key.to_owned(), people);
            })
            .unwrap();
            prop_assert_eq!(found, teams);
        }

        #[test]
        fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = decode_teams(&bytes, |_, _| ());
        }
    }
}
