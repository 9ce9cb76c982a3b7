//! The list that a click opens: every figure with its source and age, and what can be done.

import * as vscode from "vscode";
import type { Picture } from "./line";

/** One thing that can be done. */
export interface Action {
  readonly icon: string;
  readonly label: string;
  readonly run: () => void;
}

interface Row extends vscode.QuickPickItem {
  readonly action?: Action;
}

/** Shows the figures and does what the person picks. */
export async function showDetails(picture: Picture, actions: readonly Action[]): Promise<void> {
  const rows: Row[] = [
    ...picture.details.map(({ label, description, detail }) => ({ label, description, detail })),
    { label: "", kind: vscode.QuickPickItemKind.Separator },
    ...actions.map((action) => ({ label: `$(${action.icon}) ${action.label}`, action, alwaysShow: true })),
  ];
  const picked = await vscode.window.showQuickPick(rows, { title: "Tacho", placeHolder: picture.label, matchOnDescription: true, matchOnDetail: true });
  picked?.action?.run();
}
