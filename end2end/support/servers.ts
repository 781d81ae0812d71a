// The servers under test: one for each project, each with a fresh database. Workers load this file too; what the first process
// decided (ports, folders, database names) reaches them through the environment.
import type { PlaywrightTestConfig } from '@playwright/test';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export type ProjectName = 'js' | 'no-js' | 'postgres';

/** What a project's tests need to know of their server, beside its `baseURL`. */
export interface Options {
  databaseUrl: string;
}

export const postgresUrl = process.env.TEST_POSTGRES_URL;
export const binary = resolve(process.env.SEATKEEPER_BINARY ?? '../target/debug/seatkeeper');
export const webhookSecret = `whsec_${Buffer.from('the browser tests share it').toString('base64')}`;

const names: ProjectName[] = postgresUrl ? ['js', 'no-js', 'postgres'] : ['js', 'no-js'];

export const folder = (process.env.SEATKEEPER_E2E_FOLDER ??= mkdtempSync(join(tmpdir(), 'seatkeeper-e2e-')));
const ports = (process.env.SEATKEEPER_E2E_PORTS ??= (await freePorts(names.length + 1)).join(',')).split(',').map(Number);

/** An empty folder to start programs in, so that they read no `.env`. */
export const nowhere = join(folder, 'nowhere');
mkdirSync(nowhere, { recursive: true });

/** Our environment without the settings of a developer's own Seatkeeper: an empty value counts as not set. */
const settings = Object.keys(process.env).filter((name) => /^(SEATKEEPER|SCALEKIT|SMTP|MAIL)_|^DATABASE_URL$/.test(name));
export const surroundings: Record<string, string> = { ...(process.env as Record<string, string>), ...Object.fromEntries(settings.map((name) => [name, ''])) };

export const mailPort = ports[names.length];
export const mailFolder = join(folder, 'mail');

export function projectOptions(name: ProjectName): Options & { baseURL: string } {
  return { baseURL: `http://127.0.0.1:${ports[names.indexOf(name)]}`, databaseUrl: databaseUrl(name) };
}

export function servers(mailPort: number): PlaywrightTestConfig['webServer'] {
  return names.map((name) => {
    const { baseURL, databaseUrl } = projectOptions(name);
    return {
      name,
      command: `${name === 'postgres' ? `${createDatabase()} && ` : ''}exec '${binary}' serve`,
      cwd: nowhere,
      url: `${baseURL}/healthz`,
      reuseExistingServer: false,
      gracefulShutdown: { signal: 'SIGTERM' as const, timeout: 5_000 },
      stdout: 'pipe' as const,
      env: {
        ...surroundings,
        DATABASE_URL: databaseUrl,
        SEATKEEPER_LISTEN: new URL(baseURL).host,
        SEATKEEPER_PUBLIC_URL: baseURL,
        SCALEKIT_WEBHOOK_SECRET: webhookSecret,
        SMTP_URL: `smtp://127.0.0.1:${mailPort}`,
        MAIL_FROM: 'Seatkeeper <seats@seatkeeper.test>',
        SEATKEEPER_ALLOW_PRIVATE_ADDRESSES: 'yes',
        RUST_LOG: process.env.RUST_LOG ?? 'warn',
      },
    };
  });
}

function databaseUrl(name: ProjectName): string {
  return name === 'postgres' ? postgresDatabase(freshDatabase()) : `sqlite://${join(folder, `${name}.db`)}`;
}

/** The address of a database on the Postgres under test. */
export const postgresDatabase = (name: string) => Object.assign(new URL(postgresUrl!), { pathname: `/${name}` }).href;

const freshDatabase = () => `e2e_${folder.split('-').pop()!.toLowerCase()}_${ports[0]}`;

export const createDatabase = (name = freshDatabase()) => `psql --no-psqlrc --quiet --dbname '${postgresUrl}' --command 'create database ${name}'`;

export async function freePorts(count: number): Promise<number[]> {
  const listeners = await Promise.all(
    Array.from({ length: count }, () => new Promise<ReturnType<typeof createServer>>((done) => {
      const listener = createServer().listen(0, '127.0.0.1', () => done(listener));
    })),
  );
  const found = listeners.map((listener) => (listener.address() as AddressInfo).port);
  await Promise.all(listeners.map((listener) => new Promise((done) => listener.close(done))));
  return found;
}
