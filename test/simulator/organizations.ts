import type { Clock } from '../../src/clock.ts';

/** Which of the documented calls hands out tokens to the app, or none where tokens are only planted. */
export type AppKind = 'internal_app' | 'third_party_app' | 'third_party_app_with_ticket' | 'access_token';

/** How long DingTalk's access tokens last (ms). */
const TOKEN_LIFETIME = 7_200_000;

/** Tokens that are remembered for one organization, so that an expired one can still be told from an unknown one. */
const REMEMBERED_TOKENS = 100;

interface Headcount {
  readonly employees: number;
  readonly active: number;
}

/** An app of one organization's own: its token call is `/v1.0/oauth2/accessToken`. */
export interface InternalApp extends Headcount {
  readonly appKey: string;
  readonly appSecret: string;
  /** With it, `/v1.0/oauth2/{corpId}/token` serves the app too. */
  readonly corpId?: string;
}

/** An app that others installed: `/v1.0/oauth2/{corpId}/token`, or with a ticket `/v1.0/oauth2/corpAccessToken`. */
export interface ThirdPartyApp extends Headcount {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly corpId: string;
  readonly suiteTicket?: string;
}

/** An organization with the app that looks into it. What is not readonly may be changed at any time. */
export class SimulatedOrganization {
  readonly kind: AppKind;
  /** The app key, client id or suite key; empty where tokens are only planted. */
  readonly clientId: string;
  readonly corpId: string | undefined;
  clientSecret: string;
  suiteTicket: string | undefined;
  /** Everyone. */
  employees: number;
  /** Who has activated DingTalk. */
  active: number;
  /** How long tokens handed out from now on last (ms). */
  tokenLifetime = TOKEN_LIFETIME;
  /** Whether the older tokens of a third-party app outlive a new one: DingTalk does not say, so the harder way rules. */
  keepsOldTokens = false;

  constructor(
    kind: AppKind,
    app: Headcount & { clientId: string; clientSecret: string; corpId?: string; suiteTicket?: string },
  ) {
    this.kind = kind;
    this.clientId = app.clientId;
    this.clientSecret = app.clientSecret;
    this.corpId = app.corpId;
    this.suiteTicket = app.suiteTicket;
    this.employees = app.employees;
    this.active = app.active;
  }
}

interface Token {
  readonly value: string;
  readonly organization: SimulatedOrganization;
  /** On the monotonic clock, ms. */
  expiresAt: number;
  revoked: boolean;
}

/** What becomes of a counting call with some token. */
export type TokenCheck =
  | { readonly state: 'valid' | 'expired' | 'revoked'; readonly organization: SimulatedOrganization }
  | { readonly state: 'unknown' };

/** Who exists, and which access tokens are about. */
export class Directory {
  readonly #clock: Clock;
  /** By client id, and then by corp id. */
  readonly #apps = new Map<string, Map<string | undefined, SimulatedOrganization>>();
  readonly #tokens = new Map<string, Token>();
  readonly #tokensOf = new Map<SimulatedOrganization, Token[]>();
  #serial = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  addInternalApp(app: InternalApp): SimulatedOrganization {
    return this.#add(
      new SimulatedOrganization('internal_app', {
        ...app,
        clientId: app.appKey,
        clientSecret: app.appSecret,
      }),
    );
  }

  addThirdPartyApp(app: ThirdPartyApp): SimulatedOrganization {
    const kind = app.suiteTicket === undefined ? 'third_party_app' : 'third_party_app_with_ticket';
    return this.#add(new SimulatedOrganization(kind, app));
  }

  /** An organization that no token call serves: its tokens are planted. */
  addTokenOnly(headcount: Headcount): SimulatedOrganization {
    return new SimulatedOrganization('access_token', { ...headcount, clientId: '', clientSecret: '' });
  }

  /** The organization that an app looks into; a third-party app, which has several, must say into which. */
  find(clientId: string, corpId?: string): SimulatedOrganization | undefined {
    const organizations = this.#apps.get(clientId);
    if (corpId !== undefined) return organizations?.get(corpId);
    return this.organizationsOf(clientId).find((organization) => organization.kind === 'internal_app');
  }

  /** All organizations that an app looks into: one for an internal app, any number for a third-party one. */
  organizationsOf(clientId: string): SimulatedOrganization[] {
    return [...(this.#apps.get(clientId)?.values() ?? [])];
  }

  /** Hands a token out as a token call does: an internal app gets its living one again, extended. */
  issueToken(organization: SimulatedOrganization): string {
    const living = this.#living(organization);
    if (organization.kind === 'internal_app' && living[0] !== undefined) {
      living[0].expiresAt = this.#clock.monotonicTime() + organization.tokenLifetime;
      return living[0].value;
    }
    if (!organization.keepsOldTokens) for (const token of living) token.revoked = true;
    this.#serial += 1;
    // With characters that a URL and a form must escape: DingTalk promises nothing of what a token looks like.
    return this.plantToken(
      organization,
      `simulated+token/${String(this.#serial).padStart(6, '0')}=`,
      organization.tokenLifetime,
    );
  }

  /** Makes a token valid for `lifetime` ms without any token call. */
  plantToken(
    organization: SimulatedOrganization,
    value: string,
    lifetime = organization.tokenLifetime,
  ): string {
    const token = {
      value,
      organization,
      expiresAt: this.#clock.monotonicTime() + lifetime,
      revoked: false,
    };
    const all = this.#tokensOf.get(organization) ?? [];
    this.#tokensOf.set(organization, all);
    this.#tokens.set(value, token);
    all.push(token);
    if (all.length > REMEMBERED_TOKENS) this.#tokens.delete(all.shift()?.value ?? '');
    return value;
  }

  /** Makes all tokens of an organization invalid at once. */
  revokeTokens(organization: SimulatedOrganization): void {
    for (const token of this.#tokensOf.get(organization) ?? []) token.revoked = true;
  }

  /** Makes all tokens of an organization look as if their time had run out. */
  expireTokens(organization: SimulatedOrganization): void {
    for (const token of this.#tokensOf.get(organization) ?? []) token.expiresAt = Number.NEGATIVE_INFINITY;
  }

  check(value: string): TokenCheck {
    const token = this.#tokens.get(value);
    if (token === undefined) return { state: 'unknown' };
    const { organization } = token;
    if (token.revoked) return { state: 'revoked', organization };
    return { state: this.#isExpired(token) ? 'expired' : 'valid', organization };
  }

  #add(organization: SimulatedOrganization): SimulatedOrganization {
    const { clientId, corpId, kind } = organization;
    const organizations = this.#apps.get(clientId) ?? new Map<string | undefined, SimulatedOrganization>();
    if (organizations.has(corpId) || (kind === 'internal_app' && organizations.size > 0)) {
      throw new Error(`the app ${clientId} exists already; give each its own id`);
    }
    this.#apps.set(clientId, organizations.set(corpId, organization));
    return organization;
  }

  #living(organization: SimulatedOrganization): Token[] {
    const all = this.#tokensOf.get(organization) ?? [];
    return all.filter((token) => !(token.revoked || this.#isExpired(token)));
  }

  #isExpired(token: Token): boolean {
    return this.#clock.monotonicTime() >= token.expiresAt;
  }
}
