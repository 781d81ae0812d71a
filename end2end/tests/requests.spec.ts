// Seat requests: an admin asks, staff ask back and approve, the waitlist gets in, and each side has it by e-mail.
import { RequestPage } from '../pages/request-page.ts';
import { crowd } from '../support/people.ts';
import { signIn } from '../support/signed-in.ts';
import { expect, test } from '../support/test.ts';

test('an admin asks for seats from the e-mail on, staff ask back and approve, the waitlist gets in, and the next block notifies again', async ({ organization, staff, admin, mail, slack, axe }) => {
  const [admins, ours] = [mail.to(admin.account.email), mail.to(staff.account.email)];
  await organization.withSeats(3);
  await admin.settings.goto();
  await admin.settings.slackAddress.fill(slack.address);
  await admin.settings.saveAlerts.click();
  await expect(admin.page.getByText('Saved.')).toBeVisible();
  await organization.joined(...crowd(3), 'nina@acme.test', 'omar@acme.test');
  const blocked = await admins.expect(`${organization.name}: 2 people are waiting for a seat`);
  await slack.expect(`2 people are waiting at ${organization.name}`);
  const [ask] = blocked.text!.match(/https?:\/\/\S+\/requests\/new/)!;

  await admin.page.goto(new URL(ask).pathname);
  const asks = new RequestPage(admin.page, new URL(ask).pathname);
  await expect(asks.seats).toHaveValue('2');
  await axe(admin.page);
  await asks.page.getByLabel(/^omar/i).check();
  await asks.ask('4', ' ');
  await expect(asks.page.getByText('Say in a few words what the seats are for.')).toBeVisible();
  await expect(asks.seats).toHaveValue('4');
  await expect(asks.page.getByLabel(/^omar/i)).toBeChecked();
  await asks.ask('4', 'Two teams start in May.');
  await expect(asks.banners).toContainText('Staff see it at once.');
  await expect(asks.heading).toHaveText('4 more seats');
  await expect(asks.conversation).toContainText('Two teams start in May.');

  await ours.expect(`${organization.name} asks for 4 more seats`);
  await staff.page.goto('/requests');
  await staff.page.getByRole('link', { name: `${organization.name}: 4 more seats` }).click();
  const answers = new RequestPage(staff.page, '');
  await expect(answers.part('Approve')).toContainText('2 people get in');
  await expect(answers.main).toContainText(/omar/i);
  await axe(staff.page);
  await answers.write('Ask back', 'From when on?', 'Ask');
  await expect(answers.banners).toContainText('Asked back.');

  await admins.expect('A question about your seat request');
  await asks.page.reload();
  await expect(asks.conversation).toContainText('Staff asked back');
  await expect(asks.conversation).not.toContainText(staff.account.name);
  const menu = admin.page.getByRole('navigation', { name: 'Sections' });
  await expect(menu.getByRole('link', { name: 'Seat requests 1 request waits for you' })).toBeVisible();
  await asks.write('Answer the question', 'From 1 May on.', 'Answer');
  await expect(asks.banners).toContainText('The request waits for them again.');

  await ours.expect('Your question was answered');
  await answers.page.reload();
  await expect(answers.conversation).toContainText('From 1 May on.');
  await answers.page.getByRole('textbox', { name: 'New seat limit' }).fill('5');
  await answers.page.getByRole('button', { name: 'Preview' }).click();
  await answers.page.getByRole('button', { name: 'Approve: 5 seats, 2 people get in' }).click();
  await expect(answers.banners).toContainText('2 people got a seat.');

  const approved = await admins.expect('Seat request approved');
  expect(approved.text).toContain('The plan has 5 seats, all taken.');
  await admins.expect(`${organization.name}: the waitlist is empty, 2 people got in`);
  await slack.expect(`The waitlist is empty at ${organization.name}. 2 people got in from the waitlist.`);
  await admin.organization.goto();
  await expect(admin.organization.heading).toHaveText(organization.name);
  await expect(admin.organization.main).toContainText('All 5 seats taken');
  await asks.page.goto(`${admin.organization.path}/requests`);
  await expect(asks.row('4 more seats')).toContainText('Approved');

  await organization.joined('pia@acme.test');
  await admins.expect(`${organization.name}: 1 person is waiting for a seat`);
});

test('of two answers at once one is heard, and the other person is told', async ({ organization, staff, admin, javaScriptEnabled }) => {
  await organization.withSeats(1).joined(...crowd(2));
  const asks = new RequestPage(admin.page, `${admin.organization.path}/requests/new`);
  await asks.goto();
  await asks.ask('1', 'One more.');
  await expect(asks.heading).toHaveText('1 more seat');
  const path = new URL(admin.page.url()).pathname;
  const [one, other] = [new RequestPage(staff.page, path), new RequestPage(await staff.page.context().newPage(), path)];
  await one.goto();
  await other.goto();
  await other.part('Decline').getByRole('textbox').fill('Not this month.');
  await one.write('Decline', 'Talk to us first.', 'Decline');
  await expect(one.banners).toContainText('Declined.');

  // a live page has heard of it before; another one hears it from the answer to its form
  if (!javaScriptEnabled) {
    await other.part('Decline').getByRole('button', { name: 'Decline' }).click();
    await expect(other.banners).toContainText('Nothing was changed');
  }
  await expect(other.conversation).toContainText('Talk to us first.');
  await expect(other.part('Decline')).toHaveCount(0);
  await expect(other.conversation).not.toContainText('Not this month.');
});

test('an admin withdraws a request and may ask again; a viewer only reads', async ({ organization, admin, account, page, context }) => {
  await organization.withSeats(1).joined(...crowd(2));
  const asks = new RequestPage(admin.page, `${admin.organization.path}/requests/new`);
  await asks.goto();
  await asks.ask('1', 'One more.');
  await expect(asks.heading).toHaveText('1 more seat');
  await asks.goto();
  await expect(asks.main).toContainText('A request is on its way');
  await asks.main.getByRole('link', { name: 'Open the request' }).click();
  const path = new URL(admin.page.url()).pathname;

  const viewer = await account('tenant-viewer');
  await signIn(context, viewer);
  await page.goto(path);
  await expect(page.getByRole('main')).toContainText('Only admins of the organization can answer.');
  await expect(page.getByRole('main').getByRole('button')).toHaveCount(0);

  await asks.main.getByRole('button', { name: 'Withdraw the request' }).click();
  await expect(asks.banners).toContainText('Withdrawn.');
  await asks.goto();
  await expect(asks.seats).toBeVisible();
});
