// A large change of a seat limit needs a second staff member. The setting holds for all organizations of the server, so these
// tests run one after another, and the tests of other files change limits by less.
import { signIn } from '../support/signed-in.ts';
import { expect, test } from '../support/test.ts';

const ABOVE = '3000';

test.describe.configure({ mode: 'serial' });

test('without the setting unlimited lets all people in', async ({ organization, staff, seatkeeper }) => {
  await seatkeeper.run(['setting', 'set', 'approval_above', 'off']);
  await organization.withSeats(0).joined('ada@acme.test', 'bob@acme.test');
  await staff.limit.goto();

  await staff.limit.preview('unlimited', 'flat rate');
  await expect(staff.limit.save).toHaveText('Make unlimited: 2 people get in');
  await staff.limit.save.click();

  await expect(staff.organization.main).toContainText('2 seats taken, no limit, 0 waiting.');
});

test('one staff member proposes, another one approves, and both are named', async ({ organization, staff, account, page, context, mail, axe, seatkeeper }) => {
  await seatkeeper.run(['setting', 'set', 'approval_above', ABOVE]);
  const noor = await account('staff');
  const [ours, theirs] = [mail.to(staff.account.email), mail.to(noor.email)];
  await organization.withSeats(2);
  await organization.joined('ada@acme.test', 'bob@acme.test', 'eve@acme.test');

  await staff.limit.goto();
  await staff.limit.preview('5000', 'Contract of 2027.');
  await expect(staff.limit.after).toContainText('A change of this size needs a second staff member');
  await staff.page.getByRole('button', { name: 'Propose 5,000 seats' }).click();
  await expect(staff.limit.banners).toContainText('Proposed.');
  await expect(staff.limit.heading).toHaveText('Proposed limit: 5,000 seats');
  await expect(staff.page.getByRole('button', { name: 'Withdraw the proposal' })).toBeVisible();
  await expect(staff.page.getByRole('button', { name: /^Approve/ })).toHaveCount(0);
  await axe(staff.page);
  await staff.organization.goto();
  await expect(staff.organization.banners).toContainText('waits for another staff member');

  const asked = await theirs.expect(`${organization.name}: 5,000 seats need a second person`);
  expect(asked.text).toContain('Contract of 2027.');
  const [link] = asked.text!.match(/https?:\/\/\S+\/proposals\/\S+/)!;
  await signIn(context, noor);
  await page.goto('/requests');
  await page.getByRole('link', { name: `${organization.name}: 5,000 seats` }).click();
  expect(new URL(page.url()).pathname).toBe(new URL(link).pathname);
  await expect(page.getByRole('main')).toContainText('1 person gets in');
  await axe(page);
  await page.getByRole('button', { name: 'Approve: 5,000 seats, 1 person gets in' }).click();

  await expect(page.getByRole('status')).toContainText('1 person got in');
  await ours.expect(`${organization.name}: ${noor.name} approved 5,000 seats`);
  await staff.page.goto(`${staff.organization.path}/activity`);
  await expect(staff.page.getByRole('row', { name: /Seat limit changed/ }).first()).toContainText(`(proposed by ${staff.account.name})`);
});

test('a rejection needs a sentence, and the limit may change meanwhile', async ({ organization, staff, account, page, context, seatkeeper }) => {
  await seatkeeper.run(['setting', 'set', 'approval_above', ABOVE]);
  await organization.withSeats(2);
  await staff.limit.goto();
  await staff.limit.preview('6000', 'Contract of 2028.');
  await staff.page.getByRole('button', { name: 'Propose 6,000 seats' }).click();
  await expect(staff.limit.banners).toContainText('Proposed.');
  await signIn(context, await account('staff'));
  await page.goto(new URL(staff.page.url()).pathname);
  await expect(page.getByRole('button', { name: 'Approve: 6,000 seats' })).toBeVisible();

  await seatkeeper.setLimit(organization.id, 3, 'A colleague was quicker');
  await page.getByRole('button', { name: 'Approve: 6,000 seats' }).click();
  await expect(page.getByRole('status')).toContainText('changed this organization’s limit to 3 seats');
  await expect(page.getByRole('status')).toContainText('It was 2 seats when this was proposed. Decide anew.');

  await page.getByRole('textbox', { name: 'Why not' }).fill('The contract says 300.');
  await page.getByRole('button', { name: 'Reject', exact: true }).click();
  await expect(page.getByRole('status')).toContainText('Rejected.');
  await staff.page.reload();
  await expect(staff.limit.main).toContainText('The contract says 300.');
  await expect(staff.page.getByRole('button', { name: 'Withdraw the proposal' })).toHaveCount(0);
  await staff.organization.goto();
  await expect(staff.organization.main).toContainText('3 seats');
});
