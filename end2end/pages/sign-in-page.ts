import { type Locator, type Page } from '@playwright/test';
import { BasePage } from './base-page.ts';

export class SignInPage extends BasePage {
  readonly email: Locator;
  readonly password: Locator;
  readonly byPasskey: Locator;

  constructor(page: Page) {
    super(page, '/sign-in');
    this.email = page.getByRole('textbox', { name: 'E-mail' });
    this.password = page.getByLabel('Password');
    this.byPasskey = page.getByRole('button', { name: 'Sign in with a passkey' });
  }

  async submit({ email, password }: { email: string; password: string }): Promise<void> {
    await this.email.fill(email);
    await this.password.fill(password);
    await this.page.getByRole('button', { name: 'Sign in', exact: true }).click();
  }
}
