// The second step of a sign-in: an authenticator app and its recovery codes, and staff who need one.
import { AccountPage } from '../pages/account-page.ts';
import { FactorsPage } from '../pages/factors-page.ts';
import { InvitationPage, linkTo } from '../pages/invitation-page.ts';
import { MembersPage } from '../pages/members-page.ts';
import { SignInPage } from '../pages/sign-in-page.ts';
import { SignOnPage, signInThere } from '../pages/sign-on-page.ts';
import { isFit } from '../support/fit.ts';
import { IdentityProvider } from '../support/identity-provider.ts';
import { freshDatabase, startSeatkeeper, stop } from '../support/own-seatkeeper.ts';
import { freshId } from '../support/scalekit.ts';
import { signIn } from '../support/signed-in.ts';
import { expect, test } from '../support/test.ts';

const password = 'a passphrase for the browser tests';

test('an invited colleague sets up an app, signs in with its code, and without the phone with a recovery code', async ({ organization, admin, mail, page, axe }) => {
  const email = `colleague.${freshId('a').slice(2)}@people.test`;
  const [members, invitation, factors, signInPage] = [new MembersPage(admin.page, organization.id), new InvitationPage(page), new FactorsPage(page), new SignInPage(page)];
  await members.goto();
  await members.invite(email, 'Viewer');
  await page.goto(await linkTo(mail, email, `invites you to ${organization.name}`));
  await invitation.makeAccount('Cleo Colleague', password);
  await expect(page).toHaveURL(`/organizations/${organization.id}`);

  await page.goto('/account');
  await page.getByRole('link', { name: 'Set up a second step' }).click();
  await expect(factors.heading).toHaveText('Second step');
  await isFit(page, axe);
  await page.getByRole('button', { name: 'Set up an app' }).click();
  const app = await factors.scan();
  await isFit(page, axe);
  await factors.enter('000000', 'Add the app');
  await expect(factors.code).toHaveAccessibleDescription('This code is not right. The app shows another one every 30 seconds.');
  await factors.enter(app.code(), 'Add the app');
  await expect(factors.heading).toHaveText('Your recovery codes');
  await isFit(page, axe);
  const [first, second] = await factors.keepCodes();
  await expect(page).toHaveURL('/account/factors');
  await expect(factors.codes).toContainText('10 of 10 left.');
  await isFit(page, axe);
  await page.goto('/account/recovery-codes');
  await expect(page.getByText('They were shown once, when they were made.')).toBeVisible();
  await expect(page.getByText(first!)).toHaveCount(0);
  await mail.to(email).expect('authenticator app was added');

  await signOut();
  await signInPage.submit({ email, password });
  await expect(factors.heading).toHaveText('Second step');
  await isFit(page, axe);
  await factors.enter('000000', 'Sign in');
  await expect(factors.code).toHaveAccessibleDescription(/^This code is not right, or it was used before\./);
  await factors.enter(app.code(), 'Sign in');
  await expect(page).toHaveURL(`/organizations/${organization.id}`);

  await signOut();
  await signInPage.submit({ email, password });
  await factors.enter(` ${second!.toUpperCase()} `, 'Sign in');
  await expect(page).toHaveURL(`/organizations/${organization.id}`);
  await factors.goto();
  await expect(factors.codes).toContainText('9 of 10 left.');
  await signOut();
  await signInPage.submit({ email, password });
  await factors.enter(second!, 'Sign in');
  await expect(factors.code, 'each works once').toHaveAccessibleDescription(/^This code is not right, or it was used before\./);
  await page.goto(`/organizations/${organization.id}`);
  await expect(page, 'half a sign-in opens nothing').toHaveURL(/\/sign-in\?next=/);

  async function signOut(): Promise<void> {
    await page.goto('/account');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await expect(page).toHaveURL('/sign-in');
  }
});

test('a person who came by single sign-on confirms who they are before the second step changes', async ({ organization, admin, page, axe }) => {
  const provider = await IdentityProvider.open();
  await new SignOnPage(admin.page, organization.id).enter(provider, true);
  const [account, factors] = [new AccountPage(admin.page), new FactorsPage(page)];
  await account.goto();
  await account.signOn.getByRole('button', { name: 'Connect' }).click();
  await signInThere(admin.page, 'olga@identity.test');
  await expect(account.banners).toContainText('Your account is connected.');
  await page.goto(`/sign-in/sso?organization=${organization.id}`);
  await signInThere(page, 'olga@identity.test');
  await expect(page).toHaveURL(`/organizations/${organization.id}`);

  await factors.goto();
  await expect(factors.heading).toHaveText('Confirm that it is you');
  await isFit(page, axe);
  const present = page.getByLabel('Password, or a code of your app');
  await present.fill('not her passphrase');
  await page.getByRole('button', { name: 'Confirm' }).click();
  await expect(present).toHaveAccessibleDescription('This is not your present password.');
  await present.fill(admin.account.password);
  await page.getByRole('button', { name: 'Confirm' }).click();

  await expect(page).toHaveURL('/account/factors');
  await expect(factors.app).toContainText('Set up an app');
  await provider.close();
});

test.describe('in an installation of its own', () => {
  test.use({
    // the setting holds for all staff of an installation
    databaseUrl: async ({}, use, { project, workerIndex }) => use(freshDatabase('factors', project.name, workerIndex)),
    baseURL: async ({ databaseUrl }, use) => {
      const { child, url } = await startSeatkeeper(databaseUrl, {});
      await use(url);
      await stop(child);
    },
  });

  test('the setting that staff need a second factor leads each of them to set one up', async ({ account, staff, page, context, axe }) => {
    const boss = await account('staff-admin');
    await signIn(context, boss);
    const needed = page.getByRole('combobox', { name: 'Staff need a second factor' });
    const save = page.getByRole('button', { name: 'Save “Staff need a second factor”' });
    await page.goto('/settings');
    await needed.selectOption('Yes');
    await save.click();
    await expect(page.getByText('Set up a second factor of your own first;', { exact: false })).toBeVisible();
    const own = new FactorsPage(page);
    await own.goto();
    await page.getByRole('button', { name: 'Set up an app' }).click();
    await own.enter((await own.scan()).code(), 'Add the app');
    await own.keepCodes();
    await page.goto('/settings');
    await needed.selectOption('Yes');
    await save.click();
    await expect(page.getByText('“Sessions: Staff need a second factor” was saved.')).toBeVisible();

    await staff.page.goto('/system');
    await expect(staff.page).toHaveURL('/sign-in?next=%2Fsystem');
    await new SignInPage(staff.page).submit(staff.account);
    const factors = new FactorsPage(staff.page);
    await expect(factors.heading).toHaveText('Set up a second step');
    await isFit(staff.page, axe);
    await factors.enter('000000', 'Add the app and sign in');
    await expect(factors.code).toHaveAccessibleDescription(/^This code is not right/);
    const app = await factors.scan();
    await factors.enter(app.code(), 'Add the app and sign in');
    await factors.keepCodes();
    await expect(staff.page).toHaveURL('/system');
    await factors.goto();
    await expect(factors.app).toContainText('Staff need a second step here, so it stays.');

    await staff.page.context().clearCookies();
    await new SignInPage(staff.page).goto();
    await new SignInPage(staff.page).submit(staff.account);
    await factors.enter(app.code(), 'Sign in');
    await expect(staff.page).toHaveURL('/start');
  });
});
