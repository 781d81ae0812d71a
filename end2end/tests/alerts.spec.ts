// Alerts: few seats are left, people wait, seats are free again; who was notified, and with what result.
import { crowd } from '../support/people.ts';
import { expect, test } from '../support/test.ts';

test('usage crosses 80 %, people wait, and the waitlist is empty again: one e-mail each, and all of it on the page', async ({ organization, staff, admin, mail }) => {
  const mailbox = mail.to(admin.account.email);
  await organization.withSeats(30).joined(...crowd(24));
  await mailbox.expect(`${organization.name}: 6 seats are left`);

  await organization.joined('nina@acme.test', 'omar@acme.test', 'pia@acme.test', 'quinn@acme.test', 'rosa@acme.test', 'sven@acme.test', 'tom@acme.test');
  await mailbox.expect(`${organization.name}: 1 person is waiting for a seat`);

  await admin.organization.goto();
  await admin.page.getByRole('navigation', { name: 'Sections' }).getByRole('link', { name: 'Alerts' }).click();
  await expect(admin.page).toHaveURL(`${admin.organization.path}/alerts`);
  await expect(admin.page.getByRole('heading', { level: 1 })).toHaveText('Alerts');
  const open = admin.page.getByRole('region', { name: 'Open' });
  await expect(open.getByRole('row')).toHaveCount(2);
  await expect(open).toContainText('People are waiting');
  await open.getByText('1 message sent').click();
  await expect(open.getByText(admin.account.email)).toBeVisible();
  await open.getByRole('link', { name: 'People are waiting' }).click();
  await expect(admin.page).toHaveURL(`${admin.organization.path}/waitlist`);

  await staff.limit.goto();
  await staff.limit.preview('60', 'twice as many');
  await staff.limit.save.click();
  await mailbox.expect(`${organization.name}: the waitlist is empty, 1 person got in`);
  await staff.page.goto(`${staff.organization.path}/alerts`);
  await expect(staff.page.getByText('Nothing needs attention.')).toBeVisible();
  const history = staff.page.getByRole('region', { name: 'History' });
  await expect(history).toContainText('People are waiting');
  await expect(history).toContainText('80 % of the seats are used');
  await expect(history).toContainText('resolved');
});

test('a banner at 80 % is dismissed by one reader, until 90 % are used', async ({ organization, staff, admin }) => {
  await organization.withSeats(30).joined(...crowd(24));
  await admin.organization.goto();
  await expect(admin.organization.banners).toContainText('6 seats are left.');
  const bell = admin.page.getByRole('navigation', { name: 'Sections' }).getByRole('link', { name: /^Alerts/ });
  await expect(bell).toHaveAccessibleName('Alerts 1 unread alert');

  await admin.organization.banners.getByRole('button', { name: 'Hide' }).click();
  await expect(admin.page).toHaveURL(admin.organization.path);
  await expect(admin.organization.banners).toBeEmpty();
  await expect(bell).toHaveAccessibleName('Alerts');
  await staff.organization.goto();
  await expect(staff.organization.banners).toContainText('6 seats are left.');

  await organization.joined('nina@acme.test', 'omar@acme.test', 'pia@acme.test');
  await admin.organization.goto();
  await expect(admin.organization.banners).toContainText('3 seats are left.');

  await bell.click();
  await expect(admin.page.getByRole('region', { name: 'Open' })).toContainText('new');
  await admin.page.getByRole('button', { name: 'Mark all as read' }).click();
  await expect(admin.page.getByRole('button', { name: 'Mark all as read' })).toHaveCount(0);
  await expect(bell).toHaveAccessibleName('Alerts');
});

test('the bell opens the last alerts, on a small screen too', async ({ organization, admin, axe }) => {
  await organization.withSeats(30).joined(...crowd(24));
  await admin.page.setViewportSize({ width: 390, height: 800 });
  await admin.organization.goto();
  const bell = admin.page.getByRole('button', { name: /^Latest alerts/ });
  await expect(bell).toHaveAccessibleName('Latest alerts, 1 unread');

  await bell.focus();
  await admin.page.keyboard.press('Enter');
  const list = admin.page.getByRole('region', { name: 'Latest alerts' });
  await expect(list.getByRole('listitem')).toHaveCount(1);
  await expect(list).toContainText('80 % of the seats are used');
  await expect(list).toContainText('new');
  expect(await list.evaluate((box) => box.scrollWidth <= box.clientWidth)).toBe(true);
  expect(await admin.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await axe(admin.page);
  await admin.page.keyboard.press('Escape');
  await expect(list).toBeHidden();

  await bell.click();
  await list.getByRole('link', { name: 'See all alerts' }).click();
  await expect(admin.page).toHaveURL(`${admin.organization.path}/alerts`);
  await admin.page.getByRole('button', { name: 'Mark all as read' }).click();
  await expect(bell).toHaveAccessibleName('Latest alerts');
});

test('staff see the alerts of all organizations, and filter them by kind', async ({ organization, staff, axe }) => {
  await organization.withSeats(0).joined('nina@acme.test');

  await staff.page.goto('/alerts');
  const row = staff.page.getByRole('region', { name: 'Open' }).getByRole('row').filter({ hasText: organization.name });
  await expect(row).toContainText('People are waiting');
  await axe(staff.page);

  await staff.page.getByRole('navigation', { name: 'Kind' }).getByRole('link', { name: 'Over', exact: true }).click();
  await expect(staff.page).toHaveURL(/kind=over_limit/);
  await expect(row).toHaveCount(0);
});

test('staff see each message, and whether it has left', async ({ organization, staff, admin, mail, axe }) => {
  await organization.withSeats(0).joined('nina@acme.test');
  await mail.to(admin.account.email).expect('waiting for a seat');

  await staff.page.goto('/messages?show=sent');

  const rows = staff.page.getByRole('row').filter({ hasText: admin.account.email });
  const row = rows.filter({ hasText: `${organization.name}: 1 person is waiting for a seat` });
  await expect(row).toContainText('sent');
  await axe(staff.page);
});

test('an organization has thresholds of its own, and a Slack address that no page shows whole', async ({ organization, admin, staff }) => {
  await organization.withSeats(100).joined(...crowd(10));
  await admin.settings.goto();
  const form = admin.settings.alerts;

  await form.getByLabel('Usage is high at').fill('ten');
  await admin.settings.saveAlerts.click();
  await expect(form.getByLabel('Usage is high at')).toHaveAccessibleDescription(/Up to five percentages/);
  await expect(form.getByLabel('Usage is high at')).toHaveValue('ten');

  await form.getByLabel('Usage is high at').fill('10');
  await admin.settings.slackAddress.fill('https://hooks.slack.com/services/T0/B0/xyzzy');
  await admin.settings.saveAlerts.click();
  await expect(admin.page.getByText('Saved.')).toBeVisible();
  await expect(form).toContainText('https://hooks.slack.com/…');
  await expect(form.getByLabel('Usage is high at')).toHaveValue('10');
  expect(await admin.page.content()).not.toContain('xyzzy');

  await form.getByLabel('Post to Slack no more').check();
  await admin.settings.saveAlerts.click();
  await expect(form).toContainText('Nowhere');
  await staff.page.goto(`${staff.organization.path}/alerts`);
  await expect(staff.page.getByRole('region', { name: 'Open' })).toContainText('10 % of the seats are used');
});

test('a viewer reads the alerts and changes nothing', async ({ organization, account, browser, complaints, baseURL }) => {
  await organization.withSeats(0).joined('nina@acme.test');
  const viewer = await account('tenant-viewer');
  const context = await browser.newContext();
  complaints.listen(context);
  await context.request.post('/api/sign_in', { form: { email: viewer.email, password: viewer.password } });
  const page = await context.newPage();

  await page.goto(`${baseURL}/organizations/${organization.id}/alerts`);
  await expect(page.getByRole('region', { name: 'Open' })).toContainText('People are waiting');
  await page.goto(`${baseURL}/organizations/${organization.id}/settings`);
  await expect(page.getByRole('region', { name: 'Alerts' })).toContainText('80, 90 %');
  await expect(page.getByRole('button', { name: 'Save alerts' })).toHaveCount(0);
  await context.close();
});
