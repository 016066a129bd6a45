/** Where a secret comes from. A file is read again each time the secret is needed. */
export type SecretSource =
  | { readonly kind: 'inline'; readonly value: string }
  | { readonly kind: 'file'; readonly path: string };

/** The credentials of an organization; each kind has its own token call (`docs/configuration.md`). */
export type Credentials =
  | { readonly kind: 'internal_app'; readonly clientId: string; readonly clientSecret: SecretSource }
  | {
      readonly kind: 'third_party_app';
      readonly corpId: string;
      readonly clientId: string;
      readonly clientSecret: SecretSource;
    }
  | {
      readonly kind: 'third_party_app_with_ticket';
      readonly corpId: string;
      readonly clientId: string;
      readonly clientSecret: SecretSource;
      readonly suiteTicket: SecretSource;
    }
  | { readonly kind: 'access_token'; readonly accessToken: SecretSource };

/** The APIs of a DingTalk region: absolute URLs without a trailing slash, query or credentials. */
export interface Endpoints {
  /** The new-style API, which issues access tokens. */
  readonly api: string;
  /** The old-style API, which counts users. */
  readonly oapi: string;
}
