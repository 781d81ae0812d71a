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

  const alert = staff.page.getByRole('alert').filter({ hasText: 'Not saved: Seatkeeper does not answer.' });
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

test('a form that the server cannot read gets the server’s own page', async ({ organization, staff, complaints }) => {
  complaints.accept(/Failed to load resource/);
  await organization.withSeats(3);
  await staff.limit.goto();
  await staff.limit.preview('5', 'two more');
  const answer = { status: 413, contentType: 'text/html', body: '<h1>This is too long</h1>' };
  await staff.page.route('**/api/set_seat_limit', (route) => route.fulfill(answer));

  await staff.limit.save.click();

  await expect(staff.page.getByRole('heading', { name: 'This is too long' })).toBeVisible();
});
