// Single sign-on by OpenID Connect, with a provider that is not ours: the round trip, what requiring it means, a role that goes
// with its group, and new keys.
import { AccountPage } from '../pages/account-page.ts';
import { SignInPage } from '../pages/sign-in-page.ts';
import { SignOnPage, signInThere } from '../pages/sign-on-page.ts';
import { IdentityProvider } from '../support/identity-provider.ts';
import { freshId } from '../support/scalekit.ts';
import { expect, test as base } from '../support/test.ts';

const test = base.extend<{ provider: IdentityProvider }>({
  provider: async ({}, use) => {
    const provider = await IdentityProvider.open();
    await use(provider);
    await provider.close();
  },
});

/** A domain that no other test has. */
const freshDomain = () => `${freshId('acme').replace('_', '-')}.test`;

test('an admin sets a provider up, connects the account, and signs in without a password', async ({ organization, admin, provider, page, axe, complaints }) => {
  complaints.accept(/422/);
  const settings = new SignOnPage(admin.page, organization.id);
  await admin.settings.goto();
  await admin.page.getByRole('link', { name: 'Single sign-on' }).click();
  await expect(settings.heading).toHaveText('Single sign-on');
  await settings.issuer.fill('http://acme.test');
  await settings.save.click();
  await expect(settings.issuer).toHaveAccessibleDescription(/^An issuer is an https address/);
  await expect(settings.issuer).toHaveValue('http://acme.test');
  await axe(admin.page);
  await settings.enter(provider);
  await settings.tryIt.click();
  await expect(settings.banners).toContainText('The provider answers.');
  await expect(settings.secret).toBeEmpty();
  expect(await admin.page.content()).not.toContain(provider.clientSecret);
  await axe(admin.page);
  await settings.require.click();
  await expect(settings.banners).toContainText('No admin of this organization has signed in with this provider yet.');

  const account = new AccountPage(admin.page);
  await account.goto();
  await account.signOn.getByRole('button', { name: 'Connect' }).click();
  await signInThere(admin.page, 'olga@identity.test');
  await expect(account.banners).toContainText('Your account is connected.');
  await expect(account.signOn).toContainText(`${provider.issuer} was not used yet.`);
  await axe(admin.page);

  await page.goto(`/sign-in/sso?organization=${organization.id}`);
  await signInThere(page, 'olga@identity.test');
  await expect(page).toHaveURL(`/organizations/${organization.id}`);
  await page.goto('/account');
  await expect(page.getByRole('main')).toContainText(`Signed in as ${admin.account.email}.`);

  await account.goto();
  await account.signOn.getByRole('button', { name: 'Disconnect' }).click();
  await expect(account.banners).toContainText('Your account is disconnected.');
});

test('an address leads to the provider, and a first sign-in makes an account', async ({ organization, admin, staff, provider, page, axe, complaints }) => {
  complaints.accept(/422/);
  const [domain, email] = [freshDomain(), 'olga'];
  await new SignOnPage(admin.page, organization.id).enter(provider, true);
  await new SignOnPage(staff.page, organization.id).setDomains(domain);
  await new SignInPage(page).goto();
  await page.getByRole('link', { name: 'Sign in with single sign-on' }).click();
  const address = page.getByRole('textbox', { name: 'E-mail' });
  await address.fill(`${email}@nowhere.test`);
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(address).toHaveAccessibleDescription(/^No single sign-on is set up for this address\./);
  await expect(address).toHaveValue(`${email}@nowhere.test`);
  await axe(page);

  await address.fill(`${email}@${domain}`);
  await page.getByRole('button', { name: 'Continue' }).click();
  await signInThere(page, `${email}@${domain}`);

  await expect(page).toHaveURL(`/organizations/${organization.id}`);
  await admin.page.goto(`/organizations/${organization.id}/members`);
  await expect(admin.page.getByRole('row').filter({ hasText: `${email}@${domain}` })).toContainText('Olga Okta');
  await page.goto('/account');
  await expect(page.getByRole('main')).toContainText(`Signed in as ${email}@${domain}.`);
});

test('a required sign-on refuses the right password, and staff can switch it off', async ({ organization, admin, staff, account, provider, page, browser }) => {
  const domain = freshDomain();
  const settings = new SignOnPage(admin.page, organization.id);
  await settings.enter(provider);
  const ownPage = new AccountPage(admin.page);
  await ownPage.goto();
  await ownPage.signOn.getByRole('button', { name: 'Connect' }).click();
  await signInThere(admin.page, `boss@${domain}`);
  await expect(ownPage.banners).toContainText('Your account is connected.');
  await page.goto(`/sign-in/sso?organization=${organization.id}`);
  await signInThere(page, `boss@${domain}`);
  await expect(page).toHaveURL(`/organizations/${organization.id}`);

  await settings.goto();
  await settings.require.click();
  await expect(admin.page).toHaveURL(/\/sign-in/);
  await page.goto(`/organizations/${organization.id}/single-sign-on`);
  await expect(page.getByRole('main')).toContainText('Required: a password signs no person in.');

  const signIn = new SignInPage(admin.page);
  await signIn.goto();
  await signIn.submit({ ...admin.account, password: 'not her passphrase' });
  await expect(admin.page.getByRole('alert')).toHaveText('The e-mail address or the password is wrong.');
  await signIn.submit(admin.account);
  await expect(admin.page.getByRole('alert')).toHaveText(/^Your organization requires single sign-on\./);

  const ofStaff = new SignOnPage(staff.page, organization.id);
  await ofStaff.goto();
  await staff.page.getByRole('button', { name: 'Stop requiring it' }).click();
  await expect(ofStaff.banners).toContainText('Single sign-on is not required any more.');
  await signIn.submit(admin.account);
  await expect(admin.page).toHaveURL(/\/organizations\//);
  await staff.page.goto(`/organizations/${organization.id}/activity`);
  await expect(staff.page.getByRole('main')).toContainText('Single sign-on required or not');
});

test('a group makes a person an admin who signs in at the provider, and leaving it takes that away', async ({ organization, admin, provider, page }) => {
  const email = `olga@${freshDomain()}`;
  await organization.withSeats(5).joined(email).inGroups(email, 'Crew');
  await new SignOnPage(admin.page, organization.id).enter(provider, true);
  const crew = organization.group('Crew');
  await admin.page.goto(`/organizations/${organization.id}/roles?group=${crew.id}`);
  await admin.page.getByRole('combobox', { name: 'Role in this dashboard' }).selectOption('Admin');
  await admin.page.getByRole('button', { name: 'Preview' }).click();
  await admin.page.getByRole('button', { name: 'Save the roles' }).click();

  await page.goto(`/sign-in/sso?organization=${organization.id}`);
  await signInThere(page, email);
  await expect(page).toHaveURL(`/organizations/${organization.id}`);
  await page.goto(`/organizations/${organization.id}/single-sign-on`);
  await expect(page.getByRole('button', { name: 'Save provider' })).toBeVisible();

  await organization.inGroups(email);
  await page.goto(`/organizations/${organization.id}`);
  await expect(page).toHaveURL(/\/sign-in/);
  await page.goto(`/sign-in/sso?organization=${organization.id}`);
  await expect(page.getByRole('textbox', { name: 'E-mail' })).toHaveAccessibleDescription(/^You have no account here yet\./);
});

test('a provider that signs with a new key of another kind is believed', async ({ organization, admin, staff, provider, browser }) => {
  const domain = freshDomain();
  await new SignOnPage(admin.page, organization.id).enter(provider, true);
  await new SignOnPage(staff.page, organization.id).setDomains(domain);
  for (const alg of ['RS256', 'ES256'] as const) {
    provider.rotate(alg);
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`/sign-in/sso?organization=${organization.id}`);
    await signInThere(page, `${alg.toLowerCase()}@${domain}`);
    await expect(page, alg).toHaveURL(`/organizations/${organization.id}`);
    await context.close();
  }
});
