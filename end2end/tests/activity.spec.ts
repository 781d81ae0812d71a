// Who changed what: the audit log, for staff and for the people of an organization.
import { expect, test } from '../support/test.ts';

test('a change of the limit is in the activity, with its person, both values and the reason', async ({ organization, staff }) => {
  await organization.withSeats(3);
  await staff.limit.goto();
  await staff.limit.preview('8', 'five more, as agreed');
  await staff.limit.save.click();
  await expect(staff.organization.banners).toContainText('Saved.');

  await staff.page.getByRole('navigation', { name: 'Sections' }).getByRole('link', { name: 'Activity' }).last().click();

  await expect(staff.page).toHaveURL(`${staff.organization.path}/activity`);
  await expect(staff.page.getByRole('heading', { level: 1 })).toHaveText('Activity');
  const row = staff.organization.row('five more, as agreed');
  await expect(row).toContainText('Seat limit changed');
  await expect(row).toContainText('3 seats → 8 seats');
  await expect(row).toContainText(staff.account.name);
  await expect(row).toContainText('from 127.0.0.1');
  await expect(row).toContainText(/req_/);
});

test('the activity is filtered, and the filters are in the address', async ({ organization, staff }) => {
  await organization.withSeats(3);
  await staff.page.goto(`${staff.organization.path}/activity`);
  await expect(staff.organization.row('Organization added')).toBeVisible();

  await staff.page.getByRole('combobox', { name: 'What' }).selectOption({ label: 'Resync started' });
  await staff.page.getByRole('button', { name: 'Filter' }).click();
  await expect(staff.page).toHaveURL(/action=start_resync/);
  await expect(staff.page.getByText('No entry matches')).toBeVisible();
  await expect(staff.page.getByRole('combobox', { name: 'What' })).toHaveValue('start_resync');

  await staff.page.getByRole('main').getByRole('link', { name: 'Show everything' }).first().click();
  await expect(staff.organization.row('Organization added')).toBeVisible();
  await staff.page.getByLabel('To (UTC)').fill('2026-01-01');
  await staff.page.getByRole('button', { name: 'Filter' }).click();
  await expect(staff.page.getByText('No entry matches')).toBeVisible();
  await expect(staff.page.getByLabel('To (UTC)')).toHaveValue('2026-01-01');
});

test('a tenant reads what was done in their organization, without the notes of staff', async ({ organization, staff, admin, complaints }) => {
  complaints.accept(/404 \(Not Found\)/);
  await organization.withSeats(3);
  await staff.limit.goto();
  await staff.limit.preview('4', 'they pay late');
  await staff.limit.save.click();
  await expect(staff.organization.banners).toContainText('Saved.');

  await admin.organization.goto();
  await admin.page.getByRole('navigation', { name: 'Sections' }).getByRole('link', { name: 'Activity' }).click();
  const row = admin.organization.row('Seat limit changed').filter({ hasText: '4 seats' });
  await expect(row).toContainText(staff.account.name);
  await expect(admin.organization.main).not.toContainText('they pay late');
  await expect(admin.organization.main).not.toContainText('127.0.0.1');

  expect((await admin.page.goto('/activity'))!.status()).toBe(404);
});
