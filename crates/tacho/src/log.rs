//! Logs go to standard error, as text for people or as JSON for machines.

use crate::config::{Configuration, LogFormat};
use crate::failure::{Failure, Outcome};
use crate::reports::{self, Reports};
use std::io::IsTerminal;
use tracing::{Level, Metadata};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

/// Starts logging, and reporting where the configuration says where to. `otherwise` is the filter where it names none.
pub(crate) fn start(configuration: &Configuration, otherwise: &str) -> Outcome<Option<Reports>> {
    let wanted = if configuration.log.is_empty() { otherwise } else { &configuration.log };
    let filter = EnvFilter::try_new(wanted).map_err(|error| {
        Failure::configuration(format!("log filter `{wanted}`: {error}")).hint("for example `info`, or `warn,tacho_sync=debug`")
    })?;
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines = match configuration.log_format {
        LogFormat::Text => lines.with_ansi(configuration.colour && std::io::stderr().is_terminal()).with_target(false).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    let (listener, reports) = configuration.sentry_dsn.as_ref().map(reports::start).transpose()?.unzip();
    let started = tracing_subscriber::registry().with(filter).with(filter_fn(may_speak)).with(lines).with(listener).try_init();
    started.map_err(|error| Failure::failed(format!("cannot start logging: {error}")))?;
    Ok(reports)
}

/// Below info only our own rooms speak, whatever the filter says: HTTP libraries write down whole addresses there, and
/// sign-in addresses and signed links are secrets.
fn may_speak(metadata: &Metadata<'_>) -> bool {
    *metadata.level() <= Level::INFO || metadata.target().starts_with("tacho")
}
