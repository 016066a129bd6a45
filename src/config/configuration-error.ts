/** A configuration that cannot be used, with every fault as one line: `file:line: path: what is wrong`. No secret is in any of them. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(faults.join('\n'));
    this.faults = faults;
  }
}
