// The reference of the API: for developers, without a session and without a script.
import { isFit } from '../support/fit.ts';
import { expect, test } from '../support/test.ts';

test('a developer finds a call, its shapes and its problems', async ({ page }) => {
  await page.goto('/api/docs');

  await expect(page.getByRole('heading', { level: 1 })).toHaveText('API reference');
  await page.getByRole('navigation', { name: 'Contents' }).getByRole('link', { name: 'Waitlist', exact: true }).click();
  await expect(page).toHaveURL(/#waitlist$/);
  await expect(page.getByRole('heading', { name: 'Waitlist', exact: true })).toBeInViewport();

  const call = page.getByRole('article', { name: 'Set the seat limit' });
  await expect(call).toContainText('PUT /organizations/{organization}/seat-limit');
  await expect(call.getByRole('region', { name: 'Example: Set the seat limit' })).toContainText("--header 'If-Match: *'");
  await call.getByText('Problems', { exact: true }).click();
  await call.getByRole('link', { name: 'needs-people' }).click();
  await expect(page).toHaveURL(/#problem-needs-people$/);
  await expect(page.locator('#problem-needs-people')).toContainText('two people decide');
});

test('a developer finds what an endpoint receives', async ({ page }) => {
  await page.goto('/api/docs');

  await page.getByRole('navigation', { name: 'Contents' }).getByRole('link', { name: 'seat.admitted', exact: true }).click();

  const event = page.getByRole('article', { name: 'seat.admitted', exact: true });
  await expect(event.getByRole('heading', { name: 'seat.admitted' })).toBeInViewport();
  await expect(event).toContainText('A person got a seat.');
  await expect(event).toContainText('attributes');
  await expect(event.getByRole('region', { name: 'Example: seat.admitted' })).toContainText('"department": "Sales"');
});

test('the document is where the reference says', async ({ page }) => {
  await page.goto('/api/docs');

  const link = page.getByRole('link', { name: 'openapi.json' });
  const document = await page.request.get((await link.getAttribute('href'))!);

  expect((await document.json()).openapi).toBe('3.1.0');
});

test('the reference of the API is accessible', async ({ page, axe }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto('/api/docs');
  expect(await page.evaluate(() => document.documentElement.scrollWidth), 'nothing is wider than the screen').toBe(390);

  // All calls are drawn alike, and axe takes minutes for all of them.
  await page.evaluate(() => document.querySelectorAll('main article').forEach((call, at) => { if (at > 2) call.remove(); }));
  await isFit(page, axe);
});
