import type * as z from 'zod';
import type { Credentials, SecretSource } from '../dingtalk/credentials.ts';
import type { ParsedOrganization, Unchecked } from './schema.ts';

type Key = keyof ParsedOrganization;

const ID_KEYS = ['client_id', 'app_key'] as const;
const SECRET_KEYS = ['client_secret', 'client_secret_file', 'app_secret', 'app_secret_file'] as const;
const TOKEN_KEYS = ['access_token', 'access_token_file'] as const;

/** The keys that name a file with a secret. */
export const SECRET_FILE_KEYS = [
  'client_secret_file',
  'app_secret_file',
  'suite_ticket_file',
  'access_token_file',
] as const satisfies readonly Key[];

/** Reports missing and conflicting credentials of an organization. The values are checked elsewhere. */
export function checkCredentials(organization: Unchecked, context: z.core.$RefinementCtx): void {
  const has = (key: Key): boolean => organization[key] !== undefined;
  const report = (message: string, ...path: Key[]): void => {
    context.addIssue({ code: 'custom', path, message });
  };
  for (const keys of [ID_KEYS, SECRET_KEYS, TOKEN_KEYS]) {
    const [first, ...others] = keys.filter(has);
    for (const other of others) report(`conflicts with ${first}: keep one of the two`, other);
  }
  const [id, secret, token] = [ID_KEYS.find(has), SECRET_KEYS.find(has), TOKEN_KEYS.find(has)];
  const ticket = has('suite_ticket_file') ? 'suite_ticket_file' : undefined;
  const corp = has('corp_id') ? 'corp_id' : undefined;
  const app = id ?? secret ?? ticket ?? corp;
  if (app === undefined) {
    if (token !== undefined) return;
    report('has no credentials: set client_id and client_secret_file, or access_token_file');
  } else if (token !== undefined) {
    report(`conflicts with ${app}: an organization has one kind of credentials`, token);
  } else {
    if (id === undefined) report('needs client_id', app);
    if (secret === undefined) report('needs client_secret or client_secret_file', app);
    if (ticket !== undefined && corp === undefined) report('needs corp_id', ticket);
  }
}

/** The credentials of a valid organization; `locate` resolves its paths. */
export function credentialsOf(
  organization: ParsedOrganization,
  locate: (path: string) => string,
): Credentials {
  const source = (inline: string | undefined, file: string | undefined): SecretSource =>
    file === undefined ? { kind: 'inline', value: inline ?? '' } : { kind: 'file', path: locate(file) };
  const { access_token, access_token_file, corp_id: corpId, suite_ticket_file: ticket } = organization;
  if (access_token !== undefined || access_token_file !== undefined) {
    return { kind: 'access_token', accessToken: source(access_token, access_token_file) };
  }
  const app = {
    clientId: organization.client_id ?? organization.app_key ?? '',
    clientSecret: source(
      organization.client_secret ?? organization.app_secret,
      organization.client_secret_file ?? organization.app_secret_file,
    ),
  };
  if (corpId === undefined) return { kind: 'internal_app', ...app };
  if (ticket === undefined) return { kind: 'third_party_app', corpId, ...app };
  const suiteTicket: SecretSource = { kind: 'file', path: locate(ticket) };
  return { kind: 'third_party_app_with_ticket', corpId, ...app, suiteTicket };
}
