//! The ways in to a vendor as a form offers them: a sign-in, an app, a key.

use crate::app::Site;
use crate::connections::{ConnectRefused, ConnectorCard, NewCredential};
use crate::pages::form::Form;
use crate::pages::integrations::{Input, Step, steps};
use secrecy::SecretString;
use tacho_store::AuthKind;

/// What `integrations/ways.html` shows.
pub(crate) struct Ways {
    /// What the provider's button is called; `None`: the vendor has no such sign-in.
    pub(crate) sign_in: Option<SignIn>,
    pub(crate) app: Option<App>,
    pub(crate) key: Input,
    pub(crate) credential: String,
    pub(crate) steps: Vec<Step>,
    pub(crate) docs: String,
    /// The way that was tried last: `key` or `app`.
    pub(crate) tried: Option<&'static str>,
}

/// A sign-in at the vendor.
pub(crate) struct SignIn {
    pub(crate) label: String,
    /// Whether this server is registered with the provider.
    pub(crate) ready: bool,
}

/// An app that signs for itself.
pub(crate) struct App {
    pub(crate) name: String,
    pub(crate) inputs: Vec<Input>,
    pub(crate) permissions: Vec<(String, String)>,
    pub(crate) steps: Vec<Step>,
}

impl Ways {
    /// With what was typed before, secrets excepted, and what was wrong with it.
    pub(crate) fn of(site: &Site, card: &ConnectorCard, refused: Option<&ConnectRefused>, form: Option<&Form>) -> Self {
        let text = |name: &str| form.map_or("", |form| form.text(name));
        let by_app = text("way") == "app";
        let why = match refused {
            Some(ConnectRefused::Field { field, why }) if field == "api_key" => Some(why.as_str()),
            _ => None,
        };
        let looks = if card.looks_like.is_empty() { String::new() } else { format!("It looks like `{}`.", card.looks_like) };
        let key = Input::secret("key", "secret", &card.credential, &looks.replace('`', ""), false);
        let providers = site.sign_on().providers();
        let sign_in = card.sign_in.as_ref().map(|wanted| {
            let provider = providers.iter().find(|provider| provider.connects && provider.id == *wanted);
            SignIn {
                label: provider.map_or_else(|| capital(wanted), |provider| provider.label.clone()),
                ready: provider.is_some(),
            }
        });
        let app = card.app.as_ref().map(|app| {
            // The message begins with the field it is about; one that does not is about the app as a whole.
            let about = |key: &str| why.filter(|why| by_app && why.starts_with(&format!("`{key}`")));
            let any = app.fields.iter().any(|field| about(&field.key).is_some());
            let last = app.fields.last().map(|field| field.key.clone());
            let wrong = |key: &str| about(key).or(why.filter(|_| by_app && !any && last.as_deref() == Some(key)));
            let inputs = app.fields.iter().map(|field| {
                let input = if field.secret {
                    Input::secret("app", &field.key, &field.label, &field.help, true)
                } else {
                    Input { required: true, ..Input::text("app", &field.key, &field.label, &field.help) }.value(text(&field.key))
                };
                input.wrong(wrong(&field.key))
            });
            App {
                name: app.name.clone(),
                inputs: inputs.collect(),
                permissions: app.permissions.clone(),
                steps: steps(&app.how_to),
            }
        });
        Self {
            sign_in,
            app,
            key: key.wrong(why.filter(|_| !by_app)),
            credential: card.credential.clone(),
            steps: steps(&card.how_to),
            docs: card.docs.clone(),
            tried: form.filter(|_| refused.is_some()).map(|_| if by_app { "app" } else { "key" }),
        }
    }
}

/// The credential that was sent. An app's is a JSON object of its fields.
pub(crate) fn credential(card: &ConnectorCard, form: &Form) -> NewCredential {
    match card.app.as_ref().filter(|_| form.text("way") == "app") {
        Some(app) => {
            let fields: serde_json::Map<String, serde_json::Value> =
                app.fields.iter().map(|field| (field.key.clone(), form.text(&field.key).into())).collect();
            let secret = SecretString::from(serde_json::Value::Object(fields).to_string());
            NewCredential { secret, auth: AuthKind::App, extra_scopes: Vec::new() }
        }
        // Keys have no blanks; those around a pasted one are none of its own.
        None => NewCredential::pasted(SecretString::from(form.text("secret").to_owned())),
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
