//! OpenID Connect: what an honest provider says is believed, and nothing else.

use crate::around::{line, no_rest, now};
use crate::oidc_provider::{Provider, callback};
use serde_json::{Value, json};
use tacho_signon::{Kind, Oidc, OidcSettings};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

#[tokio::test]
async fn an_honest_provider_is_believed() {
    let provider = Provider::start().await;
    let person = provider.sign_in().await.unwrap();
    assert_eq!((person.subject.as_str(), person.email.as_str()), ("f00-42", "ada@example.com"));
    assert_eq!(person.name.as_deref(), Some("Ada Okafor"));
    assert_eq!(person.groups, ["staff", "tacho-admins"]);
    provider.sign_in().await.unwrap();
    assert_eq!(provider.asked("/.well-known/openid-configuration").await, 1, "discovery is kept");
    assert_eq!(provider.asked("/userinfo").await, 0, "nothing was missing");
}

#[tokio::test]
async fn a_token_that_does_not_hold_signs_nobody_in() {
    let seconds = now().0 / 1_000_000;
    let wrong: [(&str, &str, Value); 6] = [
        ("another sign-in", "nonce", json!("of-another-sign-in")),
        ("another client", "aud", json!("another-client")),
        ("another client", "aud", json!(["tacho", "another-client"])),
        ("another issuer", "iss", json!("https://evil.example")),
        ("expired", "exp", json!(seconds - 1)),
        ("does not hold", "at_hash", json!("AAAAAAAAAAAAAAAAAAAAAA")),
    ];
    for (words, claim, value) in wrong {
        let provider = Provider::start().await;
        provider.claim(claim, value);
        let refusal = provider.sign_in().await.unwrap_err();
        assert_eq!(refusal.kind, Kind::Forged, "{claim}: {refusal}");
        assert!(refusal.cause.contains(words), "{claim}: {refusal}");
    }
}

#[tokio::test]
async fn a_token_signed_by_somebody_else_signs_nobody_in() {
    let provider = Provider::start().await;
    provider.change(|says| says.forged = true);
    let refusal = provider.sign_in().await.unwrap_err();
    assert_eq!(refusal.kind, Kind::Forged);
    assert!(refusal.cause.contains("not signed with a key of the provider"), "{refusal}");
    assert!(!refusal.to_string().contains("ada@"), "{refusal}");
}

#[tokio::test]
async fn keys_that_are_unknown_are_asked_for_again_but_not_by_whoever_sends_tokens() {
    let provider = Provider::start().await;
    provider.change(|says| says.key_ids = ("one", "two"));
    assert_eq!(provider.sign_in().await.unwrap_err().kind, Kind::Forged);
    assert_eq!(provider.sign_in().await.unwrap_err().kind, Kind::Forged);
    assert_eq!(provider.asked("/keys").await, 1, "the keys are a moment old: whoever sends tokens makes no load");
}

#[tokio::test]
async fn a_code_of_somebody_else_is_spent() {
    let provider = Provider::start().await;
    let refusal = provider.sign_in_with("another-code").await.unwrap_err();
    assert_eq!(refusal.kind, Kind::Spent);
}

#[tokio::test]
async fn an_address_counts_only_when_it_is_verified() {
    let provider = Provider::start().await;
    provider.claim("email_verified", json!(false));
    assert_eq!(provider.sign_in().await.unwrap_err().kind, Kind::Unverified);
    provider.claim("email_verified", json!("true"));
    assert_eq!(provider.sign_in().await.unwrap().email, "ada@example.com", "some providers write booleans as text");
    provider.change(|says| drop(says.claims.as_object_mut().unwrap().remove("email_verified")));
    let refusal = provider.sign_in().await.unwrap_err();
    assert!(refusal.kind == Kind::Unverified && refusal.fix.contains("oidc_trust_email"), "{refusal}");
    provider.change(|says| drop(says.claims.as_object_mut().unwrap().remove("email")));
    assert_eq!(provider.sign_in().await.unwrap_err().kind, Kind::Unverified);

    let trusting = Provider::with(|settings| OidcSettings { trusts_addresses: true, ..settings }).await;
    trusting.change(|says| drop(says.claims.as_object_mut().unwrap().remove("email_verified")));
    assert_eq!(trusting.sign_in().await.unwrap().email, "ada@example.com");
    trusting.claim("email_verified", json!(false));
    assert_eq!(trusting.sign_in().await.unwrap_err().kind, Kind::Unverified, "trust does not overrule a plain no");
}

#[tokio::test]
async fn what_the_token_lacks_comes_from_userinfo_about_the_same_person() {
    let provider = Provider::start().await;
    provider.change(|says| {
        for claim in ["email", "email_verified", "groups", "name"] {
            says.claims.as_object_mut().unwrap().remove(claim);
        }
        says.user_info =
            json!({ "sub": "f00-42", "email": "ada@example.com", "email_verified": true, "groups": "staff", "name": "Ada" });
    });
    let person = provider.sign_in().await.unwrap();
    assert_eq!((person.email.as_str(), person.groups.as_slice()), ("ada@example.com", ["staff".to_owned()].as_slice()));
    provider.change(|says| says.user_info["sub"] = json!("somebody-else"));
    assert_eq!(provider.sign_in().await.unwrap_err().kind, Kind::Forged);
    // An unverified address of the token is not verified by another one of userinfo.
    provider.change(|says| {
        says.user_info = json!({ "sub": "f00-42", "email": "boss@example.com", "email_verified": true });
        says.claims["email"] = json!("ada@example.com");
    });
    assert_eq!(provider.sign_in().await.unwrap_err().kind, Kind::Unverified);
}

#[tokio::test]
async fn a_provider_that_calls_itself_another_issuer_is_not_discovered() {
    let server = MockServer::start().await;
    let other = json!({
        "issuer": "https://evil.example", "authorization_endpoint": "https://evil.example/a", "token_endpoint": "https://evil.example/t",
        "jwks_uri": format!("{}/keys", server.uri()), "response_types_supported": ["code"], "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    });
    let answer = ResponseTemplate::new(200).set_body_json(other);
    Mock::given(method("GET")).and(path("/.well-known/openid-configuration")).respond_with(answer).mount(&server).await;
    let settings = |issuer: String| OidcSettings {
        issuer,
        client_id: "tacho".into(),
        client_secret: None,
        scopes: Vec::new(),
        groups_claim: "groups".into(),
        trusts_addresses: false,
    };
    let line = line(&[server.address().to_string()], no_rest());
    let oidc = Oidc::new(line.clone(), settings(server.uri())).unwrap();
    let refusal = oidc.authorize_url(&callback()).await.unwrap_err();
    assert!(refusal.kind == Kind::Configuration && refusal.cause.contains("another issuer"), "{refusal}");
    let below = Oidc::new(line.clone(), settings(format!("{}/realm", server.uri()))).unwrap();
    assert_eq!(below.reach().await.unwrap_err().kind, Kind::Configuration);
    let refusal = Oidc::new(line.clone(), settings("login.example.com".into())).unwrap_err();
    assert!(refusal.cause.contains("`login.example.com`"), "{refusal}");
    assert!(Oidc::new(line, settings("http://idp.example".into())).is_err(), "without TLS only where the operator says so");
}

#[tokio::test]
async fn an_answer_without_end_is_not_read_to_its_end() {
    let server = MockServer::start().await;
    let answer = ResponseTemplate::new(200).set_body_bytes(vec![b' '; (1 << 20) + 1]);
    Mock::given(method("GET")).respond_with(answer).mount(&server).await;
    let line = line(&[server.address().to_string()], no_rest());
    let settings = OidcSettings {
        issuer: server.uri(),
        client_id: "tacho".into(),
        client_secret: None,
        scopes: Vec::new(),
        groups_claim: "groups".into(),
        trusts_addresses: false,
    };
    let refusal = Oidc::new(line, settings).unwrap().reach().await.unwrap_err();
    assert!(refusal.kind == Kind::Unexpected && refusal.cause.contains("1 MiB"), "{refusal}");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let server = MockServer::start().await;
    let away = ResponseTemplate::new(302).insert_header("location", format!("{}/elsewhere", server.uri()).as_str());
    Mock::given(method("GET")).and(path("/.well-known/openid-configuration")).respond_with(away).mount(&server).await;
    let line = line(&[server.address().to_string()], no_rest());
    let settings = OidcSettings {
        issuer: server.uri(),
        client_id: "tacho".into(),
        client_secret: None,
        scopes: Vec::new(),
        groups_claim: "groups".into(),
        trusts_addresses: false,
    };
    assert!(Oidc::new(line, settings).unwrap().reach().await.is_err());
    assert_eq!(server.received_requests().await.unwrap().len(), 1);
}
