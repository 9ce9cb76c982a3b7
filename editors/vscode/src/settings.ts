//! The person's settings, brought into their bounds: a settings file may hold anything.

import { webAddress } from "./line";

/** What the person has chosen. */
export interface Settings {
  readonly enabled: boolean;
  readonly tools: readonly string[];
  /** Seconds, at least 30. */
  readonly interval: number;
  /** Percent; never above `critical`. */
  readonly warning: number;
  readonly critical: number;
  readonly background: boolean;
  readonly format: string;
  readonly position: string;
  /** The id of the editor's authentication provider. */
  readonly account: string;
  readonly server: string | null;
  readonly binary: string;
}

/** Reads the settings; `get` gives what is set for a name. */
export function settings(get: (name: string) => unknown): Settings {
  const critical = bounded(get("critical"), 90, 1, 100);
  const server = webAddress(get("server"));
  return {
    enabled: get("enabled") !== false,
    tools: tools(get("tools"), server),
    interval: bounded(get("interval"), 60, 30, 3_600),
    warning: Math.min(bounded(get("warning"), 75, 1, 100), critical),
    critical,
    background: get("background") === true,
    format: oneOf(get("format"), ["used", "percent", "left"]),
    position: oneOf(get("position"), ["right", "left"]),
    account: oneOf(get("account"), ["github", "github-enterprise"]),
    server,
    binary: typeof get("binary") === "string" ? String(get("binary")).trim() : "",
  };
}

/** The arguments that the program is started with. */
export function programArguments({ tools }: Settings): string[] {
  return ["status", "--watch", "--format", "vscode", ...tools.flatMap((tool) => ["--tool", tool])];
}

/** Whether a program that runs has to be started anew for the new settings. */
export function needsRestart(before: Settings, now: Settings): boolean {
  const parts = ({ enabled, tools, account, binary, server }: Settings): string => JSON.stringify([enabled, tools, account, binary, server]);
  return parts(before) !== parts(now);
}

function tools(value: unknown, server: string | null): string[] {
  const known = ["copilot", "claude", "codex", "cursor", "opencode"];
  const chosen = Array.isArray(value) ? known.filter((tool) => value.includes(tool)) : [];
  if (chosen.length === 0) chosen.push("copilot");
  return server === null ? chosen : [...chosen, "team"];
}

/** A number within bounds; numbers in words count, too, anything else is the `standard`. */
function bounded(value: unknown, standard: number, least: number, most: number): number {
  const number = typeof value === "number" || (typeof value === "string" && value.trim() !== "") ? Number(value) : Number.NaN;
  return Number.isFinite(number) ? Math.min(Math.max(Math.round(number), least), most) : standard;
}

/** The value if it is one of those, else the first. */
function oneOf(value: unknown, known: readonly [string, ...string[]]): string {
  return typeof value === "string" && known.includes(value) ? value : known[0];
}
