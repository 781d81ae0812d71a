// The organization of the page in the sidebar, and the two menus of staff.
import { signIn } from '../support/signed-in.ts';
import { expect, test } from '../support/test.ts';

test('inside an organization staff see its menu, and unfold the one of all organizations', async ({ organization, staff }) => {
  await organization;
  const { page } = staff;
  const menu = page.getByRole('navigation', { name: 'Sections' });
  await page.goto('/start');
  await expect(menu.getByRole('link').first()).toHaveText('Start');

  await page.goto(`/organizations/${organization.id}/single-sign-on`);

  await expect(menu.getByRole('link').first()).toHaveText('Seats');
  await expect(menu.getByRole('link', { name: 'Settings' })).toHaveAttribute('aria-current', 'true');
  await expect(menu.getByRole('link', { name: 'Webhooks' })).toBeHidden();
  await menu.getByText('All organizations').click();
  await menu.getByRole('link', { name: 'Webhooks' }).click();
  await expect(page).toHaveURL('/deliveries');
});

test('without JavaScript the name of the organization leads to the list', async ({ organization, another, staff, seatkeeper, account, page, javaScriptEnabled }) => {
  test.skip(javaScriptEnabled, 'switcher.island.spec.ts');
  const own = another();
  await own;
  await staff.organization.goto();
  await staff.page.getByRole('link', { name: `Organization: ${organization.name}` }).click();
  await expect(staff.page).toHaveURL('/organizations');
  await expect(staff.organizations.heading).toHaveText('Organizations');

  const tess = { ...(await account('tenant-viewer')), email: `tess.${organization.id}@people.test`, organizations: [organization.id, own.id] };
  await seatkeeper.createAccount(tess);
  await signIn(page.context(), tess);
  await page.goto('/');
  await expect(page).toHaveURL('/organizations');
  const list = page.getByRole('main').getByRole('listitem');
  await expect(list).toHaveText([organization.name, own.name].sort().map((name) => new RegExp(`^${name}.*Viewer`)));
  await list.getByRole('link', { name: own.name }).click();
  await page.getByRole('link', { name: `Organization: ${own.name}` }).click();
  await expect(page).toHaveURL('/organizations');
});
