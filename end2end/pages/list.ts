// A list with its filters in the address: a search, chips, headings that sort, pages.
import { type Locator, type Page } from '@playwright/test';
import { BasePage } from './base-page.ts';

export class List extends BasePage {
  readonly search: Locator;
  readonly table: Locator;
  /** What each row is about, in order. */
  readonly names: Locator;
  readonly pages: Locator;

  constructor(page: Page, path: string, about: { table: string; search: string }) {
    super(page, path);
    this.search = page.getByRole('searchbox', { name: about.search });
    this.table = page.getByRole('region', { name: about.table }).getByRole('table');
    this.names = this.table.getByRole('rowheader');
    this.pages = page.getByRole('navigation', { name: 'Pages' });
  }

  /** A filter; its count stands behind the word. */
  chip(word: string): Locator {
    return this.page.getByRole('navigation', { name: /^By (state|condition)$/ }).getByRole('link', { name: new RegExp(`^${word} [\\d,]+$`) });
  }

  column(word: string): Locator {
    return this.table.getByRole('columnheader', { name: word });
  }

  async sortBy(word: string): Promise<void> {
    await this.column(word).getByRole('link').click();
  }

  async find(text: string): Promise<void> {
    await this.search.fill(text);
    await this.page.getByRole('button', { name: 'Search' }).click();
  }
}
