// The staff's overview: organizations that need attention come first, and every choice is in the address.
import { RequestPage } from '../pages/request-page.ts';
import { freshId } from '../support/scalekit.ts';
import { expect, test } from '../support/test.ts';

/** A word that only this test's organizations have in their names. */
const word = () => `plan${freshId('x').slice(-9)}`;

test('organizations that need attention come first', async ({ another, staff }) => {
  const tag = word();
  const named = (name: string) => another(`${name} ${tag}`);
  await named('Unlimited').withSeats('unlimited').joined('ada@acme.test');
  await named('Seats free').withSeats(5).joined('ada@acme.test');
  await named('Full').withSeats(1).joined('ada@acme.test');
  await named('Nearly full').withSeats(5).joined('ada@acme.test', 'bob@acme.test', 'cleo@acme.test', 'dan@acme.test');
  await named('Limit not set');
  await named('Waiting').withSeats(1).joined('ada@acme.test', 'nina@acme.test');
  await named('Over').withSeats(2).joined('ada@acme.test', 'bob@acme.test').withSeats(1);

  await staff.organizations.goto(`?search=${tag}`);

  const order = ['Over', 'Waiting', 'Limit not set', 'Full', 'Nearly full', 'Seats free', 'Unlimited'];
  await expect(staff.organizations.names).toHaveText(order.map((name) => new RegExp(`^${name} ${tag}`)));
  const cells = order.map((_, n) => staff.organizations.table.getByRole('row').nth(n + 1).getByRole('cell').last());
  for (const [n, state] of order.entries()) await expect(cells[n]).toHaveText(state);
  const over = staff.organizations.row(`Over ${tag}`);
  await expect(over.getByRole('img', { name: '2 of 1 seat taken, 1 over, 0 waiting' })).toBeVisible();
  await expect(over.getByRole('cell', { name: '2', exact: true })).toBeVisible();
  await expect(staff.organizations.row(`Unlimited ${tag}`)).toContainText('unlimited');
});

test('of the organizations with a waitlist, the longest waitlist comes first', async ({ another, staff }) => {
  const tag = word();
  await another(`Short ${tag}`).withSeats(0).joined('ada@acme.test');
  await another(`Long ${tag}`).withSeats(0).joined('ada@acme.test', 'bob@acme.test');

  await staff.organizations.goto(`?search=${tag}`);

  await expect(staff.organizations.names).toHaveText([new RegExp(`^Long ${tag}`), new RegExp(`^Short ${tag}`)]);
});

test('staff find a person by the e-mail address, whatever the organization', async ({ another, staff }) => {
  const tag = word();
  await another(`Acme ${tag}`).withSeats(1).joined('ada@acme.test', `${tag}@people.test`);
  await another(`Globex ${tag}`).withSeats(1).joined(`${tag}@people.test`);

  await staff.organizations.goto();
  await staff.organizations.find(`${tag.toUpperCase()}@people.test`);

  const found = staff.page.locator('section').filter({ has: staff.page.getByRole('heading', { name: 'People with this e-mail address' }) });
  await expect(found.getByRole('listitem')).toHaveText([new RegExp(`Acme ${tag}.*Waiting`, 's'), new RegExp(`Globex ${tag}.*Has a seat`, 's')]);
  await found.getByRole('link').first().click();
  await expect(staff.page).toHaveURL(/\/people\/diruser_/);
  await expect(staff.page.getByRole('main')).toContainText(`Acme ${tag}`);

  await staff.organizations.goto('?search=no-one@people.test');
  await expect(staff.page.getByText('No organization matches, and no person has this e-mail address')).toBeVisible();
});

test('rows stay in their places while the reader is in the table', async ({ another, staff, javaScriptEnabled }) => {
  test.skip(!javaScriptEnabled, 'without JavaScript an open page does not change');
  const tag = word();
  const [calm, busy] = [another(`Calm ${tag}`), another(`Quiet ${tag}`)];
  await calm.withSeats(5).joined('ada@acme.test', 'bob@acme.test');
  await busy.withSeats(5).joined('ada@acme.test');
  await staff.organizations.goto(`?search=${tag}`);
  const names = (...order: string[]) => order.map((name) => new RegExp(`^${name} ${tag}`));
  await expect(staff.organizations.names).toHaveText(names('Calm', 'Quiet'));
  await expect(staff.page.getByText('Live', { exact: true })).toBeVisible();

  await staff.organizations.row(`Calm ${tag}`).hover();
  await busy.withSeats(0);
  await expect(staff.organizations.row(`Quiet ${tag}`)).toContainText('Over');
  await expect(staff.organizations.names, 'the number changes in place').toHaveText(names('Calm', 'Quiet'));

  await staff.page.getByRole('link', { name: 'Sort again' }).click();
  await expect(staff.organizations.names).toHaveText(names('Quiet', 'Calm'));
  await expect(staff.page.getByRole('link', { name: 'Sort again' })).toHaveCount(0);
});

test('a search finds by name and by id, and says when nothing matches', async ({ organization, another, staff }) => {
  const tag = word();
  await another(`Zoë’s 100 % ${tag}`);

  await staff.organizations.goto();
  await staff.organizations.find(`100 % ${tag.toUpperCase()}`);
  await expect(staff.organizations.names).toHaveText([new RegExp(`^Zoë’s 100 % ${tag}`)]);
  await expect(staff.organizations.search).toHaveValue(`100 % ${tag.toUpperCase()}`);

  await staff.organizations.find(organization.id);
  await expect(staff.organizations.names).toHaveText([new RegExp(`^${organization.name}`)]);

  await staff.organizations.find(`%${tag}`);
  await expect(staff.organizations.main).toContainText('No organization matches');
  await staff.page.getByRole('link', { name: 'Show all organizations' }).click();
  await expect(staff.page).toHaveURL('/organizations');
});

test('a chip shows one condition and is in the address', async ({ another, staff }) => {
  const tag = word();
  await another(`Waiting ${tag}`).withSeats(0).joined('ada@acme.test');
  await another(`Roomy ${tag}`).withSeats(9);

  await staff.organizations.goto(`?search=${tag}`);
  await staff.organizations.chip('Waiting').click();

  await expect(staff.page).toHaveURL(`/organizations?search=${tag}&status=waiting`);
  await expect(staff.organizations.names).toHaveText([new RegExp(`^Waiting ${tag}`)]);
  await expect(staff.organizations.chip('Waiting')).toHaveAttribute('aria-current', 'true');
  await staff.organizations.chip('All').click();
  await expect(staff.organizations.names).toHaveCount(2);
});

test('a search within a condition stays within it', async ({ another, staff }) => {
  const tag = word();
  await another(`Roomy ${tag}`).withSeats(9);
  await another(`New ${tag}`).joined('ada@acme.test');
  await staff.organizations.goto('?status=not-set');

  await staff.organizations.find(tag);

  await expect(staff.organizations.names).toHaveText([new RegExp(`^New ${tag}`)]);
  await expect(staff.organizations.chip('Limit not set')).toHaveAttribute('aria-current', 'true');
  await expect(staff.organizations.chip('Waiting')).toHaveText('Waiting 1');
});

test('the order is in the address and survives reload and back', async ({ another, staff }) => {
  const tag = word();
  await another(`Beta ${tag}`).withSeats(5).joined('ada@acme.test', 'bob@acme.test');
  await another(`Alpha ${tag}`).withSeats(9).joined('ada@acme.test');
  await another(`Gamma ${tag}`).withSeats(3).joined('ada@acme.test', 'bob@acme.test', 'cleo@acme.test');
  const order = (...names: string[]) => expect(staff.organizations.names).toHaveText(names.map((name) => new RegExp(`^${name} ${tag}`)));
  await staff.organizations.goto(`?search=${tag}`);

  await staff.organizations.sortBy('Used');
  await order('Gamma', 'Beta', 'Alpha');
  await expect(staff.page).toHaveURL(`/organizations?search=${tag}&sort=used&order=desc`);
  await expect(staff.organizations.column('Used')).toHaveAttribute('aria-sort', 'descending');

  await staff.organizations.sortBy('Used');
  await order('Alpha', 'Beta', 'Gamma');
  await expect(staff.organizations.column('Used')).toHaveAttribute('aria-sort', 'ascending');

  await staff.organizations.sortBy('Name');
  await order('Alpha', 'Beta', 'Gamma');
  await staff.organizations.sortBy('Name');
  await order('Gamma', 'Beta', 'Alpha');

  await staff.page.reload();
  await order('Gamma', 'Beta', 'Alpha');
  await expect(staff.organizations.column('Name')).toHaveAttribute('aria-sort', 'descending');

  await staff.page.goBack();
  await order('Alpha', 'Beta', 'Gamma');
  await staff.organizations.sortBy('Limit');
  await order('Alpha', 'Beta', 'Gamma');
  await staff.organizations.sortBy('State');
  await order('Gamma', 'Beta', 'Alpha');
  await expect(staff.page).toHaveURL(`/organizations?search=${tag}`);
});

test('more than fifty organizations are paged', async ({ another, staff }) => {
  const tag = word();
  for (let n = 1; n <= 51; n += 1) await another(`Customer ${String(n).padStart(2, '0')} ${tag}`);

  await staff.organizations.goto(`?search=${tag}&sort=name`);
  await expect(staff.organizations.names).toHaveCount(50);
  await expect(staff.organizations.pages).toContainText('50 of 51 organizations');

  await staff.organizations.pages.getByRole('link', { name: 'Next' }).click();
  await expect(staff.page).toHaveURL(new RegExp(`/organizations\\?search=${tag}&sort=name&before=name\\.`));
  await expect(staff.organizations.names).toHaveText([new RegExp(`^Customer 51 ${tag}`)]);
  await expect(staff.organizations.pages).toContainText('1 of 51 organizations');
  await expect(staff.organizations.pages.getByRole('link', { name: 'Next' })).toHaveCount(0);

  await staff.organizations.goto(`?search=${tag}&before=nonsense`);
  await expect(staff.organizations.names).toHaveCount(50);
});

test('an organization can meet several conditions, and each number leads to its rows', async ({ another, staff, admin, organization, axe }) => {
  const tag = word();
  await another(`Over ${tag}`).withSeats(2).joined('ada@acme.test', 'bob@acme.test').withSeats(1).joined('nina@acme.test');
  await another(`New ${tag}`).joined('ada@acme.test', 'bob@acme.test');
  await another(`Roomy ${tag}`).withSeats(9).joined('ada@acme.test');

  await staff.organizations.goto(`?search=${tag}`);
  const people = staff.organizations.main.getByText('2 organizations have people waiting (3 people)');
  await expect(staff.organizations.main).toContainText('2 organizations have people waiting (3 people); 1 is over its limit; 1 has no limit yet.');
  for (const [chip, count] of [['All', 3], ['Waiting', 2], ['Over', 1], ['Limit not set', 1], ['Nearly full', 0], ['Trouble', 0]] as const) {
    await expect(staff.organizations.chip(chip)).toHaveText(`${chip} ${count}`);
  }
  await axe(staff.page);
  await people.click();
  await expect(staff.page).toHaveURL(`/organizations?search=${tag}&status=waiting`);
  await expect(staff.organizations.names).toHaveText([new RegExp(`^Over ${tag}`), new RegExp(`^New ${tag}`)]);

  await organization.withSeats(1).joined('ada@acme.test', 'bob@acme.test');
  const asks = new RequestPage(admin.page, `${admin.organization.path}/requests/new`);
  await asks.goto();
  await asks.ask('1', 'One more.');
  await expect(asks.heading).toHaveText('1 more seat');
  await staff.organizations.goto(`?search=${organization.id}&status=open-requests`);
  await staff.page.getByRole('link', { name: 'Asks for seats', exact: true }).click();
  await expect(staff.page.getByRole('heading', { level: 1 })).toHaveText('1 more seat');
});
