//! Inputs whose names come from connectors: their settings, the fields of an app's credential, the key.

use crate::connections::{ConnectRefused, ConnectorCard};
use crate::pages::form::Form;
use crate::pages::{Piece, pieces};
use std::collections::BTreeMap;

/// A field as `integrations/input.html` shows it.
pub(crate) struct Input {
    /// Unique on its page.
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) label: String,
    pub(crate) help: String,
    pub(crate) value: String,
    pub(crate) error: Option<Vec<Piece>>,
    /// `text`, `password` or `lines`.
    pub(crate) kind: &'static str,
    pub(crate) required: bool,
}

impl Input {
    pub(crate) fn text(prefix: &str, name: &str, label: &str, help: &str) -> Self {
        Self {
            id: format!("{prefix}-{name}"),
            name: name.to_owned(),
            label: label.to_owned(),
            help: help.to_owned(),
            value: String::new(),
            error: None,
            kind: "text",
            required: false,
        }
    }

    /// A secret: it is never shown again.
    pub(crate) fn secret(prefix: &str, name: &str, label: &str, help: &str, lines: bool) -> Self {
        Self { kind: if lines { "lines" } else { "password" }, required: true, ..Self::text(prefix, name, label, help) }
    }

    pub(crate) fn value(self, value: &str) -> Self {
        Self { value: value.to_owned(), ..self }
    }

    pub(crate) fn wrong(self, why: Option<&str>) -> Self {
        Self { error: why.map(pieces), ..self }
    }

    /// The ids of the texts that describe it.
    pub(crate) fn described_by(&self) -> String {
        let error = self.error.as_ref().map(|_| format!("{}-error", self.id));
        let help = (!self.help.is_empty()).then(|| format!("{}-help", self.id));
        error.into_iter().chain(help).collect::<Vec<_>>().join(" ")
    }
}

/// The settings as inputs. The address comes last: only proxies and tests need another one.
pub(crate) fn inputs(
    card: &ConnectorCard,
    prefix: &str,
    values: &BTreeMap<String, String>,
    refused: Option<&ConnectRefused>,
) -> Vec<Input> {
    let wrong = |key: &str| match refused {
        Some(ConnectRefused::Field { field, why }) if field.strip_prefix("settings.") == Some(key) => Some(why.as_str()),
        _ => None,
    };
    let known = card.settings.iter().map(|setting| (setting.key.as_str(), setting.label.as_str(), setting.help.as_str()));
    let address = ("base_url", "Address of the API", "Leave it empty unless a proxy of yours stands before the vendor.");
    let own_address = card.settings.iter().any(|setting| setting.key == "base_url");
    let all = known.chain((!own_address).then_some(address));
    all.map(|(key, label, help)| {
        let value = values.get(key).map_or("", String::as_str);
        Input::text(prefix, key, label, help).value(value).wrong(wrong(key))
    })
    .collect()
}

/// The settings that were sent; those left blank are not given.
pub(crate) fn settings_of(card: &ConnectorCard, form: &Form) -> BTreeMap<String, String> {
    let keys = card.settings.iter().map(|setting| setting.key.as_str()).chain(std::iter::once("base_url"));
    let given = keys.map(|key| (key.to_owned(), form.text(key).to_owned()));
    given.filter(|(_, value)| !value.is_empty()).collect()
}
