// A seat request: the form that asks, the conversation, and the answers.
import type { Locator, Page } from '@playwright/test';
import { BasePage } from './base-page.ts';

export class RequestPage extends BasePage {
  readonly seats: Locator;
  readonly reason: Locator;
  readonly conversation: Locator;

  constructor(page: Page, path: string) {
    super(page, path);
    this.seats = page.getByRole('textbox', { name: 'How many more seats' });
    this.reason = page.getByRole('textbox', { name: 'What for' });
    this.conversation = page.getByRole('main').getByRole('list').first();
  }

  /** Asks for seats with the form. */
  async ask(seats: string, reason: string): Promise<void> {
    await this.seats.fill(seats);
    await this.reason.fill(reason);
    await this.main.getByRole('button', { name: 'Ask for seats' }).click();
  }

  /** Writes into the only field of a part of the page, and sends it. */
  async write(part: string, text: string, button: string): Promise<void> {
    const region = this.part(part);
    await region.getByRole('textbox').last().fill(text);
    await region.getByRole('button', { name: button }).click();
  }

  part(name: string): Locator {
    return this.page.getByRole('region', { name, exact: true });
  }
}
