import { expect, test } from '../support/test.ts';

test('a running server says that it is well', async ({ request }) => {
  const answer = await request.get('/healthz');

  expect(answer.status()).toBe(200);
});
