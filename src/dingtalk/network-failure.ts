import type { Failure } from './dingtalk-error.ts';
import type { HintId } from './hints.ts';
import { invalidResponse, type JudgedCall } from './judge.ts';

const HINT_OF_CODE: Readonly<Record<string, HintId>> = {
  ENOTFOUND: 'name_unknown',
  EAI_AGAIN: 'name_service',
  ECONNREFUSED: 'connection_refused',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  ECONNRESET: 'connection_cut',
  EPIPE: 'connection_cut',
  UND_ERR_SOCKET: 'connection_cut',
  CERT_HAS_EXPIRED: 'certificate_expired',
};

/** What a call that got no whole answer means: everything that the network or TLS threw. */
export function networkFailure(error: unknown, call: JudgedCall): Failure {
  const code = codeOf(error);
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') return invalidResponse(call, 'an answer of more than 1 MiB');
  // undici gives the code of most parser errors in the name of the class alone.
  if (/^HPE_|^HTTPParserError$|^UND_ERR_HEADERS_OVERFLOW$/u.test(code)) {
    return invalidResponse(call, `what is not HTTP as it should be (${code})`);
  }
  return {
    endpoint: call.endpoint,
    host: call.host,
    reason: 'network',
    action: 'retry',
    message: `${call.endpoint} call to ${call.host}: no answer (${code})`,
    hint: HINT_OF_CODE[code] ?? hintByKind(code),
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

function hintByKind(code: string): HintId {
  if (/CERT|SELF_SIGNED|ALTNAME|UNABLE_TO/u.test(code)) return 'certificate_untrusted';
  return /SSL|TLS|EPROTO/u.test(code) ? 'no_tls' : 'network';
}
