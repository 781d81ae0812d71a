// Staff see an organization as its admin does: with a reason, for some minutes, and only to read.
import { expect, test } from '../support/test.ts';

test('staff see what an admin sees, change nothing, and end it', async ({ organization, staff, admin, another, axe, complaints }) => {
  complaints.accept(/40[34] \((Not Found|Forbidden)\)/);
  const other = another();
  await other;
  await organization.withSeats(1);
  await organization.joined('ada@acme.test', 'bob@acme.test');
  const bar = staff.page.getByRole('region', { name: 'View as a tenant admin' });

  await staff.organization.goto();
  await staff.page.getByRole('link', { name: 'View as a tenant admin' }).click();
  await axe(staff.page);
  await staff.page.getByRole('textbox', { name: 'Reason' }).fill('Ticket 4711');
  await staff.page.getByRole('textbox', { name: 'Minutes' }).fill('90');
  await staff.page.getByRole('button', { name: 'View as a tenant admin' }).click();
  await expect(staff.page.getByText('A view lasts 1 to 60 minutes.')).toBeVisible();
  await expect(staff.page.getByRole('textbox', { name: 'Reason' })).toHaveValue('Ticket 4711');
  await staff.page.getByRole('textbox', { name: 'Minutes' }).fill('30');
  await staff.page.getByRole('button', { name: 'View as a tenant admin' }).click();

  await expect(bar).toContainText(`You see ${organization.name} as its admin, and only read.`);
  await expect(bar).toContainText('Reason: Ticket 4711. 30 minutes left.');
  await expect(staff.page.getByRole('link', { name: 'Ask for seats' })).toBeVisible();
  await expect(staff.page.getByRole('link', { name: 'Raise the limit' })).toHaveCount(0);
  const menu = staff.page.getByRole('navigation', { name: 'Sections' });
  await expect(menu.getByRole('link', { name: 'Webhooks' })).toHaveCount(0);
  await axe(staff.page);
  for (const [path, status] of [['/system', 404], [`/organizations/${other.id}`, 404], ['/account', 403]] as const) {
    expect((await staff.page.goto(path))!.status(), path).toBe(status);
  }

  await staff.page.goto(`${staff.organization.path}/requests/new`);
  await staff.page.getByLabel('What for').fill('A form of the admin');
  await staff.page.getByRole('button', { name: 'Ask for seats' }).click();
  await expect(staff.page.getByText('You see this organization as its admin, and can only read.', { exact: false }).first()).toBeVisible();
  await staff.organization.goto();
  await bar.getByRole('button', { name: 'End' }).click();

  await expect(bar).toHaveCount(0);
  await expect(menu.getByText('All organizations')).toBeVisible();
  await admin.page.goto(`${admin.organization.path}/activity`);
  await expect(admin.page.getByRole('row', { name: /View as a tenant admin begun/ })).toContainText(staff.account.name);
  await expect(admin.page.getByText('Ticket 4711')).toHaveCount(0);
});
