// The command line, as an operator uses it while the server runs.
import { spawn } from 'node:child_process';
import { binary, nowhere, surroundings } from './servers.ts';

export type Role = 'staff-admin' | 'staff' | 'tenant-admin' | 'tenant-viewer';
export type SeatLimit = number | 'unlimited';

export interface Account {
  email: string;
  name: string;
  role: Role;
  password: string;
  organizations?: string[];
}

export interface Status {
  organization_id: string;
  name: string;
  seat_limit: SeatLimit | null;
  used: number;
  waiting: number;
}

export interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

export class Seatkeeper {
  constructor(private readonly databaseUrl: string) {}

  /** Runs it whatever the outcome. */
  run(args: string[], input = ''): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      const child = spawn(binary, args, { cwd: nowhere, env: { ...surroundings, DATABASE_URL: this.databaseUrl, RUST_LOG: 'warn' } });
      let stdout = '';
      let stderr = '';
      child.stdout.on('data', (piece) => (stdout += piece));
      child.stderr.on('data', (piece) => (stderr += piece));
      child.on('error', reject);
      child.on('close', (code) => resolve({ code, stdout, stderr }));
      child.stdin.on('error', () => {}); // it may not have wanted any
      child.stdin.end(input);
    });
  }

  async createAccount({ email, name, role, password, organizations = [] }: Account): Promise<void> {
    const where = organizations.flatMap((id) => ['--organization', id]);
    await this.succeed(['account', 'create', '--email', email, '--name', name, '--role', role, ...where, '--password-stdin'], password);
  }

  async addOrganization(id: string, name: string, limit?: SeatLimit): Promise<void> {
    await this.succeed(['organization', 'add', id, '--name', name, ...(limit === undefined ? [] : ['--limit', String(limit)])]);
  }

  async setLimit(id: string, limit: SeatLimit, reason: string): Promise<void> {
    await this.succeed(['organization', 'set-limit', id, String(limit), '--reason', reason]);
  }

  /** The text of a new API key for all organizations. */
  async createKey(name: string, scope: 'read' | 'write' | 'import'): Promise<string> {
    return (await this.succeed(['api-key', 'create', '--name', name, '--scope', scope])).trim();
  }

  async status(): Promise<Status[]> {
    return JSON.parse(await this.succeed(['status', '--json']));
  }

  private async succeed(args: string[], input?: string): Promise<string> {
    const { code, stdout, stderr } = await this.run(args, input);
    if (code !== 0) throw new Error(`seatkeeper ${args.join(' ')} ended with ${code}\n${stderr}`);
    return stdout;
  }
}
