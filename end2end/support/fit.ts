// Whether a page is fit for everybody: colours, sizes, headings.
import { expect, type Page } from '@playwright/test';

export const sizes = [{ width: 1440, height: 900 }, { width: 390, height: 844 }];

/**
 * In both schemes and sizes: nothing grave for axe, nothing wider than the screen; and headings in order. Without motion:
 * colours are looked at where they rest, not on their way from light to dark.
 */
export async function isFit(page: Page, axe: (page: Page, rules?: string[]) => Promise<void>): Promise<void> {
  for (const size of sizes) {
    await page.setViewportSize(size);
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
    await axe(page);
    await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
    await axe(page, ['color-contrast', 'link-in-text-block']); // nothing but colours is different
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(wider, `pixels beyond ${size.width}`).toBe(0);
  }
  const levels = await page.getByRole('heading').evaluateAll((all) => all.map((heading) => Number(heading.tagName.slice(1))));
  expect(levels.filter((level) => level === 1), 'one first heading').toHaveLength(1);
  expect(levels[0], 'it comes first').toBe(1);
  levels.reduce((last, level) => (expect(level - last, `after a heading of level ${last}`).toBeLessThanOrEqual(1), level));
  await expect(page).toHaveTitle(/ · Seatkeeper$/);
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
}
