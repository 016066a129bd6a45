import type { IncomingHttpHeaders } from 'node:http';
import { type Answer, countAnswer, makeAnswer, newStyleErrorAnswer, plainErrorAnswer } from './answers.ts';
import type { Directory, SimulatedOrganization } from './organizations.ts';

/** The two kinds of documented calls, and everything else that somebody asked for. */
export type Endpoint = 'token' | 'user_count' | 'other';

/** Which of the three documented token calls. */
type TokenCallKind = 'by_app_key' | 'by_corp_id' | 'by_suite_ticket';

/** The body of a call, as far as it could be read. */
type Fields = Readonly<Record<string, unknown>>;

/** A request, read as the call that it means to be. */
export type Call =
  | {
      readonly endpoint: 'token';
      readonly method: string;
      readonly kind: TokenCallKind;
      /** From the path. */
      readonly corpId: string | undefined;
      /** Undefined where the body is not a JSON object, or not declared as JSON. */
      readonly fields: Fields | undefined;
    }
  | {
      readonly endpoint: 'user_count';
      readonly method: string;
      readonly accessToken: string | undefined;
      /** True and false are right, undefined is missing, anything else is wrong. */
      readonly onlyActive: unknown;
    }
  | { readonly endpoint: 'other'; readonly method: string };

const PATH_BY_APP_KEY = '/v1.0/oauth2/accessToken';
const PATH_BY_SUITE_TICKET = '/v1.0/oauth2/corpAccessToken';
const PATH_BY_CORP_ID = /^\/v1\.0\/oauth2\/([^/]+)\/token$/;
const PATH_USER_COUNT = '/topapi/user/count';

/** Reads what a request asks for. It never fails: what is wrong with a call is said by its answer. */
export function readCall(method: string, url: URL, headers: IncomingHttpHeaders, body: string): Call {
  const type = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  const json = type === 'application/json' ? readJson(body) : undefined;
  const token = (kind: TokenCallKind, corpId?: string): Call => ({
    endpoint: 'token',
    method,
    kind,
    corpId,
    fields: json,
  });
  if (url.pathname === PATH_BY_APP_KEY) return token('by_app_key');
  if (url.pathname === PATH_BY_SUITE_TICKET) return token('by_suite_ticket');
  const corpId = PATH_BY_CORP_ID.exec(url.pathname)?.[1];
  if (corpId !== undefined) return token('by_corp_id', decode(corpId));
  if (url.pathname !== PATH_USER_COUNT) return { endpoint: 'other', method };
  const form = type === 'application/x-www-form-urlencoded' ? new URLSearchParams(body) : undefined;
  const formActive = form?.get('only_active') ?? undefined;
  return {
    endpoint: 'user_count',
    method,
    // The documentation names it a query parameter, its example sends it in the body.
    accessToken:
      url.searchParams.get('access_token') ?? form?.get('access_token') ?? text(json?.['access_token']),
    onlyActive:
      formActive === 'true' ? true : formActive === 'false' ? false : (formActive ?? json?.['only_active']),
  };
}

/** Whom a call is about, as far as it says so: a wrong secret does not hide it. */
export function organizationOf(call: Call, directory: Directory): SimulatedOrganization | undefined {
  switch (call.endpoint) {
    case 'token': {
      const clientId = text(call.fields?.[FIELDS[call.kind].clientId]);
      if (clientId === undefined) return undefined;
      return directory.find(clientId, call.corpId ?? text(call.fields?.['authCorpId']));
    }
    case 'user_count': {
      const check = directory.check(call.accessToken ?? '');
      return check.state === 'unknown' ? undefined : check.organization;
    }
    case 'other':
      return undefined;
  }
}

/** What DingTalk answers, by its documentation. A token call that is right hands out a token. */
export function honestAnswer(call: Call, directory: Directory, requestId: string): Answer {
  if (call.endpoint === 'other') {
    return newStyleErrorAnswer(404, 'notFound', 'the requested path does not exist', requestId);
  }
  if (call.method !== 'POST') return makeAnswer({ status: 405, headers: { allow: 'POST' } });
  return call.endpoint === 'token'
    ? answerToken(call, directory, requestId)
    : answerCount(call, directory, requestId);
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

const SERVED = {
  by_app_key: ['internal_app'],
  by_corp_id: ['internal_app', 'third_party_app'],
  by_suite_ticket: ['third_party_app_with_ticket'],
} as const;

/** The codes `invalidClientIdOrSecret` and `unknownError` are documented; the others only look like them. */
function answerToken(
  call: Extract<Call, { endpoint: 'token' }>,
  directory: Directory,
  requestId: string,
): Answer {
  const refuse = (status: number, code: string, message: string): Answer =>
    newStyleErrorAnswer(status, code, message, requestId);
  const { fields, kind } = call;
  if (fields === undefined) return refuse(400, 'invalidBody', 'the body must be a JSON object');
  const names = FIELDS[kind];
  for (const name of names.all) {
    if (!text(fields[name])) return refuse(400, 'missingParameter', `${name} is missing or no text`);
  }
  const surplus = Object.keys(fields).find((name) => !names.all.some((known) => known === name));
  if (surplus !== undefined) return refuse(400, 'invalidParameter', 'the body holds an unknown field');
  if (kind === 'by_corp_id' && fields['grant_type'] !== 'client_credentials') {
    return refuse(400, 'unsupportedGrantType', 'grant_type must be client_credentials');
  }

  const mayEnter = (organization: SimulatedOrganization): boolean =>
    SERVED[kind].some((served) => served === organization.kind) &&
    organization.clientSecret === fields[names.secret];
  const organization = organizationOf(call, directory);
  if (organization === undefined || !mayEnter(organization)) {
    const clientId = text(fields[names.clientId]) ?? '';
    return organization === undefined && directory.organizationsOf(clientId).some(mayEnter)
      ? refuse(500, 'unknownError', 'an unknown error occurred')
      : refuse(400, 'invalidClientIdOrSecret', 'the client id or the client secret is not valid');
  }
  if (kind === 'by_suite_ticket' && fields['suiteTicket'] !== organization.suiteTicket) {
    return refuse(400, 'invalidSuiteTicket', 'the suite ticket is not valid');
  }
  const token = directory.issueToken(organization);
  const seconds = Math.round(organization.tokenLifetime / 1000);
  return makeAnswer({
    body:
      kind === 'by_corp_id'
        ? { access_token: token, expires_in: seconds }
        : { accessToken: token, expireIn: seconds },
  });
}

function answerCount(
  call: Extract<Call, { endpoint: 'user_count' }>,
  directory: Directory,
  requestId: string,
): Answer {
  const refuse = (code: number, message: string): Answer => plainErrorAnswer(code, message, requestId);
  const check = directory.check(call.accessToken ?? '');
  switch (check.state) {
    case 'unknown':
    case 'revoked':
      return refuse(40014, 'Invalid access_token');
    case 'expired':
      return refuse(42001, 'access_token expired');
    case 'valid':
      if (call.onlyActive === undefined || call.onlyActive === '') {
        return refuse(400002, 'Parameter is empty');
      }
      if (typeof call.onlyActive !== 'boolean') return refuse(40035, 'Invalid parameter');
      return countAnswer(
        call.onlyActive ? check.organization.active : check.organization.employees,
        requestId,
      );
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function readJson(body: string): Fields | undefined {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return undefined;
  }
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : undefined;
}
