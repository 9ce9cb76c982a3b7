//! What the vendors tell one person about the use that is included for them: on an address of its own, with an account for
//! every shape these undocumented answers come in. Copilot's is also answered on GitHub's address, for the tokens that
//! GitHub's device flow gives.
//!
//! # An account for every shape
//! | tool | asked as | accounts |
//! |---|---|---|
//! | `copilot` | `GET /copilot_internal/user`, `Authorization: token …` | `paid`, `free`, `free-old`, `free-credits`, `student`, `unlimited`, `placeholder`, `overage`, `credits-only`, `user-budget` |
//! | `claude` | `GET /api/oauth/usage`, bearer, `anthropic-beta: oauth-2025-04-20` | `windows`, `extra` |
//! | `codex` | `GET /backend-api/wham/usage`, bearer, `ChatGPT-Account-Id` | `pro` |
//! | `cursor` | `GET /api/usage-summary` or `GET /api/usage?user=…`, cookie `WorkosCursorSessionToken` | `pro`, `enterprise`, `old` (knows only the second) |
//! | `opencode` | `GET /zen/go/v1/usage`, bearer | `go` |
//!
//! Use grows with the simulator's calendar and begins again with its month. The simulator has days and no hours, so a rolling
//! window ends with the current day.
//!
//! # Moving use, switching faults
//! From a test in Rust by [`crate::Running::quota`] and [`crate::Running::faults`]; from anywhere else over HTTP, on the same
//! address, with JSON bodies:
//!
//! | call | body | does |
//! |---|---|---|
//! | `GET /simulator` | | tells accounts, tokens, and how often each tool was asked |
//! | `POST /simulator/use` | `{"tool":"copilot","account":"paid","used":90,"limit":100}` | so much is used from now on; `limit` may be left out; `"used":null` gives use back to the calendar |
//! | `POST /simulator/faults` | `{"tool":"copilot","fault":"429","retry_after":120,"times":1}` | a fault for every account of the tool; without `times` until cleared |
//! | `DELETE /simulator/faults` | | no more faults; answers that hang are let go |
//! | `POST /simulator/release` | | answers that hang are let go |
//! | `POST /simulator/today` | `{"day":"2026-12-01"}` | that becomes the current day |
//!
//! A fault is a status (`401`, `403`, `404`, `408`, `429`, `500`, …), `hang`, `reset` (the connection ends in the middle of the
//! answer), `invalid-json` or `wrong-shape` (a text where an object belongs). The answer to a change is 200 `{"ok":true}`, or
//! 400 with what was wrong.

mod accounts;
mod control;
mod copilot;
mod cursor;
mod switches;
mod usage;
mod windows;

pub(crate) use accounts::Accounts;
pub use switches::{QuotaAccount, QuotaSwitches, Unknown};

use crate::faults::Endpoint;
use crate::reply::{Reply, refusal, stock};
use crate::secrets::Vendor;
use crate::site::{Asked, Site};
use accounts::{Account, Shape};
use axum::http::Method;
use serde_json::Value;

/// Answers whatever comes to the address of personal quotas.
pub(crate) async fn answer(site: &Site, asked: &Asked) -> Reply {
    let segments = asked.segments();
    if let ["simulator", rest @ ..] = segments.as_slice() {
        return control::answer(site, asked, rest);
    }
    let endpoint = match (asked.method == Method::GET, segments.as_slice()) {
        (true, ["copilot_internal", "user"]) => Endpoint::CopilotQuota,
        (true, ["api", "oauth", "usage"]) => Endpoint::ClaudeQuota,
        (true, ["backend-api", "wham", "usage"]) => Endpoint::CodexQuota,
        (true, ["api", "usage-summary"]) => Endpoint::CursorQuota,
        (true, ["api", "usage"]) => Endpoint::CursorOldQuota,
        (true, ["zen", "go", "v1", "usage"]) => Endpoint::OpencodeQuota,
        _ => return Reply::json(404, &serde_json::json!({"message": "Not Found"})),
    };
    let refuse = || usage::refuse(site, asked, endpoint);
    site.serve(endpoint, asked, refuse, |_| usage::of(site, asked, endpoint).ok_or_else(|| stock(endpoint.vendor(), 404))).await
}

/// Copilot's answer on GitHub's own address.
pub(crate) fn is_asked(asked: &Asked) -> bool {
    asked.method == Method::GET && asked.segments() == ["copilot_internal", "user"]
}

/// The answer for an account as its vendor writes it.
fn body(site: &Site, login: &str, account: &Account) -> Value {
    let at = usage::Standing::of(site, account);
    match account.shape {
        Shape::Copilot(kind) => copilot::body(login, kind, &at),
        Shape::Claude { extra } => windows::claude(extra, &at),
        Shape::Codex => windows::codex(&at),
        Shape::Cursor(kind) => cursor::body(kind, &at),
        Shape::Opencode => windows::opencode(&at),
    }
}

/// A refusal in the manner of the endpoint's vendor.
fn no(endpoint: Endpoint, status: u16, message: &str) -> Reply {
    let vendor: Vendor = endpoint.vendor();
    refusal(vendor, status, message)
}
