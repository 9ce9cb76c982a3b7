//! Merged pull requests of a day, packed: times as distances from one another, repositories named once. About 30 bytes
//! each, so that a page reads 100,000 of them in the time that a database needs to find them one by one.

use super::AuthorKind;
use super::place::Place;
use super::row::{FileRow, PullRow, Second, SignalSet};
use crate::columns::Damaged;
use crate::columns::bytes::{Reader, put, unzigzag, zigzag};
use crate::{Day, IdentityId};

const VERSION: u8 = 1;

const TRUNCATED: u8 = 1 << 2;
const READY: u8 = 1 << 3;
const FIRST_COMMIT: u8 = 1 << 4;
const LAST_COMMIT: u8 = 1 << 5;
const FIRST_REVIEW: u8 = 1 << 6;
const LAST_APPROVAL: u8 = 1 << 7;

const MERGE_MARK: u64 = 1;
const REVERTS_NUMBER: u64 = 1 << 1;
const REVERTS_MARK: u64 = 1 << 2;

/// Packs pull requests; they come out by repository and number.
#[must_use]
pub fn encode_pulls(rows: &[PullRow]) -> Vec<u8> {
    let mut sorted: Vec<&PullRow> = rows.iter().collect();
    sorted.sort_unstable_by_key(|row| (row.repository, row.number));
    let mut bytes = Vec::with_capacity(8 + rows.len() * 34);
    bytes.push(VERSION);
    put(&mut bytes, sorted.len() as u64);
    let base = sorted.iter().map(|row| row.merged_at.number()).min().unwrap_or(0);
    put(&mut bytes, zigzag(base));
    let (mut repository, mut number) = (0i64, 0u32);
    for row in sorted {
        // The distance of ids in wrapping arithmetic: any two of them have one.
        put(&mut bytes, zigzag(row.repository.wrapping_sub(repository)));
        if row.repository != repository {
            number = 0;
        }
        put(&mut bytes, u64::from(row.number - number));
        (repository, number) = (row.repository, row.number);
        put_row(&mut bytes, row, base);
    }
    bytes
}

fn put_row(bytes: &mut Vec<u8>, row: &PullRow, base: i64) {
    let has = |flag: u8, is: bool| if is { flag } else { 0 };
    bytes.push(
        row.author_kind as u8
            | has(TRUNCATED, row.truncated)
            | has(READY, row.ready_at.is_some())
            | has(FIRST_COMMIT, row.first_commit_at.is_some())
            | has(LAST_COMMIT, row.last_commit_day.is_some())
            | has(FIRST_REVIEW, row.first_review_at.is_some())
            | has(LAST_APPROVAL, row.last_approval_at.is_some()),
    );
    bytes.push(row.signals.0);
    put(bytes, row.author.map_or(0, |author| u64::from(author.0) + 1));
    let (created, merged) = (row.created_at, row.merged_at);
    put(bytes, zigzag(merged.number() - base));
    put(bytes, zigzag(merged.since(created)));
    let after_creation = [row.ready_at, row.first_review_at];
    after_creation.into_iter().flatten().for_each(|at| put(bytes, zigzag(at.since(created))));
    row.first_commit_at.into_iter().for_each(|at| put(bytes, zigzag(created.since(at))));
    row.last_approval_at.into_iter().for_each(|at| put(bytes, zigzag(merged.since(at))));
    let days = |day: Day| i64::from(merged.day().0) - i64::from(day.0);
    row.last_commit_day.into_iter().for_each(|day| put(bytes, zigzag(days(day))));
    let marks = (u64::from(row.merge_mark.is_some()) * MERGE_MARK)
        | (u64::from(row.reverts_number.is_some()) * REVERTS_NUMBER)
        | (u64::from(row.reverts_mark.is_some()) * REVERTS_MARK);
    put(bytes, (u64::from(row.approvals) << 3) | marks);
    put(bytes, u64::from(row.additions));
    put(bytes, u64::from(row.deletions));
    row.reverts_number.into_iter().for_each(|number| put(bytes, u64::from(number)));
    for mark in [row.merge_mark, row.reverts_mark].into_iter().flatten() {
        bytes.extend(mark.to_le_bytes());
    }
}

/// Calls `each` for every packed pull request, by repository and number.
///
/// # Errors
/// When the bytes are not what [`encode_pulls`] writes.
pub fn decode_pulls(bytes: &[u8], mut each: impl FnMut(PullRow)) -> Result<(), Damaged> {
    let mut reader = Reader { bytes, at: 0 };
    if reader.byte()? != VERSION {
        return Err(Damaged { at: 0 });
    }
    let count = reader.number()?;
    let base = unzigzag(reader.number()?);
    let (mut repository, mut number) = (0i64, 0u32);
    for _ in 0..count {
        let step = unzigzag(reader.number()?);
        repository = repository.wrapping_add(step);
        if step != 0 {
            number = 0;
        }
        number = number.checked_add(small(&mut reader)?).ok_or(Damaged { at: reader.at })?;
        each(row(&mut reader, repository, number, base)?);
    }
    if reader.at == bytes.len() { Ok(()) } else { Err(Damaged { at: reader.at }) }
}

fn row(reader: &mut Reader<'_>, repository: i64, number: u32, base: i64) -> Result<PullRow, Damaged> {
    let flags = reader.byte()?;
    let author_kind = [AuthorKind::Human, AuthorKind::Agent, AuthorKind::Bot];
    let author_kind = *author_kind.get(usize::from(flags & 3)).ok_or(Damaged { at: reader.at })?;
    let signals = SignalSet(reader.byte()?);
    let author = reader.number()?.checked_sub(1);
    let author = author.map(u32::try_from).transpose().map_err(|_| Damaged { at: reader.at })?.map(IdentityId);
    let merged = base.saturating_add(distance(reader)?);
    let created = merged.saturating_sub(distance(reader)?);
    let mut if_said = |flag: u8| if flags & flag == 0 { Ok(None) } else { distance(reader).map(Some) };
    let ready = if_said(READY)?;
    let first_review = if_said(FIRST_REVIEW)?;
    let first_commit = if_said(FIRST_COMMIT)?;
    let last_approval = if_said(LAST_APPROVAL)?;
    let last_commit = if_said(LAST_COMMIT)?;
    let at = |seconds: i64| Second::from_number(seconds);
    let merged_at = at(merged);
    let day_before = |days: i64| Day(i32::try_from(i64::from(merged_at.day().0).saturating_sub(days)).unwrap_or(i32::MAX));
    let marks = reader.number()?;
    let approvals = u32::try_from(marks >> 3).map_err(|_| Damaged { at: reader.at })?;
    let (additions, deletions) = (small(reader)?, small(reader)?);
    let reverts_number = (marks & REVERTS_NUMBER != 0).then(|| small(reader)).transpose()?;
    let merge_mark = (marks & MERGE_MARK != 0).then(|| mark(reader)).transpose()?;
    let reverts_mark = (marks & REVERTS_MARK != 0).then(|| mark(reader)).transpose()?;
    Ok(PullRow {
        repository,
        number,
        author_kind,
        author,
        created_at: at(created),
        ready_at: ready.map(|seconds| at(created.saturating_add(seconds))),
        merged_at,
        first_commit_at: first_commit.map(|seconds| at(created.saturating_sub(seconds))),
        last_commit_day: last_commit.map(day_before),
        first_review_at: first_review.map(|seconds| at(created.saturating_add(seconds))),
        last_approval_at: last_approval.map(|seconds| at(merged.saturating_sub(seconds))),
        approvals,
        additions,
        deletions,
        signals,
        merge_mark,
        reverts_number,
        reverts_mark,
        truncated: flags & TRUNCATED != 0,
    })
}

#[inline]
fn distance(reader: &mut Reader<'_>) -> Result<i64, Damaged> {
    reader.any_number().map(unzigzag)
}

#[inline]
fn small(reader: &mut Reader<'_>) -> Result<u32, Damaged> {
    u32::try_from(reader.number()?).map_err(|_| Damaged { at: reader.at })
}

fn mark(reader: &mut Reader<'_>) -> Result<u32, Damaged> {
    let four = reader.bytes.get(reader.at..).and_then(<[u8]>::first_chunk::<4>).ok_or(Damaged { at: reader.at })?;
    reader.at += 4;
    Ok(u32::from_le_bytes(*four))
}

/// Packs which files the pull requests of a day changed; they come out by repository, number and file.
#[must_use]
pub fn encode_files(rows: &[FileRow]) -> Vec<u8> {
    let mut sorted: Vec<&FileRow> = rows.iter().collect();
    sorted.sort_unstable_by_key(|row| (row.repository, row.number, row.file));
    let mut bytes = Vec::with_capacity(8 + rows.len() * 12);
    bytes.push(VERSION);
    put(&mut bytes, sorted.len() as u64);
    let mut place = Place::default();
    for row in sorted {
        place.put(&mut bytes, row.repository, row.number);
        put(&mut bytes, u64::from(row.lines));
        bytes.extend(row.file.to_le_bytes());
    }
    bytes
}

/// Calls `each` for every packed file, by repository, number and file.
///
/// # Errors
/// When the bytes are not what [`encode_files`] writes.
pub fn decode_files(bytes: &[u8], mut each: impl FnMut(FileRow)) -> Result<(), Damaged> {
    let mut reader = Reader { bytes, at: 0 };
    if reader.byte()? != VERSION {
        return Err(Damaged { at: 0 });
    }
    let mut place = Place::default();
    for _ in 0..reader.number()? {
        let (repository, number) = place.read(&mut reader)?;
        let lines = small(&mut reader)?;
        let eight = bytes.get(reader.at..).and_then(<[u8]>::first_chunk::<8>).ok_or(Damaged { at: reader.at })?;
        reader.at += 8;
        each(FileRow { repository, number, file: u64::from_le_bytes(*eight), lines });
    }
    if reader.at == bytes.len() { Ok(()) } else { Err(Damaged { at: reader.at }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_second() -> impl Strategy<Value = Second> {
        any::<u32>().prop_map(|seconds| Second::from_number(i64::from(seconds)))
    }

    fn any_row() -> impl Strategy<Value = PullRow> {
        let kinds = prop::sample::select(vec![AuthorKind::Human, AuthorKind::Agent, AuthorKind::Bot]);
        let maybe = || prop::option::of(any_second());
        (
            (any::<i64>(), any::<u32>(), kinds, any::<Option<u32>>(), any::<u8>(), any::<bool>()),
            (any_second(), maybe(), any_second(), maybe(), any::<Option<i16>>(), maybe(), maybe()),
            (any::<u32>(), any::<u32>(), any::<u32>(), any::<Option<u32>>(), any::<Option<u32>>(), any::<Option<u32>>()),
        )
            .prop_map(|(who, times, counts)| PullRow {
                repository: who.0,
                number: who.1,
                author_kind: who.2,
                author: who.3.map(IdentityId),
                signals: SignalSet(who.4),
                truncated: who.5,
                created_at: times.0,
                ready_at: times.1,
                merged_at: times.2,
                first_commit_at: times.3,
                last_commit_day: times.4.map(|day| Day(i32::from(day))),
                first_review_at: times.5,
                last_approval_at: times.6,
                approvals: counts.0,
                additions: counts.1,
                deletions: counts.2,
                merge_mark: counts.3,
                reverts_number: counts.4,
                reverts_mark: counts.5,
            })
    }

    fn unpack(bytes: &[u8]) -> Result<Vec<PullRow>, Damaged> {
        let mut rows = Vec::new();
        decode_pulls(bytes, |row| rows.push(row)).map(|()| rows)
    }

    fn unpack_files(bytes: &[u8]) -> Result<Vec<FileRow>, Damaged> {
        let mut rows = Vec::new();
        decode_files(bytes, |row| rows.push(row)).map(|()| rows)
    }

    #[test]
    fn an_ordinary_day_takes_about_thirty_bytes_a_pull_request() {
        let at = |hours: i64| Second::from_number(1_772_000_000 + hours * 3_607);
        let row = |number: u32| PullRow {
            author: Some(IdentityId(3_000 + number * 7)),
            created_at: at(0),
            first_commit_at: Some(at(-9)),
            last_commit_day: Some(at(15).day()),
            first_review_at: Some(at(4)),
            last_approval_at: Some(at(18)),
            approvals: 1,
            additions: 120 + number,
            deletions: 30,
            merge_mark: Some(0x1234_5678 ^ number),
            ..PullRow::merged(800_000_000 + i64::from(number % 8), 12_000 + number, at(20 + i64::from(number % 4)))
        };
        let rows: Vec<PullRow> = (0..400).map(row).collect();
        let each = encode_pulls(&rows).len() / rows.len();
        assert!(each <= 31, "{each} bytes each");
    }

    proptest! {
        #[test]
        fn packing_loses_nothing(mut rows in prop::collection::vec(any_row(), 0..60)) {
            let unpacked = unpack(&encode_pulls(&rows)).unwrap();
            rows.sort_by_key(|row| (row.repository, row.number));
            prop_assert_eq!(unpacked, rows);
        }

        #[test]
        fn every_truncation_is_noticed(rows in prop::collection::vec(any_row(), 1..6), cut in any::<prop::sample::Index>()) {
            let bytes = encode_pulls(&rows);
            prop_assert!(unpack(&bytes[..cut.index(bytes.len())]).is_err());
        }

        #[test]
        fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let mut known = vec![VERSION];
            known.extend(&bytes);
            let _ = (unpack(&bytes), unpack(&known), unpack_files(&bytes), unpack_files(&known));
        }

        #[test]
        fn files_come_back_too(
            rows in prop::collection::vec((any::<i64>(), any::<u32>(), any::<u64>(), any::<u32>()), 0..60),
            cut in any::<prop::sample::Index>(),
        ) {
            let row = |(repository, number, file, lines)| FileRow { repository, number, file, lines };
            let mut rows: Vec<FileRow> = rows.into_iter().map(row).collect();
            let bytes = encode_files(&rows);
            rows.sort_by_key(|row| (row.repository, row.number, row.file));
            prop_assert_eq!(unpack_files(&bytes).unwrap(), rows);
            prop_assert!(unpack_files(&bytes[..cut.index(bytes.len())]).is_err());
        }
    }
}
