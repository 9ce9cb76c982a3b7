//! A tool's name with its colour.

use crate::app::Site;
use tacho_domain::ToolId;

/// A tool's name with its colour.
pub(crate) struct Badge {
    pub(crate) class: String,
    pub(crate) name: String,
}

/// What is no tool, such as a host of code, is called as its connector.
pub(crate) fn badge(tool: &ToolId, site: &Site) -> Badge {
    let known = site.tools().iter().find(|profile| profile.id == tool.as_str());
    let colour = known.map_or(7, |profile| profile.colour % 8);
    let name = known.map(|profile| profile.name.to_owned()).or_else(|| {
        let cards = site.connections().connectors();
        cards.into_iter().find(|card| card.tool == *tool).map(|card| card.name)
    });
    Badge { class: format!("series-{colour}"), name: name.unwrap_or_else(|| tool.to_string()) }
}
