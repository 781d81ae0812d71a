// What a screen reader makes of the two pages that matter most.
import { expect, test } from '../support/test.ts';

test('the tenant’s home is read like this', async ({ organization, admin }) => {
  await organization.withSeats(1).joined('ada@acme.test', 'nina.late@acme.test');
  await admin.organization.goto();

  await expect(admin.organization.main).toMatchAriaSnapshot(`
    - main:
      - heading /Acme \\d+/ [level=1]
      - paragraph: All 1 seat taken, 1 waiting.
      - code: /org_\\d+…\\d+/
      - status:
        - paragraph: The only seat is taken, 1 person is waiting.
        - paragraph: "Ask for more seats, or deactivate people in your directory who no longer need a seat: the person who has waited longest gets in first."
      - region "Seats":
        - term: Taken
        - definition: 1 of 1 seat
        - term: Free
        - definition: 0 seats
        - term: Waiting
        - definition: 1 person
        - img "All 1 seat taken, 1 waiting"
        - paragraph:
          - text: Limit set to 1 seat,
          - time
        - paragraph: A seat that becomes free goes to the person who has waited longest.
      - heading "Waitlist" [level=2]
      - paragraph: 1 person, first come, first served
      - region "Waitlist":
        - table:
          - rowgroup:
            - row:
              - columnheader "Position"
              - columnheader "Person"
              - columnheader "Why"
              - columnheader "Waiting since"
          - rowgroup:
            - row:
              - cell "1"
              - rowheader "Nina Late nina.late@acme.test"
              - 'cell "No seat was free: the plan has 1 seat, all taken."'
              - cell:
                - time
      - heading "Recent decisions" [level=2]
      - list:
        - listitem:
          - paragraph:
            - link "Nina Late":
              - /url: /\/organizations\/org_\\d+\/people\/diruser_\\d+/
            - text: has to wait
          - paragraph: "No seat was free: the plan has 1 seat, all taken."
          - time
        - listitem:
          - paragraph:
            - link "Ada":
              - /url: /\/organizations\/org_\\d+\/people\/diruser_\\d+/
            - text: got a seat
          - paragraph: "A seat was free: 0 of 1 were taken."
          - time
      - heading "People" [level=2]
      - list:
        - listitem:
          - link "Waiting 1":
            - /url: /\/organizations\/org_\\d+\/people\\?state=blocked/
        - listitem:
          - link "Has a seat 1":
            - /url: /\/organizations\/org_\\d+\/people\\?state=provisioned/
      - paragraph:
        - link "All people":
          - /url: /\/organizations\/org_\\d+\/people/
      - heading "Directories" [level=2]
      - paragraph: No directory yet
      - paragraph: People arrive once a directory is connected in Scalekit.
  `);
});

test('the form of the limit is read like this', async ({ organization, staff }) => {
  await organization.withSeats(1).joined('ada@acme.test', 'nina.late@acme.test');
  await staff.limit.goto();
  await staff.limit.preview('5', 'four more');

  await expect(staff.limit.main).toMatchAriaSnapshot(`
    - paragraph:
      - link /Acme \\d+/:
        - /url: /\/organizations\/org_\\d+/
    - heading "Change seat limit" [level=1]
    - paragraph: All 1 seat taken, 1 waiting.
    - status
    - text: New seat limit
    - textbox "New seat limit": "5"
    - group "Quick choices":
      - 'link "Let the 1 in: 2"':
        - /url: /\/organizations\/org_\\d+\/limit\\?limit=2/
      - link "+5":
        - /url: /\/organizations\/org_\\d+\/limit\\?limit=6/
      - link "+10":
        - /url: /\/organizations\/org_\\d+\/limit\\?limit=11/
      - link "Unlimited":
        - /url: /\/organizations\/org_\\d+\/limit\\?limit=unlimited/
    - paragraph: A whole number, “+5”, “2k” or “unlimited”.
    - text: Reason
    - textbox "Reason": four more
    - paragraph: Kept in the audit log; the customer does not see it.
    - 'button "Raise to 5 seats: 1 person gets in"'
    - link "Cancel":
      - /url: /\/organizations\/org_\\d+/
    - heading "Now" [level=2]
    - paragraph: All 1 seat taken, 1 waiting
    - img "All 1 seat taken, 1 waiting"
    - heading "After" [level=2]
    - paragraph: 2 of 5 seats taken, 3 free, 0 waiting
    - img "2 of 5 seats taken, 3 free, 0 waiting"
    - paragraph: "1 person gets in: Nina Late."
  `);
});
