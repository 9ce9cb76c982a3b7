//! Everybody's names as one row: a driver takes longer over a row than the database does, and a table of all members needs five
//! thousand of them.

use crate::StoreError;
use crate::sql::{Tx, Value};

/// Calls `each` with the number of every row, whether it is marked, and the name, if there is one. `of` says which rows:
/// `members where ...`; `name` and `mark` are SQL: a text, and a condition.
pub(super) async fn each_name(
    tx: &mut Tx,
    (of, name, mark): (&str, &str, &str),
    values: &[Value],
    mut each: impl FnMut(u32, bool, Option<&str>),
) -> Result<(), StoreError> {
    // A name may hold anything, so that its length stands before it.
    let sql = format!(
        "select string_agg(cast(id as text) || case when {mark} then ' 1 ' else ' 0 ' end
                           || coalesce(cast(length({name}) as text) || ' ' || {name}, ''), ' ') from {of}"
    );
    let Some(row) = tx.find(sql, values).await? else { return Ok(()) };
    let Some(text) = row.maybe_text(0)? else { return Ok(()) };
    read(&text, &mut each)
        .ok_or_else(|| StoreError::damaged("members or identities", "name", 0, "names do not have their length"))
}

/// Reads `7 1 3 Eva 8 0 ` and so on: number, mark, length, name; the last two are left out together.
fn read(text: &str, each: &mut impl FnMut(u32, bool, Option<&str>)) -> Option<()> {
    let mut rest = text;
    while !rest.is_empty() {
        let (number, after) = rest.split_once(' ')?;
        let (mark, after) = after.split_once(' ')?;
        let (number, mark) = (number.parse().ok()?, mark == "1");
        // Without a name the next row follows after two blanks, or nothing does.
        if after.is_empty() || after.starts_with(' ') {
            each(number, mark, None);
            rest = after.strip_prefix(' ').unwrap_or(after);
            continue;
        }
        let (length, after) = after.split_once(' ')?;
        let length: usize = length.parse().ok()?;
        let end = after.char_indices().nth(length).map_or(after.len(), |(at, _)| at);
        each(number, mark, Some(&after[..end]));
        rest = after[end..].strip_prefix(' ').unwrap_or(&after[end..]);
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn names_come_back_whatever_they_hold(
            rows in prop::collection::vec((any::<u32>(), any::<bool>(), any::<Option<String>>()), 0..20)
        ) {
            let written = |(number, mark, name): &(u32, bool, Option<String>)| {
                let name = name.as_ref().map_or(String::new(), |name| format!("{} {name}", name.chars().count()));
                format!("{number} {} {name}", u8::from(*mark))
            };
            let text = rows.iter().map(written).collect::<Vec<_>>().join(" ");
            let mut told = Vec::new();
            prop_assert!(read(&text, &mut |number, mark, name| told.push((number, mark, name.map(str::to_owned)))).is_some());
            prop_assert_eq!(told, rows);
        }

        #[test]
        fn any_text_is_survived(text in ".{0,60}") {
            let _ = read(&text, &mut |_, _, _| ());
        }
    }
}
