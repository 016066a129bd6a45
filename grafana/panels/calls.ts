import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { byJob } from '../queries.ts';
import { bars, COLOR, colorOf, course, fixedColor } from '../style.ts';
import { lettered, now, through } from '../targets.ts';

/** Polls are rare: a narrower window than an hour (four of these) would often hold no call at all. */
const CALL_STEP = '15m';

const perHour = (metric: string, by: string, matchers = ''): string =>
  `sum by (${by}) (rate(${byJob(metric, matchers)}[$__rate_interval])) * 3600`;

const latency = (quantile: number): string =>
  `histogram_quantile(${quantile}, sum by (le, endpoint) (rate(${byJob('dingtalk_api_request_duration_seconds_bucket')}[$__rate_interval])))`;

/** How the calls to DingTalk fare. */
export const callPanels = (): Builder<Panel>[] => [
  course(
    'How long DingTalk takes to answer',
    'Half of the calls were answered faster than p50, nineteen of twenty faster than p95; tokens and counts apart. Estimated from a histogram, over an hour at the least. A gap: there were no calls.',
  )
    .unit('s')
    .min(0)
    .targets(
      lettered(
        through(latency(0.5), '{{endpoint}} p50', CALL_STEP),
        through(latency(0.95), '{{endpoint}} p95', CALL_STEP),
      ),
    )
    .overrideByName('token p50', colorOf(COLOR.sky))
    .overrideByName('token p95', colorOf(COLOR.blue))
    .overrideByName('user_count p50', colorOf(COLOR.orange))
    .overrideByName('user_count p95', colorOf(COLOR.vermilion))
    .span(8)
    .height(9),
  course(
    'Calls to DingTalk an hour',
    'All calls, those that were another try of a failed one, and those that DingTalk turned away because there were too many (reasons "throttled" and "quota"). All replicas together, averaged over an hour at the least.',
  )
    .unit('locale')
    .decimals(1)
    .min(0)
    .targets(
      lettered(
        through(perHour('dingtalk_api_requests_total', 'endpoint'), '{{endpoint}} calls', CALL_STEP),
        through(
          `sum(${perHour('dingtalk_api_request_retries_total', 'endpoint')})`,
          'tried again',
          CALL_STEP,
        ),
        through(
          `sum(${perHour('dingtalk_api_request_failures_total', 'reason', 'reason=~"throttled|quota"')})`,
          'too many',
          CALL_STEP,
        ),
      ),
    )
    .overrideByName('token calls', colorOf(COLOR.sky))
    .overrideByName('user_count calls', colorOf(COLOR.blue))
    .overrideByName('tried again', colorOf(COLOR.orange))
    .overrideByName('too many', colorOf(COLOR.vermilion))
    .span(8)
    .height(9),
  bars(
    'Failed calls by reason',
    'How many calls to DingTalk failed in the time shown, by reason, all replicas together; Prometheus estimates this from the counters. A call that failed and then succeeded when tried again is in here, though the poll was well.',
  )
    .colorScheme(fixedColor(COLOR.vermilion))
    .targets(
      lettered(
        now(
          `sort_desc(round(sum by (reason) (increase(${byJob('dingtalk_api_request_failures_total')}[$__range]))))`,
          '{{reason}}',
        ),
      ),
    )
    .span(8)
    .height(9),
];
