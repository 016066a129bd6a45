const NEEDS_HISTORY = 'Prometheus must have that much history.';
const LAST_KNOWN =
  'The last known number of each configured organization, up to seven days old; of several replicas, that of the one that succeeded last.';

/** Every text of the dashboard, in English. A panel has a title and a description. */
export const EN = {
  title: 'DingTalk headcount',
  description:
    'How many people are in each DingTalk organization, how many of them have activated DingTalk, how that changes, and how fresh the numbers are. Needs the recording rules of dingtalk-headcount-exporter.',
  language: { link: '中文', uid: 'dingtalk-headcount-zh' },
  variables: { datasource: 'Data source', job: 'Job', organization: 'Organization' },
  annotation: 'Headcount alerts',
  noData: 'No data. Load rules/dingtalk.rules.yml into Prometheus, and wait for the first poll.',
  rows: {
    headcount: 'Headcount',
    change: 'Change',
    joins: 'Joins and leaves',
    activation: 'Activation',
    movement: 'Movement',
    quality: 'Data quality',
    api: 'DingTalk API',
    organizations: 'Organizations',
  },
  series: { people: 'people', active: 'active', activation: 'activation', joined: 'grew', left: 'shrank' },
  columns: {
    organization: 'Organization',
    job: 'Job',
    people: 'People',
    active: 'Active',
    activation: 'Activation',
    number: 'Number',
    change1d: 'Change, 1 day',
    change7d: 'Change, 7 days',
    change30d: 'Change, 30 days',
    moved: 'Moved, 30 days',
    lastNumber: 'Last number',
    age: 'Age',
    allowedAge: 'Allowed age',
    polls: 'Polls',
    lastPoll: 'Last poll, ago',
    duration: 'Slowest poll',
    failedPolls: 'Failed polls, 1 day',
    token: 'Token valid for',
  },
  values: {
    current: 'current',
    old: 'older than allowed',
    failing: 'failing',
    someFailing: 'some replicas fail',
    ok: 'ok',
    fails: 'fails',
    yes: 'yes',
    no: 'no',
    noFailure: 'no failure in this time',
  },
  people: { title: 'People', description: `Everyone in the chosen organizations. ${LAST_KNOWN}` },
  active: {
    title: 'Active',
    description: `People in the chosen organizations who have activated DingTalk. ${LAST_KNOWN}`,
  },
  notActive: {
    title: 'Not active',
    description: `People in the chosen organizations who have not activated DingTalk. ${LAST_KNOWN}`,
  },
  old: {
    title: 'Older than allowed',
    description:
      'Configured organizations without a current number: never polled successfully, or failing for longer than max_staleness. Their last known numbers are in the sums.',
  },
  oldOnes: {
    title: 'Organizations with a number older than allowed',
    description:
      'The organizations that "Older than allowed" counts, with their last known number, its age, and the age that the configuration allows.',
    none: 'Every number is current.',
  },
  byOrganization: {
    title: 'People by organization',
    description: `Everyone in each organization, the largest first. Orange: the number is older than allowed. ${LAST_KNOWN}`,
  },
  total: {
    title: 'All organizations',
    description: `Everyone, and those who have activated DingTalk, in all chosen organizations. Changes too when an organization is added or removed. ${LAST_KNOWN}`,
  },
  changeOver: (since: string) =>
    `People and active people now, minus those of ${since}, in the organizations that had a number then. Organizations that were added or removed since are not counted. ${NEEDS_HISTORY}`,
  change1d: { title: 'Change over a day', since: 'a day ago' },
  change7d: { title: 'Change over a week', since: 'a week ago' },
  change30d: { title: 'Change over 30 days', since: '30 days ago' },
  netChange: {
    title: 'Net change a day',
    description:
      'For each day, how much the organizations that grew have grown, and how much those that shrank have shrunk. Ten who joined and ten who left the same organization are no change. A change during an outage of up to seven days is shown on the day on which the number was known again. The last bar is not complete.',
  },
  activationTotal: {
    title: 'Activation of all organizations',
    description: `The share of all people in the chosen organizations who have activated DingTalk. ${LAST_KNOWN}`,
  },
  activationByOrganization: {
    title: 'Activation by organization',
    description:
      'The share of people in each organization who have activated DingTalk, rounded to a percent. A gap: the number was not known.',
  },
  movement: {
    title: 'Organizations by movement',
    description:
      'Each organization with its last known number and its changes. "Moved" is the change over 30 days without its sign. A change is empty where the organization had no number then.',
  },
  polls: {
    title: 'Polls by organization',
    description:
      'Whether the polls of each organization succeed. A step in which a poll failed is shown as failing. A gap: no exporter was scraped.',
  },
  reasons: {
    title: 'Poll errors',
    description:
      'Filled while the last poll of any replica failed for this reason. "credentials" and "permission" need a person; "throttled", "timeout", "network" and "unavailable" usually pass; "quota" lasts until DingTalk grants more calls.',
  },
  ageShare: {
    title: 'Age of the numbers, of what is allowed',
    description:
      'The age of the number of each organization as a share of max_staleness. Above 100 % the number is dropped.',
  },
  exporters: {
    title: 'Exporters',
    description: 'Whether each exporter is up, and whether its last reload of the configuration succeeded.',
    up: '{{instance}} is up',
    reloaded: '{{instance}} reloaded',
  },
  state: {
    title: 'Organizations by age',
    description:
      'How old each number is, when the organization was polled last, how long the slowest replica took, how many polls failed within a day, and how long the access token that expires first is valid. The exporter renews it five minutes ahead.',
  },
  latency: {
    title: 'Request duration',
    description:
      'Quantiles of the duration of requests to DingTalk, by endpoint, estimated from a histogram over at least an hour. A gap: no requests.',
  },
  requests: {
    title: 'Requests an hour',
    description:
      'All requests, retries, and requests that DingTalk refused because there were too many (reasons "throttled" and "quota"), averaged over at least an hour.',
    all: 'requests',
    retries: 'retries',
    refused: 'too many',
  },
  failures: {
    title: 'Failed requests by reason',
    description:
      'Requests to DingTalk that failed in the time shown, by reason. A request that succeeded when retried is included.',
  },
  organization: {
    description:
      'Everyone in this organization, and those who have activated DingTalk. A gap: the number was not known.',
  },
};

/** The same texts in another language. */
export type Texts = typeof EN;
export type PanelText = Readonly<{ title: string; description: string }>;
