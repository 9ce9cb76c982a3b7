//! Who asks: the tokens that are found on this machine, or handed over, for each source.
//!
//! A token is only ever sent to the vendor it belongs to. What is found is never renewed here: a renewed token would sign
//! the person out of the program it was taken from.

mod claude;
mod codex;
mod copilot;
mod gh;
mod given;
mod stored;

pub use given::Given;
pub use stored::StoredToken;

use crate::options::Reach;
use crate::{CopilotHost, Options, Places, Source, fingerprint};
use secrecy::SecretString;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use tacho_domain::Instant;

/// A token with all that is needed to ask with it. It cannot be printed.
#[derive(Debug, Clone)]
pub struct Token {
    /// What is sent.
    pub secret: SecretString,
    /// Where it was found.
    pub origin: TokenOrigin,
    /// The vendor's name for the account, where a question has to carry it.
    pub account_id: Option<String>,
    /// Why it cannot be used now, in words with the fix: it has expired.
    pub unfit: Option<String>,
}

/// Where a token was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenOrigin {
    /// Handed over by the editor; with the account's name there.
    Editor(Option<String>),
    /// Of `tacho status sign-in`.
    SignIn(PathBuf),
    /// The environment variable of this name.
    Environment(&'static str),
    /// A file of GitHub's Copilot plugins.
    CopilotPlugin(PathBuf),
    /// `gh auth token`.
    Gh(PathBuf),
    /// A file of the tool itself.
    Tool(PathBuf),
    /// `tacho login`.
    Login,
}

impl fmt::Display for TokenOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Editor(Some(account)) => write!(f, "the editor's session of {account}"),
            Self::Editor(None) => f.write_str("the editor's session"),
            Self::SignIn(path) => write!(f, "`tacho status sign-in` ({})", path.display()),
            Self::Environment(name) => write!(f, "the environment variable {name}"),
            Self::CopilotPlugin(path) => write!(f, "GitHub's Copilot plugin ({})", path.display()),
            Self::Gh(path) => write!(f, "`gh auth token` ({})", path.display()),
            Self::Tool(path) => write!(f, "the tool's own sign-in ({})", path.display()),
            Self::Login => f.write_str("`tacho login`"),
        }
    }
}

/// The session that an editor hands over.
#[derive(Debug, Clone)]
pub struct Session {
    /// The host the token is of.
    pub host: String,
    /// What the editor calls the account.
    pub account: Option<String>,
    /// The token.
    pub token: SecretString,
}

/// Finds tokens.
#[derive(Debug)]
pub struct Tokens {
    places: Places,
    given: Given,
    session: Mutex<Option<Session>>,
}

impl Token {
    fn new(secret: SecretString, origin: TokenOrigin) -> Self {
        Self { secret, origin, account_id: None, unfit: None }
    }

    /// Which account it is of, as the state file knows it. A vendor's own name for the account outlasts its tokens.
    #[must_use]
    pub fn account(&self, source: Source) -> String {
        match &self.account_id {
            Some(id) => fingerprint(source, &SecretString::from(id.as_str())),
            None => fingerprint(source, &self.secret),
        }
    }
}

impl Tokens {
    /// Looks in these places and among these given values.
    #[must_use]
    pub fn new(places: Places, given: Given) -> Self {
        Self { places, given, session: Mutex::new(None) }
    }

    /// Takes the editor's session, or learns that it is over. Gives the one before.
    pub fn set_session(&self, session: Option<Session>) -> Option<Session> {
        std::mem::replace(&mut *self.session.lock().unwrap_or_else(PoisonError::into_inner), session)
    }

    /// The first token of a source whose account is not `refused`, in the order of the page `docs/status.md`.
    pub async fn find(&self, source: Source, options: &Options, now: Instant, refused: &[String]) -> Option<Token> {
        let is_welcome = |token: &Token| !refused.contains(&token.account(source));
        if source == Source::Copilot {
            return self.copilot(options, &is_welcome).await;
        }
        let own = options.reach(source) != Reach::Elsewhere;
        let given = self.given.token(source);
        let found = match source {
            Source::ClaudeUsage if own => self.places.claude.as_deref().and_then(|folder| claude::token(folder, now)),
            Source::CodexUsage if own => self.places.codex.as_deref().and_then(codex::token),
            Source::Server if own => options.server.as_ref().map(|server| Token::new(server.token.clone(), TokenOrigin::Login)),
            _ => None,
        };
        given.or(found).filter(is_welcome)
    }

    /// The editor's session, the sign-in of our own, the environment, GitHub's plugins, GitHub's program. The last two hold
    /// several hosts; only the block of the person's own is read.
    async fn copilot(&self, options: &Options, is_welcome: &(dyn Fn(&Token) -> bool + Sync)) -> Option<Token> {
        let (host, reach) = (&options.copilot_host, options.reach(Source::Copilot));
        if reach == Reach::Elsewhere {
            return self.given.token(Source::Copilot).filter(is_welcome);
        }
        let at_hand = [self.of_session(host), self.of_sign_in(host), self.given.token(Source::Copilot)];
        let at_hand = at_hand.into_iter().flatten().chain(self.given.github(host)).chain(self.of_plugins(host));
        if let Some(token) = at_hand.into_iter().find(|token| is_welcome(token)) {
            return Some(token);
        }
        let gh = self.places.gh.as_deref()?;
        gh::token(gh, host).await.filter(is_welcome)
    }

    fn of_session(&self, host: &CopilotHost) -> Option<Token> {
        let session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        let session = session.as_ref().filter(|session| session.host.eq_ignore_ascii_case(host.as_str()))?;
        Some(Token::new(session.token.clone(), TokenOrigin::Editor(session.account.clone())))
    }

    fn of_sign_in(&self, host: &CopilotHost) -> Option<Token> {
        let file = StoredToken::in_folder(self.places.config.as_deref()?);
        let token = file.read(host)?;
        Some(Token::new(token, TokenOrigin::SignIn(file.path().to_owned())))
    }

    fn of_plugins(&self, host: &CopilotHost) -> Vec<Token> {
        self.places.copilot.as_deref().map(|folder| copilot::tokens(folder, host)).unwrap_or_default()
    }
}

/// A small file of another program; `None` where there is none, or one that cannot be what it should be.
fn small_file(path: &std::path::Path) -> Option<Vec<u8>> {
    use std::io::Read as _;
    const MOST: u64 = 256 << 10;
    let mut bytes = Vec::new();
    std::fs::File::open(path).ok()?.take(MOST + 1).read_to_end(&mut bytes).ok()?;
    (bytes.len() as u64 <= MOST).then_some(bytes)
}

#[cfg(test)]
mod tests;
