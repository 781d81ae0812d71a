// Who comes in, where they land, and how they leave.
import { SignInPage } from '../pages/sign-in-page.ts';
import { expect, test } from '../support/test.ts';

test('a wrong password says so beside the form, and the address is kept', async ({ account, page }) => {
  const tess = await account('tenant-admin');
  const door = new SignInPage(page);
  await door.goto();

  await door.submit({ ...tess, password: 'not her passphrase' });

  await expect(door.email).toHaveAccessibleDescription('The e-mail address or the password is wrong.');
  await expect(door.email).toHaveAttribute('aria-invalid', 'true');
  await expect(door.email).toHaveValue(tess.email);
  await expect(door.password).toBeEmpty();
  expect(page.url(), 'addresses are logged').not.toContain(tess.email.split('@')[0]);
});

test('somebody unknown is told the same', async ({ page }) => {
  const door = new SignInPage(page);
  await door.goto();

  await door.submit({ email: 'nobody@people.test', password: 'any passphrase at all' });

  await expect(door.email).toHaveAccessibleDescription('The e-mail address or the password is wrong.');
});

test('signing in leads to the page that was asked for, refusal or not', async ({ account, organization, page }) => {
  const tess = await account('tenant-admin');
  const asked = `/organizations/${organization.id}/people?search=ada&state=blocked`;
  const door = new SignInPage(page);

  await page.goto(asked);
  await expect(door.heading).toHaveText('Sign in');
  await door.submit({ ...tess, password: 'not her passphrase' });
  await expect(door.email).toHaveAttribute('aria-invalid', 'true');
  await door.submit(tess);

  await expect(page).toHaveURL(asked);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('People');
});

test('signing in leads nowhere but to this site', async ({ account, organization, page }) => {
  const tess = await account('tenant-admin');
  const door = new SignInPage(page);
  await door.goto('?next=//evil.test/organizations');

  await door.submit(tess);

  await expect(page).toHaveURL(`/organizations/${organization.id}`);
});

test('a tenant lands at their organization, staff at all of them', async ({ account, page, organization }) => {
  const door = new SignInPage(page);
  for (const [role, home] of [['tenant-admin', `/organizations/${organization.id}`], ['staff', '/organizations']] as const) {
    await door.goto();
    await door.submit(await account(role));
    await expect(page).toHaveURL(home);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await expect(page).toHaveURL('/sign-in');
  }
});

test('whoever is signed in already needs no form', async ({ admin }) => {
  await admin.page.goto('/sign-in');
  await expect(admin.page).toHaveURL(admin.organization.path);
});

test('a tenant with several organizations chooses, and changes between them', async ({ organization, another, seatkeeper, account, page }) => {
  const second = another();
  await second;
  const tess = await account('tenant-admin');
  const both = { ...tess, email: `both.${tess.email}`, organizations: [organization.id, second.id] };
  await seatkeeper.createAccount(both);
  const door = new SignInPage(page);
  await door.goto();
  await door.submit(both);

  await page.getByRole('main').getByRole('link', { name: organization.name }).click();
  await expect(door.heading).toHaveText(organization.name);
  await page.getByText(organization.name).first().click();
  await page.getByRole('link', { name: second.name }).click();

  await expect(door.heading).toHaveText(second.name);
});

test('without a session every page asks to sign in', async ({ organization, page, request }) => {
  const door = new SignInPage(page);
  for (const path of ['/', '/organizations', ...['', '/people', '/limit'].map((part) => `/organizations/${organization.id}${part}`)]) {
    await page.goto(path);
    await expect(page, path).toHaveURL(path === '/' ? '/sign-in' : `/sign-in?next=${encodeURIComponent(path)}`);
    await expect(door.heading).toHaveText('Sign in');
  }
  const live = await request.get(`/live?organization=${organization.id}`);
  expect(live.status()).toBe(404);
});

test('after signing out nothing is left to see', async ({ organization, admin }) => {
  await organization.withSeats(1).joined('ada@acme.test');
  await admin.people.goto();
  await expect(admin.people.names).toContainText(['Ada']);
  const door = new SignInPage(admin.page);

  await admin.page.getByRole('button', { name: 'Sign out' }).click();

  await expect(admin.page).toHaveURL('/sign-in');
  await expect(door.heading).toHaveText('Sign in');
  await admin.page.goBack();
  await expect(door.heading).toHaveText('Sign in');
  await admin.people.goto();
  await expect(door.heading).toHaveText('Sign in');
});

test('a session that was signed out is worth nothing to whoever kept its cookie', async ({ admin, browser }) => {
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

test('whoever guesses too often has to wait', async ({ account, page, request }) => {
  const tess = await account('tenant-admin');
  const guess = { form: { email: tess.email, password: 'guess after guess' } };
  for (let n = 0; n < 10; n += 1) expect((await request.post('/api/sign_in', guess)).status()).toBe(422);
  const door = new SignInPage(page);
  await door.goto();

  await door.submit(tess);

  await expect(door.email).toHaveAccessibleDescription('Too many attempts. Wait a minute, then try again.');
});
