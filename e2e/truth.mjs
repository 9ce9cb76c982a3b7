// The right answers, added up from truth.json by plain loops: an opinion of its own on what the pages show.

export const TOOLS = ["github_copilot", "claude_code", "cursor"];

const dayOf = (text) => Date.parse(`${text}T00:00:00Z`) / 86_400_000;
export const dayText = (day) => new Date(day * 86_400_000).toISOString().slice(0, 10);

/** The `days` days that end yesterday, by the day the organization was made on. */
export function windowOf(truth, days) {
  const to = dayOf(truth.to) - 1;
  return { from: to - days + 1, to };
}

function rowsOf(truth, window, tool) {
  return truth.days
    .filter((slice) => (tool === undefined || slice.tool === tool) && dayOf(slice.day) >= window.from && dayOf(slice.day) <= window.to)
    .flatMap((slice) => slice.rows.map((row) => ({ ...row, tool: slice.tool, day: slice.day })));
}

const isMember = (truth, person) => truth.people.find((known) => known.index === person)?.kind === "member";

export function activeMembers(truth, window, tool) {
  const active = rowsOf(truth, window, tool).filter((row) => row.active);
  return new Set(active.map((row) => row.person).filter((person) => isMember(truth, person))).size;
}

/** The sum of a measure; null where no row says it. */
export function sum(truth, window, measure, tool) {
  const said = rowsOf(truth, window, tool).map((row) => row[measure]).filter((value) => value !== undefined && value !== null);
  return said.length === 0 ? null : said.reduce((total, value) => total + value, 0);
}

export function ratio(part, whole) {
  return part === null || !whole ? null : part / whole;
}

/** Interactions of every day of the window that has a report. */
export function heat(truth, window) {
  const days = new Map();
  for (const slice of truth.days) {
    const day = dayOf(slice.day);
    if (day < window.from || day > window.to) continue;
    const total = slice.rows.reduce((all, row) => all + (row.interactions ?? 0), 0);
    days.set(slice.day, (days.get(slice.day) ?? 0) + total);
  }
  return days;
}

/** Interactions (null: nobody says) and active days of everybody with a row in the window. */
export function people(truth, window) {
  const everybody = new Map();
  for (const row of rowsOf(truth, window)) {
    const known = everybody.get(row.person) ?? { person: row.person, interactions: null, days: new Set() };
    if (row.interactions !== undefined) known.interactions = (known.interactions ?? 0) + row.interactions;
    if (row.active) known.days.add(row.day);
    everybody.set(row.person, known);
  }
  return [...everybody.values()].map(({ interactions, days }) => ({ interactions, days: days.size }));
}

// How pages write numbers.
export const count = (value) => (value === null ? "-" : value.toLocaleString("en-US"));
export const share = (value) => (value === null ? "-" : `${(value * 100).toFixed(1)} %`);
