import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { byOrganization, POLL, paced, RULES } from '../prometheus/support/shipped.ts';
import { derived } from '../support/derived.ts';
import { Endings } from '../support/endings.ts';
import { NEWEST_PROMETHEUS, PROMETHEUS_MISSING } from '../support/prometheus-programs.ts';
import { PrometheusServer } from '../support/prometheus-server.ts';
import { Replica } from '../support/replica.ts';
import { Service } from '../support/service.ts';
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

/** Every alert is sent to the webhook at once. */
const alertmanagerTo = (url: string) => ({
  route: {
    receiver: 'webhook',
    group_by: ['alertname', 'job', 'organization'],
    group_wait: '0s',
    group_interval: '1s',
  },
  receivers: [{ name: 'webhook', webhook_configs: [{ url, send_resolved: true }] }],
});

const tools = [promtool(), alertmanager()] as const;
const missing = PROMETHEUS_MISSING || tools.some((tool) => tool.missing);

/**
 * The rules are the shipped ones, with their offsets of two hours and a day: the history that they need is
 * backfilled. Only the intervals of polls, scrapes, evaluations and notifications are shorter.
 */
describe.skipIf(missing).each(NEWEST_PROMETHEUS)(
  'an alert about a headcount, from DingTalk through $title to a webhook',
  ({ path }) => {
    const endings = new Endings();
    let replica: Replica;
    let webhook: Webhook;
    let server: PrometheusServer;

    beforeAll(async () => {
      replica = endings.add(await Replica.start({ organizations: ORGANIZATIONS, poll: POLL }));
      webhook = endings.add(await Webhook.start());
      const receiver = endings.add(
        await Service.start(tools[1].path, (folder) => [
          `--config.file=${folder.write('alertmanager.yml', stringify(alertmanagerTo(webhook.url)))}`,
          `--storage.path=${folder.path}/data`,
          '--cluster.listen-address=',
        ]),
      );
      server = endings.add(
        await PrometheusServer.start({
          prometheus: path,
          configuration: derived(paced(replica.port), {
            '# alerting:': 'alerting:',
            '#   alertmanagers:': '  alertmanagers:',
            "#     - static_configs:\n#         - targets: ['localhost:9093']": `    - static_configs:\n        - targets: ['${receiver.address}']`,
          }),
          files: RULES,
          history: { promtool: tools[0].path, text: steadyPast(Date.now() / 1000, JOB, ORGANIZATIONS) },
        }),
      );
    });

    afterAll(() => endings.run());

    it('does not fire while no headcount changes', async () => {
      const people = { acme: 500, [HOSTILE]: 300 };
      for (const then of ['two_hours_ago', 'day_ago', 'latest'])
        await eventually(async () =>
          byOrganization(await server.instant(`organization:dingtalk_employees:${then}`)),
        ).toEqual(people);
      await eventually(() => server.instant('ALERTS')).toEqual([]);
      expect(webhook.notices).toEqual([]);
    });

    it('fires when a headcount shrinks, and is resolved when it is back', async () => {
      // 24 % fewer is a plunge; 19 % fewer is a drop only.
      replica.organization('acme').active = 350;
      replica.organization('acme').employees = 380;
      replica.organization(HOSTILE).active = 200;
      replica.organization(HOSTILE).employees = 243;
      const plunged = { alertname: 'DingTalkHeadcountPlunged', organization: 'acme' };
      const firing = await webhook.received('firing', plunged);
      expect(firing.labels).toEqual({ ...plunged, job: JOB, severity: 'critical' });
      expect(firing.annotations['summary']).toContain('acme');
      expect(firing.annotations['description']).toMatch(/acme.*\b500\b.*\b380\b/s);
      expect(firing.annotations['runbook_url']).toMatch(/docs\/runbook\.md#dingtalkheadcountplunged$/);

      const dropped = { alertname: 'DingTalkHeadcountDropped', organization: HOSTILE };
      const milder = await webhook.received('firing', dropped);
      expect(milder.labels).toEqual({ ...dropped, job: JOB, severity: 'warning' });
      expect(milder.annotations['summary']).toContain(HOSTILE);
      expect(milder.annotations['description']).toContain(HOSTILE);
      expect(milder.annotations['description']).toMatch(/\b300\b.*\b243\b/s);
      // A plunge is a drop as well, and each alert is a notification of its own.
      const droppedToo = { alertname: 'DingTalkHeadcountDropped', organization: 'acme' };
      await webhook.received('firing', droppedToo);

      replica.organization('acme').employees = 500;
      replica.organization(HOSTILE).employees = 300;
      const resolved = await webhook.received('resolved', plunged);
      expect(resolved.startsAt).toBe(firing.startsAt);
      await webhook.received('resolved', dropped);
      await webhook.received('resolved', droppedToo);
      await eventually(() => server.instant('ALERTS')).toEqual([]);

      // There was no other notification.
      const received = new Set(
        webhook.notices.map(
          ({ status, labels }) => `${labels['alertname']} ${labels['organization']} ${status}`,
        ),
      );
      const drop = (organization: string) =>
        ['firing', 'resolved'].map((status) => `DingTalkHeadcountDropped ${organization} ${status}`);
      expect([...received].sort()).toEqual(
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
