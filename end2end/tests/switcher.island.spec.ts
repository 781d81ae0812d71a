// The organization switcher, by keyboard and by pointer.
import { Switcher } from '../pages/switcher.ts';
import { sizes } from '../support/fit.ts';
import { signIn } from '../support/signed-in.ts';
import { expect, test } from '../support/test.ts';

test('another organization opens on the same section, by keyboard', async ({ organization, another, staff, axe }) => {
  const [other, third] = [another(), another()];
  await other;
  await third;
  await organization.withSeats(1).joined('ada@acme.test');
  const { page } = staff;
  const switcher = new Switcher(page);
  await page.goto(`/organizations/${third.id}`);
  await page.goto(`/organizations/${other.id}/history`);
  await staff.people.goto();
  await staff.people.names.first().getByRole('link').click();
  await expect(page).toHaveURL(/\/people\/diruser_/);

  await switcher.opener.focus();
  await page.keyboard.press('Enter');
  await expect(switcher.search).toBeFocused();
  await expect(switcher.recent).toHaveText([other.name, third.name]);
  await expect(switcher.active).toHaveText(other.name);
  await axe(page);
  await page.keyboard.press('Escape');
  await expect(switcher.panel).toBeHidden();
  await expect(switcher.opener).toBeFocused();

  await page.keyboard.press('Enter');
  await expect(switcher.search).toBeFocused();
  await expect(switcher.active).toHaveText(other.name);
  await page.keyboard.press('ArrowDown');
  await expect(switcher.active).toHaveText(third.name);
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowUp');
  await expect(switcher.active, 'from the first to the last one').toHaveText(await switcher.options.last().innerText());
  await page.keyboard.press('ArrowDown');
  await expect(switcher.active).toHaveText(other.name);
  const active = await switcher.search.getAttribute('aria-activedescendant');
  await expect(page.locator(`#${active}`)).toHaveText(other.name);
  await page.keyboard.press('Enter');

  await expect(page).toHaveURL(`/organizations/${other.id}/people`);
  await switcher.opener.click();
  await expect(switcher.recent.first()).toHaveText(organization.name);
});

test('a search finds by a part of the name or of the id, and Enter waits for its answer', async ({ organization, another, staff, axe }) => {
  const other = another();
  await other;
  const { page } = staff;
  const switcher = new Switcher(page);
  await page.goto('/start');
  await expect(switcher.opener).toHaveText('Choose an organization');
  await switcher.opener.click();
  await switcher.search.fill(other.id.slice(2));
  await expect(switcher.options).toHaveText([other.name]);
  await switcher.search.fill('no organization is called so');
  await expect(switcher.panel.getByRole('status')).toHaveText('No organization matches.');
  await expect(switcher.options).toHaveCount(0);
  await axe(page);

  await switcher.search.fill(organization.name.toUpperCase());
  await page.keyboard.press('Enter');

  await expect(page).toHaveURL(`/organizations/${organization.id}`);
  await switcher.opener.click();
  await switcher.panel.getByRole('link', { name: 'All organizations' }).click();
  await expect(page).toHaveURL('/organizations');
});

test('a tenant is offered their own organizations, and needs no switcher for one', async ({ organization, another, admin, seatkeeper, account, page }) => {
  const [own, foreign] = [another(), another()];
  await own;
  await foreign;
  const tess = { ...(await account('tenant-viewer')), email: `tess.${organization.id}@people.test`, organizations: [organization.id, own.id] };
  await seatkeeper.createAccount(tess);
  await signIn(page.context(), tess);
  const switcher = new Switcher(page);
  await page.goto(`/organizations/${organization.id}/people`);
  await switcher.opener.click();
  await expect(switcher.options).toHaveText([organization.name, own.name].sort());
  await switcher.search.fill(foreign.name);
  await expect(switcher.panel.getByRole('status')).toHaveText('No organization matches.');
  await switcher.search.fill(own.name);
  await expect(switcher.options).toHaveText([own.name]);
  await switcher.options.first().click();
  await expect(page).toHaveURL(`/organizations/${own.id}/people`);

  await admin.organization.goto();
  await expect(admin.organization.heading).toHaveText(organization.name);
  await expect(new Switcher(admin.page).opener).toHaveCount(0);
  await expect(admin.page.getByText(organization.name).first()).toBeVisible();
});

test('on a small screen the switcher is the head of the sheet, and Escape leads back to it', async ({ organization, another, staff, axe }) => {
  const other = another();
  await other;
  const { page } = staff;
  const switcher = new Switcher(page);
  await page.setViewportSize(sizes[1]);
  await staff.people.goto();
  await expect(staff.people.heading).toHaveText('People');
  await page.getByRole('button', { name: 'Menu' }).click();
  await expect(switcher.opener).toHaveAccessibleName(`Organization: ${organization.name}`);
  await switcher.opener.click();
  await expect(switcher.search).toBeFocused();
  await axe(page);
  await page.keyboard.press('Escape');
  await expect(switcher.panel).toBeHidden();
  await expect(switcher.opener).toBeFocused();
  await switcher.opener.click();
  await switcher.search.fill(other.id);
  await expect(switcher.options).toHaveText([other.name]);
  await switcher.options.first().click();

  await expect(page).toHaveURL(`/organizations/${other.id}/people`);
});
