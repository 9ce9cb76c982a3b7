//! The person's GitHub account in the editor. It is looked for silently; a dialog opens only when the person has asked for one.

import * as vscode from "vscode";
import type { Session } from "./program";

/**
 * The scopes of sessions that will do, the least first. Copilot's own sign-in makes the second: where it has been, nobody has to
 * sign in again.
 */
const SCOPES = [["read:user"], ["user:email"]];
const ASKED: readonly string[] = ["read:user"];

/** The session that is there, without asking anybody. */
export async function silently(provider: string): Promise<Session | null> {
  for (const scopes of SCOPES) {
    const session = await attempt(() => vscode.authentication.getSession(provider, scopes, { silent: true }));
    if (session) return of(provider, session);
  }
  return null;
}

/** Lets the person sign in or choose an account. With `refused` the session that is there is no longer good. */
export async function byPerson(provider: string, refused: boolean): Promise<Session | null> {
  const how: vscode.AuthenticationGetSessionOptions = refused
    ? { forceNewSession: { detail: "GitHub does not take the present sign-in any more." } }
    : { createIfNone: true, clearSessionPreference: true };
  const session = await vscode.authentication.getSession(provider, ASKED, how);
  return session ? of(provider, session) : null;
}

function of(provider: string, session: vscode.AuthenticationSession): Session {
  return { host: host(provider), account: session.account.label, token: session.accessToken };
}

function host(provider: string): string {
  if (provider === "github") return "github.com";
  const uri: unknown = vscode.workspace.getConfiguration("github-enterprise").get("uri");
  return URL.canParse(String(uri)) ? new URL(String(uri)).hostname : "";
}

/** Nothing where there is no such provider, or none that answers. */
async function attempt<T>(ask: () => Thenable<T | undefined>): Promise<T | undefined> {
  try {
    return await ask();
  } catch {
    return undefined;
  }
}
