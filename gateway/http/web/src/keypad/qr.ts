import type { Enrolment } from './store';

// fromAddress reads who a phone is from the fragment of the address that its QR
// code opened; undefined when that names no device or no token.
export function fromAddress(hash: string): Enrolment | undefined {
  const q = new URLSearchParams(hash.replace(/^#/, ''));
  const device = q.get('device')?.trim();
  const token = q.get('token')?.trim();
  return device && token ? { device, token, unit: q.get('unit')?.trim() || device } : undefined;
}
