//! The description as the documentation page shows it: fields in rows, an example of each request.

use super::{DOCUMENT, TAGS};
use serde_json::{Map, Value, json};

/// Deeper fields are not shown in rows: their parent says what they are.
const DEEPEST: usize = 4;

/// A group of operations.
pub(crate) struct ShownTag {
    pub(crate) name: String,
    pub(crate) anchor: String,
    pub(crate) about: String,
    pub(crate) operations: Vec<ShownOperation>,
}

/// An operation.
pub(crate) struct ShownOperation {
    pub(crate) anchor: String,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) summary: String,
    pub(crate) about: Vec<String>,
    /// Who may, in words.
    pub(crate) who: String,
    pub(crate) parameters: Vec<ParameterRow>,
    pub(crate) body: Vec<FieldRow>,
    pub(crate) answers: Vec<AnswerRow>,
    /// The fields of what comes back when all goes well.
    pub(crate) answer: Vec<FieldRow>,
    pub(crate) curl: String,
}

/// A parameter in path, query or header.
pub(crate) struct ParameterRow {
    pub(crate) name: String,
    pub(crate) place: String,
    pub(crate) kind: String,
    pub(crate) required: bool,
    pub(crate) about: String,
}

/// A field of a body.
pub(crate) struct FieldRow {
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) required: bool,
    pub(crate) about: String,
}

/// An answer.
pub(crate) struct AnswerRow {
    pub(crate) status: String,
    pub(crate) about: String,
    pub(crate) kinds: String,
}

/// All operations in their groups.
pub(crate) fn shown() -> Vec<ShownTag> {
    let document = &*DOCUMENT;
    let groups = TAGS.iter().map(|(name, _, about)| ShownTag {
        name: (*name).to_owned(),
        anchor: format!("group-{}", name.replace(' ', "-")),
        about: (*about).to_owned(),
        operations: operations(document, name),
    });
    groups.filter(|group| !group.operations.is_empty()).collect()
}

fn operations(document: &Value, tag: &str) -> Vec<ShownOperation> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            if operation["tags"][0] == tag {
                found.push(operation_of(document, path, method, operation));
            }
        }
    }
    found
}

fn operation_of(document: &Value, path: &str, method: &str, operation: &Value) -> ShownOperation {
    let parameters: Vec<ParameterRow> = list(&operation["parameters"]).iter().map(|one| parameter(document, one)).collect();
    let schema = resolved(document, &operation["requestBody"]["content"]["application/json"]["schema"]);
    let given = &operation["requestBody"]["content"]["application/json"]["example"];
    let example = (!schema.is_null()).then(|| if given.is_null() { example(document, schema, 0) } else { given.clone() });
    let answers = operation["responses"].as_object().into_iter().flatten();
    let success = answers.clone().find(|(status, _)| status.starts_with('2')).map(|(_, answer)| answer);
    let success = success.map_or(&Value::Null, |answer| &resolved(document, answer)["content"]["application/json"]["schema"]);
    ShownOperation {
        anchor: text(&operation["operationId"]),
        method: method.to_uppercase(),
        path: path.to_owned(),
        summary: text(&operation["summary"]),
        about: text(&operation["description"]).split("\n\n").filter(|part| !part.is_empty()).map(str::to_owned).collect(),
        who: who(operation),
        body: fields(document, schema),
        answers: answers.map(|(status, answer)| answer_row(document, status, answer)).collect(),
        answer: fields(document, success),
        curl: curl(path, method, operation, &parameters, example.as_ref()),
        parameters,
    }
}

fn who(operation: &Value) -> String {
    let names: Vec<String> = list(&operation["x-permission"]).iter().map(|name| format!("`{}`", text(name))).collect();
    match (names.as_slice(), list(&operation["security"]).is_empty()) {
        ([], true) => "Anyone, without signing in.".to_owned(),
        ([], false) => "Whoever is signed in or brings an API token.".to_owned(),
        (names, _) => format!("Needs the permission {}.", names.join(" or ")),
    }
}

fn parameter(document: &Value, parameter: &Value) -> ParameterRow {
    ParameterRow {
        name: text(&parameter["name"]),
        place: text(&parameter["in"]),
        kind: kind(document, &parameter["schema"]),
        required: parameter["required"] == true,
        about: text(&parameter["description"]),
    }
}

fn answer_row(document: &Value, status: &str, answer: &Value) -> AnswerRow {
    let answer = resolved(document, answer);
    let kinds: Vec<&str> = answer["content"].as_object().into_iter().flatten().map(|(kind, _)| kind.as_str()).collect();
    AnswerRow { status: status.to_owned(), about: text(&answer["description"]), kinds: kinds.join(", ") }
}

/// The fields of a schema in rows, those of objects within it with dots, those of lists with `[]`.
fn fields(document: &Value, schema: &Value) -> Vec<FieldRow> {
    let mut rows = Vec::new();
    collect(document, schema, "", 0, &mut rows);
    rows
}

fn collect(document: &Value, schema: &Value, prefix: &str, depth: usize, rows: &mut Vec<FieldRow>) {
    if depth > DEEPEST {
        return;
    }
    let schema = without_null(document, resolved(document, schema));
    for part in list(&schema["allOf"]) {
        collect(document, part, prefix, depth, rows);
    }
    if schema["type"] == "array" {
        return collect(document, &schema["items"], &format!("{}[].", prefix.trim_end_matches('.')), depth + 1, rows);
    }
    let required = list(&schema["required"]);
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        let field_of = resolved(document, field);
        let about = [field, field_of].into_iter().map(|one| text(&one["description"])).find(|about| !about.is_empty());
        rows.push(FieldRow {
            name: format!("{prefix}{name}"),
            kind: kind(document, field),
            required: required.iter().any(|one| one == name),
            about: about.unwrap_or_default().replace('\n', " "),
        });
        collect(document, field, &format!("{prefix}{name}."), depth + 1, rows);
    }
}

/// What a field holds, in words.
fn kind(document: &Value, schema: &Value) -> String {
    let schema = resolved(document, schema);
    let choices = [&schema["oneOf"], &schema["anyOf"]].into_iter().find(|choices| choices.is_array());
    if let Some(choices) = choices {
        let mut kinds: Vec<String> = list(choices).iter().map(|one| kind(document, one)).collect();
        kinds.dedup();
        return kinds.join(" or ");
    }
    let names: Vec<&str> = match &schema["type"] {
        Value::String(name) => vec![name.as_str()],
        Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
        _ => vec!["object"],
    };
    let words: Vec<String> = names.into_iter().map(|name| plain(document, name, schema)).collect();
    words.join(" or ")
}

fn plain(document: &Value, name: &str, schema: &Value) -> String {
    let values: Vec<String> =
        list(&schema["enum"]).iter().filter(|one| !one.is_null()).map(|one| format!("`{}`", bare(one))).collect();
    match (name, schema["format"].as_str()) {
        ("string", _) if !values.is_empty() => values.join(", "),
        ("string", Some("date")) => "day, `YYYY-MM-DD`".to_owned(),
        ("string", Some("date-time")) => "time, RFC 3339".to_owned(),
        ("string", _) => "text".to_owned(),
        ("integer", _) => match (schema["minimum"].as_i64(), schema["maximum"].as_i64()) {
            (Some(least), Some(most)) => format!("whole number, {least} to {most}"),
            _ => "whole number".to_owned(),
        },
        ("boolean", _) => "`true` or `false`".to_owned(),
        ("array", _) => format!("list of {}", kind(document, &schema["items"])),
        (other, _) => other.to_owned(),
    }
}

/// A value that the schema allows.
fn example(document: &Value, schema: &Value, depth: usize) -> Value {
    let schema = without_null(document, resolved(document, schema));
    let given = [&schema["example"], &schema["examples"][0], &schema["default"], &schema["enum"][0]];
    if let Some(given) = given.into_iter().find(|given| !given.is_null()) {
        return given.clone();
    }
    let kind = schema["type"].as_str().or_else(|| schema["type"][0].as_str()).unwrap_or("object");
    match kind {
        "array" if depth < DEEPEST => json!([example(document, &schema["items"], depth + 1)]),
        "array" => json!([]),
        "object" if depth < DEEPEST => {
            let parts = list(&schema["allOf"]).iter().map(|part| resolved(document, part));
            let all = parts.chain([schema]).flat_map(|one| one["properties"].as_object().into_iter().flatten());
            Value::Object(all.map(|(name, field)| (name.clone(), example(document, field, depth + 1))).collect::<Map<_, _>>())
        }
        "object" => json!({}),
        "string" => match schema["format"].as_str() {
            Some("date") => json!("2026-11-20"),
            Some("date-time") => json!("2026-11-20T08:00:00Z"),
            _ => json!("text"),
        },
        "boolean" => json!(true),
        _ => schema["minimum"].as_i64().map_or(json!(1), |least| json!(least)),
    }
}

fn curl(path: &str, method: &str, operation: &Value, parameters: &[ParameterRow], example: Option<&Value>) -> String {
    let needed = parameters.iter().filter(|one| one.place == "query" && one.required);
    let query: Vec<String> = needed.map(|one| format!("{}=...", one.name)).collect();
    let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
    let verb = if method == "get" { String::new() } else { format!("-X {} ", method.to_uppercase()) };
    let mut lines = vec![format!("curl {verb}\"$TACHO_SERVER{path}{query}\"")];
    if !list(&operation["security"]).is_empty() {
        lines.push("-H \"Authorization: Bearer $TACHO_TOKEN\"".to_owned());
    }
    if parameters.iter().any(|one| one.name == "Idempotency-Key") {
        lines.push("-H \"Idempotency-Key: $(uuidgen)\"".to_owned());
    }
    if let Some(example) = example {
        lines.push("-H \"Content-Type: application/json\"".to_owned());
        lines.push(format!("-d '{}'", example.to_string().replace('\'', "'\\''")));
    }
    lines.join(" \\\n  ")
}

fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str().and_then(|place| place.strip_prefix('#')) {
        Some(pointer) => document.pointer(pointer).unwrap_or(&Value::Null),
        None => value,
    }
}

/// Of a choice between null and something, the something.
fn without_null<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let choices = [&schema["oneOf"], &schema["anyOf"]].into_iter().find(|choices| choices.is_array());
    let something = choices.and_then(|choices| list(choices).iter().find(|one| one["type"] != "null"));
    something.map_or(schema, |one| resolved(document, one))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn bare(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
