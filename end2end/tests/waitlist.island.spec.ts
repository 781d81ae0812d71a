// The boxes of the waitlist while the page is open.
import { expect, test } from '../support/test.ts';

test('the chosen people are counted, and stay chosen while the list changes', async ({ organization, staff }) => {
  await organization.withSeats(0).joined('ann@acme.test', 'bob@acme.test');
  await staff.waitlist.gotoLive();
  const page = staff.page.getByRole('checkbox', { name: /Choose this page|chosen/ });
  await expect(page).toBeVisible();

  await staff.waitlist.choose('Bob');
  await expect(staff.waitlist.main).toContainText('1 chosen');
  await organization.joined('cleo@acme.test');
  await expect(staff.waitlist.names).toContainText(['Ann', 'Bob', 'Cleo']);
  await expect(staff.page.getByRole('checkbox', { name: 'Choose Bob' })).toBeChecked();

  await page.check();
  await expect(staff.waitlist.main).toContainText('3 chosen');
  await page.uncheck();
  await expect(staff.page.getByRole('checkbox', { name: 'Choose Bob' })).not.toBeChecked();
});
