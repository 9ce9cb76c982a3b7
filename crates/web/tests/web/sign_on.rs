//! Signing in with a provider and linking one: who is let in, who is not, and that a round trip ends where it began.

use crate::house::vouching::external;
use crate::house::{Answer, House, open};
use axum::http::StatusCode;
use tacho_domain::audit::Action;
use tacho_domain::{Role, UserId};
use tacho_store::AuditFilter;
use tacho_web::{External, Newcomer, SignOnRefused};
use url::Url;

/// The cookie that a response sets under a name.
fn cookie(answer: &Answer, name: &str) -> Option<String> {
    let set = answer.headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok());
    set.filter_map(|value| value.split(';').next()).find(|pair| pair.starts_with(&format!("{name}="))).map(str::to_owned)
}

/// A browser leaves for a provider: the cookie it got and the state it comes back with.
async fn leave(house: &House, session: &str, path: &str) -> (String, String) {
    let away = house.page(session, path).await;
    assert_eq!(away.status, StatusCode::SEE_OTHER, "{}", away.text);
    let url = Url::parse(away.header("location")).unwrap();
    assert!(url.host_str().unwrap().ends_with(".example"));
    let state = url.query_pairs().find(|(key, _)| key == "state").unwrap().1.into_owned();
    (cookie(&away, "tacho_round_trip").unwrap(), state)
}

/// A whole round trip to sign in.
async fn sign_in(house: &House, provider: &str) -> Answer {
    let (cookie, state) = leave(house, "", &format!("/sign-in/with/{provider}")).await;
    house.page(&cookie, &format!("/sign-in/callback/{provider}?code=the-code&state={state}")).await
}

async fn signed_in_as(house: &House, answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let session = cookie(answer, "tacho_session").unwrap();
    let me = house.page(&session, "/api/v1/me").await.json();
    me["user"]["email"].as_str().unwrap().to_owned()
}

/// A house that is set up, whose provider vouches for Ada.
async fn set_up(change: impl FnOnce(External) -> External) -> (House, UserId) {
    let house = House::patient().await;
    let (owner, _) = house.person_at(house.organization, Role::Owner, "owner@example.com", "Owner").await;
    house.vouching.vouch(change(external(house.organization, "github", "4711", "ada@example.com")));
    (house, owner)
}

async fn done(house: &House, action: Action) -> usize {
    let filter = AuditFilter { action: Some(action), limit: 50, ..AuditFilter::default() };
    house.store.list_audit(house.organization, &filter).await.unwrap().len()
}

#[tokio::test]
async fn the_sign_in_page_offers_the_configured_providers_only() {
    let (house, _) = set_up(|who| who).await;
    let page = house.page("", "/sign-in").await;
    assert!(page.text.contains("href=\"/sign-in/with/github\"") && page.text.contains("Sign in with company account"));
    assert_eq!(house.page("", "/sign-in/with/nobody").await.status, StatusCode::NOT_FOUND);
    assert_eq!(House::patient().await.page("", "/sign-in/with/github").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn somebody_known_by_subject_is_let_in_whatever_their_address_is_now() {
    let (house, owner) = set_up(|who| External { email: "renamed@elsewhere.example".into(), ..who }).await;
    house.store.link_sign_on(owner, "github", "4711", "ada", house.now).await.unwrap();
    let answer = sign_in(&house, "github").await;
    assert_eq!(answer.header("location"), "/");
    assert_eq!(signed_in_as(&house, &answer).await, "owner@example.com");
    assert_eq!(cookie(&answer, "tacho_round_trip").as_deref(), Some("tacho_round_trip="), "the state's cookie goes");
    assert_eq!(done(&house, Action::SignedIn).await, 1);
    assert_eq!(house.store.list_sign_ons(owner).await.unwrap()[0].label, "ada-okafor");
}

#[tokio::test]
async fn whoever_wanted_a_page_gets_there_and_nowhere_else() {
    let (house, owner) = set_up(|who| who).await;
    house.store.link_sign_on(owner, "github", "4711", "ada", house.now).await.unwrap();
    for (next, place) in
        [("/settings/users", "/settings/users"), ("https%3A%2F%2Fevil.example", "/"), ("%2F%2Fevil.example", "/")]
    {
        let (cookie, state) = leave(&house, "", &format!("/sign-in/with/github?next={next}")).await;
        let back = house.page(&cookie, &format!("/sign-in/callback/github?code=the-code&state={state}")).await;
        assert_eq!(back.header("location"), place);
    }
}

#[tokio::test]
async fn an_account_with_the_same_address_is_not_entered_but_can_be_linked_by_its_owner() {
    let (house, _) = set_up(|who| who).await;
    let (ada, session) = house.person_at(house.organization, Role::Viewer, "ada@example.com", "Ada").await;
    let refused = sign_in(&house, "github").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.text.contains("Sign in first as you did so far, then link GitHub under My account"), "{}", refused.text);
    assert!(cookie(&refused, "tacho_session").is_none());
    assert_eq!(done(&house, Action::SignInFailed).await, 1);
    assert!(house.store.list_sign_ons(ada).await.unwrap().is_empty());

    let (trip, state) = leave(&house, &session, "/settings/account/link/github").await;
    let linked =
        house.page(&format!("{session}; {trip}"), &format!("/sign-in/callback/github?code=the-code&state={state}")).await;
    assert_eq!(linked.header("location"), "/settings/account?said=linked", "{}", linked.text);
    assert_eq!(done(&house, Action::SignOnLinked).await, 1);
    assert_eq!(signed_in_as(&house, &sign_in(&house, "github").await).await, "ada@example.com");
}

#[tokio::test]
async fn a_link_is_made_by_the_session_that_asked_for_it_only() {
    let (house, owner) = set_up(|who| who).await;
    let (mallory, session) = house.person_at(house.organization, Role::Viewer, "mallory@example.com", "Mallory").await;
    let (trip, state) = leave(&house, &session, "/settings/account/link/github").await;
    let others = house.session(house.organization, owner).await;
    let back = format!("/sign-in/callback/github?code=the-code&state={state}");
    for jar in [format!("{others}; {trip}"), trip.clone()] {
        let answer = house.page(&jar, &back).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.text);
        assert!(cookie(&answer, "tacho_session").is_none());
    }
    assert!(house.store.list_sign_ons(owner).await.unwrap().is_empty());
    assert!(house.store.list_sign_ons(mallory).await.unwrap().is_empty());
    let token = house.get("/settings/account/link/github").await;
    assert_eq!(token.status, StatusCode::FORBIDDEN, "an API token links nothing");
}

#[tokio::test]
async fn an_identity_of_somebody_else_is_not_taken_over() {
    let (house, owner) = set_up(|who| who).await;
    house.store.link_sign_on(owner, "github", "4711", "ada", house.now).await.unwrap();
    let (mallory, session) = house.person_at(house.organization, Role::Viewer, "mallory@example.com", "Mallory").await;
    let (trip, state) = leave(&house, &session, "/settings/account/link/github").await;
    let answer =
        house.page(&format!("{session}; {trip}"), &format!("/sign-in/callback/github?code=the-code&state={state}")).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(house.store.list_sign_ons(mallory).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_invitation_for_the_verified_address_is_accepted_with_its_role() {
    let (house, owner) = set_up(|who| External { email: "Ada@Example.com".into(), ..who }).await;
    let link =
        tacho_web::new_invitation_link(&house.store, house.organization, "ada@example.com", Role::Lead, Some(owner), house.now);
    let link = open(&link.await.unwrap());
    let answer = sign_in(&house, "github").await;
    assert_eq!(signed_in_as(&house, &answer).await, "ada@example.com");
    let memberships = house.store.list_memberships(house.organization).await.unwrap();
    let ada = memberships.iter().find(|one| one.user.email == "ada@example.com").unwrap();
    assert_eq!((ada.role, ada.user.name.as_str(), ada.user.has_password), (Role::Lead, "Ada Okafor", false));
    assert_eq!(done(&house, Action::UserAdded).await, 1);
    assert_eq!(house.page("", &link).await.status, StatusCode::GONE, "the invitation is used up");
    assert_eq!(signed_in_as(&house, &sign_in(&house, "github").await).await, "ada@example.com", "known from now on");
}

#[tokio::test]
async fn whoever_is_unknown_and_not_invited_comes_in_only_where_the_configuration_says_so() {
    let (house, _) = set_up(|who| who).await;
    let refused = sign_in(&house, "github").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.text.contains("Nobody has invited you."), "{}", refused.text);
    assert_eq!(house.store.count_users().await.unwrap(), 1);

    let admitted = external(house.organization, "github", "4711", "ada@example.com");
    house.vouching.vouch(External { newcomer: Newcomer::Admitted(Role::Member), ..admitted });
    assert_eq!(signed_in_as(&house, &sign_in(&house, "github").await).await, "ada@example.com");
    let memberships = house.store.list_memberships(house.organization).await.unwrap();
    assert_eq!(memberships.iter().find(|one| one.user.email == "ada@example.com").unwrap().role, Role::Member);
}

#[tokio::test]
async fn nobody_comes_in_before_the_first_owner() {
    let house = House::patient().await;
    let who = external(house.organization, "github", "4711", "ada@example.com");
    house.vouching.vouch(External { newcomer: Newcomer::Admitted(Role::Member), ..who });
    let refused = sign_in(&house, "github").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.text.contains("set-up link"), "{}", refused.text);
    assert_eq!(house.store.count_users().await.unwrap(), 0);
}

#[tokio::test]
async fn whoever_is_locked_out_stays_out() {
    let (house, _) = set_up(|who| who).await;
    let (ada, _) = house.person_at(house.organization, Role::Viewer, "ada@example.com", "Ada").await;
    house.store.link_sign_on(ada, "github", "4711", "ada", house.now).await.unwrap();
    house.store.lock_user(house.organization, ada, true).await.unwrap();
    let refused = sign_in(&house, "github").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(cookie(&refused, "tacho_session").is_none());
}

#[tokio::test]
async fn groups_decide_about_roles_at_every_sign_in_but_never_about_owners() {
    let (house, owner) = set_up(|who| who).await;
    let (ada, _) = house.person_at(house.organization, Role::Viewer, "ada@example.com", "Ada").await;
    house.store.link_sign_on(ada, "oidc", "f00", "ada", house.now).await.unwrap();
    house.store.link_sign_on(owner, "oidc", "b0s", "owner", house.now).await.unwrap();
    let as_admin =
        |subject: &str| External { role: Some(Role::Admin), ..external(house.organization, "oidc", subject, "ada@example.com") };
    house.vouching.vouch(as_admin("f00"));
    sign_in(&house, "oidc").await;
    let role = async |user| house.store.find_membership(house.organization, user).await.unwrap().unwrap().role;
    assert_eq!(role(ada).await, Role::Admin);
    assert_eq!(done(&house, Action::RoleChanged).await, 1);
    house.vouching.vouch(as_admin("b0s"));
    assert_eq!(signed_in_as(&house, &sign_in(&house, "oidc").await).await, "owner@example.com");
    assert_eq!(role(owner).await, Role::Owner);

    // Another organization's roles are nobody's business here.
    let other = house.store.add_organization("Other", house.now).await.unwrap();
    let (ben, _) = house.person_at(other, Role::Viewer, "ben@example.com", "Ben").await;
    house.store.link_sign_on(ben, "oidc", "ben", "ben", house.now).await.unwrap();
    house.vouching.vouch(as_admin("ben"));
    assert_eq!(signed_in_as(&house, &sign_in(&house, "oidc").await).await, "ben@example.com");
    assert_eq!(house.store.find_membership(other, ben).await.unwrap().unwrap().role, Role::Viewer);
}

#[tokio::test]
async fn a_state_works_once_in_its_own_browser_for_ten_minutes_and_its_own_provider() {
    let (house, owner) = set_up(|who| who).await;
    house.store.link_sign_on(owner, "github", "4711", "ada", house.now).await.unwrap();
    let (cookie_of_one, state_of_one) = leave(&house, "", "/sign-in/with/github").await;
    let (cookie_of_other, state_of_other) = leave(&house, "", "/sign-in/with/github").await;
    let back = |state: &str| format!("/sign-in/callback/github?code=the-code&state={state}");
    for (jar, path) in [
        ("", back(&state_of_one)),
        (cookie_of_other.as_str(), back(&state_of_one)),
        (cookie_of_one.as_str(), back("unknown")),
        (cookie_of_one.as_str(), "/sign-in/callback/github?code=the-code".to_owned()),
        (cookie_of_one.as_str(), "/sign-in/callback/github".to_owned()),
    ] {
        let answer = house.page(jar, &path).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}");
        assert!(cookie(&answer, "tacho_session").is_none());
    }
    assert_eq!(house.page(&cookie_of_one, &back(&state_of_one)).await.status, StatusCode::SEE_OTHER);
    assert_eq!(house.page(&cookie_of_one, &back(&state_of_one)).await.status, StatusCode::BAD_REQUEST, "used before");
    house.wait(601);
    assert_eq!(house.page(&cookie_of_other, &back(&state_of_other)).await.status, StatusCode::BAD_REQUEST, "too late");

    let (jar, state) = leave(&house, "", "/sign-in/with/oidc").await;
    assert_eq!(house.page(&jar, &back(&state)).await.status, StatusCode::BAD_REQUEST, "another provider's callback");
}

#[tokio::test]
async fn what_the_provider_refuses_is_told_in_words_and_its_own_words_never_reach_the_page() {
    let (house, _) = set_up(|who| who).await;
    for (error, words) in [
        ("access_denied", "was told no"),
        ("redirect_uri_mismatch", "does not take Tacho&#39;s callback address"),
        ("%3Cscript%3E", "an error that Tacho does not know"),
    ] {
        let (jar, state) = leave(&house, "", "/sign-in/with/github").await;
        let path = format!("/sign-in/callback/github?error={error}&error_description=%3Cb%3Ewhispered%3C%2Fb%3E&state={state}");
        let answer = house.page(&jar, &path).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{error}");
        assert!(answer.text.contains(words), "{error}: {}", answer.text);
        assert!(!answer.text.contains("whispered") && !answer.text.contains("<script>"));
    }
    house.vouching.refuse(SignOnRefused::Refused("Your address is not verified. Verify it there.".into()));
    let answer = sign_in(&house, "github").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.text.contains("Verify it there."));
    house.vouching.refuse(SignOnRefused::Broken("`github.com` does not answer.".into()));
    let answer = sign_in(&house, "github").await;
    assert_eq!(answer.status, StatusCode::BAD_GATEWAY);
    assert!(answer.text.contains("<code>github.com</code> does not answer"), "{}", answer.text);
}

#[tokio::test]
async fn the_last_way_to_sign_in_is_not_unlinked() {
    let (house, _) = set_up(|who| who).await;
    let (ada, session) = house.person_at(house.organization, Role::Viewer, "ada@example.com", "Ada").await;
    house.store.link_sign_on(ada, "github", "4711", "ada", house.now).await.unwrap();
    let path = "/settings/account/unlink/github";
    assert_eq!(house.submit(&session, path, &[]).await.status, StatusCode::CONFLICT);
    house.store.link_sign_on(ada, "gone", "1", "ada", house.now).await.unwrap();
    assert_eq!(
        house.submit(&session, path, &[]).await.status,
        StatusCode::CONFLICT,
        "a provider that is not configured is no way in"
    );
    house.store.link_sign_on(ada, "oidc", "f00", "ada", house.now).await.unwrap();
    let gone = house.submit(&session, path, &[]).await;
    assert_eq!(gone.header("location"), "/settings/account?said=unlinked", "{}", gone.text);
    assert_eq!(house.submit(&session, path, &[]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(done(&house, Action::SignOnUnlinked).await, 1);
}
