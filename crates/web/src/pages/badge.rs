//! A tool's name with its colour.

use tacho_domain::{ToolId, ToolProfile};

/// A tool's name with its colour.
pub(crate) struct Badge {
    pub(crate) class: String,
    pub(crate) name: String,
}

pub(crate) fn badge(tool: &ToolId, tools: &[ToolProfile]) -> Badge {
    let known = tools.iter().find(|profile| profile.id == tool.as_str());
    let colour = known.map_or(7, |profile| profile.colour % 8);
    Badge { class: format!("series-{colour}"), name: known.map_or(tool.as_str(), |profile| profile.name).to_owned() }
}
