// An open page of a person follows the organization.
import { expect, test } from '../support/test.ts';

test('a seat that becomes free shows in the open page of the next person', async ({ organization, admin }) => {
  await organization.withSeats(1).joined('ada@acme.test', 'bob@acme.test');
  await admin.page.goto(`${admin.people.path}/${organization.person('bob@acme.test').id}`);
  await admin.organization.isLive();
  await expect(admin.people.main).toContainText('is number 1 on the waitlist now');

  await organization.left('ada@acme.test');

  await expect(admin.people.main).toContainText('Was first on the waitlist and got a seat');
  await admin.organization.isLive();
});
