// Live pages in several windows of one browser, and behind a proxy that keeps the stream back.
import type { Page } from '@playwright/test';
import { BufferingProxy } from '../support/buffering-proxy.ts';
import { expect, test } from '../support/test.ts';

/** The page asks every ten seconds, and tries again to be live as often. */
const tenSeconds = { timeout: 30_000 };
const live = (page: Page) => page.getByText('Live', { exact: true });
const notLive = (page: Page) => page.getByText('Not live', { exact: true });

test('twelve windows of a browser load, are live, and stay live when the first one closes', async ({ organization, another, staff }) => {
  test.slow(); // twelve windows
  await organization.withSeats(1).joined('ada@acme.test');
  const others = [another(), another(), another()];
  for (const other of others) await other.withSeats(3);
  const paths = [organization, ...others].map(({ id }) => `/organizations/${id}`);
  const windows: Page[] = [];

  for (let n = 0; n < 12; n += 1) {
    const page = await staff.page.context().newPage();
    await page.goto(paths[n % paths.length]);
    await expect(live(page), `window ${n + 1}`).toBeVisible();
    windows.push(page);
  }
  await organization.joined('nina.late@acme.test');
  for (const page of [windows[0], windows[4], windows[8]]) {
    await expect(page.getByRole('main')).toContainText('Nina Late');
  }

  await windows[0].close();
  await organization.joined('omar.later@acme.test');
  for (const page of [windows[4], windows[8]]) {
    await expect(page.getByRole('main')).toContainText('Omar Later');
  }
  for (const page of windows.slice(1)) await expect(live(page)).toBeVisible();
});

test('a browser without shared workers is live over a connection of each window', async ({ organization, admin }) => {
  await organization.withSeats(1).joined('ada@acme.test');
  await admin.page.addInitScript(() => Reflect.deleteProperty(window, 'SharedWorker'));
  const asked = admin.page.waitForRequest((request) => new URL(request.url()).pathname === '/live');
  await admin.organization.gotoLive();
  await asked;

  await organization.joined('nina.late@acme.test');

  await expect(admin.organization.waiting).toContainText(['Nina Late']);
});

for (const shared of [true, false]) {
  const way = shared ? 'a shared connection' : 'a connection of its own';
  test(`a page whose stream is kept back says so, asks by itself, and is live again later, over ${way}`, async ({
    baseURL, organization, admin, complaints,
  }) => {
    test.slow(); // it asks every ten seconds
    complaints.accept(/net::ERR_|EventSource/);
    await organization.withSeats(1).joined('ada@acme.test');
    if (!shared) await admin.page.addInitScript(() => Reflect.deleteProperty(window, 'SharedWorker'));
    const proxy = await BufferingProxy.before(baseURL!);
    try {
      await admin.page.goto(proxy.url + admin.organization.path);
      await expect(notLive(admin.page)).toBeVisible();

      await organization.joined('nina.late@acme.test');
      await expect(admin.organization.waiting).toContainText(['Nina Late'], tenSeconds);
      await expect(live(admin.page)).toBeHidden();

      proxy.letThrough();
      await expect(live(admin.page)).toBeVisible(tenSeconds);
      await organization.joined('omar.later@acme.test');
      await expect(admin.organization.waiting).toContainText(['Omar Later']);
    } finally {
      await admin.page.close();
      await proxy.close();
    }
  });
}
