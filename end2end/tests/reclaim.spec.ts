// Seats that seem unused. A seat of a test is new, so no person is suggested here: the stories and the served tests have those lists.
import { signIn } from '../support/signed-in.ts';
import { expect, test } from '../support/test.ts';

test('usage signals are imported, and the page says what they mean', async ({ organization, admin, seatkeeper }) => {
  await organization.withSeats(2).joined('ada@acme.test', 'bob@acme.test');
  const { page } = admin;
  await admin.people.goto();
  await admin.page.getByRole('link', { name: 'Seem unused' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Seats that seem unused');
  await expect(admin.people.main).toContainText('The product has sent no usage signals yet');
  await expect(admin.people.main).toContainText('Not enough is known');

  const now = new Date().toISOString();
  const lines = `user,last_used_at\nada@acme.test,${now}\nzoe@acme.test,${now}\n`;
  const imported = await seatkeeper.run(['usage-signals', 'import', organization.id, '-'], lines);
  expect(imported.code).toBe(1);
  expect(imported.stderr).toContain('Line 3: No person of this organization has this id');
  expect(imported.stderr).toContain('1 recorded, 0 known already, 1 refused.');

  await page.reload();
  await expect(admin.people.main).toContainText('it is too early to say who never used the product');
  await expect(admin.people.main).toContainText('Every seat seems to be used');
  await page.goto(`${admin.organization.path}/activity`);
  await expect(admin.organization.row('Usage signals imported')).toContainText('1 recorded');
});

test('a seat that is kept is listed with the reader’s way back, and a viewer only reads', async ({ organization, admin, account, context, page }) => {
  await organization.withSeats(2).joined('ada@acme.test');
  const form = { id: organization.id, user: organization.person('ada@acme.test').id };
  expect((await admin.page.request.post('/api/ignore_suggestion', { form })).ok()).toBe(true);
  const kept = `${admin.organization.path}/reclaim?show=kept`;

  await signIn(context, await account('tenant-viewer'));
  await page.goto(kept);
  const seats = page.getByRole('region', { name: 'Seats that seem unused' });
  await expect(seats.getByRole('rowheader')).toContainText(['Ada']);
  await expect(page.getByRole('button', { name: /Suggest again/ })).toHaveCount(0);

  await admin.page.goto(kept);
  await expect(admin.people.main).toContainText(admin.account.name);
  await admin.page.getByRole('button', { name: 'Suggest again: Ada' }).click();
  await expect(admin.organization.banners).toContainText('Undone.');
  await expect(admin.people.main).toContainText('No suggestion is ignored');
});
