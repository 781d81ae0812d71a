// The product behind the gate: an HTTP server that takes outgoing webhooks, and checks them with the libraries of Standard Webhooks
// for Node and for Python.
import { expect } from '@playwright/test';
import { execFileSync } from 'node:child_process';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';

/** An event is sent at once, and one that failed again after five seconds. */
const timeout = 25_000;

/** A Python that has the library; `cargo xtask test` says it if there is none. */
const python = process.env.STANDARDWEBHOOKS_PYTHON;

interface Received {
  headers: Record<string, string>;
  body: string;
}

export class Product {
  readonly received: Received[] = [];
  /** What it answers. */
  status = 204;

  private constructor(private readonly server: Server) {}

  static async open(): Promise<Product> {
    const product: Product = new Product(createServer(async (request, response) => {
      product.received.push({ headers: request.headers as Record<string, string>, body: await body(request) });
      response.writeHead(product.status).end(product.status < 300 ? undefined : 'The product is asleep.');
    }));
    await new Promise<void>((listening) => product.server.listen(0, '127.0.0.1', listening));
    return product;
  }

  get address(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/events?token=t1`;
  }

  /** Waits for so many webhooks; gives the last one, which this secret has signed. */
  async expect(count: number, secret: string): Promise<{ type: string; id: string }> {
    await expect.poll(() => this.received.length, { timeout, message: 'webhooks to the product' }).toBe(count);
    return this.verify(count - 1, secret);
  }

  /** Throws if this secret has not signed it. */
  verify(at: number, secret: string): { type: string; id: string } {
    const received = this.received[at]!;
    const event = byNode(received, secret);
    if (python) expect(byPython(received, secret), 'both libraries read the same').toEqual(event);
    return event as { type: string; id: string };
  }

  /** Whether this secret has signed it; the libraries agree. */
  isSignedBy(at: number, secret: string): boolean {
    const verified = (python ? [byNode, byPython] : [byNode]).map((verify) => {
      try {
        return !!verify(this.received[at]!, secret);
      } catch {
        return false;
      }
    });
    expect(new Set(verified).size, 'answers of the libraries').toBe(1);
    return verified[0]!;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((closed) => this.server.close(closed));
  }
}

const byNode = ({ headers, body }: Received, secret: string): unknown => new Webhook(secret).verify(body, headers);

function byPython({ headers, body }: Received, secret: string): unknown {
  const script = join(import.meta.dirname, 'verify_webhook.py');
  return JSON.parse(execFileSync(python!, [script], { input: JSON.stringify({ secret, headers, body }), stdio: ['pipe', 'pipe', 'pipe'], encoding: 'utf8' }));
}

async function body(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString();
}
