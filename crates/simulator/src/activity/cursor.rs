//! A person's day with Cursor: the daily counters, and the events they are made of.

use crate::dice::{Dice, per_mille};
use crate::organization::{Kind, Person};
use tacho_domain::Day;

const MODELS: [&str; 4] = ["claude-4.6-sonnet", "gpt-5.4", "default", "claude-4.6-opus-high"];

/// One day's counters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct CursorDay {
    pub(crate) composer: i64,
    pub(crate) chat: i64,
    pub(crate) agent: i64,
    pub(crate) cmdk: i64,
    pub(crate) bugbot: i64,
    pub(crate) tabs_shown: i64,
    pub(crate) tabs_accepted: i64,
    pub(crate) applies: i64,
    pub(crate) accepts: i64,
    pub(crate) rejects: i64,
    pub(crate) accepted_added: i64,
    pub(crate) accepted_deleted: i64,
    pub(crate) typed_added: i64,
    pub(crate) typed_deleted: i64,
}

/// One request that Cursor meters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CursorEvent {
    pub(crate) person: usize,
    pub(crate) at_ms: i64,
    pub(crate) conversation: Option<u64>,
    pub(crate) model: &'static str,
    pub(crate) chargeable: bool,
    pub(crate) max_mode: bool,
    /// Not every call is metered by tokens.
    pub(crate) tokens: Option<EventTokens>,
    pub(crate) charged_micros: i64,
    pub(crate) fee_micros: i64,
}

/// Tokens of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EventTokens {
    pub(crate) input: i64,
    pub(crate) output: i64,
    pub(crate) cache_write: i64,
    pub(crate) cache_read: i64,
}

impl CursorDay {
    pub(crate) fn requests(&self) -> i64 {
        self.composer + self.chat + self.agent + self.cmdk
    }

    pub(crate) fn is_active(&self) -> bool {
        self.requests() + self.tabs_shown + self.applies > 0
    }

    /// A day of that person; `scale` is in thousandths of their usual day.
    pub(crate) fn of(person: &Person, scale: i64, dice: &mut Dice) -> Self {
        if person.kind == Kind::ServiceAccount {
            return Self { agent: dice.between(3, 9), ..Self::default() };
        }
        let mut it = Self { tabs_shown: dice.around(per_mille(70, scale)), ..Self::default() };
        it.tabs_accepted = dice.part(it.tabs_shown, person.acceptance + 60);
        it.typed_added = dice.around(60);
        it.typed_deleted = dice.around(25);
        if dice.hit(100) {
            return it;
        }
        it.chat = dice.around(per_mille(3, scale));
        it.cmdk = dice.around(per_mille(1, scale));
        if dice.hit(person.agent + 100) {
            it.agent = 1 + dice.around(per_mille(5, scale));
            it.composer = if dice.hit(200) { 1 + dice.below(3) } else { 0 };
        }
        it.bugbot = i64::from(dice.hit(80));
        it.applies = dice.around(it.requests() * 2);
        it.accepts = dice.part(it.applies, 740);
        it.rejects = dice.part(it.applies - it.accepts, 600);
        it.accepted_added = it.tabs_accepted + it.accepts * dice.between(3, 16);
        it.accepted_deleted = it.accepts * dice.between(1, 7);
        it
    }

    /// The events behind the counters: one for each request.
    pub(crate) fn events(&self, person: &Person, day: Day, dice: &mut Dice) -> Vec<CursorEvent> {
        let midnight = day.start().millis();
        let mut conversation = dice.next();
        let mut events = Vec::new();
        for _ in 0..self.requests() {
            if dice.hit(350) {
                conversation = dice.next();
            }
            let tokens = dice.hit(920).then(|| EventTokens {
                input: dice.between(50, 9_000),
                output: dice.between(40, 2_500),
                cache_write: dice.between(0, 12_000),
                cache_read: dice.between(0, 60_000),
            });
            let max_mode = dice.hit(150);
            let fee_micros = if tokens.is_some() { dice.between(50, 900) * 10 } else { 0 };
            let value = if max_mode { dice.between(40_000, 400_000) } else { dice.between(4_000, 90_000) };
            events.push(CursorEvent {
                person: person.index,
                at_ms: midnight + dice.between(6 * 3_600_000, 21 * 3_600_000),
                conversation: dice.hit(900).then_some(conversation),
                model: dice.pick(&MODELS),
                chargeable: dice.hit(if max_mode { 700 } else { 120 }),
                max_mode,
                tokens,
                charged_micros: value + fee_micros,
                fee_micros,
            });
        }
        events
    }
}
