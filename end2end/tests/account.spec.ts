// One's own account: a forgotten password, name, password, e-mail address and sessions.
import type { Email } from 'postal-mime';
import { AccountPage } from '../pages/account-page.ts';
import { SignInPage } from '../pages/sign-in-page.ts';
import { signIn } from '../support/signed-in.ts';
import { expect, test } from '../support/test.ts';

const another = 'another passphrase for the browser tests';

/** The link of an e-mail; the text has it on a line of its own. */
function link(email: Email): string {
  const line = email.text?.split('\n').find((text) => /\/(reset-password|confirm-address)\/[\w-]{43}$/.test(text.trim()));
  expect(line, email.text).toBeDefined();
  return line!.trim();
}

test('a forgotten password is replaced with the link of an e-mail, once', async ({ account, page, mail, axe }) => {
  const tess = await account('tenant-admin');
  const signInPage = new SignInPage(page);
  await signInPage.goto();
  await page.getByRole('link', { name: 'Forgot your password?' }).click();
  await expect(signInPage.heading).toHaveText('Forgot your password?');
  await axe();
  await page.getByLabel('E-mail').fill('no.address');
  await page.getByRole('button', { name: 'Send link' }).click();
  await expect(page.getByLabel('E-mail')).toHaveAccessibleDescription('An e-mail address looks like ada@example.com.');
  await expect(page.getByLabel('E-mail')).toHaveValue('no.address');
  await page.getByLabel('E-mail').fill(tess.email);
  await page.getByRole('button', { name: 'Send link' }).click();
  await expect(signInPage.heading).toHaveText('Look into your mailbox');

  const reset = link(await mail.to(tess.email).expect('Set a new password'));
  const answer = await page.goto(reset);
  expect(answer?.headers()['referrer-policy']).toBe('no-referrer');
  await expect(signInPage.heading).toHaveText('Set a new password');
  await axe();
  await page.getByLabel('New password').fill('password1234');
  await page.getByRole('button', { name: 'Set password' }).click();
  await expect(page.getByLabel('New password')).toHaveAccessibleDescription(/too easy to guess. .*common password/);
  await page.getByLabel('New password').fill(another);
  await page.getByRole('button', { name: 'Set password' }).click();
  await expect(page).toHaveURL('/sign-in?told=password');
  await expect(page.getByRole('status')).toContainText('Your password was set.');
  await signInPage.submit({ ...tess, password: another });
  await expect(page).toHaveURL(/\/organizations\//);
  await mail.to(tess.email).expect('password was changed');
});

test('a link that was used, and one that never was, say so', async ({ account, page, mail, complaints }) => {
  complaints.accept(/404 \(Not Found\)/);
  const tess = await account('tenant-admin');
  await page.request.post('/api/ask_for_reset', { form: { email: tess.email } });
  const reset = link(await mail.to(tess.email).expect('Set a new password'));
  const form = { token: reset.split('/').pop()!, password: another };
  expect((await page.request.post('/api/reset_password', { form })).ok()).toBe(true);

  for (const address of [reset, '/reset-password/unknown', '/confirm-address/unknown']) {
    const answer = await page.goto(address);
    expect(answer?.status()).toBe(404);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('This link does not work any more');
  }
  await page.goto(reset);
  await page.getByRole('link', { name: 'Ask for a new link' }).click();
  await expect(page).toHaveURL('/reset-password');
});

test('an unknown address gets the same answer', async ({ page }) => {
  await page.goto('/reset-password');
  await page.getByLabel('E-mail').fill('unknown@people.test');
  await page.getByRole('button', { name: 'Send link' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Look into your mailbox');
  expect(page.url(), 'addresses are logged').not.toContain('unknown');
});

test('the name leads to the account, where it is changed', async ({ admin, axe }) => {
  const { page } = admin;
  const own = new AccountPage(page);
  await admin.organization.goto();
  await page.getByRole('link', { name: admin.account.name }).click();
  await expect(own.heading).toHaveText('Your account');
  await axe(page);

  await own.rename(' ');
  await expect(own.name.getByLabel('Name', { exact: true })).toHaveAccessibleDescription(/A name has 1 to 200 characters./);
  await own.rename('Tess Tamarind');

  await expect(own.banners).toContainText('Saved.');
  await expect(page.getByRole('link', { name: 'Tess Tamarind' })).toBeVisible();
});

test('a new password ends the other sessions and keeps this one', async ({ admin, browser, page }) => {
  const own = new AccountPage(admin.page);
  const elsewhere = await browser.newContext();
  await signIn(elsewhere, admin.account);
  const other = await elsewhere.newPage();
  await own.goto();
  await own.changePassword('not her passphrase', another);
  await expect(own.password.getByLabel('Present password')).toHaveAccessibleDescription('This is not your present password.');
  await own.changePassword(admin.account.password, 'short');
  await expect(own.password.getByLabel('New password')).toHaveAccessibleDescription(/A password has at least 12 characters/);

  await own.changePassword(admin.account.password, another);

  await expect(own.banners).toContainText('Your password was changed.');
  await other.goto('/account');
  await expect(other).toHaveURL('/sign-in?next=%2Faccount');
  await own.goto();
  await expect(own.heading).toHaveText('Your account');
  const signInPage = new SignInPage(page);
  await signInPage.goto();
  await signInPage.submit({ ...admin.account, password: another });
  await expect(page).toHaveURL(/\/organizations\//);
  await elsewhere.close();
});

test('a new address counts when its link was used, and the old one is told', async ({ admin, mail, page, axe }) => {
  const own = new AccountPage(admin.page);
  const fresh = `new.${admin.account.email}`;
  await own.goto();
  await own.changeAddress(fresh, 'not her passphrase');
  await expect(own.address.getByLabel('Present password')).toHaveAccessibleDescription('This is not your present password.');
  await expect(own.address.getByLabel('New e-mail address')).toHaveValue(fresh);
  await own.changeAddress(fresh, admin.account.password);
  await expect(own.banners).toContainText('Look into the mailbox of the new address.');
  await expect(own.address).toContainText(`A link was sent to ${fresh}`);

  // in another browser, without a session
  const confirm = link(await mail.to(fresh).expect('Confirm your e-mail address'));
  const answer = await page.goto(confirm);
  expect(answer?.headers()['referrer-policy']).toBe('no-referrer');
  await axe();
  await page.getByRole('button', { name: 'Use this address' }).click();

  await expect(page).toHaveURL('/sign-in?told=address');
  await mail.to(admin.account.email).expect('was changed');
  await own.goto();
  await expect(own.page.getByText(`Signed in as ${fresh}.`)).toBeVisible();
  const signInPage = new SignInPage(page);
  await signInPage.submit({ ...admin.account, email: fresh });
  await expect(page).toHaveURL(/\/organizations\//);
});

test('of two sessions one is ended, and its next click leads to the sign-in', async ({ admin, browser }) => {
  const own = new AccountPage(admin.page);
  const elsewhere = await browser.newContext();
  await signIn(elsewhere, admin.account);
  const other = await elsewhere.newPage();
  await other.goto('/account');
  await expect(other.getByRole('heading', { level: 1 })).toHaveText('Your account');
  await own.goto();
  const rows = own.sessions.getByRole('row');
  await expect(rows).toHaveCount(3);
  await expect(rows.nth(1)).toContainText('This browser');

  await rows.nth(2).getByRole('button').click();

  await expect(own.banners).toContainText('The session has ended.');
  await expect(rows).toHaveCount(2);
  await other.goto('/account');
  await expect(other).toHaveURL('/sign-in?next=%2Faccount');
  await signIn(elsewhere, admin.account);
  await own.goto();
  await own.sessions.getByRole('button', { name: 'End all other sessions' }).click();
  await expect(own.banners).toContainText('Your other sessions have ended.');
  await other.goto('/account');
  await expect(other).toHaveURL('/sign-in?next=%2Faccount');
  await elsewhere.close();
});
