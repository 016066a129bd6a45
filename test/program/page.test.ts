import { mkdirSync } from 'node:fs';
import { type Browser, chromium as playwright } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { wrappedError } from '../simulator/replies.ts';
import { type Simulator, startSimulator } from '../simulator/simulator.ts';
import { CHROMIUM_ARGUMENTS } from '../support/chromium.ts';
import { Folder, Program } from '../support/program.ts';
import { chromium } from '../support/tools.ts';

const tool = chromium();

const HOSTILE = `</title><script>document.title="taken"</script><img src=x onerror=alert(1)> "'\\$`;

/** The page as the built program serves it, of organizations in each state that a page can show. */
describe.skipIf(tool.missing)('the page of the built program, in a real browser', () => {
  let folder: Folder;
  let simulator: Simulator;
  let program: Program;
  let browser: Browser;
  let origin: string;

  beforeAll(async () => {
    folder = new Folder();
    simulator = await startSimulator({ clock: systemClock });
    const app = (key: string) =>
      simulator.apps.addInternalApp({ appKey: key, appSecret: 'secret', employees: 1240, active: 1100 });
    app('well');
    const failing = app('failing');
    const dropped = app('dropped');
    const organization = (key: string, name: string, interval: string): string =>
      `  - {name: ${JSON.stringify(name)}, client_id: ${key}, client_secret: secret, poll_interval: ${interval}}\n`;
    // A headcount is kept for three intervals and the timeout: for 8 s, or for long enough to look at the page.
    const file = folder.write(
      'exporter.yml',
      `endpoints: {api: "${simulator.origin}", oapi: "${simulator.origin}"}
poll: {failure_interval: 1s, timeout: 5s, retries: 0}
organizations:
${organization('well', '星河科技', '1s')}${organization('failing', HOSTILE, '15s')}${organization('dropped', 'Lost & Gone', '1s')}`,
    );
    browser = await playwright.launch({ executablePath: tool.path, args: [...CHROMIUM_ARGUMENTS] });
    program = new Program(['--web.listen-address=127.0.0.1:0', `--config.file=${file}`]);
    origin = await program.origin();
    await program.logged(/first headcount/u, 3);
    simulator.script.always({ endpoint: 'user_count', organization: dropped }, wrappedError('90018'));
    simulator.script.always({ endpoint: 'user_count', organization: failing }, wrappedError('60011'));
    await program.logged(/headcount dropped.*Lost & Gone/u);
    await program.logged(/poll failed.*reason=permission/u);
  });

  afterAll(async () => {
    await browser?.close();
    await program?.stop('SIGKILL');
    await simulator?.close();
    folder.remove();
  });

  it.each([
    ['en-US', 'en', ['1 OK', '2 failing', 'The app lacks a permission', 'kept for', 'dropped after']],
    ['zh-CN', 'zh-CN', ['1个正常', '2个失败', '应用缺少权限', '还将保留', '不再显示']],
  ])(
    'shows every state to a browser that prefers %s, runs nothing of a hostile name, and keeps the policy',
    async (locale, language, words) => {
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale });
      // The page would reload itself in the midst of the test on a slow machine.
      await context.route(`${origin}/**`, async (route) => {
        const response = await route.fetch();
        const body = (await response.text()).replace(/<meta http-equiv="refresh".*>/u, '');
        await route.fulfill({ response, body });
      });
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on('console', (message) => complaints.push(message.text()));
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('dialog', (dialog) => complaints.push(`dialog: ${dialog.message()}`));
      const requested: string[] = [];
      page.on('request', (request) => requested.push(request.url()));

      const response = await page.goto(origin);
      expect(response?.headers()['content-security-policy']).toMatch(
        /^default-src 'none'; style-src 'sha256-/u,
      );
      expect(response?.headers()['content-language']).toBe(language);
      expect(await page.evaluate('document.documentElement.lang')).toBe(language);
      const text = (await page.locator('body').textContent()) ?? '';
      for (const expected of [
        '星河科技',
        'Lost & Gone',
        HOSTILE,
        'qyapi_get_member',
        '60011',
        '90018',
        ...words,
      ]) {
        expect(text).toContain(expected);
      }
      expect(await page.title()).not.toBe('taken');
      // The style is applied, so its hash in the policy is right.
      expect(await page.evaluate('getComputedStyle(document.body).fontFamily')).not.toBe('"Times New Roman"');
      mkdirSync('test/output', { recursive: true });
      await page.screenshot({ path: `test/output/program-page-${language}.png`, fullPage: true });

      await page.goto(`${origin}/?lang=${language}&q=LOST`);
      expect(await page.locator('tbody th').allTextContents()).toEqual(['Lost & Gone']);
      expect(complaints).toEqual([]);
      expect(requested.filter((url) => !url.startsWith('data:'))).toEqual([
        `${origin}/`,
        `${origin}/?lang=${language}&q=LOST`,
      ]);
      await context.close();
    },
  );
});
