// The staff's start page: what needs a decision, with the same numbers as the lists behind it; and the steps of a new installation.
import { expect, test } from '../support/test.ts';

test('staff begin with what needs a decision, and each number is that of its list', async ({ organization, staff }) => {
  await organization.withSeats(0).joined('ada@acme.test');

  await staff.page.goto('/');

  await expect(staff.page).toHaveURL('/start');
  await expect(staff.page.getByRole('heading', { name: 'Start', level: 1 })).toBeVisible();
  const waiting = staff.page.getByRole('main').getByRole('link', { name: 'people waiting' });
  await expect(waiting).toContainText('They get in with a higher limit, or when seats are free.');
  await waiting.click();
  await expect(staff.page).toHaveURL('/organizations?status=waiting');
  await expect(staff.organizations.chip('Waiting')).toHaveAttribute('aria-current', 'true');
});

test('a step that is open says what to do', async ({ organization, staff }) => {
  await organization.withSeats(5).joined('ada@acme.test');

  await staff.page.goto('/start');

  const steps = staff.page.getByRole('listitem').filter({ has: staff.page.getByRole('heading', { level: 3 }) });
  const step = (name: string) => steps.filter({ has: staff.page.getByRole('heading', { name, exact: true }) });
  await expect(step('The first webhook').getByRole('img', { name: 'Done' })).toBeVisible();
  await expect(step('The first seat limit').getByRole('img', { name: 'Done' })).toBeVisible();
  const credentials = step('Credentials for Scalekit’s API');
  await expect(credentials).toBeVisible();
});
