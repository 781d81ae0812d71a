// The seat history of an organization, after the demo's invented year.
import { expect, test } from '../support/demo.ts';
import type { Page } from '@playwright/test';

/** Opens the history of a customer from its own page, in the list of organizations. */
async function history(page: Page, name: string): Promise<void> {
  await page.goto('/organizations');
  await page.getByRole('link', { name }).click();
  await page.getByRole('main').getByRole('link', { name: 'History' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('History');
}

const chart = (page: Page) => page.getByRole('img', { name: /^Seat history from/ });

test('a year of seats is a chart with its ranges, and the tables have the same numbers', async ({ sam }) => {
  await history(sam, 'Northwind Robotics');

  await expect(chart(sam)).toBeVisible();
  await expect(sam.getByRole('main')).toContainText('No forecast: every seat is taken.');
  await sam.getByRole('navigation', { name: 'Range' }).getByRole('link', { name: '365 days' }).click();
  await expect(sam).toHaveURL(/history\?range=365$/);
  await expect(sam.getByRole('link', { name: '365 days' })).toHaveAttribute('aria-current', 'true');

  const months = sam.getByRole('region', { name: 'Seat history by month' }).getByRole('row');
  expect(await months.count()).toBeGreaterThan(11);
  const thisMonth = months.nth(1).getByRole('cell');
  await expect(thisMonth.nth(0)).toHaveText('50');
  await expect(thisMonth.nth(1)).toHaveText('50');
  await expect(months.last().getByRole('cell').nth(1)).toHaveText('40');

  await sam.getByRole('link', { name: 'Older' }).click();
  await expect(sam).toHaveURL(/range=365&before=/);
  const file = await sam.context().request.get(`${new URL(sam.url()).pathname}.csv?range=365`);
  expect(file.headers()['content-type']).toContain('text/csv');
  expect((await file.text()).split('\n')[0]).toContain('day,used,seat_limit,waiting,most_used');
});

test('it says between which days a growing customer will be full', async ({ sam }) => {
  await history(sam, 'Kestrel Analytics');
  await sam.getByRole('navigation', { name: 'Range' }).getByRole('link', { name: 'All' }).click();

  await expect(sam.getByRole('main')).toContainText(/Full between .* and .*\./);
  await expect(sam.getByRole('main')).toContainText(/In the last \d+ weeks \d+ more people needed a seat/);
  await expect(sam.getByRole('listitem').filter({ hasText: 'Full, by the forecast' })).toHaveCount(1);
});

test('each part of the chart says what it shows, also without JavaScript', async ({ sam }) => {
  await history(sam, 'Cobalt Energy');

  const parts = chart(sam).locator('[data-part] title');
  expect(await parts.count()).toBeGreaterThan(5);
  await expect(parts.last()).toHaveText(/seats used, limit 100/);
});

test('a customer’s own admin sees the last 90 days at home, and the same history', async ({ kim }) => {
  await kim.goto('/');
  await expect(chart(kim)).toBeVisible();

  await kim.getByRole('navigation', { name: 'Sections' }).getByRole('link', { name: 'History' }).click();

  await expect(kim.getByRole('heading', { level: 1 })).toHaveText('History');
  await expect(chart(kim)).toBeVisible();
  await expect(kim.getByRole('link', { name: 'True-up report' })).toBeVisible();
});

test('the list of organizations has a small picture of each', async ({ sam }) => {
  await sam.setViewportSize({ width: 1440, height: 900 });
  await sam.goto('/organizations');

  await expect(sam.getByRole('img', { name: /^Used seats in the last \d+ days/ })).toHaveCount(12);
});
