// Every test runs with JavaScript (`js`), and what sends a form or leads on once more without it (`no-js`); pages that are only
// read have no script that could be missing. What goes from a webhook or a decision to an open page runs once more with the
// server on Postgres (`postgres`); that every page reads the same on both engines is what the stories and the served tests show.
// Each of the three has a server and a fresh database of its own.
import { defineConfig } from '@playwright/test';
import { existsSync } from 'node:fs';
import { mailPort, projectOptions, postgresUrl, servers, type Options } from './support/servers.ts';

// Without a window: the whole Chromium draws its tab strip and toolbar, too, which takes as much of a processor as the page.
const chromium = [process.env.CHROMIUM, '/usr/bin/chromium-headless-shell'].find((path) => path && existsSync(path));

// root has no user namespace to sandbox in, and containers have a small /dev/shm
const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];

const islandsOnly = /\.island\.spec\.ts$/;
const onlyRead = /(accessibility|activity|api-client|api-reference|as-of|groups|health|history|read-aloud|system|text)\.spec\.ts$/;
const onBothEngines = /(account|alerts|api-keys|factors|live|live-windows|main-job|members|passkeys|policy|requests|resync\.island|signed-out|single-sign-on|waitlist|webhook-endpoints)(\.island)?\.spec\.ts$/;

export default defineConfig<Options>({
  testDir: './tests',
  globalSetup: './support/mail-server.ts',
  // Against a hang, not against a slow machine: four looks of axe take half a minute on a busy one.
  timeout: 120_000,
  expect: { timeout: 10_000 },
  fullyParallel: true,
  workers: 2,
  forbidOnly: !!process.env.CI,
  reporter: [['list']],
  use: {
    browserName: 'chromium',
    // A trace records pictures of every step and takes a quarter of the time; for one failure: `cargo xtask test --browser --trace on`.
    trace: 'off',
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: chromium,
      args: [
        ...asRoot,
        '--disable-dev-shm-usage',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--no-first-run',
        '--disable-gpu', // there is none; drawing it in software costs a core
      ],
    },
  },
  projects: [
    { name: 'js', use: projectOptions('js') },
    { name: 'no-js', testIgnore: [islandsOnly, onlyRead], use: { ...projectOptions('no-js'), javaScriptEnabled: false } },
    ...(postgresUrl ? [{ name: 'postgres', testMatch: onBothEngines, use: projectOptions('postgres') }] : []),
  ],
  webServer: servers(mailPort),
});
