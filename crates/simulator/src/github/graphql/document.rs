//! A GraphQL query taken apart: fields with their arguments and what is selected of them. Variables are put in; named
//! fragments and directives are not known here.

use serde_json::{Map, Value};

/// One field that is asked for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Field {
    /// The name in the answer: the alias where there is one.
    pub(super) key: String,
    pub(super) name: String,
    pub(super) arguments: Map<String, Value>,
    pub(super) selected: Vec<Item>,
}

/// What is selected of an object.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Item {
    Field(Field),
    /// `... on Type { … }`
    On(String, Vec<Item>),
}

impl Field {
    /// A whole number among the arguments.
    pub(super) fn number(&self, name: &str) -> Option<usize> {
        self.arguments.get(name)?.as_u64().and_then(|number| usize::try_from(number).ok())
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.arguments.get(name)?.as_str()
    }

    /// How many rows of a connection, from whichever end.
    pub(super) fn size(&self) -> Option<usize> {
        self.number("first").or_else(|| self.number("last"))
    }

    /// Lists opened below and with this one, where it is opened that many times.
    fn opened(&self, times: usize) -> usize {
        match self.size() {
            Some(size) => times + opened(&self.selected, times * size),
            None => opened(&self.selected, times),
        }
    }
}

/// How many lists a query opens. <https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api>,
/// read 2026-11-21.
pub(super) fn opened(items: &[Item], times: usize) -> usize {
    let of = |item: &Item| match item {
        Item::Field(field) => field.opened(times),
        Item::On(_, items) => opened(items, times),
    };
    items.iter().map(of).sum()
}

/// The selection of the first operation.
pub(super) fn parse(query: &str, variables: &Map<String, Value>) -> Option<Vec<Item>> {
    let mut reader = Reader { rest: query, variables };
    reader.blanks();
    for word in ["query", "mutation"] {
        if let Some(rest) = reader.rest.strip_prefix(word) {
            reader.rest = rest;
        }
    }
    // The operation's name and what it declares its variables to be.
    let start = reader.rest.find('{')?;
    reader.rest = reader.rest.get(start..)?;
    reader.selection()
}

struct Reader<'a> {
    rest: &'a str,
    variables: &'a Map<String, Value>,
}

impl<'a> Reader<'a> {
    /// Blanks, commas and comments.
    fn blanks(&mut self) {
        loop {
            self.rest = self.rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
            match self.rest.strip_prefix('#') {
                Some(comment) => self.rest = comment.find('\n').map_or("", |end| &comment[end..]),
                None => return,
            }
        }
    }

    fn takes(&mut self, sign: &str) -> bool {
        self.blanks();
        match self.rest.strip_prefix(sign) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn word(&mut self) -> Option<&'a str> {
        self.blanks();
        let end = self.rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-').unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        (!word.is_empty()).then_some(word)
    }

    fn selection(&mut self) -> Option<Vec<Item>> {
        if !self.takes("{") {
            return None;
        }
        let mut items = Vec::new();
        while !self.takes("}") {
            items.push(self.item()?);
        }
        Some(items)
    }

    fn item(&mut self) -> Option<Item> {
        if self.takes("...") {
            self.takes("on ");
            let kind = self.word()?.to_owned();
            return Some(Item::On(kind, self.selection()?));
        }
        let key = self.word()?.to_owned();
        let name = if self.takes(":") { self.word()?.to_owned() } else { key.clone() };
        let mut arguments = Map::new();
        if self.takes("(") {
            while !self.takes(")") {
                let (name, value) = self.pair()?;
                arguments.insert(name, value);
            }
        }
        self.blanks();
        let selected = if self.rest.starts_with('{') { self.selection()? } else { Vec::new() };
        Some(Item::Field(Field { key, name, arguments, selected }))
    }

    fn pair(&mut self) -> Option<(String, Value)> {
        let name = self.word()?.to_owned();
        if !self.takes(":") {
            return None;
        }
        Some((name, self.value()?))
    }

    fn value(&mut self) -> Option<Value> {
        if self.takes("$") {
            let name = self.word()?;
            return Some(self.variables.get(name).cloned().unwrap_or(Value::Null));
        }
        if self.takes("\"") {
            let (text, rest) = self.rest.split_once('"')?;
            self.rest = rest;
            return Some(text.into());
        }
        if self.takes("[") {
            let mut list = Vec::new();
            while !self.takes("]") {
                list.push(self.value()?);
            }
            return Some(list.into());
        }
        if self.takes("{") {
            let mut object = Map::new();
            while !self.takes("}") {
                let (name, value) = self.pair()?;
                object.insert(name, value);
            }
            return Some(object.into());
        }
        let word = self.word()?;
        Some(word.parse::<i64>().map_or_else(|_| word.into(), Value::from))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_query_is_taken_apart() {
        let query = "query($q: String!, $first: Int!) { rateLimit { cost } # what is left\n  search(query: $q, type: ISSUE, \
                     first: $first) { nodes { __typename ... on PullRequest { ready: timelineItems(itemTypes: [A, B], last: 1, \
                     orderBy: {field: X}) { nodes { createdAt } } } } } }";
        let Value::Object(variables) = json!({"q": "is:pr", "first": 50}) else { panic!("no object") };
        let items = parse(query, &variables).unwrap();
        let [Item::Field(limit), Item::Field(search)] = items.as_slice() else { panic!("{items:?}") };
        assert_eq!((limit.key.as_str(), search.text("query"), search.size()), ("rateLimit", Some("is:pr"), Some(50)));
        let text = format!("{search:?}");
        assert!(text.contains("key: \"ready\", name: \"timelineItems\""), "{text}");
        assert!(text.contains(r#"On("PullRequest""#), "{text}");
        assert_eq!(opened(&items, 1), 51);
    }

    #[test]
    fn lists_in_lists_are_opened_as_often_as_their_rows() {
        let query =
            "{ owner { repositories(first: 20) { nodes { deployments(first: 20) { nodes { statuses(first: 10) { id } } } } } } }";
        assert_eq!(opened(&parse(query, &Map::new()).unwrap(), 1), 1 + 20 + 400);
    }

    #[test]
    fn what_is_no_query_is_none() {
        for text in ["", "query", "{ a(", "{ a(b: ) }", "{ a { b }", "{ a: }"] {
            assert_eq!(parse(text, &Map::new()), None, "{text}");
        }
    }
}
