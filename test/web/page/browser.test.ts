import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, type Page, chromium as playwright } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { OrganizationState } from '../../../src/polling/organization-state.ts';
import { renderPage } from '../../../src/web/page/page.ts';
import { PAGE_STYLE } from '../../../src/web/page/style.ts';
import { CHROMIUM_ARGUMENTS } from '../../support/chromium.ts';
import { chromium } from '../../support/tools.ts';
import {
  BELIEVABLE,
  course,
  DAY,
  dropped,
  failing,
  organization,
  view,
  WALL,
  waiting,
} from './organizations.ts';

const tool = chromium();
const OUTPUT = 'test/output';

const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(PAGE_STYLE).digest('base64')}'`,
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HOSTILE_NAME =
  '</title></th><script>document.title="taken"</script><img src=x onerror="alert(1)">"\' \u202Egnol os\u2066';
const HOSTILE_TEXT = `</dd><svg onload="alert(2)"><style>*{display:none}</style>'"&amp;\u202E ${'unbroken'.repeat(80)}`;

const HOSTILE: readonly OrganizationState[] = [
  dropped(
    { name: HOSTILE_NAME, course: course(10, 5, [[0, 0], undefined]) },
    {
      reason: 'invalid_response',
      message: HOSTILE_TEXT,
      hint: 'allow_address',
      egressAddress: HOSTILE_TEXT,
      errorCode: HOSTILE_TEXT,
      subCode: HOSTILE_TEXT,
      errorMessage: `${HOSTILE_TEXT}!`,
      requestId: HOSTILE_TEXT,
    },
  ),
  failing({ name: 'W'.repeat(128) }),
  organization({
    name: '𠮷野家🏢'.repeat(16),
    headcount: { employees: Number.MAX_SAFE_INTEGER, active: Number.MAX_SAFE_INTEGER - 1, readAt: 0 },
  }),
  waiting({ name: 'שלום חברה' }),
  organization({ name: 'Outdated Ltd', headcount: undefined }),
];

const EVERY_CONDITION: readonly OrganizationState[] = [
  ...BELIEVABLE,
  dropped(
    {
      name: '上海实验室',
      course: course(95, 90, [[0, 0], [1, 0], ...Array.from({ length: 20 }, () => undefined)], WALL),
    },
    {
      reason: 'credentials',
      message: 'https://api.dingtalk.com/v1.0/oauth2/accessToken answered HTTP 400 invalidClientIdOrSecret',
      endpoint: 'token',
      host: 'api.dingtalk.com',
      hint: 'credentials',
      errorCode: 'invalidClientIdOrSecret',
      subCode: undefined,
      errorMessage: undefined,
    },
  ),
  waiting({ name: 'Zephyr Air' }),
  organization({ name: 'Quarterly Review GmbH', headcount: undefined, pollInterval: 7 * DAY }),
];

/** What is served at `/`, and every path that was asked for. */
let served = '';
let requested: string[] = [];

let server: Server;
let origin: string;
let context: BrowserContext;
let profile: string;

beforeAll(async () => {
  if (tool.missing) return;
  mkdirSync(OUTPUT, { recursive: true });
  server = createServer((request, response) => {
    requested.push(request.url ?? '');
    response.writeHead(request.url === '/' ? 200 : 404, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': POLICY,
    });
    response.end(request.url === '/' ? served : undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  profile = mkdtempSync(join(tmpdir(), 'page-browser-'));
  context = await playwright.launchPersistentContext(profile, {
    executablePath: tool.path,
    args: [...CHROMIUM_ARGUMENTS],
  });
});

afterAll(async () => {
  if (tool.missing) return;
  await context.close();
  rmSync(profile, { recursive: true, force: true });
  await new Promise((resolve) => server.close(resolve));
});

afterEach(async () => {
  if (!tool.missing) await Promise.all(context.pages().map((page) => page.close()));
});

interface Look {
  readonly width: number;
  readonly height: number;
  readonly scheme?: 'light' | 'dark';
}

interface Opened {
  readonly page: Page;
  /** Console messages, errors, policy violations and dialogs: a good page makes none. */
  readonly complaints: readonly string[];
}

const RELOAD = /<meta http-equiv="refresh".*>/;

/** Opens a page without its reload, which would come in the midst of a test on a slow machine. */
async function open(html: string, { width, height, scheme = 'light' }: Look): Promise<Opened> {
  served = html.replace(RELOAD, '');
  requested = [];
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.setViewportSize({ width, height });
  await page.emulateMedia({ colorScheme: scheme });
  await page.goto(origin);
  return { page, complaints };
}

/** Whatever reaches over the right edge of the window, by its tag and class; nothing should. */
const OVERFLOWING = `Array.from(document.querySelectorAll('body, body *'))
  .filter((element) => element.closest('.unseen, thead') === null)
  .filter((element) => element.getBoundingClientRect().right > innerWidth + 0.5 || element.getBoundingClientRect().left < -0.5)
  .map((element) => element.tagName + '.' + element.getAttribute('class'))`;

/**
 * The contrast of every text with what is behind it, and of every line of the drawings, as WCAG 2 reckons it:
 * those that are below 4.5 (3 for lines).
 */
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
  if (texts.length < 40 || lines.length < 10) return ['found hardly anything to look at'];
  return [...texts, ...lines]
    .map(({ element, color, least }) => ({ element, least, ratio: contrast(color, behind(element)) }))
    .filter(({ ratio, least }) => !(ratio >= least))
    .map(({ element, ratio }) => element.tagName + '.' + element.getAttribute('class') + ' ' + ratio.toFixed(2));
})()`;

const PHONE = { width: 360, height: 780 };
const LAPTOP = { width: 1280, height: 700 };
const WALL_SCREEN = { width: 1920, height: 1080 };
const DEVICES = { phone: PHONE, laptop: LAPTOP, wall: WALL_SCREEN };
const GROUNDS = { light: 'rgb(244, 246, 248)', dark: 'rgb(14, 19, 26)' };

const computed = (page: Page, selector: string, property: string): Promise<string> =>
  page.evaluate<string>(`getComputedStyle(document.querySelector('${selector}')).${property}`);

describe.skipIf(tool.missing)('the page in Chromium', () => {
  for (const device of ['phone', 'laptop', 'wall'] as const) {
    for (const scheme of ['light', 'dark'] as const) {
      test(`${device}, ${scheme}: in its colors, readable, nothing beyond the edges, no complaint`, async () => {
        const look = { ...DEVICES[device], scheme };
        const { page, complaints } = await open(renderPage(view(EVERY_CONDITION)), look);
        await page.screenshot({ path: join(OUTPUT, `page-${device}-${scheme}.png`), fullPage: true });
        expect(await computed(page, 'body', 'backgroundColor')).toBe(GROUNDS[scheme]);
        expect(await page.evaluate(POOR_CONTRASTS)).toEqual([]);
        expect(await page.evaluate(OVERFLOWING)).toEqual([]);
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(look.width);
        expect(complaints).toEqual([]);
        expect(requested).toEqual(['/']);
      });
    }
  }

  test.each([320, 768, 1023, 1024, 1100, 3840])('nothing reaches over the edges at %d px', async (width) => {
    const { page } = await open(renderPage(view([...EVERY_CONDITION, ...HOSTILE])), { width, height: 900 });
    expect(await page.evaluate(OVERFLOWING)).toEqual([]);
  });

  test('a row is a card on a phone and a row on a laptop, a table to those who listen on both', async () => {
    for (const [look, display] of [
      [PHONE, 'grid'],
      [LAPTOP, 'table-row'],
    ] as const) {
      const { page } = await open(renderPage(view(EVERY_CONDITION)), look);
      expect(await computed(page, 'tbody tr', 'display')).toBe(display);
      const heard = await page.locator('table').ariaSnapshot();
      expect(heard).toContain('caption: "Headcount of each organization, those that fail first.');
      expect(heard).toContain('- columnheader "Age of the number"');
      expect(heard).toContain('- rowheader "Harbor & Sons"');
      expect(heard).toMatch(/- cell "(All )?342"/);
      expect(heard).toContain(
        'img "41 polls in 20 h, none failed. All: first 1,187, last 1,204, lowest 1,187, highest 1,204.',
      );
    }
  });

  test('a phone shows the name of each number, which a laptop shows once', async () => {
    const label = `getComputedStyle(document.querySelector('.number'), '::before').content`;
    const phone = await open(renderPage(view(EVERY_CONDITION)), PHONE);
    expect(await phone.page.evaluate(label)).toBe('"All"');
    const laptop = await open(renderPage(view(EVERY_CONDITION)), LAPTOP);
    expect(await laptop.page.evaluate(label)).toBe('none');
  });

  test('type grows with the wall', async () => {
    const sizes: number[] = [];
    for (const width of [PHONE.width, LAPTOP.width, WALL_SCREEN.width, 3840]) {
      const { page } = await open(renderPage(view(BELIEVABLE)), { width, height: 900 });
      sizes.push(Math.round(Number.parseFloat(await computed(page, 'body', 'fontSize'))));
    }
    expect(sizes).toEqual([16, 16, 24, 40]);
  });

  test('numbers stand right-aligned in columns of equal digits', async () => {
    const { page } = await open(renderPage(view(BELIEVABLE)), LAPTOP);
    expect(await computed(page, '.number.all', 'textAlign')).toBe('end');
    expect(await computed(page, '.number.all', 'fontVariantNumeric')).toBe('tabular-nums');
  });

  test('each condition has a shape of its own that is really drawn, and the tab has a picture', async () => {
    const { page, complaints } = await open(renderPage(view(EVERY_CONDITION)), LAPTOP);
    const shapes = await page.evaluate<{ kind: string; width: number }[]>(
      `Array.from(document.querySelectorAll('.state use'), (use) => ({ kind: use.getAttribute('href'), width: Math.round(use.getBoundingClientRect().width) }))`,
    );
    expect(new Set(shapes.map(({ kind }) => kind))).toEqual(
      new Set(['#failing', '#outdated', '#waiting', '#well']),
    );
    for (const { width } of shapes) expect(width).toBeGreaterThanOrEqual(12);
    const favicon = await page.evaluate<number>(
      `new Promise((resolve, reject) => { const image = new Image(); image.onload = () => resolve(image.naturalWidth); image.onerror = () => reject(new Error('no picture')); image.src = document.querySelector('link[rel=icon]').href; })`,
    );
    expect(favicon).toBeGreaterThan(0);
    expect(complaints).toEqual([]);
  });

  test('a drawing fills its place, with the outage where it was', async () => {
    const { page } = await open(renderPage(view(BELIEVABLE)), LAPTOP);
    const box = async (selector: string): Promise<{ x: number; width: number; height: number }> => {
      const found = await page.locator(`tbody.failing ${selector}`).first().boundingBox();
      if (found === null) throw new Error(`${selector} is not drawn`);
      return found;
    };
    const drawing = await box('.spark');
    const line = await box('.spark .all');
    const outage = await box('.spark .out');
    expect(drawing.width).toBeGreaterThan(150);
    expect(drawing.height).toBe(44);
    expect(line.width).toBeGreaterThan(0.9 * drawing.width);
    expect(outage.x).toBeGreaterThan(drawing.x + 0.9 * drawing.width);
  });

  test('hostile names and messages are only text', async () => {
    for (const look of [PHONE, LAPTOP]) {
      const { page, complaints } = await open(renderPage(view(HOSTILE)), look);
      await page.screenshot({ path: join(OUTPUT, `page-hostile-${look.width}.png`), fullPage: true });
      expect(complaints).toEqual([]);
      expect(await page.title()).toBe('2 of 5 failing · DingTalk headcount');
      expect(await page.locator('script, img, [onload], [onerror], body style').count()).toBe(0);
      expect(await page.locator('tbody th').first().textContent()).toBe(HOSTILE_NAME);
      expect(await page.locator('dd').filter({ hasText: 'unbroken' }).first().isVisible()).toBe(true);
      expect(await page.evaluate(OVERFLOWING)).toEqual([]);
      expect(requested).toEqual(['/']);
    }
  });

  test.each([
    ['an override', '\u202Egnol', /<\/?bdi>/g],
    // Without the style that makes it a box, the element's own isolate is closed in place of the open one.
    ['an override and an isolate', '\u202E\u2067gnol', /<style>.*<\/style>/s],
  ])(
    '%s left open in a message turns nothing round but that message',
    async (_, errorMessage, protection) => {
      /** How far right of the first letter of what follows the message its last letter is drawn. */
      const direction = `(() => {
      const following = document.evaluate("//dd//text()[contains(., 'request id')]", document).iterateNext();
      const start = following.data.indexOf('request');
      const left = (index) => {
        const range = document.createRange();
        range.setStart(following, index);
        range.setEnd(following, index + 1);
        return range.getBoundingClientRect().left;
      };
      return left(start + 'request id'.length - 1) - left(start);
    })()`;
      const html = renderPage(view([failing({}, { errorMessage })]));
      const { page } = await open(html, LAPTOP);
      expect(await page.evaluate<number>(direction)).toBeGreaterThan(0);
      const bare = await open(html.replace(protection, ''), LAPTOP);
      expect(await bare.page.evaluate<number>(direction)).toBeLessThan(0);
    },
  );

  test('the policy that the page keeps to does forbid what it leaves out', async () => {
    const inserted =
      '<script>document.title = "taken"</script><p style="color:red">x</p><img src="/x.png" alt="">';
    const page = renderPage(view(BELIEVABLE)).replace('</main>', `${inserted}</main>`);
    const opened = await open(page, LAPTOP);
    await expect.poll(() => opened.complaints.length).toBeGreaterThanOrEqual(3);
    expect(opened.complaints.join('\n')).toMatch(/script.*style|style.*script/s);
    expect(await opened.page.title()).toBe('1 of 4 failing · DingTalk headcount');
    expect(requested).toEqual(['/']);
  });

  test('10,000 organizations are a page that can be used', async () => {
    const many = Array.from({ length: 10_000 }, (_, index) => organization({ name: `team ${index}` }));
    const { page, complaints } = await open(renderPage(view(many)), PHONE);
    expect(await page.locator('tbody').count()).toBe(200);
    await page.getByText('The other 9,800 are left out').scrollIntoViewIfNeeded();
    expect(await page.getByText('The other 9,800 are left out').isVisible()).toBe(true);
    expect(await page.evaluate(OVERFLOWING)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test('on paper it is a table in black on white, without links', async () => {
    const { page } = await open(renderPage(view(EVERY_CONDITION)), {
      width: 720,
      height: 1000,
      scheme: 'dark',
    });
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    expect(await computed(page, 'body', 'backgroundColor')).toBe('rgb(255, 255, 255)');
    expect(await computed(page, 'body', 'color')).toBe('rgb(0, 0, 0)');
    expect(await computed(page, 'tbody tr', 'display')).toBe('table-row');
    expect(await computed(page, 'nav', 'display')).toBe('none');
    expect(await page.evaluate(OVERFLOWING)).toEqual([]);
    await page.screenshot({ path: join(OUTPUT, 'page-print.png'), fullPage: true });
  });

  test('it loads itself anew without script', async () => {
    served = renderPage(view([waiting()]));
    const page = await context.newPage();
    await page.goto(origin);
    served = renderPage(view([organization()])).replace(RELOAD, '');
    await page.getByText('1,204').first().waitFor();
  });

  // The picture of the README, made anew on a machine with fonts for Chinese: UPDATE_README_PICTURE=1.
  test.runIf(process.env['UPDATE_README_PICTURE'] === '1')('its picture for the README', async () => {
    const { page } = await open(renderPage(view(BELIEVABLE.slice(0, 3))), LAPTOP);
    await page.screenshot({ path: 'docs/page.png', fullPage: true });
    expect(statSync('docs/page.png').size).toBeLessThan(200_000);
  });
});
