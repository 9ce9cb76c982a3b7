//! The item in the status bar.

import * as vscode from "vscode";
import type { Picture } from "./line";
import { tooltip } from "./tooltip";

/** Just right of Copilot's own item, whose priority is 100.1. */
const PRIORITY = 100.099;
/** How long the sign of a refresh turns when nothing new comes of it. */
const TURNS_MS = 3_000;

/** Paints pictures. */
export class Item implements vscode.Disposable {
  readonly #item: vscode.StatusBarItem;
  #turning: NodeJS.Timeout | undefined;
  #painted: { picture: Picture; background: boolean } | undefined;

  constructor(position: string) {
    // An id of its own for each side: the editor (seen in 1.100) keeps an id on the side where it has first seen it.
    this.#item =
      position === "left"
        ? vscode.window.createStatusBarItem("quota-left", vscode.StatusBarAlignment.Left, PRIORITY)
        : vscode.window.createStatusBarItem("quota", vscode.StatusBarAlignment.Right, PRIORITY);
    this.#item.name = "Tacho: AI quota";
  }

  /** Shows the picture; `background` is whether the person wants a coloured background before 100 %. */
  paint(picture: Picture, background: boolean): void {
    this.#painted = { picture, background };
    this.#stopTurning();
    const { text, icon } = picture;
    this.#item.text = icon === "" ? text : `$(${icon}) ${text}`;
    this.#item.tooltip = tooltip(picture);
    this.#item.command = picture.condition === "sign_in" ? "tacho.signIn" : "tacho.showDetails";
    this.#item.accessibilityInformation = { label: picture.label, role: "button" };
    this.#item.color = foreground(picture);
    this.#item.backgroundColor = behind(picture, background);
    this.#item.show();
  }

  /** Turns the sign of a refresh until the next picture, or for a moment. */
  turn(): void {
    if (!this.#painted) return;
    this.#stopTurning();
    this.#item.text = `$(sync~spin) ${this.#painted.picture.text}`;
    this.#turning = setTimeout(() => this.#painted && this.paint(this.#painted.picture, this.#painted.background), TURNS_MS);
  }

  dispose(): void {
    this.#stopTurning();
    this.#item.dispose();
  }

  #stopTurning(): void {
    clearTimeout(this.#turning);
    this.#turning = undefined;
  }
}

function foreground({ level }: Picture): vscode.ThemeColor | undefined {
  if (level === "warn") return new vscode.ThemeColor("editorWarning.foreground");
  return level === "critical" ? new vscode.ThemeColor("editorError.foreground") : undefined;
}

// The editor allows these two backgrounds and gives each its own foreground.
function behind({ level }: Picture, wanted: boolean): vscode.ThemeColor | undefined {
  if (level === "over") return new vscode.ThemeColor("statusBarItem.errorBackground");
  return wanted && level !== "ok" ? new vscode.ThemeColor("statusBarItem.warningBackground") : undefined;
}
