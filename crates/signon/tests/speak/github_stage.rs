//! The simulator as GitHub, an OAuth app there, and a browser that follows nothing by itself.

use crate::around::{line, no_rest};
use reqwest::header::LOCATION;
use secrecy::{ExposeSecret, SecretString};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tacho_signon::{Departure, GitHub, GitHubSettings, Rest};
use tacho_simulator::{Config, Running, Simulator, Vendor};
use url::Url;

/// What happens while a client rests.
pub(crate) type Meanwhile = Box<dyn FnOnce(&Running) + Send>;

pub(crate) struct Stage {
    pub(crate) running: Arc<Running>,
    pub(crate) github: GitHub,
    pub(crate) browser: reqwest::Client,
    /// How long the client rested, in order.
    pub(crate) rests: Arc<Mutex<Vec<u64>>>,
    pub(crate) meanwhile: Arc<Mutex<VecDeque<Meanwhile>>>,
}

pub(crate) fn callback() -> Url {
    Url::parse("http://127.0.0.1:9/sign-in/callback/github").unwrap()
}

#[expect(clippy::disallowed_methods, reason = "a test uses the secret as its reader would")]
pub(crate) fn open(secret: &SecretString) -> String {
    secret.expose_secret().to_owned()
}

pub(crate) fn texts(list: &[&str]) -> Vec<String> {
    list.iter().map(|&text| text.to_owned()).collect()
}

impl Stage {
    pub(crate) async fn start() -> Self {
        Self::with(|settings| settings).await
    }

    pub(crate) async fn with(change: impl FnOnce(GitHubSettings) -> GitHubSettings) -> Self {
        let config = Config { members: 6, days: 30, ..Config::new(7, "2026-11-20".parse().unwrap()) };
        let running = Arc::new(Simulator::start(config).await.unwrap());
        let rests = Arc::new(Mutex::new(Vec::new()));
        let meanwhile: Arc<Mutex<VecDeque<Meanwhile>>> = Arc::default();
        let rest: Rest = {
            let (running, rests, meanwhile) = (Arc::clone(&running), Arc::clone(&rests), Arc::clone(&meanwhile));
            Arc::new(move |time: Duration| {
                running.oauth().pass(time);
                rests.lock().unwrap().push(time.as_secs());
                if let Some(happens) = meanwhile.lock().unwrap().pop_front() {
                    happens(&running);
                }
                Box::pin(async {})
            })
        };
        let secrets = running.secrets();
        let settings = GitHubSettings {
            url: Url::parse(running.base_url(Vendor::Github)).unwrap(),
            client_id: secrets.github_client_id,
            client_secret: Some(secrets.github_client_secret.into()),
            organizations: Vec::new(),
        };
        let github = GitHub::new(line(&running.hosts(), rest), change(settings)).unwrap();
        #[expect(clippy::disallowed_methods, reason = "a browser for loopback, in a test")]
        let builder = reqwest::Client::builder();
        let browser = builder.user_agent("browser").redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { running, github, browser, rests, meanwhile }
    }

    /// Lets something happen the next time that the client rests.
    pub(crate) fn then(&self, happens: impl FnOnce(&Running) + Send + 'static) -> &Self {
        self.meanwhile.lock().unwrap().push_back(Box::new(happens));
        self
    }

    /// Opens the page, presses a button, and gives what the browser is sent back with.
    pub(crate) async fn press(&self, departure: &Departure, decision: &str) -> BTreeMap<String, String> {
        let page = self.browser.get(open(&departure.url)).send().await.unwrap().text().await.unwrap();
        assert!(page.contains("<h1>Authorize Tacho</h1>"), "{page}");
        let mut form: Vec<(String, String)> = page.split("<input type=\"hidden\" name=\"").skip(1).map(hidden).collect();
        let login = self.running.oauth().logins().remove(0);
        form.extend([("login".to_owned(), login), ("decision".to_owned(), decision.to_owned())]);
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let url = format!("{}/login/oauth/authorize", self.running.base_url(Vendor::Github));
        let request = self.browser.post(url).header("content-type", "application/x-www-form-urlencoded").body(body);
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 302);
        let back = Url::parse(response.headers()[LOCATION].to_str().unwrap()).unwrap();
        assert_eq!(back.path(), callback().path());
        back.query_pairs().into_owned().collect()
    }

    /// A person says yes to these scopes; the code that comes back, with its verifier.
    pub(crate) async fn code(&self, scopes: &[&str]) -> (SecretString, SecretString) {
        let departure = self.github.authorize_url(&callback(), &texts(scopes));
        let back = self.press(&departure, "authorize").await;
        assert_eq!(back["state"], open(&departure.state));
        (back["code"].clone().into(), departure.verifier)
    }

    /// The API as any program asks it.
    pub(crate) async fn api(&self, path: &str, token: &SecretString) -> reqwest::Response {
        let url = format!("{}{path}", self.running.base_url(Vendor::Github));
        let request = self.browser.get(url).bearer_auth(open(token)).header("x-github-api-version", "2022-11-28");
        request.header("accept", "application/vnd.github+json").send().await.unwrap()
    }
}

/// Name and value of a hidden field.
fn hidden(piece: &str) -> (String, String) {
    let (name, rest) = piece.split_once("\" value=\"").unwrap();
    let value = rest.split('"').next().unwrap();
    (name.to_owned(), value.replace("&amp;", "&").replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">"))
}

/// GitHub with a server that is not there.
pub(crate) fn nowhere() -> GitHub {
    let url = Url::parse("http://127.0.0.1:9").unwrap();
    let settings = GitHubSettings { url, client_id: "x".into(), client_secret: None, organizations: Vec::new() };
    GitHub::new(line(&texts(&["127.0.0.1:9"]), no_rest()), settings).unwrap()
}
