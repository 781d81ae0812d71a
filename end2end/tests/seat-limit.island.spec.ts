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
