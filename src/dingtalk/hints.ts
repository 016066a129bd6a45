import type { Endpoint } from './reason.ts';

/** What a hint may use of the call that failed. */
export interface HintContext {
  readonly endpoint: Endpoint;
  /** The host that was called; undefined if no call was made. */
  readonly host?: string | undefined;
  /** The address of this machine, if DingTalk named it in its response. */
  readonly egressAddress?: string | undefined;
}

/** What the operator can do about a failure, in English. */
export const HINTS = {
  wait: () => 'nothing to do unless it lasts: the exporter retries by itself',
  slow_down: () =>
    'the exporter slows down by itself; if it lasts, lower poll.rate_limit, lengthen poll.interval, or see what else uses this app',
  monthly_quota: () =>
    'the monthly API quota of the organization is used up: buy more in the DingTalk console, or lengthen poll.interval until the next month',
  call_quota: () =>
    'the quota of calls is used up: lengthen poll.interval, or buy more in the DingTalk console',
  credentials: checkCredentials,
  corp_id: (context: HintContext) =>
    `DingTalk also responds like this to a wrong corp id or region: check the corp id; ${otherRegion(context)}; otherwise nothing to do unless it lasts`,
  permission: () =>
    'in the DingTalk developer console, give the app the permission qyapi_get_member (read permission for user information) and publish it',
  allow_address: ({ egressAddress }: HintContext) =>
    `in the DingTalk developer console, add ${egressAddress ?? 'the address that the exporter calls from'} to the app’s list of allowed server addresses`,
  administrator: () =>
    'ask an administrator of the organization to check the app’s authorization and its visible scope',
  unknown_code: () =>
    'look the code up in DingTalk’s list of global error codes; if the exporter’s request is wrong, please report it',
  not_dingtalk: () =>
    'check that the endpoints are right, and that no proxy, gateway or captive portal responds instead of DingTalk',
  counts_disagree: () =>
    'nothing is published until the two counts agree; if it lasts, check what responds instead of DingTalk',
  address_blocked: () =>
    'the exporter does not call this host for 5 minutes; if it happens again, see what else calls DingTalk from this address and lower poll.rate_limit',
  secret_file: () =>
    'correct the file or its path in the configuration; the file is read again at the next poll, without a restart',
  request_timeout: () =>
    'check the network and the proxy; DingTalk itself times out after 3 s, so a longer poll.request_timeout rarely helps',
  poll_timeout: () => 'check the network and the proxy; if DingTalk is slow, raise poll.timeout',
  polls_too_late: () =>
    'polls wait too long in the queue: raise poll.rate_limit or poll.concurrency, or lengthen poll.interval; if calls are below these limits, give the process more CPU time',
  proxy: () =>
    'check HTTPS_PROXY, its user name and password, and that the proxy is running and allows connections to this host; NO_PROXY names hosts to call directly',
  name_unknown: () => 'the name is not known: check the endpoints and the DNS of this machine',
  name_service: () => 'the name service does not respond: check the DNS of this machine',
  connection_refused: () => 'nothing listens there: check the endpoints and the firewall',
  unreachable: () => 'there is no route to it: check the network and the firewall',
  connection_cut: () => 'the connection was closed: check the firewall and the proxy if it lasts',
  certificate_expired: () =>
    'the certificate has expired: check the clock of this machine, and any proxy between it and DingTalk',
  certificate_untrusted: () =>
    'the certificate is not trusted: if a proxy inspects TLS, name the file with the certificate of its authority in NODE_EXTRA_CA_CERTS',
  no_tls: () =>
    'the server does not support TLS, or no version and cipher that both support: check the scheme and the port of the endpoints, and the proxy',
  network: () => 'check the network, the firewall and the proxy',
  exporter_bug: () => 'this is a bug in the exporter: please report it with the log lines around it',
} as const satisfies Readonly<Record<string, (context: HintContext) => string>>;

export type HintId = keyof typeof HINTS;

/** The hint of a failure, in English. */
export function hintText(failure: HintContext & { readonly hint: HintId }): string {
  return HINTS[failure.hint](failure);
}

function checkCredentials(context: HintContext): string {
  const check = `${otherRegion(context)}; else check the client id, the client secret, the corp id and the suite ticket`;
  // A count is made with a token that may be configured itself.
  return context.endpoint === 'token' ? check : `replace the access token if one is configured; ${check}`;
}

/** For an app that belongs to another region than the host that was called. */
function otherRegion({ host = '' }: HintContext): string {
  const [, domain] = /\.dingtalk\.(io|com)(?::\d+)?$/u.exec(host) ?? [];
  if (domain === undefined) {
    return 'check that the endpoints are those of the app’s region (international or china)';
  }
  const [here, there, setting] =
    domain === 'io' ? ['international', 'Chinese', 'china'] : ['Chinese', 'international', 'international'];
  return `${host} serves the ${here} region: if the app belongs to the ${there} region, set region: ${setting} in the configuration file or DINGTALK_REGION=${setting}`;
}
