import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AlertmanagerServer } from '../support/alertmanager-server.ts';
import { derived } from '../support/derived.ts';
import { Endings } from '../support/endings.ts';
import { NEWEST_PROMETHEUS, PROMETHEUS_MISSING } from '../support/prometheus-programs.ts';
import { PrometheusServer } from '../support/prometheus-server.ts';
import { Replica } from '../support/replica.ts';
import { alertmanager, promtool } from '../support/tools.ts';
import { eventually } from '../support/until.ts';
import { steadyPast } from './support/past.ts';
import { Webhook } from './support/webhook.ts';

const JOB = 'dingtalk';
const HOSTILE = `"O'Neill" \\d $1 $HOME {{ $value }} 北京 <b>&amp;`;
const ORGANIZATIONS = {
  acme: { employees: 500, active: 450 },
  [HOSTILE]: { employees: 300, active: 270 },
};

const tools = [promtool(), alertmanager()] as const;
const missing = PROMETHEUS_MISSING || tools.some((tool) => tool.missing);

/**
 * The rules are the shipped ones and look two hours and a day back as they always do: that past is written into
 * Prometheus before it starts. Shortened is only how often is polled, scraped, evaluated and notified.
 */
describe.skipIf(missing).each(NEWEST_PROMETHEUS)(
  'a plunge, from DingTalk through $title to a webhook',
  ({ path }) => {
    const endings = new Endings();
    let replica: Replica;
    let webhook: Webhook;
    let server: PrometheusServer;

    beforeAll(async () => {
      const poll = { interval: '1s', failure_interval: '1s', retries: 0, max_staleness: '1h' };
      replica = endings.add(await Replica.start({ organizations: ORGANIZATIONS, poll }), (each) =>
        each.stop(),
      );
      webhook = endings.add(await Webhook.start(), (each) => each.stop());
      const started = await AlertmanagerServer.start({
        alertmanager: tools[1].path,
        configuration: {
          route: {
            receiver: 'webhook',
            group_by: ['alertname', 'job', 'organization'],
            group_wait: '0s',
            group_interval: '1s',
          },
          receivers: [{ name: 'webhook', webhook_configs: [{ url: webhook.url, send_resolved: true }] }],
        },
      });
      const receiver = endings.add(started, (each) => each.stop());
      server = endings.add(
        await PrometheusServer.start({
          prometheus: path,
          configuration: derived(readFileSync('prometheus.yml', 'utf8'), {
            'localhost:10210': `localhost:${replica.port}`,
            'scrape_interval: 1m': 'scrape_interval: 1s',
            'evaluation_interval: 1m': 'evaluation_interval: 1s',
            '# alerting:': 'alerting:',
            '#   alertmanagers:': '  alertmanagers:',
            "#     - static_configs:\n#         - targets: ['localhost:9093']": `    - static_configs:\n        - targets: ['${receiver.address}']`,
          }),
          files: {
            'rules/dingtalk.rules.yml': derived(readFileSync('rules/dingtalk.rules.yml', 'utf8'), {
              'interval: 5m\n': 'interval: 1s\n',
            }),
          },
          history: { promtool: tools[0].path, text: steadyPast(Date.now() / 1000, JOB, ORGANIZATIONS) },
        }),
        (each) => each.stop(),
      );
    });

    afterAll(() => endings.run());

    const byOrganization = async (query: string) =>
      Object.fromEntries(
        (await server.instant(query)).map(({ metric, value }) => [metric['organization'], value.value]),
      );

    it('has a past such as the rules record, and nothing to tell', async () => {
      const people = { acme: 500, [HOSTILE]: 300 };
      for (const then of ['two_hours_ago', 'day_ago', 'latest'])
        await eventually(() => byOrganization(`organization:dingtalk_employees:${then}`)).toEqual(people);
      await eventually(() => server.instant('ALERTS')).toEqual([]);
      expect(webhook.notices).toEqual([]);
    });

    it('is told as firing when people are gone, and as resolved when they are back', async () => {
      // 24 % fewer, and 19 %: the second one is a drop, but no plunge.
      replica.organization('acme').active = 350;
      replica.organization('acme').employees = 380;
      replica.organization(HOSTILE).active = 200;
      replica.organization(HOSTILE).employees = 243;
      const plunged = { alertname: 'DingTalkHeadcountPlunged', organization: 'acme' };
      const firing = await webhook.told('firing', plunged);
      expect(firing.labels).toEqual({ ...plunged, job: JOB, severity: 'critical' });
      expect(firing.annotations['summary']).toContain('acme');
      expect(firing.annotations['description']).toMatch(/acme.*\b500\b.*\b380\b/s);
      expect(firing.annotations['runbook_url']).toMatch(/docs\/runbook\.md#dingtalkheadcountplunged$/);

      const dropped = { alertname: 'DingTalkHeadcountDropped', organization: HOSTILE };
      const milder = await webhook.told('firing', dropped);
      expect(milder.labels).toEqual({ ...dropped, job: JOB, severity: 'warning' });
      expect(milder.annotations['summary']).toContain(HOSTILE);
      expect(milder.annotations['description']).toContain(HOSTILE);
      expect(milder.annotations['description']).toMatch(/\b300\b.*\b243\b/s);
      // What plunged has dropped as well, and each alert is a notification of its own: one may come after the other.
      const droppedToo = { alertname: 'DingTalkHeadcountDropped', organization: 'acme' };
      await webhook.told('firing', droppedToo);

      replica.organization('acme').employees = 500;
      replica.organization(HOSTILE).employees = 300;
      const resolved = await webhook.told('resolved', plunged);
      expect(resolved.startsAt).toBe(firing.startsAt);
      await webhook.told('resolved', dropped);
      await webhook.told('resolved', droppedToo);
      await eventually(() => server.instant('ALERTS')).toEqual([]);

      // Nothing else was said of anybody, and nothing twice after its end.
      const told = new Set(
        webhook.notices.map(
          ({ status, labels }) => `${labels['alertname']} ${labels['organization']} ${status}`,
        ),
      );
      const drop = (organization: string) =>
        ['firing', 'resolved'].map((status) => `DingTalkHeadcountDropped ${organization} ${status}`);
      expect([...told].sort()).toEqual(
        [
          'DingTalkHeadcountPlunged acme firing',
          'DingTalkHeadcountPlunged acme resolved',
          ...drop('acme'),
          ...drop(HOSTILE),
        ].sort(),
      );
      expect(webhook.faults).toEqual([]);
    });
  },
);
