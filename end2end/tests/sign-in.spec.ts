// Signing in, the first page after it, and signing out.
import { SignInPage } from '../pages/sign-in-page.ts';
import { Switcher } from '../pages/switcher.ts';
import { expect, test } from '../support/test.ts';

test('a wrong password says so beside the form, and the address is kept', async ({ account, page }) => {
  const tess = await account('tenant-admin');
  const signInPage = new SignInPage(page);
  await signInPage.goto();

  await signInPage.submit({ ...tess, password: 'not her passphrase' });

  await expect(page.getByRole('alert')).toHaveText('The e-mail address or the password is wrong.');
  await expect(signInPage.password).toBeFocused();
  await expect(signInPage.email).toHaveValue(tess.email);
  await expect(signInPage.password).toBeEmpty();
  expect(page.url(), 'addresses are logged').not.toContain(tess.email.split('@')[0]);
});

test('an unknown address gets the same answer', async ({ page }) => {
  const signInPage = new SignInPage(page);
  await signInPage.goto();

  await signInPage.submit({ email: 'unknown@people.test', password: 'any passphrase at all' });

  await expect(page.getByRole('alert')).toHaveText('The e-mail address or the password is wrong.');
});

test('signing in leads to the page that was asked for, refusal or not', async ({ account, organization, page }) => {
  const tess = await account('tenant-admin');
  const asked = `/organizations/${organization.id}/people?search=ada&state=blocked`;
  const signInPage = new SignInPage(page);

  await page.goto(asked);
  await expect(signInPage.heading).toHaveText('Sign in');
  await signInPage.submit({ ...tess, password: 'not her passphrase' });
  await expect(page.getByRole('alert')).toBeVisible();
  await signInPage.submit(tess);

  await expect(page).toHaveURL(asked);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('People');
});

test('signing in leads nowhere but to this site', async ({ account, organization, page }) => {
  const tess = await account('tenant-admin');
  const signInPage = new SignInPage(page);
  await signInPage.goto('?next=//evil.test/organizations');

  await signInPage.submit(tess);

  await expect(page).toHaveURL(`/organizations/${organization.id}`);
});

test('a tenant lands at their organization, staff at what needs a decision', async ({ account, page, organization }) => {
  const signInPage = new SignInPage(page);
  for (const [role, home] of [['tenant-admin', `/organizations/${organization.id}`], ['staff', '/start']] as const) {
    await signInPage.goto();
    await signInPage.submit(await account(role));
    await expect(page).toHaveURL(home);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await expect(page).toHaveURL('/sign-in');
  }
});

test('a user who is signed in already needs no form', async ({ admin }) => {
  await admin.page.goto('/sign-in');
  await expect(admin.page).toHaveURL(admin.organization.path);
});

test('a tenant with several organizations chooses, and changes between them', async ({ organization, another, seatkeeper, account, page, javaScriptEnabled }) => {
  const second = another();
  await second;
  const tess = await account('tenant-admin');
  const both = { ...tess, email: `both.${tess.email}`, organizations: [organization.id, second.id] };
  await seatkeeper.createAccount(both);
  const signInPage = new SignInPage(page);
  await signInPage.goto();
  await signInPage.submit(both);

  await page.getByRole('main').getByRole('link', { name: organization.name }).click();
  await expect(signInPage.heading).toHaveText(organization.name);
  const switcher = new Switcher(page);
  if (javaScriptEnabled) {
    await switcher.opener.click();
    await switcher.options.filter({ hasText: second.name }).click();
  } else {
    await page.getByRole('link', { name: /^Organization: / }).click();
    await page.getByRole('main').getByRole('link', { name: second.name }).click();
  }

  await expect(signInPage.heading).toHaveText(second.name);
});

test('without a session every page asks to sign in', async ({ organization, page, request }) => {
  const signInPage = new SignInPage(page);
  for (const path of ['/', '/organizations', ...['', '/people', '/limit'].map((part) => `/organizations/${organization.id}${part}`)]) {
    await page.goto(path);
    await expect(page, path).toHaveURL(path === '/' ? '/sign-in' : `/sign-in?next=${encodeURIComponent(path)}`);
    await expect(signInPage.heading).toHaveText('Sign in');
  }
  const live = await request.get(`/live?organization=${organization.id}`);
  expect(live.status()).toBe(404);
});

test('after signing out nothing is left to see', async ({ organization, admin }) => {
  await organization.withSeats(1).joined('ada@acme.test');
  await admin.people.goto();
  await expect(admin.people.names).toContainText(['Ada']);
  const signInPage = new SignInPage(admin.page);

  await admin.page.getByRole('button', { name: 'Sign out' }).click();

  await expect(admin.page).toHaveURL('/sign-in');
  await expect(signInPage.heading).toHaveText('Sign in');
  await admin.page.goBack();
  await expect(signInPage.heading).toHaveText('Sign in');
  await admin.people.goto();
  await expect(signInPage.heading).toHaveText('Sign in');
});

test('a cookie of a session that was signed out is worth nothing', async ({ admin, browser }) => {
  await admin.organization.goto();
  const cookies = await admin.page.context().cookies();
  await admin.page.getByRole('button', { name: 'Sign out' }).click();
  await expect(admin.page).toHaveURL('/sign-in');

  const thief = await browser.newContext();
  await thief.addCookies(cookies);
  const page = await thief.newPage();
  await page.goto(admin.people.path);

  await expect(page).toHaveURL(/sign-in/);
  await thief.close();
});

test('a user who guesses too often has to wait', async ({ account, page, request }) => {
  const tess = await account('tenant-admin');
  const guess = { form: { email: tess.email, password: 'guess after guess' } };
  for (let n = 0; n < 10; n += 1) expect((await request.post('/api/sign_in', guess)).status()).toBe(422);
  const signInPage = new SignInPage(page);
  await signInPage.goto();

  await signInPage.submit(tess);

  await expect(page.getByRole('alert')).toHaveText('Too many attempts. Wait a minute, then try again.');
});
