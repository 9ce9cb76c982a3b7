//! The API's description: whole, true, and the same until somebody means to change it.

use crate::house::House;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use tacho_domain::Role;
use tacho_web::{Gate, openapi, route_table};

/// Method, address and description of every operation.
fn operations(document: &Value) -> Vec<(String, String, &Value)> {
    let paths = document["paths"].as_object().unwrap().iter();
    let all = paths.flat_map(|(path, item)| {
        item.as_object().unwrap().iter().map(move |(method, operation)| (method.to_uppercase(), path.clone(), operation))
    });
    all.collect()
}

fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(place) => document.pointer(place.strip_prefix('#').unwrap()).unwrap_or_else(|| panic!("`{place}` leads nowhere")),
        None => value,
    }
}

#[test]
fn the_description_stays_what_it_is() {
    let mut document = openapi();
    document["info"]["version"] = "(the program's)".into();
    insta::assert_json_snapshot!("openapi", document);
}

#[test]
fn every_route_below_api_is_described_and_nothing_else() {
    let served: BTreeSet<(String, String)> = route_table()
        .into_iter()
        .filter(|row| row.path.starts_with("/api/") || matches!(row.path.as_str(), "/health" | "/ready"))
        .map(|row| (row.method.to_string(), row.path))
        .collect();
    let document = openapi();
    let described: BTreeSet<(String, String)> =
        operations(&document).into_iter().map(|(method, path, _)| (method, path)).collect();
    assert_eq!(served, described);
}

#[test]
fn every_operation_says_what_its_gate_needs() {
    let gates: BTreeMap<(String, String), Gate> =
        route_table().into_iter().map(|row| ((row.method.to_string(), row.path), row.gate)).collect();
    let document = openapi();
    for (method, path, operation) in operations(&document) {
        let gate = gates[&(method.clone(), path.clone())];
        let named: Vec<&str> = operation["x-permission"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
        let needed: Vec<&str> = match gate {
            Gate::Open | Gate::SignedIn => Vec::new(),
            Gate::Needs(permission) => vec![permission.as_str()],
            Gate::NeedsOne(any) => any.iter().map(|permission| permission.as_str()).collect(),
        };
        assert_eq!(named, needed, "{method} {path}");
        assert_eq!(operation["security"].as_array().unwrap().is_empty(), gate == Gate::Open, "{method} {path}");
        assert_eq!(operation["responses"].get("401").is_some(), gate != Gate::Open, "{method} {path}");
    }
}

#[test]
fn every_operation_has_words_a_name_of_its_own_a_known_group_and_whole_references() {
    let document = openapi();
    let tags: BTreeSet<&str> = document["tags"].as_array().unwrap().iter().map(|tag| tag["name"].as_str().unwrap()).collect();
    let mut ids = BTreeSet::new();
    for (method, path, operation) in operations(&document) {
        let place = format!("{method} {path}");
        assert!(!operation["summary"].as_str().unwrap_or("").is_empty(), "{place} has no summary");
        assert!(ids.insert(operation["operationId"].as_str().unwrap()), "{place} has the id of another");
        assert!(tags.contains(operation["tags"][0].as_str().unwrap()), "{place}");
        let names: Vec<&str> =
            path.split('/').filter_map(|part| part.strip_prefix('{').and_then(|part| part.strip_suffix('}'))).collect();
        let described: Vec<&Value> =
            operation["parameters"].as_array().into_iter().flatten().filter(|one| one["in"] == "path").collect();
        assert_eq!(described.len(), names.len(), "{place} describes its path's names");
        assert!(names.iter().all(|name| described.iter().any(|one| one["name"] == *name)), "{place}");
        let wrong = operation["responses"].as_object().unwrap().iter().filter(|(status, _)| status.as_str() >= "400");
        for (status, answer) in wrong {
            let content = &resolved(&document, answer)["content"];
            // Programs that sign in by a device code read errors as OAuth has them (RFC 6749, 5.2).
            let oauth = &resolved(&document, &content["application/json"]["schema"])["properties"]["error"];
            assert!(content.get("application/problem+json").is_some() || oauth.is_object(), "{place} {status} is no problem");
        }
    }
    references(&document, &document);
}

fn references(document: &Value, value: &Value) {
    resolved(document, value);
    match value {
        Value::Object(fields) => fields.values().for_each(|field| references(document, field)),
        Value::Array(items) => items.iter().for_each(|item| references(document, item)),
        _ => {}
    }
}

/// Every field of an answer has its place in the schema; that of the other direction schema-driven tests look after.
fn described(document: &Value, schema: &Value, value: &Value, place: &str) {
    let schema = resolved(document, schema);
    let choices = ["oneOf", "anyOf", "allOf"].iter().filter_map(|name| schema[*name].as_array()).flatten();
    let options: Vec<&Value> = std::iter::once(schema).chain(choices.map(|one| resolved(document, one))).collect();
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                let found = options.iter().find_map(|one| {
                    one["properties"].get(name).or_else(|| one.get("additionalProperties").filter(|more| more.is_object()))
                });
                let open = options.iter().any(|one| one["type"] == "object" && one.get("properties").is_none());
                match found {
                    Some(inner) => described(document, inner, field, &format!("{place}.{name}")),
                    None => assert!(open, "{place}.{name} is not described"),
                }
            }
        }
        Value::Array(items) => {
            let inner = options.iter().find_map(|one| one.get("items"));
            for item in items {
                described(document, inner.unwrap_or_else(|| panic!("{place} is no list")), item, &format!("{place}[]"));
            }
        }
        _ => {}
    }
}

#[tokio::test]
async fn every_field_that_is_answered_is_described() {
    let house = House::seeded(5).await;
    let owner = house.user(Role::Owner).await;
    let document = openapi();
    let mut asked = 0;
    for (method, path, operation) in operations(&document) {
        let schema = &operation["responses"]["200"]["content"]["application/json"]["schema"];
        if method != "GET" || path.contains('{') || schema.is_null() {
            continue;
        }
        let answer = house.page(&owner, &path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        described(&document, schema, &answer.json(), &path);
        asked += 1;
    }
    assert!(asked > 8, "{asked}");
}

#[tokio::test]
async fn the_document_is_served_to_programs() {
    let house = House::empty().await;
    let answer = house.stranger("GET", "/api/openapi.json").await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "application/json"));
    assert_eq!(answer.json(), openapi());
    assert_eq!(answer.json()["openapi"], "3.1.0");
}

#[tokio::test]
async fn the_documentation_page_shows_every_operation_and_fetches_nothing_from_elsewhere() {
    let house = House::empty().await;
    let answer = house.stranger("GET", "/api/docs").await;
    assert_eq!(answer.status, 200);
    assert!(answer.header("content-type").starts_with("text/html"));
    let document = openapi();
    for (method, path, operation) in operations(&document) {
        let id = operation["operationId"].as_str().unwrap();
        assert!(
            answer.text.contains(&format!("<h3 id=\"{id}\"><span class=\"verb\">{method}</span> <code>{path}</code></h3>")),
            "{id}"
        );
        assert!(answer.text.contains(&format!("href=\"#{id}\"")), "{id} is not in the contents");
    }
    for begin in ["src=\"", "href=\""] {
        for link in answer.text.split(begin).skip(1).map(|rest| rest.split('"').next().unwrap()) {
            assert!(link.starts_with('#') || (link.starts_with('/') && !link.starts_with("//")), "{link} leads elsewhere");
        }
    }
    assert!(!answer.text.contains("<script>") && !answer.text.contains("style=\""));
}
