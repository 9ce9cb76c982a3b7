//! Pull requests, deployments, webhooks and surveys: slices replaced as a whole, names of repositories, ids heard once,
//! answers that nobody else sees.

use crate::Told;
use crate::engines;
use crate::members::{ADMIN, member};
use crate::organization::*;
use secrecy::ExposeSecret;
use tacho_domain::delivery::{
    Assistance, AuthorKind, ChangedFilesFact, DeploymentFact, DeploymentOutcome, PullCommitsFact, PullRequestFact, PullRow,
    Repository, Signal, SignalKind, SurveyAnswer, SurveyRole, decode_pulls,
};
use tacho_domain::{Day, Fact, IdentityRef, Instant, IntegrationId, OrganizationId, StreamRole, ToolId};
use tacho_store::{By, MasterKey, SliceWrite, Store, Vault};

pub(crate) static DELIVERY: ToolId = ToolId::new("github");

const HOUR: i64 = 3_600;

fn noon(day: Day) -> Instant {
    day.start().plus_seconds(12 * HOUR)
}

/// A pull request of a person, merged at noon.
pub(crate) fn pull(day: Day, repository: i64, number: u32, author: &IdentityRef) -> PullRequestFact {
    let merged_at = noon(day);
    PullRequestFact {
        day,
        repository: Repository { id: repository, name: format!("acme/r{repository}") },
        number,
        author_kind: AuthorKind::Human,
        author: Some(author.clone()),
        created_at: merged_at.plus_seconds(-20 * HOUR),
        ready_at: None,
        merged_at,
        first_commit_at: Some(merged_at.plus_seconds(-30 * HOUR)),
        last_commit_at: Some(merged_at.plus_seconds(-5 * HOUR)),
        first_review_at: Some(merged_at.plus_seconds(-10 * HOUR)),
        last_approval_at: Some(merged_at.plus_seconds(-HOUR)),
        approvals: 1,
        additions: 30,
        deletions: 12,
        changed_files: 3,
        commits: 2,
        labels: vec!["area: api".to_owned(), "ready".to_owned()],
        signals: vec![Signal { kind: SignalKind::Trailer, agent: "claude_code".to_owned() }],
        merge_commit: Some(format!("{number:08x}{repository:032x}")),
        reverts_number: None,
        reverts_commit: None,
        truncated: false,
    }
}

pub(crate) fn fact(pull: PullRequestFact) -> Fact {
    Fact::PullRequest(Box::new(pull))
}

pub(crate) fn deployed(day: Day, repository: i64, key: &str, outcome: DeploymentOutcome) -> Fact {
    Fact::Deployment(DeploymentFact {
        day,
        repository: Repository { id: repository, name: format!("acme/r{repository}") },
        key: key.to_owned(),
        created_at: noon(day).plus_seconds(HOUR),
        finished_at: Some(noon(day).plus_seconds(2 * HOUR)),
        outcome,
        commit: None,
    })
}

/// A slice of pull requests.
pub(crate) fn merged<'a>(integration: IntegrationId, day: Day, checksum: &'a [u8], facts: &'a [Fact]) -> SliceWrite<'a> {
    SliceWrite {
        tool: &DELIVERY,
        stream: "pull_requests",
        role: StreamRole::Delivery,
        ..slice(integration, day, checksum, facts)
    }
}

fn ada() -> IdentityRef {
    IdentityRef::github(1, "ada")
}

fn bob() -> IdentityRef {
    IdentityRef::github(2, "bob")
}

const ANSWER: SurveyAnswer = SurveyAnswer::Author { assistance: Assistance::Mostly, minutes_saved: Some(45) };

pub(crate) async fn tell_delivery(store: &Store, organization: OrganizationId, told: &mut Told) {
    let id = integration(store, organization, &DELIVERY).await;
    let today = NOW.day();
    let facts = [
        fact(pull(today, 7, 1, &ada())),
        fact(PullRequestFact { author: None, author_kind: AuthorKind::Bot, labels: vec![], ..pull(today, 7, 2, &ada()) }),
        fact(PullRequestFact { reverts_number: Some(1), truncated: true, signals: vec![], ..pull(today, 8, 1, &bob()) }),
        deployed(today, 7, "d1", DeploymentOutcome::Failed),
        Fact::ChangedFiles(ChangedFilesFact { day: today, repository: 7, number: 1, files: vec![(u64::MAX, 42)] }),
        Fact::PullCommits(PullCommitsFact { day: today, repository: 7, number: 1, commits: vec![1, u64::MAX] }),
    ];
    told.tell("merged", put(store, organization, &merged(id, today, b"1", &facts)).await);
    told.tell("pull request", store.find_pull_request(organization, 7, 1).await.unwrap());
    told.tell("a bot's", store.find_pull_request(organization, 7, 2).await.unwrap());
    told.tell("none", store.find_pull_request(organization, 9, 1).await.unwrap());
    tell_webhooks(store, organization, id, told).await;
    tell_surveys(store, organization, told).await;
}

async fn tell_webhooks(store: &Store, organization: OrganizationId, id: IntegrationId, told: &mut Told) {
    // The master key of the story's other secrets is gone by now: this one's are of their own.
    told.tell("no secret", store.find_webhook(organization, id).await.unwrap());
    told.tell("new", store.note_webhook_delivery(organization, id, "a", "ping", NOW).await.unwrap());
    told.tell("again", store.note_webhook_delivery(organization, id, "a", "ping", NOW.plus_seconds(1)).await.unwrap());
    let nowhere = store.note_webhook_delivery(organization, IntegrationId(9_999), "a", "ping", NOW).await;
    told.tell("nowhere", nowhere.unwrap_err());
    store.forget_webhook_delivery(organization, id, "a").await.unwrap();
    told.tell("forgotten", store.note_webhook_delivery(organization, id, "a", "ping", NOW).await.unwrap());
}

async fn tell_surveys(store: &Store, organization: OrganizationId, told: &mut Told) {
    let ada = member(store, organization, "ada@acme.example").await.id;
    told.tell("off", store.find_survey_start(organization).await.unwrap());
    told.tell("asked nothing", store.list_survey_questions(organization, ada, NOW).await.unwrap());
    let since = NOW.day().start();
    told.tell("on", store.put_surveys(organization, true, ADMIN, since).await.unwrap());
    told.tell("asked", store.list_survey_questions(organization, ada, NOW).await.unwrap());
    told.tell("answered", store.put_survey_answer(organization, ada, (7, 1), ANSWER, NOW).await.unwrap());
    told.tell("one", store.find_survey_question(organization, ada, 7, 1).await.unwrap());
    told.tell("hers", store.list_survey_answers(organization, ada).await.unwrap());
    let reviewed = SurveyAnswer::Reviewer { could_tell: true };
    told.tell("reviewed", store.put_survey_answer(organization, ada, (8, 1), reviewed, NOW).await.unwrap());
    told.tell("taken back", store.remove_survey_answer(organization, ada, 8, 1).await.unwrap());
}

fn unpacked(bytes: &[u8]) -> Vec<(i64, u32)> {
    let mut rows: Vec<PullRow> = Vec::new();
    decode_pulls(bytes, |row| rows.push(row)).unwrap();
    rows.iter().map(|row| (row.repository, row.number)).collect()
}

/// The organization with one integration, and Ada and Bob as members.
async fn acme(store: &Store) -> (OrganizationId, IntegrationId) {
    let organization = store.ensure_organization("Acme", NOW).await.unwrap();
    let id = integration(store, organization, &DELIVERY).await;
    let people = [person(&ada(), Some("Ada"), Some("ada@acme.example")), person(&bob(), Some("Bob"), Some("bob@acme.example"))];
    let roster = SliceWrite { stream: "roster", role: StreamRole::Roster, ..slice(id, NOW.day(), b"r", &people) };
    put(store, organization, &roster).await;
    (organization, id)
}

#[tokio::test]
async fn a_day_of_pull_requests_is_replaced_as_a_whole_and_reads_back_as_it_was_given() {
    let today = NOW.day();
    for database in engines::both().await {
        let store = &database.store;
        let (organization, id) = acme(store).await;
        let first = pull(today, 7, 1, &ada());
        let all_said = PullRequestFact {
            ready_at: Some(first.created_at.plus_seconds(HOUR)),
            reverts_number: Some(3),
            reverts_commit: Some("abc".to_owned()),
            truncated: true,
            signals: SignalKind::ALL.map(|kind| Signal { kind, agent: format!("of_{}", kind.as_str()) }).to_vec(),
            ..pull(today, 7, 2, &bob())
        };
        let little_said = PullRequestFact {
            author: None,
            author_kind: AuthorKind::Agent,
            first_commit_at: None,
            last_commit_at: None,
            first_review_at: None,
            last_approval_at: None,
            labels: Vec::new(),
            signals: Vec::new(),
            merge_commit: None,
            ..pull(today, 8, 1, &ada())
        };
        let facts = [&first, &all_said, &little_said].map(|pull| fact(pull.clone()));
        let written = put(store, organization, &merged(id, today, b"1", &facts)).await;
        assert_eq!((written.rows, written.changed), (3, true));
        for expected in [&first, &all_said, &little_said] {
            let found = store.find_pull_request(organization, expected.repository.id, expected.number).await.unwrap().unwrap();
            assert_eq!(&found.fact, expected);
        }
        let found = store.find_pull_request(organization, 7, 2).await.unwrap().unwrap();
        assert_eq!(found.author, Some(member(store, organization, "bob@acme.example").await.id));
        // Asked again with the same answer: nothing is written. With another: what is gone is gone.
        assert!(!put(store, organization, &merged(id, today, b"1", &facts)).await.changed);
        put(store, organization, &merged(id, today, b"2", &facts[1..])).await;
        assert!(store.find_pull_request(organization, 7, 1).await.unwrap().is_none());
        assert!(store.find_pull_request(organization, 7, 2).await.unwrap().is_some());
        let elsewhere = store.ensure_organization("Umbrella", NOW).await.unwrap();
        assert!(store.find_pull_request(elsewhere, 7, 2).await.unwrap().is_none());
        let packed = database.bytes("select pulls from slice_pull_requests").await;
        assert_eq!(packed.iter().map(|bytes| unpacked(bytes)).collect::<Vec<_>>(), [vec![(7, 2), (8, 1)]]);
        assert!(store.remove_integration(organization, id, false).await.unwrap());
        let left = database.dump_of(&["pull_requests", "slice_pull_requests", "repositories"]).await;
        assert!(left.is_empty(), "{left:?}");
        database.drop().await;
    }
}

#[tokio::test]
async fn a_pull_request_given_twice_counts_once_and_repositories_have_the_name_that_was_read_last() {
    let today = NOW.day();
    for database in engines::both().await {
        let store = &database.store;
        let (organization, id) = acme(store).await;
        let named = |day, number, name: &str| {
            let pull = pull(day, 7, number, &ada());
            fact(PullRequestFact { repository: Repository { id: 7, name: name.to_owned() }, ..pull })
        };
        let twice = [named(today, 1, "acme/old"), named(today, 1, "acme/old")];
        assert_eq!(put(store, organization, &merged(id, today, b"1", &twice)).await.rows, 1);
        let name = async || store.find_pull_request(organization, 7, 1).await.unwrap().unwrap().fact.repository.name;
        assert_eq!(name().await, "acme/old");
        // A day of long ago, read today, is told with today's name.
        let before = [named(today.minus(300), 9, "acme/new")];
        let later = SliceWrite { fetched_at: NOW.plus_seconds(60), ..merged(id, today.minus(300), b"2", &before) };
        put(store, organization, &later).await;
        assert_eq!(name().await, "acme/new");
        let stale = [named(today.minus(1), 8, "acme/old")];
        let earlier = SliceWrite { fetched_at: NOW.plus_seconds(30), ..merged(id, today.minus(1), b"3", &stale) };
        put(store, organization, &earlier).await;
        assert_eq!(name().await, "acme/new", "what was read before says nothing newer");
        database.drop().await;
    }
}

#[tokio::test]
async fn whoever_was_pseudonymised_is_credited_under_the_pseudonym_and_no_row_names_them() {
    let today = NOW.day();
    for database in engines::both().await {
        let store = &database.store;
        let (organization, id) = acme(store).await;
        let facts = [fact(pull(today, 7, 1, &ada()))];
        put(store, organization, &merged(id, today, b"1", &facts)).await;
        assert!(store.put_surveys(organization, true, ADMIN, noon(today).plus_seconds(-HOUR)).await.unwrap());
        let who = member(store, organization, "ada@acme.example").await.id;
        assert!(store.put_survey_answer(organization, who, (7, 1), ANSWER, NOW).await.unwrap());
        assert!(store.erase_member(organization, who, ADMIN, NOW).await.unwrap());
        let again = [fact(pull(today.plus(1), 7, 2, &ada()))];
        put(store, organization, &merged(id, today.plus(1), b"2", &again)).await;
        for number in [1, 2] {
            let found = store.find_pull_request(organization, 7, number).await.unwrap().unwrap();
            assert_eq!(found.author, Some(who));
            assert_eq!(found.fact.author.unwrap().label, format!("Erased {}", who.0));
        }
        assert_eq!(store.list_survey_answers(organization, who).await.unwrap().len(), 1, "no sum changes");
        for row in database.dump().await {
            let row = row.to_lowercase();
            assert!(!row.contains("=ada") && !row.contains("ada@"), "{row}");
        }
        database.drop().await;
    }
}

#[tokio::test]
async fn a_webhooks_secret_is_sealed_rotates_with_the_others_and_opens_for_its_own_integration_only() {
    for database in engines::both().await {
        let store = &database.store;
        let (organization, id) = acme(store).await;
        let other = integration(store, organization, &DELIVERY).await;
        let vault = Vault::new(MasterKey::generate(&mut rand::rng()));
        let opened = async |integration, vault: &Vault| {
            let found = store.find_webhook_secret(organization, integration, vault).await.unwrap();
            #[expect(clippy::disallowed_methods, reason = "a made-up secret is compared")]
            found.map(|secret| secret.expose_secret().to_owned())
        };
        assert_eq!(opened(id, &vault).await, None);
        for secret in ["the first secret", "the second secret"] {
            store.put_webhook_secret(organization, id, &secret.to_owned().into(), &vault, ADMIN, NOW).await.unwrap();
            assert_eq!(opened(id, &vault).await.as_deref(), Some(secret));
            assert!(!database.holds_bytes("webhook_secrets", "sealed", secret.as_bytes()).await);
        }
        assert_eq!(opened(other, &vault).await, None);
        let next = Vault::new(MasterKey::generate(&mut rand::rng()));
        store.rotate_credentials(&vault, &next, NOW).await.unwrap();
        assert_eq!(opened(id, &next).await.as_deref(), Some("the second secret"));
        assert!(store.find_webhook_secret(organization, id, &vault).await.unwrap_err().is_wrong_key());
        let webhook = store.find_webhook(organization, id).await.unwrap().unwrap();
        assert_eq!((webhook.by, webhook.since, webhook.last), (ADMIN, NOW, None));
        database.run(&format!("update webhook_secrets set integration_id = {other}")).await;
        assert!(store.find_webhook_secret(organization, other, &next).await.unwrap_err().is_damaged(), "moved to another row");
        assert!(store.remove_webhook_secret(organization, other).await.unwrap());
        assert!(!store.remove_webhook_secret(organization, other).await.unwrap());
        let nowhere = store.put_webhook_secret(organization, IntegrationId(77), &"s".to_owned().into(), &next, ADMIN, NOW).await;
        assert!(nowhere.unwrap_err().is_invalid());
        database.drop().await;
    }
}

#[tokio::test]
async fn a_delivery_is_heard_once_and_its_id_is_forgotten_after_a_month() {
    for database in engines::both().await {
        let store = &database.store;
        let (organization, id) = acme(store).await;
        let other = integration(store, organization, &DELIVERY).await;
        let vault = Vault::new(MasterKey::generate(&mut rand::rng()));
        store.put_webhook_secret(organization, id, &"secret".to_owned().into(), &vault, By::Operator, NOW).await.unwrap();
        let at_once = (0..6).map(|_| store.note_webhook_delivery(organization, id, "d-1", "pull_request", NOW));
        let heard = futures_util::future::join_all(at_once).await;
        assert_eq!(heard.into_iter().filter(|new| *new.as_ref().unwrap()).count(), 1, "one of six at the same time");
        assert!(store.note_webhook_delivery(organization, other, "d-1", "ping", NOW).await.unwrap(), "another integration's");
        let later = NOW.plus_seconds(29 * 86_400);
        assert!(!store.note_webhook_delivery(organization, id, "d-1", "pull_request", later).await.unwrap());
        assert!(store.note_webhook_delivery(organization, id, "d-2", "pull_request_review", later).await.unwrap());
        let last = store.find_webhook(organization, id).await.unwrap().unwrap().last;
        assert_eq!(last, Some(("pull_request_review".to_owned(), later)));
        let much_later = NOW.plus_seconds(31 * 86_400);
        assert!(store.note_webhook_delivery(organization, id, "d-3", "ping", much_later).await.unwrap());
        assert_eq!(database.dump_of(&["webhook_deliveries"]).await.len(), 3, "d-2, d-3 and the other integration's");
        store.remove_integration(organization, id, true).await.unwrap();
        assert!(store.find_webhook(organization, id).await.unwrap().is_none(), "the secret goes with the credential");
        assert!(store.note_webhook_delivery(organization, id, "d-4", "ping", much_later).await.unwrap_err().is_invalid());
        database.drop().await;
    }
}

#[tokio::test]
async fn people_are_asked_about_their_own_pull_requests_since_the_organization_asks() {
    let today = NOW.day();
    for database in engines::both().await {
        let store = &database.store;
        let (organization, id) = acme(store).await;
        let double = integration(store, organization, &DELIVERY).await;
        let facts = [
            fact(pull(today, 7, 1, &ada())),
            fact(PullRequestFact { author_kind: AuthorKind::Agent, ..pull(today, 7, 2, &ada()) }),
            fact(PullRequestFact { author_kind: AuthorKind::Bot, ..pull(today, 7, 3, &ada()) }),
            fact(pull(today, 7, 4, &bob())),
            fact(PullRequestFact { author: None, ..pull(today, 7, 5, &ada()) }),
        ];
        let before = [fact(pull(today.minus(1), 7, 9, &ada()))];
        for integration in [id, double] {
            put(store, organization, &merged(integration, today, b"1", &facts)).await;
            put(store, organization, &merged(integration, today.minus(1), b"1", &before)).await;
        }
        let (hers, his) =
            (member(store, organization, "ada@acme.example").await.id, member(store, organization, "bob@acme.example").await.id);
        let numbers = async |who| -> Vec<(u32, bool)> {
            let questions = store.list_survey_questions(organization, who, NOW).await.unwrap();
            questions.iter().map(|question| (question.number, question.answer.is_some())).collect()
        };
        assert!(numbers(hers).await.is_empty(), "nobody asks");
        assert!(!store.put_survey_answer(organization, hers, (7, 1), ANSWER, NOW).await.unwrap());
        let start = today.start();
        assert!(store.put_surveys(organization, true, ADMIN, start).await.unwrap());
        assert!(!store.put_surveys(organization, true, ADMIN, NOW).await.unwrap(), "it asks already");
        assert_eq!(store.find_survey_start(organization).await.unwrap(), Some(start));
        assert_eq!(numbers(hers).await, [(1, false), (2, false)], "no bot's, nobody else's, nothing of before, each once");
        assert_eq!(numbers(his).await, [(4, false)]);
        let month_later = NOW.plus_seconds(31 * 86_400);
        assert!(store.list_survey_questions(organization, hers, month_later).await.unwrap().is_empty());
        let role = async |who, number| {
            store.find_survey_question(organization, who, 7, number).await.unwrap().map(|question| question.role)
        };
        assert_eq!(role(hers, 1).await, Some(SurveyRole::Author));
        assert_eq!(role(his, 1).await, Some(SurveyRole::Reviewer));
        for number in [3, 5, 9, 77] {
            assert_eq!(role(hers, number).await, None, "{number}");
        }
        database.drop().await;
    }
}

#[tokio::test]
async fn an_answer_is_its_givers_to_change_and_an_author_is_no_reviewer() {
    let today = NOW.day();
    for database in engines::both().await {
        let store = &database.store;
        let (organization, id) = acme(store).await;
        put(store, organization, &merged(id, today, b"1", &[fact(pull(today, 7, 1, &ada()))])).await;
        store.put_surveys(organization, true, ADMIN, today.start()).await.unwrap();
        let (hers, his) =
            (member(store, organization, "ada@acme.example").await.id, member(store, organization, "bob@acme.example").await.id);
        let reviewer = SurveyAnswer::Reviewer { could_tell: false };
        let say = |who, answer| store.put_survey_answer(organization, who, (7, 1), answer, NOW);
        assert!(say(hers, reviewer).await.unwrap_err().is_invalid());
        assert!(say(his, ANSWER).await.unwrap_err().is_invalid());
        let weeks = SurveyAnswer::Author { assistance: Assistance::No, minutes_saved: Some(5 * 8 * 60 + 1) };
        assert!(say(hers, weeks).await.unwrap_err().to_string().contains("minutes_saved"));
        let mark = store.data_mark(organization).await.unwrap();
        assert!(say(hers, ANSWER).await.unwrap());
        assert!(say(his, reviewer).await.unwrap());
        assert_ne!(store.data_mark(organization).await.unwrap(), mark, "whoever watches the adoption chart sees it");
        let changed = SurveyAnswer::Author { assistance: Assistance::ALittle, minutes_saved: None };
        assert!(say(hers, changed).await.unwrap());
        let said = async |who| -> Vec<SurveyAnswer> {
            let answers = store.list_survey_answers(organization, who).await.unwrap();
            answers.iter().map(|answered| answered.answer).collect()
        };
        assert_eq!((said(hers).await, said(his).await), (vec![changed], vec![reviewer]));
        // Two who turn out to be one: what either said is theirs, and is said anew in one place.
        assert!(store.merge_members(organization, his, hers, ADMIN, NOW).await.unwrap());
        assert_eq!(said(hers).await.len(), 2);
        assert!(say(hers, ANSWER).await.unwrap());
        assert!(store.remove_survey_answer(organization, hers, 7, 1).await.unwrap());
        assert!(said(hers).await.is_empty() && !store.remove_survey_answer(organization, hers, 7, 1).await.unwrap());
        assert!(store.put_surveys(organization, false, ADMIN, NOW).await.unwrap());
        assert!(!say(hers, ANSWER).await.unwrap(), "it does not ask any more");
        database.drop().await;
    }
}
