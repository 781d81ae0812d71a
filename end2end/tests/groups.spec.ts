// The groups of an organization: the list, the page of a group, and who joined and who left.
import type { Organization } from '../support/organization.ts';
import { expect, test } from '../support/test.ts';

/** One seat: Ann has it, Bob and Cleo wait. Bob has left Sales, and Old is deleted. */
async function threePeople(organization: Organization): Promise<void> {
  await organization.withSeats(1).joined('ann@acme.test', 'bob@acme.test', 'cleo@acme.test');
  await organization.inGroups('ann@acme.test', 'Sales', 'Crew').inGroups('bob@acme.test', 'Sales', 'Crew').inGroups('cleo@acme.test', 'Sales');
  await organization.inGroups('bob@acme.test', 'Crew').withoutGroup('Old');
}

test('from the list to a group and to a member', async ({ organization, admin }) => {
  await threePeople(organization);
  const sales = organization.group('Sales');
  await admin.organization.goto();
  await admin.page.getByRole('navigation', { name: 'Sections' }).getByRole('link', { name: 'Groups' }).click();

  await expect(admin.groups.heading).toHaveText('Groups');
  await expect(admin.groups.names).toHaveText([/Crew/, /Sales/, /Old\s*deleted/]);
  await expect(admin.groups.main).toContainText('2 groups, and 1 that was deleted.');
  await expect(admin.groups.row('Sales').getByRole('cell')).toHaveText(['–', '2', '1', '1', '0', '0', '–']);

  await admin.groups.names.getByRole('link', { name: 'Sales' }).click();
  await expect(admin.page).toHaveURL(`${admin.groups.path}/${sales.id}`);
  await expect(admin.page).toHaveTitle(`Sales · ${organization.name} · Seatkeeper`);
  await expect(admin.groups.main).toContainText('2 members: 1 has a seat, 1 waits.');
  const members = admin.page.getByRole('region', { name: 'Members' }).getByRole('rowheader');
  await expect(members).toHaveText([/Ann/, /Cleo/]);
  await expect(admin.groups.row('Cleo')).toContainText('position 2');

  await members.getByRole('link', { name: 'Cleo' }).click();
  await expect(admin.people.heading).toHaveText('Cleo');
  await expect(admin.groups.row('Joined the group Sales')).toBeVisible();
  await admin.people.main.getByRole('definition').getByRole('link', { name: 'Sales' }).click();
  await expect(admin.groups.heading).toHaveText('Sales');

  await admin.groups.main.getByRole('link', { name: `Groups of ${organization.name}` }).click();
  await expect(admin.page).toHaveURL(admin.groups.path);
});

test('who left a group and when', async ({ organization, admin }) => {
  await threePeople(organization);
  const sales = organization.group('Sales');
  await admin.page.goto(`${admin.groups.path}/${sales.id}`);

  await admin.page.getByRole('link', { name: 'Who joined and left' }).click();
  const changes = admin.page.getByRole('region', { name: 'Changes' }).getByRole('row').filter({ has: admin.page.getByRole('rowheader') });
  await expect(changes).toHaveText([/Bob\s*Left/, /Cleo\s*Joined/, /Bob\s*Joined/, /Ann\s*Joined/]);

  await admin.page.getByRole('combobox', { name: 'Change' }).selectOption('Left');
  await admin.page.getByRole('textbox', { name: 'Since (UTC)' }).fill(new Date(Date.now() - 86_400_000).toISOString().slice(0, 10));
  await admin.page.getByRole('button', { name: 'Filter' }).click();
  await expect(admin.page).toHaveURL(/list=changes&change=left&since=\d{4}-\d{2}-\d{2}$/);
  await expect(changes).toHaveText([/Bob\s*Left/]);
  await expect(admin.page.getByRole('combobox', { name: 'Change' })).toHaveValue('left');

  await admin.page.goto(`${admin.groups.path}/${sales.id}?list=changes&since=2200-01-01`);
  await expect(admin.groups.main).toContainText('No person matches these filters.');
  await admin.page.getByRole('link', { name: 'Clear filters' }).click();
  await expect(changes).toHaveCount(4);
});

test('groups are searched, sorted and exported', async ({ organization, admin }) => {
  await threePeople(organization);
  await admin.groups.goto();

  await admin.groups.sortBy('Waiting');
  await expect(admin.page).toHaveURL(/sort=waiting&order=desc$/);
  await expect(admin.groups.column('Waiting')).toHaveAttribute('aria-sort', 'descending');
  await expect(admin.groups.names).toHaveText([/Crew/, /Sales/, /Old/]);
  await admin.groups.sortBy('Group');
  await admin.groups.sortBy('Group');
  await expect(admin.groups.names).toHaveText([/Sales/, /Crew/, /Old/]);

  await admin.groups.find('SAL');
  await expect(admin.groups.names).toHaveText([/Sales/]);
  const href = await admin.page.getByRole('link', { name: 'Export CSV' }).getAttribute('href');
  const answer = await admin.page.request.get(href!);
  expect(answer.headers()['content-type']).toBe('text/csv; charset=utf-8');
  const lines = (await answer.text()).trim().split('\n');
  expect(lines).toHaveLength(2);
  expect(lines[1]).toMatch(/^dirgroup_\d+,Sales,,no,2,1,1,0,0,,$/);

  await admin.groups.find('no such group');
  await expect(admin.groups.main).toContainText('No group matches');
});

test('a number on the page of a group leads to those people', async ({ organization, admin }) => {
  await threePeople(organization);
  const sales = organization.group('Sales');
  await admin.page.goto(`${admin.groups.path}/${sales.id}`);

  await admin.groups.main.getByRole('term').filter({ hasText: 'Waiting' }).locator('xpath=following-sibling::dd').getByRole('link').click();

  await expect(admin.page).toHaveURL(`${admin.people.path}?state=blocked&group=${sales.id}`);
  await expect(admin.people.names).toHaveText([/Cleo/]);
  await admin.people.main.getByRole('link', { name: 'Open the page of this group' }).click();
  await expect(admin.groups.heading).toHaveText('Sales');
});

test('staff see where the admission policy ranks a group', async ({ organization, staff, seatkeeper }) => {
  await threePeople(organization);
  const [crew, sales] = ['Crew', 'Sales'].map((name) => organization.group(name));
  const policy = await seatkeeper.run(['organization', 'policy', organization.id, 'groups', `${crew.id},${sales.id}`, '--reason', 'agreed']);
  expect(policy.code, policy.stderr).toBe(0);
  await staff.page.goto(`${staff.groups.path}/${sales.id}`);

  await staff.page.getByRole('link', { name: 'Number 2 of 2 groups that come first' }).click();

  await expect(staff.groups.heading).toHaveText('Admission policy');
  await staff.groups.main.getByRole('link', { name: 'Crew' }).click();
  await expect(staff.groups.heading).toHaveText('Crew');
});

test('an organization without groups says where they come from', async ({ admin }) => {
  await admin.groups.goto();

  await expect(admin.groups.main).toContainText('No groups yet');
  await expect(admin.groups.main).toContainText('as soon as the directory sends them');
});

test('another tenant’s group is as missing as one that does not exist', async ({ organization, admin, another, complaints }) => {
  complaints.accept(/404 \(Not Found\)/);
  const other = another();
  await threePeople(other);
  const sales = other.group('Sales');
  await organization;

  for (const path of [`/organizations/${other.id}/groups`, `/organizations/${other.id}/groups/${sales.id}`, `${admin.groups.path}/${sales.id}`]) {
    expect((await admin.page.goto(path))!.status(), path).toBe(404);
    await expect(admin.groups.heading).toHaveText('There is nothing here');
    await expect(admin.groups.main).not.toContainText('Sales');
  }
});
