// The settings of the installation: staff admins alone change them.
import { expect, test } from '../support/test.ts';
import { signIn } from '../support/signed-in.ts';

test('a staff admin changes a setting, and a wrong value is kept beside its field', async ({ page, context, account, seatkeeper }) => {
  await signIn(context, await account('staff-admin'));
  await page.goto('/');
  await page.getByRole('link', { name: 'Settings' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Settings' })).toBeVisible();
  await expect(page.locator('.description-list__entry').filter({ hasText: 'Webhook secrets' })).toHaveText('Webhook secrets1');

  const hour = page.getByRole('textbox', { name: 'Hour' });
  await hour.fill('24');
  await page.getByRole('button', { name: 'Save “Hour”' }).click();
  await expect(page.getByText('This takes a whole number from 0 to 23.')).toBeVisible();
  await expect(hour).toHaveValue('24');
  await expect(hour).toHaveAttribute('aria-invalid', 'true');

  const before = await value();
  const next = String((Number(before) + 1) % 24);
  await hour.fill(next);
  await page.getByRole('button', { name: 'Save “Hour”' }).click();
  await expect(page.getByText('“Resyncs: Hour” was saved.')).toBeVisible();
  await expect(hour).toHaveValue(next);
  expect(await value()).toBe(next);

  await page.goto('/activity?action=change_setting');
  await expect(page.getByRole('row', { name: /Setting changed/ }).first()).toContainText(`${before}`);

  async function value(): Promise<string> {
    const { stdout } = await seatkeeper.run(['setting', 'list', '--json']);
    const rows = JSON.parse(stdout) as { name: string; value: string }[];
    return rows.find((row) => row.name === 'resync_hour')!.value;
  }
});

test('staff who are no admins have no settings', async ({ staff, complaints }) => {
  complaints.accept(/404 \(Not Found\)/);
  await staff.organizations.goto();
  await expect(staff.page.getByRole('link', { name: 'Settings', exact: true })).toHaveCount(0);

  const answer = await staff.page.goto('/settings');

  expect(answer!.status()).toBe(404);
});
