// The other windows of the browser follow a view at once.
import { expect, test } from '../support/test.ts';

test('a second window shows the pages of the admin, and then those of staff again', async ({ organization, staff, complaints }) => {
  complaints.accept(/404 \(Not Found\)/);
  await organization.withSeats(2);
  const second = await staff.page.context().newPage();
  await second.goto(staff.organization.path);
  await expect(second.getByText('Live', { exact: true })).toBeVisible();
  const bar = second.getByRole('region', { name: 'View as a tenant admin' });

  await staff.page.goto(`${staff.organization.path}/view-as`);
  await staff.page.getByRole('textbox', { name: 'Reason' }).fill('Ticket 4711');
  await staff.page.getByRole('button', { name: 'View as a tenant admin' }).click();

  await expect(bar).toContainText('Ticket 4711', { timeout: 20_000 });
  await staff.page.getByRole('button', { name: 'End' }).click();
  await expect(bar).toHaveCount(0, { timeout: 20_000 });
});
