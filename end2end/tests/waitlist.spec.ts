// Decisions by hand: who gets the next seat, and who waits no longer.
import { WaitlistPage } from '../pages/waitlist-page.ts';
import { signIn } from '../support/signed-in.ts';
import { expect, test } from '../support/test.ts';

test('the last of three waiting people is moved to the front and gets the next seat', async ({ organization, admin, staff }) => {
  await organization.withSeats(1).joined('ann@acme.test', 'bob@acme.test', 'cleo@acme.test', 'dan@acme.test');
  await admin.organization.goto();
  await admin.page.getByRole('link', { name: 'Open the waitlist' }).click();
  await expect(admin.waitlist.names).toContainText(['Bob', 'Cleo', 'Dan']);

  await admin.waitlist.askAbout('Dan', 'To the front');
  await expect(admin.page.getByRole('heading', { level: 1 })).toHaveText('Move Dan to the front');
  await expect(admin.waitlist.about).toContainText('position 3 → position 1');
  await expect(admin.waitlist.afterwards.getByRole('listitem')).toContainText([/1\s*Dan\s*was 3/, /2\s*Bob\s*was 1/, /3\s*Cleo\s*was 2/]);
  await admin.waitlist.note.fill('starts tomorrow');
  await admin.waitlist.confirm('Move Dan to the front');

  await expect(admin.waitlist.result).toContainText('1 person moved.');
  await expect(admin.waitlist.result).toContainText('Dan: Waiting, position 3 → Waiting, position 1');
  await expect(admin.waitlist.names).toContainText(['Dan', 'Bob', 'Cleo']);
  await organization.deactivated('ann@acme.test');
  await admin.waitlist.goto();
  await expect(admin.waitlist.names).toContainText(['Bob', 'Cleo']);
  await admin.organization.goto();
  await expect(admin.organization.decisions.first()).toContainText('Dan');

  await staff.page.goto(`${staff.organization.path}/activity`);
  const entry = staff.organization.row('Person moved on the waitlist');
  await expect(entry).toContainText(admin.account.name);
  await expect(entry).toContainText('Dan');
  await expect(entry).toContainText('starts tomorrow');
});

test('dismissing a person with a seat admits the next, and can be undone', async ({ organization, admin }) => {
  await organization.withSeats(1).joined('ann@acme.test', 'bob@acme.test', 'cleo@acme.test');
  await admin.waitlist.goto('?state=provisioned');

  await admin.waitlist.askAbout('Ann', 'Dismiss from the seat');
  await expect(admin.waitlist.afterwards).toContainText('Bob gets the seat.');
  await admin.waitlist.confirm('Dismiss Ann: Bob gets the seat');

  await expect(admin.waitlist.result).toContainText('1 person dismissed.');
  await expect(admin.waitlist.result).toContainText('Bob got the seat.');
  await expect(admin.waitlist.names).toContainText(['Cleo']);
  await admin.waitlist.result.getByRole('link', { name: 'Undo' }).click();
  await expect(admin.waitlist.about).toContainText('dismissed → position 2');
  await admin.waitlist.confirm('Undo the dismissal of Ann');
  await expect(admin.waitlist.names).toContainText(['Cleo', 'Ann']);
});

test('several people keep their order, and a position can be typed', async ({ organization, staff }) => {
  await organization.withSeats(0).joined('ann@acme.test', 'bob@acme.test', 'cleo@acme.test', 'dan@acme.test', 'eve@acme.test');
  await staff.waitlist.goto();

  await staff.waitlist.choose('Dan', 'Eve');
  await staff.waitlist.ask('Move to a position');
  await staff.page.getByRole('spinbutton', { name: 'New position' }).fill('2');
  await staff.waitlist.ask('Preview');
  await expect(staff.waitlist.afterwards.getByRole('listitem')).toContainText(['Ann', 'Dan', 'Eve', 'Bob', 'Cleo']);
  await staff.waitlist.confirm('Move 2 people to position 2');

  await expect(staff.waitlist.names).toContainText(['Ann', 'Dan', 'Eve', 'Bob', 'Cleo']);
  await expect(staff.waitlist.row('Dan').filter({ hasText: 'moved by hand' })).toBeVisible();
});

test('all people that match a filter are decided about at once', async ({ organization, staff }) => {
  await organization.withSeats(0).joined('bo.one@acme.test', 'ann@acme.test', 'bo.two@acme.test');
  await staff.waitlist.goto();
  await staff.waitlist.find('bo');
  await expect(staff.waitlist.names).toContainText(['Bo One', 'Bo Two']);

  await staff.page.getByRole('checkbox', { name: 'All 2 people that match' }).check();
  await staff.waitlist.ask('Dismiss');
  await staff.waitlist.confirm('Dismiss 2 people');

  await expect(staff.waitlist.result).toContainText('2 people dismissed.');
  await staff.waitlist.goto();
  await expect(staff.waitlist.names).toContainText(['Ann']);
  await staff.waitlist.goto('?state=dismissed');
  await expect(staff.waitlist.names).toContainText(['Bo One', 'Bo Two']);
});

test('a free seat is given by hand, and the result says who was refused', async ({ organization, staff, seatkeeper }) => {
  await organization.withSeats(1).joined('ann@acme.test', 'bob@acme.test', 'cleo@acme.test');
  await staff.waitlist.goto();
  await expect(staff.page.getByRole('button', { name: 'Admit', exact: true }), 'no seat is free').toHaveCount(0);
  const policy = await seatkeeper.run(['organization', 'policy', organization.id, 'by-hand', '--reason', 'agreed']);
  expect(policy.code, policy.stderr).toBe(0);
  await organization.deactivated('ann@acme.test');
  await staff.waitlist.goto();
  await expect(staff.waitlist.names).toContainText(['Bob', 'Cleo']);

  await staff.waitlist.choose('Bob', 'Cleo');
  await staff.waitlist.ask('Admit');
  await expect(staff.waitlist.about).toContainText('Stays as before: position 2. All seats are taken.');
  await staff.waitlist.confirm('Admit Bob');

  await expect(staff.waitlist.result).toContainText('1 person admitted, 1 not.');
  await expect(staff.waitlist.result).toContainText('Cleo: not changed. All seats are taken.');
  await expect(staff.waitlist.names).toContainText(['Cleo']);
});

test('the second of two admins sees what changed, and loses nothing typed', async ({ organization, admin, staff }) => {
  await organization.withSeats(1).joined('ann@acme.test', 'bob@acme.test', 'cleo@acme.test');
  await admin.waitlist.goto();
  await admin.waitlist.choose('Bob', 'Cleo');
  await admin.waitlist.ask('Move to the front');
  await admin.waitlist.note.fill('they asked first');

  await staff.waitlist.goto();
  await staff.waitlist.askAbout('Cleo', 'Dismiss');
  await staff.waitlist.confirm('Dismiss Cleo');
  await admin.page.getByRole('main').getByRole('button', { name: /^Move .* to the front$/ }).click();

  await expect(admin.page).toHaveURL(/refused=waitlist-changed/);
  await expect(admin.waitlist.banners).toContainText('Nothing was changed yet.');
  await expect(admin.waitlist.banners).toContainText('Removed from the waitlist by hand.');
  await expect(admin.waitlist.about).toContainText('This person is not waiting for a seat.');
  await expect(admin.waitlist.note).toHaveValue('they asked first');
  await admin.waitlist.confirm('Move Bob to the front');
  await expect(admin.waitlist.result).toContainText('1 person moved, 1 not.');
});

test('a decision about no one cannot be asked for; without JavaScript the next page says so', async ({ organization, staff, javaScriptEnabled }) => {
  await organization.withSeats(0).joined('ann@acme.test');
  await staff.waitlist.goto();
  if (!javaScriptEnabled) {
    await staff.waitlist.ask('Dismiss');
    await expect(staff.waitlist.main).toContainText('Choose at least one person first.');
    return;
  }
  const dismiss = staff.waitlist.main.getByRole('button', { name: 'Dismiss', exact: true });
  await expect(dismiss).toBeDisabled();

  await staff.waitlist.choose('Ann');
  await expect(dismiss).toBeEnabled();
  await staff.page.getByRole('checkbox', { name: 'Choose Ann' }).uncheck();
  await expect(dismiss).toBeDisabled();

  await staff.page.getByRole('checkbox', { name: 'All 1 person' }).check();
  await expect(dismiss).toBeEnabled();
});

test('a viewer reads the waitlist and decides nothing', async ({ organization, account, browser, complaints }) => {
  complaints.accept(/404 \(Not Found\)/);
  await organization.withSeats(0).joined('ann@acme.test');
  const context = await browser.newContext();
  complaints.listen(context);
  await signIn(context, await account('tenant-viewer'));
  const waitlist = new WaitlistPage(await context.newPage(), `/organizations/${organization.id}/waitlist`);

  await waitlist.goto();
  await expect(waitlist.names).toContainText(['Ann']);
  await expect(waitlist.main).toContainText('Only admins can change the order.');
  await expect(waitlist.main.getByRole('checkbox')).toHaveCount(0);
  await expect(waitlist.main.getByRole('link', { name: 'Dismiss: Ann' })).toHaveCount(0);

  const ann = organization.person('ann@acme.test').id;
  const preview = await waitlist.page.goto(`${waitlist.path}/decision?action=dismiss&user=${ann}`);
  expect(preview!.status()).toBe(404);
  const form = { id: organization.id, decision: `action=dismiss&user=${ann}`, mark: '', previewed_at: '1' };
  const posted = await context.request.post('/api/decide_by_hand', { form });
  expect(posted.status()).toBe(404);
  await waitlist.goto();
  await expect(waitlist.names).toContainText(['Ann']);
  await context.close();
});
