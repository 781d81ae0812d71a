// By keyboard alone, on a small screen, and in the colours that the reader chose.
import type { Locator } from '@playwright/test';
import { sizes } from '../support/fit.ts';
import { busy } from '../support/organization.ts';
import { expect, test } from '../support/test.ts';

test('the first key leads past the sections to the content', async ({ organization, staff }) => {
  await busy(organization);
  await staff.organization.goto();

  await staff.page.keyboard.press('Tab');
  const skip = staff.page.getByRole('link', { name: 'Skip to the content' });
  await expect(skip).toBeFocused();
  await expect(skip).toBeInViewport();
  await staff.page.keyboard.press('Enter');
  await expect(staff.organization.main).toBeFocused();

  await staff.page.keyboard.press('Tab');
  await expect(staff.organization.changeLimit).toBeFocused();
  await staff.page.keyboard.press('Enter');
  await expect(staff.limit.heading).toHaveText('Change seat limit');
});

/** With the Tab key; a field for a day takes several steps. */
async function tabTo(target: Locator): Promise<void> {
  const isReached = () => target.evaluate((element) => element === document.activeElement);
  for (let step = 0; step < 6 && !(await isReached()); step += 1) await target.page().keyboard.press('Tab');
  await expect(target).toBeFocused();
}

test('the limit is changed by keyboard alone', async ({ organization, staff, javaScriptEnabled }) => {
  await busy(organization);
  await staff.limit.goto();
  await staff.limit.limit.selectText();

  await staff.page.keyboard.type('2');
  await tabTo(staff.limit.choices.first());
  await tabTo(staff.limit.reason);
  await staff.page.keyboard.type('one more');
  await staff.page.keyboard.press('Tab');
  await expect(staff.limit.lastDay).toBeFocused();
  if (!javaScriptEnabled) {
    await tabTo(staff.limit.ask);
    await staff.page.keyboard.press('Enter');
    await expect(staff.limit.after).toBeVisible();
    await staff.limit.lastDay.focus();
  }
  await expect(staff.limit.save).toHaveText('Raise to 2 seats: 1 person gets in');
  await tabTo(staff.limit.save);
  await staff.page.keyboard.press('Enter');

  await expect(staff.page).toHaveURL(`${staff.organization.path}?saved=1`);
});

test('every step of the keyboard can be seen', async ({ organization, staff }) => {
  await busy(organization);
  await staff.organizations.goto(`?search=${organization.id}`);

  for (let step = 0; step < 25; step += 1) {
    await staff.page.keyboard.press('Tab');
    const focused = staff.page.locator(':focus');
    if ((await focused.count()) === 0) break; // past the last one
    const html = await focused.evaluate((element) => element.outerHTML.slice(0, 120));
    await expect(focused, html).toBeInViewport();
    const ring = await focused.evaluate((element) => {
      const drawn = (of: Element, pseudo?: string) => {
        const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(of, pseudo);
        return (outlineStyle !== 'none' && parseFloat(outlineWidth) > 0) || boxShadow !== 'none';
      };
      return drawn(element) || drawn(element, '::after') || drawn(element, '::before');
    });
    expect(ring, `a ring around ${html}`).toBe(true);
  }
});

test('on a small screen the sections are behind one button', async ({ organization, admin }) => {
  await busy(organization);
  await admin.page.setViewportSize(sizes[1]);
  await admin.organization.goto();
  const people = admin.page.getByRole('navigation', { name: 'Sections' }).getByRole('link', { name: 'People' });
  await expect(people).toBeHidden();

  await admin.page.getByRole('button', { name: 'Menu' }).click();
  await people.click();

  await expect(admin.people.heading).toHaveText('People');
});

test('a chosen theme stays', async ({ admin }) => {
  const paper = () => admin.page.locator('html').evaluate((html) => getComputedStyle(html).backgroundColor);
  await admin.page.emulateMedia({ colorScheme: 'light' });
  await admin.organization.goto();
  const light = await paper();

  await admin.page.getByRole('button', { name: 'Dark', exact: true }).click();
  await expect(admin.page).toHaveURL(admin.organization.path);
  await expect(admin.page.getByRole('button', { name: 'Dark', exact: true })).toHaveAttribute('aria-pressed', 'true');
  expect(await paper()).not.toBe(light);
  await admin.people.goto();
  expect(await paper(), 'on the next page, too').not.toBe(light);

  await admin.page.getByRole('button', { name: 'Use the system’s colours' }).click();
  await expect(admin.page.getByRole('button', { name: 'Use the system’s colours' })).toHaveAttribute('aria-pressed', 'true');
  expect(await paper()).toBe(light);
});
