import type { Agent as AgentOfUndici, Dispatcher } from 'undici';
import request from 'undici/lib/api/api-request.js';
import Agent from 'undici/lib/dispatcher/agent.js';
import type { Answer } from './answer.ts';
import { isLoopback } from './loopback.ts';
import { unlessAborted } from './unless-aborted.ts';

/** The largest answer that is read: the real ones are some hundred bytes. */
export const LARGEST_ANSWER = 1024 * 1024;

/**
 * Milliseconds after which a connection that was begun is given up: longer than a call waits, unless it is told to
 * wait longer, so that it is the call's own deadline that decides.
 */
const LONGEST_CONNECT = 15_000;

/** One call, as it goes over the wire. */
export interface OutgoingCall {
  readonly url: URL;
  readonly contentType: string;
  readonly body: string;
}

/** Sends one POST and reads the answer whole. The network, handed in. */
export interface Transport {
  /** @throws whatever the network throws; the signal's reason when it is aborted. */
  post(call: OutgoingCall, signal: AbortSignal): Promise<Answer>;
  close(): Promise<void>;
}

/** Which proxy to use (`http://` may be left out), as in the environment variables of the same names. */
export interface ProxySettings {
  readonly httpsProxy: string | undefined;
  readonly noProxy: string | undefined;
}

/**
 * The real network.
 *
 * @throws Error when the proxy's address is none; its text does not hold the address, which may have a password.
 */
export function networkTransport(proxy: ProxySettings): Transport {
  // Deadlines are the caller's, on its own clock; undici's are switched off, but for connections that nobody waits for.
  const options = {
    headersTimeout: 0,
    bodyTimeout: 0,
    connectTimeout: LONGEST_CONNECT,
    maxResponseSize: LARGEST_ANSWER,
    pipelining: 1,
  };
  const direct = new Agent(options);
  const outside = proxyAgent(proxy, options);
  return {
    async post({ url, contentType, body }, signal) {
      const dispatcher = isLoopback(url.hostname) ? direct : ((await outside?.()) ?? direct);
      signal.throwIfAborted();
      const sent = request.call(dispatcher, {
        origin: url.origin,
        path: `${url.pathname}${url.search}`,
        method: 'POST',
        headers: { 'content-type': contentType, accept: 'application/json', 'accept-encoding': 'identity' },
        body,
        signal,
      });
      // undici hears the signal only once there is a connection; a call that was given up before is then not sent.
      const response = await unlessAborted(sent, signal);
      return { status: response.statusCode, headers: response.headers, text: await response.body.text() };
    },
    async close() {
      await Promise.all([direct.destroy(), outside?.().then((agent) => agent.destroy())]);
    },
  };
}

/** Only where there is a proxy is its agent loaded, by the first call that goes through it. */
function proxyAgent(
  { httpsProxy, noProxy }: ProxySettings,
  options: AgentOfUndici.Options,
): (() => Promise<Dispatcher>) | undefined {
  if (httpsProxy === undefined) return undefined;
  const address = httpsProxy.includes('://') ? httpsProxy : `http://${httpsProxy}`;
  if (!isProxyUrl(address)) {
    throw new Error('HTTPS_PROXY is not a URL such as http://proxy.example:3128');
  }
  let agent: Promise<Dispatcher> | undefined;
  const load = async (): Promise<Dispatcher> => {
    // The whole package: only with all its parts does its proxy agent work.
    const { EnvHttpProxyAgent, Pool } = await import('undici');
    return new EnvHttpProxyAgent({
      ...options,
      httpsProxy: address,
      httpProxy: '',
      noProxy: noProxy ?? '',
      // The call to the proxy that opens the tunnel: undici hands it none of the options above.
      clientFactory: (origin, given) => new Pool(origin, { ...given, headersTimeout: LONGEST_CONNECT }),
    });
  };
  return () => {
    agent ??= load();
    return agent;
  };
}

/** What undici's agent takes for a proxy; it would say so only when it is made. */
function isProxyUrl(text: string): boolean {
  try {
    const { protocol, username, password } = new URL(text);
    decodeURIComponent(username);
    decodeURIComponent(password);
    return ['http:', 'https:', 'socks5:', 'socks:'].includes(protocol);
  } catch {
    return false;
  }
}
