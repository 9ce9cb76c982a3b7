//! Holds the table of rooms and arrows (ARCHITECTURE.md) against what `cargo metadata` says.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use cargo_metadata::{DependencyKind, MetadataCommand};
use std::collections::{BTreeMap, BTreeSet};

/// What each room may touch. The binary touches all.
const ARROWS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("connectors", &["domain"]),
    ("transport", &["domain", "connectors"]),
    ("store", &["domain"]),
    ("sync", &["domain", "connectors", "transport", "store"]),
    ("quota", &["domain", "connectors", "transport"]),
    ("signon", &["domain"]),
    ("render", &["domain"]),
    ("web", &["domain", "store", "render"]),
    ("simulator", &["domain"]),
    ("tacho", &["domain", "connectors", "transport", "store", "sync", "quota", "signon", "render", "web", "simulator"]),
];

/// What a room's tests and benches may touch besides.
const ARROWS_OF_TESTS: &[(&str, &[&str])] = &[("sync", &["simulator"]), ("signon", &["simulator"])];

/// Heavy or telling dependencies, and the only rooms that may have them.
const KEPT_IN: &[(&str, &[&str])] = &[
    ("sqlx", &["store"]),
    ("reqwest", &["transport", "signon"]),
    ("openidconnect", &["signon"]),
    ("askama", &["web"]),
    ("typst", &["render"]),
    ("resvg", &["render"]),
    ("rust_xlsxwriter", &["render"]),
    ("chacha20poly1305", &["store"]),
    ("clap", &["tacho"]),
];

fn room(package: &str) -> Option<String> {
    if package == "tacho" { Some(package.to_owned()) } else { package.strip_prefix("tacho-").map(str::to_owned) }
}

/// Every room's dependencies by name, of one kind.
fn dependencies(kinds: &[DependencyKind]) -> BTreeMap<String, BTreeSet<String>> {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.toml");
    let metadata = MetadataCommand::new().manifest_path(manifest).no_deps().exec().unwrap();
    let rooms = metadata.packages.iter().filter_map(|package| {
        let kept = package.dependencies.iter().filter(|dependency| kinds.contains(&dependency.kind));
        Some((room(&package.name)?, kept.map(|dependency| dependency.name.clone()).collect()))
    });
    rooms.collect()
}

fn of(table: &[(&str, &[&str])], room: &str) -> BTreeSet<String> {
    let row = table.iter().find(|(name, _)| *name == room);
    row.into_iter().flat_map(|(_, rooms)| rooms.iter().map(|room| (*room).to_owned())).collect()
}

fn rooms_among(names: &BTreeSet<String>) -> BTreeSet<String> {
    names.iter().filter_map(|name| room(name)).collect()
}

#[test]
fn every_room_touches_only_what_the_table_allows() {
    let rooms = dependencies(&[DependencyKind::Normal, DependencyKind::Build]);
    let known: BTreeSet<&str> = ARROWS.iter().map(|(name, _)| *name).collect();
    assert_eq!(rooms.keys().map(String::as_str).collect::<BTreeSet<_>>(), known, "a room without a row, or a row without a room");
    for (name, names) in &rooms {
        let touched = rooms_among(names);
        let allowed = of(ARROWS, name);
        let forbidden: Vec<_> = touched.difference(&allowed).collect();
        assert!(forbidden.is_empty(), "`{name}` may not touch {forbidden:?}: see ARCHITECTURE.md, \"Rooms and arrows\"");
    }
}

#[test]
fn tests_touch_only_what_the_table_allows_them() {
    for (name, names) in &dependencies(&[DependencyKind::Development]) {
        let mut allowed = of(ARROWS, name);
        allowed.extend(of(ARROWS_OF_TESTS, name));
        // A room's tests may ask for the room itself with its feature `testing`.
        allowed.insert(name.clone());
        let touched = rooms_among(names);
        let forbidden: Vec<_> = touched.difference(&allowed).collect();
        assert!(forbidden.is_empty(), "the tests of `{name}` may not touch {forbidden:?}");
    }
}

#[test]
fn heavy_dependencies_stay_in_their_rooms() {
    for (name, names) in &dependencies(&[DependencyKind::Normal]) {
        for (dependency, rooms) in KEPT_IN {
            assert!(
                !names.contains(*dependency) || rooms.contains(&name.as_str()),
                "`{name}` may not use {dependency}: {rooms:?} do"
            );
        }
    }
}

#[test]
fn the_architecture_page_shows_the_same_table() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../ARCHITECTURE.md")).unwrap();
    for (name, touches) in ARROWS {
        let row = page.lines().find(|line| line.starts_with(&format!("| `{name}` |")));
        let row = row.unwrap_or_else(|| panic!("ARCHITECTURE.md has no row for `{name}`"));
        let cell = row.trim_end_matches('|').rsplit('|').next().unwrap().trim();
        let expected = match *name {
            "tacho" => "all".to_owned(),
            _ if touches.is_empty() => "nothing of ours".to_owned(),
            _ => touches.join(", "),
        };
        assert_eq!(cell, expected, "ARCHITECTURE.md, row `{name}`");
    }
}
