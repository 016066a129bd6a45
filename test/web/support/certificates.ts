export { Authority, type Issued } from '../../support/certificates.ts';
