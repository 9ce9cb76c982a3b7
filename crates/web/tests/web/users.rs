//! Settings: users. Nobody gives or takes more than they have, and an organization keeps an owner.

use crate::house::House;
use axum::http::StatusCode;
use tacho_domain::audit::Action;
use tacho_domain::{Role, UserId};
use tacho_store::{AuditFilter, NewMember, NewUser};

fn at(id: UserId, what: &str) -> String {
    format!("/settings/users/{id}{what}")
}

async fn role_of(house: &House, id: UserId) -> Option<Role> {
    house.store.find_membership(house.organization, id).await.unwrap().map(|membership| membership.role)
}

async fn noted(house: &House, action: Action) -> usize {
    let filter = AuditFilter { action: Some(action), limit: 100, ..AuditFilter::default() };
    house.store.list_audit(house.organization, &filter).await.unwrap().len()
}

/// The path of the link that a page shows once.
fn shown_link(text: &str) -> String {
    let start = text.find("id=\"made\"").unwrap_or_else(|| panic!("no link in {text}"));
    let link = text[start..].split("value=\"").nth(1).unwrap().split('"').next().unwrap();
    assert!(link.starts_with("http://tacho.example/"), "{link}");
    link.trim_start_matches("http://tacho.example").to_owned()
}

#[tokio::test]
async fn an_invitation_is_shown_once_to_be_passed_on() {
    let house = House::patient().await;
    let admin = house.user(Role::Admin).await;
    let fields = [("email", "Ben@Example.com"), ("role", "manager")];
    let made = house.submit(&admin, "/settings/users/invite", &fields).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.text);
    let link = shown_link(&made.text);
    let listed = house.page(&admin, "/settings/users").await.text;
    assert!(listed.contains("ben@example.com") && listed.contains("Revoke"));
    assert!(!listed.contains(link.rsplit('/').next().unwrap()), "shown once");
    let joined = house.submit("", &link, &[("name", "Ben"), ("password", "violet tram under rain")]).await;
    assert_eq!(joined.status, StatusCode::SEE_OTHER, "{}", joined.text);
    let ben = house.store.find_user_by_email("ben@example.com").await.unwrap().unwrap();
    assert_eq!(role_of(&house, ben.id).await, Some(Role::Manager));

    let again = house.submit(&admin, "/settings/users/invite", &fields).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        again.text.contains("is in the organization already") && again.text.contains("value=\"Ben@Example.com\""),
        "{}",
        again.text
    );
    let wrong = house.submit(&admin, "/settings/users/invite", &[("email", "ben"), ("role", "king")]).await;
    assert!(wrong.text.contains("`ben` is not an e-mail address") && wrong.text.contains("Choose a role."));
    assert_eq!(noted(&house, Action::LinkMade).await, 1);
}

#[tokio::test]
async fn an_invitation_that_is_revoked_opens_nothing() {
    let house = House::patient().await;
    let admin = house.user(Role::Admin).await;
    let made = house.submit(&admin, "/settings/users/invite", &[("email", "ben@example.com"), ("role", "member")]).await;
    let revoke = "/settings/users/invitations/revoke";
    let revoked = house.submit(&admin, revoke, &[("email", "ben@example.com")]).await;
    assert_eq!(revoked.header("location"), "/settings/users?said=revoked");
    assert_eq!(house.page("", &shown_link(&made.text)).await.status, StatusCode::GONE);
    assert_eq!(house.submit(&admin, revoke, &[("email", "ben@example.com")]).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn nobody_gives_a_role_above_their_own() {
    let house = House::patient().await;
    let (_, owner) = house.person(Role::Owner).await;
    let (admin_id, admin) = house.person(Role::Admin).await;
    let (member, _) = house.person(Role::Member).await;
    let invited = house.submit(&admin, "/settings/users/invite", &[("email", "ben@example.com"), ("role", "owner")]).await;
    assert_eq!(invited.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(invited.text.contains("Only an owner makes somebody `owner`."));
    assert!(!invited.text.contains("value=\"owner\""), "and it is not offered");
    for target in [member, admin_id] {
        let raised = house.submit(&admin, &at(target, "/role"), &[("role", "owner")]).await;
        assert_eq!(raised.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert_eq!(role_of(&house, member).await, Some(Role::Member));
    assert_eq!(role_of(&house, admin_id).await, Some(Role::Admin));
    assert_eq!(house.submit(&admin, &at(member, "/role"), &[("role", "manager")]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(role_of(&house, member).await, Some(Role::Manager));
    assert_eq!(house.submit(&owner, &at(admin_id, "/role"), &[("role", "owner")]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(role_of(&house, admin_id).await, Some(Role::Owner));
    assert_eq!(noted(&house, Action::RoleChanged).await, 2);
}

#[tokio::test]
async fn an_administrator_does_not_touch_an_owner() {
    let house = House::patient().await;
    let (owner, cookie) = house.person(Role::Owner).await;
    house.user(Role::Owner).await;
    let admin = house.user(Role::Admin).await;
    let page = house.page(&admin, &at(owner, "")).await;
    assert!(page.text.contains("Only an owner changes an owner") && !page.text.contains("/reset\""));
    for (what, fields) in [
        ("/role", [("role", "viewer")]),
        ("/lock", [("locked", "yes")]),
        ("/member", [("member", "")]),
        ("/reset", [("", "")]),
        ("/remove", [("", "")]),
    ] {
        let answer = house.submit(&admin, &at(owner, what), &fields).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{what}");
        assert!(answer.text.contains("grant_owner"), "{what}");
    }
    assert_eq!(role_of(&house, owner).await, Some(Role::Owner));
    assert_eq!(house.page(&cookie, "/").await.status, StatusCode::OK);
    house.submit(&admin, "/settings/users/invite", &[("email", "x@example.com"), ("role", "member")]).await;
}

#[tokio::test]
async fn an_organization_keeps_an_owner_and_nobody_shuts_themselves_out() {
    let house = House::patient().await;
    let (only, owner) = house.person(Role::Owner).await;
    let demoted = house.submit(&owner, &at(only, "/role"), &[("role", "admin")]).await;
    assert_eq!(demoted.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(demoted.text.contains("would have no owner"), "{}", demoted.text);
    for (what, fields) in [("/lock", [("locked", "yes")]), ("/remove", [("", "")]), ("/reset", [("", "")])] {
        let answer = house.submit(&owner, &at(only, what), &fields).await;
        assert_eq!(answer.status, StatusCode::CONFLICT, "{what}");
        assert!(answer.text.contains("your own account"), "{what}");
    }
    assert_eq!(role_of(&house, only).await, Some(Role::Owner));
    let (second, _) = house.person(Role::Owner).await;
    assert_eq!(house.submit(&owner, &at(second, "/lock"), &[("locked", "yes")]).await.status, StatusCode::SEE_OTHER);
    let demoted = house.submit(&owner, &at(only, "/role"), &[("role", "admin")]).await;
    assert_eq!(demoted.status, StatusCode::UNPROCESSABLE_ENTITY, "a locked owner is no owner who could come in");
    assert_eq!(house.submit(&owner, &at(second, "/lock"), &[("locked", "no")]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(house.submit(&owner, &at(only, "/role"), &[("role", "admin")]).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn locking_and_removing_end_what_let_somebody_in() {
    let house = House::patient().await;
    let admin = house.user(Role::Admin).await;
    let (id, cookie) = house.person(Role::Member).await;
    let wrong = house.submit(&admin, &at(id, "/lock"), &[("locked", "maybe")]).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    let locked = house.submit(&admin, &at(id, "/lock"), &[("locked", "yes")]).await;
    assert_eq!(locked.header("location"), at(id, "?said=locked"));
    assert_eq!(house.page(&cookie, "/").await.status, StatusCode::UNAUTHORIZED);
    assert!(house.page(&admin, "/settings/users").await.text.contains("locked out"));
    house.submit(&admin, &at(id, "/lock"), &[("locked", "no")]).await;
    let cookie = house.session(house.organization, id).await;
    let removed = house.submit(&admin, &at(id, "/remove"), &[]).await;
    assert_eq!(removed.header("location"), "/settings/users?said=removed");
    assert_eq!(house.page(&cookie, "/").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(role_of(&house, id).await, None);
    assert_eq!(house.page(&admin, &at(id, "")).await.status, StatusCode::NOT_FOUND);
    assert_eq!((noted(&house, Action::UserLocked).await, noted(&house, Action::UserRemoved).await), (2, 1));
}

#[tokio::test]
async fn a_link_for_a_new_password_is_made_for_one_s_own_people_only() {
    let house = House::patient().await;
    let admin = house.user(Role::Admin).await;
    let new = NewUser { email: "ben@example.com", name: "Ben", password_hash: None };
    let ben = house.store.add_user(&new, house.now).await.unwrap();
    house.store.put_membership(house.organization, ben, Role::Member, house.now).await.unwrap();
    let made = house.submit(&admin, &at(ben, "/reset"), &[]).await;
    assert_eq!(made.status, StatusCode::OK);
    let link = shown_link(&made.text);
    assert!(link.starts_with("/reset/"));
    assert_eq!(house.submit("", &link, &[("password", "violet tram under rain")]).await.status, StatusCode::SEE_OTHER);
    let fields = [("email", "ben@example.com"), ("password", "violet tram under rain")];
    assert_eq!(house.submit("", "/sign-in", &fields).await.status, StatusCode::SEE_OTHER);

    // Whoever is an owner elsewhere must not lose that organization to an administrator here.
    let elsewhere = house.store.add_organization("Fabrikam", house.now).await.unwrap();
    house.store.put_membership(elsewhere, ben, Role::Owner, house.now).await.unwrap();
    let refused = house.submit(&admin, &at(ben, "/reset"), &[]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("another organization") && !refused.text.contains("id=\"made\""), "{}", refused.text);
    assert!(!refused.text.contains("Fabrikam"));
}

#[tokio::test]
async fn a_user_is_linked_to_a_member_by_address() {
    let house = House::patient().await;
    let admin = house.user(Role::Admin).await;
    let (id, _) = house.person(Role::Lead).await;
    let new = NewMember { name: Some("Ines Moreau"), email: "ines@example.com", ..NewMember::default() };
    let member = house.store.add_member(house.organization, &new, tacho_store::By::Operator, house.now).await.unwrap();
    let unknown = house.submit(&admin, &at(id, "/member"), &[("member", "nobody@example.com")]).await;
    assert_eq!(unknown.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        unknown.text.contains("There is no member with the address") && unknown.text.contains("value=\"nobody@example.com\"")
    );
    let linked = house.submit(&admin, &at(id, "/member"), &[("member", "Ines@example.com")]).await;
    assert_eq!(linked.header("location"), at(id, "?said=linked"));
    let membership = house.store.find_membership(house.organization, id).await.unwrap().unwrap();
    assert_eq!(membership.member, Some(member));
    assert!(house.page(&admin, &at(id, "")).await.text.contains("Ines Moreau"));
    assert!(house.page(&admin, "/settings/users").await.text.contains("Ines Moreau"));
    house.submit(&admin, &at(id, "/member"), &[("member", "")]).await;
    let membership = house.store.find_membership(house.organization, id).await.unwrap().unwrap();
    assert_eq!(membership.member, None);
}

#[tokio::test]
async fn users_of_another_organization_are_not_there_and_most_roles_see_none() {
    let house = House::patient().await;
    let elsewhere = house.store.add_organization("Fabrikam", house.now).await.unwrap();
    let (stranger, _) = house.person_at(elsewhere, Role::Member, "mallory@fabrikam.example", "Mallory").await;
    let owner = house.user(Role::Owner).await;
    assert!(!house.page(&owner, "/settings/users").await.text.contains("mallory"));
    // The request's id differs, and the number that was asked for.
    let plain = |text: &str, id: UserId| {
        let main = text.split("<main").nth(1).unwrap().split("Request id").next().unwrap();
        main.replace(&format!("<code>{id}</code>"), "<code>id</code>")
    };
    let made_up = UserId(stranger.0 + 1_000);
    let nobody = plain(&house.page(&owner, &at(made_up, "")).await.text, made_up);
    for what in ["", "/role", "/member", "/lock", "/reset", "/remove"] {
        let path = at(stranger, what);
        let answer = if what.is_empty() {
            house.page(&owner, &path).await
        } else {
            house.submit(&owner, &path, &[("role", "viewer"), ("locked", "yes")]).await
        };
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{what}");
        assert!(!answer.text.contains("Mallory"));
        if what.is_empty() {
            assert_eq!(plain(&answer.text, stranger), nobody, "as if there were nobody");
        }
    }
    for role in [Role::Manager, Role::Lead, Role::Member, Role::Viewer] {
        let cookie = house.user(role).await;
        let page = house.page(&cookie, "/settings/users").await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{role}");
        assert!(page.text.contains("manage_users"));
        assert!(!house.page(&cookie, "/settings/account").await.text.contains("href=\"/settings/users\""), "nor a way there");
    }
}

#[tokio::test]
async fn settings_lead_to_the_first_page_that_somebody_may_see() {
    let house = House::patient().await;
    for role in Role::ALL {
        let cookie = house.user(role).await;
        let answer = house.page(&cookie, "/settings").await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        assert_ne!(answer.header("location"), "/", "{role}");
        let about = house.page(&cookie, "/settings/about").await;
        assert!(about.text.contains(env!("CARGO_PKG_VERSION")) && about.text.contains("SQLite"), "{role}");
        assert_eq!(about.text.contains("none is connected"), role.may(tacho_domain::Permission::ViewIntegrations), "{role}");
    }
}

#[tokio::test]
async fn only_an_owner_renames_the_organization() {
    let house = House::patient().await;
    house.store.add_organization("Fabrikam", house.now).await.unwrap();
    let (owner, admin) = (house.user(Role::Owner).await, house.user(Role::Admin).await);
    let path = "/settings/organization";
    assert_eq!(house.submit(&admin, path, &[("name", "Mine")]).await.status, StatusCode::FORBIDDEN);
    for (wrong, words) in [("", "Enter a name"), ("Fabrikam", "Fabrikam"), ("a\nb", "on one line")] {
        let answer = house.submit(&owner, path, &[("name", wrong)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        assert!(answer.text.contains(words) && answer.text.contains("name-error"), "{wrong}");
    }
    assert_eq!(
        house.submit(&owner, path, &[("name", "Northwind")]).await.header("location"),
        "/settings/organization?said=renamed"
    );
    assert!(house.page(&owner, "/").await.text.contains("Northwind"));
    assert_eq!(noted(&house, Action::OrganizationChanged).await, 1);
}
