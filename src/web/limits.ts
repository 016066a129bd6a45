/**
 * What a client may cost the server. Each limit is set on purpose and described in
 * `docs/web-configuration.md`; times are milliseconds, sizes bytes.
 */
export const LIMITS = {
  /** From the opening of a connection, or the first byte of a later request, to the end of its headers. */
  headersTimeout: 10_000,
  /** The same to the end of the request. */
  requestTimeout: 15_000,
  /** How often the two above are looked at. */
  connectionsCheckingInterval: 5_000,
  /** How long a connection without a request stays open: longer than the usual scrape interval of a minute. */
  keepAliveTimeout: 120_000,
  /** How long a connection may stand still in the middle of a request or an answer. */
  socketTimeout: 30_000,
  /** From the TCP connection to the end of the TLS handshake. */
  handshakeTimeout: 10_000,
  /** All headers of a request together; more is answered with 431. */
  maxHeaderSize: 16_384,
  /** Connections of one listener; before the last place is taken, one that is not being answered gives way. */
  maxConnections: 1_024,
  /** Requests of one connection that wait behind another one of it. */
  maxPipelinedRequests: 64,
  /** Requests behind the last of those, of all connections together, that are in memory until their connection closes. */
  maxIgnoredRequests: 8_192,
  /** No request to the exporter needs a body; a larger one is answered with 413. */
  maxRequestBody: 65_536,
  /** Bodies from this size on are held against `maxHeldBytes` and `largeBodyTimeout`, and compressed off the event loop. */
  largeBody: 65_536,
  /** How long a client may take to read a large body. */
  largeBodyTimeout: 60_000,
  /** Large bodies of different moments that slow readers may keep in memory together. */
  maxHeldBytes: 67_108_864,
} as const;
