import type { IncomingHttpHeaders } from 'node:http';
import type { Directory, SimulatedOrganization } from './organizations.ts';
import { type Answer, answer, countOf, type Numbered, newStyleError, plainError } from './replies.ts';

/** The two kinds of documented calls, and everything else that was asked for. */
export type Endpoint = 'token' | 'user_count' | 'other';

/** Which of the three documented token calls. */
type TokenCallKind = 'by_app_key' | 'by_corp_id' | 'by_suite_ticket';

type Fields = Readonly<Record<string, unknown>>;

/** A request, read as the call that it means to be. */
export type Call =
  | {
      readonly endpoint: 'token';
      readonly kind: TokenCallKind;
      /** From the path. */
      readonly corpId: string | undefined;
      /** Undefined where the body is not a JSON object, or not declared as JSON. */
      readonly fields: Fields | undefined;
    }
  | {
      readonly endpoint: 'user_count';
      readonly accessToken: string | undefined;
      /** Undefined where it is missing; anything but a boolean is wrong. */
      readonly onlyActive: unknown;
    }
  | { readonly endpoint: 'other' };

const PATH_BY_APP_KEY = '/v1.0/oauth2/accessToken';
const PATH_BY_SUITE_TICKET = '/v1.0/oauth2/corpAccessToken';
const PATH_BY_CORP_ID = /^\/v1\.0\/oauth2\/([^/]+)\/token$/;
const PATH_USER_COUNT = '/topapi/user/count';

/** Reads what a request asks for. It never fails: what is wrong with a call is said by its answer. */
export function readCall(url: URL, headers: IncomingHttpHeaders, body: string): Call {
  const type = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  const fields = type === 'application/json' ? readJson(body) : undefined;
  const corpId = PATH_BY_CORP_ID.exec(url.pathname)?.[1];
  if (corpId !== undefined) return { endpoint: 'token', kind: 'by_corp_id', corpId: decode(corpId), fields };
  switch (url.pathname) {
    case PATH_BY_APP_KEY:
      return { endpoint: 'token', kind: 'by_app_key', corpId: undefined, fields };
    case PATH_BY_SUITE_TICKET:
      return { endpoint: 'token', kind: 'by_suite_ticket', corpId: text(fields?.['authCorpId']), fields };
    case PATH_USER_COUNT: {
      const form = type === 'application/x-www-form-urlencoded' ? new URLSearchParams(body) : undefined;
      const active = form?.get('only_active') ?? fields?.['only_active'];
      return {
        endpoint: 'user_count',
        accessToken: url.searchParams.get('access_token') ?? undefined,
        onlyActive: active === 'true' ? true : active === 'false' ? false : active,
      };
    }
    default:
      return { endpoint: 'other' };
  }
}

/** Whom a call is about, as far as it says so: a wrong secret does not hide it. */
export function organizationOf(call: Call, directory: Directory): SimulatedOrganization | undefined {
  switch (call.endpoint) {
    case 'token': {
      const clientId = text(call.fields?.[FIELDS[call.kind].clientId]) ?? '';
      return directory.organizationsOf(clientId).find(({ corpId }) => corpId === call.corpId);
    }
    case 'user_count':
      return directory.check(call.accessToken ?? '').organization;
    case 'other':
      return undefined;
  }
}

/** What DingTalk answers, by its documentation. A token call that is right issues a token. */
export function honestAnswer(call: Call, directory: Directory, exchange: Numbered): Answer {
  switch (call.endpoint) {
    case 'token':
      return answerToken(call, directory, exchange);
    case 'user_count':
      return answerCount(call, directory, exchange);
    case 'other':
      return newStyleError(404, 'notFound', 'the requested path does not exist')(exchange);
  }
}

/** The body of each token call: every field must be there, be text, and nothing else may be. */
const FIELDS = {
  by_app_key: { clientId: 'appKey', secret: 'appSecret', all: ['appKey', 'appSecret'] },
  by_corp_id: {
    clientId: 'client_id',
    secret: 'client_secret',
    all: ['client_id', 'client_secret', 'grant_type'],
  },
  by_suite_ticket: {
    clientId: 'suiteKey',
    secret: 'suiteSecret',
    all: ['suiteKey', 'suiteSecret', 'authCorpId', 'suiteTicket'],
  },
} as const;

/** The codes `invalidClientIdOrSecret` and `unknownError` are documented; the others only look like them. */
function answerToken(
  call: Extract<Call, { endpoint: 'token' }>,
  directory: Directory,
  exchange: Numbered,
): Answer {
  const refuse = (status: number, code: string, message: string): Answer =>
    newStyleError(status, code, message)(exchange);
  const { fields, kind } = call;
  if (fields === undefined) return refuse(400, 'invalidBody', 'the body must be a JSON object');
  const { clientId, secret, all } = FIELDS[kind];
  const missing = all.find((name) => !text(fields[name]));
  if (missing !== undefined) return refuse(400, 'missingParameter', `${missing} is missing or no text`);
  if (Object.keys(fields).length > all.length) {
    return refuse(400, 'invalidParameter', 'the body holds an unknown field');
  }
  if (kind === 'by_corp_id' && fields['grant_type'] !== 'client_credentials') {
    return refuse(400, 'unsupportedGrantType', 'grant_type must be client_credentials');
  }

  const mayEnter = (organization: SimulatedOrganization): boolean =>
    organization.clientSecret === fields[secret] &&
    (organization.suiteTicket !== undefined) === (kind === 'by_suite_ticket');
  const organization = organizationOf(call, directory);
  if (organization === undefined && directory.organizationsOf(text(fields[clientId]) ?? '').some(mayEnter)) {
    // Right but for the corp id.
    return refuse(500, 'unknownError', 'an unknown error occurred');
  }
  if (organization === undefined || !mayEnter(organization)) {
    return refuse(400, 'invalidClientIdOrSecret', 'the client id or the client secret is not valid');
  }
  if (kind === 'by_suite_ticket' && fields['suiteTicket'] !== organization.suiteTicket) {
    return refuse(400, 'invalidSuiteTicket', 'the suite ticket is not valid');
  }
  const token = directory.issueToken(organization);
  const seconds = Math.round(organization.tokenLifetime / 1000);
  return answer({
    body:
      kind === 'by_corp_id'
        ? { access_token: token, expires_in: seconds }
        : { accessToken: token, expireIn: seconds },
  })();
}

function answerCount(
  call: Extract<Call, { endpoint: 'user_count' }>,
  directory: Directory,
  exchange: Numbered,
): Answer {
  const refuse = (code: number, message: string): Answer => plainError(code, message)(exchange);
  const { state, organization } = directory.check(call.accessToken ?? '');
  switch (state) {
    case 'unknown':
    case 'revoked':
      return refuse(40014, 'Invalid access_token');
    case 'expired':
      return refuse(42001, 'access_token expired');
    case 'valid':
      if (call.onlyActive === undefined) return refuse(400002, 'Parameter is empty');
      if (typeof call.onlyActive !== 'boolean') return refuse(40035, 'Invalid parameter');
      return countOf(call.onlyActive ? organization.active : organization.employees)(exchange);
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // Not encoded at all: as it is, it is the corp id of nobody.
    return part;
  }
}

function readJson(body: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    return Object.fromEntries(Object.entries(value));
  } catch {
    // No JSON: the answer says so.
    return undefined;
  }
}
