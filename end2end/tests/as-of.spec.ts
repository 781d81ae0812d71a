// An organization as it was at a moment, its history, and its true-up report.
import { expect, test } from '../support/test.ts';

test('the page shows who holds a seat and who waits, and leads to moments before', async ({ organization, admin }) => {
  await organization.withSeats(2).joined('ada@acme.test', 'bob@acme.test', 'cleo@acme.test');
  await admin.organization.goto();

  await admin.organization.main.getByRole('link', { name: 'Seats at a past moment' }).click();

  await expect(admin.page).toHaveURL(`${admin.organization.path}/as-of`);
  await expect(admin.organization.main).toContainText('All 2 seats taken, 1 waiting');
  await expect(admin.page.getByRole('region', { name: 'Waitlist' }).getByRole('row')).toHaveText([/Position/, /1.*Cleo/]);
  await expect(admin.page.getByRole('region', { name: 'Seats' }).getByRole('rowheader')).toHaveText([/Ada/, /Bob/]);

  await admin.page.getByRole('link', { name: 'A month ago' }).click();
  await expect(admin.organization.main).toContainText('Seatkeeper knows this organization since');
  await admin.page.getByRole('link', { name: 'Now', exact: true }).click();
  await expect(admin.organization.main).toContainText('All 2 seats taken, 1 waiting');
});

test('a moment that is still to come gets a sentence beside its field', async ({ organization, admin }) => {
  await organization.withSeats(2).joined('ada@acme.test');
  await admin.page.goto(`${admin.organization.path}/as-of`);

  const field = admin.page.getByLabel('Date and time (UTC)');
  await field.fill('2200-01-01T00:00:00');
  await admin.page.getByRole('button', { name: 'Show' }).click();

  await expect(admin.page).toHaveURL(/as-of\?at=2200-01-01T00/);
  await expect(field).toHaveAccessibleDescription('This time is still to come.');
  await expect(field).toHaveValue(/^2200-01-01T00:00/);
});

test('the report has the most used seats and the days over, and is fit for paper', async ({ organization, staff }) => {
  await organization.withSeats(2).joined('ada@acme.test', 'bob@acme.test');
  await staff.limit.goto();
  await staff.limit.preview('1', 'one less');
  await staff.limit.save.click();
  await expect(staff.organization.banners).toContainText('Saved.');

  await staff.organization.main.getByRole('link', { name: 'True-up report' }).click();

  await expect(staff.page).toHaveURL(`${staff.organization.path}/true-up`);
  await expect(staff.page.getByRole('heading', { level: 1 })).toHaveText('True-up report');
  const month = staff.page.getByRole('region', { name: 'True-up by month' }).getByRole('row').last();
  await expect(month.getByRole('cell')).toHaveText(['2', '1', '1', /UTC/]);

  await staff.page.emulateMedia({ media: 'print' });
  await expect(staff.organization.main).toContainText(/Generated .* UTC/);
  await expect(staff.page.getByRole('navigation', { name: 'Sections' })).toBeHidden();
});

test('the history of an organization begins on its first day', async ({ organization, admin }) => {
  await organization.withSeats(2).joined('ada@acme.test');

  await admin.page.goto(`${admin.organization.path}/history`);

  await expect(admin.organization.main).toContainText('The history begins today');
  await expect(admin.organization.main).toContainText('No forecast yet: it needs four whole weeks of history.');
  await expect(admin.page.getByRole('region', { name: 'Seat history by day' }).getByRole('row')).toHaveCount(2);
});

test('another tenant’s past is not there', async ({ organization, admin, complaints }) => {
  complaints.accept(/404 \(Not Found\)/);
  await organization.withSeats(2);

  for (const page of ['as-of', 'true-up', 'history', 'history.csv']) {
    expect((await admin.page.goto(`/organizations/org_of_another/${page}`))!.status()).toBe(404);
  }
});
