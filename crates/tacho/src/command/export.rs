//! `tacho export usage`: every counted row, streamed a day at a time.

use crate::command::sync::window_of;
use crate::failure::{Failure, Outcome};
use crate::output::ignore_closed;
use crate::wiring::Installation;
use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use tacho_domain::audit::Action;
use tacho_domain::{Day, IdentityKind, Measure, Measures, ToolId, Window};
use tacho_store::ExportRow;

/// Write data out for other programs
#[derive(Debug, Subcommand)]
pub(crate) enum Export {
    Usage(Usage),
}

/// Every member's use per day and tool, with every measure the vendors give
#[derive(Debug, Args)]
pub(crate) struct Usage {
    /// How to write it
    #[arg(long, value_enum, default_value_t = Format::Csv)]
    format: Format,
    /// First day [default: 364 days before the last]
    #[arg(long, value_name = "DAY")]
    from: Option<Day>,
    /// Last day [default: today, UTC]
    #[arg(long, value_name = "DAY")]
    to: Option<Day>,
    /// Write into this file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// How an export is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Comma-separated, with a header; texts that a spreadsheet would take for a formula begin with an apostrophe
    Csv,
    /// One array
    Json,
    /// One object per line
    Ndjson,
}

/// A row as JSON shows it.
#[derive(Serialize)]
struct Shown<'a> {
    day: Day,
    tool: &'a ToolId,
    integration: i64,
    identity: &'a str,
    identity_kind: IdentityKind,
    member_name: Option<&'a str>,
    member_email: Option<&'a str>,
    active: Option<bool>,
    agent: Option<bool>,
    #[serde(flatten)]
    measures: &'a Measures,
}

const COLUMNS: [&str; 9] =
    ["day", "tool", "integration", "identity", "identity_kind", "member_name", "member_email", "active", "agent"];

impl Export {
    pub(crate) async fn run(&self, installation: &Installation) -> Outcome {
        let Self::Usage(usage) = self;
        let window = usage.window(installation.today())?;
        let to: Box<dyn Write + Send> = match &usage.output {
            None => Box::new(std::io::stdout()),
            Some(path) => Box::new(
                std::fs::File::create(path)
                    .map_err(|error| Failure::failed(format!("cannot write `{}`: {error}", path.display())))?,
            ),
        };
        let detail = serde_json::json!({"from": window.from.to_string(), "to": window.to.to_string()});
        installation.note(Action::IndividualExported, "the usage of every member", detail).await?;
        let mut writer = RowWriter::new(usage.format, to);
        installation.store.export_usage(installation.organization, window, |row| writer.row(&row)).await?;
        ignore_closed(writer.finish())
    }
}

impl Usage {
    fn window(&self, today: Day) -> Outcome<Window> {
        window_of(self.from.or_else(|| Some(self.to.unwrap_or(today).minus(364))), self.to, today)
    }
}

/// Writes rows in one of the formats. The first error is kept and ends the writing.
struct RowWriter {
    faces: Faces,
    rows: u64,
    failed: Option<std::io::Error>,
}

type Sink = Box<dyn Write + Send>;

enum Faces {
    Csv(Box<csv::Writer<Sink>>),
    Json(BufWriter<Sink>),
    Ndjson(BufWriter<Sink>),
}

impl RowWriter {
    fn new(format: Format, to: Sink) -> Self {
        let faces = match format {
            Format::Csv => Faces::Csv(Box::new(csv::Writer::from_writer(to))),
            Format::Json => Faces::Json(BufWriter::new(to)),
            Format::Ndjson => Faces::Ndjson(BufWriter::new(to)),
        };
        Self { faces, rows: 0, failed: None }
    }

    fn row(&mut self, row: &ExportRow) {
        if self.failed.is_none() {
            self.failed = self.try_row(row).err();
            self.rows += 1;
        }
    }

    fn try_row(&mut self, row: &ExportRow) -> std::io::Result<()> {
        let first = self.rows == 0;
        match &mut self.faces {
            Faces::Csv(csv) => {
                if first {
                    csv.write_record(header())?;
                }
                csv.write_record(cells(row))?;
                Ok(())
            }
            Faces::Json(out) => {
                out.write_all(if first { b"[\n" } else { b",\n" })?;
                serde_json::to_writer(out, &Shown::of(row))?;
                Ok(())
            }
            Faces::Ndjson(out) => {
                serde_json::to_writer(&mut *out, &Shown::of(row))?;
                out.write_all(b"\n")
            }
        }
    }

    /// Closes the document. Without a row it is an empty one of its kind.
    fn finish(mut self) -> std::io::Result<()> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        match &mut self.faces {
            Faces::Csv(csv) => {
                if self.rows == 0 {
                    csv.write_record(header())?;
                }
                csv.flush()
            }
            Faces::Json(out) => {
                out.write_all(if self.rows == 0 { b"[]\n" } else { b"\n]\n" })?;
                out.flush()
            }
            Faces::Ndjson(out) => out.flush(),
        }
    }
}

impl<'a> Shown<'a> {
    fn of(row: &'a ExportRow) -> Self {
        Self {
            day: row.day,
            tool: &row.tool,
            integration: row.integration.0,
            identity: &row.identity,
            identity_kind: row.kind,
            member_name: row.member_name.as_deref(),
            member_email: row.member_email.as_deref(),
            active: row.active,
            agent: row.agent,
            measures: &row.measures,
        }
    }
}

fn header() -> impl Iterator<Item = &'static str> {
    COLUMNS.into_iter().chain(Measure::ALL.iter().map(|measure| measure.name()))
}

/// A row's cells; what the vendor does not say is an empty cell.
fn cells(row: &ExportRow) -> impl Iterator<Item = String> {
    let said = |flag: Option<bool>| flag.map(|flag| flag.to_string()).unwrap_or_default();
    let names = [
        row.day.to_string(),
        row.tool.to_string(),
        row.integration.to_string(),
        neutral(&row.identity),
        row.kind.as_str().to_owned(),
        neutral(row.member_name.as_deref().unwrap_or_default()),
        neutral(row.member_email.as_deref().unwrap_or_default()),
        said(row.active),
        said(row.agent),
    ];
    let measures = row.measures.values().iter().map(|value| value.map(|value| value.to_string()).unwrap_or_default());
    names.into_iter().chain(measures)
}

/// A text that no spreadsheet takes for a formula.
fn neutral(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};
    use tacho_domain::IntegrationId;

    #[derive(Clone, Default)]
    struct Page(Arc<Mutex<Vec<u8>>>);

    impl Write for Page {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn written(format: Format, rows: &[ExportRow]) -> String {
        let page = Page::default();
        let mut writer = RowWriter::new(format, Box::new(page.clone()));
        for row in rows {
            writer.row(row);
        }
        writer.finish().unwrap();
        String::from_utf8(page.0.lock().unwrap().clone()).unwrap()
    }

    fn row(identity: &str, sessions: Option<i64>) -> ExportRow {
        ExportRow {
            day: "2026-03-01".parse().unwrap(),
            tool: ToolId::new("claude_code"),
            integration: IntegrationId(2),
            identity: identity.to_owned(),
            kind: IdentityKind::ApiKey,
            member_name: None,
            member_email: None,
            active: Some(true),
            agent: None,
            measures: Measures::default().with(Measure::Sessions, sessions),
        }
    }

    #[test]
    fn formulas_are_neutralised_and_unsaid_measures_are_empty() {
        let text = written(Format::Csv, &[row("=HYPERLINK(1)", Some(3)), row("two, \"three\"", None)]);
        let lines: Vec<&str> = text.lines().collect();
        assert!(
            lines[0]
                .starts_with("day,tool,integration,identity,identity_kind,member_name,member_email,active,agent,interactions,")
        );
        assert!(lines[1].starts_with("2026-03-01,claude_code,2,'=HYPERLINK(1),api_key,,,true,,,,,3,"), "{}", lines[1]);
        assert!(lines[2].contains("\"two, \"\"three\"\"\""), "{}", lines[2]);
        assert_eq!(lines[1].split(',').count(), lines[0].split(',').count());
    }

    #[test]
    fn json_is_one_array_and_ndjson_one_object_a_line() {
        let rows = [row("=a", Some(3)), row("b", None)];
        let array: serde_json::Value = serde_json::from_str(&written(Format::Json, &rows)).unwrap();
        let lines: Vec<serde_json::Value> =
            written(Format::Ndjson, &rows).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(array, serde_json::Value::Array(lines.clone()));
        assert_eq!((&lines[0]["identity"], &lines[0]["sessions"], lines[1].get("sessions")), (&"=a".into(), &3.into(), None));
    }

    #[test]
    fn without_rows_every_format_is_still_a_document_of_its_kind() {
        assert_eq!(written(Format::Csv, &[]).lines().count(), 1);
        assert_eq!(written(Format::Json, &[]), "[]\n");
        assert_eq!(written(Format::Ndjson, &[]), "");
    }
}
