//! What is promised of accounts: an owner who stays, links that work once, organizations that see nothing of each other.

use crate::access::{after, device, invitation, link, refusal, session, token, user};
use crate::engines;
use crate::organization::NOW;
use tacho_domain::{Role, SubjectId, UserId};
use tacho_store::{LinkKind, Membership, NewLink, NewUser};

#[tokio::test]
async fn the_last_owner_who_can_come_in_stays() {
    for database in engines::both().await {
        let store = &database.store;
        let acme = store.ensure_organization("Acme", NOW).await.unwrap();
        let (one, two) =
            (user(store, acme, "one@x.example", Role::Owner).await, user(store, acme, "two@x.example", Role::Admin).await);
        let last = "the organization would have no owner: make somebody else an owner first";
        assert_eq!(refusal(store.put_membership(acme, one, Role::Admin, NOW).await), last);
        assert_eq!(refusal(store.remove_membership(acme, one).await), last);
        assert_eq!(refusal(store.lock_user(acme, one, true).await), last);
        store.put_membership(acme, two, Role::Owner, NOW).await.unwrap();
        assert!(store.lock_user(acme, two, true).await.unwrap());
        assert_eq!(refusal(store.remove_membership(acme, one).await), last, "an owner who is locked out is none");
        assert!(store.lock_user(acme, two, false).await.unwrap());
        // Both step down at the same moment: one of them is refused.
        let (a, b) =
            tokio::join!(store.put_membership(acme, one, Role::Member, NOW), store.put_membership(acme, two, Role::Member, NOW));
        assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
        let owners = store.list_memberships(acme).await.unwrap().into_iter().filter(|row| row.role == Role::Owner);
        assert_eq!(owners.count(), 1);
        assert!(!store.lock_user(acme, UserId(99), true).await.unwrap());
        assert_eq!(refusal(store.put_membership(acme, UserId(99), Role::Owner, NOW).await), "there is no user 99");
        database.drop().await;
    }
}

#[tokio::test]
async fn a_new_password_ends_other_sessions_and_open_ways_in() {
    for database in engines::both().await {
        let store = &database.store;
        let acme = store.ensure_organization("Acme", NOW).await.unwrap();
        let ada = user(store, acme, "ada@x.example", Role::Owner).await;
        store.add_session(acme, &session(ada, b"here"), NOW).await.unwrap();
        store.add_session(acme, &session(ada, b"there"), NOW).await.unwrap();
        store.add_link(acme, &link(LinkKind::PasswordReset, b"reset", Some(ada)), NOW).await.unwrap();
        store.add_link(acme, &link(LinkKind::SignIn, b"way in", Some(ada)), NOW).await.unwrap();
        store.put_password_hash(ada, "$argon2id$", Some(b"here")).await.unwrap();
        assert!(store.find_session(b"here", NOW).await.unwrap().is_some());
        assert!(store.find_session(b"there", NOW).await.unwrap().is_none());
        assert!(store.list_links(acme, NOW).await.unwrap().is_empty());
        store.put_password_hash(ada, "$argon2id$", None).await.unwrap();
        assert!(store.find_session(b"here", NOW).await.unwrap().is_none());
        database.drop().await;
    }
}

#[tokio::test]
async fn a_link_works_once_for_what_it_is_and_until_it_ends() {
    for database in engines::both().await {
        let store = &database.store;
        let acme = store.ensure_organization("Acme", NOW).await.unwrap();
        let ada = user(store, acme, "ada@x.example", Role::Owner).await;
        for kind in [LinkKind::PasswordReset, LinkKind::SignIn] {
            store.add_link(acme, &link(kind, b"link", Some(ada)), NOW).await.unwrap();
            assert!(store.claim_link(b"link", LinkKind::Invitation, NOW).await.unwrap().is_none(), "it is no invitation");
            assert!(store.find_link(b"link", after(600)).await.unwrap().is_none(), "it has ended");
            assert!(store.claim_link(b"link", kind, after(600)).await.unwrap().is_none(), "it has ended");
            let (a, b) = tokio::join!(store.claim_link(b"link", kind, NOW), store.claim_link(b"link", kind, NOW));
            let claimed: Vec<_> = [a.unwrap(), b.unwrap()].into_iter().flatten().collect();
            assert_eq!(claimed.len(), 1, "{kind:?}");
            assert_eq!((claimed[0].user, claimed[0].email.as_deref()), (Some(ada), Some("ada@x.example")));
        }
        store.add_link(acme, &invitation(b"first", "bob@x.example", Role::Viewer), NOW).await.unwrap();
        store.add_link(acme, &invitation(b"second", "Bob@x.example", Role::Lead), NOW).await.unwrap();
        assert!(store.find_link(b"first", NOW).await.unwrap().is_none(), "the second took its place");
        let taken = NewUser { email: "other@x.example", name: "Bob", password_hash: None };
        let (_, bob) = store.accept_link(b"second", LinkKind::Invitation, &taken, NOW).await.unwrap().unwrap();
        let bob = store.find_membership(acme, bob).await.unwrap().unwrap();
        assert_eq!((bob.user.email.as_str(), bob.role), ("bob@x.example", Role::Lead), "as whom he was invited");
        assert!(refusal(store.add_link(acme, &invitation(b"x", "bob@x.example", Role::Lead), NOW).await).contains("already"));
        assert!(
            refusal(store.add_link(acme, &NewLink { role: None, ..invitation(b"x", "c@x.example", Role::Lead) }, NOW).await)
                .contains("role")
        );
        database.drop().await;
    }
}

#[tokio::test]
async fn an_invitation_that_cannot_be_accepted_is_not_spent() {
    for database in engines::both().await {
        let store = &database.store;
        let (acme, umbrella) =
            (store.ensure_organization("Acme", NOW).await.unwrap(), store.ensure_organization("Umbrella", NOW).await.unwrap());
        let ada = user(store, acme, "ada@x.example", Role::Owner).await;
        store.add_link(umbrella, &invitation(b"link", "ada@x.example", Role::Owner), NOW).await.unwrap();
        let new = NewUser { email: "", name: "", password_hash: None };
        let error = refusal(store.accept_link(b"link", LinkKind::Invitation, &new, NOW).await);
        assert_eq!(error, "`ada@x.example` has an account already");
        let claimed = store.claim_link(b"link", LinkKind::Invitation, NOW).await.unwrap().unwrap();
        store.put_membership(claimed.organization, ada, claimed.role.unwrap(), NOW).await.unwrap();
        assert_eq!(store.list_memberships_of(ada).await.unwrap().len(), 2);
        assert!(store.remove_membership(umbrella, ada).await.is_err(), "its only owner");
        database.drop().await;
    }
}

#[tokio::test]
async fn two_set_up_links_in_two_hands_make_one_owner() {
    for database in engines::both().await {
        let store = &database.store;
        let acme = store.ensure_organization("Acme", NOW).await.unwrap();
        store.add_link(acme, &link(LinkKind::SetUp, b"one", None), NOW).await.unwrap();
        store.add_link(acme, &link(LinkKind::SetUp, b"two", None), NOW).await.unwrap();
        let (ada, eve) = (
            NewUser { email: "ada@x.example", name: "Ada", password_hash: None },
            NewUser { email: "eve@x.example", name: "Eve", password_hash: None },
        );
        let (a, b) = tokio::join!(
            store.accept_link(b"one", LinkKind::SetUp, &ada, NOW),
            store.accept_link(b"two", LinkKind::SetUp, &eve, NOW)
        );
        assert_eq!([a.unwrap(), b.unwrap()].iter().flatten().count(), 1);
        assert_eq!(store.count_users().await.unwrap(), 1);
        store.add_link(acme, &link(LinkKind::SetUp, b"later", None), NOW).await.unwrap();
        assert!(store.find_link(b"later", NOW).await.unwrap().is_none(), "it is set up");
        assert!(store.claim_link(b"later", LinkKind::SetUp, NOW).await.unwrap().is_none());
        database.drop().await;
    }
}

#[tokio::test]
async fn only_whoever_runs_the_server_lets_people_into_an_account_of_two_organizations() {
    for database in engines::both().await {
        let store = &database.store;
        let (acme, umbrella) =
            (store.ensure_organization("Acme", NOW).await.unwrap(), store.ensure_organization("Umbrella", NOW).await.unwrap());
        let admin = user(store, umbrella, "admin@u.example", Role::Owner).await;
        let ada = user(store, acme, "ada@x.example", Role::Owner).await;
        let reset = |hash: &'static [u8], made_by| NewLink { made_by, ..link(LinkKind::PasswordReset, hash, Some(ada)) };
        assert!(refusal(store.add_link(umbrella, &reset(b"a", Some(admin)), NOW).await).contains("not in the organization"));
        let of_acme = NewLink { made_by: Some(admin), ..link(LinkKind::PasswordReset, b"in hand", Some(ada)) };
        store.add_link(acme, &of_acme, NOW).await.unwrap();
        store.put_membership(umbrella, ada, Role::Member, NOW).await.unwrap();
        assert!(store.find_link(b"in hand", NOW).await.unwrap().is_none(), "it would open another organization now");
        let error = refusal(store.add_link(umbrella, &reset(b"b", Some(admin)), NOW).await);
        assert!(error.contains("also used in another organization"), "{error}");
        assert!(store.add_link(umbrella, &reset(b"c", None), NOW).await.is_err(), "nor may an API token of nobody's");
        store.add_link(umbrella, &NewLink { by_operator: true, ..reset(b"c", None) }, NOW).await.unwrap();
        store.add_link(umbrella, &reset(b"d", Some(ada)), NOW).await.unwrap();
        database.drop().await;
    }
}

#[tokio::test]
async fn two_organizations_see_nothing_of_each_other() {
    for database in engines::both().await {
        let store = &database.store;
        let (acme, umbrella) =
            (store.ensure_organization("Acme", NOW).await.unwrap(), store.ensure_organization("Umbrella", NOW).await.unwrap());
        let ada = user(store, acme, "ada@x.example", Role::Owner).await;
        let eve = user(store, umbrella, "eve@u.example", Role::Owner).await;
        let id = store.add_api_token(acme, &token("ci", b"ada's", Some(ada)), NOW).await.unwrap();
        store.add_api_token(umbrella, &token("ci", b"eve's", Some(eve)), NOW).await.unwrap();
        store.add_link(acme, &invitation(b"link", "bob@x.example", Role::Owner), NOW).await.unwrap();
        store.add_session(acme, &session(ada, b"session"), NOW).await.unwrap();
        let seen = |rows: Vec<Membership>| rows.into_iter().map(|row| row.user.id).collect::<Vec<_>>();
        assert_eq!(seen(store.list_memberships(umbrella).await.unwrap()), [eve]);
        assert!(store.find_membership(umbrella, ada).await.unwrap().is_none());
        assert_eq!(store.list_api_tokens(umbrella, None).await.unwrap()[0].user, Some((eve, "eve@u.example".to_owned())));
        assert!(store.list_api_tokens(umbrella, Some(ada)).await.unwrap().is_empty());
        let theirs = store.add_api_token(umbrella, &token("second", b"eve's second", Some(eve)), NOW).await.unwrap();
        assert!(theirs != id && !store.remove_api_token(acme, theirs, None).await.unwrap());
        assert!(store.list_links(umbrella, NOW).await.unwrap().is_empty());
        assert!(!store.remove_link(umbrella, LinkKind::Invitation, "bob@x.example").await.unwrap());
        assert!(!store.remove_membership(umbrella, ada).await.unwrap());
        assert!(!store.lock_user(umbrella, ada, true).await.unwrap());
        assert!(!store.link_user(umbrella, ada, None).await.unwrap());
        assert!(!store.switch_session(b"session", umbrella).await.unwrap(), "she is not in it");
        store.add_device_grant(&device(b"d", "CODE"), NOW).await.unwrap();
        assert!(
            !store.decide_device_grant(umbrella, "CODE", ada, true, NOW).await.unwrap(),
            "not for an organization she is not in"
        );
        assert_eq!(store.find_session(b"session", NOW).await.unwrap().unwrap().organization, acme);
        assert_eq!(store.find_api_token(b"ada's", NOW).await.unwrap().unwrap().organization, acme);
        store.put_membership(umbrella, ada, Role::Viewer, NOW).await.unwrap();
        assert!(store.switch_session(b"session", umbrella).await.unwrap());
        let there = store.find_session(b"session", NOW).await.unwrap().unwrap();
        assert_eq!((there.organization, there.role), (umbrella, Role::Viewer), "another organization, another role");
        assert!(store.lock_user(umbrella, ada, true).await.unwrap());
        assert!(store.find_session(b"session", NOW).await.unwrap().is_none(), "the session was there");
        assert_eq!(store.find_api_token(b"ada's", NOW).await.unwrap().unwrap().role, Role::Owner, "elsewhere nothing changed");
        assert!(!store.switch_session(b"session", acme).await.unwrap());
        database.drop().await;
    }
}

#[tokio::test]
async fn a_user_is_the_member_of_their_address_unless_somebody_says_otherwise() {
    for database in engines::both().await {
        let store = &database.store;
        let acme = store.ensure_organization("Acme", NOW).await.unwrap();
        let ada = user(store, acme, "ada@x.example", Role::Owner).await;
        let member = async || store.find_membership(acme, ada).await.unwrap().unwrap().member.map(|member| member.0);
        assert_eq!(member().await, None);
        for (id, email) in [(5, "ada@x.example"), (6, "other@x.example")] {
            database.run(&format!("insert into members (organization_id, id, email) values ({}, {id}, '{email}')", acme.0)).await;
        }
        assert_eq!(member().await, Some(5));
        assert!(store.link_user(acme, ada, Some(SubjectId(6))).await.unwrap());
        assert_eq!(member().await, Some(6));
        store.add_session(acme, &session(ada, b"s"), NOW).await.unwrap();
        assert_eq!(store.find_session(b"s", NOW).await.unwrap().unwrap().member.map(|member| member.0), Some(6));
        database.run("update members set merged_into = 5 where id = 6").await;
        assert_eq!(member().await, Some(5), "whoever that turned out to be");
        database.run("update members set merged_into = null, erased = 1, email = null where id = 6").await;
        assert_eq!(member().await, None, "nobody learns who a pseudonym was");
        database.drop().await;
    }
}
