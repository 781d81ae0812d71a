// Changing the seat limit. With JavaScript the preview follows what is typed; without it a button asks for it.
import { expect, type Locator, type Page } from '@playwright/test';
import { BasePage } from './base-page.ts';

export class LimitForm extends BasePage {
  readonly limit: Locator;
  readonly reason: Locator;
  readonly lastDay: Locator;
  readonly ask: Locator;
  readonly save: Locator;
  readonly now: Locator;
  readonly after: Locator;
  readonly choices: Locator;
  /** What a colleague changed in the meantime. */
  readonly changed: Locator;

  constructor(page: Page, path: string, private readonly scripted: boolean) {
    super(page, path);
    this.limit = page.getByRole('textbox', { name: 'New seat limit' });
    this.reason = page.getByRole('textbox', { name: 'Reason' });
    this.lastDay = page.getByLabel('Last day');
    this.ask = page.getByRole('button', { name: 'Preview' });
    this.save = page.getByRole('button', { name: /^(Save|Raise|Lower|Set|Make|Propose)/ });
    this.now = picture(page, 'Now');
    this.after = picture(page, 'After');
    this.choices = page.getByRole('group', { name: 'Quick choices' }).getByRole('link');
    this.changed = page.locator('.limit__changed');
  }

  override async goto(query = ''): Promise<void> {
    await super.goto(query);
    await this.awake();
  }

  /** The preview needs no button any more. */
  async awake(): Promise<void> {
    if (this.scripted) await expect(this.ask).toHaveCount(0);
  }

  /** Fills the form in and looks at what it would do. */
  async preview(limit: string, reason = ''): Promise<void> {
    await this.type(limit, reason);
    if (!this.scripted) await this.ask.click();
    await expect(this.after).toBeVisible();
  }

  async type(limit: string, reason = ''): Promise<void> {
    // to fill in what is there already is no input to a browser
    await this.limit.fill('');
    await this.limit.fill(limit);
    await this.reason.fill(reason);
  }
}

const picture = (page: Page, title: string) =>
  page.locator('section').filter({ has: page.getByRole('heading', { level: 2, name: title, exact: true }) });
