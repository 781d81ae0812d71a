// The demo, with its invented year: for pages that show what happened long ago. The first test of a worker that needs it starts it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { binary, folder, freePorts, nowhere, surroundings } from './servers.ts';
import { signIn } from './signed-in.ts';
import { expect, test as base } from './test.ts';
import type { Page } from '@playwright/test';

/** Where the sides of a demo are. */
interface Addresses {
  dashboard: string;
  simulator: string;
  product: string;
}

interface Fixtures {
  /** A staff admin of the demo. */
  sam: Page;
  /** An admin of the demo's first customer. */
  kim: Page;
}

const password = 'seats-for-everyone';

export const test = base.extend<Fixtures, { demo: Addresses }>({
  demo: [async ({}, use, { project, workerIndex }) => {
    const temporary = join(folder, `demo-${project.name}-${workerIndex}`);
    mkdirSync(temporary, { recursive: true });
    const [port] = await freePorts(1);
    // hardly a change while the tests look
    const args = ['demo', '--listen', `127.0.0.1:${port}`, '--rate', '0.001'];
    const child = spawn(binary, args, { cwd: nowhere, env: { ...surroundings, TMPDIR: temporary, RUST_LOG: 'error' }, stdio: ['ignore', 'pipe', 'ignore'] });
    let said = '';
    child.stdout!.on('data', (text) => (said += text));
    await expect.poll(() => said, { message: 'it is open', timeout: 90_000 }).toContain('Ctrl-C');
    const after = (words: string) => said.match(new RegExp(`${words} {2}(\\S+)`))![1]!;
    await use({ dashboard: after('open at'), simulator: after('inject faults, open'), product: after('each time, open') });
    child.kill('SIGTERM');
    if (child.exitCode === null) await once(child, 'exit');
  }, { scope: 'worker', timeout: 120_000 }],

  baseURL: async ({ demo }, use) => use(demo.dashboard),

  sam: async ({ page, context }, use) => {
    await signIn(context, { email: 'sam@seatkeeper.test', password });
    await use(page);
  },

  kim: async ({ page, context }, use) => {
    await signIn(context, { email: 'kim@northwind.test', password });
    await use(page);
  },
});

export { expect };
