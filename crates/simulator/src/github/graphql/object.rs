//! Objects and lists as GraphQL writes them: what was selected, under the name that was asked for, and nothing else.

use super::document::{Field, Item};
use serde_json::{Map, Value, json};

/// Why a whole question is refused: its kind and the words.
#[derive(Debug)]
pub(super) struct Wrong(pub(super) &'static str, pub(super) String);

pub(super) type Answer = Result<Value, Wrong>;

/// An object of that type: `of` gives a field's value, or `None` where the type has no such field.
pub(super) fn object(items: &[Item], kind: &str, of: &mut dyn FnMut(&Field) -> Option<Answer>) -> Answer {
    let mut out = Map::new();
    fill(&mut out, items, kind, of)?;
    Ok(Value::Object(out))
}

fn fill(
    out: &mut Map<String, Value>,
    items: &[Item],
    kind: &str,
    of: &mut dyn FnMut(&Field) -> Option<Answer>,
) -> Result<(), Wrong> {
    for item in items {
        match item {
            Item::On(on, items) if on == kind => fill(out, items, kind, of)?,
            Item::On(..) => {}
            Item::Field(field) if field.name == "__typename" => {
                out.insert(field.key.clone(), kind.into());
            }
            Item::Field(field) => {
                let missing = || Wrong("undefinedField", format!("Field '{}' doesn't exist on type '{kind}'", field.name));
                out.insert(field.key.clone(), of(field).ok_or_else(missing)??);
            }
        }
    }
    Ok(())
}

/// A page of a list: `all` rows, of which those from the cursor on are shown.
pub(super) struct Page {
    pub(super) all: usize,
    pub(super) total: usize,
    pub(super) shown: std::ops::Range<usize>,
    pub(super) goes_on: bool,
    pub(super) cursor: usize,
}

/// GitHub's cursors are the base64 of `cursor:` and a place.
fn cursor(place: usize) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(format!("cursor:{place}"))
}

fn place(cursor: &str) -> Option<usize> {
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::STANDARD.decode(cursor).ok()?;
    std::str::from_utf8(&bytes).ok()?.strip_prefix("cursor:")?.parse().ok()
}

impl Page {
    /// What that field shows of so many rows.
    pub(super) fn of(field: &Field, all: usize) -> Result<Self, Wrong> {
        let name = &field.name;
        let no_size = || format!("You must provide a `first` or `last` value to properly paginate the `{name}` connection.");
        let size = field.size().ok_or_else(|| Wrong("MISSING_PAGINATION_BOUNDARIES", no_size()))?;
        if size > 100 {
            let why = format!("Requesting {size} records on the `{name}` connection exceeds the `first` limit of 100 records.");
            return Err(Wrong("EXCESSIVE_PAGINATION", why));
        }
        let start = match field.text("after") {
            None => 0,
            Some(after) => {
                let wrong = || Wrong("INVALID_CURSOR_ARGUMENTS", format!("`{after}` does not appear to be a valid cursor."));
                place(after).ok_or_else(wrong)?.min(all)
            }
        };
        let end = (start + size).min(all);
        let shown = if field.number("last").is_some() { all.saturating_sub(size)..all } else { start..end };
        Ok(Self { all, total: all, goes_on: shown.end < all, cursor: shown.end, shown })
    }

    /// The connection; `node` gives the row of a place.
    pub(super) fn connection(&self, field: &Field, count: &str, node: &mut dyn FnMut(&[Item], usize) -> Answer) -> Answer {
        object(&field.selected, "Connection", &mut |part| match part.name.as_str() {
            "nodes" => {
                Some(self.shown.clone().map(|row| node(&part.selected, row)).collect::<Result<Vec<_>, _>>().map(Value::from))
            }
            "pageInfo" => Some(object(&part.selected, "PageInfo", &mut |part| match part.name.as_str() {
                "hasNextPage" => Some(Ok(self.goes_on.into())),
                "endCursor" => Some(Ok(if self.all == 0 { Value::Null } else { cursor(self.cursor).into() })),
                _ => None,
            })),
            name if name == count => Some(Ok(json!(self.total))),
            _ => None,
        })
    }
}
