// The webhook inspector: deliveries, their outcomes, and the replay of dead letters. For staff only.
import type { Page } from '@playwright/test';
import { isFit } from '../support/fit.ts';
import { freshId, post, userCreated, userDeleted, type Event } from '../support/scalekit.ts';
import { expect, test } from '../support/test.ts';

test('staff see the deliveries with their outcomes, and filter them', async ({ organization, staff }) => {
  await organization.withSeats(1).joined('ada@acme.test', 'nina@acme.test');
  await organization.left('ada@acme.test');

  await staff.organization.goto();
  await staff.page.getByRole('link', { name: 'Webhooks of this organization' }).click();

  await expect(staff.page).toHaveURL(`/deliveries?organization=${organization.id}`);
  await expect(staff.deliveries.names).toHaveText([/user_deleted/, /user_created/, /user_created/]);
  await expect(staff.deliveries.table.getByRole('row').nth(1)).toContainText('Removed');
  await outcome(staff.page, 'Blocked').click();
  await expect(staff.page).toHaveURL(`/deliveries?show=blocked&organization=${organization.id}`);
  await expect(staff.deliveries.names).toHaveCount(1);
  await expect(outcome(staff.page, 'Blocked')).toHaveAttribute('aria-current', 'true');
  await outcome(staff.page, 'All').click();
  await staff.page.getByRole('combobox', { name: 'Type of event' }).fill('organization.directory.user_deleted');
  await staff.page.getByRole('button', { name: 'Search' }).click();
  await expect(staff.deliveries.names).toHaveText([/user_deleted/]);
  await staff.page.getByRole('link', { name: 'Show all' }).click();
  await expect(staff.page).toHaveURL('/deliveries');
});

test('a webhook is found by its id and shown in full', async ({ organization, staff, baseURL }) => {
  await organization.withSeats(1).joined('ada@acme.test');
  const event = userCreated(organization.person('nina.late@acme.test'));
  const id = freshId('msg');
  for (let n = 0; n < 2; n += 1) await post(baseURL!, event, { id });

  await staff.deliveries.goto();
  await staff.deliveries.find(event.id);
  await expect(staff.deliveries.names).toHaveCount(2);
  await staff.deliveries.table.getByRole('row').filter({ hasText: 'Blocked' }).getByRole('link', { name: 'user_created' }).click();

  const page = staff.deliveries;
  await expect(page.heading).toHaveText('organization.directory.user_created');
  await expect(page.main).toContainText('was put on the waitlist');
  await expect(page.main).toContainText('has to wait');
  await expect(page.main).not.toContainText('Nina Late');
  await staff.page.getByRole('button', { name: 'Show personal data' }).click();
  await expect(page.main).toContainText('Nina Late has to wait');
  await expect(page.main.getByRole('definition').getByRole('link', { name: organization.name })).toBeVisible();
  await expect(staff.page.getByRole('region', { name: 'Webhooks' }).getByRole('rowheader')).toHaveCount(1);
  await expect(page.row('Duplicate')).toHaveCount(1);
});

test('personal data are hidden until a person reveals them, and the history records it', async ({ organization, staff }) => {
  await organization.withSeats(1).joined('ada.lovelace@acme.test');
  await staff.deliveries.goto(`?organization=${organization.id}`);
  await staff.deliveries.names.getByRole('link').click();
  const body = staff.page.getByRole('region', { name: 'Body' });
  await expect(body).toContainText('"email": "•••"');
  await expect(body).toContainText(organization.id);
  await expect(body).not.toContainText('ada.lovelace');

  await staff.page.getByRole('button', { name: 'Show personal data' }).click();

  await expect(body).toContainText('"email": "ada.lovelace@acme.test"');
  await expect(staff.deliveries.row('looked at the personal data')).toHaveCount(1);
});

test('a dead letter says why, is replayed, and says why it is still dead', async ({ organization, staff, baseURL }) => {
  const event = dead(organization.id);
  await post(baseURL!, event);
  await staff.deliveries.goto(`?show=dead&organization=${organization.id}`);
  await expect(staff.deliveries.names).toHaveCount(1);
  await staff.deliveries.names.getByRole('link').click();
  await expect(staff.deliveries.banners).toContainText('This webhook could not be processed.');
  await expect(staff.deliveries.banners).toContainText('The user has neither an id nor an e-mail address.');

  await staff.page.getByRole('button', { name: 'Replay' }).click();

  await expect(staff.deliveries.row('replayed it: still dead')).toHaveCount(1);
});

test('a dead letter is processed once its cause is gone', async ({ organization, staff, baseURL }) => {
  await organization.withSeats(5).joined('ada@acme.test');
  const duplicate = { ...organization.person('ada@acme.test'), id: freshId('diruser') };
  const { id: _, ...nameless } = userDeleted(duplicate).data as Record<string, unknown>;
  await post(baseURL!, userCreated(duplicate));
  await post(baseURL!, { ...userDeleted(duplicate), data: nameless });
  await post(baseURL!, userDeleted({ ...duplicate }));
  await staff.deliveries.goto(`?show=dead&organization=${organization.id}`);
  await staff.deliveries.names.getByRole('link').click();
  await expect(staff.deliveries.banners).toContainText('several people');

  await staff.page.getByRole('button', { name: 'Replay' }).click();

  await expect(staff.deliveries.banners).toBeEmpty();
  await expect(staff.deliveries.row('replayed it: removed')).toHaveCount(1);
  await expect(staff.page.getByRole('button', { name: 'Replay' })).toHaveCount(0);
});

test('many dead letters are replayed at once', async ({ organization, staff, baseURL, seatkeeper, javaScriptEnabled }) => {
  for (let n = 0; n < 3; n += 1) await post(baseURL!, dead(organization.id));
  await staff.deliveries.goto(`?show=dead&organization=${organization.id}`);

  await staff.page.getByRole('button', { name: 'Replay 3 dead letters' }).click();

  const ended = staff.page.getByText(/Sam Staff replayed 3 dead letters of org_\d+/);
  if (!javaScriptEnabled) {
    await expect(async () => {
      await staff.deliveries.goto(`?show=dead&organization=${organization.id}`);
      await expect(ended).toBeVisible({ timeout: 100 });
    }).toPass();
  }
  await expect(ended).toContainText('0 went through. 3 are still dead; each says why.');

  const { code, stderr } = await seatkeeper.run(['replay', '--all', '--organization', organization.id]);
  expect([code, stderr]).toEqual([1, expect.stringContaining('3 are still dead')]);
});

test('the inspector is not a tenant’s', async ({ organization, admin, staff, complaints }) => {
  complaints.accept(/404 \(Not Found\)/);
  await organization.withSeats(1).joined('ada@acme.test');
  await staff.deliveries.goto(`?organization=${organization.id}`);
  const path = await staff.deliveries.names.getByRole('link').getAttribute('href');
  const id = path!.split('/').at(-1)!;

  for (const there of ['/deliveries', path!, '/deliveries/dlv_unknown']) {
    const answer = await admin.page.goto(there);
    expect(answer!.status(), there).toBe(404);
    await expect(admin.organization.heading).toHaveText('There is nothing here');
  }
  await expect(admin.page.getByRole('link', { name: 'Webhooks' })).toHaveCount(0);
});

test('dead letters are accessible', async ({ organization, staff, baseURL, axe }) => {
  await post(baseURL!, dead(organization.id));
  await staff.deliveries.goto(`?show=dead&organization=${organization.id}`);
  await isFit(staff.page, axe);

  await staff.deliveries.names.getByRole('link').click();

  await expect(staff.deliveries.banners).toContainText('could not be processed');
  await isFit(staff.page, axe);
});

/** An event of a known type without a person. */
function dead(organizationId: string): Event {
  const event = userCreated({ id: '', organizationId, email: '', name: 'No Id' });
  return { ...event, data: { organization_id: organizationId, name: 'No Id' } };
}

const outcome = (page: Page, word: string) =>
  page.getByRole('navigation', { name: 'By outcome' }).getByRole('link', { name: new RegExp(`^${word}( [\\d,+]+)?$`) });
