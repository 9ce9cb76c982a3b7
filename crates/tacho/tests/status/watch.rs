//! The conversation with an editor.

use crate::stage::{FAR, GitHub, Home};

const SESSION: &str = "{\"session\":{\"host\":\"github.com\",\"account\":\"octocat\",\"token\":\"gho_handed_over\"}}";

#[test]
fn an_editor_hands_over_its_session_and_takes_it_back() {
    let github = GitHub::telling(90);
    let home = Home::new().with("TACHO_STATUS_URL_COPILOT", &github.address);
    let mut talk = home.talk(&["--watch", "--format", "vscode", "--tool", "copilot"]);
    let first = talk.next();
    assert_eq!((&first["version"], &first["text"], &first["state"]), (&1.into(), &"-".into(), &"no_data".into()));

    talk.say(SESSION);
    let told = talk.until(|line| line["text"] == "90/100");
    assert_eq!((&told["level"], &told["state"], &told["icon"]), (&"critical".into(), &"good".into(), &"copilot".into()));
    assert_eq!(told["label"], "Copilot: 90 of 100 premium requests used, resets 1 December 2096");
    assert!(!talk.arguments().contains("gho_handed_over"));

    talk.say("{\"settings\":{\"warn\":91,\"critical\":95,\"display\":\"percent\"}}");
    let other = talk.until(|line| line["text"] == "90%");
    assert_eq!(other["level"], "ok");

    talk.say("nonsense");
    talk.say("{\"refresh\":true}");
    let answered = talk.next();
    assert!(answered["diagnostics"]["remarks"][0].as_str().unwrap().contains("not understood"), "{answered}");

    talk.say("{\"session\":null}");
    let out = talk.until(|line| line["text"] != "90%");
    assert_eq!((&out["text"], &out["state"], &out["icon"]), (&"Sign in".into(), &"sign_in".into(), &"sign-in".into()));
    assert_eq!(talk.end(), Some(0));

    let kept = std::fs::read_to_string(home.state_folder().join("status.json")).unwrap();
    assert!(!kept.contains("gho_") && !kept.contains("octocat"), "signed out is forgotten: {kept}");
    assert!(github.asked.lock().unwrap().iter().all(|head| head.to_lowercase().contains("authorization: token gho_handed_over")));
}

#[test]
fn the_end_of_the_input_is_the_end() {
    let home = Home::new().knows_claude(62, FAR);
    let mut talk = home.talk(&["--watch", "--format", "json", "--tool", "claude"]);
    assert_eq!(talk.next()["tools"][0]["text"], "62%");
    assert_eq!(talk.end(), Some(0));
}
