// What is wrong with a server's certificate, by the code that OpenSSL or Node has for it.

export interface CertificateProblem {
  /** Fits behind "the certificate of HOST". */
  readonly what: string;
  readonly remedy: string;
}

const unknownAuthority = /^(UNABLE_TO_(GET_ISSUER|VERIFY)|SELF_SIGNED|DEPTH_ZERO_SELF|CERT_UNTRUSTED)/;
const otherCertificateCodes = /CERT|ISSUER|SIGNATURE|_TLS_/;

/** Undefined when the code is not about a certificate. `host` with its port. */
export function certificateProblem(code: string, host: string): CertificateProblem | undefined {
  switch (code) {
    case 'CERT_HAS_EXPIRED':
      return {
        what: 'has expired',
        remedy: `check this machine's clock; if it is right, the certificate of ${host} has to be renewed`,
      };
    case 'CERT_NOT_YET_VALID':
      return {
        what: 'is not valid yet',
        remedy: `check this machine's clock; if it is right, the certificate of ${host} is from the future`,
      };
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
    case 'HOSTNAME_MISMATCH':
      return {
        what: 'is for another name',
        remedy: `check the host name ${host}: the certificate of who answers there is for another one`,
      };
  }
  if (unknownAuthority.test(code)) {
    return {
      what: 'is signed by an authority that is not trusted',
      remedy:
        `if ${host}, or a proxy that looks into TLS, has a certificate of your own authority, name a file with ` +
        'the certificate of that authority in NODE_EXTRA_CA_CERTS or SSL_CERT_FILE',
    };
  }
  if (!otherCertificateCodes.test(code)) return undefined;
  return { what: 'was not accepted', remedy: `check the certificate of ${host} and this machine's clock` };
}
