//! Where the editor comes in.

import * as vscode from "vscode";
import { Status } from "./status";

export function activate(context: vscode.ExtensionContext): void {
  const status = new Status(context);
  context.subscriptions.push(
    status,
    vscode.commands.registerCommand("tacho.refresh", () => status.refresh()),
    vscode.commands.registerCommand("tacho.signIn", () => status.signIn()),
    vscode.commands.registerCommand("tacho.showDetails", () => status.showDetails()),
    vscode.commands.registerCommand("tacho.openDashboard", () => status.openDashboard()),
    vscode.commands.registerCommand("tacho.copyDiagnostics", () => status.copyDiagnostics()),
    vscode.workspace.onDidChangeConfiguration((event) => event.affectsConfiguration("tacho") && status.settingsChanged()),
    vscode.authentication.onDidChangeSessions((event) => status.sessionsChanged(event.provider.id)),
  );
  status.begin();
}
