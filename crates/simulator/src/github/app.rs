//! A GitHub App: it signs for itself, and its installation is given tokens that live for an hour.
//! <https://docs.github.com/en/rest/apps/apps>, read 2026-11-21.

use crate::faults::Endpoint;
use crate::reply::{Reply, refusal, stock};
use crate::secrets::Vendor;
use crate::site::{Asked, Site};
use axum::http::Method;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use serde_json::json;
use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};
use tacho_domain::Instant;

const APP_ID: &str = "170042";
const INSTALLATION_ID: &str = "51966042";
/// It opens nothing but the simulator.
const PRIVATE_KEY: &str = include_str!("app_key.pem");
const PUBLIC_KEY: &str = include_str!("app_key.pub.pem");
const HOUR_SECONDS: i64 = 3_600;

/// The tokens that installations hold.
#[derive(Default)]
pub(crate) struct Tokens(Mutex<HashSet<String>>);

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tokens(..)")
    }
}

impl Tokens {
    /// Whether it was given and not taken back since.
    pub(crate) fn holds(&self, token: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(token)
    }

    /// Takes all of them back, as uninstalling the app does.
    pub(crate) fn revoke(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn give(&self) -> String {
        let mut tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let token = format!("ghs_{:036}", tokens.len() + 1);
        tokens.insert(token.clone());
        token
    }
}

#[derive(Deserialize)]
struct Claims {
    iat: i64,
    exp: i64,
    iss: String,
}

/// What somebody who made the app would paste.
pub(crate) fn credential() -> String {
    json!({ "app_id": APP_ID, "installation_id": INSTALLATION_ID, "private_key": PRIVATE_KEY }).to_string()
}

/// Whether the address is one that an app asks.
pub(crate) fn is_asked(asked: &Asked) -> bool {
    asked.method == Method::POST && matches!(asked.segments()[..], ["app", "installations", _, "access_tokens"])
}

/// Gives the installation a token, if the app really signed.
pub(crate) async fn answer(site: &Site, asked: &Asked) -> Reply {
    let answer = |_| {
        let claims = claims(asked).map_err(|why| refusal(Vendor::Github, 401, why))?;
        if !is_near(site, claims.iat) {
            let why = "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires";
            return Err(refusal(Vendor::Github, 401, why));
        }
        if asked.segments()[2] != INSTALLATION_ID {
            return Err(stock(Vendor::Github, 404));
        }
        let token = json!({
            "token": site.app_tokens.give(),
            "expires_at": Instant(0).plus_seconds(claims.exp - 600 + HOUR_SECONDS).to_string(),
            "permissions": { "organization_copilot_metrics": "read", "members": "read" },
            "repository_selection": "all",
        });
        Ok(Reply::json(201, &token))
    };
    site.serve(Endpoint::AppToken, asked, || None, answer).await
}

/// What the app says of itself, if the signature is its own.
fn claims(asked: &Asked) -> Result<Claims, &'static str> {
    let unreadable = "A JSON web token could not be decoded";
    let jwt = asked.header("authorization").and_then(|value| value.strip_prefix("Bearer ")).ok_or("Requires authentication")?;
    let key = DecodingKey::from_rsa_pem(PUBLIC_KEY.as_bytes()).map_err(|_| unreadable)?;
    let mut rules = Validation::new(Algorithm::RS256);
    // Time is the simulator's own.
    rules.validate_exp = false;
    let claims = jsonwebtoken::decode::<Claims>(jwt, &key, &rules).map_err(|_| unreadable)?.claims;
    if claims.iss != APP_ID {
        return Err("'Issuer' claim ('iss') must be an Integer");
    }
    if claims.exp - claims.iat > 660 || claims.exp <= claims.iat {
        return Err("'Expiration time' claim ('exp') is too far in the future");
    }
    Ok(claims)
}

/// Only days are known here, so a signature of yesterday evening or of tomorrow morning is taken too.
fn is_near(site: &Site, iat: i64) -> bool {
    Instant(0).plus_seconds(iat).day().since(site.world.today()).abs() <= 1
}
