// Members, staff accounts and invitations: from the form to the e-mail, the account, and the end of its rights.
import { InvitationPage, linkTo } from '../pages/invitation-page.ts';
import { MembersPage } from '../pages/members-page.ts';
import { SignInPage } from '../pages/sign-in-page.ts';
import { freshId } from '../support/scalekit.ts';
import { signIn } from '../support/signed-in.ts';
import { expect, test } from '../support/test.ts';

const password = 'a passphrase for the browser tests';

function fresh(): string {
  return `colleague.${freshId('a').slice(2)}@people.test`;
}

test('an admin invites a colleague, who makes an account and works until the role and the membership end', async ({ organization, admin, mail, page, axe }) => {
  await organization.withSeats(3);
  const [members, address] = [new MembersPage(admin.page, organization.id), fresh()];
  await admin.settings.goto();
  await admin.page.getByRole('link', { name: 'Members', exact: true }).click();
  await expect(members.heading).toHaveText('Members');
  await members.invite('no address', 'Viewer');
  await expect(members.main).toContainText('This is not an e-mail address.');
  await expect(members.email).toHaveValue('no address');
  await members.invite(admin.account.email, 'Admin');
  await expect(members.main).toContainText('This address belongs to a member already.');
  await axe(admin.page);
  await members.invite(address, 'Admin');
  await expect(members.banners).toContainText('The invitation is on its way.');
  await expect(members.row(address)).toContainText(admin.account.name);
  await axe(admin.page);

  const link = await linkTo(mail, address, `${admin.account.name} invites you to ${organization.name}`);
  const answer = await page.goto(link);
  expect(answer!.headers()['referrer-policy']).toBe('no-referrer');
  const invitation = new InvitationPage(page);
  await expect(invitation.heading).toHaveText(`Join ${organization.name}`);
  await axe(page);
  await invitation.makeAccount('Cleo Colleague', 'password1234');
  await expect(page.getByText(/This password is too easy to guess\. .+/)).toBeVisible();
  await expect(invitation.name).toHaveValue('Cleo Colleague');
  await invitation.makeAccount('Cleo Colleague', password);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(organization.name);

  await members.goto();
  await expect(members.row(address)).toContainText('Cleo Colleague');
  await members.give(address, 'Viewer');
  await expect(members.banners).toContainText('The role was changed.');
  await page.goto(`/organizations/${organization.id}/people`);
  await expect(page, 'the session goes on, with the rights of the new role').toHaveURL(`/organizations/${organization.id}/people`);
  const read = new MembersPage(page, organization.id);
  await read.goto();
  await expect(read.row(address)).toContainText('you');
  await expect(read.send).toHaveCount(0);

  await members.give(admin.account.email, 'Viewer');
  await expect(members.banners).toContainText('This is the last admin of the organization');
  await members.confirm(address, 'Remove …', 'Remove from the organization');
  await expect(members.banners).toContainText('The member was removed.');
  await expect(members.row(address)).toHaveCount(0);
  await page.goto(`/organizations/${organization.id}`);
  await expect(page).toHaveURL(/\/sign-in\?next=/);
  await page.goto(link);
  await expect(page.getByText('This invitation was accepted already.')).toBeVisible();

  await admin.page.goto(`/organizations/${organization.id}/activity`);
  await expect(admin.page.getByRole('main')).toContainText('Invitation accepted');
  await expect(admin.page.getByRole('main')).toContainText('Role in the dashboard changed');
});

test('a person with an account accepts by signing in first, and a person with another address changes nothing', async ({ organization, admin, account, another, mail, page }) => {
  const elsewhere = another();
  await elsewhere;
  const lee = await account('tenant-viewer', elsewhere);
  const members = new MembersPage(admin.page, organization.id);
  await members.goto();
  await members.invite(lee.email, 'Viewer');
  const link = await linkTo(mail, lee.email, `invites you to ${organization.name}`);

  await admin.page.goto(link);
  await expect(admin.page.getByText('You are signed in with another address')).toBeVisible();
  await page.goto(link);
  await page.getByRole('link', { name: 'Sign in' }).click();
  await new SignInPage(page).submit(lee);
  await expect(page).toHaveURL(link);
  await page.getByRole('button', { name: 'Join' }).click();

  await expect(page.getByRole('heading', { level: 1 })).toHaveText(organization.name);
  await members.goto();
  await expect(members.row(lee.email)).toContainText('Viewer');
});

test('an invitation is sent again with a new link, and revoked', async ({ organization, admin, mail, page }) => {
  const [members, address] = [new MembersPage(admin.page, organization.id), fresh()];
  await members.goto();
  await members.invite(address, 'Viewer');
  const subject = `invites you to ${organization.name}`;
  const link = await linkTo(mail, address, subject);

  await members.page.getByRole('button', { name: `Send again: ${address}` }).click();
  await expect(members.banners).toContainText('The invitation is on its way again.');
  await mail.to(address).expectCount(2);
  await page.goto(link);
  await expect(page.getByText('A newer invitation was sent to you.')).toBeVisible();
  await members.page.getByRole('button', { name: `Revoke: ${address}` }).click();
  await expect(members.banners).toContainText('The invitation was revoked.');
  await expect(members.row(address)).toHaveCount(0);
});

test('a staff admin invites to the staff, disables a colleague, and enables the account again', async ({ account, staff, page, mail, axe }) => {
  const boss = await account('staff-admin');
  await signIn(page.context(), boss);
  const [accounts, address] = [new MembersPage(page), fresh()];
  await page.goto('/settings');
  await page.getByRole('link', { name: 'Staff accounts' }).click();
  await expect(accounts.heading).toHaveText('Staff accounts');
  await accounts.invite(address, 'Staff');
  await expect(accounts.banners).toContainText('The invitation is on its way.');
  await mail.to(address).expect('invites you to the staff');

  await accounts.goto(`?search=${encodeURIComponent(staff.account.email)}`);
  await axe(page);
  await accounts.confirm(staff.account.email, 'Disable …', 'Disable the account');
  await expect(accounts.banners).toContainText('The account is disabled.');
  await staff.page.goto('/organizations');
  await expect(staff.page).toHaveURL(/\/sign-in/);
  await new SignInPage(staff.page).submit(staff.account);
  await expect(staff.page.getByText('The e-mail address or the password is wrong.')).toBeVisible();

  await accounts.goto(`?search=${encodeURIComponent(staff.account.email)}`);
  const row = await accounts.open(staff.account.email);
  await row.getByRole('button', { name: 'Enable the account' }).click();
  await expect(accounts.banners).toContainText('The account is enabled.');
  await new SignInPage(staff.page).submit(staff.account);
  await expect(staff.page).toHaveURL(/\/organizations/);
});
