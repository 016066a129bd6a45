import { HttpsProxyAgent } from 'https-proxy-agent';

/** The environment variables HTTPS_PROXY (`http://` may be omitted) and NO_PROXY. */
export interface ProxySettings {
  readonly httpsProxy: string | undefined;
  readonly noProxy: string | undefined;
}

/** The proxy was not reached, or did not connect to the host. */
export class ProxyError extends Error {}

/**
 * Whether a host is this machine: calls to it need no TLS and never go through a proxy.
 *
 * @param hostname of a `URL`, which has normalized it.
 */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/u.test(hostname);
}

/** The proxy for calls over https. Neither its name nor its errors contain its password. */
export class HttpsProxy {
  /** `host:port` */
  readonly name: string;
  readonly #url: URL;
  readonly #exceptions: readonly string[];

  /** @throws Error for an address that is not an http or https URL; its message does not contain the address. */
  constructor(address: string, noProxy = '') {
    const url = parse(address.includes('://') ? address : `http://${address}`);
    if (url.protocol !== 'http:' && url.protocol !== 'https:') {
      throw new Error(
        'HTTPS_PROXY: only http and https proxies are supported, such as http://proxy.example:3128',
      );
    }
    this.#url = url;
    this.name = `${url.hostname}:${url.port || (url.protocol === 'https:' ? 443 : 80)}`;
    this.#exceptions = noProxy.toLowerCase().split(/[\s,]+/u);
  }

  /**
   * Whether calls to this URL do not use the proxy. As in curl, an entry of NO_PROXY is `*`, or a host, which includes
   * its subdomains, with or without a leading dot and a port.
   */
  isBypassedFor(url: URL): boolean {
    const host = `.${url.hostname}`;
    const port = url.port || '443';
    return this.#exceptions.some((entry) => {
      const [, name = '', portOfEntry = port] = /^(?:\*?\.)?(.*?)(?::(\d+))?$/u.exec(entry) ?? [];
      return entry === '*' || (host.endsWith(`.${name}`) && portOfEntry === port);
    });
  }

  /** An agent for one call: without the call's signal, an aborted call would wait for a slow proxy. */
  agent(signal: AbortSignal): HttpsProxyAgent<string> {
    return new HttpsProxyAgent(this.#url, { signal });
  }
}

function parse(address: string): URL {
  try {
    const url = new URL(address);
    // As the agent does for each call, where an invalid percent-encoding would be fatal.
    decodeURIComponent(url.username + url.password);
    return url;
  } catch {
    throw new Error(
      'HTTPS_PROXY is not a URL such as http://proxy.example:3128; a % in its user name or password is written %25',
    );
  }
}
