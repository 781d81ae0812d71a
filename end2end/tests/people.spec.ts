// All people of an organization: found by name, filtered by state, fifty at a time.
import { crowd } from '../support/people.ts';
import { deliver, directoryUser, userCreated } from '../support/scalekit.ts';
import { expect, test } from '../support/test.ts';

test('people are found by name and by address', async ({ organization, admin }) => {
  await organization.withSeats(5).joined('ada.lovelace@acme.test', 'grace.hopper@acme.test', 'alan.turing@bletchley.test');
  await admin.people.goto();

  await admin.people.find('LOVELACE');
  await expect(admin.people.names).toHaveText([/Ada Lovelace/]);
  await expect(admin.page).toHaveURL(/[?&]search=LOVELACE(&|$)/);

  await admin.people.find('bletchley');
  await expect(admin.people.names).toHaveText([/Alan Turing/]);

  await admin.people.find('no_match_%');
  await expect(admin.people.main).toContainText('No person matches');
  await admin.page.getByRole('link', { name: 'Show all people' }).click();
  await expect(admin.people.names).toHaveCount(3);
});

test('a chip shows the people of one state', async ({ organization, admin }) => {
  await organization.withSeats(2).joined('ada@acme.test', 'bob@acme.test', 'cleo@acme.test', 'dan@acme.test', 'eve@acme.test');
  await organization.left('ada@acme.test').deactivated('eve@acme.test');
  await admin.people.goto();

  for (const [word, names] of [
    ['Has a seat', [/Bob/, /Cleo/]],
    ['Waiting', [/Dan/]],
    ['Inactive', [/Eve/]],
    ['Removed', [/Ada/]],
    ['All', [/Bob/, /Cleo/, /Dan/, /Eve/]],
  ] as const) {
    await admin.people.chip(word).click();
    await expect(admin.people.names).toHaveText([...names]);
    await expect(admin.people.chip(word)).toHaveAttribute('aria-current', 'true');
    await expect(admin.people.chip(word)).toContainText(String(names.length));
  }
});

test('the counts on the organization’s page lead to its people', async ({ organization, admin }) => {
  await organization.withSeats(1).joined('ada@acme.test', 'nina@acme.test');
  await admin.organization.goto();

  await admin.organization.main.getByRole('link', { name: /^Waiting 1$/ }).click();

  await expect(admin.page).toHaveURL(`${admin.people.path}?state=blocked`);
  await expect(admin.people.names).toHaveText([/Nina/]);
  await expect(admin.people.row('Nina')).toContainText('position 1');
});

test('more than fifty people are paged in the order that is chosen', async ({ organization, admin }) => {
  await organization.withSeats(51).joined(...crowd(53));
  await admin.people.goto();
  await expect(admin.people.names).toHaveCount(50);
  await expect(admin.people.names.first()).toContainText('Person 01');
  await expect(admin.people.pages).toContainText('50 of 53 people');

  await admin.people.pages.getByRole('link', { name: 'Next' }).click();
  await expect(admin.people.names).toHaveText([/Person 51/, /Person 52/, /Person 53/]);
  await admin.page.reload();
  await expect(admin.people.names).toHaveCount(3);
  await admin.people.pages.getByRole('link', { name: 'First page' }).click();
  await expect(admin.people.names).toHaveCount(50);

  await admin.people.sortBy('Person');
  await expect(admin.people.names.first()).toContainText('Person 53');
  await expect(admin.people.column('Person')).toHaveAttribute('aria-sort', 'descending');
  await admin.people.sortBy('In this state since');
  await expect(admin.people.column('In this state since')).toHaveAttribute('aria-sort', 'descending');
  await expect(admin.people.names.first()).toContainText('Person 53');
  await admin.people.sortBy('In this state since');
  await expect(admin.people.names.first()).toContainText('Person 01');

  await admin.people.chip('Has a seat').click();
  await expect(admin.people.pages).toContainText('50 of 51 people');
  await admin.people.chip('Waiting').click();
  await expect(admin.people.names).toHaveText([/Person 52/, /Person 53/]);
});

test('the filters are in the address, and the chips count what the search matches', async ({ organization, admin, baseURL }) => {
  await organization.withSeats(2).joined('ada@acme.test', 'bob@acme.test', 'cleo@acme.test');
  const other = directoryUser(organization.id, 'ada@acme.test');
  await deliver(baseURL!, userCreated(other));
  await admin.people.goto();
  await expect(admin.people.chip('All')).toHaveText('All 4');

  await admin.people.find('ada');
  await expect(admin.people.chip('All')).toHaveText('All 2');
  await expect(admin.people.chip('Waiting')).toHaveText('Waiting 1');
  await expect(admin.people.chip('Removed')).toHaveText('Removed 0');

  await admin.page.getByRole('link', { name: 'Clear filters' }).click();
  await admin.page.getByRole('checkbox', { name: 'Same e-mail as another person' }).check();
  await admin.page.getByRole('button', { name: 'Search' }).click();
  await expect(admin.page).toHaveURL(/duplicates=yes/);
  await expect(admin.people.names).toHaveCount(2);
  await expect(admin.page.getByRole('checkbox', { name: 'Same e-mail as another person' })).toBeChecked();

  await admin.page.getByRole('textbox', { name: 'Role from the directory' }).fill('no-such-role');
  await admin.page.getByRole('button', { name: 'Search' }).click();
  await expect(admin.people.main).toContainText('No person matches');
});

test('a position on the waitlist is the same in every search', async ({ organization, admin }) => {
  await organization.withSeats(0).joined('ada@acme.test', 'bob@acme.test', 'cleo@acme.test');

  await admin.people.goto('?search=cleo');

  await expect(admin.people.row('Cleo')).toContainText('position 3');
});

test('the same address twice is two people, shown with a duplicate e-mail', async ({ organization, admin, baseURL }) => {
  await organization.withSeats(5).joined('ada@acme.test', 'bob@acme.test');
  await deliver(baseURL!, userCreated(directoryUser(organization.id, 'Ada@acme.test')));

  await admin.people.goto();

  await expect(admin.people.names).toHaveCount(3);
  const duplicates = admin.people.row(/duplicate e-mail/);
  await expect(duplicates).toHaveCount(2);
  await expect(duplicates.first()).toContainText(/ada@acme\.test/i);
  await expect(duplicates.last()).toContainText(/ada@acme\.test/i);
  await expect(admin.people.main).toContainText('3 of 5 seats taken');

  await organization.left('ada@acme.test');
  await admin.people.goto();
  await expect(admin.people.row(/duplicate e-mail/), 'the person who is left has no duplicate e-mail').toHaveCount(0);
});

test('an organization without people says where they come from', async ({ admin }) => {
  await admin.people.goto();

  await expect(admin.people.main).toContainText('No people yet');
  await expect(admin.people.main).toContainText('as soon as the directory sends them');
});

test('the list is exported as CSV with its filters', async ({ organization, admin }) => {
  await organization.withSeats(1).joined('ada@acme.test', 'bob@acme.test');
  await admin.people.goto('?state=blocked');

  const href = await admin.page.getByRole('link', { name: 'Export CSV' }).getAttribute('href');
  const answer = await admin.page.request.get(href!);

  expect(answer.headers()['content-type']).toBe('text/csv; charset=utf-8');
  const lines = (await answer.text()).trim().split('\n');
  expect(lines[0]).toBe('user_id,name,email,state,position,since,roles,directory_roles,groups,duplicate_email,attributes');
  expect(lines).toHaveLength(2);
  expect(lines[1]).toContain(',Bob,bob@acme.test,blocked,1,');
});
