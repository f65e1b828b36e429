// Whether a client is let in by the certificate it has shown. Judges what node:tls has found out; verifies no chain.
import { isIPv6 } from 'node:net';
import type { TlsRules } from './web-rules.ts';

/** What a TLS connection tells of its client. */
export interface ShownCertificate {
  /** The subjectAltName extension, as node:crypto writes it. */
  readonly subjectAltName?: string | undefined;
}

export interface TlsClient {
  /** Undefined when it has shown none. */
  readonly certificate: ShownCertificate | undefined;
  /** Whether the certificate was verified. */
  readonly authorized: boolean;
}

/** Why the client is refused; undefined when it is let in. As Go's tls.Config judges with exporter-toolkit's SANs. */
export function refusalOf(
  { certificate, authorized }: TlsClient,
  { clientAuth, allowedNames }: Pick<TlsRules, 'clientAuth' | 'allowedNames'>,
): string | undefined {
  if (clientAuth === 'NoClientCert') return undefined;
  if (!certificate) {
    const needed = clientAuth === 'RequireAnyClientCert' || clientAuth === 'RequireAndVerifyClientCert';
    return needed ? 'it has shown no certificate' : undefined;
  }
  const verified = clientAuth === 'VerifyClientCertIfGiven' || clientAuth === 'RequireAndVerifyClientCert';
  if (verified && !authorized) return 'its certificate could not be verified';
  if (!allowedNames) return undefined;
  const names = subjectAltNames(certificate.subjectAltName ?? '');
  if (allowedNames.some((allowed) => names.includes(allowed) || names.includes(canonical(allowed))))
    return undefined;
  return 'its certificate is for none of client_allowed_sans';
}

/** DNS names, IP addresses, e-mail addresses and URIs, from `DNS:a.example, IP Address:::1, URI:"…"`. */
function subjectAltNames(extension: string): string[] {
  const names = extension.matchAll(/(?:^|, )(DNS|IP Address|email|URI):("(?:[^"\\]|\\.)*"|[^,]*)/g);
  return [...names].map(([, kind, name = '']) => {
    // Node puts what could be mistaken for several names in quotes, as JSON.
    const plain = name.startsWith('"') ? (JSON.parse(name) as string) : name;
    return kind === 'IP Address' ? canonical(plain) : plain;
  });
}

/** IPv6 addresses as they are usually written: Node writes those of a certificate in full. */
function canonical(name: string): string {
  return isIPv6(name) ? new URL(`http://[${name}]`).hostname.slice(1, -1) : name;
}
