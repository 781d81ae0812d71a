// Changing the seat limit: a refusal is beside its field, and no typed text is lost.
import type { Page } from '@playwright/test';
import { LimitForm } from '../pages/limit-form.ts';
import { SignInPage } from '../pages/sign-in-page.ts';
import { expect, test } from '../support/test.ts';

test('a limit that is no number is refused beside its field', async ({ organization, staff }) => {
  await organization.withSeats(3);
  for (const [bad, reason] of [['plenty', 'they asked'], ['-1', 'they asked'], ['1.5', 'they asked'], ['10000001', 'they asked'], ['', 'they asked']]) {
    await staff.limit.goto();
    await staff.limit.type(bad, reason);
    await staff.limit.save.click();

    await expect(staff.page).toHaveURL(/refused=limit/);
    await expect(staff.limit.limit, bad).toHaveAccessibleDescription(/^A seat limit is a whole number from 0 to 10,000,000, or “unlimited”\./);
    await expect(staff.limit.limit).toHaveAttribute('aria-invalid', 'true');
    await expect(staff.limit.limit).toHaveValue(bad);
    await expect(staff.limit.reason).toHaveValue(reason);
    await expect(staff.limit.reason).not.toHaveAttribute('aria-invalid');
  }
  await staff.organization.goto();
  await expect(staff.organization.seats).toContainText('of 3 seats');
});

test('a missing reason is refused beside its field', async ({ organization, staff }) => {
  await organization.withSeats(3);
  await staff.limit.goto();

  await staff.limit.preview('5', '  ');
  await staff.limit.save.click();

  await expect(staff.limit.reason).toHaveAccessibleDescription(/^Say in a few words why the limit changes; it is kept in the audit log\./);
  await expect(staff.limit.reason).toHaveAttribute('aria-invalid', 'true');
  await expect(staff.limit.limit).toHaveValue('5');
  await expect(staff.limit.after).toContainText('0 of 5 seats taken');

  await staff.limit.reason.fill('five bought');
  await staff.limit.save.click();
  await expect(staff.page).toHaveURL(`${staff.organization.path}?saved=0`);
  await expect(staff.organization.banners).toContainText('Saved.No person got in.');
  await expect(staff.organization.seats).toContainText('of 5 seats');
});

test('every field that is wrong says so at once, and the cursor is in the first one', async ({ organization, staff }) => {
  await organization.withSeats(3);
  await staff.limit.goto();
  await expect(staff.limit.limit, 'the limit of now is there to be changed').toHaveValue('3');

  await staff.limit.type('plenty');
  await staff.limit.save.click();

  await expect(staff.page).toHaveTitle(/^Check the form · Change seat limit · /);
  await expect(staff.limit.limit).toHaveAccessibleDescription(/^A seat limit is a whole number/);
  await expect(staff.limit.reason).toHaveAccessibleDescription(/^Say in a few words why the limit changes/);
  await expect(staff.limit.limit).toBeFocused();

  await staff.limit.preview('5');
  await staff.limit.save.click();
  await expect(staff.limit.limit).not.toHaveAttribute('aria-invalid');
  await expect(staff.limit.reason).toBeFocused();
});

test('the wishes that are most common need no arithmetic', async ({ organization, staff }) => {
  await organization.withSeats(1).joined('ada@acme.test', 'nina@acme.test', 'omar@acme.test');
  await staff.limit.goto();
  await expect(staff.limit.choices).toHaveText(['Let all 2 in: 3', '+5', '+10', 'Unlimited']);

  await staff.limit.choices.first().click();
  await expect(staff.limit.limit).toHaveValue('3');
  await expect(staff.limit.after).toContainText('2 people get in');
  await expect(staff.limit.save).toHaveText('Raise to 3 seats: 2 people get in');

  await staff.limit.preview('+9', 'nine more');
  await expect(staff.limit.save).toHaveText('Raise to 10 seats: 2 people get in');
  await staff.limit.save.click();
  await expect(staff.organization.seats).toContainText('of 10 seats');
});

test('the same limit again is refused', async ({ organization, staff }) => {
  await organization.withSeats(3);
  await staff.limit.goto();

  await staff.limit.preview('3', 'to be sure');
  await expect(staff.limit.after).toContainText('That is the limit already.');
  await staff.limit.save.click();

  await expect(staff.limit.limit).toHaveAccessibleDescription(/^The limit is 3 seats already\./);
});

test('a limit can be set until a day, and the form and the page say what applies then', async ({ organization, staff, admin, axe }) => {
  await organization.withSeats(3);
  const year = new Date().getUTCFullYear() + 1;
  await staff.limit.goto();
  await staff.limit.preview('5', 'two guests until January');
  await staff.limit.lastDay.fill('2020-01-31');
  await staff.limit.save.click();
  await expect(staff.limit.lastDay).toHaveAccessibleDescription(/^The last day is today or later, and at most ten years ahead\. After this day, in UTC, the limit is 3 seats again\./);
  await expect(staff.limit.lastDay).toHaveValue('2020-01-31');
  await expect(staff.limit.limit).toHaveValue('5');
  await axe(staff.page);

  await staff.limit.lastDay.fill(`${year}-01-31`);
  await staff.limit.save.click();
  await expect(staff.organization.seats).toContainText(`The limit applies until 31 Jan ${year}, then 3 seats.`);
  await admin.organization.goto();
  await expect(admin.organization.seats).toContainText(`until 31 Jan ${year}, then 3 seats.`);

  await staff.limit.goto();
  await expect(staff.limit.lastDay).toHaveValue(`${year}-01-31`);
  await staff.limit.preview('5', 'they stay');
  await staff.limit.lastDay.fill('');
  await staff.limit.save.click();
  await expect(staff.organization.seats).toContainText('of 5 seats');
  await expect(staff.organization.seats).not.toContainText('The limit applies until');
});

test('two editors cannot overwrite each other', async ({ organization, staff, account, browser, complaints, javaScriptEnabled }) => {
  await organization.withSeats(1).joined('ada@acme.test', 'nina@acme.test');
  await staff.limit.goto();
  await staff.limit.preview('2', 'one more');
  const context = await browser.newContext();
  complaints.listen(context);
  const other = await limitForm(await context.newPage(), await account('staff-admin'), staff.limit.path, javaScriptEnabled);
  await other.preview('10', 'ten bought');
  await other.save.click();
  await expect(other.page).toHaveURL(`${staff.organization.path}?saved=1`);

  await staff.limit.save.click();

  await expect(staff.limit.limit).toHaveAccessibleDescription(/^Another person changed this organization’s limit to 10 seats in the meantime\./);
  await expect(staff.limit.limit).toHaveValue('2');
  await expect(staff.limit.reason).toHaveValue('one more');
  await expect(staff.limit.changed).toContainText(/changed the limit from 1 seat to 10 seats .*: “ten bought”\. What you typed is still here\./);
  await expect(staff.limit.now).toContainText('2 of 10 seats taken');
  await expect(staff.limit.save).toHaveText('Lower to 2 seats');

  // having looked at the new numbers, they may
  await staff.limit.save.click();
  await expect(staff.page).toHaveURL(`${staff.organization.path}?saved=0`);
  await expect(staff.organization.seats).toContainText('of 2 seats');
  await expect(staff.organization.changes).toHaveText([/^10 seats → 2 seats.*one more.*By /, /^1 seat → 10 seats.*ten bought.*By /, /→ 1 seat/]);
  await context.close();
});

test('lowering says how many would be over, and no person loses a seat', async ({ organization, staff, admin }) => {
  await organization.withSeats(5).joined('ada@acme.test', 'bob@acme.test', 'cleo@acme.test');
  await staff.limit.goto();

  await staff.limit.preview('1', 'contract ended');
  await expect(staff.limit.after).toContainText('2 seats over the limit. No person loses a seat, and no person gets in until 2 are given back.');
  await expect(staff.limit.save).toHaveText('Lower to 1 seat: 2 over');
  await staff.limit.save.click();

  await expect(staff.organization.banners).toContainText('2 seats over the limit.');
  await expect(staff.organization.seats).toContainText(/Over\s*2 seats/);
  await organization.joined('nina@acme.test');
  await organization.left('ada@acme.test');
  await admin.organization.goto();
  await expect(admin.organization.waiting, 'still over: no person gets in').toContainText(['Nina']);
  await expect(admin.organization.waitlist).toContainText('No seat was free: the plan has 1 seat, 3 were taken.');
  await expect(admin.organization.banners).toContainText('2 of 1 seat taken: 1 more than your plan has.');
});

test('the first limit is set, not changed', async ({ organization, staff, admin }) => {
  await organization.joined('ada@acme.test');
  await admin.organization.goto();
  await expect(admin.organization.banners).toContainText('Your plan is being set up.');
  await staff.organization.goto();
  await expect(staff.organization.banners).toContainText('No seat limit is set yet.');
  await staff.organization.changeLimit.click();
  await expect(staff.limit.heading).toHaveText('Set seat limit');
  await staff.limit.awake();

  await staff.limit.preview('5', 'signed today');
  await expect(staff.limit.save).toHaveText('Set to 5 seats: 1 person gets in');
  await staff.limit.save.click();

  await expect(staff.organization.main).toContainText('1 of 5 seats taken, 4 free, 0 waiting.');
});

test('a number is read as people write it', async ({ organization, staff }) => {
  await staff.limit.goto();

  await staff.limit.preview(' 1,200 ', 'enterprise');
  await staff.limit.save.click();

  await expect(staff.organization.seats).toContainText('of 1,200 seats');
  expect(staff.page.url()).toContain(organization.id);
});

test('Enter in the limit never saves a limit without a preview', async ({ organization, staff, javaScriptEnabled }) => {
  test.skip(javaScriptEnabled, 'with JavaScript the preview follows by itself, and Enter saves');
  await organization.withSeats(3);
  await staff.limit.goto();

  await staff.limit.limit.fill('1');
  await staff.limit.limit.press('Enter');

  await expect(staff.limit.after).toContainText('0 of 1 seat taken');
  await staff.organization.goto();
  await expect(staff.organization.seats).toContainText('of 3 seats');
});

test('names and reasons are text and nothing else', async ({ another, staff, seatkeeper }) => {
  const hostile = another('<b>Acme</b> & “Söhne” <script>alert(1)</script>');
  await hostile.withSeats(1).joined('o\'brien+tag@acme.test');
  await seatkeeper.setLimit(hostile.id, 2, '<img src=x onerror=alert(1)>');

  await staff.page.goto(`/organizations/${hostile.id}`);

  await expect(staff.organization.heading).toHaveText(hostile.name);
  await expect(staff.organization.main).toContainText('<img src=x onerror=alert(1)>');
  await expect(staff.page.locator('main :is(script, b:has-text("Acme"), img)')).toHaveCount(0);
});

async function limitForm(page: Page, account: { email: string; password: string }, path: string, scripted: boolean): Promise<LimitForm> {
  await page.goto(path);
  await new SignInPage(page).submit(account);
  const form = new LimitForm(page, path, scripted);
  await expect(form.limit).toBeVisible();
  await form.awake();
  return form;
}
