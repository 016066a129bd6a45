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
    const organization = (key: string, name: string): string =>
      `  - {name: ${JSON.stringify(name)}, client_id: ${key}, client_secret: secret}\n`;
    const file = folder.write(
      'exporter.yml',
      `endpoints: {api: "${simulator.origin}", oapi: "${simulator.origin}"}
poll: {interval: 1s, failure_interval: 1s, max_staleness: 8s, retries: 0}
organizations:
${organization('well', '星河科技')}${organization('failing', HOSTILE)}${organization('dropped', 'Lost & Gone')}`,
    );
    browser = await playwright.launch({ executablePath: tool.path, args: [...CHROMIUM_ARGUMENTS] });
    program = new Program(['--web.listen-address=127.0.0.1:0', `--config.file=${file}`]);
    origin = await program.origin();
    await program.logged(/first headcount/u, 3);
    simulator.script.always({ endpoint: 'user_count', organization: dropped }, wrappedError('90018'));
    await program.logged(/headcount dropped.*Lost & Gone/u);
    // From now on its number is shown for 8 s more, which is when the page is looked at.
    simulator.script.always({ endpoint: 'user_count', organization: failing }, wrappedError('60011'));
    await program.logged(/poll failed.*reason=permission/u);
  });

  afterAll(async () => {
    await browser?.close();
    await program?.stop('SIGKILL');
    await simulator?.close();
    folder.remove();
  });

  it('shows every state, runs nothing of a hostile name, and keeps the policy', async () => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    const page = await context.newPage();
    const said: string[] = [];
    page.on('console', (message) => said.push(message.text()));
    page.on('pageerror', (error) => said.push(error.message));
    page.on('dialog', (dialog) => said.push(`dialog: ${dialog.message()}`));
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));

    const answer = await page.goto(origin);
    expect(answer?.headers()['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-/u);
    const text = (await page.locator('body').textContent()) ?? '';
    expect(text).toContain('星河科技');
    expect(text).toContain('Lost & Gone');
    expect(text).toContain(HOSTILE);
    expect(text).toMatch(/1 well/u);
    expect(text).toMatch(/2 failing/u);
    expect(text).toContain('Still shown');
    expect(text).toMatch(/dropped/iu);
    expect(text).toContain('qyapi_get_member');
    expect(text).toContain('60011');
    expect(await page.title()).not.toBe('taken');
    // The style did apply, so its hash in the policy is right.
    expect(await page.evaluate('getComputedStyle(document.body).fontFamily')).not.toBe('"Times New Roman"');
    mkdirSync('test/output', { recursive: true });
    await page.screenshot({ path: 'test/output/program-page.png', fullPage: true });
    expect(said).toEqual([]);
    expect(asked.filter((url) => !url.startsWith('data:'))).toEqual([`${origin}/`]);
    await context.close();
  });
});
