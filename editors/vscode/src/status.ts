//! Joins the program, the editor's account and the status bar item. Everything that is decided is decided by the program.

import * as vscode from "vscode";
import { byPerson, silently } from "./account";
import { binary } from "./binary";
import { type Action, showDetails } from "./details";
import { Item } from "./item";
import { parse, type Picture } from "./line";
import { Program, type Session, type Trouble } from "./program";
import { needsRestart, programArguments, type Settings, settings } from "./settings";
import { ended, missing, STARTING, troubled } from "./states";

/** The whole of what is shown, from activation to the end. */
export class Status implements vscode.Disposable {
  readonly #context: vscode.ExtensionContext;
  #settings = readSettings();
  #item: Item | undefined;
  #program: Program | undefined;
  #picture: Picture = STARTING;
  /** The last line of the program that could be read. */
  #last: Picture | undefined;
  #trouble = "";
  #session: Session | null = null;
  /** Counts looks at the account, so that a slow one does not overrule a later one. */
  #looks = 0;
  #signingIn: Promise<void> | undefined;

  constructor(context: vscode.ExtensionContext) {
    this.#context = context;
  }

  /** Shows the item and starts the program; asks nobody anything. */
  begin(): void {
    if (!this.#settings.enabled) return;
    this.#item = new Item(this.#settings.position);
    this.#paint(STARTING);
    this.#startProgram();
    void this.#lookForSession();
  }

  dispose(): void {
    this.#looks += 1;
    this.#program?.stop();
    this.#program = undefined;
    this.#item?.dispose();
    this.#item = undefined;
  }

  /** Takes over what the person has changed. */
  settingsChanged(): void {
    const before = this.#settings;
    const now = readSettings();
    this.#settings = now;
    if (needsRestart(before, now)) {
      this.dispose();
      this.#last = undefined;
      this.#session = before.account === now.account ? this.#session : null;
      this.begin();
      return;
    }
    if (before.position !== now.position && this.#item) {
      this.#item.dispose();
      this.#item = new Item(now.position);
    }
    this.#tellSettings();
    this.#paint(this.#picture);
  }

  /** Takes over the accounts that the editor has now. */
  sessionsChanged(provider: string): void {
    if (provider === this.#settings.account && this.#item) void this.#lookForSession();
  }

  refresh(): void {
    if (!this.#item) return;
    this.#item.turn();
    if (this.#program) {
      this.#program.hurry();
      this.#program.tell({ refresh: true });
    } else {
      this.#startProgram();
    }
  }

  /** Opens the editor's sign-in; two clicks open it once. */
  async signIn(): Promise<void> {
    this.#signingIn ??= this.#signInOnce().finally(() => (this.#signingIn = undefined));
    await this.#signingIn;
  }

  async showDetails(): Promise<void> {
    await showDetails(this.#picture, this.#actions());
  }

  openDashboard(): void {
    const address = this.#picture.dashboard ?? this.#settings.server;
    if (address !== null) void vscode.env.openExternal(vscode.Uri.parse(address, true));
    else void vscode.window.showInformationMessage("Tacho: what is shown now has no page of its own. A team's server is set with “tacho.server”.");
  }

  async copyDiagnostics(): Promise<void> {
    await vscode.env.clipboard.writeText(`${JSON.stringify(this.#diagnostics(), null, 2)}\n`);
    void vscode.window.setStatusBarMessage("Tacho: diagnostics copied", 3_000);
  }

  #startProgram(): void {
    const path = this.#binary();
    const program: Program = new Program(path, programArguments(this.#settings), {
      started: () => {
        this.#tellSettings();
        // An account that is not known yet is told when it is; the look at it is under way.
        if (this.#session) program.tell({ session: this.#session });
      },
      line: (text) => this.#line(text),
      trouble: (trouble) => this.#troubled(path, trouble),
    });
    this.#program = program;
    program.start();
  }

  #line(text: string): void {
    const read = parse(text);
    if (typeof read === "string") {
      this.#trouble = read;
      this.#paint(troubled(this.#last, read));
      return;
    }
    this.#last = read;
    this.#trouble = "";
    this.#paint(read);
  }

  #troubled(path: string, trouble: Trouble): void {
    this.#trouble = trouble.kind === "missing" ? `${path}: ${trouble.why}` : ended(trouble);
    if (trouble.kind === "missing") {
      this.#program = undefined;
      this.#last = undefined;
      this.#paint(missing(path, trouble.why));
    } else {
      this.#paint(troubled(this.#last, this.#trouble));
    }
  }

  #tellSettings(): void {
    const { interval, warning, critical, format } = this.#settings;
    this.#program?.tell({ settings: { interval, warn: warning, critical, display: format } });
  }

  async #lookForSession(): Promise<void> {
    const look = ++this.#looks;
    const session = await silently(this.#settings.account);
    if (look === this.#looks) this.#take(session);
  }

  #take(session: Session | null): void {
    this.#session = session;
    this.#program?.tell({ session });
  }

  async #signInOnce(): Promise<void> {
    const { account } = this.#settings;
    try {
      const refused = this.#session !== null && this.#picture.condition === "sign_in";
      const session = await byPerson(account, refused);
      this.#looks += 1;
      this.#take(session);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      // Somebody who closed the dialog knows that.
      if (!/consent|cancel/i.test(why)) void vscode.window.showErrorMessage(`Tacho: not signed in: ${why}`);
    }
  }

  #actions(): Action[] {
    const run = (command: string) => () => void vscode.commands.executeCommand(command);
    const { server } = this.#settings;
    const actions: Action[] = [
      { icon: "refresh", label: "Refresh", run: run("tacho.refresh") },
      { icon: "sign-in", label: this.#session ? "Sign in with another account" : "Sign in to GitHub", run: run("tacho.signIn") },
    ];
    if (this.#picture.dashboard !== null || server !== null) actions.push({ icon: "graph", label: "Open the dashboard", run: run("tacho.openDashboard") });
    if (server !== null) actions.push({ icon: "terminal", label: `Sign this machine in to ${new URL(server).host}`, run: () => this.#logIn(server) });
    actions.push({ icon: "copy", label: "Copy diagnostics", run: run("tacho.copyDiagnostics") });
    actions.push({ icon: "settings-gear", label: "Settings", run: () => void vscode.commands.executeCommand("workbench.action.openSettings", "tacho.") });
    return actions;
  }

  /** Signs in to the team's server where the person sees what happens: the program shows a code to confirm. */
  #logIn(server: string): void {
    vscode.window.createTerminal({ name: "Tacho", shellPath: this.#binary(), shellArgs: ["login", "--server", server] }).show();
  }

  /** Nothing in it is secret. */
  #diagnostics(): Record<string, unknown> {
    return {
      extension: (this.#context.extension.packageJSON as { version?: unknown }).version,
      editor: `${vscode.env.appName} ${vscode.version}`,
      platform: `${process.platform}-${process.arch}`,
      binary: this.#binary(),
      processId: this.#program?.processId ?? null,
      settings: this.#settings,
      signedInToGitHub: this.#session !== null,
      trouble: this.#trouble,
      complaints: this.#program?.complaints ?? "",
      program: this.#last?.diagnostics ?? null,
    };
  }

  #binary(): string {
    return binary(this.#settings.binary, this.#context.extensionPath);
  }

  #paint(picture: Picture): void {
    this.#picture = picture;
    this.#item?.paint(picture, this.#settings.background);
  }
}

function readSettings(): Settings {
  const configuration = vscode.workspace.getConfiguration("tacho");
  return settings((name) => configuration.get(name));
}
