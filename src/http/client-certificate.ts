// Whether a client is let in by the certificate it has shown, as Go's tls.Config judges with exporter-toolkit's
// client_allowed_sans. node:tls has verified the chain; it judges nothing else.
import { isIPv6 } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { TlsConfig } from '../web-config/web-config.ts';

export interface TlsClient {
  /** Whether the certificate was verified. */
  readonly authorized: boolean;
  getPeerX509Certificate(): { readonly subjectAltName?: string | undefined } | undefined;
}

/** Why the client is refused; undefined when it is let in. */
export function certificateProblem(
  client: TlsClient | TLSSocket,
  { clientAuth, allowedNames }: Pick<TlsConfig, 'clientAuth' | 'allowedNames'>,
): string | undefined {
  if (clientAuth === 'NoClientCert') return undefined;
  const certificate = client.getPeerX509Certificate();
  if (!certificate) {
    const isNeeded = clientAuth === 'RequireAnyClientCert' || clientAuth === 'RequireAndVerifyClientCert';
    return isNeeded ? 'it has shown no certificate' : undefined;
  }
  const isVerified = clientAuth === 'VerifyClientCertIfGiven' || clientAuth === 'RequireAndVerifyClientCert';
  if (isVerified && !client.authorized) return 'its certificate could not be verified';
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
