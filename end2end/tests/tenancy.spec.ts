// A tenant sees only its own organization: pages of other tenants are as missing as pages that do not exist.
import type { APIRequestContext } from '@playwright/test';
import { isFit } from '../support/fit.ts';
import { freshId } from '../support/scalekit.ts';
import { signIn } from '../support/signed-in.ts';
import { expect, test } from '../support/test.ts';

const parts = ['', '/people', '/people?state=blocked&page=2', '/groups', '/groups/dirgroup_1', '/limit', '/limit?limit=5', '/resyncs', '/resyncs/rsn_1?only=removed', '/nonsense'];

test('another tenant’s organization and one that does not exist give the same page', async ({ admin, another, complaints }) => {
  complaints.accept(/404 \(Not Found\)/);
  const other = another();
  await other.withSeats(1).joined('secret.person@other.test', 'waiting.person@other.test');
  const nowhere = freshId('org');

  for (const part of parts) {
    const theirs = await seen(admin.page.request, `/organizations/${other.id}${part}`, other.id);
    const missing = await seen(admin.page.request, `/organizations/${nowhere}${part}`, nowhere);
    expect(theirs, part).toEqual(missing);
    expect(theirs.status, part).toBe(404);
    expect(theirs.body, part).not.toMatch(/secret|waiting\.person/i);
    expect(theirs.body, part).not.toContain(other.name);
  }
  await admin.page.goto(`/organizations/${other.id}`);
  await expect(admin.organization.heading).toHaveText('There is nothing here');
  await expect(admin.page).toHaveTitle(/There is nothing here/);
});

test('a tenant has no form for the limit and cannot send it either', async ({ organization, admin, seatkeeper, complaints }) => {
  complaints.accept(/404 \(Not Found\)/);
  await organization.withSeats(3);
  await admin.organization.goto();
  await expect(admin.organization.heading).toHaveText(organization.name);
  await expect(admin.page.getByRole('link', { name: /limit/i })).toHaveCount(0);

  const page = await admin.page.goto(admin.limit.path);
  expect(page!.status()).toBe(404);
  await expect(admin.limit.heading).toHaveText('There is nothing here');

  const form = { id: organization.id, limit: '500', limit_version: '2', reason: 'because I can' };
  for (const version of ['1', '2', '3']) {
    const sent = await admin.page.request.post('/api/set_seat_limit', { form: { ...form, limit_version: version } });
    expect(sent.status()).toBe(404);
  }
  expect(await limitOf(seatkeeper, organization.id)).toBe(3);
});

test('the overview is not a tenant’s', async ({ organization, admin, another }) => {
  const other = another();
  await other;

  await admin.organizations.goto();

  await expect(admin.organizations.heading).toHaveText('Your organizations');
  await expect(admin.page.getByRole('main').getByRole('link')).toHaveText([organization.name]);
  await expect(admin.page.getByRole('main')).not.toContainText(other.name);
});

test('a viewer reads what the admin reads', async ({ organization, account, page }) => {
  await organization.withSeats(1).joined('ada@acme.test', 'nina@acme.test');
  const viewer = await account('tenant-viewer');
  await page.goto(`/organizations/${organization.id}`);
  await page.getByLabel('E-mail').fill(viewer.email);
  await page.getByLabel('Password').fill(viewer.password);
  await page.getByRole('button', { name: 'Sign in' }).click();

  await expect(page.getByRole('status')).toContainText('1 person is waiting');
  await expect(page.getByRole('link', { name: /limit/i })).toHaveCount(0);
});

test('a person who leaves the directory is signed out at the next request, and reads why there is nothing to see', async ({ organization, admin, axe }) => {
  const { email } = admin.account;
  await organization.withSeats(3).joined(email, 'bob@acme.test');
  await admin.organization.goto();
  await expect(admin.organization.heading).toHaveText(organization.name);

  await organization.deactivated(email);
  await admin.page.goto(`/organizations/${organization.id}/people`);
  await expect(admin.page).toHaveURL(/sign-in/);

  await signIn(admin.page.context(), admin.account);
  await admin.page.goto('/');
  await expect(admin.page.getByRole('main')).toContainText('There is no organization that you may see.');
  await expect(admin.page.getByRole('main').getByRole('link')).toHaveCount(0);
  await isFit(admin.page, axe);
});

test('staff see every organization', async ({ organization, another, staff }) => {
  const other = another();
  await other.withSeats(1).joined('ada@acme.test', 'nina@acme.test');

  for (const { id, name } of [organization, other]) {
    await staff.organizations.goto(`?search=${id}`);
    await staff.organizations.row(name).getByRole('link').click();
    await expect(staff.organization.heading).toHaveText(name);
    await staff.page.getByRole('navigation', { name: 'Sections' }).getByRole('link', { name: 'Settings' }).click();
    await staff.settings.plan.getByRole('link', { name: /seat limit$/ }).click();
    await expect(staff.limit.limit).toBeVisible();
  }
});

test('staff, too, read that an organization does not exist', async ({ staff, complaints }) => {
  complaints.accept(/404 \(Not Found\)/);
  for (const part of parts) {
    const answer = await staff.page.goto(`/organizations/org_404${part}`);
    expect(answer!.status(), part).toBe(404);
    await expect(staff.organization.heading).toHaveText('There is nothing here');
  }
});

test('a form on a foreign site changes nothing', async ({ organization, staff, seatkeeper }) => {
  await organization.withSeats(3);
  const form = { id: organization.id, limit: '500', limit_version: '1', reason: 'you clicked on a kitten' };
  const sites: Record<string, string>[] = [
    { origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' },
    { origin: 'https://evil.test' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: 'null', 'sec-fetch-site': 'cross-site' },
  ];

  for (const headers of sites) {
    for (const call of ['set_seat_limit', 'sign_out', 'sign_in', 'set_theme', 'load_organization']) {
      const answer = await staff.page.request.post(`/api/${call}`, { form, headers, maxRedirects: 0 });
      expect(answer.status(), `${call} from ${JSON.stringify(headers)}`).toBe(403);
    }
  }

  expect(await limitOf(seatkeeper, organization.id)).toBe(3);
  await staff.organization.goto();
  await expect(staff.organization.heading, 'still signed in').toHaveText(organization.name);
});

test('a link changes nothing', async ({ organization, staff, seatkeeper }) => {
  await organization.withSeats(3);
  const query = new URLSearchParams({ id: organization.id, limit: '500', limit_version: '1', reason: 'you followed a link' });

  for (const call of [`set_seat_limit?${query}`, 'sign_out', 'load_person']) {
    const answer = await staff.page.request.get(`/api/${call}`, { maxRedirects: 0 });
    expect(answer.ok(), call).toBe(false);
  }

  expect(await limitOf(seatkeeper, organization.id)).toBe(3);
  await staff.organization.goto();
  await expect(staff.organization.heading, 'still signed in').toHaveText(organization.name);
});

/** The whole answer, but for the id that was asked for and the nonce of this answer. */
async function seen(request: APIRequestContext, path: string, id: string) {
  const answer = await request.get(path, { headers: { accept: 'text/html' }, maxRedirects: 0 });
  const body = (await answer.text()).replaceAll(id, 'ID').replaceAll(/(nonce|crossorigin)="[^"]*"/g, '');
  const headers = Object.keys(answer.headers()).sort();
  return { status: answer.status(), headers, body };
}

async function limitOf(seatkeeper: { status(): Promise<{ organization_id: string; seat_limit: unknown }[]> }, id: string) {
  return (await seatkeeper.status()).find((row) => row.organization_id === id)?.seat_limit;
}
