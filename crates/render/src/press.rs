//! What every printed form of a report needs besides the report: for whom it was made, when, and where it can be asked again.

use tacho_domain::Instant;
use tacho_domain::report::HeatDay;

/// For whom, when and from where a file was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// The organization's name.
    pub organization: String,
    /// When.
    pub at: Instant,
    /// The whole address of the page with the same question; links in the file lead to pages beside it. Empty: no links.
    pub link: String,
}

/// What a share card says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShareCard {
    /// Who shares.
    pub name: String,
    /// Where they work, if that is to be shown.
    pub organization: Option<String>,
    /// The days, in words: `1 Nov 2026 to 28 Nov 2026`.
    pub window: String,
    /// Interactions of all tools; `None` is no data.
    pub interactions: Option<i64>,
    /// Days with any use.
    pub active_days: u32,
    /// Days of the window.
    pub days: u32,
    /// The tool used most.
    pub top_tool: Option<String>,
    /// Interactions per day, ascending.
    pub heatmap: Vec<HeatDay>,
}

/// Why a file could not be made. Nothing a reader of reports can do about it: it is a fault of the program.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PressError {
    /// A picture that cannot be read or is too large.
    #[error("the picture could not be drawn: {0}")]
    Picture(String),
    /// A document that cannot be typeset.
    #[error("the document could not be typeset: {0}")]
    Document(String),
    /// A spreadsheet that cannot be written.
    #[error("the spreadsheet could not be written: {0}")]
    Sheet(String),
}

impl Made {
    /// The whole address of a page of the installation; `None` where it does not know its own.
    ///
    /// `page` is the address below the root of the page that [`Made::link`] leads to.
    pub(crate) fn address(&self, page: &str, to: &str) -> Option<String> {
        let is_web = self.link.starts_with("https://") || self.link.starts_with("http://");
        let plain = self.link.split(['?', '#']).next().unwrap_or_default();
        let root = plain.strip_suffix(page)?;
        (is_web && to.starts_with('/')).then(|| format!("{root}{to}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(link: &str) -> Made {
        Made { organization: "Example".into(), at: Instant(0), link: link.into() }
    }

    #[test]
    fn links_lead_to_the_installation_that_made_the_file() {
        let beside = |link: &str, page: &str| made(link).address(page, "/members/7");
        assert_eq!(
            beside("https://tacho.example/members?days=28", "/members").as_deref(),
            Some("https://tacho.example/members/7")
        );
        assert_eq!(beside("https://example.com/tacho/?days=7", "/").as_deref(), Some("https://example.com/tacho/members/7"));
    }

    #[test]
    fn without_an_address_there_are_no_links() {
        for link in ["", "/members", "javascript:alert(1)/members", "https://tacho.example/elsewhere"] {
            assert_eq!(made(link).address("/members", "/members/7"), None, "{link}");
        }
        assert_eq!(made("https://tacho.example/members").address("/members", "javascript:alert(1)"), None);
    }
}
