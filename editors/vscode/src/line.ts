//! One line of `tacho status --watch --format vscode`, read with care: the program may be another version than this extension.

/** What decides the colour: the program has compared use and thresholds. */
export type Level = "ok" | "warn" | "critical" | "over";

/** How the program fares with what it shows. */
export type Condition = "good" | "no_data" | "stale" | "very_stale" | "offline" | "rate_limited" | "sign_in" | "no_access" | "error";

/** A line of the list that *Show Details* opens. */
export interface Detail {
  readonly label: string;
  readonly description: string;
  readonly detail: string;
}

/** What the status bar shows until the next line comes. */
export interface Picture {
  readonly text: string;
  /** The name of one of the editor's icons, or nothing. */
  readonly icon: string;
  readonly level: Level;
  readonly condition: Condition;
  /** What a screen reader says. */
  readonly label: string;
  /** Markdown; names that come from a vendor are escaped in it. */
  readonly tooltip: string;
  readonly details: readonly Detail[];
  /** Where the vendor or the team's server shows the same. */
  readonly dashboard: string | null;
  /** What *Copy Diagnostics* copies besides what the extension knows; it holds no secrets. */
  readonly diagnostics: Readonly<Record<string, unknown>>;
}

/** The version of the lines that this extension reads. */
export const VERSION = 1;

const LEVELS: readonly string[] = ["ok", "warn", "critical", "over"];
const CONDITIONS: readonly string[] = ["good", "no_data", "stale", "very_stale", "offline", "rate_limited", "sign_in", "no_access", "error"];

/** The picture that a line paints, or in words why it is none. A field that is missing or of another kind is left empty. */
export function parse(line: string): Picture | string {
  let read: unknown;
  try {
    read = JSON.parse(line);
  } catch {
    return "the program printed a line that is not JSON";
  }
  if (!isRecord(read)) return "the program printed a line that is not an object";
  if (read.version !== VERSION) return `the program speaks version ${shown(read.version)} of its lines, this extension version ${VERSION}`;
  const text = words(read.text);
  if (text === "") return "the program printed a line without a text";
  return {
    text,
    icon: /^[a-z0-9-]{1,40}$/.test(words(read.icon)) ? words(read.icon) : "",
    level: LEVELS.includes(words(read.level)) ? (read.level as Level) : "ok",
    condition: CONDITIONS.includes(words(read.state)) ? (read.state as Condition) : "error",
    label: shortened(words(read.label) || text),
    tooltip: words(read.tooltip),
    details: Array.isArray(read.details) ? read.details.filter(isRecord).map(detail) : [],
    dashboard: webAddress(read.dashboard),
    diagnostics: isRecord(read.diagnostics) ? read.diagnostics : {},
  };
}

/** The address if a browser may be sent there: `https`, or `http` to this machine. */
export function webAddress(value: unknown): string | null {
  try {
    const url = new URL(words(value));
    const here = ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
    return url.protocol === "https:" || (url.protocol === "http:" && here) ? url.href : null;
  } catch {
    return null;
  }
}

/** At most 99 characters: longer labels are tiresome to listen to. */
export function shortened(label: string): string {
  const characters = [...label];
  return characters.length < 100 ? label : `${characters.slice(0, 98).join("").trimEnd()}…`;
}

function detail(read: Record<string, unknown>): Detail {
  return { label: words(read.label), description: words(read.description), detail: words(read.detail) };
}

function words(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function shown(value: unknown): string {
  return typeof value === "number" || typeof value === "string" ? `\`${shortened(String(value))}\`` : "nothing";
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
