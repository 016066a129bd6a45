import type { HintContext, HintId } from '../../dingtalk/hints.ts';
import { formatsOf } from './format.ts';
import { html } from './html.ts';
import type { Messages } from './language.ts';

const formats = formatsOf('zh-CN', '');
const { number, difference, duration } = formats;

const hints: Record<HintId, (context: HintContext) => string> = {
  wait: () => '无需处理，Exporter 会自动重试；如果长时间未恢复，再作排查',
  slow_down: () =>
    'Exporter 会自动降低调用速度；如果长时间未恢复，请调低 poll.rate_limit、调大 poll.interval，或检查还有哪些程序在使用该应用',
  monthly_quota: () =>
    '组织本月的 API 调用量已用完：请在钉钉开发者后台购买更多调用量，或在下个月之前调大 poll.interval',
  call_quota: () => 'API 调用量已用完：请调大 poll.interval，或在钉钉开发者后台购买更多调用量',
  credentials: checkCredentials,
  corp_id: (context) =>
    `CorpId 或区域错误时钉钉也会这样返回：请检查 CorpId；${otherRegion(context)}；否则无需处理，除非长时间未恢复`,
  permission: () => '请在钉钉开发者后台为应用添加权限 qyapi_get_member（成员信息读权限），然后发布应用',
  allow_address: ({ egressAddress }) =>
    `请在钉钉开发者后台将${egressAddress === undefined ? ' Exporter 的出口 IP ' : ` ${egressAddress} `}添加到应用的服务器出口 IP 列表`,
  administrator: () => '请联系组织的管理员，检查应用的授权和可见范围',
  unknown_code: () => '请在钉钉的全局错误码文档中查询该错误码；如果是 Exporter 的调用有误，请反馈',
  not_dingtalk: () => '请检查 endpoints 配置，并确认没有代理、网关或认证门户代替钉钉作出响应',
  counts_disagree: () =>
    '两个人数不再矛盾之前不会发布数据；如果长时间未恢复，请检查是否有其他服务代替钉钉作出响应',
  address_blocked: () =>
    'Exporter 在5分钟内不会调用该主机；如果再次发生，请检查还有哪些程序通过该 IP 调用钉钉，并调低 poll.rate_limit',
  secret_file: () => '请更正该文件或配置中的路径；下次轮询时会重新读取该文件，无需重启',
  request_timeout: () =>
    '请检查网络和代理；钉钉自身的超时时间为3秒，因此调大 poll.request_timeout 通常没有帮助',
  poll_timeout: () => '请检查网络和代理；如果钉钉响应缓慢，请调大 poll.timeout',
  polls_too_late: () =>
    '调用的排队时间过长：请调大 poll.rate_limit 或 poll.concurrency，或调大 poll.interval；如果调用未达到这些上限，请为进程提供更多 CPU',
  proxy: () =>
    '请检查 HTTPS_PROXY 及其用户名和密码，并确认代理正在运行且允许连接该主机；不经过代理的主机可在 NO_PROXY 中列出',
  name_unknown: () => '域名不存在：请检查 endpoints 配置和本机的 DNS',
  name_service: () => 'DNS 服务没有响应：请检查本机的 DNS',
  connection_refused: () => '目标地址拒绝连接：请检查 endpoints 配置和防火墙',
  unreachable: () => '无法路由到目标地址：请检查网络和防火墙',
  connection_cut: () => '连接被关闭：如果长时间未恢复，请检查防火墙和代理',
  certificate_expired: () => '证书已过期：请检查本机的时间，以及与钉钉之间的代理',
  certificate_untrusted: () =>
    '证书不受信任：如果代理会解密 TLS 流量，请在 NODE_EXTRA_CA_CERTS 中指定其 CA 证书文件',
  no_tls: () => '对方不支持 TLS，或双方没有共同支持的版本和加密套件：请检查 endpoints 的协议和端口，以及代理',
  network: () => '请检查网络、防火墙和代理',
  exporter_bug: () => '这是 Exporter 的缺陷：请附上前后的日志进行反馈',
};

function checkCredentials(context: HintContext): string {
  const check = `${otherRegion(context)}；否则请检查 Client ID、Client Secret、CorpId 和 suite ticket`;
  return context.endpoint === 'token' ? check : `如果配置了访问令牌，请更换；${check}`;
}

function otherRegion({ host = '' }: HintContext): string {
  const [, domain] = /\.dingtalk\.(io|com)(?::\d+)?$/u.exec(host) ?? [];
  if (domain === undefined) return '请检查 endpoints 是否属于应用所在的区域（international 或 china）';
  const [here, there, setting] =
    domain === 'io' ? ['国际版', '中国版', 'china'] : ['中国版', '国际版', 'international'];
  return `${host} 属于${here}：如果应用属于${there}，请在配置文件中设置 region: ${setting}，或设置 DINGTALK_REGION=${setting}`;
}

const ago = (age: number): string => (age < 1_000 ? '刚刚' : `${duration(age)}前`);
const pollsFailed = (failed: number, all: number): string => `${number(all)}次轮询中${number(failed)}次失败`;

/** The page in Simplified Chinese, in the words of DingTalk's and Prometheus' Chinese documentation. */
export const zhCN: Messages = {
  ...formats,
  ago,
  reasons: {
    timeout: '轮询未能按时完成',
    network: '无法连接钉钉',
    unavailable: '钉钉服务暂时不可用',
    throttled: '钉钉限制了调用频率',
    quota: 'API 调用量已用完',
    credentials: '凭证无效',
    permission: '应用缺少权限',
    rejected: '钉钉拒绝了调用',
    invalid_response: '响应无法使用',
  },
  hints,
  statuses: { failing: '失败', waiting: '等待中', ok: '正常' },
  statusCounts: {
    failing: (count) => `${count}个失败`,
    waiting: (count) => `${count}个等待中`,
    ok: (count) => `${count}个正常`,
  },

  title: '钉钉组织人数',
  failingTitle: (failing, all) => `${number(all)}个组织中${number(failing)}个失败 · 钉钉组织人数`,
  links: 'Exporter',
  demo: html`<strong>演示</strong>：组织和人数均为模拟数据`,
  asOf: (time, interval) => html`数据截至${time}，页面每${duration(interval)}刷新一次。`,
  upSince: (time, uptime) => html`自${time}起运行（${duration(uptime)}）`,

  summary: '全部组织合计',
  organization: '组织',
  state: '状态',
  employees: '员工',
  active: '已激活',
  activation: '激活率',
  read: '读取时间',
  recentPolls: '最近的轮询',
  none: '无',
  sums: (counted, oldest) => `${number(counted)}个组织的合计，数据来自钉钉，最早读取于${oldest}。`,
  missing: (missing, all) => `${number(all)}个组织中有${number(missing)}个目前没有人数，未计入合计。`,

  failures: '失败',
  organizations: (count) => `${number(count)}个组织`,
  more: (count) => `另有${number(count)}个`,
  comma: '，',
  whatToDo: '处理方法',
  received: '收到的响应',
  example: (name) => html`（以${name}为例）`,
  requestId: '请求 ID',
  moment: (time, age) => html`${time}（${ago(age)}）`,
  failingSince: '失败起始时间',
  sinceOne: (moment, failed, all) => html`${moment}，启动以来${pollsFailed(failed, all)}`,
  sinceTheFirst: (moment) => html`${moment}，以其中最早的为准`,
  furtherCauses: '其他原因未列出，表格中有每个组织的失败原因。',

  tableCaption: '各组织的人数，失败的排在前面',
  pollFailed: '轮询失败',
  filterLabel: '按名称筛选',
  filter: '筛选',
  showAll: '显示全部',
  matching: (found, all, filter) => html`${number(all)}个组织中有${number(found)}个的名称包含“${filter}”。`,
  noOrganization: '没有配置任何组织。',
  leftOut: (shown, leftOut, failing, metrics) =>
    html`这里显示前${number(shown)}个组织，失败的排在前面。其余${number(leftOut)}个${failing === 0 ? '' : `（其中${number(failing)}个失败）`}可按名称筛选，也可在 ${metrics} 中查看。`,

  notPolled: html`首次轮询尚未结束`,
  polledEvery: (interval) => html`每${duration(interval)}轮询一次`,
  failingFor: (reason, time) => html`${reason}，已持续${duration(time)}`,
  keptFor: (time) => html`还将保留${duration(time)}`,
  dropped: (maxStaleness, age) => `上次读取于${ago(age)}，已超过${duration(maxStaleness)}，不再显示`,
  neverRead: '尚未读取到数据',
  pollsFailed,
  change: (count, time) => `${duration(time)}内${count === 0 ? '无变化' : ` ${difference(count)} 人`}`,
};
