// An authenticator app (TOTP, RFC 6238), as a phone has it.
import { createHmac } from 'node:crypto';

const period = 30_000;
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

export class Authenticator {
  private last = 0;

  /** The secret in base 32, as the page shows it. */
  constructor(private readonly secret: string) {}

  /**
   * A code that was not used yet. Each works once, and one that comes too early by one period works, too: so a test asks for
   * two, and does not wait.
   */
  code(): string {
    this.last = Math.max(this.last + 1, Math.floor(Date.now() / period));
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64BE(BigInt(this.last));
    const hash = createHmac('sha1', this.key()).update(counter).digest();
    const number = hash.readUInt32BE(hash.at(-1)! & 15) & 0x7fffffff;
    return String(number % 1_000_000).padStart(6, '0');
  }

  private key(): Buffer {
    const digits = [...this.secret.replaceAll(' ', '').toUpperCase()].map((letter) => letters.indexOf(letter));
    const bits = digits.map((digit) => digit.toString(2).padStart(5, '0')).join('');
    return Buffer.from(bits.match(/.{8}/g)!.map((byte) => parseInt(byte, 2)));
  }
}
