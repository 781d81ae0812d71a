// A customer's organization, fresh for each test: `await organization.withSeats(1).joined('ada@acme.test', 'bob@acme.test')`.
// Steps are chained and happen in order when awaited.
import { deliver, directoryUser, freshId, userCreated, userDeleted, userUpdated, type DirectoryUser } from './scalekit.ts';
import type { SeatLimit, Seatkeeper } from './seatkeeper.ts';

export class Organization implements PromiseLike<void> {
  private readonly people = new Map<string, DirectoryUser>();
  private steps: Promise<void>;

  constructor(private readonly server: string, private readonly seatkeeper: Seatkeeper, readonly name = `Acme ${freshId('').slice(-9)}`, readonly id = freshId('org')) {
    this.steps = seatkeeper.addOrganization(this.id, this.name);
  }

  withSeats(limit: SeatLimit, reason = 'the plan of this test'): this {
    return this.then_(() => this.seatkeeper.setLimit(this.id, limit, reason));
  }

  joined(...emails: string[]): this {
    return this.then_(() => deliver(this.server, ...emails.map((email) => userCreated(this.person(email)))));
  }

  /** Deactivated in the directory: `active: false`, as most directories do it. */
  deactivated(...emails: string[]): this {
    return this.then_(() => deliver(this.server, ...emails.map((email) => userUpdated(this.person(email), false))));
  }

  left(...emails: string[]): this {
    return this.then_(() => deliver(this.server, ...emails.map((email) => userDeleted(this.person(email)))));
  }

  person(email: string): DirectoryUser {
    const known = this.people.get(email) ?? directoryUser(this.id, email);
    this.people.set(email, known);
    return known;
  }

  then<A, B>(done?: ((value: void) => A | PromiseLike<A>) | null, failed?: ((reason: unknown) => B | PromiseLike<B>) | null): PromiseLike<A | B> {
    return this.steps.then(done, failed);
  }

  private then_(step: () => Promise<void>): this {
    this.steps = this.steps.then(step);
    this.steps.catch(() => {}); // a caller that awaits gets the error; without one, the error must not end the process
    return this;
  }
}
