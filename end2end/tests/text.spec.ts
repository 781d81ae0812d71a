// Text from outside, also very long or strange text: it widens no page and stays inside its element. And the printed page.
import { isFit, sizes } from '../support/fit.ts';
import type { Organization } from '../support/organization.ts';
import { deliver, freshId, userCreated } from '../support/scalekit.ts';
import { expect, test } from '../support/test.ts';

const long = 'Gruppe'.repeat(50);

/** Two people whose groups, roles and names are one long word. */
async function joined(organization: Organization, server: string): Promise<void> {
  await organization.withSeats(1);
  const event = userCreated({ ...organization.person('ada@acme.test'), name: long });
  const data = event.data as Record<string, unknown>;
  data.groups = Array.from({ length: 8 }, (_, n) => ({ id: freshId('dirgroup'), name: `${n}${long}` }));
  data.roles = [{ role_name: long }];
  await deliver(server, event, userCreated({ ...organization.person('bob@acme.test'), name: long }));
}

test('groups, roles and names of 300 letters widen nothing, and can be read whole', async ({ organization, admin, axe, baseURL }) => {
  await joined(organization, baseURL!);

  await admin.people.goto();

  const row = admin.people.table.getByRole('row').filter({ hasText: 'ada@acme.test' });
  await expect(row.locator('.person-cell__name bdi')).toHaveAttribute('title', long);
  await expect(row).toContainText('and 3 more');
  await expect(row.getByRole('cell').locator('bdi').nth(0), 'the role').toHaveAttribute('title', long);
  await expect(row.getByRole('cell').locator('bdi').nth(1), 'the first group').toHaveAttribute('title', `0${long}`);
  await isFit(admin.page, axe);
});

test('names of 300 letters do not widen the page of their organization', async ({ organization, staff, axe, baseURL }) => {
  await joined(organization, baseURL!);

  await staff.organization.goto();

  await isFit(staff.page, axe);
});

test('invisible characters are shown, and the right-to-left ones turn nothing around', async ({ organization, admin, baseURL }) => {
  await organization.withSeats(2);
  const person = organization.person('ada@acme.test');
  await deliver(baseURL!, userCreated({ ...person, name: 'Ada\u202e\u200bMallory' }));

  await admin.people.goto();

  const name = admin.people.table.locator('.person-cell__name bdi').first();
  await expect(name).toHaveText('Ada\ufffdMallory');
  await expect(name).toHaveAttribute('title', 'Ada\\u{202e}\\u{200b}Mallory');
});

test('no field of a phone is so small that the browser zooms into it', async ({ staff, page }) => {
  const small = async (of: typeof page) => {
    const sizes = await of.locator('input:not([type=hidden]), textarea, select').evaluateAll((all) =>
      all.map((field) => [field.outerHTML.slice(0, 80), parseFloat(getComputedStyle(field).fontSize)] as const));
    expect(sizes.length, of.url()).toBeGreaterThan(0);
    return sizes.filter(([, size]) => size < 16);
  };
  await page.setViewportSize(sizes[1]);
  await page.goto('/sign-in');
  expect(await small(page)).toEqual([]);
  await staff.page.setViewportSize(sizes[1]);
  for (const view of [staff.organizations, staff.people, staff.limit, staff.deliveries]) {
    await view.goto();
    expect(await small(staff.page)).toEqual([]);
  }
});

test('on paper there is ink on white, and nothing to press', async ({ organization, staff }) => {
  await organization.withSeats(1).joined('ada@acme.test', 'bob@acme.test');
  await staff.page.emulateMedia({ colorScheme: 'dark' });
  await staff.people.goto();
  const ink = () => staff.people.main.evaluate((main) => getComputedStyle(main).color);
  const onScreen = await ink();

  await staff.page.emulateMedia({ colorScheme: 'dark', media: 'print' });

  expect(await ink(), 'dark letters').not.toBe(onScreen);
  await expect(staff.page.getByRole('link', { name: 'Skip to the content' })).toBeHidden();
  await expect(staff.page.getByRole('navigation', { name: 'Sections' })).toBeHidden();
  await expect(staff.page.getByRole('button')).toHaveCount(0);
  await expect(staff.people.table).toBeVisible();
});
