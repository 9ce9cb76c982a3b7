// The editor's GitHub accounts as a file says: `signed_in` are those of now, `next` is the one that a sign-in brings. The
// person's settings are changed to its `settings`. The file is named by TACHO_TEST_PERSON; what is written to it counts at once.

const { existsSync, readFileSync, watch, writeFileSync } = require("node:fs");
const { basename, dirname } = require("node:path");
const vscode = require("vscode");

const FILE = process.env.TACHO_TEST_PERSON ?? "";

function read() {
  try {
    return JSON.parse(readFileSync(FILE, "utf8"));
  } catch {
    return { signed_in: [], next: null, settings: {} };
  }
}

function session({ account, token }, scopes) {
  return { id: token, accessToken: token, account: { id: account, label: account }, scopes };
}

async function choose() {
  const configuration = vscode.workspace.getConfiguration();
  for (const [name, value] of Object.entries(read().settings)) {
    if (configuration.inspect(name)?.globalValue !== value) await configuration.update(name, value, vscode.ConfigurationTarget.Global);
  }
}

exports.activate = (context) => {
  if (!existsSync(FILE)) return;
  const changes = new vscode.EventEmitter();
  // Every account has a session for whatever scopes are asked for.
  const sessions = (scopes) => read().signed_in.map((one) => session(one, scopes ?? ["read:user"]));
  let before = sessions();
  const compare = () => {
    const now = sessions();
    const without = (some, others) => some.filter(({ id }) => !others.some((other) => other.id === id));
    const [added, removed] = [without(now, before), without(before, now)];
    before = now;
    if (added.length + removed.length > 0) changes.fire({ added, removed, changed: [] });
  };
  let chosen = Promise.resolve();
  const watcher = watch(dirname(FILE), (_, name) => {
    if (name !== basename(FILE)) return;
    compare();
    // One after the other: two changes of the settings file at once spoil one another.
    chosen = chosen.then(choose, choose);
  });
  const provider = {
    onDidChangeSessions: changes.event,
    getSessions: async (scopes) => sessions(scopes),
    async createSession(scopes) {
      const person = read();
      if (!person.next) throw new Error("nobody signs in");
      writeFileSync(FILE, JSON.stringify({ ...person, signed_in: [person.next] }));
      compare();
      return session(person.next, scopes);
    },
    async removeSession(id) {
      const person = read();
      writeFileSync(FILE, JSON.stringify({ ...person, signed_in: person.signed_in.filter(({ token }) => token !== id) }));
      compare();
    },
  };
  context.subscriptions.push(
    changes,
    { dispose: () => watcher.close() },
    vscode.authentication.registerAuthenticationProvider("github", "GitHub", provider, { supportsMultipleAccounts: true }),
  );
};
