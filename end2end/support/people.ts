// Invented people, as many as a test needs.

/** `person.01@acme.test`, `person.02@acme.test` …: called Person 01, Person 02 … */
export function crowd(count: number, first = 1): string[] {
  return Array.from({ length: count }, (_, n) => `person.${String(first + n).padStart(2, '0')}@acme.test`);
}
