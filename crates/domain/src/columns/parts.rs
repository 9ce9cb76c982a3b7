//! The parts of one slice by model, language, editor and feature, packed person by person behind an index: whoever asks for a
//! team of a hundred reads a hundred of them, and nobody else's.

use super::Damaged;
use super::bytes::{Reader, put, unzigzag, zigzag};
use crate::measure::plus;
use crate::{Dimension, IdentityId, Measure, Measures};
use std::collections::{BTreeMap, HashMap};

const VERSION: u8 = 1;

/// One part of what one person did in a slice.
#[derive(Debug, Clone, Copy)]
pub struct PersonPart<'a> {
    /// Who, in the vendor's terms.
    pub identity: IdentityId,
    /// By what.
    pub dimension: Dimension,
    /// The part, in the vendor's word.
    pub value: &'a str,
    /// What was counted.
    pub measures: &'a Measures,
}

/// Sums by dimension and the vendor's word.
pub type PartSums = BTreeMap<(Dimension, String), Measures>;

/// Packs the parts of a slice, which are given ascending by identity.
#[must_use]
pub fn encode_parts(parts: &[PersonPart<'_>]) -> Vec<u8> {
    let mut values: Vec<(Dimension, &str)> = Vec::new();
    let mut places: HashMap<(Dimension, &str), u64> = HashMap::new();
    let mut measures: Vec<Measure> = Measure::ALL.to_vec();
    measures.retain(|measure| parts.iter().any(|part| part.measures[*measure].is_some()));
    let (mut index, mut payload, mut people, mut last) = (Vec::new(), Vec::new(), 0u64, 0);
    for of_person in parts.chunk_by(|one, next| one.identity == next.identity) {
        let (identity, from) = (of_person[0].identity.0, payload.len());
        for part in of_person {
            let place = *places.entry((part.dimension, part.value)).or_insert_with(|| {
                values.push((part.dimension, part.value));
                values.len() as u64 - 1
            });
            put(&mut payload, place);
            write_measures(&mut payload, &measures, part.measures);
        }
        put(&mut index, u64::from(identity - last));
        put(&mut index, (payload.len() - from) as u64);
        (people, last) = (people + 1, identity);
    }
    let mut bytes = Vec::with_capacity(64 + 16 * values.len() + index.len() + payload.len());
    bytes.push(VERSION);
    put(&mut bytes, measures.len() as u64);
    for measure in measures {
        word(&mut bytes, measure.name());
    }
    put(&mut bytes, values.len() as u64);
    for (dimension, value) in values {
        word(&mut bytes, dimension.as_str());
        word(&mut bytes, value);
    }
    put(&mut bytes, people);
    bytes.append(&mut index);
    bytes.append(&mut payload);
    bytes
}

/// A bit for each measure that is said, the first measure's lowest, and those values.
fn write_measures(bytes: &mut Vec<u8>, measures: &[Measure], of_part: &Measures) {
    let said = measures.iter().enumerate().fold(0u64, |said, (at, measure)| said | u64::from(of_part[*measure].is_some()) << at);
    put(bytes, said);
    measures.iter().filter_map(|measure| of_part[*measure]).for_each(|value| put(bytes, zigzag(value)));
}

fn word(bytes: &mut Vec<u8>, word: &str) {
    put(bytes, word.len() as u64);
    bytes.extend_from_slice(word.as_bytes());
}

/// The parts of one slice, each person's at hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaidParts {
    measures: Vec<Measure>,
    values: Vec<(Dimension, String)>,
    /// Ascending, and where each one's parts end among the bytes.
    identities: Vec<IdentityId>,
    ends: Vec<u32>,
    bytes: Vec<u8>,
}

impl LaidParts {
    /// Reads the index of what [`encode_parts`] packed.
    ///
    /// # Errors
    /// When the bytes are not what was packed.
    pub fn unpack(bytes: &[u8]) -> Result<Self, Damaged> {
        let mut reader = Reader { bytes, at: 0 };
        if reader.byte()? != VERSION {
            return Err(Damaged { at: 0 });
        }
        let (mut measures, mut values) = (Vec::new(), Vec::new());
        for _ in 0..reader.number()? {
            let at = reader.at;
            measures.push(Measure::parse(read_word(&mut reader)?).ok_or(Damaged { at })?);
        }
        for _ in 0..reader.number()? {
            let at = reader.at;
            let dimension = Dimension::parse(read_word(&mut reader)?).ok_or(Damaged { at })?;
            values.push((dimension, read_word(&mut reader)?.to_owned()));
        }
        let (mut identities, mut ends) = (Vec::new(), Vec::new());
        let (mut identity, mut end) = (0u32, 0u32);
        for _ in 0..reader.number()? {
            let at = reader.at;
            let mut step = || u32::try_from(reader.number()?).map_err(|_| Damaged { at });
            identity = identity.checked_add(step()?).ok_or(Damaged { at })?;
            end = end.checked_add(step()?).ok_or(Damaged { at })?;
            identities.push(IdentityId(identity));
            ends.push(end);
        }
        let payload = &bytes[reader.at..];
        if payload.len() != end as usize {
            return Err(Damaged { at: bytes.len() });
        }
        Ok(Self { measures, values, identities, ends, bytes: payload.to_vec() })
    }

    /// Adds the parts of those of `who`, who are ascending, by one dimension or by all.
    ///
    /// # Errors
    /// When somebody's bytes are not what was packed.
    pub fn add(&self, who: &[IdentityId], dimension: Option<Dimension>, sums: &mut PartSums) -> Result<(), Damaged> {
        let mut found: Vec<Option<Vec<Option<i64>>>> = vec![None; self.values.len()];
        let mut from = 0;
        for identity in who {
            match self.identities[from..].binary_search(identity) {
                Ok(at) => {
                    self.add_person(from + at, &mut found)?;
                    from += at + 1;
                }
                Err(at) => from += at,
            }
        }
        for ((of, value), found) in self.values.iter().zip(found) {
            if let (Some(found), true) = (found, dimension.is_none_or(|wanted| wanted == *of)) {
                let sum = sums.entry((*of, value.clone())).or_default();
                self.measures.iter().zip(found).for_each(|(measure, value)| sum.add_to(*measure, value));
            }
        }
        Ok(())
    }

    fn add_person(&self, place: usize, found: &mut [Option<Vec<Option<i64>>>]) -> Result<(), Damaged> {
        let from = if place == 0 { 0 } else { self.ends[place - 1] as usize };
        let mut reader = Reader { bytes: &self.bytes[..self.ends[place] as usize], at: from };
        while reader.at < reader.bytes.len() {
            let at = reader.at;
            let value = usize::try_from(reader.number()?).ok().and_then(|value| found.get_mut(value)).ok_or(Damaged { at })?;
            let said = reader.number()?;
            let sums = value.get_or_insert_with(|| vec![None; self.measures.len()]);
            for (at, sum) in sums.iter_mut().enumerate() {
                if said >> at & 1 == 1 {
                    *sum = plus(*sum, Some(unzigzag(reader.number()?)));
                }
            }
        }
        Ok(())
    }

    /// Bytes in memory.
    #[must_use]
    pub fn weight(&self) -> usize {
        let words: usize = self.values.iter().map(|(_, value)| value.len()).sum();
        words
            + size_of_val(self.values.as_slice())
            + size_of_val(self.measures.as_slice())
            + size_of_val(self.identities.as_slice())
            + size_of_val(self.ends.as_slice())
            + self.bytes.len()
    }
}

fn read_word<'b>(reader: &mut Reader<'b>) -> Result<&'b str, Damaged> {
    let at = reader.at;
    let length = usize::try_from(reader.number()?).map_err(|_| Damaged { at })?;
    let end = reader.at.checked_add(length).ok_or(Damaged { at })?;
    let text = reader.bytes.get(reader.at..end).ok_or(Damaged { at })?;
    reader.at = end;
    std::str::from_utf8(text).map_err(|_| Damaged { at })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Said = BTreeMap<(u32, Dimension, String), Measures>;

    fn any_parts() -> impl Strategy<Value = Said> {
        let key = (0u32..40, prop::sample::select(Dimension::ALL.to_vec()), "[a-cé]{0,2}");
        let measures = prop::collection::vec((prop::sample::select(Measure::ALL.to_vec()), -300i64..100_000), 0..4);
        let measures =
            measures.prop_map(|said| said.iter().fold(Measures::default(), |all, (one, value)| all.with(*one, *value)));
        prop::collection::btree_map(key, measures, 0..60)
    }

    fn packed(said: &Said) -> Vec<u8> {
        let parts = said.iter().map(|((id, dimension, value), measures)| PersonPart {
            identity: IdentityId(*id),
            dimension: *dimension,
            value,
            measures,
        });
        encode_parts(&parts.collect::<Vec<_>>())
    }

    proptest! {
        #[test]
        fn sums_are_those_of_whoever_is_asked_for(
            said in any_parts(),
            who in prop::collection::btree_set(0u32..50, 0..50),
            dimension in prop::option::of(prop::sample::select(Dimension::ALL.to_vec())),
        ) {
            let ids: Vec<IdentityId> = who.iter().copied().map(IdentityId).collect();
            let (mut sums, mut expected) = (PartSums::new(), PartSums::new());
            let laid = LaidParts::unpack(&packed(&said)).unwrap();
            laid.add(&ids, dimension, &mut sums).unwrap();
            laid.add(&[], dimension, &mut sums).unwrap();
            for ((id, of, value), measures) in &said {
                if who.contains(id) && dimension.is_none_or(|wanted| wanted == *of) {
                    expected.entry((*of, value.clone())).or_default().add(measures);
                }
            }
            prop_assert_eq!(sums, expected);
        }

        #[test]
        fn every_truncation_is_noticed(said in any_parts(), cut in any::<prop::sample::Index>()) {
            let bytes = packed(&said);
            prop_assert!(LaidParts::unpack(&bytes[..cut.index(bytes.len())]).is_err());
        }

        #[test]
        fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(laid) = LaidParts::unpack(&bytes) {
                let _ = laid.add(&(0..100).map(IdentityId).collect::<Vec<_>>(), None, &mut PartSums::new());
            }
        }
    }
}
