// API keys: from the form to a call of the API, and to the end of the key.
import type { Page } from '@playwright/test';
import { isFit } from '../support/fit.ts';
import { freshId } from '../support/scalekit.ts';
import { signIn } from '../support/signed-in.ts';
import { expect, test } from '../support/test.ts';

/** The key that the page shows once; then the page goes on. */
async function keep(page: Page): Promise<string> {
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Your new API key');
  const key = await page.getByRole('region', { name: 'API key' }).locator('code').innerText();
  expect(key).toMatch(/^sk_[\w-]{48}$/);
  expect(page.url(), 'an address holds no key').not.toContain(key);
  await page.getByRole('link', { name: 'I have kept it' }).click();
  await expect(page).toHaveURL('/settings/api-keys');
  return key;
}

test('a key is shown once, opens the API, is replaced with an overlap, and opens nothing once it is revoked', async ({ organization, account, page, context, request, axe }) => {
  await signIn(context, await account('staff-admin'));
  const name = `Billing ${freshId('k')}`;
  const rows = page.getByRole('region', { name: 'API keys' }).getByRole('row').filter({ hasText: name });
  const banners = page.getByRole('status');
  const status = async (key: string) => (await request.get(`/api/v1/organizations/${organization.id}`, { headers: { authorization: `Bearer ${key}` } })).status();

  await page.goto('/settings');
  await page.getByRole('link', { name: 'API keys' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('API keys');
  await page.getByRole('main').getByRole('textbox', { name: 'Name' }).fill(name);
  const life = page.getByRole('main').getByRole('combobox', { name: 'Works for' });
  const named = page.getByRole('main').getByRole('combobox', { name: 'Organization' });
  const make = page.getByRole('button', { name: 'Make the key' });
  await expect(page.getByRole('radio', { name: /^One organization/ }), 'a new form offers the least').toBeChecked();
  await expect(life).toHaveValue('90');
  await make.click();
  await expect(named, 'an empty field is no choice').toHaveAccessibleDescription(/^Name the organization, or choose all of them\./);
  await expect(page.locator('datalist option'), 'the browser offers names').not.toHaveCount(0);
  await page.getByRole('radio', { name: /^All organizations/ }).check();
  await named.fill(organization.id);
  await make.click();
  await expect(named).toHaveAccessibleDescription(/^All organizations are chosen, and one is named\./);
  await expect(page.getByRole('radio', { name: /^All organizations/ }), 'what was chosen is kept').toBeChecked();
  await page.getByRole('radio', { name: /^One organization/ }).check();
  await named.fill('org_nowhere');
  await page.getByRole('checkbox', { name: /^Import/ }).check();
  await life.selectOption('30 days');
  await make.click();
  await expect(named).toHaveAccessibleDescription(/^There is no such organization\./);
  await expect(life).toHaveValue('30');
  await expect(page.getByRole('main').getByRole('textbox', { name: 'Name' }), 'what was typed is kept').toHaveValue(name);
  await expect(page.getByRole('checkbox', { name: /^Import/ })).toBeChecked();
  await isFit(page, axe);
  await page.getByRole('checkbox', { name: /^Import/ }).uncheck();
  await named.fill(organization.id);
  await make.click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Your new API key');
  await isFit(page, axe);
  const first = await keep(page);

  await expect(rows).toContainText('Works');
  await expect(rows).toContainText('until');
  expect(await status(first)).toBe(200);
  await page.goto('/settings/api-keys/made');
  await expect(page.getByRole('main')).toContainText('It was shown once, when it was made.');
  await expect(page.getByText(first)).toHaveCount(0);
  await page.goto('/settings/api-keys');
  await expect(page.getByText(first)).toHaveCount(0);
  await isFit(page, axe);

  await rows.getByText('Change', { exact: true }).click();
  await rows.getByText('Rotate …').click();
  await rows.getByRole('textbox', { name: 'Hours that the old key still works' }).fill('9999');
  await rows.getByRole('button', { name: 'Rotate the key' }).click();
  await expect(rows.getByRole('textbox', { name: 'Hours that the old key still works' })).toHaveAccessibleDescription(/^The old key works for 0 to 720 more hours\./);
  await rows.getByRole('textbox', { name: 'Hours that the old key still works' }).fill('2');
  await rows.getByRole('button', { name: 'Rotate the key' }).click();
  await expect(page.getByRole('main')).toContainText('The old key works until');
  const second = await keep(page);
  expect(second).not.toBe(first);
  expect([await status(first), await status(second)]).toEqual([200, 200]);
  await expect(rows).toHaveCount(2);
  await expect(rows.last()).toContainText('Replaced');

  for (const row of [rows.first(), rows.last()]) {
    await row.getByText('Change', { exact: true }).click();
    await row.getByText('Revoke …').click();
    await row.getByRole('button', { name: 'Revoke the key' }).click();
    await expect(banners).toContainText('The key was revoked.');
    await expect(row, 'the banner may be that of the row before').toContainText('Revoked');
  }
  expect([await status(first), await status(second)]).toEqual([401, 401]);
  await expect(rows.filter({ hasText: 'Revoked' })).toHaveCount(2);
  await page.goto(`/organizations/${organization.id}/activity`);
  await expect(page.getByRole('main')).toContainText('API key revoked');
  await expect(page.getByRole('main'), 'the audit log has no key').not.toContainText(second);
});

test('a key for all organizations without an end says so in words', async ({ account, page, context }) => {
  await signIn(context, await account('staff-admin'));
  const name = `Reports ${freshId('k')}`;
  const row = page.getByRole('region', { name: 'API keys' }).getByRole('row').filter({ hasText: name });
  await page.goto('/settings/api-keys');
  await page.getByRole('main').getByRole('textbox', { name: 'Name' }).fill(name);
  await page.getByRole('radio', { name: /^All organizations/ }).check();
  await page.getByRole('main').getByRole('combobox', { name: 'Works for' }).selectOption('No end');
  await page.getByRole('button', { name: 'Make the key' }).click();
  await keep(page);

  await expect(row).toContainText('All organizations');
  await expect(row).toContainText('No end');
  await row.getByText('Change', { exact: true }).click();
  await row.getByText('Revoke …').click();
  await row.getByRole('button', { name: 'Revoke the key' }).click();
  await expect(row).toContainText('Revoked');
});

test('staff who are no admins have no keys', async ({ staff, complaints }) => {
  complaints.accept(/404 \(Not Found\)/);
  for (const path of ['/settings/api-keys', '/settings/api-keys/made', '/settings/webhook-endpoints']) {
    expect((await staff.page.goto(path))!.status(), path).toBe(404);
  }
});
