//! Signing in against peers that speak the real protocols: the simulator as GitHub, and a provider of OpenID Connect that signs
//! its tokens with RS256.
#![allow(clippy::unwrap_used, reason = "a failed unwrap fails its test")]

mod around;
mod device_flow;
mod github_stage;
mod oidc;
mod oidc_provider;
mod web_flow;
