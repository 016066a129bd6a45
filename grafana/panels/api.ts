import { byJob } from '../queries.ts';
import type { Row } from '../row.ts';
import { bars, COLOR, colorOf, fixedColor, history } from '../style.ts';
import { lettered, now, through } from '../targets.ts';

/** Polls are rare: a window narrower than an hour (four of these) would often hold no request at all. */
const REQUEST_STEP = '15m';

const perHour = (metric: string, by: string, matchers = ''): string =>
  `sum by (${by}) (rate(${byJob(metric, matchers)}[$__rate_interval])) * 3600`;

const latency = (quantile: number): string =>
  `histogram_quantile(${quantile}, sum by (le, endpoint) (rate(${byJob('dingtalk_api_request_duration_seconds_bucket')}[$__rate_interval])))`;

/** The requests to DingTalk. */
export const api: Row = {
  title: 'api',
  panels: (texts) => [
    history(texts.latency)
      .unit('s')
      .min(0)
      .targets(
        lettered(
          through(latency(0.5), '{{endpoint}} p50', REQUEST_STEP),
          through(latency(0.95), '{{endpoint}} p95', REQUEST_STEP),
        ),
      )
      .overrideByName('token p50', colorOf(COLOR.sky))
      .overrideByName('token p95', colorOf(COLOR.blue))
      .overrideByName('user_count p50', colorOf(COLOR.orange))
      .overrideByName('user_count p95', colorOf(COLOR.vermilion))
      .span(8)
      .height(9),
    history(texts.requests)
      .unit('locale')
      .decimals(1)
      .min(0)
      .targets(
        lettered(
          through(
            perHour('dingtalk_api_requests_total', 'endpoint'),
            `{{endpoint}} ${texts.requests.all}`,
            REQUEST_STEP,
          ),
          through(
            `sum(${perHour('dingtalk_api_request_retries_total', 'endpoint')})`,
            texts.requests.retries,
            REQUEST_STEP,
          ),
          through(
            `sum(${perHour('dingtalk_api_request_failures_total', 'reason', 'reason=~"throttled|quota"')})`,
            texts.requests.refused,
            REQUEST_STEP,
          ),
        ),
      )
      .overrideByName(`token ${texts.requests.all}`, colorOf(COLOR.sky))
      .overrideByName(`user_count ${texts.requests.all}`, colorOf(COLOR.blue))
      .overrideByName(texts.requests.retries, colorOf(COLOR.orange))
      .overrideByName(texts.requests.refused, colorOf(COLOR.vermilion))
      .span(8)
      .height(9),
    bars(texts.failures, texts)
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
  ],
};
