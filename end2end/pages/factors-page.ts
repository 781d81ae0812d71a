// The second step: the factors of one's own account, and the pages of a sign-in that ask for them.
import { expect, type Locator, type Page } from '@playwright/test';
import { Authenticator } from '../support/authenticator.ts';
import { BasePage } from './base-page.ts';

export class FactorsPage extends BasePage {
  readonly app: Locator;
  readonly codes: Locator;
  /** The field of each page that takes a code. */
  readonly code: Locator;

  constructor(page: Page) {
    super(page, '/account/factors');
    this.app = this.main.locator('section[aria-label="Authenticator app"]');
    this.codes = this.main.locator('section[aria-label="Recovery codes"]');
    this.code = page.getByLabel(/^Code$|^The code that the app shows now$/);
  }

  /** Reads the secret from the page that shows it: for another device, and for this one. */
  async scan(): Promise<Authenticator> {
    await expect(this.page.getByRole('img', { name: 'QR code of the secret' })).toBeVisible();
    await expect(this.page.getByRole('link', { name: 'Open it with the secret' })).toHaveAttribute('href', /^otpauth:\/\/totp\//);
    return new Authenticator(await this.main.locator('code').innerText());
  }

  /** Types it, and sends the form with this button. */
  async enter(code: string, button: string): Promise<void> {
    await this.code.fill(code);
    await this.page.getByRole('button', { name: button }).click();
  }

  /** The recovery codes, which are shown once; then the page goes on. */
  async keepCodes(): Promise<string[]> {
    await expect(this.heading).toHaveText('Your recovery codes');
    const codes = await this.page.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem').allInnerTexts();
    expect(new Set(codes).size).toBe(10);
    await this.page.getByRole('link', { name: 'I have kept them' }).click();
    return codes;
  }
}
