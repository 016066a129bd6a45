import { describe, expect, test } from 'vitest';
import type { OrganizationState } from '../../../src/polling/organization-state.ts';
import { renderOrganization } from '../../../src/web/page/organization.ts';
import { course, DAY, dropped, failing, MONOTONIC, organization, WALL, waiting } from './organizations.ts';

const NOTHING = '<span class="nothing" aria-hidden="true">–</span><span class="unseen">none</span>';
const pill = (kind: string, word: string): string =>
  `<span class="pill ${kind}"><svg class="icon" aria-hidden="true"><use href="#${kind}"/></svg>${word}</span>`;

function rendered(state: OrganizationState, wallTime = WALL): string {
  return renderOrganization(state, { wallTime, monotonicTime: MONOTONIC }, '/metrics').text;
}

describe('renderOrganization', () => {
  test('one that is well: its numbers, their age and its state', () => {
    expect(rendered(organization())).toBe(`<tbody class="well">
<tr>
<th scope="row"><bdi>Acme Ltd</bdi></th>
<td class="state">${pill('well', 'Well')} <small>polled every 30 min</small></td>
<td class="number all" data-label="All">1,204</td>
<td class="number active" data-label="Active">1,131</td>
<td class="number activation" data-label="Activation">93.9\u{A0}%</td>
<td class="age" data-label="Age of the number">4 min ago <small><time datetime="2026-01-05T08:56:00.000Z">2026-01-05 08:56:00 UTC</time></small></td>
<td class="course empty">${NOTHING}</td>
</tr>
</tbody>
`);
  });

  test('one that was never polled: no number is invented', () => {
    expect(rendered(waiting())).toBe(`<tbody class="waiting">
<tr>
<th scope="row"><bdi>Nova Robotics</bdi></th>
<td class="state">${pill('waiting', 'Waiting')} <small>no poll has ended yet</small></td>
<td class="number all" data-label="All">${NOTHING}</td>
<td class="number active" data-label="Active">${NOTHING}</td>
<td class="number activation" data-label="Activation">${NOTHING}</td>
<td class="age" data-label="Age of the number">${NOTHING}</td>
<td class="course empty">${NOTHING}</td>
</tr>
</tbody>
`);
  });

  test('one that fails with a fresh number: the number and why it fails', () => {
    const text = rendered(failing());
    expect(text).toContain(`${pill('failing', 'Failing')} <small>permission, number still shown</small>`);
    expect(text).toContain('<td class="number all" data-label="All">342</td>');
    expect(text).toContain('>26 min ago <small><time datetime="2026-01-05T08:34:00.000Z">');
    expect(text).toContain(
      '<tr class="why"><td colspan="7"><p class="what">The app is not allowed to count</p>',
    );
  });

  test('one that fails and whose number was dropped: no number, no age', () => {
    const text = rendered(dropped());
    expect(text).toContain('<small>permission, number dropped</small>');
    expect(text).toContain(`<td class="number all" data-label="All">${NOTHING}</td>`);
    expect(text).toContain(`<td class="age" data-label="Age of the number">${NOTHING}</td>`);
    expect(text).toContain('<tr class="why">');
  });

  test('one that has failed from the start', () => {
    expect(rendered(dropped({ lastSuccessAt: undefined }))).toContain(
      '<small>permission, no number yet</small>',
    );
  });

  test('one whose number grew too old between two polls that succeed', () => {
    const text = rendered(organization({ headcount: undefined, pollInterval: 7 * DAY }));
    expect(text).toContain(
      `${pill('outdated', 'Outdated')} <small>number dropped at the age of 1 h 31 min; polled every 7 d</small>`,
    );
    expect(text).not.toContain('class="why"');
  });

  test('an organization of nobody has no activation, and a 0 that DingTalk reported is shown', () => {
    const text = rendered(organization({ headcount: { employees: 0, active: 0, readAt: MONOTONIC } }));
    expect(text).toContain('<td class="number all" data-label="All">0</td>');
    expect(text).toContain(`<td class="number activation" data-label="Activation">${NOTHING}</td>`);
    expect(text).toContain('>just now <small>');
  });

  test('the age is measured with the monotonic clock, wherever the wall clock was set', () => {
    expect(rendered(organization(), WALL - 3 * DAY)).toContain('>4 min ago <small>');
  });

  test('the recent course comes with the change over it in words', () => {
    const text = rendered(organization({ course: course(100, 90, [[0, 0], undefined, [-1, 0], [-5, 0]]) }));
    expect(text).toContain('<td class="course"><svg class="spark" role="img"');
    expect(text).toContain('</svg><small>−6 people in 1 h 5 min</small></td>');
  });

  test('a change of one is a person', () => {
    const text = rendered(
      organization({
        course: course(100, 90, [
          [0, 0],
          [1, 0],
        ]),
      }),
    );
    expect(text).toContain('</svg><small>+1 person in 30 min</small></td>');
  });

  test('a single success is no change', () => {
    const text = rendered(organization({ course: course(100, 90, [[0, 0], undefined]) }));
    expect(text).toContain('</svg></td>');
  });

  test('a hostile name is shown as it is', () => {
    expect(rendered(organization({ name: `</th><script>"'&\u202Egnol` }))).toContain(
      '<th scope="row"><bdi>&lt;/th&gt;&lt;script&gt;&quot;&#39;&amp;\u202Egnol</bdi></th>',
    );
  });
});
