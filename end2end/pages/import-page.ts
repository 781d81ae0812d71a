// Bringing people in from a file: the form. Its plan is the page of a run.
import type { Locator, Page } from '@playwright/test';
import { BasePage } from './base-page.ts';

export class ImportPage extends BasePage {
  readonly file: Locator;
  readonly allPeople: Locator;
  readonly send: Locator;

  constructor(page: Page, path: string) {
    super(page, path);
    this.file = page.getByLabel('File', { exact: true });
    this.allPeople = page.getByRole('radio', { name: /^All people/ });
    this.send = page.getByRole('button', { name: /^Send/ });
  }

  async sendFile(name: string, text: string): Promise<void> {
    await this.file.setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });
    await this.send.click();
  }
}
