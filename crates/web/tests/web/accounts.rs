//! Accounts: the first owner, passwords, the second factor, invitations, new passwords; and what a stranger may not learn.

use crate::house::{Answer, House, open};
use axum::body::Body;
use axum::http::{Request, StatusCode};
use secrecy::SecretString;
use tacho_domain::audit::Action;
use tacho_domain::{Role, UserId};
use tacho_store::{AuditFilter, NewUser};
use totp_rs::{Builder, Secret};

const PASSWORD: &str = "violet tram under rain";
const OTHER: &str = "seven green lamps at sea";

/// A member of the house with a password.
async fn with_password(house: &House, email: &str) -> UserId {
    let hash = tacho_web::hash_password(&SecretString::from(PASSWORD)).unwrap();
    let new = NewUser { email, name: "Ada Okafor", password_hash: Some(&hash) };
    let id = house.store.add_user(&new, house.now).await.unwrap();
    house.store.put_membership(house.organization, id, Role::Member, house.now).await.unwrap();
    id
}

async fn sign_in(house: &House, email: &str, password: &str) -> Answer {
    house.submit("", "/sign-in", &[("email", email), ("password", password)]).await
}

async fn noted(house: &House, action: Action) -> Vec<String> {
    let filter = AuditFilter { action: Some(action), limit: 100, ..AuditFilter::default() };
    let rows = house.store.list_audit(house.organization, &filter).await.unwrap();
    rows.into_iter().map(|row| row.target).collect()
}

#[tokio::test]
async fn the_set_up_link_makes_the_first_owner_once() {
    let house = House::patient().await;
    let link = open(&tacho_web::new_set_up_link(&house.store, house.organization, house.now).await.unwrap());
    let other = open(&tacho_web::new_set_up_link(&house.store, house.organization, house.now).await.unwrap());
    assert!(house.page("", "/sign-in").await.text.contains("Open the set-up link"));
    let page = house.page("", &link).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains(r#"value="Example &#38; Sons""#) && page.text.contains(r#"autocomplete="new-password""#));

    let wrong = [("organization", "Northwind"), ("name", "Ada <b>"), ("email", "ada"), ("password", "short")];
    let refused = house.submit("", &link, &wrong).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    for kept in
        ["Northwind", "Ada &#60;b&#62;", "`ada` is not an e-mail address", "at least 12", r#"aria-invalid="true""#, "email-error"]
    {
        assert!(refused.text.contains(kept), "{kept} in {}", refused.text);
    }
    assert!(!refused.text.contains(r#"value="short""#), "a password is not sent back");

    let fields =
        [("organization", "Northwind"), ("name", "Ada Okafor"), ("email", "Ada@Northwind.example"), ("password", PASSWORD)];
    let made = house.submit("", &link, &fields).await;
    assert_eq!((made.status, made.header("location")), (StatusCode::SEE_OTHER, "/"), "{}", made.text);
    let owner = house.store.find_user_by_email("ada@northwind.example").await.unwrap().unwrap();
    let membership = house.store.find_membership(house.organization, owner.id).await.unwrap().unwrap();
    assert_eq!((membership.role, membership.organization_name.as_str()), (Role::Owner, "Northwind"));
    assert_eq!(house.page(&made.cookie(), "/").await.status, StatusCode::OK);
    assert_eq!(noted(&house, Action::UserAdded).await, ["ada@northwind.example"]);
    for spent in [&link, &other] {
        assert_eq!(house.page("", spent).await.status, StatusCode::GONE);
        assert_eq!(house.submit("", spent, &fields).await.status, StatusCode::GONE);
    }
    assert_eq!(house.store.count_users().await.unwrap(), 1);
}

#[tokio::test]
async fn a_password_lets_in_and_leads_on_to_the_page_that_was_asked_for() {
    let house = House::patient().await;
    with_password(&house, "ada@example.com").await;
    let asked = house.page("", "/settings/account?a=1&b=2").await;
    assert_eq!(asked.status, StatusCode::UNAUTHORIZED);
    assert!(asked.text.contains(r#"name="next" value="/settings/account?a=1&#38;b=2""#), "{}", asked.text);
    for (next, location) in [
        ("/settings/account?a=1&b=2", "/settings/account?a=1&b=2"),
        ("", "/"),
        ("https://evil.example/", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/sign-out", "/"),
    ] {
        let fields = [("email", " ADA@example.com "), ("password", PASSWORD), ("next", next)];
        let answer = house.submit("", "/sign-in", &fields).await;
        assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, location), "{next}");
        assert!(answer.header("set-cookie").ends_with("; Path=/; HttpOnly; SameSite=Lax; Max-Age=2592000"));
    }
    let signed_in = sign_in(&house, "ada@example.com", PASSWORD).await.cookie();
    let again = house.page(&signed_in, "/sign-in?next=%2Fsettings%2Faccount").await;
    assert_eq!((again.status, again.header("location")), (StatusCode::SEE_OTHER, "/settings/account"));
}

#[tokio::test]
async fn a_stranger_cannot_tell_who_has_an_account() {
    let house = House::patient().await;
    with_password(&house, "right@example.com").await;
    let locked = with_password(&house, "locked@example.com").await;
    house.store.put_membership(house.organization, locked, Role::Viewer, house.now).await.unwrap();
    house.store.lock_user(house.organization, locked, true).await.unwrap();
    house.person_at(house.organization, Role::Viewer, "noword@example.com", "No Word").await;
    let mut seen = Vec::new();
    for (email, password) in [
        ("right@example.com", OTHER),
        ("nobody@example.com", PASSWORD),
        ("locked@example.com", PASSWORD),
        ("noword@example.com", PASSWORD),
        ("right@example.com", ""),
        ("right@example.com", "x".repeat(5_000).as_str()),
    ] {
        let answer = sign_in(&house, email, password).await;
        assert_eq!(answer.header("set-cookie"), "");
        let mut headers: Vec<String> = answer.headers.keys().map(ToString::to_string).collect();
        headers.sort();
        seen.push((answer.status, headers, answer.text.replace(email, "<email>")));
    }
    assert_eq!(seen[0].0, StatusCode::UNAUTHORIZED);
    assert!(seen[0].2.contains("do not let anybody in"));
    assert!(seen.windows(2).all(|pair| pair[0] == pair[1]), "every refusal is the same");
    let mut failures = noted(&house, Action::SignInFailed).await;
    failures.sort();
    failures.dedup();
    assert_eq!(failures, ["an unknown address", "locked@example.com", "noword@example.com", "right@example.com"]);
}

#[tokio::test]
async fn guesses_wait_longer_and_longer_whether_the_account_exists_or_not() {
    let house = House::patient().await;
    let ada = with_password(&house, "ada@example.com").await;
    let mut told = Vec::new();
    for email in ["ada@example.com", "nobody@example.com"] {
        for _ in 0..5 {
            assert_eq!(sign_in(&house, email, OTHER).await.status, StatusCode::UNAUTHORIZED);
        }
        let refused = sign_in(&house, email, PASSWORD).await;
        assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(refused.header("retry-after"), "30");
        assert!(refused.text.contains("Try again in 30 seconds"));
        told.push(refused.text.replace(email, "<email>"));
    }
    assert_eq!(told[0], told[1]);
    let link = open(&tacho_web::new_sign_in_link(&house.store, house.organization, ada, house.now).await.unwrap());
    assert_eq!(house.submit("", &link, &[]).await.status, StatusCode::SEE_OTHER, "a link does not wait");
    house.wait(31);
    assert_eq!(sign_in(&house, "ada@example.com", OTHER).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(sign_in(&house, "ada@example.com", PASSWORD).await.header("retry-after"), "60");
    house.wait(61);
    assert_eq!(sign_in(&house, "ada@example.com", PASSWORD).await.status, StatusCode::SEE_OTHER);
    assert_eq!(sign_in(&house, "ada@example.com", OTHER).await.status, StatusCode::UNAUTHORIZED, "who is in begins anew");
}

#[tokio::test]
async fn a_hash_of_another_time_is_made_anew_at_the_sign_in() {
    use argon2::password_hash::{PasswordHasher, phc::PasswordHash};
    let house = House::patient().await;
    let weak =
        argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, argon2::Params::new(64, 1, 1, None).unwrap());
    let old: PasswordHash = weak.hash_password(PASSWORD.as_bytes()).unwrap();
    let old = old.to_string();
    let new = NewUser { email: "ada@example.com", name: "Ada", password_hash: Some(&old) };
    let ada = house.store.add_user(&new, house.now).await.unwrap();
    house.store.put_membership(house.organization, ada, Role::Member, house.now).await.unwrap();
    assert_eq!(sign_in(&house, "ada@example.com", PASSWORD).await.status, StatusCode::SEE_OTHER);
    let kept = house.store.find_password_hash(ada).await.unwrap().unwrap();
    assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
    assert_eq!(sign_in(&house, "ada@example.com", PASSWORD).await.status, StatusCode::SEE_OTHER);
}

/// What stands in an attribute or element after a mark.
fn after<'a>(text: &'a str, mark: &str, end: char) -> &'a str {
    let start = text.find(mark).unwrap_or_else(|| panic!("{mark} in {text}")) + mark.len();
    text[start..].split(end).next().unwrap()
}

fn code(house: &House, secret: &str) -> String {
    let secret = Secret::try_from_base32(secret.replace(' ', "")).unwrap();
    let totp = Builder::new().with_secret(secret).with_account_name("x").build().unwrap();
    totp.generate(u64::try_from(house.clock().0 / 1_000_000).unwrap()).to_string()
}

/// Turns the second factor on and gives its secret and the recovery codes.
async fn enrol(house: &House, cookie: &str) -> (String, Vec<String>) {
    let begun = house.submit(cookie, "/settings/account/second-factor", &[("present", PASSWORD)]).await;
    assert_eq!(begun.status, StatusCode::OK, "{}", begun.text);
    let secret = after(&begun.text, "class=\"key\">", '<').to_owned();
    let state = after(&begun.text, "name=\"state\" value=\"", '"').to_owned();
    assert!(begun.text.contains("<svg class=\"qr\""));
    let confirm = "/settings/account/second-factor/confirm";
    let wrong = house.submit(cookie, confirm, &[("state", &state), ("code", "000000")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text.contains("not the code of the new entry"));
    let done = house.submit(cookie, confirm, &[("state", &state), ("code", &code(house, &secret))]).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text);
    let list = after(&done.text, "class=\"codes\"", '?');
    let codes = list.split("<code>").skip(1).map(|rest| rest.split('<').next().unwrap().to_owned()).collect();
    (secret, codes)
}

#[tokio::test]
async fn with_a_second_factor_the_password_alone_opens_nothing() {
    let house = House::patient().await;
    with_password(&house, "ada@example.com").await;
    let cookie = sign_in(&house, "ada@example.com", PASSWORD).await.cookie();
    let refused = house.submit(&cookie, "/settings/account/second-factor", &[("present", OTHER)]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "setting it up takes the present password");
    let (secret, codes) = enrol(&house, &cookie).await;
    assert_eq!(codes.len(), 10);
    let account = house.page(&cookie, "/settings/account").await;
    assert!(account.text.contains("10 of 10 recovery codes are left") && !account.text.contains(&secret));

    let first = house
        .submit("", "/sign-in", &[("email", "ada@example.com"), ("password", PASSWORD), ("next", "/settings/account")])
        .await;
    assert_eq!((first.status, first.header("location")), (StatusCode::SEE_OTHER, "/sign-in/code"));
    let half = first.cookie();
    assert!(half.starts_with("tacho_step="));
    for path in ["/", "/settings/account", "/api/overview"] {
        assert_eq!(house.page(&half, path).await.status, StatusCode::UNAUTHORIZED, "{path}");
    }
    let as_session = half.replace("tacho_step", "tacho_session");
    assert_eq!(house.page(&as_session, "/").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(house.page(&half, "/sign-in/code").await.status, StatusCode::OK);

    let replayed = house.submit(&half, "/sign-in/code", &[("code", &code(&house, &secret))]).await;
    assert_eq!(replayed.status, StatusCode::UNAUTHORIZED, "the code that turned it on was used");
    house.wait(30);
    let fresh = code(&house, &secret);
    let done = house.submit(&half, "/sign-in/code", &[("code", &fresh)]).await;
    assert_eq!((done.status, done.header("location")), (StatusCode::SEE_OTHER, "/settings/account"), "{}", done.text);
    assert_eq!(house.page(&done.cookie(), "/").await.status, StatusCode::OK);
    let twice = house.submit(&half, "/sign-in/code", &[("code", &fresh)]).await;
    assert_eq!(twice.header("location"), "/sign-in?said=begin-again", "the half sign-in is spent");

    let half = sign_in(&house, "ada@example.com", PASSWORD).await.cookie();
    let replayed = house.submit(&half, "/sign-in/code", &[("code", &fresh)]).await;
    assert_eq!(replayed.status, StatusCode::UNAUTHORIZED, "a code works once");
    let recovered = house.submit(&half, "/sign-in/code", &[("code", &codes[3].to_uppercase())]).await;
    assert_eq!(recovered.status, StatusCode::SEE_OTHER);
    let half = sign_in(&house, "ada@example.com", PASSWORD).await.cookie();
    assert_eq!(house.submit(&half, "/sign-in/code", &[("code", &codes[3])]).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn wrong_codes_and_a_long_wait_end_the_second_step() {
    let house = House::patient().await;
    with_password(&house, "ada@example.com").await;
    let cookie = sign_in(&house, "ada@example.com", PASSWORD).await.cookie();
    let (secret, _) = enrol(&house, &cookie).await;
    house.wait(60);
    let half = sign_in(&house, "ada@example.com", PASSWORD).await.cookie();
    let mut seen = Vec::new();
    for _ in 0..5 {
        seen.push(house.submit(&half, "/sign-in/code", &[("code", "000000")]).await.status.as_u16());
    }
    assert_eq!(seen, [401, 401, 401, 401, 303]);
    let after = house.submit(&half, "/sign-in/code", &[("code", &code(&house, &secret))]).await;
    assert_eq!(after.header("location"), "/sign-in?said=begin-again");
    assert_eq!(sign_in(&house, "ada@example.com", PASSWORD).await.status, StatusCode::TOO_MANY_REQUESTS, "codes are guesses too");
    house.wait(901);
    let half = sign_in(&house, "ada@example.com", PASSWORD).await.cookie();
    house.wait(601);
    let late = house.submit(&half, "/sign-in/code", &[("code", &code(&house, &secret))]).await;
    assert_eq!(late.header("location"), "/sign-in?said=begin-again");
    assert_eq!(house.page("", "/sign-in/code").await.header("location"), "/sign-in");
}

#[tokio::test]
async fn the_second_factor_goes_off_with_the_present_password_only() {
    let house = House::patient().await;
    let ada = with_password(&house, "ada@example.com").await;
    let cookie = sign_in(&house, "ada@example.com", PASSWORD).await.cookie();
    let (_, codes) = enrol(&house, &cookie).await;
    let renewed = house.submit(&cookie, "/settings/account/second-factor/codes", &[("present", PASSWORD)]).await;
    assert_eq!(renewed.status, StatusCode::OK);
    assert!(!renewed.text.contains(&codes[0]), "new codes take the place of the old");
    let remove = "/settings/account/second-factor/remove";
    assert_eq!(house.submit(&cookie, remove, &[("present", OTHER)]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(house.store.find_user(ada).await.unwrap().unwrap().has_second_factor);
    let off = house.submit(&cookie, remove, &[("present", PASSWORD)]).await;
    assert_eq!(off.header("location"), "/settings/account?said=factor-removed");
    assert_eq!(sign_in(&house, "ada@example.com", PASSWORD).await.header("location"), "/");
    assert_eq!(noted(&house, Action::SecondFactorChanged).await.len(), 3);
}

#[tokio::test]
async fn an_enrolment_belongs_to_the_session_that_began_it() {
    let house = House::patient().await;
    let ada = with_password(&house, "ada@example.com").await;
    let cookie = sign_in(&house, "ada@example.com", PASSWORD).await.cookie();
    let other = house.session(house.organization, ada).await;
    let begun = house.submit(&cookie, "/settings/account/second-factor", &[("present", PASSWORD)]).await;
    let (secret, state) = (after(&begun.text, "class=\"key\">", '<'), after(&begun.text, "name=\"state\" value=\"", '"'));
    let fields = [("state", state), ("code", &code(&house, secret))];
    let stolen = house.submit(&other, "/settings/account/second-factor/confirm", &fields).await;
    assert_eq!(stolen.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(stolen.text.contains("Begin again"));
    assert!(!house.store.find_user(ada).await.unwrap().unwrap().has_second_factor);
}

#[tokio::test]
async fn an_invitation_makes_an_account_with_its_role() {
    let house = House::patient().await;
    let invite = async |email: &str, role| {
        open(&tacho_web::new_invitation_link(&house.store, house.organization, email, role, None, house.now).await.unwrap())
    };
    let link = invite("Ben@Example.com", Role::Lead).await;
    for _ in 0..2 {
        let page = house.page("", &link).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.text.contains("invited as lead") && page.text.contains("ben@example.com"), "{}", page.text);
        assert_eq!(page.header("referrer-policy"), "strict-origin");
        assert_eq!(page.header("cache-control"), "private, no-store");
    }
    let weak = house.submit("", &link, &[("name", "Ben"), ("password", "ben@example.com!")]).await;
    assert_eq!(weak.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(weak.text.contains("little more than your name"));
    let fields = [("name", "Ben Novak"), ("password", PASSWORD), ("email", "owner@example.com"), ("role", "owner")];
    let joined = house.submit("", &link, &fields).await;
    assert_eq!(joined.status, StatusCode::SEE_OTHER, "{}", joined.text);
    let ben = house.store.find_user_by_email("ben@example.com").await.unwrap().unwrap();
    let membership = house.store.find_membership(house.organization, ben.id).await.unwrap().unwrap();
    assert_eq!((membership.role, ben.name.as_str()), (Role::Lead, "Ben Novak"));
    assert_eq!(house.submit("", &link, &fields).await.status, StatusCode::GONE);
    assert!(house.store.find_user_by_email("owner@example.com").await.unwrap().is_none());

    let late = invite("late@example.com", Role::Viewer).await;
    house.wait(tacho_web::INVITATION_SECONDS + 1);
    assert_eq!(house.page("", &late).await.status, StatusCode::GONE);
    assert_eq!(house.submit("", &late, &[("name", "Late"), ("password", PASSWORD)]).await.status, StatusCode::GONE);
}

#[tokio::test]
async fn whoever_has_an_account_joins_only_when_signed_in_with_it() {
    let house = House::patient().await;
    let ada = with_password(&house, "ada@example.com").await;
    let elsewhere = house.store.add_organization("Fabrikam", house.now).await.unwrap();
    let link = tacho_web::new_invitation_link(&house.store, elsewhere, "ada@example.com", Role::Manager, None, house.now).await;
    let link = open(&link.unwrap());
    let page = house.page("", &link).await;
    assert!(
        page.text.contains("sign in with it, then join") && page.text.contains("/sign-in?next=%2Finvitation%2F"),
        "{}",
        page.text
    );
    let stranger = house.user(Role::Member).await;
    for cookie in ["", stranger.as_str()] {
        let answer = house.submit(cookie, &link, &[("name", "Mallory"), ("password", OTHER)]).await;
        assert_eq!(answer.header("set-cookie"), "");
        assert!(house.store.find_membership(elsewhere, ada).await.unwrap().is_none());
    }
    let cookie = sign_in(&house, "ada@example.com", PASSWORD).await.cookie();
    assert!(house.page(&cookie, &link).await.text.contains("You are signed in as ada@example.com"));
    assert_eq!(house.submit(&cookie, &link, &[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(house.store.find_membership(elsewhere, ada).await.unwrap().unwrap().role, Role::Manager);
    assert!(house.page(&cookie, "/").await.text.contains("Fabrikam"), "and is there at once");
    assert_eq!(house.store.find_password_hash(ada).await.unwrap().map(|hash| hash.is_empty()), Some(false));
}

#[tokio::test]
async fn a_link_for_a_new_password_ends_every_session_and_lets_nobody_in_by_itself() {
    let house = House::patient().await;
    let ada = with_password(&house, "ada@example.com").await;
    let cookie = sign_in(&house, "ada@example.com", PASSWORD).await.cookie();
    let link =
        async || open(&tacho_web::new_reset_link(&house.store, house.organization, ada, None, house.clock()).await.unwrap());
    let first = link().await;
    assert_eq!(house.page("", &first).await.status, StatusCode::OK);
    let weak = house.submit("", &first, &[("password", "aaaaaaaaaaaa")]).await;
    assert_eq!(weak.status, StatusCode::UNPROCESSABLE_ENTITY);
    let saved = house.submit("", &first, &[("password", OTHER)]).await;
    assert_eq!((saved.status, saved.header("location")), (StatusCode::SEE_OTHER, "/sign-in?said=password-changed"));
    assert_eq!(saved.header("set-cookie"), "");
    assert!(house.page("", "/sign-in?said=password-changed").await.text.contains("The new password holds"));
    assert_eq!(house.page(&cookie, "/").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(sign_in(&house, "ada@example.com", PASSWORD).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(sign_in(&house, "ada@example.com", OTHER).await.status, StatusCode::SEE_OTHER);
    assert_eq!(house.submit("", &first, &[("password", PASSWORD)]).await.status, StatusCode::GONE);
    let late = link().await;
    house.wait(tacho_web::RESET_LINK_SECONDS + 1);
    assert_eq!(house.submit("", &late, &[("password", PASSWORD)]).await.status, StatusCode::GONE);
}

#[tokio::test]
async fn a_link_of_one_kind_opens_no_other_door() {
    let house = House::patient().await;
    let ada = with_password(&house, "ada@example.com").await;
    let (store, place, now) = (&house.store, house.organization, house.now);
    let links = [
        open(&tacho_web::new_sign_in_link(store, place, ada, now).await.unwrap()),
        open(&tacho_web::new_reset_link(store, place, ada, None, now).await.unwrap()),
        open(&tacho_web::new_invitation_link(store, place, "ben@example.com", Role::Owner, None, now).await.unwrap()),
    ];
    let fields = [("name", "Eve"), ("email", "eve@example.com"), ("organization", "Evil"), ("password", OTHER)];
    for link in &links {
        let (door, secret) = link[1..].split_once('/').unwrap();
        for other in ["sign-in", "reset", "invitation", "set-up"].into_iter().filter(|other| *other != door) {
            let answer = house.submit("", &format!("/{other}/{secret}"), &fields).await;
            assert_eq!(answer.status, StatusCode::GONE, "{door} at {other}");
        }
    }
    assert_eq!(house.store.count_users().await.unwrap(), 1);
}

#[tokio::test]
async fn a_password_is_changed_by_whoever_knows_the_present_one() {
    let house = House::patient().await;
    let ada = with_password(&house, "ada@example.com").await;
    let cookie = sign_in(&house, "ada@example.com", PASSWORD).await.cookie();
    let other = house.session(house.organization, ada).await;
    let change = async |present: &str, new: &str| {
        house.submit(&cookie, "/settings/account/password", &[("present", present), ("password", new)]).await
    };
    assert!(change(OTHER, OTHER).await.text.contains("not your present password"));
    assert!(change(PASSWORD, "password1234").await.text.contains("Choose another"));
    let changed = change(PASSWORD, OTHER).await;
    assert_eq!(changed.header("location"), "/settings/account?said=password-changed");
    assert_eq!(house.page(&other, "/").await.status, StatusCode::UNAUTHORIZED, "other devices are out");
    assert_ne!(changed.cookie(), cookie, "and this one has a new secret");
    assert_eq!(house.page(&changed.cookie(), "/settings/account").await.status, StatusCode::OK);
    house.wait(31);
    assert_eq!(house.page(&cookie, "/").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(sign_in(&house, "ada@example.com", OTHER).await.status, StatusCode::SEE_OTHER);
    assert_eq!(noted(&house, Action::PasswordChanged).await, ["ada@example.com"]);
}

#[tokio::test]
async fn no_form_is_taken_from_another_site() {
    let house = House::patient().await;
    let cookie = house.user(Role::Owner).await;
    let mut tried = 0;
    for route in tacho_web::route_table().into_iter().filter(|route| route.method == "POST" && !route.path.starts_with("/api/")) {
        let path: Vec<&str> = route.path.split('/').map(|part| if part.starts_with('{') { "1" } else { part }).collect();
        let request = Request::post(path.join("/"))
            .header("host", "tacho.example")
            .header("cookie", &cookie)
            .header("origin", "https://evil.example")
            .header("content-type", "application/x-www-form-urlencoded");
        let answer = house.send(request.body(Body::from("name=Mallory")).unwrap()).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}", route.path);
        assert!(answer.text.contains("another site"), "{}", route.path);
        tried += 1;
    }
    assert!(tried >= 25, "{tried}");
    assert_eq!(house.page(&cookie, "/").await.status, StatusCode::OK);
}

#[tokio::test]
async fn everybody_renames_themselves_and_nobody_is_a_script() {
    let house = House::patient().await;
    let (id, cookie) = house.person(Role::Viewer).await;
    let empty = house.submit(&cookie, "/settings/account/name", &[("name", "  ")]).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(empty.text.contains("Enter your name"));
    let saved = house.submit(&cookie, "/settings/account/name", &[("name", crate::house::HOSTILE)]).await;
    assert_eq!(saved.header("location"), "/settings/account?said=renamed");
    assert_eq!(house.store.find_user(id).await.unwrap().unwrap().name, crate::house::HOSTILE);
    let page = house.page(&cookie, "/settings/account?said=renamed").await;
    assert!(page.text.contains("Your name is saved.") && page.text.contains(r#"role="status""#));
    assert!(!page.text.contains("<img src=x"));
    let made_up = house.page(&cookie, "/settings/account?said=%3Cb%3EYou+won").await;
    assert!(!made_up.text.contains("You won"));
}
