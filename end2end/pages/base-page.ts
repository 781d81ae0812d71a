// A page of Seatkeeper, found as a reader finds it: by role and by label.
import { expect, type Locator, type Page } from '@playwright/test';

export class BasePage {
  readonly main: Locator;
  readonly heading: Locator;
  /** What the reader has to know now; empty if there is nothing. */
  readonly banners: Locator;

  constructor(readonly page: Page, readonly path: string) {
    this.main = page.getByRole('main');
    this.heading = page.getByRole('heading', { level: 1 });
    this.banners = page.getByRole('status');
  }

  async goto(query = ''): Promise<void> {
    await this.page.goto(this.path + query);
  }

  /** The table row or list item that mentions it. */
  row(text: string | RegExp): Locator {
    return this.main.getByRole('row').or(this.main.getByRole('listitem')).filter({ hasText: text });
  }

  /** Opens the page and waits until it is live. */
  async gotoLive(query = ''): Promise<void> {
    await this.goto(query);
    await this.isLive();
  }

  async isLive(): Promise<void> {
    await expect(this.page.getByText('Live', { exact: true }), 'the page is live').toBeVisible();
  }
}
