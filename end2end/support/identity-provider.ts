// An identity provider of a customer: the certified `oidc-provider`, so that Seatkeeper's own counterpart is not the only judge.
// A person signs in there with a click, or without one if they did before.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider, type Configuration, type JWK } from 'oidc-provider';

export class IdentityProvider {
  readonly clientId = 'seatkeeper';
  readonly clientSecret = randomBytes(24).toString('base64');
  private provider!: Provider;
  private redirectUri = '';

  private constructor(private readonly server: Server) {}

  static async open(): Promise<IdentityProvider> {
    const server = createServer();
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const identityProvider = new IdentityProvider(server);
    server.on('request', (request, response) => void identityProvider.answer(request, response));
    return identityProvider;
  }

  get issuer(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Registers Seatkeeper, with the address that its page shows. */
  register(redirectUri: string, alg: 'RS256' | 'ES256' = 'RS256'): void {
    this.redirectUri = redirectUri;
    this.rotate(alg);
  }

  /** Signs with a new key from now on; the old one is not published any more. */
  rotate(alg: 'RS256' | 'ES256'): void {
    const pair = alg === 'RS256' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const key = { ...pair.privateKey.export({ format: 'jwk' }), kid: randomBytes(6).toString('hex'), use: 'sig', alg } as JWK;
    this.provider = new Provider(this.issuer, this.configuration(key, alg));
  }

  private configuration(key: JWK, alg: 'RS256' | 'ES256'): Configuration {
    return {
      clients: [{ client_id: this.clientId, client_secret: this.clientSecret, redirect_uris: [this.redirectUri], id_token_signed_response_alg: alg }],
      jwks: { keys: [key] },
      claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
      pkce: { required: () => true },
      cookies: { keys: ['a key of the browser tests'] },
      features: { devInteractions: { enabled: false } },
      interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
      // a subject of this provider alone: another one may have had the same port
      findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, email: id.split('|')[1], email_verified: true, name: 'Olga Okta' }) }),
      // no person is asked whether Seatkeeper may know them
      loadExistingGrant: async (context) => {
        const grant = new context.oidc.provider.Grant({ clientId: context.oidc.client!.clientId, accountId: context.oidc.session!.accountId });
        grant.addOIDCScope('openid email profile');
        await grant.save();
        return grant;
      },
    };
  }

  private async answer(request: Parameters<ReturnType<Provider['callback']>>[0], response: Parameters<ReturnType<Provider['callback']>>[1]): Promise<void> {
    const url = new URL(request.url!, this.issuer);
    if (!url.pathname.startsWith('/interaction/')) return void (await this.provider.callback()(request, response));
    const email = url.searchParams.get('email');
    if (email) return void (await this.provider.interactionFinished(request, response, { login: { accountId: `${this.clientSecret.slice(0, 8)}|${email}` } }));
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end('<!doctype html><html lang="en"><title>Identity provider</title><form><label>Who are you? <input name="email"></label><button>Sign in there</button></form></html>');
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((closed) => this.server.close(closed));
  }
}
