// A session that ends somewhere ends on every page that is open with it: at once, in words, with nothing left to read.
import { SignInPage } from '../pages/sign-in-page.ts';
import { expect, test } from '../support/test.ts';
import type { Page } from '@playwright/test';

/** Nothing of what it showed is left, and one link leads on. */
async function isCovered(page: Page, ...secrets: string[]): Promise<void> {
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('You have been signed out');
  await expect(page.getByRole('alert')).toContainText('Sign in again to go on.');
  await expect(page).toHaveTitle(/^Signed out/);
  const left = await page.evaluate(() => document.body.outerHTML);
  for (const secret of secrets) expect(left).not.toContain(secret);
}

test('signing out in one window covers the other', async ({ organization, admin }) => {
  await organization.withSeats(1).joined('ada@acme.test');
  await admin.people.gotoLive();
  await expect(admin.people.names).toContainText(['Ada']);
  const other = await admin.page.context().newPage();
  await other.goto(admin.organization.path);

  await other.getByRole('button', { name: 'Sign out' }).click();

  await expect(other).toHaveURL('/sign-in');
  await isCovered(admin.page, 'ada@acme.test', admin.account.name, admin.account.email);
  await admin.page.getByRole('link', { name: 'Sign in' }).click();
  const signInPage = new SignInPage(admin.page);
  await expect(signInPage.heading).toHaveText('Sign in');
  await signInPage.submit(admin.account);
  await expect(admin.page).toHaveURL(admin.people.path);
});

test('disabling the account on the command line covers its page', async ({ organization, admin, seatkeeper }) => {
  await organization.withSeats(1).joined('ada@acme.test');
  await admin.organization.gotoLive();

  await seatkeeper.run(['account', 'disable', admin.account.email]);

  await isCovered(admin.page, organization.name, admin.account.email);
});

test('a new password covers a page that does not follow anything', async ({ staff, seatkeeper }) => {
  await staff.page.goto('/system');
  await expect(staff.page.getByRole('heading', { level: 1 })).toHaveText('System');
  await expect(staff.page.getByText('Live', { exact: true })).toBeHidden();

  await seatkeeper.run(['account', 'password', staff.account.email, '--password-stdin'], 'another quite different phrase');

  await isCovered(staff.page, staff.account.email);
});

test('a page that says there is nothing here is covered, too', async ({ admin, seatkeeper, complaints }) => {
  complaints.accept(/404/);
  await admin.page.goto('/organizations/org_404');
  await expect(admin.page.getByRole('heading', { level: 1 })).toHaveText('There is nothing here');

  await seatkeeper.run(['account', 'sign-out', admin.account.email]);

  await isCovered(admin.page, admin.account.name);
});

test('a page that was away while its session ended is covered when it comes back', async ({ organization, admin, seatkeeper, complaints }) => {
  complaints.accept(/404.*\/live/); // the connection that it asks for first
  await organization.withSeats(1).joined('ada@acme.test');
  await admin.people.gotoLive();
  await admin.page.evaluate(() => {
    Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  });
  await seatkeeper.run(['account', 'sign-out', admin.account.email]);

  await admin.page.evaluate(() => {
    Object.defineProperty(document, 'visibilityState', { value: 'visible', configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  });

  await isCovered(admin.page, 'ada@acme.test');
});

test('a page that the browser kept shows nothing until it has asked again', async ({ organization, admin, seatkeeper, complaints }) => {
  complaints.accept(/live/); // its live connection is blocked
  await organization.withSeats(1).joined('ada@acme.test');
  await admin.people.gotoLive();
  const answer = await admin.page.request.get(admin.people.path);
  expect(answer.headers()['cache-control']).toBe('no-store');
  await admin.page.evaluate(() => window.dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true })));
  await expect(admin.page.getByRole('main')).toBeHidden();
  await admin.page.route('**/live?**', (route) => route.abort()); // a page that is kept receives nothing
  await seatkeeper.run(['account', 'sign-out', admin.account.email]);

  await admin.page.evaluate(() => window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })));

  await expect(admin.page).toHaveURL(/sign-in/);
  await expect(admin.page.getByRole('heading', { level: 1 })).toHaveText('Sign in');
});
