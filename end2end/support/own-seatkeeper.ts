// A Seatkeeper with a database of its own, for tests of what holds for a whole installation.
import { execSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { binary, createDatabase, folder, freePorts, nowhere, postgresDatabase, surroundings, webhookSecret } from './servers.ts';
import { expect } from './test.ts';

/** Serves until [`stop`]. `settings` are added to the environment. */
export async function startSeatkeeper(databaseUrl: string, settings: Record<string, string>): Promise<{ child: ChildProcess; url: string }> {
  const [port] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const env = {
    ...surroundings,
    DATABASE_URL: databaseUrl,
    SEATKEEPER_LISTEN: `127.0.0.1:${port}`,
    SEATKEEPER_PUBLIC_URL: url,
    SCALEKIT_WEBHOOK_SECRET: webhookSecret,
    RUST_LOG: 'error', // a run that fails is warned of, and some are to fail
    ...settings,
  };
  const child = spawn(binary, ['serve'], { cwd: nowhere, env, stdio: ['ignore', 'inherit', 'inherit'] });
  await expect.poll(() => fetch(`${url}/healthz`).then((answer) => answer.ok, () => false), { message: 'it serves', timeout: 20_000 }).toBe(true);
  return { child, url };
}

export async function stop(child: ChildProcess): Promise<void> {
  child.kill('SIGTERM');
  if (child.exitCode === null) await once(child, 'exit');
}

/** The address of an empty database, on the engine of the project. */
export function freshDatabase(about: string, project: string, worker: number): string {
  if (project === 'postgres') {
    const name = `e2e_${about}_${process.pid}_${worker}`;
    execSync(createDatabase(name));
    return postgresDatabase(name);
  }
  mkdirSync(folder, { recursive: true });
  return `sqlite://${join(folder, `${about}-${project}-${worker}.db`)}`;
}
