// A person's own account.
import { type Locator, type Page } from '@playwright/test';
import { BasePage } from './base-page.ts';

export class AccountPage extends BasePage {
  readonly name: Locator;
  readonly address: Locator;
  readonly password: Locator;
  readonly sessions: Locator;
  readonly signOn: Locator;

  constructor(page: Page) {
    super(page, '/account');
    const part = (name: string) => page.getByRole('main').locator(`section[aria-label="${name}"]`);
    this.name = part('Name');
    this.address = part('E-mail address');
    this.password = part('Password');
    this.sessions = part('Sessions');
    this.signOn = part('Single sign-on');
  }

  async rename(name: string): Promise<void> {
    await this.name.getByLabel('Name', { exact: true }).fill(name);
    await this.name.getByRole('button', { name: 'Save name' }).click();
  }

  async changePassword(present: string, fresh: string): Promise<void> {
    await this.password.getByLabel('Present password').fill(present);
    await this.password.getByLabel('New password').fill(fresh);
    await this.password.getByRole('button', { name: 'Change password' }).click();
  }

  async changeAddress(email: string, present: string): Promise<void> {
    await this.address.getByLabel('New e-mail address').fill(email);
    await this.address.getByLabel('Present password').fill(present);
    await this.address.getByRole('button', { name: 'Send link' }).click();
  }
}
