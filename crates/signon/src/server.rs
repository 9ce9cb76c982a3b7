//! Another Tacho, as its command line sees it: signing in by the device flow, who one is there, and signing out.

use crate::Grant;
use crate::device::{CodeAnswer, DeviceCode, GRANT, PollAnswer, until_decided};
use crate::line::{Answer, Line, shown_host};
use crate::refusal::{Kind, Refusal};
use crate::telling::code as shown_code;
use http::{Method, Request, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::Url;
use url::form_urlencoded::Serializer;

/// A Tacho server.
#[derive(Debug, Clone)]
pub struct Server {
    line: Line,
    url: Url,
}

/// Who a token belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Their address, or the token's name where it belongs to nobody in particular.
    pub who: String,
    /// The organization.
    pub organization: String,
    /// The role.
    pub role: String,
    /// What the token may do.
    pub permissions: Vec<String>,
}

#[derive(Deserialize)]
struct Me {
    user: Option<MyUser>,
    token: Option<String>,
    organization: MyOrganization,
    role: String,
    permissions: Vec<String>,
}

#[derive(Deserialize)]
struct MyUser {
    email: String,
}

#[derive(Deserialize)]
struct MyOrganization {
    name: String,
}

impl Server {
    /// The server at an address.
    ///
    /// # Errors
    /// When it cannot be called: without TLS a token is sent to this machine only.
    pub fn new(line: Line, url: Url) -> Result<Self, Refusal> {
        line.check(&url)?;
        Ok(Self { line, url })
    }

    /// Asks for a code. `client` is what the program calls itself.
    ///
    /// # Errors
    /// When the server refuses, or does not answer as Tacho does.
    pub async fn begin(&self, client: &str, scopes: &[String]) -> Result<DeviceCode, Refusal> {
        let form =
            Serializer::new(String::new()).append_pair("client_id", client).append_pair("scope", &scopes.join(" ")).finish();
        let answer: CodeAnswer = self.post("api/v1/device/code", form).await?;
        answer.into_code().map_err(|error| self.refused(&error))
    }

    /// Asks until the person has decided.
    ///
    /// # Errors
    /// When they said no or took too long.
    pub async fn wait(&self, client: &str, code: &DeviceCode) -> Result<Grant, Refusal> {
        #[expect(clippy::disallowed_methods, reason = "the device code goes to the server, which gave it")]
        let form = Serializer::new(String::new())
            .append_pair("client_id", client)
            .append_pair("device_code", code.secret.expose_secret())
            .append_pair("grant_type", GRANT)
            .finish();
        let ask = async || self.post::<PollAnswer>("api/v1/device/token", form.clone()).await;
        match until_decided(self.line.around(), code.interval, code.expires_in, ask).await? {
            Ok(grant) => Ok(grant),
            Err(error) => Err(self.refused(&error)),
        }
    }

    /// Who the token belongs to.
    ///
    /// # Errors
    /// When the server does not take the token.
    pub async fn account(&self, token: &SecretString) -> Result<Account, Refusal> {
        let answer = self.with_token(Method::GET, "api/v1/me", token).await?;
        let me: Me = self.read(&answer)?;
        let who = me.user.map(|user| user.email).or(me.token).unwrap_or_default();
        Ok(Account { who, organization: me.organization.name, role: me.role, permissions: me.permissions })
    }

    /// Gives the token back.
    ///
    /// # Errors
    /// When the server does not answer; a token that it does not take is as good as given back.
    pub async fn give_back(&self, token: &SecretString) -> Result<(), Refusal> {
        match self.with_token(Method::DELETE, "api/v1/device/token", token).await {
            Err(refusal) if refusal.kind == Kind::Spent => Ok(()),
            Err(refusal) => Err(refusal),
            Ok(answer) if answer.status().is_success() => Ok(()),
            Ok(_) => Err(self.strange()),
        }
    }

    /// Refusals are 400 with an error code (RFC 6749, 5.2).
    async fn post<T: DeserializeOwned>(&self, path: &str, form: String) -> Result<T, Refusal> {
        let request = Request::builder()
            .method(Method::POST)
            .uri(self.at(path).as_str())
            .header("content-type", "application/x-www-form-urlencoded")
            .header("accept", "application/json")
            .body(form.into_bytes());
        let answer = self.line.send(request.map_err(|_| self.strange())?).await?;
        match answer.status() {
            StatusCode::OK | StatusCode::BAD_REQUEST => serde_json::from_slice(answer.body()).map_err(|_| self.strange()),
            status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
                let cause = format!("`{}` answered with the status {}.", shown_host(&self.url), status.as_u16());
                Err(Refusal::new(Kind::Unreachable, cause, "Try again in a moment."))
            }
            _ => Err(self.strange()),
        }
    }

    async fn with_token(&self, method: Method, path: &str, token: &SecretString) -> Result<Answer, Refusal> {
        #[expect(clippy::disallowed_methods, reason = "the token goes to the server, which gave it")]
        let bearer = format!("Bearer {}", token.expose_secret());
        let request =
            Request::builder().method(method).uri(self.at(path).as_str()).header("authorization", bearer).body(Vec::new());
        let answer = self.line.send(request.map_err(|_| self.strange())?).await?;
        if answer.status() == StatusCode::UNAUTHORIZED {
            let cause = format!("`{}` does not take the token any more.", shown_host(&self.url));
            return Err(Refusal::new(Kind::Spent, cause, "Sign in again."));
        }
        Ok(answer)
    }

    fn read<T: DeserializeOwned>(&self, answer: &Answer) -> Result<T, Refusal> {
        if !answer.status().is_success() {
            return Err(self.strange());
        }
        serde_json::from_slice(answer.body()).map_err(|_| self.strange())
    }

    fn at(&self, path: &str) -> Url {
        let mut url = self.url.clone();
        url.set_path(&format!("{}/{path}", self.url.path().trim_end_matches('/')));
        url.set_query(None);
        url
    }

    fn strange(&self) -> Refusal {
        let cause = format!("`{}` does not answer as Tacho does.", shown_host(&self.url));
        Refusal::new(Kind::Unexpected, cause, "Check the address; it is the one that opens Tacho in a browser.")
    }

    fn refused(&self, error: &str) -> Refusal {
        match error {
            "access_denied" => Refusal::new(Kind::Denied, "Somebody refused this device.", "Begin again if that was not meant."),
            "expired_token" => Refusal::new(
                Kind::Expired,
                "The code was not confirmed in time.",
                "Begin again and confirm it within 15 minutes.",
            ),
            other => Refusal::new(
                Kind::Unexpected,
                format!("`{}` answered `{}`.", shown_host(&self.url), shown_code(other)),
                "Check that both sides are of about the same version.",
            ),
        }
    }
}
