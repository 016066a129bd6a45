import { statSync } from 'node:fs';
import type { Clock } from '../../clock.ts';
import type { Logger } from '../../log.ts';
import { loadWebConfiguration, readText, type WebConfiguration } from './web-configuration.ts';

/** Minimum milliseconds between two checks of the files. */
const CHECK_INTERVAL = 1_000;

/** The web configuration in effect. Changed files are applied; a broken change leaves the old configuration in effect. */
export class WebConfigurationFile {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #configuration: WebConfiguration;
  /** The state of each file before it was read. */
  #stamps = new Map<string, string>();
  #checkedAt: number;
  /** Why the current files are not in effect. */
  #refusal: string | undefined;

  /** @throws {ConfigurationError} with every fault */
  constructor(path: string, clock: Clock, logger: Logger) {
    this.#path = path;
    this.#clock = clock;
    this.#logger = logger;
    this.#checkedAt = clock.monotonicTime();
    this.#configuration = this.#load();
  }

  /** The configuration for a request or connection that has just come. Checks for changes at most once a second. */
  current(): WebConfiguration {
    const now = this.#clock.monotonicTime();
    if (now - this.#checkedAt >= CHECK_INTERVAL) {
      this.#checkedAt = now;
      const hasChanged = [...this.#stamps].some(([file, stamp]) => stampOf(file) !== stamp);
      // A refused change is tried again: reading may have failed only temporarily.
      if (hasChanged || this.#refusal !== undefined) this.#replace();
    }
    return this.#configuration;
  }

  /** Reads the files now. A fault is logged even if it was logged before. */
  reload(): void {
    this.#refusal = undefined;
    this.#replace();
  }

  #load(): WebConfiguration {
    const stamps = new Map<string, string>();
    // Also for a broken configuration: a change of any of its files may correct it.
    this.#stamps = stamps;
    return loadWebConfiguration(this.#path, (file) => {
      stamps.set(file, stampOf(file));
      return readText(file);
    });
  }

  #replace(): void {
    try {
      const changed = this.#load();
      refuseWhatNeedsRestart(this.#configuration, changed);
      this.#configuration = changed;
      this.#refusal = undefined;
      this.#logger.info('web configuration loaded', { file: this.#path });
    } catch (error) {
      const reason = error instanceof Error ? error.message.replaceAll('\n', '; ') : String(error);
      if (reason === this.#refusal) return;
      this.#refusal = reason;
      this.#logger.warn('changed web configuration refused, the old one stays in effect', {
        file: this.#path,
        reason,
      });
    }
  }
}

/** Changes whenever the file changes; symbolic links are followed. */
function stampOf(file: string): string {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = statSync(file, { bigint: true });
    return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
}

/** Whether a listener uses TLS and asks for certificates cannot change while it runs. */
function refuseWhatNeedsRestart(old: WebConfiguration, changed: WebConfiguration): void {
  if ((old.tls === undefined) !== (changed.tls === undefined)) {
    throw new Error(`turning TLS ${changed.tls === undefined ? 'off' : 'on'} needs a restart`);
  }
  const asks = ({ tls }: WebConfiguration): boolean =>
    tls !== undefined && tls.clients.type !== 'NoClientCert';
  if (asks(old) !== asks(changed)) {
    throw new Error('changing client_auth_type from or to NoClientCert needs a restart');
  }
}
