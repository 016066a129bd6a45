import { HttpsProxyAgent } from 'https-proxy-agent';

/** Which proxy to use (`http://` may be left out), as in the environment variables of the same names. */
export interface ProxySettings {
  readonly httpsProxy: string | undefined;
  readonly noProxy: string | undefined;
}

/** The proxy itself failed: it was not reached, or it did not connect to the host. */
export class ProxyError extends Error {}

/** The proxy for calls over https. Neither its name nor its errors hold its password. */
export class HttpsProxy {
  /** `host:port` */
  readonly name: string;
  readonly #url: URL;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #exceptions: readonly string[];

  /** @throws Error for an address that is not an http or https URL; its text does not hold the address. */
  constructor(address: string, noProxy = '') {
    const { url, credentials } = parse(address.includes('://') ? address : `http://${address}`);
    if (url.protocol !== 'http:' && url.protocol !== 'https:') {
      throw new Error(
        'HTTPS_PROXY: only http and https proxies are supported, such as http://proxy.example:3128',
      );
    }
    this.#url = url;
    this.name = `${url.hostname}:${url.port || (url.protocol === 'https:' ? 443 : 80)}`;
    this.#headers =
      credentials === ':'
        ? {}
        : { 'Proxy-Authorization': `Basic ${Buffer.from(credentials).toString('base64')}` };
    this.#exceptions = noProxy.toLowerCase().split(/[\s,]+/u);
  }

  /**
   * Whether calls to this URL go past the proxy. As with curl, an entry of NO_PROXY is `*`, or a host that stands for
   * its subdomains too, with or without a leading dot and a port.
   */
  isBypassedFor(url: URL): boolean {
    const host = `.${url.hostname}`;
    const port = url.port || '443';
    return this.#exceptions.some((entry) => {
      const [, name = '', portOfEntry = port] = /^(?:\*?\.)?(.*?)(?::(\d+))?$/u.exec(entry) ?? [];
      return entry === '*' || (host.endsWith(`.${name}`) && portOfEntry === port);
    });
  }

  /** An agent for one call: only with the call's own signal is a connection given up that the proxy is slow to make. */
  agent(signal: AbortSignal): HttpsProxyAgent<string> {
    return new HttpsProxyAgent(this.#url, { signal, headers: this.#headers });
  }
}

/** The address without its credentials, and these as `user:password`. */
function parse(address: string): { readonly url: URL; readonly credentials: string } {
  try {
    const url = new URL(address);
    const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    url.username = '';
    url.password = '';
    return { url, credentials };
  } catch {
    throw new Error(
      'HTTPS_PROXY is not a URL such as http://proxy.example:3128; a % in its user name or password is written %25',
    );
  }
}
