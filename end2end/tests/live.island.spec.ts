// Open pages are as fresh as the server: no test here reloads a page. A page asks by itself only while it is not live, so a page that
// is live at the end of a test has learned of the change over its live connection.
import { expect, test } from '../support/test.ts';

test('a person who has to wait appears in the open page', async ({ organization, admin }) => {
  await organization.withSeats(1).joined('ada@acme.test');
  await admin.organization.gotoLive();
  await expect(admin.organization.banners).toBeEmpty();

  await organization.joined('nina.late@acme.test');

  await expect(admin.organization.banners).toContainText('The only seat is taken, 1 person is waiting.');
  await expect(admin.organization.waiting).toContainText(['Nina Late']);
  await admin.organization.isLive();
});

test('a limit changed on the command line shows in the open page', async ({ organization, admin }) => {
  await organization.withSeats(1).joined('ada@acme.test', 'nina@acme.test');
  await admin.organization.gotoLive();
  await expect(admin.organization.waiting).toHaveCount(1);

  await organization.withSeats(2, 'one more');

  await expect(admin.organization.banners).toContainText('All seats are taken.');
  await expect(admin.organization.banners).not.toContainText('waiting');
  await expect(admin.organization.main).toContainText('All 2 seats taken, 0 waiting.');
  await admin.organization.isLive();
});

test('a limit that staff save shows in the tenant’s open page', async ({ organization, staff, admin }) => {
  await organization.withSeats(1).joined('ada@acme.test', 'nina@acme.test');
  await admin.organization.gotoLive();
  await staff.limit.goto();
  await staff.limit.preview('5', 'more seats bought');

  await staff.limit.save.click();

  await expect(staff.page).toHaveURL(`${staff.organization.path}?saved=1`);
  await expect(admin.organization.banners).toBeEmpty();
  await admin.organization.isLive();
});

test('the bell of an open page counts a new alert', async ({ organization, admin }) => {
  await organization.withSeats(1).joined('ada@acme.test');
  await admin.organization.gotoLive();
  const bell = admin.page.getByRole('navigation', { name: 'Sections' }).getByRole('link', { name: /^Alerts/ });
  await expect(bell).toHaveAccessibleName('Alerts');

  await organization.joined('nina@acme.test');

  await expect(bell).toHaveAccessibleName('Alerts 1 unread alert');
  await admin.organization.isLive();
});

test('the overview follows its organizations', async ({ organization, staff }) => {
  await organization.withSeats(1);
  await staff.organizations.gotoLive(`?search=${organization.id}`);
  const row = staff.organizations.row(organization.name);
  await expect(row).toContainText('Seats free');

  await organization.joined('ada@acme.test');
  await expect(row).toContainText('Full');

  await organization.joined('nina@acme.test');
  await expect(row).toContainText('Waiting');
  await staff.organizations.isLive();
});

test('a new person appears in the people’s list and the focus stays where it was', async ({ organization, admin }) => {
  await organization.withSeats(5).joined('bob@acme.test');
  await admin.people.gotoLive();
  const bob = admin.people.names.getByRole('link', { name: 'Bob' });
  await bob.focus();

  await organization.joined('ada@acme.test');

  await expect(admin.people.names).toContainText(['Ada', 'Bob']);
  await expect(bob).toBeFocused();
  await admin.people.isLive();
});

test('what is typed in the search survives a refresh', async ({ organization, admin }) => {
  await organization.withSeats(5).joined('bob@acme.test');
  await admin.people.gotoLive();
  await admin.people.search.click();
  await admin.people.search.pressSequentially('ad');

  await organization.joined('ada@acme.test');

  await expect(admin.people.names).toContainText(['Ada', 'Bob']);
  await expect(admin.people.search).toBeFocused();
  await admin.people.search.pressSequentially('a@acme');
  await expect(admin.people.search).toHaveValue('ada@acme');
  await admin.people.search.press('Enter');
  await expect(admin.people.names).toContainText(['Ada']);
  await expect(admin.people.names).toHaveCount(1);
  await admin.people.isLive();
});

test('a half-written limit survives a refresh', async ({ organization, staff }) => {
  await organization.withSeats(1).joined('ada@acme.test');
  await staff.limit.gotoLive();
  await staff.limit.preview('2', 'one more for');
  await staff.limit.reason.focus();

  await organization.joined('nina@acme.test');

  await expect(staff.limit.main).toContainText('All 1 seat taken, 1 waiting.');
  await expect(staff.limit.reason).toBeFocused();
  await expect(staff.limit.reason).toHaveValue('one more for');
  await expect(staff.limit.limit).toHaveValue('2');
  await staff.limit.isLive();
});

test('the preview follows what is typed', async ({ organization, staff }) => {
  await organization.withSeats(1).joined('ada@acme.test', 'nina@acme.test', 'omar@acme.test');
  await staff.limit.goto();

  await staff.limit.limit.pressSequentially('2');
  await expect(staff.limit.after).toContainText('1 person gets in: Nina.');
  await expect(staff.limit.save).toHaveText('Raise to 2 seats: 1 person gets in');

  await staff.limit.limit.fill('0');
  await expect(staff.limit.after).toContainText('1 seat over the limit.');
  await expect(staff.limit.save).toHaveText('Lower to 0 seats: 1 over');

  await staff.limit.limit.fill('9');
  await expect(staff.limit.after).toContainText('2 people get in: Nina and Omar.');
  await expect(staff.limit.save).toHaveText('Raise to 9 seats: 2 people get in');

  await staff.limit.limit.fill('plenty');
  await expect(staff.limit.after).toHaveCount(0);
  await expect(staff.limit.limit).toHaveAccessibleDescription(/A seat limit is a whole number/);
  await expect(staff.limit.limit).toHaveAttribute('aria-invalid', 'true');

  await staff.limit.limit.fill('');
  await expect(staff.limit.limit).not.toHaveAttribute('aria-invalid');
});

test('what was typed before the page woke up is previewed when it has', async ({ organization, staff }) => {
  await organization.withSeats(1).joined('ada@acme.test', 'nina@acme.test');
  let wakeUp = () => {};
  const asleep = new Promise<void>((awake) => (wakeUp = awake));
  await staff.page.route('**/*.wasm', async (route) => (await asleep, route.continue()));
  await staff.page.goto(staff.limit.path, { waitUntil: 'commit' });
  await staff.limit.type('2', 'one more');

  wakeUp();
  await staff.limit.awake();

  await expect(staff.limit.limit).toHaveValue('2');
  await expect(staff.limit.reason).toHaveValue('one more');
  await expect(staff.limit.after).toContainText('1 person gets in: Nina.');
});

test('a page whose reader was signed out elsewhere says so', async ({ organization, admin }) => {
  await organization.withSeats(1);
  await admin.organization.gotoLive();
  const elsewhere = await admin.page.context().newPage();
  await elsewhere.goto(admin.people.path);
  await elsewhere.getByRole('button', { name: 'Sign out' }).click();
  await expect(elsewhere).toHaveURL(/sign-in/);

  await expect(admin.organization.heading).toHaveText('You have been signed out');
});

test('a page that does not exist does not wait for changes', async ({ admin, complaints }) => {
  complaints.accept(/404 \(Not Found\).*org_nowhere\)/);
  const asked: string[] = [];
  // What a shared worker asks for is not seen from here; a window without one asks for itself.
  await admin.page.addInitScript(() => Reflect.deleteProperty(window, 'SharedWorker'));
  admin.page.on('request', (request) => asked.push(request.url().replace(/^.*(?=\/live)/, '')));

  await admin.page.goto('/organizations/org_nowhere');
  await expect(admin.organization.heading).toHaveText('There is nothing here');

  const connections = () => asked.filter((path) => path.startsWith('/live'));
  await expect.poll(connections, 'it follows only its session').toEqual(['/live?only=session']);
  await expect(admin.page.getByText('Reconnecting…')).toBeHidden();
});

test('an id is copied with one click', async ({ organization, admin }) => {
  await admin.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await admin.organization.gotoLive();

  await admin.page.getByRole('button', { name: `Copy ${organization.id}` }).click();

  await expect.poll(() => admin.page.evaluate(() => navigator.clipboard.readText())).toBe(organization.id);
});

test('the page that was followed by a link is live, too', async ({ organization, admin }) => {
  await organization.withSeats(1).joined('ada@acme.test');
  await admin.organization.gotoLive();
  await admin.page.getByRole('navigation', { name: 'Sections' }).getByRole('link', { name: 'People' }).click();
  await expect(admin.people.heading).toHaveText('People');
  await expect(admin.page.getByText('Live', { exact: true })).toBeVisible();

  await organization.joined('nina@acme.test');

  await expect(admin.people.names).toContainText(['Ada', 'Nina']);
  await admin.organization.isLive();
});

test('a page whose server is away says from when its numbers are, and asks again', async ({ organization, admin, complaints }) => {
  complaints.accept(/ERR_INTERNET_DISCONNECTED/);
  await organization.withSeats(2).joined('ada@acme.test');
  await admin.organization.goto();
  await expect(admin.page.getByText('Live', { exact: true })).toBeVisible();
  const bar = admin.page.getByRole('status').filter({ hasText: 'does not answer' });
  await expect(bar).toHaveCount(0);

  await admin.page.context().setOffline(true);
  await organization.joined('nina@acme.test');
  await expect(bar).toContainText(/Seatkeeper does not answer\. The numbers are from \d\d:\d\d\./, { timeout: 30_000 });

  await bar.getByRole('button', { name: 'Try again' }).click();
  await expect(bar).toBeVisible();

  await admin.page.context().setOffline(false);
  await expect(admin.organization.seats).toContainText('2 of 2 seats');
  await expect(bar).toHaveCount(0);
});

test('a page that does not follow says as of when it is', async ({ staff }) => {
  await staff.page.goto('/activity');
  await expect(staff.page.getByRole('link', { name: /^As of \d\d:\d\d$/ })).toBeVisible();
});

test.describe('in another time zone', () => {
  test.use({ timezoneId: 'Asia/Kolkata' });

  test('times are those of the reader, and the tooltip has both', async ({ organization, admin }) => {
    await organization.withSeats(2).joined('ada@acme.test');
    await admin.organization.goto();
    const time = admin.page.locator('time.relative-time').first();
    await expect(time).toHaveText('just now');
    const written = new Date((await time.getAttribute('datetime'))!);
    const here = written.toLocaleTimeString('en-GB', { timeZone: 'Asia/Kolkata', hour: '2-digit', minute: '2-digit' });
    await expect(time).toHaveAttribute('title', new RegExp(`, ${here} here · .* UTC$`));

    await admin.page.clock.setFixedTime(Date.now() + 2 * 86_400_000);
    await admin.page.reload();
    await expect(time).toHaveText(new RegExp(`^\\d+ \\w{3}(, ${here}| \\d{4})$`));
  });
});
