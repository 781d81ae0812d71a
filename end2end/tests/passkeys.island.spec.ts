// Passkeys, with the browser's own authenticator: one is added, opens the account, confirms who is there, and is removed.
import { execFileSync } from 'node:child_process';
import { AccountPage } from '../pages/account-page.ts';
import { PasskeysPage } from '../pages/passkeys-page.ts';
import { SignInPage } from '../pages/sign-in-page.ts';
import { SignOnPage, signInThere } from '../pages/sign-on-page.ts';
import { IdentityProvider } from '../support/identity-provider.ts';
import { expect, test as base } from '../support/named-host.ts';
import { binary, nowhere, surroundings } from '../support/servers.ts';
import { signIn } from '../support/signed-in.ts';

/** Whether the staff of this installation need one. */
function secondStep(databaseUrl: string, value: 'yes' | 'no'): void {
  execFileSync(binary, ['setting', 'set', 'staff_second_factor', value], { cwd: nowhere, env: { ...surroundings, DATABASE_URL: databaseUrl }, stdio: 'ignore' });
}

const test = base.extend<{ provider: IdentityProvider }>({
  provider: async ({}, use) => {
    const provider = await IdentityProvider.open();
    await use(provider);
    await provider.close();
  },
});

test('a passkey is added, signs in without the password, and is removed', async ({ account, page, context, authenticator, axe }) => {
  const tess = await account('tenant-admin');
  await signIn(context, tess);
  const factors = new PasskeysPage(page);
  await factors.goto();
  await expect(factors.name).toHaveValue('Chrome on Linux');
  await axe();
  await factors.name.fill('Tess’s laptop');
  await factors.add.click();

  await expect(factors.heading).toHaveText('Your recovery codes');
  expect(await authenticator.count()).toBe(1);
  await page.getByRole('link', { name: 'I have kept them' }).click();
  await expect(factors.passkey('Tess’s laptop')).toContainText('never used');
  await axe();
  await factors.rename('Tess’s laptop', 'The old laptop');
  await expect(factors.banners).toContainText('The passkey was renamed.');
  await factors.add.click();
  await expect(factors.passkeys.getByRole('alert')).toHaveText('This device has a passkey of your account already.');

  await page.getByRole('button', { name: 'Sign out' }).click();
  const signInPage = new SignInPage(page);
  await expect(signInPage.heading).toHaveText('Sign in');
  await axe();
  await signInPage.byPasskey.click();
  await expect(page).toHaveURL(/\/organizations\//);

  await factors.goto();
  await expect(factors.passkey('The old laptop')).toContainText('last used');
  await factors.remove('The old laptop');
  await expect(factors.banners).toContainText('The passkey was removed.');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await signInPage.byPasskey.click();
  await expect(page.getByRole('alert')).toContainText('This passkey was not accepted.');
  await signInPage.submit(tess);
  await expect(page, 'the password alone opens the account again').toHaveURL(/\/organizations\//);
});

test('a passkey stands in for the second step', async ({ account, page, context, authenticator, axe }) => {
  const sam = await account('staff');
  await signIn(context, sam);
  const factors = new PasskeysPage(page);
  await factors.goto();
  await factors.add.click();
  await expect(factors.heading).toHaveText('Your recovery codes');
  expect(await authenticator.count()).toBe(1);

  const signInPage = new SignInPage(page);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await signInPage.submit(sam);
  await expect(signInPage.heading).toHaveText('Second step');
  await axe();
  await page.getByRole('button', { name: 'Use a passkey' }).click();
  await expect(signInPage.heading).not.toHaveText('Second step');

});

test('a passkey confirms who is there, after a single sign-on', async ({ organization, account, page, context, authenticator, provider, axe }) => {
  const tess = await account('tenant-admin');
  await signIn(context, tess);
  const factors = new PasskeysPage(page);
  await factors.goto();
  await factors.add.click();
  await expect(factors.heading).toHaveText('Your recovery codes');
  expect(await authenticator.count()).toBe(1);
  await new SignOnPage(page, organization.id).enter(provider);
  const own = new AccountPage(page);
  await own.goto();
  await own.signOn.getByRole('button', { name: 'Connect' }).click();
  await signInThere(page, 'olga@identity.test');
  await expect(own.banners).toContainText('Your account is connected.');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(own.heading).toHaveText('Sign in');
  await page.goto(`/sign-in/sso?organization=${organization.id}`); // the provider remembers her
  await expect(page).toHaveURL(`/organizations/${organization.id}`);

  await page.goto('/account/factors');

  await expect(factors.heading).toHaveText('Confirm that it is you');
  await axe();
  await page.getByRole('button', { name: 'Confirm by passkey' }).click();
  await expect(page).toHaveURL('/account/factors');
  await expect(factors.passkey('Chrome on Linux')).toContainText('last used');
});

test('staff who need a second step may take a passkey', async ({ account, page, context, authenticator, host, axe }) => {
  const sam = await account('staff');
  secondStep(host.databaseUrl, 'yes');
  try {
    const signInPage = new SignInPage(page);
    await signInPage.goto();
    await signInPage.submit(sam);
    await expect(signInPage.heading).toHaveText('Set up a second step');
    await expect(page.getByLabel('Name of the new passkey')).toHaveValue('Chrome on Linux');
    await axe();
    await page.getByRole('button', { name: 'Add a passkey and sign in' }).click();

    await expect(signInPage.heading).toHaveText('Your recovery codes');
    expect(await authenticator.count()).toBe(1);
    await page.getByRole('link', { name: 'I have kept them' }).click();
    await expect(page).toHaveURL('/start');
    await context.clearCookies();
    await signInPage.goto();
    await signInPage.byPasskey.click();
    await expect(page).toHaveURL('/start');
  } finally {
    secondStep(host.databaseUrl, 'no');
  }
});

test('without a passkey the page says so, and what was typed stays', async ({ page, authenticator }) => {
  const signInPage = new SignInPage(page);
  await signInPage.goto();
  expect(await authenticator.count()).toBe(0);
  await signInPage.email.fill('tess@people.test');
  await signInPage.byPasskey.click();

  await expect(page.getByRole('alert')).toHaveText('No passkey was used. Try again, or use another way.');
  await expect(signInPage.email).toHaveValue('tess@people.test');
});
