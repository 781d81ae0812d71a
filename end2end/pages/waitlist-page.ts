// The waitlist of an organization, and the preview of a decision by hand.
import { expect, type Locator, type Page } from '@playwright/test';
import { List } from './list.ts';

export class WaitlistPage extends List {
  /** The result of a decision. */
  readonly result: Locator;
  readonly afterwards: Locator;
  readonly about: Locator;
  readonly note: Locator;

  constructor(page: Page, path: string) {
    super(page, path, { table: 'Waitlist', search: 'Name or e-mail' });
    this.result = this.banners;
    this.afterwards = page.getByRole('region', { name: 'Afterwards' });
    this.about = page.getByRole('region', { name: 'People' });
    this.note = page.getByRole('textbox', { name: 'Note' });
  }

  /** Chooses people by the boxes of their rows. */
  async choose(...names: string[]): Promise<void> {
    for (const name of names) await this.page.getByRole('checkbox', { name: `Choose ${name}` }).check();
  }

  /** A button above the list, for the chosen people. */
  async ask(word: string): Promise<void> {
    await this.main.getByRole('button', { name: word, exact: true }).click();
  }

  /** A link in a person's row. */
  async askAbout(name: string, word: string): Promise<void> {
    await this.main.getByRole('link', { name: `${word}: ${name}`, exact: true }).click();
  }

  async confirm(word: string): Promise<void> {
    await this.main.getByRole('button', { name: word, exact: true }).click();
    await expect(this.page).toHaveURL(/\/waitlist\?.*result=/);
  }
}
