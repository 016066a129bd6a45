import { stringify } from 'yaml';
import { Folder } from './program.ts';
import { Service } from './service.ts';

export interface AlertmanagerOptions {
  /** Where the program stands. */
  readonly alertmanager: string;
  /** The text of `alertmanager.yml`, or what is in it. */
  readonly configuration: string | object;
}

/** A real Alertmanager, alone, in a folder of its own. */
export class AlertmanagerServer {
  readonly #folder: Folder;
  readonly #service: Service;

  private constructor(folder: Folder, service: Service) {
    this.#folder = folder;
    this.#service = service;
  }

  /** Resolves once it takes alerts. */
  static async start({ alertmanager, configuration }: AlertmanagerOptions): Promise<AlertmanagerServer> {
    const folder = new Folder();
    try {
      const text = typeof configuration === 'string' ? configuration : stringify(configuration);
      const service = await Service.start(alertmanager, [
        `--config.file=${folder.write('alertmanager.yml', text)}`,
        `--storage.path=${folder.path}/data`,
        '--cluster.listen-address=',
      ]);
      return new AlertmanagerServer(folder, service);
    } catch (error) {
      folder.remove();
      throw error;
    }
  }

  /** `host:port` */
  get address(): string {
    return this.#service.address;
  }

  async stop(): Promise<void> {
    await this.#service.stop();
    this.#folder.remove();
  }
}
