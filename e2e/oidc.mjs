// A certified OpenID Connect provider on loopback, for journeys: one client, two people, its own development sign-in page.
//
//   const provider = await startProvider({ callback: 'http://127.0.0.1:8787/sign-in/callback/oidc' });
//   // oidc_issuer = provider.issuer, oidc_client_id = provider.clientId, oidc_client_secret = provider.clientSecret
//   await provider.stop();
//
// On its page any password will do; the login is the account's name: `ada` or `ben`. `node oidc.mjs <callback> [port]` runs
// it by hand.

import { createServer } from 'node:http';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import Provider from 'oidc-provider';

/** The people it knows: what they are called, their address, and the groups they are in. */
export const ACCOUNTS = {
  ada: { name: 'Ada Okafor', email: 'ada@example.com', email_verified: true, groups: ['staff', 'tacho-admins'] },
  ben: { name: 'Ben Lindqvist', email: 'ben@example.com', email_verified: false, groups: ['staff'] },
};

/** Starts the provider on a free port, or on the one given. */
export async function startProvider({ callback, port = 0 }) {
  const server = createServer();
  await new Promise((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const clientId = 'tacho';
  const clientSecret = randomBytes(24).toString('base64url');
  const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });

  const provider = new Provider(issuer, {
    clients: [{
      client_id: clientId,
      client_secret: clientSecret,
      redirect_uris: [callback],
      grant_types: ['authorization_code'],
      response_types: ['code'],
    }],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'groups'] },
    cookies: { keys: [randomBytes(24).toString('base64url')] },
    features: { devInteractions: { enabled: true } },
    findAccount: (_ctx, id) => (id in ACCOUNTS ? { accountId: id, claims: () => ({ sub: id, ...ACCOUNTS[id] }) } : undefined),
    jwks: { keys: [{ ...key, use: 'sig', alg: 'RS256', kid: 'journey' }] },
    pkce: { required: () => true },
    ttl: { Interaction: 600, Session: 600, Grant: 600 },
  });
  server.on('request', provider.callback());
  const stop = () => new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
  return { issuer, clientId, clientSecret, stop };
}

/** Signs in on its development page, from a page of a browser that has just arrived there. */
export async function signInThere(page, login) {
  await page.fill('input[name="login"]', login);
  await page.fill('input[name="password"]', 'any');
  await page.click('button[type="submit"]');
  await page.click('button[type="submit"]:has-text("Continue")');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [callback, port] = process.argv.slice(2);
  if (!callback) {
    console.error('usage: node oidc.mjs <callback address> [port]');
    process.exit(2);
  }
  const { issuer, clientId, clientSecret } = await startProvider({ callback, port: Number(port ?? 0) });
  console.log(JSON.stringify({ issuer, clientId, clientSecret }));
}
