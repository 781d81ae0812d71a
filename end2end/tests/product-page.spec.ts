// The product of the demo: a person without a seat is refused, and gets in when another person leaves.
import { expect, test } from '../support/demo.ts';

const customer = 'Solstice Games';

test('a person without a seat gets in when another person leaves', async ({ page, context, demo, javaScriptEnabled }) => {
  await page.goto(demo.product);
  await page.getByLabel('Customer').selectOption(customer);
  await page.getByRole('button', { name: 'Show people' }).click();
  const suggested = (title: string) => page.getByRole('form', { name: title }).getByRole('button').first();
  const holder = await suggested('With a seat').getAttribute('value');

  await suggested('On the waitlist').click();

  const verdict = page.getByRole('status');
  await expect(verdict.getByRole('heading')).toHaveText(/^No seat for /);
  await expect(verdict).toContainText('Position on the waitlist: 1');
  await expect(page.getByLabel('The question')).toContainText(/^GET \/api\/v1\/organizations\/org_\d+\/access\?user=/);
  await expect(page.getByLabel('The answer')).toContainText('"allowed": false');

  const simulator = await context.newPage();
  await simulator.goto(`${demo.simulator}/organizations/${new URL(page.url()).searchParams.get('organization')}`);
  await simulator.getByRole('listitem').filter({ hasText: holder! }).getByRole('button', { name: /^Fire / }).click();

  // without a script, the person signs in again
  await expect(async () => {
    if (!javaScriptEnabled) await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(verdict.getByRole('heading')).toHaveText(/ is in, with the role reader\.$/, { timeout: 2_000 });
  }).toPass({ timeout: 30_000 });
  await expect(page.getByLabel('The answer')).toContainText('"state": "provisioned"');
  if (javaScriptEnabled) await expect(verdict).toContainText('because the webhook seat.');
  const webhooks = page.getByRole('region', { name: 'Webhooks from Seatkeeper' }).getByRole('listitem');
  // the answer of the API can be there before the webhook is, and without a script the page has what was there when it was made
  await expect(async () => {
    if (!javaScriptEnabled) await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(webhooks.filter({ hasText: `of ${customer} got a seat.` }).first()).toContainText('signature verified', { timeout: 2_000 });
  }).toPass({ timeout: 30_000 });
});

test('the page of the product can be used by everyone', async ({ page, demo, axe, javaScriptEnabled }) => {
  test.skip(!javaScriptEnabled, 'axe is a script');
  await page.goto(demo.product);
  await page.getByLabel('E-mail address').fill('no.such.person@example.test');
  await page.getByRole('button', { name: 'Sign in' }).click();

  await expect(page.getByRole('status')).toContainText('The directory has named no such person.');
  await axe();
});
