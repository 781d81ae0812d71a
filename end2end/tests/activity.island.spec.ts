// The activity of an organization follows what happens while it is open.
import { expect, test } from '../support/test.ts';

test('a limit that is changed elsewhere appears in the open activity', async ({ organization, staff }) => {
  await organization.withSeats(3);
  await staff.page.goto(`${staff.organization.path}/activity`);
  await staff.organization.isLive();

  await organization.withSeats(9, 'changed elsewhere');

  await expect(staff.organization.row('changed elsewhere')).toContainText('3 seats → 9 seats');
});
