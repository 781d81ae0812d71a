// Whether a page is accessible to all readers: colours, sizes, headings.
import { expect, type Page } from '@playwright/test';

export const sizes = [{ width: 1440, height: 900 }, { width: 390, height: 844 }];

/** Between the two, where a layout changes from one to the other; colours and names are the same there. */
const between = { width: 768, height: 1024 };

/**
 * In both sizes and schemes: nothing grave for axe, nothing wider than the screen, nor between them; and headings in order.
 * Without motion: colours are looked at where they rest, not on their way from light to dark.
 */
export async function isFit(page: Page, axe: (page: Page, rules?: string[]) => Promise<void>): Promise<void> {
  // After a click the page may still load. Without its styles it is wider than a reader ever sees it.
  await page.waitForLoadState('load');
  expect(await page.evaluate(() => document.styleSheets.length), 'its styles are there').toBeGreaterThan(0);
  for (const size of sizes) {
    await page.setViewportSize(size);
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
    await axe(page);
    await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
    await axe(page, ['color-contrast', 'link-in-text-block']); // nothing but colours is different
    await isWithin(page, size.width);
  }
  await page.setViewportSize(between);
  await isWithin(page, between.width);
  await page.setViewportSize(sizes[0]);
  const levels = await page.getByRole('heading').evaluateAll((all) => all.map((heading) => Number(heading.tagName.slice(1))));
  expect(levels.filter((level) => level === 1), 'one first heading').toHaveLength(1);
  expect(levels[0], 'it comes first').toBe(1);
  levels.reduce((last, level) => (expect(level - last, `after a heading of level ${last}`).toBeLessThanOrEqual(1), level));
  await expect(page).toHaveTitle(/ · Seatkeeper$/);
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
}

async function isWithin(page: Page, width: number): Promise<void> {
  const wider = await page.evaluate(() => {
    const { clientWidth, scrollWidth } = document.documentElement;
    const beyond = [...document.querySelectorAll('main *')].filter((element) => element.getBoundingClientRect().right > clientWidth + 1);
    return scrollWidth > clientWidth ? [`${scrollWidth - clientWidth} pixels`, ...beyond.map((element) => element.outerHTML.slice(0, 160))] : [];
  });
  expect(wider, `beyond ${width} pixels`).toEqual([]);
}
