import type { Verdict } from './dingtalk-error.ts';
import { invalidResponse, type JudgedCall } from './judge.ts';

const HELP: Readonly<Record<string, string>> = {
  ENOTFOUND: 'the name is not known: check the endpoints and this machine’s DNS',
  EAI_AGAIN: 'the name service does not answer: check this machine’s DNS',
  ECONNREFUSED: 'nobody listens there: check the endpoints, the firewall and the proxy',
  EHOSTUNREACH: 'no way leads there: check the network and the firewall',
  ENETUNREACH: 'no way leads there: check the network and the firewall',
  ECONNRESET: 'the connection was cut: check the firewall and the proxy if it lasts',
  EPIPE: 'the connection was cut: check the firewall and the proxy if it lasts',
  UND_ERR_SOCKET: 'the connection was cut: check the firewall and the proxy if it lasts',
  UND_ERR_CONNECT_TIMEOUT: 'the connection was not made in time: check the firewall and HTTPS_PROXY',
  CERT_HAS_EXPIRED:
    'the certificate has expired: check this machine’s clock and what stands between it and DingTalk',
};

const NO_TLS_HELP =
  'what answers there speaks no TLS, or none that both know: check the scheme and the port of the endpoints, and the proxy';

const TLS_HELP =
  'the certificate is not trusted: behind a TLS-inspecting proxy, give its authority to Node with NODE_EXTRA_CA_CERTS';

/** What a call that got no whole answer means: everything that the network or TLS threw. */
export function networkFailure(error: unknown, call: JudgedCall): Verdict {
  const code = codeOf(error);
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') return invalidResponse(call, 'an answer of more than 1 MiB');
  // undici gives the code of most parser errors in the name of the class alone.
  if (/^HPE_|^HTTPParserError$|^UND_ERR_HEADERS_OVERFLOW$/u.test(code)) {
    return invalidResponse(call, `what is not HTTP as it should be (${code})`);
  }
  return {
    endpoint: call.endpoint,
    reason: 'network',
    remedy: 'retry',
    message: `${call.endpoint} call to ${call.host}: no answer (${code})`,
    cure: HELP[code] ?? helpByKind(code),
    cause: error,
  };
}

/** The code that the operating system, TLS or undici gave, from the error or what caused it. */
function codeOf(error: unknown): string {
  for (let layer = error; layer instanceof Error; layer = layer.cause) {
    if ('code' in layer && typeof layer.code === 'string' && layer.code !== '') return layer.code;
    if (layer instanceof AggregateError && layer.errors.length > 0) return codeOf(layer.errors[0]);
  }
  return error instanceof Error ? error.name : 'unknown';
}

function helpByKind(code: string): string {
  if (/CERT|SELF_SIGNED|ALTNAME|UNABLE_TO/u.test(code)) return TLS_HELP;
  return /SSL|TLS|EPROTO/u.test(code) ? NO_TLS_HELP : 'check the network, the firewall and the proxy';
}
