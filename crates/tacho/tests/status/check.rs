//! Exit codes, and what is said about wrong settings.

use crate::stage::{FAR, Home};
use tacho_domain::Instant;

fn code(home: &Home, arguments: &[&str]) -> Option<i32> {
    home.output(&[&["--tool", "claude", "--check"], arguments].concat()).status.code()
}

#[test]
fn the_code_tells_how_near_the_end_it_is() {
    let at = |percent| Home::new().knows_claude(percent, FAR);
    assert_eq!([74, 75, 89, 90, 100, 130].map(|percent| code(&at(percent), &[])), [0, 10, 10, 11, 11, 11].map(Some));
    assert_eq!(code(&at(50), &["--warn", "40", "--crit", "60"]), Some(10));
    assert_eq!(code(&at(50), &["--warn", "10", "--crit", "50", "--fail-open"]), Some(11));
}

#[test]
fn not_knowing_has_a_code_of_its_own() {
    let old = Home::new().knows_claude(10, Instant(1));
    for home in [&Home::new(), &old] {
        assert_eq!((code(home, &[]), code(home, &["--fail-open"])), (Some(20), Some(0)));
    }
}

#[test]
fn a_wrong_command_line_is_64() {
    for wrong in [
        &["--format", "nonsense"][..],
        &["--warn", "0"],
        &["--fail-open"],
        &["--tool", "vim"],
        &["--check", "--watch"],
        &["dance"],
    ] {
        let output = Home::new().output(wrong);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(64), 0), "{wrong:?}");
    }
    assert_eq!(Home::new().output(&["--help"]).status.code(), Some(0));
}

#[test]
fn wrong_settings_are_78_for_scripts_and_a_line_for_bars() {
    let home = Home::new().settings("warm = 5\ncritical = 80\n").knows_claude(85, FAR);
    assert_eq!(home.line(&["--tool", "claude"]), "85%\n");
    assert!(home.line(&["--tool", "claude", "--format", "waybar"]).contains("`warm` in "));
    assert_eq!(code(&home, &[]), Some(78));
    let explained = home.output(&["explain"]);
    let said = String::from_utf8_lossy(&explained.stderr).into_owned();
    assert!(explained.status.code() == Some(78) && said.contains("`warm` in ") && said.contains("known: sources"), "{said}");
}

#[test]
fn settings_choose_tools_terms_and_thresholds() {
    let home = Home::new().settings("tools = [\"claude\"]\ndisplay = \"left\"\nwarn = 10\ncritical = 20\n").knows_claude(15, FAR);
    assert_eq!(home.line(&[]), "85% left\n");
    assert_eq!(home.output(&["--check"]).status.code(), Some(10));
}

#[test]
fn everything_is_explained() {
    let home = Home::new().knows_claude(62, FAR);
    let folder = home.folder.path().display().to_string();
    insta::assert_snapshot!(home.line(&["explain"]).replace(&folder, "[home]"));
}

#[test]
fn signing_in_without_an_app_says_what_is_missing() {
    let output = Home::new().output(&["sign-in"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(78) && said.contains("github_app_id") && said.contains("gh auth login"), "{said}");
    let out = Home::new().line(&["sign-out"]);
    assert_eq!(out, "Nobody had signed in here. Copilot's numbers are forgotten.\n");
}
