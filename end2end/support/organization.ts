// A customer's organization, fresh for each test: `await organization.withSeats(1).joined('ada@acme.test', 'bob@acme.test')`.
// Steps are chained and happen in order when awaited.
import { deliver, directoryUser, freshId, groupDeleted, userCreated, userDeleted, userInGroups, userUpdated, type DirectoryGroup, type DirectoryUser } from './scalekit.ts';
import type { SeatLimit, Seatkeeper } from './seatkeeper.ts';

export class Organization implements PromiseLike<void> {
  private readonly people = new Map<string, DirectoryUser>();
  private readonly groups = new Map<string, DirectoryGroup>();
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

  /** The directory says in which groups the person is now. */
  inGroups(email: string, ...names: string[]): this {
    return this.then_(() => deliver(this.server, userInGroups(this.person(email), names.map((name) => this.group(name)))));
  }

  withoutGroup(name: string): this {
    return this.then_(() => deliver(this.server, groupDeleted(this.id, this.group(name))));
  }

  group(name: string): DirectoryGroup {
    const known = this.groups.get(name) ?? { id: freshId('dirgroup'), name };
    this.groups.set(name, known);
    return known;
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

/** One person in each state, two on the waitlist; one has left a group. */
export async function busy(organization: Organization): Promise<void> {
  await organization.withSeats(1).joined('ada@acme.test', 'bob@acme.test', 'cleo@acme.test', 'dan@acme.test', 'eve@acme.test');
  await organization.left('dan@acme.test').deactivated('eve@acme.test');
  await organization.inGroups('ada@acme.test', 'Sales', 'Crew').inGroups('bob@acme.test', 'Sales').inGroups('bob@acme.test');
}
