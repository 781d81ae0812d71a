// What only the preview that follows the typed text can do wrong.
import { expect, test } from '../support/test.ts';

for (const width of [1280, 390]) {
  test(`a refusal that comes while the reader types moves no button, ${width} wide`, async ({ organization, staff }) => {
    await organization.withSeats(3);
    await staff.page.setViewportSize({ width, height: 900 });
    await staff.limit.goto();
    const before = await staff.limit.save.boundingBox();

    await staff.limit.type('plenty', 'they asked');

    await expect(staff.limit.limit).toHaveAttribute('aria-invalid', 'true');
    expect(await staff.limit.save.boundingBox()).toEqual(before);
  });
}

test('the change of a colleague appears in the form, and is never overwritten without a word', async ({ organization, staff, seatkeeper }) => {
  await organization.withSeats(1).joined('ada@acme.test', 'nina@acme.test');
  await staff.limit.goto();
  await staff.limit.preview('2', 'one more');

  await seatkeeper.setLimit(organization.id, 10, 'ten bought');

  await expect(staff.limit.changed).toContainText(/changed the limit from 1 seat to 10 seats .*: “ten bought”\./);
  await expect(staff.limit.now).toContainText('2 of 10 seats taken');
  await expect(staff.limit.limit).toHaveValue('2');
  await expect(staff.limit.reason).toHaveValue('one more');
  await expect(staff.limit.save).toHaveText('Lower to 2 seats');

  await staff.limit.save.click();
  await expect(staff.limit.limit).toHaveAccessibleDescription(/^Another person changed this organization’s limit to 10 seats in the meantime\./);
  await staff.limit.save.click();
  await expect(staff.organization.seats).toContainText('of 2 seats');
});

test('a reader who goes on typing beside the note of a change is not asked again', async ({ organization, staff, seatkeeper }) => {
  await organization.withSeats(1);
  await staff.limit.goto();
  await seatkeeper.setLimit(organization.id, 10, 'ten bought');
  await expect(staff.limit.changed).toBeVisible();
  await expect(staff.limit.limit, 'nothing was typed: the picture shows what saving would do').toHaveValue('1');
  await expect(staff.limit.save).toHaveText('Lower to 1 seat');

  await staff.limit.preview('12', 'two more than ten');
  await expect(staff.limit.save).toHaveText('Raise to 12 seats');
  await staff.limit.save.click();

  await expect(staff.organization.seats).toContainText('of 12 seats');
});

test('the numbers beside the form are those of now', async ({ organization, staff }) => {
  await organization.withSeats(2);
  await staff.limit.goto();
  await expect(staff.limit.choices).toHaveText(['+5', '+10', 'Unlimited']);
  await expect(staff.limit.limit, 'typing replaces the limit of now').toBeFocused();

  await organization.joined('ada@acme.test', 'nina@acme.test', 'omar@acme.test');

  await expect(staff.limit.now).toContainText('All 2 seats taken, 1 waiting');
  await expect(staff.limit.choices).toHaveText(['Let the 1 in: 3', '+5', '+10', 'Unlimited']);
  await expect(staff.limit.after).toHaveCount(0);
});
