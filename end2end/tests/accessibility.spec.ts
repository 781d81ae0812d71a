// Every page for every eye: light and dark, wide and narrow, by headings.
import type { Page } from '@playwright/test';
import { SignInPage } from '../pages/sign-in-page.ts';
import { violations } from '../support/axe.ts';
import { busy } from '../support/organization.ts';
import type { SignedIn } from '../support/signed-in.ts';
import { isFit } from '../support/fit.ts';
import { expect, test } from '../support/test.ts';

/** Each page in a state that shows most of what it can show. */
const pages: Record<string, (staff: SignedIn, admin: SignedIn) => Promise<Page>> = {
  'the start page': async ({ page }) => (await page.goto('/start'), page),
  'the overview': async ({ organizations }) => (await organizations.goto(), organizations.page),
  'an overview without a match': async ({ organizations }) => (await organizations.goto('?search=nothing-like-it'), organizations.page),
  'an organization, for staff': async ({ organization }) => (await organization.goto(), organization.page),
  'an organization, for its admin': async (_, { organization }) => (await organization.goto(), organization.page),
  'the people': async (_, { people }) => (await people.goto(), people.page),
  'people without a match': async (_, { people }) => (await people.goto('?search=no-match-at-all'), people.page),
  'the groups': async (_, { groups }) => (await groups.goto(), groups.page),
  'groups without a match': async (_, { groups }) => (await groups.goto('?search=no-match-at-all'), groups.page),
  'a group': async (_, { groups }) => {
    await groups.goto();
    await groups.names.first().getByRole('link').click();
    await expect(groups.page).toHaveURL(/\/groups\/dirgroup_/);
    return groups.page;
  },
  'the changes of a group': async ({ groups }) => {
    await groups.goto();
    await groups.names.first().getByRole('link').click();
    await groups.page.getByRole('link', { name: 'Who joined and left' }).click();
    await expect(groups.page).toHaveURL(/list=changes/);
    return groups.page;
  },
  'the waitlist': async (_, { waitlist }) => (await waitlist.goto(), waitlist.page),
  'an empty waitlist': async ({ waitlist }) => (await waitlist.goto('?state=dismissed'), waitlist.page),
  'the preview of a decision': async ({ waitlist }) => (await waitlist.goto('/decision?action=move&position=2&all=yes'), waitlist.page),
  'a decision about no one': async ({ waitlist }) => (await waitlist.goto('/decision?action=dismiss'), waitlist.page),
  roles: async ({ page, organization }) => (await page.goto(`${organization.path}/roles`), page),
  'the form for the policy': async ({ page, organization }) => (await page.goto(`${organization.path}/policy?policy=by-hand`), page),
  'a person who waits': async (_, { people }) => {
    await people.goto('?state=blocked');
    await people.names.first().getByRole('link').click();
    await expect(people.page).toHaveURL(/\/people\/diruser_/);
    return people.page;
  },
  'the limit form': async ({ limit }) => (await limit.goto(), await limit.preview('1', 'one more'), limit.page),
  'a refused limit form': async ({ limit }) => (await limit.goto('?limit=plenty&refused=reason-missing'), limit.page),
  'the settings, for staff': async ({ settings }) => (await settings.goto(), settings.page),
  'refused details': async ({ settings }) => (await settings.goto('?form=details&refused=name&external_id=crm-1'), settings.page),
  'the members, for its admin': async (_, { page, organization }) => (await page.goto(`${organization.path}/members`), page),
  'a refused invitation': async ({ page, organization }) => (await page.goto(`${organization.path}/members?email=kim&refused=email`), page),
  'the settings, for its admin': async (_, { settings }) => (await settings.goto(), settings.page),
  'single sign-on, for staff': async ({ page, organization }) => (await page.goto(`${organization.path}/single-sign-on?form=domains&domains=acme&refused=sso-domains`), page),
  'single sign-on that was refused': async (_, { page, organization }) => (await page.goto(`${organization.path}/single-sign-on?form=provider&issuer=acme&refused=sso-issuer`), page),
  'the start of single sign-on': async (_, { page }) => (await page.goto('/sign-in/sso?refused=sso-domain'), page),
  'the preview of the end': async ({ page, organization }) => (await page.goto(`${organization.path}/archive?refused=archive-reason-missing`), page),
  'a refused new organization': async ({ page }) => (await page.goto('/organizations/new?organization=Acme&limit=plenty&refused=yes'), page),
  'the resyncs before the first': async (_, { resyncs }) => (await resyncs.goto(), resyncs.page),
  'the webhooks': async ({ deliveries }) => (await deliveries.goto(), deliveries.page),
  'webhooks without a match': async ({ deliveries }) => (await deliveries.goto('?search=evt_nothing'), deliveries.page),
  'a webhook': async ({ deliveries, organization }) => {
    await deliveries.goto(`?organization=${organization.path.split('/').pop()}`); // and none of another test
    await deliveries.names.first().getByRole('link').click();
    await expect(deliveries.page).toHaveURL(/\/deliveries\/dlv_/);
    return deliveries.page;
  },
  'the activity': async ({ page }) => (await page.goto('/activity'), page),
  'the activity of an organization, for its admin': async (_, { page, organization }) => (await page.goto(`${organization.path}/activity`), page),
  'activity without a match': async ({ page }) => (await page.goto('/activity?actor=an-unknown-person'), page),
  'an organization as of now': async (_, { page, organization }) => (await page.goto(`${organization.path}/as-of`), page),
  'a moment that is still to come': async (_, { page, organization }) => (await page.goto(`${organization.path}/as-of?at=2200-01-01T00:00`), page),
  'the true-up report': async (_, { page, organization }) => (await page.goto(`${organization.path}/true-up`), page),
  'the own account': async (_, { page }) => (await page.goto('/account?form=password&refused=present-password'), page),
  'the second step': async (_, { page }) => (await page.goto('/account/factors?saved=app-removed'), page),
  'recovery codes that were shown': async (_, { page }) => (await page.goto('/account/recovery-codes'), page),
  'a sign-in that is over': async (_, { page }) => (await page.goto('/sign-in/code'), page),
  'the notifications of a person': async (_, { page }) => (await page.goto('/preferences?saved=yes'), page),
  'the queue of seat requests': async ({ page }) => (await page.goto('/requests'), page),
  'the seat requests of an organization': async (_, { page, organization }) => (await page.goto(`${organization.path}/requests`), page),
  'a refused request for seats': async (_, { page, organization }) => (await page.goto(`${organization.path}/requests/new?seats=many&refused=request-seats`), page),
  'a history that begins today': async (_, { page, organization }) => (await page.goto(`${organization.path}/history`), page),
  'the seats that seem unused': async (_, { page, organization }) => (await page.goto(`${organization.path}/reclaim`), page),
  'the seats that are kept': async (_, { page, organization, people }) => {
    await people.goto('?state=provisioned');
    const person = await people.names.first().getByRole('link').getAttribute('href');
    const form = { id: organization.path.split('/').pop()!, user: person!.split('/').pop()! };
    expect((await page.request.post('/api/ignore_suggestion', { form })).ok()).toBe(true);
    await page.goto(`${organization.path}/reclaim?show=kept`);
    return page;
  },
  'the form for a view as a tenant admin': async ({ page, organization }) => (await page.goto(`${organization.path}/view-as?refused=view-minutes`), page),
  'the system page': async ({ page }) => (await page.goto('/system'), page),
  'a page that is not there': async (_, { page, limit }) => (await page.goto(limit.path), page),
};

const inGroups = Object.entries(pages).flatMap((_, index, all) => (index % 3 ? [] : [all.slice(index, index + 3)]));

// Three pages share an organization and two sign-ins, which take longer than a look at a page.
for (const group of inGroups) {
  test(`${group.map(([name]) => name).join(', ')}: accessible`, async ({ organization, staff, admin, axe, complaints }) => {
    await busy(organization);
    for (const [name, open] of group) {
      await test.step(name, async () => {
        if (['a page that is not there', 'a sign-in that is over'].includes(name)) complaints.accept(/404 \(Not Found\)/);
        await isFit(await open(staff, admin), axe);
      });
    }
  });
}

test('colours without contrast and pictures without words are found', async ({ page }) => {
  await page.setContent('<main><h1 style="color: #ccc; background: #fff">Pale</h1><img src="data:,"></main>');

  const found = (rules?: string[]) => violations(page, rules).then((texts) => texts.map((text) => text.split(':')[0]));

  expect(await found()).toEqual(expect.arrayContaining(['color-contrast', 'image-alt']));
  expect(await found(['color-contrast'])).toEqual(['color-contrast']);
});

test('a page is measured once its styles are there, however late they come', async ({ organization, staff, axe }) => {
  await busy(organization);
  await staff.deliveries.goto();
  await staff.page.route('**/pkg/seatkeeper.css', async (route) => {
    await new Promise((after) => setTimeout(after, 3_000));
    await route.continue();
  });

  await staff.deliveries.names.first().getByRole('link').click();
  await expect(staff.page).toHaveURL(/\/deliveries\/dlv_/);

  await isFit(staff.page, axe);
});

test('the sign-in is accessible', async ({ page, axe }) => {
  const signInPage = new SignInPage(page);
  await signInPage.goto();
  await isFit(page, axe);

  await signInPage.submit({ email: 'unknown@people.test', password: 'not a passphrase' });
  await expect(page.getByRole('alert')).toBeVisible();
  await isFit(page, axe);
});

test('an organization without people is accessible', async ({ admin, axe }) => {
  await admin.organization.goto();
  await expect(admin.organization.main).toContainText('No decisions yet');
  await isFit(admin.page, axe);
  await admin.people.goto();
  await isFit(admin.page, axe);
});

test('who asks for less motion gets none', async ({ staff }) => {
  const button = staff.page.getByRole('button', { name: 'Search' });
  const time = () => button.evaluate((button) => getComputedStyle(button).transitionDuration);
  await staff.organizations.goto();
  expect(await time()).not.toBe('0s');

  await staff.page.emulateMedia({ reducedMotion: 'reduce' });

  expect(await time()).toBe('0s');
});
