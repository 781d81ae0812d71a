// Bringing people in from a file: the form, the plan that a person applies, and files that are refused.
import { ImportPage } from '../pages/import-page.ts';
import { isFit } from '../support/fit.ts';
import { expect, test } from '../support/test.ts';
import { signIn } from '../support/signed-in.ts';

const FILE = 'email,name\nada@acme.test,Ada Lovelace\nalan@acme.test,Alan Turing\ngrace@acme.test,Grace Hopper\nno address,x\n';

test('a file becomes a plan, and the plan becomes people and a waitlist', async ({ organization, admin, axe }) => {
  await organization.withSeats(2);
  const form = new ImportPage(admin.page, `/organizations/${organization.id}/import`);
  await admin.resyncs.goto();
  await admin.page.getByRole('link', { name: 'Import people' }).click();
  await expect(form.heading).toHaveText('Import people');
  await isFit(admin.page, axe);

  await form.sendFile('people.csv', FILE);
  await admin.resyncs.says('3 people would be created');

  await expect(form.heading).toHaveText('Preview of an import');
  await expect(admin.resyncs.part('Would have to wait')).toHaveText('Would have to wait 1');
  await expect(admin.page.getByRole('region', { name: 'Entries that could not be read' })).toContainText('line 5, email');
  await axe(admin.page);
  const download = admin.page.waitForEvent('download');
  await admin.page.getByRole('link', { name: 'What became of each row, as CSV' }).click();
  expect((await download).suggestedFilename()).toMatch(/^import-.+\.csv$/);
  await admin.resyncs.apply.click();
  await admin.resyncs.says('3 people created');

  await expect(form.heading).toHaveText('Import');
  await admin.page.goto(`/organizations/${organization.id}/people`);
  await expect(admin.page.getByRole('row', { name: /Grace Hopper/ })).toContainText('Waiting');
  // the file that has all people takes those away who are not in it
  await form.goto();
  await form.allPeople.check();
  await form.sendFile('people.csv', 'email\nalan@acme.test\ngrace@acme.test\n');
  await admin.resyncs.says(/1 (person )?removed|would be removed/);
});

test('a file that is refused leaves the form as it is, with the reason', async ({ organization, admin }) => {
  const form = new ImportPage(admin.page, `/organizations/${organization.id}/import`);
  await form.goto();

  await form.sendFile('people.csv', 'email,<b>shoe size</b>\nada@acme.test,40\n');

  await expect(form.heading).toHaveText('Import people');
  await expect(form.file).toHaveAccessibleDescription(/“<b>shoe size<\/b>” is no column here\./);
  await expect(form.file).toHaveAttribute('aria-invalid', 'true');
  await form.sendFile('people.xlsx', 'PK');
  await expect(form.file).toHaveAccessibleDescription(/Say whether the file is CSV or NDJSON\./);
});

test('a viewer finds neither the link nor the form', async ({ organization, account, page, complaints }) => {
  complaints.accept(/404 \(Not Found\)/);
  await signIn(page.context(), await account('tenant-viewer'));

  await page.goto(`/organizations/${organization.id}/resyncs`);
  await expect(page.getByRole('link', { name: 'Import people' })).toHaveCount(0);
  const answer = await page.goto(`/organizations/${organization.id}/import`);

  expect(answer!.status()).toBe(404);
});
