//! The `tacho` program as a child: kept running, spoken to on its standard input, and heard line by line.

import { type ChildProcess, spawn } from "node:child_process";
import { homedir } from "node:os";
import { Backoff } from "./backoff";
import { Lines } from "./lines";

/** What the person's account in the editor is, as the program takes it. */
export interface Session {
  readonly host: string;
  readonly account: string;
  readonly token: string;
}

/** What the program is told while it runs, one JSON line each. */
export type Wish =
  | { readonly session: Session | null }
  | { readonly refresh: true }
  | { readonly settings: { readonly interval: number; readonly warn: number; readonly critical: number; readonly display: string } };

/** Why there is no program. */
export type Trouble =
  | { readonly kind: "missing"; readonly why: string }
  | { readonly kind: "ended"; readonly why: string; readonly againMs: number };

/** Who hears of it. */
export interface Listener {
  /** It has started and wants to know everything anew. */
  started(): void;
  line(text: string): void;
  trouble(trouble: Trouble): void;
}

/** Characters of the program's complaints that are kept. */
const REMEMBERED = 2_000;

/** Runs one program until it is stopped, and starts it again when it ends. */
export class Program {
  readonly #path: string;
  readonly #args: readonly string[];
  readonly #listener: Listener;
  readonly #backoff: Backoff;
  #child: ChildProcess | undefined;
  #again: NodeJS.Timeout | undefined;
  #complaints = "";
  #stopped = false;

  constructor(path: string, args: readonly string[], listener: Listener, backoff = new Backoff()) {
    this.#backoff = backoff;
    this.#path = path;
    this.#args = args;
    this.#listener = listener;
  }

  start(): void {
    if (this.#stopped || this.#child) return;
    const began = performance.now();
    // Its own pipes and nothing of the editor's; in the home folder, so that no project's folder is kept busy.
    const child = spawn(this.#path, this.#args, { stdio: ["pipe", "pipe", "pipe"], cwd: homedir(), windowsHide: true });
    this.#child = child;
    this.#complaints = "";
    const lines = new Lines((line) => this.#child === child && this.#listener.line(line));
    child.stdout.on("data", (bytes: Buffer) => lines.add(bytes));
    child.stderr.on("data", (bytes: Buffer) => (this.#complaints = (this.#complaints + String(bytes)).slice(-REMEMBERED)));
    // A program that ends while it is spoken to is told of by its end, below.
    child.stdin.on("error", () => undefined);
    child.once("spawn", () => this.#child === child && this.#listener.started());
    child.once("error", (error) => this.#failed(child, error));
    child.once("close", (code, signal) => this.#ended(child, code ?? signal, performance.now() - began));
  }

  /** Tells the program something; what a program that does not run would miss, it is told when it has started. */
  tell(wish: Wish): void {
    const input = this.#child?.stdin;
    if (input?.writable) input.write(`${JSON.stringify(wish)}\n`);
  }

  /** Starts it now if it waits to be started again. */
  hurry(): void {
    if (!this.#again) return;
    this.#wait(undefined);
    this.#backoff.reset();
    this.start();
  }

  /** Ends it for good. */
  stop(): void {
    this.#stopped = true;
    this.#wait(undefined);
    const child = this.#child;
    this.#child = undefined;
    child?.stdin?.end();
    child?.kill();
  }

  /** The last that it complained of. */
  get complaints(): string {
    return this.#complaints.trim();
  }

  get processId(): number | undefined {
    return this.#child?.pid;
  }

  #failed(child: ChildProcess, error: Error): void {
    if (this.#child !== child || child.pid !== undefined) return;
    this.#child = undefined;
    const { code } = error as NodeJS.ErrnoException;
    const why = code === "ENOENT" ? "there is no such program" : code === "EACCES" ? "it may not be run" : error.message;
    this.#listener.trouble({ kind: "missing", why });
  }

  #ended(child: ChildProcess, how: number | string | null, ranMs: number): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    const againMs = this.#backoff.ended(ranMs);
    this.#wait(setTimeout(() => {
      this.#again = undefined;
      this.start();
    }, againMs));
    const last = this.complaints.split("\n").pop() ?? "";
    this.#listener.trouble({ kind: "ended", why: `it ended with ${how ?? "nothing"}${last === "" ? "" : `: ${last}`}`, againMs });
  }

  #wait(timer: NodeJS.Timeout | undefined): void {
    clearTimeout(this.#again);
    this.#again = timer;
  }
}
