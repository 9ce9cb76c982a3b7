//! A call as a connector wants it sent: everything but the secret.

use crate::Settings;
use std::fmt;
use std::sync::Arc;
use tacho_domain::{Slice, Window};
use url::Url;

/// The HTTP methods that vendors' reading endpoints use. A `Post` here only carries a question and is safe to repeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// GET.
    Get,
    /// POST with a JSON body.
    Post,
}

/// How the credential is attached. Transport does it; a connector never sees the secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Auth {
    /// No credential at all: signed download links carry their own.
    None,
    /// `Authorization: Bearer <secret>`.
    Bearer,
    /// `Authorization: <scheme> <secret>`, where a vendor has a word of its own for it.
    Scheme(&'static str),
    /// A header of this name with the bare secret.
    Header(&'static str),
    /// HTTP Basic with the secret as user name and an empty password.
    BasicUser,
}

/// Whether the raw reply may be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Archive {
    /// Keep it: facts are read from it, now or again.
    Keep,
    /// Never: it holds signed links, which are secrets, and no facts.
    Never,
}

/// What reading a reply takes besides the call itself. It is never sent, and a reply that takes it is not archived, since
/// nobody could read it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aside {
    /// The integration's settings.
    pub settings: Arc<Settings>,
    /// How many rows the pages before this one brought.
    pub seen: u64,
}

/// One request to a vendor.
#[derive(Clone, PartialEq, Eq)]
pub struct Call {
    /// The stream it is for.
    pub stream: &'static str,
    /// Which of the stream's replies this is; [`crate::Connector::read`] depends on stream, step and window only, so
    /// that an archived reply can be read again.
    pub step: &'static str,
    /// The days it is about.
    pub window: Window,
    /// How.
    pub method: Method,
    /// Where, absolute.
    pub url: Url,
    /// Headers besides the credential, User-Agent and encoding.
    pub headers: Vec<(&'static str, String)>,
    /// JSON text of a POST.
    pub body: Option<String>,
    /// How the credential goes with it.
    pub auth: Auth,
    /// Whether the reply may be kept.
    pub archive: Archive,
    /// Whether the address itself is a secret (a signed link) and must never be shown.
    pub secret_url: bool,
    /// Whether to send `If-None-Match` when an earlier reply had an `ETag`.
    pub conditional: bool,
    /// Whether a gateway that gives up (502, 504) or silence may mean that too much was asked for at once: the call is then
    /// not tried again as it is, and [`crate::Connector::lighter`] is asked for a smaller one.
    pub heavy: bool,
    /// What reading the reply takes besides.
    pub aside: Option<Aside>,
}

impl Call {
    /// A GET with the credential as `auth`, whose reply is kept.
    #[must_use]
    pub fn get(stream: &'static str, step: &'static str, window: Window, url: Url, auth: Auth) -> Self {
        Self {
            stream,
            step,
            window,
            method: Method::Get,
            url,
            headers: Vec::new(),
            body: None,
            auth,
            archive: Archive::Keep,
            secret_url: false,
            conditional: false,
            heavy: false,
            aside: None,
        }
    }

    /// A POST of JSON, otherwise as [`Call::get`].
    #[must_use]
    pub fn post(stream: &'static str, step: &'static str, window: Window, url: Url, auth: Auth, json: String) -> Self {
        Self { method: Method::Post, body: Some(json), ..Self::get(stream, step, window, url, auth) }
    }

    /// The call that an archived or imported reply of this stream and step would have answered; it is never sent.
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "a constant that parses")]
    pub fn replay(stream: &'static str, step: &'static str, window: Window) -> Self {
        #[expect(clippy::expect_used, reason = "a constant that parses")]
        let nowhere = Url::parse("archive:").expect("a constant that parses");
        Self::get(stream, step, window, nowhere, Auth::None)
    }

    /// Whether this only stands for a call that was once sent, or whose reply a file is: see [`Call::replay`].
    #[must_use]
    pub fn is_replay(&self) -> bool {
        self.url.scheme() == "archive"
    }

    /// The slice it is part of.
    #[must_use]
    pub fn slice(&self) -> Slice {
        Slice { stream: self.stream, window: self.window }
    }

    /// The address as it may be shown: without its query where that is a secret.
    #[must_use]
    pub fn shown_url(&self) -> String {
        if self.secret_url { format!("{}/(signed link)", self.url.origin().ascii_serialization()) } else { self.url.to_string() }
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("stream", &self.stream)
            .field("step", &self.step)
            .field("window", &self.window)
            .field("method", &self.method)
            .field("url", &self.shown_url())
            .field("body", &self.body)
            .finish_non_exhaustive()
    }
}
