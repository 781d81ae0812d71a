// Roles that follow from groups: the mapping with its preview, and what people and accounts get from it.
import type { Organization } from '../support/organization.ts';
import type { Seatkeeper } from '../support/seatkeeper.ts';
import { SignedIn, signIn } from '../support/signed-in.ts';
import { expect, test } from '../support/test.ts';

/** Ann and Bob have seats; both are in Sales, Bob is in Crew, too. */
async function twoGroups(organization: Organization, seatkeeper: Seatkeeper): Promise<void> {
  // the same in every test: the tests share one installation
  expect((await seatkeeper.run(['setting', 'set', 'application_roles', 'editor, reader'])).code).toBe(0);
  await organization.withSeats(5).joined('ann@acme.test', 'bob@acme.test');
  await organization.inGroups('ann@acme.test', 'Sales').inGroups('bob@acme.test', 'Sales', 'Crew');
}

test('an admin gives a group roles, as previewed, and the person’s page says where they come from', async ({ organization, admin, seatkeeper }) => {
  await twoGroups(organization, seatkeeper);
  const { page } = admin;
  await page.goto(admin.groups.path);
  await page.getByRole('navigation', { name: 'Groups and roles' }).getByRole('link', { name: 'Roles' }).click();
  await expect(admin.groups.main).toContainText('No group has a role yet');
  await page.getByRole('combobox', { name: 'Give roles to a group' }).selectOption({ label: 'Sales' });
  await page.getByRole('button', { name: 'Choose' }).click();

  await page.getByRole('checkbox', { name: 'editor' }).check();
  await page.getByRole('button', { name: 'Preview' }).click();
  await expect(page.getByRole('region', { name: 'Afterwards' })).toContainText('Ann and Bob get “editor”.');
  await page.getByRole('button', { name: 'Save the roles' }).click();

  await expect(admin.organization.banners).toContainText('The roles of “Sales” were saved.');
  const row = page.getByRole('region', { name: 'Groups with roles' }).getByRole('row').filter({ hasText: 'Sales' });
  await expect(row.getByRole('cell')).toContainText(['2', 'editor', '–', 'Change']);

  await page.goto(`${admin.people.path}/${organization.person('ann@acme.test').id}`);
  await expect(admin.people.main.getByRole('definition').filter({ hasText: 'editor' })).toContainText('editor from Sales');
  await page.goto(`${admin.people.path}?role=editor`);
  await expect(admin.people.names).toContainText(['Ann', 'Bob']);

  await organization.inGroups('ann@acme.test', 'Crew');
  await page.goto(`${admin.organization.path}/activity`);
  await expect(admin.organization.row('Roles of a person changed')).toContainText('Ann');
  await expect(admin.organization.row('Roles of a group changed')).toContainText('Tess Tenant');
});

test('a group makes an account an admin, and leaving the group takes that away', async ({ organization, admin, account, browser, seatkeeper, javaScriptEnabled }) => {
  await twoGroups(organization, seatkeeper);
  const viewer = await account('tenant-viewer');
  await organization.joined(viewer.email).inGroups(viewer.email, 'Crew');
  const crew = organization.group('Crew');
  await admin.page.goto(`${admin.organization.path}/roles?group=${crew.id}`);
  await admin.page.getByRole('combobox', { name: 'Role in this dashboard' }).selectOption('Admin');
  await admin.page.getByRole('button', { name: 'Preview' }).click();
  await expect(admin.page.getByRole('region', { name: 'Afterwards' })).toContainText('becomes an admin of this dashboard');

  const context = await browser.newContext();
  await signIn(context, viewer);
  const reader = new SignedIn(await context.newPage(), viewer, organization.id, javaScriptEnabled);
  await reader.page.goto(`${reader.organization.path}/roles?group=${crew.id}`);
  await expect(reader.page.getByRole('heading', { level: 1 })).toHaveText('Roles');
  await expect(reader.page.getByRole('button', { name: 'Preview' })).toHaveCount(0);

  await admin.page.getByRole('button', { name: 'Save the roles' }).click();
  await expect(admin.organization.banners).toContainText('The roles of “Crew” were saved.');
  await signIn(context, viewer);
  await reader.page.goto(`${reader.organization.path}/roles?group=${crew.id}`);
  await expect(reader.page.getByRole('button', { name: 'Preview' })).toBeVisible();

  await organization.inGroups(viewer.email);
  await signIn(context, viewer);
  await reader.page.goto(`${reader.organization.path}/roles?group=${crew.id}`);
  await expect(reader.page.getByRole('heading', { level: 1 })).toHaveText('Roles');
  await expect(reader.page.getByRole('button', { name: 'Preview' })).toHaveCount(0);
  await context.close();
});

test('roles that another person changed meanwhile are not overwritten', async ({ organization, staff, seatkeeper }) => {
  await twoGroups(organization, seatkeeper);
  const [sales, crew] = [organization.group('Sales'), organization.group('Crew')];
  await staff.page.goto(`${staff.organization.path}/roles?group=${sales.id}&preview=yes&role=reader`);
  const other = await seatkeeper.run(['role', 'map', organization.id, crew.id, '--role', 'editor']);
  expect(other.code, other.stderr).toBe(0);

  await staff.page.getByRole('button', { name: 'Save the roles' }).click();

  await expect(staff.organization.banners).toContainText('The roles were not changed.');
  await expect(staff.page.getByRole('checkbox', { name: 'reader' })).toBeChecked();
  await staff.page.getByRole('button', { name: 'Save the roles' }).click();
  await expect(staff.organization.banners).toContainText('The roles of “Sales” were saved.');
  const listed = await seatkeeper.run(['role', 'list', organization.id, '--json']);
  const roles = JSON.parse(listed.stdout).map(({ name, roles }: { name: string; roles: string[] }) => [name, ...roles]);
  expect(roles).toEqual([['Crew', 'editor'], ['Sales', 'reader']]);
});
