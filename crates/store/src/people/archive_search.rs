//! Kept replies that name somebody: found by reading them, deleted with all replies of the same fetch.

use crate::sql::bind;
use crate::{ArchiveEntry, Store, StoreError};
use std::collections::BTreeSet;
use std::io::Read;
use tacho_domain::{Day, Instant, IntegrationId, OrganizationId, Window};

/// A fetch whose replies were kept: integration, stream and days.
type Fetch = (i64, String, Day, Day);

impl Store {
    /// Deletes the replies of every fetch in which one of the words stands by itself, whatever its case. So do older
    /// replies for the same days: read anew they would bring older facts back. A word that happens to mean something else
    /// costs a reply too many; none is missed.
    pub(super) async fn remove_archives_naming(&self, organization: OrganizationId, words: &[String]) -> Result<(), StoreError> {
        let needles: Vec<Vec<u8>> = words.iter().flat_map(|word| needles(word)).collect();
        let mut naming: BTreeSet<Fetch> = BTreeSet::new();
        let mut fetched: Vec<(Fetch, Instant)> = Vec::new();
        for entry in self.all_archived(organization).await? {
            let fetch = (entry.integration.0, entry.stream.clone(), entry.slice.from, entry.slice.to);
            fetched.push((fetch.clone(), entry.fetched_at));
            if naming.contains(&fetch) {
                continue;
            }
            let body = self.open_archive(organization, &entry).await?;
            let needles = needles.clone();
            let names = tokio::task::spawn_blocking(move || holds_any(body, &needles)).await.map_err(std::io::Error::other)??;
            naming.extend(names.then_some(fetch));
        }
        let newest = |fetch: &Fetch| fetched.iter().filter(|(one, _)| one == fetch).map(|(_, at)| *at).max();
        let overlaps = |one: &Fetch, two: &Fetch| (one.0, &one.1) == (two.0, &two.1) && one.2 <= two.3 && two.2 <= one.3;
        let older = |one: &Fetch, at: Instant| naming.iter().any(|other| overlaps(one, other) && newest(other) >= Some(at));
        let doomed: BTreeSet<&Fetch> = fetched.iter().filter(|(fetch, at)| older(fetch, *at)).map(|(fetch, _)| fetch).collect();
        if doomed.is_empty() {
            return Ok(());
        }
        let mut tx = self.begin().await?;
        for (integration, stream, from, to) in doomed {
            for table in ["archive_chunks", "archive_replies"] {
                let sql = format!(
                    "delete from {table} where organization_id = $1 and integration_id = $2 and stream = $3
                     and slice_from = $4 and slice_to = $5"
                );
                tx.execute(sql, bind![organization, *integration, stream.as_str(), *from, *to]).await?;
            }
        }
        tx.commit().await
    }

    async fn all_archived(&self, organization: OrganizationId) -> Result<Vec<ArchiveEntry>, StoreError> {
        let always = Window { from: Day(i32::MIN), to: Day(i32::MAX) };
        let sql = "select distinct integration_id from archive_replies where organization_id = $1 order by integration_id";
        let mut entries = Vec::new();
        for row in self.fetch(sql, bind![organization]).await? {
            entries.extend(self.list_archive(organization, IntegrationId(row.int(0)?), None, always).await?);
        }
        Ok(entries)
    }
}

/// The word's bytes in lower case, and as JSON writes its letters beyond ASCII.
fn needles(word: &str) -> Vec<Vec<u8>> {
    let lower = word.trim().to_lowercase();
    let mut needles = Vec::new();
    for form in [word.trim().to_owned(), lower] {
        let escape = |unit: u16| match u8::try_from(unit).ok().filter(u8::is_ascii) {
            Some(byte) => char::from(byte).to_string(),
            None => format!("\\u{unit:04x}"),
        };
        let escaped: String = form.encode_utf16().map(escape).collect();
        // Bytes beyond ASCII are compared as they are: both cases of the word are looked for.
        needles.extend([form, escaped].map(|form| form.to_ascii_lowercase().into_bytes()));
    }
    needles.sort();
    needles.dedup();
    needles
}

/// Whether one of the needles stands in the text by itself: no letter, digit, hyphen or underscore before or after it.
fn holds_any(mut body: impl Read, needles: &[Vec<u8>]) -> std::io::Result<bool> {
    let longest = needles.iter().map(Vec::len).max().unwrap_or(0);
    let mut text: Vec<u8> = Vec::new();
    let mut piece = vec![0; 256 * 1024];
    // The byte before what is in `text`; the text begins and ends as if blanks were around it.
    let mut before = b' ';
    loop {
        let read = match body.read(&mut piece) {
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            read => read?,
        };
        text.extend(piece[..read].iter().map(u8::to_ascii_lowercase));
        let ended = read == 0;
        // Places too near the end are looked at when more is known.
        let until = if ended { text.len() } else { text.len().saturating_sub(longest) };
        for needle in needles.iter().filter(|needle| !needle.is_empty()) {
            let first = needle[0];
            for (place, _) in text[..until].iter().enumerate().filter(|(_, byte)| **byte == first) {
                if text[place..].starts_with(needle) {
                    let before = if place == 0 { before } else { text[place - 1] };
                    let after = text.get(place + needle.len()).copied().unwrap_or(b' ');
                    if !joins(before) && !joins(after) {
                        return Ok(true);
                    }
                }
            }
        }
        if ended {
            return Ok(false);
        }
        if until > 0 {
            before = text[until - 1];
            text.drain(..until);
        }
    }
}

fn joins(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') || byte >= 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(text: &str, word: &str) -> bool {
        // A byte at a time: every word lies across a border.
        struct Slow<'t>(&'t [u8]);
        impl Read for Slow<'_> {
            fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
                let Some((first, rest)) = self.0.split_first() else { return Ok(0) };
                (buffer[0], self.0) = (*first, rest);
                Ok(1)
            }
        }
        let whole = holds_any(text.as_bytes(), &needles(word)).unwrap();
        assert_eq!(holds_any(Slow(text.as_bytes()), &needles(word)).unwrap(), whole);
        whole
    }

    #[test]
    fn a_word_is_found_by_itself_only() {
        assert!(holds(r#"{"login":"Ada-L"}"#, "ada-l"));
        assert!(holds("ada-l", "ada-l"));
        assert!(!holds(r#"{"login":"ada-lovelace"}"#, "ada-l"));
        assert!(!holds(r#"{"login":"x-ada-l"}"#, "ada-l"));
        assert!(holds(r#"{"user_id":4711,"n":3}"#, "4711"));
        assert!(!holds(r#"{"user_id":14711}"#, "4711"));
        assert!(holds(r#"{"name":"Zo\u00eb Öst"}"#, "Zoë Öst") || holds(r#"{"name":"Zo\u00eb \u00d6st"}"#, "Zoë Öst"));
        assert!(holds(r#"{"name":"ZOË"}"#, "ZOË") && !holds("", "ada") && !holds("ada", ""));
    }
}
