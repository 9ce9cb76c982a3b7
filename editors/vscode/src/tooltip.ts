//! What is shown when the pointer rests on the item.

import * as vscode from "vscode";
import type { Picture } from "./line";

/** The commands that a link in the tooltip may run. */
const COMMANDS = ["tacho.refresh", "tacho.signIn", "tacho.showDetails", "tacho.openDashboard", "tacho.copyDiagnostics"];

/** The program's Markdown, and our commands below it. No other command can be linked, no HTML is shown, and no picture is fetched. */
export function tooltip(picture: Picture): vscode.MarkdownString {
  const links = [
    picture.condition === "sign_in" ? link("sign-in", "Sign in", "tacho.signIn") : link("refresh", "Refresh", "tacho.refresh"),
    link("list-unordered", "Details", "tacho.showDetails"),
    ...(picture.dashboard === null ? [] : [link("graph", "Dashboard", "tacho.openDashboard")]),
  ];
  const markdown = new vscode.MarkdownString(`${picture.tooltip.replaceAll("![", "!\\[")}\n\n${links.join(" \u00a0 ")}`, true);
  markdown.isTrusted = { enabledCommands: COMMANDS };
  markdown.supportHtml = false;
  return markdown;
}

function link(icon: string, words: string, command: string): string {
  return `[$(${icon}) ${words}](command:${command})`;
}
