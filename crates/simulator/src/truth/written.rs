//! `truth.json`, written day by day so that the size of the organization does not matter.

use super::Truth;
use crate::activity::Tool;
use serde_json::json;
use std::collections::BTreeMap;
use std::io::{self, Write};

impl Truth {
    /// Writes everything as one JSON object:
    ///
    /// ```json
    /// {"seed":1,"organization":"…","enterprise":"…","from":"2026-01-01","to":"…","teams":["platform"],
    ///  "seats":{"github_copilot":40,"cursor":12},
    ///  "people":[{"index":0,"kind":"member","name":"…","email":"…","login":"…","github_id":1,"teams":["…"],"tools":["…"],…}],
    ///  "days":[{"day":"2026-01-01","tool":"github_copilot","rows":[{"person":0,"active":true,"agent":false,"interactions":4,…}]}],
    ///  "bills":[{"day":"2026-06-01","credits_micros":1,"gross_micros":1,"net_micros":0}],
    ///  "delivery":{"planted":{…},"last_28_days":{…},"repositories":[…],"deployments":[…],"days":[{"day":"…","pull_requests":[…]}]}}
    /// ```
    ///
    /// A tool and day without a report are missing from `days`; a report without rows has none.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write_json(&self, out: &mut impl Write) -> io::Result<()> {
        let (world, history) = (&self.0, self.history());
        let mut seats = BTreeMap::new();
        for tool in Tool::ALL {
            if let Some(count) = self.seats(tool) {
                seats.insert(tool.id(), count);
            }
        }
        let teams: Vec<String> =
            (0..world.config.teams.max(1)).map(|team| crate::names::team(usize::try_from(team).unwrap_or(0)).1).collect();
        write!(
            out,
            "{{\"seed\":{},\"organization\":{},\"enterprise\":{},\"from\":\"{}\",\"to\":\"{}\",\"teams\":{},\"seats\":{}",
            world.config.seed,
            json!(world.config.organization),
            json!(world.config.enterprise),
            history.from,
            history.to,
            json!(teams),
            json!(seats)
        )?;
        out.write_all(b",\"people\":")?;
        serde_json::to_writer(&mut *out, &self.people())?;
        self.write_days(out)?;
        if self.0.config.delivery.enabled {
            out.write_all(b",")?;
            self.write_delivery(out)?;
        }
        out.write_all(b"}\n")
    }

    fn write_days(&self, out: &mut impl Write) -> io::Result<()> {
        let mut comma = "";
        out.write_all(b",\"days\":[")?;
        for day in self.history().days() {
            for tool in Tool::ALL {
                let Some(rows) = self.rows(tool, day) else { continue };
                write!(out, "{comma}\n{{\"day\":\"{day}\",\"tool\":\"{}\",\"rows\":", tool.id())?;
                serde_json::to_writer(&mut *out, &rows)?;
                out.write_all(b"}")?;
                comma = ",";
            }
        }
        comma = "";
        out.write_all(b"],\"bills\":[")?;
        for day in self.history().days() {
            let Some(bill) = self.bill(day) else { continue };
            write!(
                out,
                "{comma}\n{{\"day\":\"{day}\",\"credits_micros\":{},\"gross_micros\":{},\"net_micros\":{}}}",
                bill.credits_micros, bill.gross_micros, bill.net_micros
            )?;
            comma = ",";
        }
        out.write_all(b"]")
    }

    /// The same as text; for organizations that fit in memory.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut bytes = Vec::new();
        // Writing to memory does not fail, and JSON is UTF-8.
        let _ = self.write_json(&mut bytes);
        String::from_utf8(bytes).unwrap_or_default()
    }
}
