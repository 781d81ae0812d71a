// A Seatkeeper of its own under the name `localhost`: browsers make no passkeys for the address 127.0.0.1 of the others. And an
// authenticator in the browser, whose owner always confirms.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { binary, createDatabase, folder, freePorts, nowhere, postgresDatabase, surroundings, webhookSecret } from './servers.ts';
import { expect, test as base } from './test.ts';

interface Host {
  url: string;
  databaseUrl: string;
}

export const test = base.extend<{ authenticator: PasskeyDevice }, { host: Host }>({
  host: [async ({}, use, { project }) => {
    const [port] = await freePorts(1);
    const [url, database] = [`http://localhost:${port}`, `e2e_localhost_${port}`];
    const isPostgres = project.name === 'postgres';
    if (isPostgres) execFileSync('sh', ['-c', createDatabase(database)]);
    const databaseUrl = isPostgres ? postgresDatabase(database) : `sqlite://${join(folder, `${database}.db`)}`;
    const env = {
      ...surroundings,
      DATABASE_URL: databaseUrl,
      SEATKEEPER_LISTEN: `127.0.0.1:${port}`,
      SEATKEEPER_PUBLIC_URL: url,
      SCALEKIT_WEBHOOK_SECRET: webhookSecret,
      SEATKEEPER_ALLOW_PRIVATE_ADDRESSES: 'yes',
      RUST_LOG: 'error',
    };
    const child = spawn(binary, ['serve'], { cwd: nowhere, env, stdio: 'ignore' });
    const answers = () => fetch(`http://127.0.0.1:${port}/healthz`).then(({ ok }) => ok, () => false);
    await expect.poll(answers, { message: 'it serves', timeout: 60_000 }).toBe(true);
    await use({ url, databaseUrl });
    child.kill('SIGTERM');
    if (child.exitCode === null) await once(child, 'exit');
  }, { scope: 'worker', timeout: 90_000 }],

  baseURL: async ({ host }, use) => use(host.url),

  databaseUrl: async ({ host }, use) => use(host.databaseUrl),

  authenticator: async ({ page }, use) => use(await PasskeyDevice.of(page)),
});

/** Chromium's own authenticator, in the place of a finger on a sensor. */
export class PasskeyDevice {
  private constructor(readonly count: () => Promise<number>) {}

  static async of(page: Page): Promise<PasskeyDevice> {
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('WebAuthn.enable');
    const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
      options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
    });
    return new PasskeyDevice(async () => (await devtools.send('WebAuthn.getCredentials', { authenticatorId })).credentials.length);
  }
}

export { expect };
