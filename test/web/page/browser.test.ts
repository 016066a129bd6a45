import { statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Browser, type Page, chromium as playwright } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { OrganizationState } from '../../../src/polling/organization-state.ts';
import type { PageRequest } from '../../../src/web/page/page.ts';
import { CHROMIUM_ARGUMENTS } from '../../support/chromium.ts';
import { chromium } from '../../support/tools.ts';
import { handle } from '../support/start.ts';
import {
  dropped,
  failing,
  growth,
  organization,
  pageOf,
  REALISTIC,
  UNREACHABLE,
  waiting,
} from './organizations.ts';

const tool = chromium();

/** Widths of the window in pixels. */
const PHONE = 360;
const LAPTOP = 1280;

const HOSTILE_NAME =
  '</title></th><script>document.title="taken"</script><img src=x onerror="alert(1)">"\' \u202Egnol os\u2066';
const HOSTILE_TEXT = `</dd><svg onload="alert(2)"><style>*{display:none}</style>'"&amp;\u202E ${'unbroken'.repeat(80)}`;

const HOSTILE: readonly OrganizationState[] = [
  dropped(
    { name: HOSTILE_NAME, ...growth([10, 5], 1) },
    { hint: 'allow_address', message: HOSTILE_TEXT, egressAddress: HOSTILE_TEXT, requestId: HOSTILE_TEXT },
  ),
  failing({ name: 'W'.repeat(128) }),
  failing({ name: 'M'.repeat(128) }),
  organization({
    name: '𠮷野家🏢'.repeat(16),
    headcount: { employees: Number.MAX_SAFE_INTEGER, active: Number.MAX_SAFE_INTEGER - 1, readAt: 0 },
    ...growth([Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER - 1], 1),
  }),
  waiting({ name: 'שלום חברה' }),
];

/** Every state; one failure of one organization, one that is shared. */
const EVERYTHING: readonly OrganizationState[] = [
  ...REALISTIC,
  dropped({ name: '上海实验室', ...growth([95, 90], 5, [80, 81, 82, 83, 84, 85]) }, UNREACHABLE),
  ...Array.from({ length: 24 }, (_, index) => failing({ name: `Office ${index}` }, UNREACHABLE)),
  waiting({ name: 'Zephyr Air' }),
];
const LARGE: readonly OrganizationState[] = Array.from({ length: 300 }, (_, index) =>
  organization({ name: `Office ${index}`, ...growth([1_204, 1_131], index) }),
);

describe.skipIf(tool.missing)('the page in Chromium', () => {
  let served: (request: PageRequest) => string;
  /** The targets of all requests. */
  let requested: string[];
  let server: Server;
  let origin: string;
  let browser: Browser;
  let page: Page;
  /** Console messages, errors, policy violations and dialogs since the page was opened. */
  let complaints: string[];

  beforeAll(async () => {
    const { handler } = handle({ renderPage: (request) => served(request) });
    server = createServer((request, response) => {
      requested.push(request.url ?? '');
      handler(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    browser = await playwright.launch({ executablePath: tool.path, args: [...CHROMIUM_ARGUMENTS] });
    // One for all tests: Chromium starts a process for each.
    page = await browser.newPage();
    page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
    page.on('dialog', (dialog) => {
      complaints.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
  });

  afterAll(async () => {
    await browser?.close();
    await new Promise((resolve) => server.close(resolve));
  });

  async function open(html: string): Promise<void> {
    // Without the reload, which would disturb a test on a slow machine.
    served = () => html.replace(/<meta http-equiv="refresh".*>/, '');
    requested = [];
    complaints = [];
    await page.setViewportSize({ width: LAPTOP, height: 800 });
    await page.goto(origin);
  }

  test('has enough contrast, in light and in dark', async () => {
    await open(pageOf(EVERYTHING, {}, { demo: true }));
    for (const [colorScheme, background] of [
      ['light', 'rgb(244, 246, 248)'],
      ['dark', 'rgb(14, 19, 26)'],
    ] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe(background);
      expect(await page.evaluate(POOR_CONTRASTS)).toEqual([]);
    }
    await page.emulateMedia({ colorScheme: null });
    expect(complaints).toEqual([]);
    expect(requested).toEqual(['/']);
  });

  test.each(['en', 'zh-CN'])('in %s does not overflow at any width', async (language) => {
    await open(pageOf(EVERYTHING, { language }, { demo: true }));
    expect(complaints).toEqual([]);
    expect(await page.evaluate('document.documentElement.lang')).toBe(language);
    for (const width of [320, 768, 1023, 1024, 3840]) {
      await page.setViewportSize({ width, height: 800 });
      expect(await page.evaluate(OVERFLOWING)).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    }
  });

  test('has names and a table for a screen reader, as a table and as cards', async () => {
    await open(pageOf(EVERYTHING));
    for (const [width, display] of [
      [LAPTOP, 'table-row'],
      [PHONE, 'grid'],
    ] as const) {
      await page.setViewportSize({ width, height: 800 });
      expect(await page.evaluate(`getComputedStyle(document.querySelector('tbody tr')).display`)).toBe(
        display,
      );
      const whole = await page.locator('body').ariaSnapshot();
      expect(whole).toContain('caption: Headcount of each organization, failing ones first');
      expect(whole).toContain('- columnheader "Recent polls"');
      expect(whole).toContain('- rowheader "Harbor & Sons"');
      expect(whole).toMatch(/- cell "(Employees )?1,204"/);
      expect(whole).toMatch(
        /- cell "Employees 3\d\d–3\d\d Active 2\d\d–2\d\d \S+ people in 1 day 21 hr 4 of 96 polls failed"/,
      );
      expect(whole).toContain('- navigation "Exporter"');
      expect(whole).toContain('- region "All organizations together"');
      expect(whole).toContain('- region "Failures"');
      expect(whole).toContain('- heading "DingTalk could not be reached network 25 organizations" [level=2]');
      expect(whole).toContain('- searchbox "Filter by name"');
      expect(whole).toContain('- button "Filter"');
      expect(whole).not.toMatch(/- (img|button|link|searchbox)(:|$)/m);
    }
  });

  test('has a filter that works without script and keeps the language', async () => {
    await open('');
    served = (request) => pageOf(LARGE, request);
    await page.goto(`${origin}/?lang=zh-CN`);
    expect(await page.locator('tbody tr').count()).toBe(200);
    await page.getByLabel('按名称筛选').fill('OFFICE 29');
    await page.getByRole('button', { name: '筛选' }).click();
    await page.getByText('300个组织中有11个的名称包含').waitFor();
    expect(await page.locator('tbody tr').count()).toBe(11);
    await page.getByRole('link', { name: 'English' }).click();
    await page.getByText('11 of 300 organizations with').waitFor();
    expect(new URL(page.url()).search).toBe('?lang=en&q=OFFICE+29');
    await page.getByRole('link', { name: 'Show all' }).click();
    await page.getByText('100 more can be found').waitFor();
    expect(complaints).toEqual([]);
  });

  test('shows hostile names and messages as text', async () => {
    await open(pageOf(HOSTILE, { filter: '' }));
    expect(complaints).toEqual([]);
    expect(await page.title()).toBe('3 of 5 failing · DingTalk headcount');
    expect(await page.locator('script, img, [onload], [onerror], body style').count()).toBe(0);
    expect(await page.locator('tbody th').allTextContents()).toContain(HOSTILE_NAME);
    expect(await page.locator('dd').filter({ hasText: 'unbroken' }).first().isVisible()).toBe(true);
    for (const width of [320, LAPTOP]) {
      await page.setViewportSize({ width, height: 800 });
      expect(await page.evaluate(OVERFLOWING)).toEqual([]);
    }
    expect(requested).toEqual(['/']);
  });

  test.each([
    ['an override', '\u202Egnol', /<\/?bdi>/g],
    // Without its style, the end of the element would close the isolate of the name.
    ['an override and an isolate', '\u202E\u2067gnol', /<style>.*<\/style>/s],
  ])('%s left open in a name does not change the direction of other text', async (_, name, protection) => {
    /** The distance from the first to the last letter of the text after the name; below 0 it runs to the left. */
    const direction = `(() => {
      const following = document.evaluate("//small//text()[contains(., 'as an example')]", document).iterateNext();
      const start = following.data.indexOf('example');
      const left = (index) => {
        const range = document.createRange();
        range.setStart(following, index);
        range.setEnd(following, index + 1);
        return range.getBoundingClientRect().left;
      };
      return left(start + 6) - left(start);
    })()`;
    const html = pageOf([failing({ name }), failing({ name: `${name}2` })]);
    await open(html);
    expect(await page.evaluate<number>(direction)).toBeGreaterThan(0);
    await open(html.replace(protection, ''));
    expect(await page.evaluate<number>(direction)).toBeLessThan(0);
  });

  test('has a policy that blocks scripts, styles and images', async () => {
    const inserted =
      '<script>document.title = "taken"</script><p style="color:red">x</p><img src="/x.png" alt="">';
    await open(pageOf(REALISTIC).replace('</main>', `${inserted}</main>`));
    await expect.poll(() => complaints.length).toBeGreaterThanOrEqual(3);
    expect(complaints.join('\n')).toMatch(/script.*style|style.*script/s);
    expect(await page.title()).toBe('1 of 4 failing · DingTalk headcount');
    expect(requested).toEqual(['/']);
  });

  test('draws an icon for each state, and has one for the tab', async () => {
    await open(pageOf(EVERYTHING));
    const icons = await page.evaluate<{ icon: string; width: number }[]>(
      `Array.from(document.querySelectorAll('.state use'), (use) => ({ icon: use.getAttribute('href'), width: use.getBoundingClientRect().width }))`,
    );
    expect(new Set(icons.map(({ icon }) => icon))).toEqual(new Set(['#failing', '#waiting', '#ok']));
    expect(Math.min(...icons.map(({ width }) => width))).toBeGreaterThan(12);
    const favicon = await page.evaluate<number>(
      `(async () => { const image = new Image(); image.src = document.querySelector('link[rel=icon]').href; await image.decode(); return image.naturalWidth; })()`,
    );
    expect(favicon).toBeGreaterThan(0);
  });

  // Writes the pictures of both READMEs; the machine needs a font for Chinese.
  test.runIf(process.env['UPDATE_README_PICTURE'] === '1').for([
    ['en', 'docs/page.png'],
    ['zh-CN', 'docs/zh-CN/page.png'],
  ] as const)('the picture for the README, %s', async ([language, path]) => {
    await open(pageOf(REALISTIC, { language }));
    await page.screenshot({ path, fullPage: true });
    expect(statSync(path).size).toBeLessThan(200_000);
  });
});

/** The elements that overflow the window, by tag and class. */
const OVERFLOWING = `Array.from(document.querySelectorAll('body, body *'))
  .filter((element) => element.closest('.unseen, thead') === null)
  .filter((element) => element.getBoundingClientRect().right > innerWidth + 0.5 || element.getBoundingClientRect().left < -0.5)
  .map((element) => element.tagName + '.' + element.getAttribute('class'))`;

/** Texts with a contrast to their background below 4.5, and lines below 3, as WCAG 2 defines it. */
const POOR_CONTRASTS = `(() => {
  const channels = (color) => color.match(/[\\d.]+/g).map(Number);
  const luminance = (color) => {
    const [r, g, b] = channels(color).map((value) => value / 255)
      .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      if ((channels(color)[3] ?? 1) === 1) return color;
    }
    return 'rgb(255, 255, 255)';
  };
  const contrast = (one, other) => {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  };
  const texts = Array.from(document.querySelectorAll('body *'))
    .filter((element) => element.closest('svg, .unseen') === null)
    .filter((element) => Array.from(element.childNodes).some((node) => node.nodeType === 3 && node.data.trim() !== ''))
    .map((element) => ({ element, color: getComputedStyle(element).color, least: 4.5 }));
  const lines = Array.from(document.querySelectorAll('.spark path'))
    .map((element) => ({ element, color: getComputedStyle(element).stroke, least: 3 }));
  if (texts.length < 40 || lines.length < 10) return ['too few texts and lines were found'];
  return [...texts, ...lines]
    .map(({ element, color, least }) => ({ element, least, ratio: contrast(color, behind(element)) }))
    .filter(({ ratio, least }) => !(ratio >= least))
    .map(({ element, ratio }) => element.tagName + '.' + element.getAttribute('class') + ' ' + ratio.toFixed(2));
})()`;
