// Organizations by form: add, rename, note, archive and restore; tenants read and have no form.
import type { SignedIn } from '../support/signed-in.ts';
import { freshId } from '../support/scalekit.ts';
import { expect, test } from '../support/test.ts';

test('an organization is added, and its page says what comes next', async ({ staff }) => {
  const id = freshId('org');
  await staff.organizations.goto();
  await staff.page.getByRole('link', { name: 'Add organization' }).click();

  await field(staff, 'Scalekit’s id').fill(id);
  await field(staff, 'Name').fill('Borealis');
  await field(staff, 'External id').fill('crm-7');
  await field(staff, 'Seat limit').fill('1,200');
  await staff.page.getByRole('button', { name: 'Add organization' }).click();

  await expect(staff.organization.heading).toHaveText('Borealis');
  await expect(staff.organization.banners).toContainText('Added.Connect its directory in Scalekit');
  await expect(staff.organization.seats).toContainText('of 1,200 seats');
  await staff.page.getByRole('navigation', { name: 'Sections' }).getByRole('link', { name: 'Settings' }).click();
  await expect(staff.settings.externalId).toHaveValue('crm-7');
});

test('what is wrong with a new organization stands beside each field, and nothing typed is lost', async ({ organization, staff }) => {
  await staff.page.goto('/organizations/new');
  await field(staff, 'Scalekit’s id').fill('Acme');
  await field(staff, 'External id').fill('crm-7');
  await field(staff, 'Seat limit').fill('plenty');
  const add = staff.page.getByRole('button', { name: 'Add organization' });
  await add.click();

  await expect(field(staff, 'Scalekit’s id')).toHaveAccessibleDescription(/^An organization’s id looks like org_12345; “Acme” does not\./);
  await expect(field(staff, 'Name')).toHaveAccessibleDescription(/^A name has 1 to 200 characters\./);
  await expect(field(staff, 'Seat limit')).toHaveAccessibleDescription(/^A seat limit is a whole number/);
  await expect(field(staff, 'External id')).not.toHaveAttribute('aria-invalid');
  for (const [label, value] of [['Scalekit’s id', 'Acme'], ['External id', 'crm-7'], ['Seat limit', 'plenty']]) await expect(field(staff, label)).toHaveValue(value);

  await field(staff, 'Scalekit’s id').fill(organization.id);
  await field(staff, 'Name').fill('Acme again');
  await field(staff, 'Seat limit').fill('');
  await add.click();
  await expect(field(staff, 'Scalekit’s id')).toHaveAccessibleDescription(/^There is an organization org_\d+ already\./);
  await staff.page.getByRole('link', { name: `Open ${organization.name}` }).click();
  await expect(staff.organization.heading).toHaveText(organization.name);
});

test('the details are changed by staff and read by the tenant, who has no form for them', async ({ organization, staff, admin }) => {
  await organization.withSeats(5);
  await staff.settings.goto();
  await staff.settings.name.fill(`${organization.name} East`);
  await staff.settings.externalId.fill('crm-9');
  // each test has a Sam Staff of its own
  const sam = staff.settings.accountManager.locator('option').filter({ hasText: 'Sam Staff' }).first();
  await staff.settings.accountManager.selectOption(await sam.getAttribute('value'));
  await staff.settings.saveDetails.click();
  await expect(staff.settings.banners).toContainText('Saved.Scalekit may change the name and the external id again.');

  await admin.organization.goto();
  await expect(admin.organization.heading).toHaveText(`${organization.name} East`);
  await expect(admin.organization.main).toContainText('Account manager: Sam Staff');
  await admin.settings.goto();
  await expect(admin.settings.details).toContainText(`Name${organization.name} East`);
  await expect(admin.settings.details).toContainText('External idcrm-9');
  await expect(admin.settings.plan).toContainText('Seat limit5 seats');
  await expect(admin.settings.plan).toContainText('Admission policyFirst come, first served');
  await expect(admin.settings.details.getByRole('textbox').or(admin.settings.details.locator('form'))).toHaveCount(0);
  await expect(admin.settings.notes.or(admin.settings.archive)).toHaveCount(0);
  await staff.page.goto(`${staff.organization.path}/activity`);
  await expect(staff.organization.row('Organization renamed')).toContainText(`${organization.name} → ${organization.name} East`);
  await expect(staff.organization.row('Account manager changed')).toContainText('Sam Staff');
});

test('two people change the details at once: the second sees it and loses nothing typed', async ({ organization, staff, seatkeeper }) => {
  await staff.settings.goto();
  await staff.settings.name.fill('Acme West');
  await staff.settings.externalId.fill('crm-9');
  await succeed(seatkeeper, 'rename', organization.id, 'Acme East');

  await staff.settings.saveDetails.click();

  await expect(staff.settings.banners).toContainText('Another person, or Scalekit, changed these details in the meantime.');
  await expect(staff.settings.name).toHaveValue('Acme West');
  await expect(staff.settings.externalId).toHaveValue('crm-9');
  await expect(staff.settings.main.getByRole('link', { name: 'Acme East' })).toBeVisible();
  await staff.settings.saveDetails.click();
  await expect(staff.settings.banners).toContainText('Saved.');
  await expect(staff.settings.main.getByRole('link', { name: 'Acme West' })).toBeVisible();
});

test('two people write notes at once: the second sees both and loses nothing typed', async ({ organization, staff, seatkeeper, javaScriptEnabled }) => {
  await (javaScriptEnabled ? staff.settings.gotoLive() : staff.settings.goto());
  await staff.settings.note.fill('Pays late.\n<b>Really</b>');
  await staff.settings.saveDetails.focus(); // the text is no longer in use, and stays all the same
  await succeed(seatkeeper, 'note', organization.id, 'Ask for Noor.');
  if (javaScriptEnabled) await expect(staff.settings.notes).toContainText('Last changed by command line');
  await expect(staff.settings.note).toHaveValue('Pays late.\n<b>Really</b>');

  await staff.settings.saveNotes.click();

  await expect(staff.page).toHaveURL(/settings\?refused=notes-changed$/);
  await expect(staff.settings.note).toHaveAccessibleDescription(/^Another person changed the notes in the meantime\./);
  await expect(staff.settings.note).toHaveValue('Pays late.\n<b>Really</b>');
  await expect(staff.settings.notes.getByRole('group', { name: 'Saved notes' })).toHaveText('Ask for Noor.');

  await staff.settings.note.fill('Ask for Noor.\nPays late.');
  await staff.settings.saveNotes.click();
  await expect(staff.settings.banners).toContainText('Saved.Only staff can read the notes.');
  await expect(staff.settings.note).toHaveValue('Ask for Noor.\nPays late.');
  await expect(staff.settings.notes.getByRole('group')).toHaveCount(0);
});

test('what was typed and could not be saved is discarded on request', async ({ organization, staff, seatkeeper }) => {
  await staff.settings.goto();
  await staff.settings.note.fill('Pays late.');
  await succeed(seatkeeper, 'note', organization.id, 'Ask for Noor.');
  await staff.settings.saveNotes.click();
  await expect(staff.settings.note).toHaveValue('Pays late.');

  await staff.settings.notes.getByRole('button', { name: 'Discard what I typed' }).click();

  await expect(staff.settings.note).toHaveValue('Ask for Noor.');
});

test('an organization is archived after a preview, is history then, and is restored', async ({ organization, staff, admin }) => {
  await organization.withSeats(2).joined('ada@acme.test', 'bob@acme.test', 'cleo@acme.test');
  await staff.settings.goto();
  await staff.settings.archive.getByRole('link', { name: 'Archive …' }).click();
  const ends = staff.page.getByRole('region', { name: 'What ends' });
  await expect(ends).toContainText('2 people lose their seats: Ada and Bob.');
  await expect(ends).toContainText('1 person waits no longer: Cleo.');

  await staff.settings.reason.fill(' ');
  const archive = staff.page.getByRole('button', { name: 'Archive: 2 people lose their seats' });
  await archive.click();
  await expect(staff.settings.reason).toHaveAccessibleDescription(/^Say in a few words why the organization is archived/);
  await staff.settings.reason.fill('The contract ended');
  await archive.click();

  await expect(staff.organization.main).toContainText(/Held 2 seats until .* UTC; 1 person was waiting\./);
  await expect(staff.organization.banners).toContainText(`archived by ${staff.account.name}.Reason: “The contract ended”.`);
  await expect(staff.organization.changeLimit).toHaveCount(0);
  await expect(staff.page.getByRole('navigation', { name: 'Sections' }).getByRole('link', { name: /limit/i })).toHaveCount(0);
  await staff.limit.page.goto(staff.limit.path);
  await expect(staff.limit.main).toContainText('This organization is archived; its people hold no seats.');
  await admin.organization.goto();
  await expect(admin.organization.banners).toContainText('This organization was archived.');
  await expect(admin.organization.main).not.toContainText('The contract ended');
  await staff.organizations.goto(`?status=archived&search=${organization.id}`);
  await expect(staff.organizations.chip('Archived')).toHaveAttribute('aria-current', 'true');
  await expect(staff.organizations.names).toHaveText([new RegExp(`^${organization.name}`)]);

  await staff.settings.goto();
  await expect(staff.settings.plan).toContainText('The plan ended when the organization was archived.');
  await expect(staff.settings.archive).toContainText(`Archived by ${staff.account.name}`);
  await staff.settings.archive.getByRole('button', { name: 'Restore' }).click();
  await expect(staff.organization.banners).toContainText('Restored.');
  await expect(staff.organization.banners).toContainText('No seat limit is set yet.');
  await expect(staff.organization.changeLimit).toHaveText('Set seat limit');
});

test('an organization that changed since the preview is not archived', async ({ organization, staff }) => {
  await organization.withSeats(5).joined('ada@acme.test');
  await staff.page.goto(`${staff.organization.path}/archive`);
  await staff.settings.reason.fill('The contract ended');
  await organization.joined('bob@acme.test');

  await staff.page.getByRole('button', { name: /^Archive: / }).click();

  await expect(staff.settings.banners).toContainText('Nothing was archived.People got or lost seats in the meantime.');
  await expect(staff.settings.reason).toHaveValue('The contract ended');
  await expect(staff.page.getByRole('button', { name: 'Archive: 2 people lose their seats' })).toBeVisible();
});

test('staff find the organizations that are theirs', async ({ organization, another, staff, seatkeeper }) => {
  await another();
  await succeed(seatkeeper, 'manager', organization.id, staff.account.email);
  await staff.organizations.goto();

  await staff.page.getByRole('navigation', { name: 'By account manager' }).getByRole('link', { name: 'Mine' }).click();

  await expect(staff.organizations.names).toHaveText([new RegExp(`^${organization.name}`)]);
  await expect(staff.organizations.row(organization.name)).toContainText('Sam Staff');
});

const field = (staff: SignedIn, label: string) => staff.page.getByRole('textbox', { name: label });

async function succeed(seatkeeper: { run(args: string[]): Promise<{ code: number | null; stderr: string }> }, ...args: string[]): Promise<void> {
  const { code, stderr } = await seatkeeper.run(['organization', ...args]);
  expect(code, stderr).toBe(0);
}
