// What Seatkeeper is for: too many people arrive, their admins are notified once, staff raise the limit, and the people get in.
import { crowd } from '../support/people.ts';
import { post, userCreated } from '../support/scalekit.ts';
import { expect, test } from '../support/test.ts';

test('the fifty-first of fifty waits, and their admin sees who and why', async ({ organization, admin, baseURL }) => {
  await organization.withSeats(50).joined(...crowd(50));

  const answer = await post(baseURL!, userCreated(organization.person('nina.late@acme.test')));

  expect(answer.status).toBe(200);
  await admin.organization.goto();
  await expect(admin.organization.heading).toHaveText(organization.name);
  await expect(admin.organization.banners).toContainText('All 50 seats are taken, 1 person is waiting.');
  await expect(admin.organization.banners).toContainText('Ask for more seats');
  await expect(admin.organization.waiting).toHaveCount(1);
  const nina = admin.organization.waitlist.getByRole('row').filter({ hasText: 'Nina Late' });
  await expect(nina).toContainText('nina.late@acme.test');
  await expect(nina).toContainText('No seat was free: the plan has 50 seats, all taken.');
  await expect(nina.getByRole('time')).toBeVisible();
  await expect(admin.organization.seats).toContainText(/Taken\s*50 of 50 seats/);
  await expect(admin.organization.decisions.first()).toContainText('Nina Late has to wait');
});

test('the admin gets one e-mail for each time people start to wait', async ({ organization, admin, mail, baseURL }) => {
  const mailbox = mail.to(admin.account.email);
  // each new limit is an e-mail, too
  const aboutWaiting = async () => (await mailbox.emails()).filter(({ subject }) => subject?.includes('waiting'));

  await organization.withSeats(1).joined('ada@acme.test', 'nina.late@acme.test');
  const email = await mailbox.expect(`${organization.name}: 1 person is waiting for a seat`);

  expect(email.from?.address).toBe('seats@seatkeeper.test');
  for (const body of [email.text, email.html]) {
    expect(body).toContain('Nina Late');
    expect(body).toContain('nina.late@acme.test');
    expect(body).toContain(`${baseURL}/organizations/${organization.id}`);
  }
  expect(email.html).toContain('All 1 seat taken, 1 waiting');

  // three more people wait: no e-mail for them; the waitlist becomes empty, and the next person who waits causes an e-mail again
  await organization.joined('bob@acme.test', 'cleo@acme.test', 'dan@acme.test').withSeats(5).joined('eve.next@acme.test');
  await expect.poll(async () => (await aboutWaiting()).at(-1)?.text, { message: 'the e-mail of the next time', timeout: 25_000 }).toContain('Eve Next');
  const emails = await aboutWaiting();
  expect(emails.map(({ subject }) => subject)).toEqual(Array(2).fill(`${organization.name}: 1 person is waiting for a seat`));
});

test('the e-mail leads to the waitlist', async ({ organization, admin, mail }) => {
  await organization.withSeats(0).joined('nina.late@acme.test');
  const { text } = await mail.to(admin.account.email).expect('waiting for a seat');

  await admin.page.goto(text!.match(/https?:\/\/\S+/)![0]);

  await expect(admin.organization.waiting).toContainText(['Nina Late']);
});

test('staff raise the limit with a reason, and the waitlist gets in', async ({ organization, staff, admin, seatkeeper }) => {
  await organization.withSeats(50).joined(...crowd(50), 'nina@acme.test', 'omar@acme.test', 'pia@acme.test', 'quinn@acme.test');
  await staff.organization.goto();
  await expect(staff.organization.banners).toContainText('All 50 seats are taken, 4 people are waiting.');
  await staff.organization.changeLimit.click();
  await staff.limit.awake();

  await staff.limit.preview('55', 'five more seats bought, order 4711');
  await expect(staff.limit.now).toContainText('All 50 seats taken, 4 waiting');
  await expect(staff.limit.after).toContainText('54 of 55 seats taken, 1 free, 0 waiting');
  await expect(staff.limit.after).toContainText('4 people get in: Nina, Omar, Pia and Quinn.');
  await expect(staff.limit.save).toHaveText('Raise to 55 seats: 4 people get in');
  await staff.limit.save.click();

  await expect(staff.page).toHaveURL(`${staff.organization.path}?saved=4`);
  await expect(staff.organization.banners).toContainText('Saved.4 people got in: Nina, Omar, Pia, Quinn.');
  await expect(staff.organization.changes.first()).toHaveText(/^50 seats → 55 seats.*five more seats bought, order 4711.*By Sam Staff$/);
  await expect(staff.organization.main).toContainText('54 of 55 seats taken, 1 free, 0 waiting.');
  await expect(staff.organization.main).toContainText('Limit set to 55 seats by Sam Staff');
  await expect(staff.organization.main).toContainText('five more seats bought, order 4711');
  const admitted = staff.organization.decisions.filter({ hasText: /First on the waitlist, and a seat was free: \d+ of \d+ were taken\. By Sam Staff\./ });
  await expect(admitted).toContainText(['Quinn got a seat', 'Pia got a seat', 'Omar got a seat', 'Nina got a seat']);

  await admin.organization.goto();
  await expect(admin.organization.banners).toContainText('Only 1 seat is left.');
  await expect(admin.organization.main).toContainText('The waitlist is empty.');
  await expect(admin.organization.main, 'only staff see the reason').not.toContainText('order 4711');
  await expect(admin.organization.changes).toHaveCount(0);
  expect(await seatkeeper.run(['status', '--check']), 'every count is true').toMatchObject({ code: 0 });
});

test('a raise that is too small lets in the people who have waited longest', async ({ organization, staff }) => {
  await organization.withSeats(1).joined('ada@acme.test', 'nina@acme.test', 'omar@acme.test', 'pia@acme.test');
  await staff.limit.goto();

  await staff.limit.preview('3', 'two more');
  await expect(staff.limit.after).toContainText('2 people get in: Nina and Omar.');
  await expect(staff.limit.after).toContainText('1 person stays on the waitlist.');
  await staff.limit.save.click();

  await expect(staff.organization.waiting).toContainText(['Pia']);
  await expect(staff.organization.banners).toContainText('All 3 seats are taken, 1 person is waiting.');
});

test('a freed seat goes to the person who has waited longest', async ({ organization, admin }) => {
  await organization.withSeats(1).joined('ada@acme.test', 'bob@acme.test', 'cleo@acme.test');

  await organization.left('ada@acme.test');

  await admin.people.goto();
  await expect(admin.people.row('bob@acme.test')).toContainText('Has a seat');
  await expect(admin.people.row('cleo@acme.test')).toContainText('Waiting');
  await expect(admin.people.row('cleo@acme.test')).toContainText('position 1');
  await admin.people.goto('?state=removed');
  await expect(admin.people.row('ada@acme.test')).toContainText('Removed');
});

test('a delivery that is not signed by us changes nothing', async ({ organization, admin, baseURL }) => {
  await organization.withSeats(5);
  const secret = `whsec_${Buffer.from('a foreign secret').toString('base64')}`;

  const answer = await post(baseURL!, userCreated(organization.person('mallory@acme.test')), { secret });

  expect(answer.status).toBe(400);
  expect(await answer.text()).toBe('');
  await admin.people.goto();
  await expect(admin.people.main).toContainText('No people yet');
});
