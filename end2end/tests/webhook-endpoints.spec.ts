// Endpoints of outgoing webhooks: from the form to a signed webhook at the product, and to the end of the endpoint.
import type { Page } from '@playwright/test';
import { isFit } from '../support/fit.ts';
import { Product } from '../support/product.ts';
import { freshId } from '../support/scalekit.ts';
import { signIn } from '../support/signed-in.ts';
import { expect, test } from '../support/test.ts';

/** The secret that the page shows once; then the page goes on. */
async function keep(page: Page): Promise<string> {
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('The signing secret');
  const secret = await page.getByRole('region', { name: 'Signing secret' }).locator('code').innerText();
  expect(secret).toMatch(/^whsec_[\w+/]{43}=$/);
  expect(page.url(), 'an address holds no secret').not.toContain(secret.slice(6, 20));
  await page.getByRole('link', { name: 'I have kept it' }).click();
  await expect(page).toHaveURL(/\/settings\/webhook-endpoints\/wep_\w+$/);
  return secret;
}

test('an endpoint gets a test and the events of its filter, signed, and nothing while it is disabled', async ({ organization, account, page, context, axe }) => {
  await signIn(context, await account('staff-admin'));
  await organization.withSeats(5);
  const product = await Product.open();
  const note = `Staging ${freshId('e')}`;
  const log = page.getByRole('region', { name: 'Deliveries' }).getByRole('row');
  const banners = page.getByRole('status');
  const address = page.getByRole('main').getByRole('textbox', { name: 'Address' });

  await page.goto('/settings');
  await page.getByRole('link', { name: 'Webhook endpoints' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Webhook endpoints');
  await page.getByRole('checkbox', { name: /^seat\.admitted/ }).check();
  await page.getByRole('radio', { name: /^One organization/ }).check();
  await page.getByRole('main').getByRole('combobox', { name: 'Organization' }).fill(organization.id);
  await page.getByRole('main').getByRole('textbox', { name: 'Note' }).fill(note);
  await address.fill('ftp://product.example?token=t1');
  await page.getByRole('button', { name: 'Add the endpoint' }).click();
  await expect(address).toHaveAccessibleDescription(/^The address is an https address/);
  await expect(address, 'what was typed is kept').toHaveValue('ftp://product.example?token=t1');
  expect(page.url(), 'an address of ours holds no token').not.toContain('token');
  await expect(page.getByRole('checkbox', { name: /^seat\.admitted/ })).toBeChecked();
  await isFit(page, axe);
  await address.fill(product.address);
  await page.getByRole('button', { name: 'Add the endpoint' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('The signing secret');
  await isFit(page, axe);
  const secret = await keep(page);
  const path = new URL(page.url()).pathname;
  await expect(page.getByRole('main')).toContainText('Nothing was sent yet');
  await page.goto(`${path}/secret`);
  await expect(page.getByRole('main')).toContainText('It was shown once, when it was made.');
  await expect(page.getByText(secret)).toHaveCount(0);

  await page.goto(path);
  await page.getByRole('button', { name: 'Send a test' }).click();
  await expect(banners).toContainText('A test is on its way.');
  expect((await product.expect(1, secret)).type).toBe('test');
  await organization.joined('ada@acme.test');
  const admitted = await product.expect(2, secret);
  expect(admitted.type).toBe('seat.admitted');
  await expect(async () => {
    await page.goto(path);
    await expect(log.filter({ hasText: 'seat.admitted' })).toContainText('Delivered', { timeout: 1_000 });
  }).toPass();
  await expect(log.filter({ hasText: 'seat.admitted' })).toContainText(/204 in [\d,]+ ms/);
  await isFit(page, axe);
  await log.filter({ hasText: 'seat.admitted' }).getByRole('link').click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('seat.admitted');
  await expect(page.getByRole('region', { name: 'What is sent' })).toContainText(admitted.id);
  await isFit(page, axe);

  await page.getByRole('button', { name: 'Send again' }).click();
  await expect(banners).toContainText('The event is sent again.');
  expect((await product.expect(3, secret)).id, 'under the same webhook-id').toBe(admitted.id);

  await page.getByText('Replace the signing secret …').click();
  await page.getByRole('button', { name: 'Replace the secret' }).click();
  await expect(page.getByRole('main')).toContainText('The secret before it signs, too, until');
  const next = await keep(page);
  await page.getByRole('button', { name: 'Send a test' }).click();
  await product.expect(4, next);
  expect(product.verify(3, secret).type, 'both sign for a day').toBe('test');
  expect(product.isSignedBy(2, next)).toBe(false);

  await page.getByText('Disable …').click();
  await page.getByRole('button', { name: 'Disable the endpoint' }).click();
  await expect(banners).toContainText('The endpoint is disabled.');
  await expect(page.getByRole('button', { name: 'Send a test' })).toHaveCount(0);
  await organization.joined('bob@acme.test');
  await page.getByRole('button', { name: 'Enable', exact: true }).click();
  await expect(banners).toContainText('The endpoint is enabled.');
  await page.getByRole('button', { name: 'Send the events' }).click();
  await expect(banners).toContainText('The events are sent again.');
  expect(await product.expect(5, next), 'what it missed').toMatchObject({ type: 'seat.admitted', data: { user: { email: 'bob@acme.test' } } });

  await page.goto(path);
  await page.getByText('Remove …').click();
  await page.getByRole('button', { name: 'Remove the endpoint' }).click();
  await expect(banners).toContainText('The endpoint was removed.');
  await expect(page.getByText(note)).toHaveCount(0);
  await page.goto('/activity?action=change_webhook_endpoint');
  await expect(page.getByRole('main'), 'the audit log has the host alone').not.toContainText('token');
  await product.close();
});

test('an endpoint that answers with an error says so in its log', async ({ organization, account, page, context, axe }) => {
  await signIn(context, await account('staff-admin'));
  const product = await Product.open();
  product.status = 503;
  await page.goto('/settings/webhook-endpoints');
  await page.getByRole('main').getByRole('textbox', { name: 'Address' }).fill(product.address);
  await page.getByRole('radio', { name: /^One organization/ }).check();
  await page.getByRole('main').getByRole('combobox', { name: 'Organization' }).fill(organization.id);
  await page.getByRole('button', { name: 'Add the endpoint' }).click();
  const secret = await keep(page);
  const path = new URL(page.url()).pathname;

  await organization.withSeats(1).joined('ada@acme.test');
  await expect.poll(() => product.received.length).toBeGreaterThan(0);
  await expect(async () => {
    await page.goto(path);
    await expect(page.getByRole('status')).toContainText('It takes nothing since', { timeout: 1_000 });
  }).toPass();
  const row = page.getByRole('region', { name: 'Deliveries' }).getByRole('row').filter({ hasText: 'seat' }).first();
  await expect(row).toContainText(/attempts?, next:/);
  await isFit(page, axe);
  await row.getByRole('link').click();
  await expect(page.getByRole('main')).toContainText('The product is asleep.');

  await page.goto(path);
  await page.getByText('Remove …').click();
  await page.getByRole('button', { name: 'Remove the endpoint' }).click();
  await expect(page.getByRole('status')).toContainText('The endpoint was removed.');
  product.received.forEach((_, at) => product.verify(at, secret));
  await product.close();
});
