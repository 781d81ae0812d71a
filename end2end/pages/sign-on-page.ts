// Single sign-on: the settings of an organization, and what a person does at the provider.
import { expect, type Locator, type Page } from '@playwright/test';
import { BasePage } from './base-page.ts';
import type { IdentityProvider } from '../support/identity-provider.ts';

export class SignOnPage extends BasePage {
  readonly provider: Locator;
  readonly issuer: Locator;
  readonly secret: Locator;
  readonly makesAccounts: Locator;
  readonly save: Locator;
  readonly tryIt: Locator;
  readonly require: Locator;
  readonly domains: Locator;

  constructor(page: Page, private readonly organization: string) {
    super(page, `/organizations/${organization}/single-sign-on`);
    this.provider = page.getByRole('region', { name: 'Identity provider' });
    this.issuer = this.provider.getByRole('textbox', { name: 'Issuer' });
    this.secret = this.provider.getByLabel(/client secret$/i);
    this.makesAccounts = this.provider.getByRole('checkbox', { name: 'People without an account get one' });
    this.save = this.provider.getByRole('button', { name: 'Save provider' });
    this.tryIt = page.getByRole('button', { name: 'Try it' });
    this.require = page.getByRole('button', { name: 'Require single sign-on' });
    this.domains = page.getByRole('region', { name: 'Domains' });
  }

  /** Enters a provider, which knows Seatkeeper afterwards. */
  async enter(provider: IdentityProvider, makesAccounts = false): Promise<void> {
    await this.goto();
    const redirectUri = await this.provider.getByText(`/sign-in/sso/callback/${this.organization}`, { exact: false }).first().textContent();
    provider.register(redirectUri!.trim());
    await this.issuer.fill(provider.issuer);
    await this.provider.getByRole('textbox', { name: 'Client id' }).fill(provider.clientId);
    await this.secret.fill(provider.clientSecret);
    await this.makesAccounts.setChecked(makesAccounts);
    await this.save.click();
    await expect(this.banners).toContainText('Saved.');
  }

  async setDomains(domains: string): Promise<void> {
    await this.goto();
    await this.domains.getByRole('textbox', { name: 'Domains' }).fill(domains);
    await this.domains.getByRole('button', { name: 'Save domains' }).click();
    await expect(this.banners).toContainText('Saved.');
  }
}

/** What a person does at the provider. */
export async function signInThere(page: Page, email: string): Promise<void> {
  await page.getByLabel('Who are you?').fill(email);
  await page.getByRole('button', { name: 'Sign in there' }).click();
}
