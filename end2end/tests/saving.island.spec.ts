// A form that is being saved says so, and one that cannot be saved stays as it is.
import { expect, test } from '../support/test.ts';

test('while a form is saved, its button says so, and a second click changes nothing', async ({ organization, staff }) => {
  await organization.withSeats(3);
  await staff.limit.goto();
  await staff.limit.preview('5', 'two more');
  let requests = 0;
  let answer = () => {};
  const answered = new Promise<void>((resolve) => (answer = resolve));
  await staff.page.route('**/api/set_seat_limit', async (route) => {
    requests += 1;
    await answered;
    await route.continue();
  });

  await staff.limit.save.click();
  await expect(staff.limit.save).toHaveAttribute('data-busy', 'Saving…');
  await expect(staff.limit.save).toBeFocused();
  await staff.page.keyboard.press('Enter');
  answer();

  await expect(staff.organization.banners).toContainText('Saved.');
  await expect(staff.page).toHaveURL(new RegExp(`${staff.organization.path}\\?saved=`));
  expect(requests).toBe(1);
});

test('a server that is away loses nothing of what was typed', async ({ organization, staff, complaints }) => {
  complaints.accept(/Failed to load resource/);
  await organization.withSeats(3);
  await staff.limit.goto();
  await staff.limit.preview('5', 'two more');
  await staff.page.route('**/api/set_seat_limit', (route) => route.abort());

  await staff.limit.save.click();

  const alert = staff.page.getByRole('alert').filter({ hasText: 'No answer from Seatkeeper' });
  await expect(alert).toBeVisible();
  await expect(staff.limit.limit).toHaveValue('5');
  await expect(staff.limit.reason).toHaveValue('two more');
  await expect(staff.limit.save).not.toHaveAttribute('data-busy');

  await staff.page.unroute('**/api/set_seat_limit');
  await staff.limit.save.click();
  await expect(staff.organization.banners).toContainText('Saved.');
});

test('a server that is busy says so', async ({ organization, staff, complaints }) => {
  complaints.accept(/Failed to load resource/);
  await organization.withSeats(3);
  await staff.limit.goto();
  await staff.limit.preview('5', 'two more');
  await staff.page.route('**/api/set_seat_limit', (route) => route.fulfill({ status: 503, body: 'busy' }));

  await staff.limit.save.click();

  await expect(staff.page.getByRole('alert').filter({ hasText: 'too much to do' })).toBeVisible();
  await expect(staff.limit.reason).toHaveValue('two more');
});

test('what is not here any more says so, and what was typed stays', async ({ organization, staff }) => {
  await organization.withSeats(3);
  await staff.page.goto(`${staff.organization.path}/settings`);
  const notes = staff.page.getByRole('textbox', { name: 'Notes' });
  await notes.fill('call them in May');
  const form = staff.page.locator('form').filter({ has: notes });
  // the server itself says no: there is no such organization
  await form.locator('input[name=id]').evaluate((field) => field.setAttribute('value', 'org_404'));

  await form.getByRole('button', { name: 'Save notes' }).click();

  await expect(form.getByRole('alert')).toContainText('this is not here any more');
  await expect(notes).toHaveValue('call them in May');
});

test('a text that is too long for the server says so and stays', async ({ organization, staff, complaints }) => {
  complaints.accept(/Failed to load resource/);
  await organization.withSeats(3);
  await staff.limit.goto();
  await staff.limit.preview('5', 'two more');
  await staff.limit.reason.evaluate((field) => ((field as HTMLTextAreaElement).value = 'a'.repeat(100_000)));

  await staff.limit.save.click();

  await expect(staff.page.getByRole('alert').filter({ hasText: 'the text is too long' })).toBeVisible();
  await expect(staff.limit.limit).toHaveValue('5');
});
