// The health of this installation: for staff only.
import { BasePage } from '../pages/base-page.ts';
import { deliver, freshId, post, userCreated, type Event } from '../support/scalekit.ts';
import type { SignedIn } from '../support/signed-in.ts';
import { expect, test } from '../support/test.ts';

const system = ({ page }: SignedIn) => new BasePage(page, '/system');

test('staff find the deliveries, the queues and the settings', async ({ organization, staff, baseURL }) => {
  await organization.withSeats(1).joined('ada@acme.test');
  await staff.organizations.goto();

  await staff.page.getByRole('navigation', { name: 'Sections' }).getByRole('link', { name: 'System' }).click();

  const { main, heading } = system(staff);
  await expect(heading).toHaveText('System');
  await expect(staff.page).toHaveTitle('System · Seatkeeper');
  const entry = (word: string) => main.locator('.description-list__entry').filter({ has: staff.page.getByText(word, { exact: true }) });
  await expect(entry('Last received')).toContainText('just now');
  await expect(entry('Database')).toContainText(/^Database(SQLite|Postgres), answers$/);
  await expect(entry('Mail server')).toContainText('smtp://127.0.0.1:');
  await expect(entry('Webhook secrets'), 'staff admins find them in the settings').toHaveCount(0);
  await expect(entry('Directory API')).toContainText('No credentials');
  await expect(entry('Event log checked for gaps')).toContainText('Never: no credentials');
  await expect(entry('Kept')).toHaveText('Kept90 days, dead letters too');
  await expect(main).not.toContainText(/whsec_|password/);
  await expect(staff.page.getByRole('link', { name: 'System' })).toHaveAttribute('aria-current', 'page');

  const forged = await fetch(new URL('/webhooks/scalekit', baseURL), { method: 'POST', body: '{}' });
  expect(forged.status).toBe(400);
  await system(staff).goto();
  await expect(entry('missing id')).toContainText(/\d/);
});

test('staff send a test e-mail to themselves, and see that it has left', async ({ staff, mail }) => {
  await system(staff).goto();
  await staff.page.getByRole('button', { name: 'Send me a test e-mail' }).click();

  await expect(staff.page).toHaveURL('/messages');
  await mail.to(staff.account.email).expect('A test from Seatkeeper');
  // staff get what others cause, too
  const row = staff.page.getByRole('row').filter({ hasText: staff.account.email }).filter({ hasText: 'A test from Seatkeeper' });
  await expect(async () => {
    await staff.page.reload(); // the list does not follow what happens
    await expect(row).toContainText('sent', { timeout: 1_000 });
  }).toPass();
});

test('a delivery that cannot be understood becomes a dead letter that is linked', async ({ organization, staff, baseURL }) => {
  const known = userCreated(organization.person('ada@acme.test'));
  await post(baseURL!, { ...known, id: freshId('evt'), data: 'not a person' } as Event);
  await deliver(baseURL!, known);

  await system(staff).goto();

  const dead = system(staff).main.getByRole('link', { name: /^[\d,]+$/ });
  await expect(dead).toHaveAttribute('href', '/deliveries?show=dead');
  await expect(system(staff).main.getByText('need', { exact: false }).first()).toContainText('your attention');
});

test('the first check says what it counted', async ({ staff }) => {
  await expect(async () => {
    await system(staff).goto();
    await expect(system(staff).main).toContainText('Every stored number matches its rows.', { timeout: 1_000 });
  }).toPass();
});

test('for a tenant there is no such page', async ({ admin, complaints }) => {
  complaints.accept(/404 \(Not Found\)/);
  await admin.organization.goto();
  await expect(admin.page.getByRole('link', { name: 'System' })).toHaveCount(0);

  const answer = await admin.page.goto('/system');

  expect(answer!.status()).toBe(404);
  await expect(admin.organization.heading).toHaveText('There is nothing here');
  expect((await admin.page.request.post('/api/load_system')).status()).toBe(404);
});

test('it tells the load balancer that it is ready', async ({ request }) => {
  expect(await (await request.get('/readyz')).text()).toBe('ready\n');
  expect((await request.get('/metrics')).status()).toBe(404);
});
