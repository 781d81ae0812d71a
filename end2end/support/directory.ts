// A Seatkeeper with a Scalekit to ask: both are started by the first test of a worker that needs them, with a database of their
// own, so that no other test's organization is ever compared with a directory it is not in.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { Organization } from './organization.ts';
import { freshDatabase, startSeatkeeper, stop } from './own-seatkeeper.ts';
import { binary, nowhere, surroundings, webhookSecret } from './servers.ts';
import { expect, test as base } from './test.ts';

/** People of each organization that Scalekit knows. */
export const PEOPLE = 20;
const ORGANIZATIONS = 200;

/** One organization's directory, as its owner changes it. No webhook reports the changes. */
export class Directory {
  constructor(private readonly simulator: string, readonly organizationId: string) {}

  async people(): Promise<string[]> {
    const page = await (await fetch(`${this.simulator}/organizations/${this.organizationId}`)).text();
    return [...page.matchAll(/name="person" value="([^"]+)"/g)].map(([, id]) => id);
  }

  /**
   * So many of them leave, in a later second than any run before. Scalekit's clock has whole seconds, and a run removes no
   * person who may have come after its start.
   */
  async fire(count: number): Promise<void> {
    await setTimeout(1_000 - (Date.now() % 1_000));
    for (const person of (await this.people()).slice(0, count)) await this.act('fire', { person });
  }

  async hireSixty(times = 1): Promise<void> {
    for (let n = 0; n < times; n += 1) await this.act('burst');
  }

  async switchOff(): Promise<void> {
    const page = await (await fetch(`${this.simulator}/organizations/${this.organizationId}`)).text();
    await this.act('directory-off', { directory: page.match(/name="directory" value="([^"]+)"/)![1] });
  }

  /** Every call to Scalekit takes this long; 0 is as fast as it can. */
  async takesItsTime(milliseconds: number): Promise<void> {
    await this.act(milliseconds > 0 ? 'fault-on' : 'fault-off', { fault: milliseconds > 0 ? `slow=${milliseconds}` : 'slow' });
  }

  /** While this is done, the API does something wrong on purpose, such as `malformed-entry=1`. */
  async while(fault: string, done: () => Promise<void>): Promise<void> {
    await this.act('fault-on', { fault });
    try {
      await done();
    } finally {
      await this.act('fault-off', { fault: fault.split('=')[0]! });
    }
  }

  private async act(act: string, more: Record<string, string> = {}): Promise<void> {
    const body = new URLSearchParams({ act, organization: this.organizationId, ...more });
    const answer = await fetch(`${this.simulator}/acts`, { method: 'POST', body });
    expect(answer.ok, `${act} on the simulator`).toBe(true);
  }
}

interface Installation {
  url: string;
  databaseUrl: string;
  simulator: string;
  next: () => string;
}

interface Fixtures {
  /** The directory of `organization`. */
  directory: Directory;
}

export const test = base.extend<Fixtures, { installation: Installation }>({
  installation: [async ({}, use, { project, workerIndex }) => {
    const { child: scalekit, url: simulator } = await startSimulator();
    const databaseUrl = freshDatabase('resyncs', project.name, workerIndex);
    const settings = { ...credentials, SCALEKIT_ENVIRONMENT_URL: simulator, SEATKEEPER_RESYNC_NIGHTLY: 'no' };
    const { child: seatkeeper, url } = await startSeatkeeper(databaseUrl, settings);
    let number = 80_000_000_000_000_000n;
    await use({ url, databaseUrl, simulator, next: () => `org_${(number += 1n)}` });
    for (const child of [seatkeeper, scalekit]) await stop(child);
  }, { scope: 'worker' }],

  baseURL: async ({ installation }, use) => use(installation.url),
  databaseUrl: async ({ installation }, use) => use(installation.databaseUrl),

  organization: async ({ baseURL, seatkeeper, installation }, use) => {
    const organization = new Organization(baseURL!, seatkeeper, undefined, installation.next());
    await organization;
    await use(organization);
  },

  directory: async ({ organization, installation }, use) => {
    const directory = new Directory(installation.simulator, organization.id);
    await use(directory);
    await directory.takesItsTime(0);
  },
});

export { expect };

const credentials = { SCALEKIT_CLIENT_ID: 'skc_tests', SCALEKIT_CLIENT_SECRET: 'a secret of the browser tests' };

/** Knows its organizations from the start, and loses every message. */
async function startSimulator(): Promise<{ child: ChildProcess; url: string }> {
  const size = ['--people', String(ORGANIZATIONS * PEOPLE), '--organizations', String(ORGANIZATIONS)];
  const args = ['simulator', '--listen', '127.0.0.1:0', ...size, '--no-first-push', '--fault', 'loss=1'];
  const child = spawn(binary, args, { cwd: nowhere, env: { ...surroundings, ...credentials, SCALEKIT_WEBHOOK_SECRET: webhookSecret }, stdio: ['ignore', 'pipe', 'ignore'] });
  const [said] = await once(child.stdout!, 'data');
  return { child, url: String(said).match(/SCALEKIT_ENVIRONMENT_URL=(\S+)/)![1] };
}
