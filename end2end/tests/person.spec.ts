// One person: why they hold or lack a seat, what is known about them, and everything that happened.
import { crowd } from '../support/people.ts';
import { deliver, directoryUser, userCreated } from '../support/scalekit.ts';
import { expect, test } from '../support/test.ts';

test('a person who waits reads why, and what would change it', async ({ organization, admin }) => {
  await organization.withSeats(1).joined('ada@acme.test', 'bob@acme.test', 'cleo@acme.test');
  await admin.organization.goto();

  await admin.organization.waiting.getByRole('link', { name: 'Cleo' }).click();

  const { id } = organization.person('cleo@acme.test');
  await expect(admin.page).toHaveURL(`${admin.people.path}/${id}`);
  await expect(admin.page).toHaveTitle(`Cleo · ${organization.name} · Seatkeeper`);
  await expect(admin.people.heading).toHaveText('Cleo');
  await expect(admin.people.main).toContainText(
    'Found no free seat, as the only seat was taken; is number 2 on the waitlist now and gets in when the limit is raised to 3.',
  );
  await expect(admin.people.row('No seat was free: the plan has 1 seat, all taken.')).toContainText('Has to wait');

  await organization.withSeats(3, 'two more');
  await admin.page.reload();
  await expect(admin.people.main).toContainText('Was first on the waitlist and got a seat when 2 of 3 seats were taken; keeps it');
  await expect(admin.people.main.getByRole('listitem').first()).toContainText('Got a seat');
});

test('each list leads to the person', async ({ organization, staff }) => {
  await organization.withSeats(1).joined('ada@acme.test', 'bob@acme.test');
  const path = `${staff.people.path}/${organization.person('ada@acme.test').id}`;

  await staff.people.goto();
  await staff.people.names.getByRole('link', { name: 'Ada' }).click();
  await expect(staff.page).toHaveURL(path);

  await staff.organization.goto();
  await staff.organization.decisions.getByRole('link', { name: 'Ada' }).click();
  await expect(staff.page).toHaveURL(path);

  await staff.people.main.getByRole('link', { name: 'Webhook' }).click();
  await expect(staff.page).toHaveURL(/\/deliveries\/dlv_/);
  await staff.people.main.getByRole('listitem').getByRole('link', { name: /diruser_/ }).first().click();
  await expect(staff.page).toHaveURL(path);
  await staff.people.main.getByRole('link', { name: `People of ${organization.name}` }).click();
  await expect(staff.people.heading).toHaveText('People');
});

test('a tenant sees the decisions and no webhooks', async ({ organization, admin }) => {
  await organization.withSeats(0).joined('ada@acme.test').withSeats(2, 'agreed');

  await admin.page.goto(`${admin.people.path}/${organization.person('ada@acme.test').id}`);

  await expect(admin.people.main.getByRole('listitem')).toHaveCount(2);
  await expect(admin.people.main.getByRole('link', { name: 'Webhook' })).toHaveCount(0);
  await expect(admin.people.main).not.toContainText('By command line');
});

test('the same address twice leads from one person to the other', async ({ organization, admin, baseURL }) => {
  await organization.withSeats(5).joined('ada@acme.test');
  const other = directoryUser(organization.id, 'Ada@acme.test');
  await deliver(baseURL!, userCreated(other));
  await admin.page.goto(`${admin.people.path}/${organization.person('ada@acme.test').id}`);

  await admin.people.main.getByRole('definition').filter({ hasText: 'Has a seat' }).getByRole('link').click();

  await expect(admin.page).toHaveURL(`${admin.people.path}/${other.id}`);
});

test('a person who is not there is answered as an organization that is not there', async ({ organization, admin, complaints }) => {
  complaints.accept(/404 \(Not Found\)/);
  await organization.withSeats(1).joined(...crowd(1));

  expect((await admin.page.goto(`${admin.people.path}/diruser_unknown`))!.status()).toBe(404);
  await expect(admin.people.heading).toHaveText('There is nothing here');
});
