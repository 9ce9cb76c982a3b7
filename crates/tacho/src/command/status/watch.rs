//! `--watch`: a line at once, then one for every change, until standard input ends or somebody ends it.

use super::input::{self, Change, Told};
use super::quotas;
use super::scene::Scene;
use crate::door;
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;
use tacho_quota::{Format, Quotas, SHORTEST_INTERVAL, State, Thresholds, Trigger, View, paint};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio_util::sync::CancellationToken;

/// How often it is looked whether numbers have grown old, or a period has ended.
const LOOK: Duration = Duration::from_secs(15);
/// How long an editor has to say who is signed in before anybody is asked. It starts the program and speaks at once.
const INTRODUCTION: Duration = Duration::from_secs(2);
/// More notes help nobody.
const MOST_NOTES: usize = 5;

/// Runs until the end. The first line does not wait for anything.
pub(super) fn run(scene: &Scene, format: Format) {
    let Some(runtime) = quotas::runtime() else {
        // A line is better than none.
        super::show::run(scene, format, false);
        return;
    };
    let mut painter = Painter::new(scene, format);
    if painter.show(&scene.state().0, false).is_err() {
        return;
    }
    runtime.block_on(follow(scene, painter));
    // A thread may stand in a read of standard input: nobody waits for it.
    runtime.shutdown_background();
}

async fn follow(scene: &Scene, mut painter: Painter) {
    let stop = door::stop_wish();
    let quotas = Arc::new(quotas::open(scene));
    let mut changes = quotas.changes();
    let mut input = input::listen();
    let heard = stop.run_until_cancelled(hear(&mut input, &mut painter, &quotas)).await;
    let Some(Heard::Enough { is_asked }) = heard else { return };
    let (engine, cancel) = (Arc::clone(&quotas), stop.clone());
    let running = tokio::spawn(async move { engine.run(&cancel).await });
    let (answered, mut answers) = tokio::sync::mpsc::unbounded_channel();
    let mut look = tokio::time::interval(LOOK);
    if is_asked {
        ask(&quotas, &stop, &answered);
    }
    loop {
        let shown = tokio::select! {
            () = stop.cancelled() => break,
            changed = changes.changed() => match changed {
                Ok(()) => painter.show(&quotas.state(), false),
                Err(_) => break,
            },
            told = next(&mut input) => match told {
                Told::End => break,
                Told::Refresh => {
                    ask(&quotas, &stop, &answered);
                    Ok(())
                }
                told => take(told, &mut painter, &quotas),
            },
            // Whoever asked is answered, even where nothing has changed.
            Some(()) = answers.recv() => painter.show(&quotas.state(), true),
            _ = look.tick() => painter.show(&quotas.state(), false),
        };
        if shown.is_err() {
            // The reader went away.
            break;
        }
    }
    stop.cancel();
    running.abort();
}

/// What came of an introduction.
enum Heard {
    /// Whoever was there has gone.
    End,
    /// It can begin; whether somebody has asked for a refresh meanwhile.
    Enough { is_asked: bool },
}

/// Whoever stands behind standard input is heard first: else the last number would go for a moment, as that of somebody who
/// is not signed in.
async fn hear(input: &mut Option<UnboundedReceiver<Told>>, painter: &mut Painter, quotas: &Quotas) -> Heard {
    let until = tokio::time::Instant::now() + INTRODUCTION;
    let mut is_asked = false;
    while input.is_some() {
        match tokio::time::timeout_at(until, next(input)).await {
            Err(_) => break,
            Ok(Told::End) => return Heard::End,
            Ok(Told::Refresh) => is_asked = true,
            Ok(told) => {
                let is_session = matches!(told, Told::Session(_));
                if take(told, painter, quotas).is_err() {
                    return Heard::End;
                }
                if is_session {
                    break;
                }
            }
        }
    }
    Heard::Enough { is_asked }
}

async fn next(input: &mut Option<UnboundedReceiver<Told>>) -> Told {
    match input {
        Some(input) => input.recv().await.unwrap_or(Told::End),
        None => std::future::pending().await,
    }
}

/// Asks beside the loop, so that a slow vendor holds up nothing.
fn ask(quotas: &Arc<Quotas>, stop: &CancellationToken, answered: &tokio::sync::mpsc::UnboundedSender<()>) {
    let (quotas, stop, answered) = (Arc::clone(quotas), stop.clone(), answered.clone());
    tokio::spawn(async move {
        quotas.refresh(Trigger::Person, &stop).await;
        let _ = answered.send(());
    });
}

fn take(told: Told, painter: &mut Painter, quotas: &Quotas) -> std::io::Result<()> {
    match told {
        Told::Session(session) => quotas.set_session(session),
        Told::Settings(change) => painter.change(&change, quotas),
        Told::Nonsense => painter.note("a line on standard input was not understood"),
        Told::Refresh | Told::End => {}
    }
    painter.show(&quotas.state(), false)
}

/// Paints what differs from the last line.
struct Painter {
    scene: Scene,
    format: Format,
    last: Option<View>,
}

impl Painter {
    fn new(scene: &Scene, format: Format) -> Self {
        Self { scene: scene.clone(), format, last: None }
    }

    /// Writes a line where a person would see a difference, or where one is wanted `anyhow`.
    fn show(&mut self, state: &State, anyhow: bool) -> std::io::Result<()> {
        let view = self.scene.view(state);
        if !anyhow && self.last.as_ref().is_some_and(|last| !view.differs_from(last)) {
            return Ok(());
        }
        let painted = paint(&view, self.format, &self.scene.look);
        self.last = Some(view);
        let mut out = std::io::stdout().lock();
        out.write_all(painted.as_bytes())?;
        out.flush()
    }

    /// Takes an editor's settings.
    fn change(&mut self, change: &Change, quotas: &Quotas) {
        let before = self.scene.choice.thresholds;
        let (warn, critical) = (change.warn.unwrap_or(before.warn().into()), change.critical.unwrap_or(before.critical().into()));
        self.scene.choice.thresholds = Thresholds::new(warn, critical);
        self.scene.choice.display = change.display.unwrap_or(self.scene.choice.display);
        if let Some(seconds) = change.interval {
            self.scene.options.interval = Duration::from_secs(seconds).max(SHORTEST_INTERVAL);
            self.scene.look.about.interval_seconds = self.scene.options.interval.as_secs();
            quotas.configure(self.scene.options.clone());
        }
    }

    /// For the diagnostics alone.
    fn note(&mut self, note: &str) {
        let notes = &mut self.scene.look.about.notes;
        if notes.len() < MOST_NOTES {
            notes.push(note.to_owned());
        }
    }
}
