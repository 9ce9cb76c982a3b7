//! A person's page and what they show of it to others: links by hash, frozen, counted, over when their time is.

use crate::engines;
use crate::organization::*;
use crate::{Told, access::refusal};
use serde_json::json;
use tacho_domain::report::{Amount, Audience, Question, Report, ReportName};
use tacho_domain::{Dimension, Fact, IdentityRef, Measure, OrganizationId, SubjectId, Window};
use tacho_store::{By, Known, NewShare, SliceWrite, Store};

const KNOWN: Known<'static> = Known { profiles: &TOOLS, today: tacho_domain::Day(20_515) };

fn question(organization: OrganizationId) -> Question {
    Question::overview(organization, Window::ending(day("2026-03-03"), 28))
}

async fn mine(store: &Store, question: &Question) -> Option<Report> {
    store.report(&ReportName::Mine, question, &KNOWN).await.unwrap()
}

pub(crate) async fn tell_shares(store: &Store, organization: OrganizationId, told: &mut Told) {
    let members = store.list_members(organization).await.unwrap();
    let ada = members.iter().find(|member| member.email.as_deref() == Some("ada@acme.example")).unwrap().id;
    let asked = Question { member: Some(ada), ..question(organization) };
    let report = mine(store, &asked).await.unwrap();
    assert_eq!(report.figure("interactions").unwrap().value, Amount::Count(15));
    assert_eq!(report.figure("active_days").unwrap().value, Amount::Count(2));
    told.tell("mine", report);
    told.tell("hers", store.report(&ReportName::Member(ada), &question(organization), &KNOWN).await.unwrap());
    let card = json!({ "interactions": 15 });
    let new = NewShare { member: ada, hash: b"secret", card: &card, made_by: None, expires_at: NOW.plus_seconds(60) };
    let id = store.add_share(organization, &new, NOW).await.unwrap();
    told.tell("shared", id);
    told.tell("found", store.find_share(b"secret", NOW).await.unwrap());
    told.tell("opened", store.open_share(b"secret", NOW).await.unwrap());
    told.tell("listed", store.list_shares(organization, ada, NOW).await.unwrap());
    told.tell("nobody", store.add_share(organization, &NewShare { member: SubjectId(9_999), ..new }, NOW).await.unwrap_err());
    assert!(store.remove_share(organization, ada, id).await.unwrap());
    assert!(!store.remove_share(organization, ada, id).await.unwrap());
}

async fn filled(store: &Store) -> (OrganizationId, SubjectId, SubjectId) {
    let acme = store.ensure_organization("Acme", NOW).await.unwrap();
    let id = integration(store, acme, &COPILOT).await;
    let today = day("2026-03-02");
    let (ada, bob) = (IdentityRef::email("ada@acme.example"), IdentityRef::email("bob@acme.example"));
    for back in [0, 1, 30, 400] {
        let day = today.minus(back);
        let facts: Vec<Fact> = vec![
            usage(day, &ada, &[(Measure::Interactions, 5), (Measure::Suggestions, 10), (Measure::Acceptances, 4)]),
            usage(day, &bob, &[(Measure::Interactions, 100)]),
            split(day, &ada, Dimension::Model, "gpt-x", &[(Measure::Interactions, 5)]),
            split(day, &bob, Dimension::Model, "secret of bob", &[(Measure::Interactions, 100)]),
            person(&ada, Some("Ada"), Some("ada@acme.example")),
            person(&bob, Some("Bob"), Some("bob@acme.example")),
        ];
        put(store, acme, &SliceWrite { checksum: &[1], ..slice(id, day, b"", &facts) }).await;
    }
    let members = store.list_members(acme).await.unwrap();
    let of = |address: &str| members.iter().find(|member| member.email.as_deref() == Some(address)).unwrap().id;
    (acme, of("ada@acme.example"), of("bob@acme.example"))
}

#[tokio::test]
async fn a_persons_page_holds_their_rows_alone_and_is_only_for_those_who_may_see_them() {
    for database in engines::both().await {
        let store = &database.store;
        let (acme, ada, bob) = filled(store).await;
        let asked = Question { member: Some(ada), ..question(acme) };
        let report = mine(store, &asked).await.unwrap();
        assert_eq!(report.figure("interactions").unwrap().value, Amount::Count(10));
        assert_eq!(report.figure("interactions").unwrap().before, Amount::Count(5));
        assert_eq!(report.figure("acceptance_github_copilot_completions").unwrap().value, Amount::Share(0.4));
        assert_eq!(report.section("models").unwrap().table.rows.len(), 1);
        assert!(!serde_json::to_string(&report).unwrap().contains("bob"), "nothing of others");
        let history = &report.section("history").unwrap().table;
        assert_eq!(history.rows.len(), 15, "from January a year before to March");
        let theirs = |audience, member| Question { audience, member: None, ..asked.clone() }.with(member);
        let only = |member| Audience::Only([member].into());
        for (audience, whom, seen) in [
            (Audience::Everyone, ada, true),
            (only(ada), ada, true),
            (only(ada), bob, false),
            (Audience::Nobody, ada, false),
            (Audience::Everyone, SubjectId(9_999), false),
            (Audience::Everyone, SubjectId(0), false),
        ] {
            let answer = store.report(&ReportName::Member(whom), &theirs(audience.clone(), None), &KNOWN).await.unwrap();
            assert_eq!(answer.is_some(), seen, "{audience:?} {whom:?}");
            assert_eq!(mine(store, &theirs(audience, Some(whom))).await.is_some(), seen);
        }
        assert!(mine(store, &theirs(Audience::Everyone, None)).await.is_none(), "nobody is linked");
        database.drop().await;
    }
}

trait OfMember {
    fn with(self, member: Option<SubjectId>) -> Self;
}

impl OfMember for Question {
    fn with(self, member: Option<SubjectId>) -> Self {
        Self { member, ..self }
    }
}

#[tokio::test]
async fn a_link_works_until_it_ends_is_revoked_or_its_member_is_erased() {
    for database in engines::both().await {
        let store = &database.store;
        let (acme, ada, bob) = filled(store).await;
        let card = json!({ "name": "Ada", "interactions": 10 });
        let new = |hash: &'static [u8], member, seconds| (hash, member, NOW.plus_seconds(seconds));
        let add = async |(hash, member, expires_at): (&'static [u8], SubjectId, _)| {
            store.add_share(acme, &NewShare { member, hash, card: &card, made_by: None, expires_at }, NOW).await
        };
        add(new(b"short", ada, 60)).await.unwrap();
        add(new(b"long", ada, 600)).await.unwrap();
        let bobs = add(new(b"bob's", bob, 600)).await.unwrap();
        assert!(store.open_share(b"short", NOW.plus_seconds(59)).await.unwrap().is_some());
        assert!(store.open_share(b"short", NOW.plus_seconds(60)).await.unwrap().is_none(), "its time is over");
        assert!(store.find_share(b"short", NOW.plus_seconds(60)).await.unwrap().is_none());
        assert!(store.find_share(b"guess", NOW).await.unwrap().is_none());
        store.open_share(b"long", NOW).await.unwrap();
        assert_eq!(store.open_share(b"long", NOW).await.unwrap().unwrap().views, 2);
        assert_eq!(store.find_share(b"long", NOW).await.unwrap().unwrap().views, 2, "the picture is not counted");
        assert!(!store.remove_share(acme, ada, bobs).await.unwrap(), "it is not hers");
        let umbrella = store.add_organization("Umbrella", NOW).await.unwrap();
        assert!(!store.remove_share(umbrella, bob, bobs).await.unwrap());
        assert!(store.list_shares(umbrella, bob, NOW).await.unwrap().is_empty());
        assert!(database.dump_of(&["shares"]).await.iter().all(|row| !row.contains("secret of")));
        store.merge_members(acme, ada, bob, By::Operator, NOW).await.unwrap();
        assert_eq!(store.list_shares(acme, bob, NOW).await.unwrap().len(), 3, "hers are theirs now, to be revoked");
        assert!(store.erase_member(acme, bob, By::Operator, NOW).await.unwrap());
        assert!(store.find_share(b"long", NOW).await.unwrap().is_none(), "nor those of whoever was merged into them");
        assert_eq!(database.dump_of(&["shares"]).await, Vec::<String>::new());
        assert!(refusal(add(new(b"again", bob, 60)).await).contains("no member"));
        database.drop().await;
    }
}

#[tokio::test]
async fn a_member_has_at_most_twenty_links() {
    for database in engines::both().await {
        let store = &database.store;
        let (acme, ada, _) = filled(store).await;
        let card = json!({});
        let add = async |number: u8, now| {
            let expires_at = NOW.plus_seconds(60);
            store.add_share(acme, &NewShare { member: ada, hash: &[number], card: &card, made_by: None, expires_at }, now).await
        };
        for number in 0..20 {
            add(number, NOW).await.unwrap();
        }
        assert!(refusal(add(20, NOW).await).contains("20 links"));
        add(21, NOW.plus_seconds(60)).await.unwrap();
        assert_eq!(database.dump_of(&["shares"]).await.len(), 1, "those that are over went");
        database.drop().await;
    }
}
