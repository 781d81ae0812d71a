// A reader with JavaScript goes through the times of the chart by keyboard and by pointer.
import { expect, test } from '../support/demo.ts';
import { isFit } from '../support/fit.ts';

test('the arrow keys go through the times, and the words say what was true', async ({ kim }) => {
  await kim.goto('/');
  await kim.getByRole('navigation', { name: 'Sections' }).getByRole('link', { name: 'History' }).click();
  const reader = kim.getByRole('slider', { name: 'Time in the chart' });
  await expect(reader).toHaveAttribute('aria-valuetext', /50 seats used, limit 50/);
  const last = await reader.getAttribute('aria-valuetext');

  await reader.focus();
  await kim.keyboard.press('Home');

  await expect(reader).toHaveValue('0');
  await expect(reader).not.toHaveAttribute('aria-valuetext', last!);
  await expect(kim.locator('[data-part][data-chosen]')).toHaveCount(1);
  const first = await reader.getAttribute('aria-valuetext');
  await kim.keyboard.press('ArrowRight');
  await expect(reader).not.toHaveAttribute('aria-valuetext', first!);
  await kim.keyboard.press('End');
  await expect(reader).toHaveAttribute('aria-valuetext', last!);
});

test('pointing at the chart says what was true there', async ({ kim }) => {
  await kim.goto('/');
  await kim.getByRole('navigation', { name: 'Sections' }).getByRole('link', { name: 'History' }).click();
  await expect(kim.getByRole('slider', { name: 'Time in the chart' })).toBeVisible();

  await kim.locator('[data-part]').first().hover({ force: true });

  await expect(kim.getByRole('slider', { name: 'Time in the chart' })).toHaveValue('0');
  await expect(kim.locator('[data-part]').first()).toHaveAttribute('data-chosen', '');
});

test('the chart is accessible', async ({ kim, axe }) => {
  await kim.goto('/');
  await kim.getByRole('navigation', { name: 'Sections' }).getByRole('link', { name: 'History' }).click();
  await expect(kim.getByRole('slider', { name: 'Time in the chart' })).toBeVisible();

  await isFit(kim, axe);
});
