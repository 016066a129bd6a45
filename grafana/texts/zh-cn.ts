import type { Texts } from './en.ts';

const NEEDS_HISTORY = 'Prometheus 中需要有相应时长的历史数据。';
const LAST_KNOWN =
  '取每个已配置组织最近一次已知的数字，最多回溯七天；有多个副本时，以最近一次轮询成功的副本为准。';

/** Every text of the dashboard, in Simplified Chinese. */
export const ZH_CN: Texts = {
  title: '钉钉组织人数',
  description:
    '每个钉钉组织有多少员工、其中多少人已激活钉钉、人数如何变化，以及数据是否及时。需要先加载 dingtalk-headcount-exporter 的记录规则。',
  language: { link: 'English', uid: 'dingtalk-headcount' },
  variables: { datasource: '数据源', job: '任务', organization: '组织' },
  annotation: '人数告警',
  noData: '暂无数据。请在 Prometheus 中加载 rules/dingtalk.rules.yml，并等待第一次轮询完成。',
  rows: {
    headcount: '人数',
    change: '变化',
    joins: '增减',
    activation: '激活',
    movement: '变动排行',
    quality: '数据质量',
    api: '钉钉接口',
    organizations: '各组织',
  },
  series: { people: '全部员工', active: '已激活', activation: '激活率', joined: '增加', left: '减少' },
  columns: {
    organization: '组织',
    job: '任务',
    people: '全部员工',
    active: '已激活',
    activation: '激活率',
    number: '数字状态',
    change1d: '1 天变化',
    change7d: '7 天变化',
    change30d: '30 天变化',
    moved: '30 天变动量',
    lastNumber: '最近的数字',
    age: '数据时长',
    allowedAge: '允许时长',
    polls: '轮询',
    lastPoll: '距上次轮询',
    duration: '最慢轮询用时',
    failedPolls: '1 天内失败次数',
    token: '令牌剩余有效期',
  },
  values: {
    current: '有效',
    old: '已过期',
    failing: '失败',
    someFailing: '部分副本失败',
    ok: '正常',
    fails: '失败',
    yes: '是',
    no: '否',
    noFailure: '这段时间内没有失败',
  },
  people: { title: '全部员工', description: `所选组织的全部员工。${LAST_KNOWN}` },
  active: { title: '已激活', description: `所选组织中已激活钉钉的员工。${LAST_KNOWN}` },
  notActive: { title: '未激活', description: `所选组织中尚未激活钉钉的员工。${LAST_KNOWN}` },
  old: {
    title: '数据过期的组织',
    description:
      '已配置但没有有效数字的组织：从未轮询成功，或失败时间超过 max_staleness。合计中使用它们最近一次已知的数字。',
  },
  oldOnes: {
    title: '数据过期的组织列表',
    description: '数据过期的各个组织，及其最近一次已知的数字、数据时长和配置允许的时长。',
    none: '所有数字均有效。',
  },
  byOrganization: {
    title: '各组织人数',
    description: `各组织的全部员工，从多到少排列。橙色表示数字已过期。${LAST_KNOWN}`,
  },
  total: {
    title: '所有组织合计',
    description: `所选组织的全部员工和已激活员工。增加或移除组织时合计也会变化。${LAST_KNOWN}`,
  },
  changeOver: (since: string) =>
    `现在的员工数和已激活员工数减去${since}的数字，只计算当时已有数字的组织，不计算此后增加或移除的组织。${NEEDS_HISTORY}`,
  change1d: { title: '1 天变化', since: '一天前' },
  change7d: { title: '7 天变化', since: '一周前' },
  change30d: { title: '30 天变化', since: '30 天前' },
  netChange: {
    title: '每日净变化',
    description:
      '每天人数增加的组织共增加多少，人数减少的组织共减少多少。同一组织一天内入职十人、离职十人记为没有变化。七天以内的中断期间发生的变化，显示在重新获得数字的那一天。最后一根柱尚未完整。',
  },
  activationTotal: {
    title: '所有组织的激活率',
    description: `所选组织中已激活钉钉的员工占全部员工的比例。${LAST_KNOWN}`,
  },
  activationByOrganization: {
    title: '各组织激活率',
    description: '各组织中已激活钉钉的员工所占比例，精确到百分之一。空白表示当时没有数字。',
  },
  movement: {
    title: '组织变动排行',
    description:
      '各组织最近一次已知的数字及其变化。“变动量”是 30 天变化的绝对值。组织当时没有数字时，变化为空。',
  },
  polls: {
    title: '各组织轮询状态',
    description: '各组织的轮询是否成功。时间段内有一次失败即显示为失败。空白表示没有抓取到任何 exporter。',
  },
  reasons: {
    title: '轮询错误',
    description:
      '任一副本的上次轮询因该原因失败时显示。credentials 和 permission 需要人工处理；throttled、timeout、network、unavailable 通常会自行恢复；quota 会持续到钉钉提供更多调用额度。',
  },
  ageShare: {
    title: '数据时长占允许时长的比例',
    description: '各组织数字的时长占 max_staleness 的比例。超过 100 % 时该数字不再显示。',
  },
  exporters: {
    title: 'Exporter',
    description: '各 exporter 是否在线，以及最近一次重新加载配置是否成功。',
    up: '{{instance}} 在线',
    reloaded: '{{instance}} 配置已加载',
  },
  state: {
    title: '各组织数据时长',
    description:
      '各组织数字的时长、上次轮询的时间、最慢副本的轮询用时、一天内失败的轮询次数，以及最先到期的访问令牌的剩余有效期。exporter 会提前五分钟更新令牌。',
  },
  latency: {
    title: '请求用时',
    description: '对钉钉的请求用时的分位数，按接口区分，由至少一小时的直方图估算。空白表示没有请求。',
  },
  requests: {
    title: '每小时请求数',
    description:
      '全部请求、重试，以及因请求过多被钉钉拒绝的请求（原因为 throttled 和 quota），取至少一小时的平均值。',
    all: '请求',
    retries: '重试',
    refused: '请求过多',
  },
  failures: {
    title: '按原因统计的失败请求',
    description: '所示时间内失败的请求，按原因统计，包括重试后成功的请求。',
  },
  organization: { description: '该组织的全部员工和已激活员工。空白表示当时没有数字。' },
};
