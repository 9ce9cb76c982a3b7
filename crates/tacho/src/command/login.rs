//! `tacho login`, `tacho logout`, `tacho whoami`: this machine as a client of a Tacho server somewhere, by the device flow.

use crate::config::Environment;
use crate::failure::{Failure, Outcome};
use crate::login_file::{Login, LoginFile};
use crate::{door, output, sign_on};
use clap::Args;
use std::net::IpAddr;
use tacho_domain::Permission;
use tacho_signon::Server;
use tacho_transport::Surroundings;
use url::{Host, Url};

/// What the command line is for: reading, and asking for a sync.
const SCOPES: [Permission; 6] = [
    Permission::ViewAggregates,
    Permission::ViewOwnData,
    Permission::ViewTeamData,
    Permission::ViewAllData,
    Permission::ViewIntegrations,
    Permission::SyncIntegrations,
];

/// Sign this machine in to a Tacho server: shows a code that you confirm in a browser
#[derive(Debug, Args)]
pub(crate) struct LogIn {
    /// The server's address, as a browser opens it
    #[arg(long, value_name = "URL")]
    server: Url,
    /// A permission to ask for, such as `view_aggregates`; can be given several times [default: to view, and to ask for syncs]
    #[arg(long, value_name = "PERMISSION")]
    scope: Vec<String>,
}

/// Sign this machine out again: the server forgets its token
#[derive(Debug, Args)]
pub(crate) struct LogOut;

/// Show who this machine is signed in as, and where
#[derive(Debug, Args)]
pub(crate) struct WhoAmI;

impl LogIn {
    pub(crate) async fn run(&self, environment: &Environment) -> Outcome {
        self.run_in(environment, &Surroundings::real(door::clock())).await
    }

    async fn run_in(&self, environment: &Environment, surroundings: &Surroundings) -> Outcome {
        let file = LoginFile::of(environment)?;
        let scopes = self.scopes()?;
        let server = server(&self.server, surroundings)?;
        let client = format!("tacho on {}", machine(environment));
        let told = |refusal| sign_on::failure(&refusal);
        let code = server.begin(&client, &scopes).await.map_err(told)?;
        let mut page = code.verification_url.clone();
        page.query_pairs_mut().append_pair("user_code", &code.user_code);
        output::line(&format!("Open {page}\nand approve the code {}", code.user_code))?;
        output::note(&format!("Waiting for at most {} minutes; Ctrl-C ends it.", code.expires_in.as_secs() / 60));
        let grant = server.wait(&client, &code).await.map_err(told)?;
        let account = server.account(&grant.access_token).await.map_err(told)?;
        if let Some(before) = file.read()? {
            // A machine is signed in to one server at a time; a token that nothing holds any more is not left behind.
            give_back(&before, surroundings).await;
        }
        file.write(&Login { server: self.server.clone(), token: grant.access_token })?;
        output::line(&format!("Signed in to {} as {}, {} in {}.", self.server, account.who, account.role, account.organization))
    }

    fn scopes(&self) -> Outcome<Vec<String>> {
        if self.scope.is_empty() {
            return Ok(SCOPES.map(|permission| permission.as_str().to_owned()).to_vec());
        }
        match self.scope.iter().find(|name| Permission::parse(name).is_none()) {
            None => Ok(self.scope.clone()),
            Some(wrong) => {
                let known = Permission::ALL.map(Permission::as_str).join(", ");
                Err(Failure::usage(format!("--scope: `{wrong}` is no permission")).hint(format!("known: {known}")))
            }
        }
    }
}

impl LogOut {
    pub(crate) async fn run(&self, environment: &Environment) -> Outcome {
        self.run_in(environment, &Surroundings::real(door::clock())).await
    }

    async fn run_in(&self, environment: &Environment, surroundings: &Surroundings) -> Outcome {
        let file = LoginFile::of(environment)?;
        let Some(login) = file.read()? else {
            return output::line("This machine is not signed in anywhere.");
        };
        let revoked = give_back(&login, surroundings).await;
        file.remove()?;
        if !revoked {
            output::note("hint: the server was not reached; revoke the token there under Settings, API tokens");
        }
        output::line(&format!("Signed out of {}.", login.server))
    }
}

impl WhoAmI {
    pub(crate) async fn run(&self, environment: &Environment) -> Outcome {
        self.run_in(environment, &Surroundings::real(door::clock())).await
    }

    async fn run_in(&self, environment: &Environment, surroundings: &Surroundings) -> Outcome {
        let Some(login) = LoginFile::of(environment)?.read()? else {
            return Err(
                Failure::refused("this machine is not signed in anywhere").hint("sign in with `tacho login --server <address>`")
            );
        };
        let server = server(&login.server, surroundings)?;
        let account = server.account(&login.token).await.map_err(|refusal| sign_on::failure(&refusal))?;
        output::line(&format!("{} at {}: {} in {}", account.who, login.server, account.role, account.organization))?;
        output::line(&format!("may {}", account.permissions.join(", ")))
    }
}

/// Whether the server has taken the token back.
async fn give_back(login: &Login, surroundings: &Surroundings) -> bool {
    match server(&login.server, surroundings) {
        Ok(server) => server.give_back(&login.token).await.is_ok(),
        Err(_) => false,
    }
}

/// The server at an address that the person named, which may so be a private one. A token goes without TLS to this machine only.
fn server(url: &Url, surroundings: &Surroundings) -> Outcome<Server> {
    let here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => IpAddr::from(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::from(address).is_loopback(),
        None => false,
    };
    let allowed = match (url.scheme(), url.host_str(), url.port_or_known_default()) {
        ("https", Some(host), Some(port)) => format!("{host}:{port}"),
        ("http", Some(host), Some(port)) if here => format!("{host}:{port}"),
        _ => {
            return Err(Failure::usage(format!("--server: `{}` has no TLS", url.host_str().unwrap_or("this address")))
                .hint("give an https:// address; http:// is for this machine only, since the token could be read on its way"));
        }
    };
    let line = sign_on::line(surroundings, vec![allowed])?;
    Server::new(line, url.clone()).map_err(|refusal| sign_on::failure(&refusal))
}

/// What this machine is called, for whoever looks through the tokens later.
fn machine(environment: &Environment) -> String {
    let told = environment.get("HOSTNAME").or_else(|| environment.get("COMPUTERNAME")).map(str::to_owned);
    let name = told.or_else(|| std::fs::read_to_string("/etc/hostname").ok()).unwrap_or_default();
    let name: String =
        name.trim().chars().filter(|letter| letter.is_alphanumeric() || matches!(letter, '-' | '.' | '_')).take(60).collect();
    if name.is_empty() { "this machine".to_owned() } else { name }
}

#[cfg(test)]
mod tests;
