import type { Credentials, SecretSource } from '../dingtalk/credentials.ts';
import type { OrganizationKey } from './key-table.ts';

/** How the keys of an organization are called where it was written: in a file or in the environment. */
export type Spelling = (key: OrganizationKey) => string;

/** An organization as it was written; what its values are has been, or is still to be checked elsewhere. */
export type RawOrganization = Readonly<Partial<Record<OrganizationKey, unknown>>>;

/** A fault of an organization: at one of its keys, or at the whole. */
export interface OrganizationFault {
  readonly key: OrganizationKey | undefined;
  readonly message: string;
}

const ID_KEYS = ['client_id', 'app_key'] as const;
const SECRET_KEYS = ['client_secret', 'client_secret_file', 'app_secret', 'app_secret_file'] as const;
const TOKEN_KEYS = ['access_token', 'access_token_file'] as const;

/** The keys that let an organization in, or name the one that lets in. */
export const CREDENTIAL_KEYS = [
  ...ID_KEYS,
  ...SECRET_KEYS,
  'corp_id',
  'suite_ticket_file',
  ...TOKEN_KEYS,
] as const satisfies readonly OrganizationKey[];

/** The keys that name a file with a secret. */
export const SECRET_FILE_KEYS = [
  'client_secret_file',
  'app_secret_file',
  'suite_ticket_file',
  'access_token_file',
] as const satisfies readonly OrganizationKey[];

/** What is wrong with the keys of an organization that have to do with each other, whatever their values are. */
export function checkOrganization(organization: RawOrganization, spell: Spelling): OrganizationFault[] {
  const has = (key: OrganizationKey): boolean => organization[key] !== undefined;
  const faults: OrganizationFault[] = [];
  for (const keys of [ID_KEYS, SECRET_KEYS, TOKEN_KEYS]) {
    const [first, ...others] = keys.filter(has);
    if (first === undefined) continue;
    for (const key of others) {
      faults.push({ key, message: beside(spell(first)) });
    }
  }
  if (has('region') && has('endpoints')) {
    faults.push({ key: 'endpoints', message: beside(spell('region')) });
  }
  return [...faults, ...checkKind(has, spell)];
}

/** Of two keys that say the same thing. */
export function beside(other: string): string {
  return `is given beside ${other}: keep one of the two`;
}

function checkKind(has: (key: OrganizationKey) => boolean, spell: Spelling): OrganizationFault[] {
  const id = ID_KEYS.find(has);
  const secret = SECRET_KEYS.find(has);
  const token = TOKEN_KEYS.find(has);
  const extra = (['suite_ticket_file', 'corp_id'] as const).find(has);
  const ofApp = id ?? secret ?? extra;
  const secretKeys = `${spell('client_secret')} or ${spell('client_secret_file')}`;
  if (token !== undefined) {
    if (ofApp === undefined) return [];
    return [
      { key: token, message: `is a second kind of credentials beside ${spell(ofApp)}: keep one of the two` },
    ];
  }
  if (ofApp === undefined) {
    const kinds = `${spell('client_id')} and ${secretKeys}, or ${spell('access_token_file')}`;
    return [{ key: undefined, message: `has no credentials: give ${kinds}` }];
  }
  const missing: string[] = [];
  if (id === undefined) missing.push(spell('client_id'));
  if (secret === undefined) missing.push(secretKeys);
  if (has('suite_ticket_file') && !has('corp_id')) missing.push(spell('corp_id'));
  if (missing.length === 0) return [];
  return [{ key: ofApp, message: `is not enough: give ${missing.join(', and ')} too` }];
}

/** The credentials of an organization that was checked, with the paths of files as `locate` has them. */
export function credentialsOf(organization: RawOrganization, locate: (path: string) => string): Credentials {
  const text = (keys: readonly OrganizationKey[]): string | undefined => {
    const value = keys.map((key) => organization[key]).find((each) => each !== undefined);
    return typeof value === 'string' ? value : undefined;
  };
  const source = (inline: readonly OrganizationKey[], file: readonly OrganizationKey[]): SecretSource => {
    const path = text(file);
    if (path !== undefined) return { kind: 'file', path: locate(path) };
    return { kind: 'inline', value: text(inline) ?? '' };
  };
  if (TOKEN_KEYS.some((key) => organization[key] !== undefined)) {
    return { kind: 'access_token', accessToken: source(['access_token'], ['access_token_file']) };
  }
  const app = {
    clientId: text(ID_KEYS) ?? '',
    clientSecret: source(['client_secret', 'app_secret'], ['client_secret_file', 'app_secret_file']),
  };
  const corpId = text(['corp_id']);
  if (corpId === undefined) return { kind: 'internal_app', ...app };
  const ticket = text(['suite_ticket_file']);
  if (ticket === undefined) return { kind: 'third_party_app', corpId, ...app };
  const suiteTicket: SecretSource = { kind: 'file', path: locate(ticket) };
  return { kind: 'third_party_app_with_ticket', corpId, ...app, suiteTicket };
}
