// Comparing an organization with its directory: a preview, applying it, plans that wait for a confirmation, and runs that fail.
import { ResyncsPage } from '../pages/resyncs-page.ts';
import { expect, PEOPLE, test } from '../support/directory.ts';
import { isFit } from '../support/fit.ts';
import { freshId } from '../support/scalekit.ts';
import { signIn } from '../support/signed-in.ts';

test('a preview changes nothing and is applied exactly', async ({ organization, admin, seatkeeper }) => {
  await organization.withSeats(15);
  const { resyncs } = admin;
  await admin.organization.goto();
  await admin.page.getByRole('link', { name: 'Compare now, and all resyncs' }).click();
  await expect(resyncs.heading).toHaveText('Resyncs');
  await expect(resyncs.main).toContainText('No resync yet');

  await resyncs.preview.click();
  await resyncs.says('20 people would be created');

  await expect(resyncs.heading).toHaveText('Preview');
  await expect(resyncs.part('Created')).toHaveText('Created 20');
  await expect(resyncs.part('Would have to wait')).toHaveText('Would have to wait 5');
  expect(await used(seatkeeper, organization.id)).toBe(0);
  await resyncs.apply.click();
  await resyncs.says('20 people created');
  await expect(resyncs.heading).toHaveText('Resync');
  await expect(resyncs.apply).toHaveCount(0);
  await resyncs.part('Had to wait').click();
  await expect(resyncs.people).toHaveCount(5);
  await expect(resyncs.people.first()).toContainText('On the waitlist: no seat was free');
  expect(await used(seatkeeper, organization.id)).toBe(15);

  await resyncs.goto();
  await expect(resyncs.runs).toHaveCount(1);
  await expect(resyncs.runs).toContainText('Applied');
  await expect(resyncs.runs).toContainText('Tess Tenant');
  await admin.organization.goto();
  await expect(admin.organization.main).toContainText('20 people created');
});

test('a second run right after finds nothing', async ({ organization, staff }) => {
  await organization.withSeats('unlimited');
  await staff.resyncs.start('resync');
  await staff.resyncs.says('20 people created');

  await staff.resyncs.start('preview');
  await staff.resyncs.says('Nothing differs. 20 people were compared.');

  await expect(staff.resyncs.main).toContainText('No person differs');
  await expect(staff.resyncs.apply).toHaveCount(0);
});

test('a plan that takes many away waits for their number', async ({ organization, directory, staff, admin, seatkeeper }) => {
  await organization.withSeats('unlimited');
  await staff.resyncs.start('resync');
  await staff.resyncs.says('20 people created');
  await directory.fire(5);

  await staff.resyncs.start('resync');
  await staff.resyncs.says('This plan takes 5 people away');

  await expect(staff.resyncs.main).toContainText('That is more than usual.');
  expect(await used(seatkeeper, organization.id)).toBe(PEOPLE);
  await admin.organization.goto();
  await expect(admin.organization.banners).toContainText('A resync would take 5 people away, and waits to be confirmed.');
  await admin.page.getByRole('link', { name: 'Look at the plan' }).click();
  await admin.page.getByRole('link', { name: '5 removed' }).click();
  await expect(admin.resyncs.people).toHaveCount(5);
  await expect(admin.resyncs.people.first()).toContainText('Gives the seat back');

  await admin.resyncs.number.fill('4');
  await admin.resyncs.apply.click();
  await expect(admin.resyncs.number).toHaveAccessibleDescription(/This plan takes 5 people away\. Type that number to confirm it\./);
  await expect(admin.resyncs.number).toHaveAttribute('aria-invalid', 'true');
  await expect(admin.resyncs.number).toHaveValue('4');
  expect(await used(seatkeeper, organization.id)).toBe(PEOPLE);

  await expect(admin.resyncs.apply).toHaveText('Apply: take 5 people away');
  await admin.resyncs.number.fill('5');
  await admin.resyncs.apply.click();
  await admin.resyncs.says(/^5 people removed\.$/);
  expect(await used(seatkeeper, organization.id)).toBe(PEOPLE - 5);
  await expect(admin.resyncs.main).toContainText('ConfirmedTess Tenant');
});

test('a plan that waits is seen in the overview and says when it expires', async ({ organization, directory, staff, axe }) => {
  await organization.withSeats('unlimited');
  await staff.resyncs.start('resync');
  await staff.resyncs.says('20 people created');
  await directory.fire(5);
  await staff.resyncs.start('resync');
  await staff.resyncs.says('This plan takes 5 people away');

  await staff.page.goto(`/organizations?search=${organization.id}`);
  await expect(staff.page.getByText(/waits? to be confirmed\./).first()).toBeVisible();
  await isFit(staff.page, axe);
  await staff.page.getByRole('link', { name: 'Resync to confirm' }).click();

  await expect(staff.resyncs.heading).toHaveText('Resync');
  await expect(staff.resyncs.main).toContainText(/If no person confirms it, this plan expires on \d+ \w+ \d{4}, /);
});

test('a plan that adds many people waits for their number', async ({ organization, directory, admin, seatkeeper }) => {
  await organization.withSeats('unlimited');
  await admin.resyncs.start('resync');
  await admin.resyncs.says('20 people created');
  await directory.hireSixty();

  await admin.resyncs.start('resync');
  await admin.resyncs.says('This plan adds 60 people');
  expect(await used(seatkeeper, organization.id)).toBe(PEOPLE);
  const number = admin.page.getByRole('textbox', { name: 'How many people does it add?' });
  await number.fill('6');
  await admin.resyncs.apply.click();
  await expect(number).toHaveAccessibleDescription(/This plan adds 60 people\. Type that number to confirm it\./);
  await number.fill('60');
  await admin.resyncs.apply.click();

  await admin.resyncs.says(/^60 people created\.$/);
  expect(await used(seatkeeper, organization.id)).toBe(PEOPLE + 60);
});

test('entries that cannot be read are counted and shown', async ({ organization, directory, admin, axe }) => {
  await organization.withSeats('unlimited');
  await directory.while('malformed-entry=1', async () => {
    await admin.resyncs.start('resync');
    await admin.resyncs.says(/of Scalekit’s lists could not be read/);
  });

  const aside = admin.page.getByRole('region', { name: 'Entries that could not be read' });
  await expect(aside.getByRole('row')).not.toHaveCount(0);
  await isFit(admin.page, axe);
});

test('a plan that waits is cancelled, and its people stay', async ({ organization, directory, admin, seatkeeper }) => {
  await organization.withSeats('unlimited');
  await admin.resyncs.start('resync');
  await admin.resyncs.says('20 people created');
  await directory.fire(5);
  await admin.resyncs.start('resync');
  await admin.resyncs.says('This plan takes 5 people away');

  await admin.resyncs.cancel.click();

  await admin.resyncs.says('Cancelled. Nothing was changed.');
  await expect(admin.resyncs.apply).toHaveCount(0);
  expect(await used(seatkeeper, organization.id)).toBe(PEOPLE);
});

test('a run is stopped in the middle', async ({ organization, directory, staff, seatkeeper }) => {
  await organization.withSeats('unlimited');
  await directory.takesItsTime(800);
  await staff.resyncs.start('resync');
  await expect(staff.resyncs.progress).toBeVisible();

  await staff.resyncs.cancel.click();

  await staff.resyncs.says('Cancelled. Nothing was changed.');
  await expect(staff.resyncs.progress).toHaveCount(0);
  expect(await used(seatkeeper, organization.id)).toBe(0);
});

test('while one is under way another kind is refused beside the button', async ({ browser, organization, directory, staff, account }) => {
  await organization.withSeats('unlimited');
  await directory.takesItsTime(800);
  const context = await browser.newContext({ javaScriptEnabled: false }); // a live page would show the other run already
  await signIn(context, await account('tenant-admin'));
  const stale = new ResyncsPage(await context.newPage(), staff.resyncs.path, false);
  await stale.goto();
  await staff.resyncs.start('resync');

  await stale.preview.click();

  await expect(stale.page.getByRole('alert')).toHaveText(/^Another resync of this organization is under way\./);
  await expect(stale.page.getByRole('link', { name: 'Follow it' })).toBeVisible();
  await context.close();
});

test('a plan of many is looked through page by page', async ({ organization, directory, staff }) => {
  await organization.withSeats(30);
  await directory.hireSixty();
  await staff.resyncs.start('preview');
  await staff.resyncs.says('80 people would be created');
  await expect(staff.resyncs.people).toHaveCount(5);

  await staff.page.getByRole('link', { name: 'Show all 80' }).click();
  await expect(staff.page).toHaveURL(/\?only=created$/);
  await expect(staff.resyncs.part('Created')).toHaveAttribute('aria-current', 'true');
  await expect(staff.resyncs.people).toHaveCount(50);
  await staff.page.getByRole('link', { name: 'Next' }).click();

  await expect(staff.page).toHaveURL(/\?only=created&before=diruser_/);
  await expect(staff.resyncs.people).toHaveCount(30);
  await expect(staff.page.getByRole('navigation', { name: 'Pages' })).toContainText('30 of 80 people');
  await staff.resyncs.part('Would have to wait').click();
  await expect(staff.resyncs.people).toHaveCount(50);
});

test('an organization Scalekit does not know: its code, its words, and what to do', async ({ another, staff, account, page, javaScriptEnabled, axe }) => {
  const unknown = another();
  await unknown.withSeats(5);
  const theirs = new ResyncsPage(staff.page, `/organizations/${unknown.id}/resyncs`, javaScriptEnabled);

  await theirs.start('resync');
  await theirs.says('Failed. Nothing was changed.');

  await expect(theirs.banners).toContainText('Scalekit said no: organization not found');
  await expect(theirs.banners).toContainText('NOT_FOUND');
  await expect(theirs.banners).toContainText('Scalekit does not know this organization. Check whether it was deleted there');
  await axe(staff.page);
  const failed = staff.page.url();
  await staff.page.goto(`/organizations/${unknown.id}`);
  await expect(staff.organization.banners).toContainText('These people could not be compared with the directory.');
  await staff.page.getByRole('link', { name: 'See why' }).click();
  await expect(staff.page).toHaveURL(failed);

  await signIn(page.context(), await account('tenant-admin', unknown));
  await page.goto(failed);
  await expect(page.getByRole('status')).toContainText('tell your account manager the code');
  await expect(page.getByRole('main')).not.toContainText('SCALEKIT_');
  await expect(page.getByRole('main')).not.toContainText('Sam Staff');
});

test('a directory that is switched off removes no person', async ({ organization, directory, admin, seatkeeper }) => {
  await organization.withSeats('unlimited');
  await admin.resyncs.start('resync');
  await admin.resyncs.says('20 people created');
  await directory.switchOff();

  await admin.resyncs.start('resync');
  await admin.resyncs.says('Failed. Nothing was changed.');

  await expect(admin.resyncs.banners).toContainText('DIRECTORY_DISABLED');
  await expect(admin.resyncs.banners).toContainText('Switch your directory on again');
  expect(await used(seatkeeper, organization.id)).toBe(PEOPLE);
});

test('a viewer sees everything and can start nothing', async ({ organization, staff, account, page }) => {
  await organization.withSeats('unlimited');
  await staff.resyncs.start('preview');
  await staff.resyncs.says('20 people would be created');
  const run = staff.page.url();
  await signIn(page.context(), await account('tenant-viewer'));

  await page.goto(run);
  const theirs = new ResyncsPage(page, `/organizations/${organization.id}/resyncs`, false);
  await expect(theirs.part('Created')).toHaveText('Created 20');
  await expect(theirs.main).toContainText('An admin decides.');
  await expect(theirs.apply).toHaveCount(0);
  await theirs.goto();
  await expect(theirs.runs).toHaveCount(1);
  await expect(theirs.main.getByRole('button')).toHaveCount(0);

  const id = organization.id;
  const calls = { start_resync: { id, dry_run: 'yes' }, confirm_resync: { id, run: run.split('/').at(-1)! }, cancel_resync: { id, run: run.split('/').at(-1)! } };
  for (const [name, form] of Object.entries(calls)) {
    expect((await page.request.post(`/api/${name}`, { form })).status(), name).toBe(404);
  }
  await staff.page.reload();
  await expect(staff.resyncs.heading, 'still a preview').toHaveText('Preview');
});

test('another tenant’s run is as missing as one that does not exist', async ({ organization, another, installation, staff, admin, javaScriptEnabled, complaints }) => {
  complaints.accept(/404 \(Not Found\)/);
  await organization.withSeats('unlimited');
  const other = another('Another customer', installation.next());
  await other.withSeats('unlimited');
  const theirs = new ResyncsPage(staff.page, `/organizations/${other.id}/resyncs`, javaScriptEnabled);
  await theirs.start('preview');
  await theirs.says('20 people would be created');
  const run = staff.page.url().split('/').at(-1)!;

  for (const path of [`${theirs.path}/${run}`, `${theirs.path}/rsn_1`, theirs.path, `${admin.resyncs.path}/${run}`, `${admin.resyncs.path}/rsn_1`]) {
    const answer = await admin.page.goto(path);
    expect(answer!.status(), path).toBe(404);
    await expect(admin.organization.heading, path).toHaveText('There is nothing here');
  }
  for (const id of [other.id, organization.id, 'org_404']) {
    for (const name of ['confirm_resync', 'cancel_resync', 'load_resync']) {
      const answer = await admin.page.request.post(`/api/${name}`, { form: { id, run } });
      expect([answer.status(), await answer.text()], `${name} of ${id}`).toEqual([404, '"Missing"']);
    }
  }
});

for (const where of ['the run', 'the history']) {
  test(`${where} is accessible after the run ended`, async ({ organization, staff, axe }) => {
    await organization.withSeats(5);
    await staff.resyncs.start('resync');
    await staff.resyncs.says('20 people created');
    if (where === 'the history') await staff.resyncs.goto();

    await isFit(staff.page, axe);
  });
}

test('a run under way and one that was cancelled are accessible', async ({ organization, directory, staff, axe }) => {
  await organization.withSeats(5);
  await directory.takesItsTime(2_000);
  await staff.resyncs.start('preview');
  await axe(staff.page);
  await staff.resyncs.cancel.click();
  await staff.resyncs.says('Cancelled. Nothing was changed.');
  await isFit(staff.page, axe);
});

for (const where of ['its own page', 'the organization’s page']) {
  test(`a plan that waits is accessible on ${where}`, async ({ organization, directory, staff, axe }) => {
    await organization.withSeats(5);
    await staff.resyncs.start('resync');
    await staff.resyncs.says('20 people created');
    await directory.fire(6);
    await directory.hireSixty();
    await staff.resyncs.start('resync');
    await staff.resyncs.says('This plan takes 6 people away');
    if (where === 'its own page') {
      await staff.resyncs.number.fill('7');
      await staff.resyncs.apply.click();
      await expect(staff.resyncs.number).toHaveAttribute('aria-invalid', 'true');
    } else {
      await staff.organization.goto();
      await expect(staff.organization.banners).toContainText('A resync would take 6 people away');
    }

    await isFit(staff.page, axe);
  });
}

test('a doubtful plan is read like this', async ({ organization, directory, admin }) => {
  await organization.withSeats('unlimited');
  await admin.resyncs.start('resync');
  await admin.resyncs.says('20 people created');
  await directory.fire(4);
  await admin.resyncs.start('resync');
  await admin.resyncs.says('This plan takes 4 people away');

  await expect(admin.resyncs.main).toMatchAriaSnapshot(`
    - heading "Resync" [level=1]
    - paragraph: Takes 4 people away, and waits for a person to confirm it.
    - text: To confirm
    - time
    - status
    - region "Decide":
      - paragraph: This plan takes 4 people away
      - paragraph: /That is more than usual/
      - list:
        - listitem:
          - link "4 removed"
      - text: How many people does it take away?
      - textbox "How many people does it take away?"
      - paragraph: Type the number to show that you have checked it.
      - 'button "Apply: take 4 people away"'
      - button "Cancel this resync"
    - heading "Plan" [level=2]
    - paragraph: 4 people
    - navigation "By change":
      - list:
        - listitem:
          - link "All 4"
        - listitem:
          - link "Removed 4"
    - region "Plan":
      - table
  `);
});

async function used(seatkeeper: { status(): Promise<{ organization_id: string; used: number }[]> }, id: string) {
  return (await seatkeeper.status()).find((row) => row.organization_id === id)?.used;
}
