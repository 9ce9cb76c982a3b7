//! The figures of delivery hold together, and GitHub's posts are signed over what they say.
#![allow(clippy::print_stdout, reason = "the figures are for whoever runs it")]
#![allow(clippy::unwrap_used, reason = "a failed unwrap fails its test")]

mod client;

use serde_json::Value;
use tacho_domain::Window;
use tacho_domain::delivery::{AuthorKind, Tier};
use tacho_simulator::{Config, Delivery, Length, PullTruth, Simulator, Truth, webhook};

fn sixty() -> Truth {
    Simulator::truth(Config { days: 120, ..Config::new(3, client::today()) })
}

#[test]
fn parts_and_tiers_add_up() {
    let truth = sixty();
    let window = Window::ending(client::today().minus(30), 42);
    let pulls: Vec<PullTruth> = truth.pull_requests(window).filter(|it| it.author_kind != AuthorKind::Bot).collect();
    let figures = truth.delivery(window, None);
    println!("{figures:#?}");
    assert_eq!((figures.merged, figures.cycle.known), (pulls.len(), pulls.len()));
    assert!(figures.exact > 0 && figures.strong > 0 && figures.weak > 0);
    assert!(figures.exact + figures.strong + figures.weak < figures.merged);
    assert_eq!(figures.exact, pulls.iter().filter(|it| it.exact).count());
    let unused = pulls.iter().zip(truth.tiers(pulls.iter())).filter(|(it, _)| it.author_kind == AuthorKind::Human && !it.with_ai);
    assert!(unused.clone().count() > 0);
    assert!(unused.into_iter().all(|(_, tier)| tier.is_none()), "nobody uses a tool before they have one");
    assert!(figures.reverted > 0 && figures.reverted * 20 < figures.merged);
    let (again, lines) = figures.rework;
    assert!(0 < again && again < lines);
    assert_eq!(lines, pulls.iter().map(|it| it.additions + it.deletions).sum::<i64>(), "all are old enough");
    assert_eq!(truth.tiers(pulls.iter()).iter().filter(|tier| **tier == Some(Tier::Weak)).count(), figures.weak);
    let deployments = figures.deployments.unwrap();
    assert!(deployments.failed >= deployments.recovery.known && deployments.ended > deployments.succeeded);
    assert!(deployments.repairs > 0 && deployments.lead.known > figures.merged / 2);
}

#[test]
fn teams_share_out_what_has_an_author() {
    let truth = sixty();
    let window = Window::ending(client::today().minus(1), 28);
    let teams = ["platform", "payments", "mobile"].map(|team| truth.delivery(window, Some(team)));
    // GitHub names nobody in a team who holds no seat.
    let people = truth.people();
    let holds = |it: &PullTruth| it.author.is_some_and(|person| people[person].copilot_seat && people[person].joined <= it.day);
    let credited = truth.pull_requests(window).filter(|it| it.author_kind != AuthorKind::Bot && holds(it)).count();
    let sum: usize = teams.iter().map(|figures| figures.merged).sum();
    assert!(credited <= sum && sum < credited * 5 / 4, "some are in two teams: {credited} {sum}");
    assert!(teams.iter().all(|figures| figures.deployments.is_none() && figures.contributors > 0));
}

#[test]
fn percentiles_are_values_that_were_there() {
    assert_eq!(Length::of(vec![4, 1, 3, 2]), Length { median: Some(2), p75: Some(3), known: 4 });
    assert_eq!(Length::of(Vec::new()), Length::default());
}

#[test]
fn nobody_deploys_where_it_is_switched_off() {
    let delivery = Delivery { deployments: false, ..Delivery::default() };
    let truth = Simulator::truth(Config { delivery, ..client::small() });
    assert_eq!((truth.deployments(truth.history()).len(), truth.releases(truth.history()).len()), (0, 0));
    assert_eq!(truth.delivery(truth.history(), None).deployments, None);
    assert!(!sixty().releases(sixty().history()).is_empty());
}

#[test]
fn posts_name_their_event_once_and_are_signed_with_the_secret() {
    let truth = sixty();
    let window = Window::ending(client::today().minus(1), 3);
    let it = truth.pull_requests(window).next().unwrap();
    let post = webhook::pull_request_closed(&it, "a secret");
    let body: Value = serde_json::from_slice(&post.body).unwrap();
    assert_eq!((&body["action"], &body["pull_request"]["merged"]), (&"closed".into(), &true.into()));
    assert_eq!(body["pull_request"]["merged_at"], it.merged_at.to_string());
    assert_eq!(body["organization"]["login"], "octo-demo");
    assert_eq!(post.header("x-github-event"), "pull_request");
    assert_eq!(post, webhook::pull_request_closed(&it, "a secret"), "the same sent again");
    let forged = webhook::pull_request_closed(&it, "another");
    assert_eq!((&forged.body, forged.header("x-github-delivery")), (&post.body, post.header("x-github-delivery")));
    assert_ne!(forged.header("x-hub-signature-256"), post.header("x-hub-signature-256"));
    let review = webhook::pull_request_review(&it, false, "a secret");
    assert_eq!(review.header("x-github-event"), "pull_request_review");
    assert_ne!(
        review.header("x-github-delivery"),
        webhook::pull_request_review(&it, true, "a secret").header("x-github-delivery")
    );
    let deployment = &truth.deployments(window)[0];
    assert_eq!(webhook::deployment_status(deployment, "octo-demo/checkout", "s").header("x-github-event"), "deployment_status");
    assert_eq!(webhook::ping("s").header("x-hub-signature-256").len(), "sha256=".len() + 64);
}
