import http from 'node:http';
import https from 'node:https';
import { BUILD } from '../build-info.ts';
import { HttpsProxy, isLoopback, ProxyError, type ProxySettings } from './proxy.ts';

/** Bytes. Real responses have a few hundred. */
const MAXIMUM_RESPONSE_SIZE = 1024 * 1024;

/** Milliseconds that an idle connection is kept for the next call of the same poll. */
const IDLE_TIMEOUT = 4000;

/** One call, as it is sent. */
export interface OutgoingCall {
  readonly url: URL;
  readonly contentType: string;
  readonly body: string;
}

/** The response to a call, not yet classified. */
export interface ApiResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** Sends one POST and reads the whole response. */
export interface Transport {
  /** @throws whatever the network throws; the signal's reason when it is aborted. */
  post(call: OutgoingCall, signal: AbortSignal): Promise<ApiResponse>;
}

/** The response is larger than 1 MiB. */
export class ResponseTooLargeError extends Error {}

/**
 * The real network.
 *
 * @throws Error when the proxy's address is invalid or not supported; its message does not contain the address.
 */
export function networkTransport({ httpsProxy, noProxy }: ProxySettings): Transport {
  const proxy = httpsProxy === undefined ? undefined : new HttpsProxy(httpsProxy, noProxy);
  const options = { keepAlive: true, timeout: IDLE_TIMEOUT };
  const plain = new http.Agent(options);
  const secure = new https.Agent(options);
  const proxyFor = (url: URL): HttpsProxy | undefined =>
    url.protocol !== 'https:' || isLoopback(url.hostname) || proxy?.isBypassedFor(url) ? undefined : proxy;
  return {
    async post(call, signal) {
      signal.throwIfAborted();
      const proxyOfCall = proxyFor(call.url);
      const agent = proxyOfCall?.agent(signal) ?? (call.url.protocol === 'https:' ? secure : plain);
      return send(call, agent, proxyOfCall?.name, signal);
    },
  };
}

function send(
  { url, contentType, body }: OutgoingCall,
  agent: http.Agent,
  proxyName: string | undefined,
  signal: AbortSignal,
): Promise<ApiResponse> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    const headers = {
      'content-type': contentType,
      accept: 'application/json',
      'accept-encoding': 'identity',
      'user-agent': `dingtalk-headcount-exporter/${BUILD.version}`,
    };
    const { request } = url.protocol === 'https:' ? https : http;
    const outgoing = request(url, { method: 'POST', agent, headers, signal }, (response) => {
      const { statusCode = 0, headers } = response;
      readText(response).then((text) => resolve({ status: statusCode, headers, text }), reject);
    });
    let isConnected = proxyName === undefined;
    // Otherwise the proxy's refusal would be taken for DingTalk's response.
    outgoing.on('proxyConnect', ({ statusCode }: { readonly statusCode: number }) => {
      isConnected = true;
      if (statusCode === 200) return;
      const received = Number.isNaN(statusCode) ? 'with invalid HTTP' : `HTTP ${statusCode}`;
      outgoing.destroy(new ProxyError(`the proxy ${proxyName} answered ${received}`));
    });
    // Without this Node closes the connection and says nothing.
    outgoing.on('upgrade', (_response, socket) => {
      socket.destroy();
      reject(Object.assign(new Error('unexpected protocol upgrade'), { code: 'HTTP 101' }));
    });
    outgoing.on('error', (error) => {
      const code = 'code' in error ? ` (${error.code})` : '';
      const message = `the proxy ${proxyName} failed${code}`;
      reject(isConnected ? error : new ProxyError(message, { cause: error }));
    });
    outgoing.end(body);
  });
}

async function readText(response: http.IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of response as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > MAXIMUM_RESPONSE_SIZE) throw new ResponseTooLargeError();
    parts.push(part);
  }
  return new TextDecoder().decode(Buffer.concat(parts));
}
