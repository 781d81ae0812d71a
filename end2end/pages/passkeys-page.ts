// The passkeys on the page of what a person shows besides the password, or in its place.
import { type Locator, type Page } from '@playwright/test';
import { BasePage } from './base-page.ts';

export class PasskeysPage extends BasePage {
  readonly passkeys: Locator;
  readonly name: Locator;
  readonly add: Locator;

  constructor(page: Page) {
    super(page, '/account/factors');
    this.passkeys = page.getByRole('main').locator('section[aria-label="Passkeys"]');
    this.name = this.passkeys.getByLabel('Name of the new passkey');
    this.add = this.passkeys.getByRole('button', { name: 'Add a passkey' });
  }

  passkey(name: string): Locator {
    return this.passkeys.getByRole('listitem').filter({ hasText: name });
  }

  async rename(name: string, fresh: string): Promise<void> {
    const row = this.passkey(name);
    await row.getByText('Rename …').click();
    await row.getByLabel('New name').fill(fresh);
    await row.getByRole('button', { name: 'Save name' }).click();
  }

  async remove(name: string): Promise<void> {
    const row = this.passkey(name);
    await row.getByText('Remove …').click();
    await row.getByRole('button', { name: 'Remove the passkey' }).click();
  }
}
