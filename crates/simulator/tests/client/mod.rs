//! A plain client of the simulated vendors, with the manners each of them asks for.
#![allow(dead_code, clippy::unwrap_used, reason = "each test file uses its part; a failed unwrap fails its test")]

use reqwest::{Client, RequestBuilder, Response};
use serde_json::Value;
use tacho_domain::{Day, Window};
use tacho_simulator::{Config, Running, Simulator, Vendor};

/// The day of all tests: a Friday, after every change of the vendors in 2026.
pub(crate) fn today() -> Day {
    "2026-11-20".parse().unwrap()
}

/// A small organization over six weeks.
pub(crate) fn small() -> Config {
    Config { members: 14, days: 42, ..Config::new(7, today()) }
}

pub(crate) struct Vendors {
    pub(crate) running: Running,
    pub(crate) client: Client,
}

impl Vendors {
    pub(crate) async fn start(config: Config) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        #[expect(clippy::disallowed_methods, reason = "a client for loopback, in a test")]
        let client = Client::builder().user_agent("tacho-simulator-tests").build().unwrap();
        Self { running: Simulator::start(config).await.unwrap(), client }
    }

    pub(crate) fn url(&self, vendor: Vendor, path: &str) -> String {
        format!("{}{path}", self.running.base_url(vendor))
    }

    pub(crate) fn github(&self, path: &str) -> RequestBuilder {
        let path = path.replace("{org}", self.running.organization()).replace("{enterprise}", self.running.enterprise());
        self.client
            .get(self.url(Vendor::Github, &path))
            .bearer_auth(self.running.secrets().github)
            .header("accept", "application/vnd.github+json")
            .header("x-github-api-version", "2026-03-10")
    }

    pub(crate) fn anthropic(&self, path: &str) -> RequestBuilder {
        self.client
            .get(self.url(Vendor::Anthropic, path))
            .header("x-api-key", self.running.secrets().anthropic)
            .header("anthropic-version", "2023-06-01")
    }

    pub(crate) fn cursor(&self, path: &str, body: &Value) -> RequestBuilder {
        self.client.post(self.url(Vendor::Cursor, path)).basic_auth(self.running.secrets().cursor, Some("")).json(body)
    }

    pub(crate) fn cursor_members(&self) -> RequestBuilder {
        self.client.get(self.url(Vendor::Cursor, "/teams/members")).basic_auth(self.running.secrets().cursor, Some(""))
    }

    /// All lines of all files behind an envelope; `None` for 204.
    pub(crate) async fn report(&self, path: &str) -> Option<Vec<Value>> {
        let reply = self.github(path).send().await.unwrap();
        if reply.status() == 204 {
            return None;
        }
        assert_eq!(reply.status(), 200, "{path}");
        let envelope: Value = reply.json().await.unwrap();
        let mut lines = Vec::new();
        for link in envelope["download_links"].as_array().unwrap() {
            let reply = self.client.get(link.as_str().unwrap()).send().await.unwrap();
            assert_eq!(reply.status(), 200);
            let text = reply.text().await.unwrap();
            lines.extend(text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()));
        }
        Some(lines)
    }

    pub(crate) async fn users_of(&self, day: Day) -> Option<Vec<Value>> {
        self.report(&format!("/orgs/{{org}}/copilot/metrics/reports/users-1-day?day={day}")).await
    }

    pub(crate) async fn claude_of(&self, day: Day, limit: usize) -> Vec<Value> {
        let path = format!("/v1/organizations/usage_report/claude_code?starting_at={day}&limit={limit}");
        let (mut rows, mut next) = (Vec::new(), String::new());
        loop {
            let page: Value = json(self.anthropic(&format!("{path}{next}"))).await;
            rows.extend(page["data"].as_array().unwrap().iter().cloned());
            if page["has_more"] == false {
                return rows;
            }
            next = format!("&page={}", page["next_page"].as_str().unwrap());
        }
    }

    pub(crate) async fn events_of(&self, window: Window, size: usize) -> Vec<Value> {
        let (mut rows, mut page) = (Vec::new(), 1);
        loop {
            let mut body = range(window);
            body["page"] = page.into();
            body["pageSize"] = size.into();
            let reply: Value = json(self.cursor("/teams/filtered-usage-events", &body)).await;
            rows.extend(reply["usageEvents"].as_array().unwrap().iter().cloned());
            if reply["pagination"]["hasNextPage"] == false {
                assert_eq!(reply["totalUsageEventsCount"], rows.len());
                return rows;
            }
            page += 1;
        }
    }

    pub(crate) async fn daily_usage_of(&self, window: Window) -> Vec<Value> {
        let reply: Value = json(self.cursor("/teams/daily-usage-data", &range(window))).await;
        reply["data"].as_array().unwrap().clone()
    }
}

pub(crate) fn range(window: Window) -> Value {
    serde_json::json!({"startDate": window.from.start().millis(), "endDate": window.to.plus(1).start().millis() - 1})
}

pub(crate) async fn json(request: RequestBuilder) -> Value {
    let reply = request.send().await.unwrap();
    assert_eq!(reply.status(), 200, "{}", reply.url());
    reply.json().await.unwrap()
}

pub(crate) async fn status(request: RequestBuilder) -> (u16, Value) {
    let reply: Response = request.send().await.unwrap();
    let status = reply.status().as_u16();
    let text = reply.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

/// A number of a row, wherever it is; 0 where it is not.
pub(crate) fn number(row: &Value, pointer: &str) -> i64 {
    row.pointer(pointer).and_then(Value::as_i64).unwrap_or(0)
}

/// Cents or credits with a fraction as whole millionths.
#[expect(clippy::cast_possible_truncation, reason = "amounts are small")]
pub(crate) fn millionths(row: &Value, pointer: &str, per_unit: f64) -> i64 {
    row.pointer(pointer).and_then(Value::as_f64).map_or(0, |amount| (amount * per_unit).round() as i64)
}
