//! What a test may do to GitHub's sign-in side: let time pass, be somebody, say yes or no, grant less.

use crate::Running;
use std::time::Duration;

/// The switches of GitHub's sign-in side, of one running simulator.
#[derive(Debug, Clone, Copy)]
pub struct OAuthSwitches<'a>(pub(crate) &'a Running);

impl OAuthSwitches<'_> {
    /// Lets that much time pass for codes and devices.
    pub fn pass(self, time: Duration) {
        self.0.oauth_side().pass(time);
    }

    /// Takes that much of the time back: a client then comes too soon.
    pub fn turn_back(self, time: Duration) {
        self.0.oauth_side().turn_back(time);
    }

    /// Whether everybody says yes at once, without a page.
    pub fn approve_by_itself(self, approves: bool) {
        self.0.oauth_side().set_approves(approves);
    }

    /// Whom the browser is signed in as.
    pub fn be(self, login: &str) {
        self.0.oauth_side().set_login(login);
    }

    /// The logins of people with an account, in the order of the page.
    #[must_use]
    pub fn logins(self) -> Vec<String> {
        self.0.logins()
    }

    /// That account's primary address is not verified.
    pub fn unverify(self, login: &str) {
        self.0.oauth_side().set_unverified(login);
    }

    /// People grant at most these scopes; `None`: whatever is asked for.
    pub fn grant_only(self, scopes: Option<&[&str]>) {
        self.0.oauth_side().set_granted(scopes.map(|scopes| scopes.iter().map(|&scope| scope.to_owned()).collect()));
    }

    /// Whether the app's settings allow the device flow.
    pub fn allow_device_flow(self, allowed: bool) {
        self.0.oauth_side().set_device_flow(allowed);
    }

    /// Confirms or refuses a device as its owner would on the page; whether there was one to decide about.
    pub fn decide_device(self, user_code: &str, approve: bool) -> bool {
        self.0.oauth_side().decide(user_code, approve.then_some(0))
    }

    /// Takes back every token that was given.
    pub fn revoke_all(self) {
        self.0.oauth_side().revoke_all();
    }
}
