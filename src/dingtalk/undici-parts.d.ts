/**
 * The two parts of undici that every call needs. The whole package is four times as large, and loading it would
 * take most of the exporter's start; undici closes none of its files off, and its version is pinned.
 */
declare module 'undici/lib/dispatcher/agent.js' {
  import type { Agent } from 'undici';

  const AgentAlone: typeof Agent;
  export default AgentAlone;
}

declare module 'undici/lib/api/api-request.js' {
  import type { Dispatcher } from 'undici';
  export default function request(
    this: Dispatcher,
    options: Dispatcher.RequestOptions,
  ): Promise<Dispatcher.ResponseData>;
}
