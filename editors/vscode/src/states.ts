//! What is shown while there is no line of the program to show.

import type { Picture } from "./line";
import type { Trouble } from "./program";

const NOTHING: Picture = {
  text: "Tacho",
  icon: "sync~spin",
  level: "ok",
  condition: "no_data",
  label: "Tacho: starting",
  tooltip: "",
  details: [],
  dashboard: null,
  diagnostics: {},
};

/** Before the first line. */
export const STARTING: Picture = NOTHING;

/** The program cannot be run; `path` is where it was looked for. */
export function missing(path: string, why: string): Picture {
  const words = `The program ${path} cannot be run: ${why}. Set "tacho.binary" to where tacho lies.`;
  return {
    ...NOTHING,
    text: "tacho not found",
    icon: "error",
    condition: "error",
    label: "Tacho: the program is missing; set tacho.binary in the settings",
    tooltip: escaped(words),
    details: [{ label: "The tacho program cannot be run", description: why, detail: `Looked for ${path}. Set "tacho.binary" to where tacho lies.` }],
  };
}

/** The program has ended or speaks strangely. A number that was shown stays, with a mark; `last` is what was shown. */
export function troubled(last: Picture | undefined, why: string): Picture {
  const detail = { label: "The tacho program does not run as it should", description: "", detail: why };
  if (!last) {
    return { ...NOTHING, text: "tacho error", icon: "error", condition: "error", label: "Tacho: the program does not run", tooltip: escaped(why), details: [detail] };
  }
  return {
    ...last,
    text: `${last.text} $(warning)`,
    condition: "error",
    tooltip: `${last.tooltip}\n\n$(warning) ${escaped(why)}`,
    details: [...last.details, detail],
  };
}

/** What the end of a program is called. */
export function ended(trouble: Extract<Trouble, { kind: "ended" }>): string {
  return `The tacho program does not run: ${trouble.why}. It is started again in ${Math.round(trouble.againMs / 1_000)} s.`;
}

/** Words as Markdown that shows just these words. */
export function escaped(words: string): string {
  return words.replace(/[\\`*_{}[\]()#+\-.!~<>|$&]/g, "\\$&").replace(/\s+/g, " ");
}
