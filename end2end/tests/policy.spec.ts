// Who gets a free seat: the admission policy of an organization, with a preview.
import { deliver, freshId, userUpdated } from '../support/scalekit.ts';
import { expect, test } from '../support/test.ts';

test('groups first: the waitlist follows the groups, and the preview says how', async ({ organization, staff, baseURL }) => {
  const pilots = { id: freshId('dirgroup'), name: 'Pilots' };
  await organization.withSeats(0).joined('ann@acme.test', 'bob@acme.test', 'pia@acme.test');
  const pia = userUpdated(organization.person('pia@acme.test'));
  await deliver(baseURL!, { ...pia, data: { ...(pia.data as object), groups: [pilots] } });

  await staff.waitlist.goto();
  await expect(staff.waitlist.names).toContainText(['Ann', 'Bob', 'Pia']);
  await staff.page.getByRole('link', { name: 'Change the policy' }).click();
  await staff.page.getByRole('radio', { name: /^Groups first/ }).check();
  await staff.page.getByRole('combobox', { name: 'Group 1' }).selectOption({ label: 'Pilots' });
  await staff.page.getByRole('button', { name: 'Preview' }).click();

  await expect(staff.waitlist.afterwards.getByRole('listitem')).toContainText([/1\s*Pia\s*was 3/, /2\s*Ann\s*was 1/, /3\s*Bob\s*was 2/]);
  await expect(staff.waitlist.afterwards).toContainText('No person gets in because of this change.');
  const save = staff.page.getByRole('button', { name: 'Change to “groups first”' });
  await save.click();
  // a reason is needed: the browser or the server says so, and nothing is lost
  await staff.page.getByRole('textbox', { name: 'Reason' }).fill('pilots start first');
  await save.click();

  await expect(staff.organization.banners).toContainText('Saved.No person got in.');
  await staff.waitlist.goto();
  await expect(staff.waitlist.names).toContainText(['Pia', 'Ann', 'Bob']);
  await staff.page.goto(`${staff.organization.path}/activity`);
  await expect(staff.organization.row('Admission policy changed')).toContainText('pilots start first');
});

test('from by hand to first come: free seats are filled at once, as previewed', async ({ organization, staff, seatkeeper }) => {
  await organization.withSeats(1).joined('ann@acme.test', 'bob@acme.test', 'cleo@acme.test');
  expect((await seatkeeper.run(['organization', 'policy', organization.id, 'by-hand', '--reason', 'agreed'])).code).toBe(0);
  await organization.deactivated('ann@acme.test');

  await staff.page.goto(`${staff.organization.path}/policy`);
  await expect(staff.page.getByRole('radio', { name: /^By hand \(now\)/ })).toBeChecked();
  await staff.page.getByRole('radio', { name: /^First come/ }).check();
  await staff.page.getByRole('button', { name: 'Preview' }).click();
  await expect(staff.waitlist.afterwards).toContainText('Bob gets in.');
  await staff.page.getByRole('textbox', { name: 'Reason' }).fill('back to the usual');
  await staff.page.getByRole('button', { name: 'Change to “first come, first served”: 1 person gets in' }).click();

  await expect(staff.organization.banners).toContainText('1 person got in');
  await staff.waitlist.goto();
  await expect(staff.waitlist.names).toContainText(['Cleo']);
});

test('a policy that another person changed meanwhile is not overwritten', async ({ organization, staff, seatkeeper }) => {
  await organization.withSeats(1);
  await staff.page.goto(`${staff.organization.path}/policy?policy=by-hand`);
  await staff.page.getByRole('textbox', { name: 'Reason' }).fill('as they wish');
  const other = await seatkeeper.run(['organization', 'policy', organization.id, 'groups', 'dirgroup_1', '--reason', 'first']);
  expect(other.code, other.stderr).toBe(0);

  await staff.page.getByRole('button', { name: 'Change to “by hand”' }).click();

  await expect(staff.page).toHaveURL(/refused=policy-changed/);
  await expect(staff.organization.banners).toContainText('Another person changed this organization’s admission policy in the meantime.');
  await expect(staff.page.getByRole('textbox', { name: 'Reason' })).toHaveValue('as they wish');
});
