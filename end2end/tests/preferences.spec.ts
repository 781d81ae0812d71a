// Notifications: a person opts out and gets no e-mail, another one does; extra recipients get what admins get.
import { crowd } from '../support/people.ts';
import { expect, test } from '../support/test.ts';

test('an admin who opted out gets no e-mail about the waitlist, and an extra recipient does', async ({ organization, admin, mail, axe }) => {
  await organization.withSeats(2);
  await admin.page.goto(admin.organization.path);
  await admin.page.getByRole('link', { name: 'Notifications' }).click();
  await expect(admin.page.getByRole('heading', { level: 1 })).toHaveText('Notifications');
  await admin.page.getByLabel('Waitlist').selectOption('Never');
  await admin.page.getByLabel('Usage').selectOption('Weekly digest');
  await axe(admin.page);
  await admin.page.getByRole('button', { name: 'Save' }).click();
  await expect(admin.page.getByRole('status')).toContainText('Saved.');
  await expect(admin.page.getByLabel('Waitlist')).toHaveValue('never');
  await expect(admin.page.getByLabel('Usage')).toHaveValue('weekly');

  const billing = `billing.${organization.id.toLowerCase()}@people.test`;
  await admin.settings.goto();
  await admin.page.getByLabel('Extra recipients').fill('billing');
  await admin.page.getByRole('button', { name: 'Save alerts' }).click();
  await expect(admin.page.getByText('Up to 20 e-mail addresses, with commas between them.')).toBeVisible();
  await admin.page.getByLabel('Extra recipients').fill(billing);
  await admin.page.getByRole('button', { name: 'Save alerts' }).click();
  await expect(admin.page.getByText('Saved.')).toBeVisible();
  await expect(admin.page.getByLabel('Extra recipients')).toHaveValue(billing);

  await organization.joined(...crowd(3));
  const email = await mail.to(billing).expect(`${organization.name}: 1 person is waiting for a seat`);
  expect(email.text).toContain(`because an admin of ${organization.name} entered your address`);
  const subjects = (await mail.to(admin.account.email).emails()).map((one) => one.subject);
  expect(subjects.filter((subject) => subject?.includes('waiting'))).toEqual([]);
});

test('a link of a digest that no one got leads nowhere', async ({ page, complaints }) => {
  complaints.accept(/404 \(Not Found\)/);
  await page.goto('/unsubscribe/bm90aGluZw');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('There is nothing here');
});
