import { describe, expect, test } from 'vitest';
import { REASONS } from '../../../src/dingtalk/reason.ts';
import type { OrganizationState } from '../../../src/polling/organization-state.ts';
import { renderFailure } from '../../../src/web/page/failure.ts';
import { dropped, FAILURE, failing, HOUR, MONOTONIC, WALL } from './organizations.ts';

function rendered(state: OrganizationState, wallTime = WALL): string {
  const failure = state.lastPoll?.failure ?? FAILURE;
  return renderFailure(failure, state, { wallTime, monotonicTime: MONOTONIC }, '/metrics').text;
}

describe('renderFailure', () => {
  test('says what is wrong, what mends it, what came, since when, and that the number is still shown', () => {
    expect(rendered(failing())).toBe(`<p class="what">The app is not allowed to count</p>
<dl>
<div><dt>What to do</dt><dd><bdi>grant the app the permission qyapi_get_member in the developer console</bdi></dd></div>
<div><dt>Received</dt><dd><bdi>https://oapi.dingtalk.io/topapi/user/count answered errcode 88, sub-code 60011</bdi></dd></div>
<div><dt>DingTalk said</dt><dd>error code <code><bdi>88</bdi></code>, sub-code <code><bdi>60011</bdi></code>, message “<bdi>没有调用该接口的权限</bdi>”, request id <code><bdi>a1b2c3d4</bdi></code></dd></div>
<div><dt>Failing since</dt><dd><time datetime="2026-01-05T08:37:00.000Z">2026-01-05 08:37:00 UTC</time> (23 min ago), 5 of 120 polls failed since the start</dd></div>
<div><dt>Last success</dt><dd><time datetime="2026-01-05T08:34:00.000Z">2026-01-05 08:34:00 UTC</time> (26 min ago)</dd></div>
<div><dt>The number</dt><dd>Still shown, as it is 26 min old. Unless a poll succeeds, it is dropped in 1 h 5 min.</dd></div>
</dl>`);
  });

  test('says that the number was dropped, and when it was last read', () => {
    const text = rendered(dropped());
    expect(text).toContain('2026-01-05 04:00:00 UTC</time> (5 h ago)</dd>');
    expect(text).toContain(
      '<dd>Dropped at the age of 1 h 31 min. /metrics shows no number until a poll succeeds.</dd>',
    );
  });

  test('says that there never was a number', () => {
    const text = rendered(dropped({ lastSuccessAt: undefined }));
    expect(text).toContain('<dt>Last success</dt><dd>none</dd>');
    expect(text).toContain(
      '<dd>None has been read so far. /metrics shows no number until a poll succeeds.</dd>',
    );
  });

  test('leaves out what DingTalk did not say', () => {
    const nothing = {
      errorCode: undefined,
      subCode: undefined,
      errorMessage: undefined,
      requestId: undefined,
    };
    expect(rendered(failing({}, nothing))).not.toContain('DingTalk said');
    expect(rendered(failing({}, { ...nothing, requestId: 'r1' }))).toContain(
      '<dt>DingTalk said</dt><dd>request id <code><bdi>r1</bdi></code></dd>',
    );
  });

  test('does not repeat what the message quotes already', () => {
    const text = rendered(
      failing({}, { message: 'answered 88: no permission', errorMessage: 'no permission' }),
    );
    expect(text.match(/no permission/g)).toHaveLength(1);
  });

  test('has a sentence of its own for every reason', () => {
    const titles = REASONS.map(
      (reason) => /<p class="what">(.+)<\/p>/.exec(rendered(failing({}, { reason })))?.[1],
    );
    expect(titles).not.toContain(undefined);
    expect(new Set(titles).size).toBe(REASONS.length);
  });

  test('a wall clock that was set back gives no negative age', () => {
    expect(rendered(failing(), WALL - HOUR)).toContain('2026-01-05 08:37:00 UTC</time> (just now)');
  });

  test('escapes everything that comes from outside', () => {
    const hostile = `<img src=x onerror="alert('1')">&`;
    const text = rendered(
      failing(
        {},
        {
          hint: 'allow_address',
          egressAddress: hostile,
          message: `${hostile}1`,
          errorCode: hostile,
          subCode: hostile,
          errorMessage: `${hostile}2`,
          requestId: hostile,
        },
      ),
    );
    expect(text).not.toContain('<img');
    expect(text.match(/&lt;img src=x onerror=&quot;alert\(&#39;1&#39;\)&quot;&gt;&amp;/g)).toHaveLength(6);
  });

  test('cuts texts that are too long to show', () => {
    const endless = '长'.repeat(1_000_000);
    const text = rendered(
      failing(
        {},
        {
          message: endless,
          hint: 'allow_address',
          egressAddress: endless,
          errorCode: endless,
          errorMessage: `${endless}!`,
        },
      ),
    );
    expect(text.length).toBeLessThan(4_000);
    expect(text).toContain(`<code><bdi>${'长'.repeat(99)}…</bdi></code>`);
  });
});
