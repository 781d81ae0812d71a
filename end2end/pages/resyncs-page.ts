// Comparing an organization with its directory: the history with its form, and the page of a run.
import { expect, type Locator, type Page } from '@playwright/test';
import { BasePage } from './base-page.ts';

export class ResyncsPage extends BasePage {
  readonly preview: Locator;
  readonly resync: Locator;
  /** The runs, newest first. */
  readonly runs: Locator;
  readonly progress: Locator;
  readonly cancel: Locator;
  /** The people in the plan, as far as the page shows them. */
  readonly people: Locator;
  readonly apply: Locator;
  readonly number: Locator;

  constructor(page: Page, path: string, private readonly scripted: boolean) {
    super(page, path);
    this.preview = page.getByRole('button', { name: 'Preview changes' });
    this.resync = page.getByRole('button', { name: 'Resync now' });
    this.runs = page.getByRole('region', { name: 'Resyncs' }).getByRole('row').filter({ has: page.getByRole('rowheader') });
    this.progress = page.getByRole('progressbar', { name: 'People compared' });
    this.cancel = page.getByRole('button', { name: /^Cancel/ });
    this.people = page.getByRole('region', { name: 'Plan' }).locator('tbody tr:not(.group)');
    this.apply = page.getByRole('button', { name: /^Apply/ });
    this.number = page.getByRole('textbox', { name: 'How many people does it take away?' });
  }

  /** The people of the plan by what becomes of them; the count stands behind the word. */
  part(word: string): Locator {
    return this.page.getByRole('navigation', { name: 'By change' }).getByRole('link', { name: new RegExp(`^${word} [\\d,]+$`) });
  }

  async start(how: 'preview' | 'resync'): Promise<void> {
    await this.goto();
    await this[how].click();
    await expect(this.page).toHaveURL(/\/resyncs\/rsn_\w+$/);
  }

  /** The run's page says so in the end; without JavaScript after reloading. */
  async says(sentence: string | RegExp): Promise<void> {
    const text = this.main.getByText(sentence).first();
    if (this.scripted) return expect(text).toBeVisible();
    await expect(async () => {
      await this.page.reload();
      await expect(text).toBeVisible({ timeout: 200 });
    }).toPass({ timeout: 10_000 });
  }
}
