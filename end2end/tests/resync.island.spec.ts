// A run under way is followed without reloading anything.
import { expect, test } from '../support/directory.ts';

test('a run shows its progress until it ends', async ({ organization, directory, staff }) => {
  await organization.withSeats('unlimited');
  await directory.hireSixty(8);
  await directory.takesItsTime(400);
  const { progress, main, heading } = staff.resyncs;

  await staff.resyncs.start('preview');

  await expect(progress).toBeVisible();
  await expect(main).toContainText(/\d+ of 500 people listed/);
  await expect(main).toContainText(/\d+ people a second, about \d+ s left/);
  const before = await done();
  await expect.poll(done, 'it moves').toBeGreaterThan(before);
  await expect(progress).toHaveAttribute('aria-valuetext', /^\d+ of 500 people listed\. .* left$/);
  await directory.takesItsTime(0);
  await expect(main).toContainText('500 people would be created', { timeout: 15_000 });
  await expect(progress).toHaveCount(0);
  await expect(heading).toHaveText('Preview');

  async function done(): Promise<number> {
    return Number(await progress.getAttribute('value'));
  }
});

test('the organization’s page and the history follow it, too', async ({ organization, directory, staff, admin }) => {
  await organization.withSeats('unlimited');
  await directory.takesItsTime(400);
  await admin.organization.gotoLive();
  await staff.resyncs.gotoLive();

  await staff.resyncs.resync.click();

  await expect(admin.resyncs.progress).toBeVisible();
  await expect(admin.organization.main).toContainText('20 people created');
  await expect(admin.resyncs.progress).toHaveCount(0);
});

test('a number half typed survives what happens meanwhile', async ({ organization, directory, admin }) => {
  await organization.withSeats('unlimited');
  await admin.resyncs.start('resync');
  await admin.resyncs.says('20 people created');
  await directory.fire(12);
  await admin.resyncs.start('resync');
  await admin.resyncs.says('This plan takes 12 people away');
  await admin.resyncs.number.pressSequentially('1');

  await organization.withSeats(30, 'a smaller plan');

  await expect(admin.resyncs.number).toBeFocused();
  await admin.resyncs.number.pressSequentially('2');
  await expect(admin.resyncs.number).toHaveValue('12');
  await admin.resyncs.apply.click();
  await admin.resyncs.says(/^12 people removed\.$/);
});
