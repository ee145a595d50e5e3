import type { Feature, LineString } from 'geojson';
import type { Alert, Correction, Delivery, Devices, Enrolled, Incident, Link, Place, Point, RawReport, Session, Setup, SOPAlarm, Stranger, Unconfirmed, Unit } from './types';
import { both } from './words';

const base = '/api/v1';

// SignedOut is thrown when the gateway does not know this browser any more.
export class SignedOut extends Error {}

// NotTaken is thrown when the gateway did not say that it took an act: it could not
// (503), or its answer broke off. The same act again, with its key, is safe.
export class NotTaken extends Error {}

// AskedTwice is thrown for a correction that looks like a slip, with what it would change.
export class AskedTwice extends Error {
  constructor(readonly told: Unconfirmed) {
    super(told.detail);
  }
}

// answer is the body of a success. A success without its body is none.
async function answer<T>(r: Response): Promise<T> {
  if (!r.ok) throw await failure(r);
  try {
    return (await r.json()) as T;
  } catch {
    throw new NotTaken(both('Jawaban gateway terputus; belum tentu tercatat', "The gateway's answer broke off; it may not be stored"));
  }
}

// failure is what the gateway says is wrong (RFC 9457).
async function failure(r: Response): Promise<Error> {
  let said: Partial<Unconfirmed>;
  try {
    said = (await r.json()) as Partial<Unconfirmed>;
  } catch {
    said = {};
  }
  const reason = said.detail ?? r.statusText;
  if (r.status === 401) return new SignedOut(reason);
  if (r.status === 503) return new NotTaken(reason);
  if (said.code === 'confirm') return new AskedTwice(said as Unconfirmed);
  return new Error(reason);
}

async function get<T>(path: string): Promise<T> {
  return answer<T>(await fetch(base + path, { headers: { Accept: 'application/json' }, signal: AbortSignal.timeout(15_000) }));
}

// A key for one act. crypto.randomUUID is missing where the page came without TLS.
function actKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, '0')).join('');
}

// again does something once more when nobody knows whether it arrived.
async function again<T>(send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch (e) {
    // fetch throws a TypeError when the line breaks and a DOMException when it takes too long.
    if (!(e instanceof NotTaken || e instanceof TypeError || e instanceof DOMException)) throw e;
    return send();
  }
}

// post sends an act. Its key makes a repeated one the same act.
function post<T>(path: string, body: unknown): Promise<T> {
  const request = {
    method: 'POST', headers: { 'Content-Type': 'application/json', 'Idempotency-Key': actKey() }, body: JSON.stringify(body),
  };
  return again(async () => answer<T>(await fetch(base + path, { ...request, signal: AbortSignal.timeout(15_000) })));
}

// remove takes something back; its success has no body (204).
function remove(path: string): Promise<void> {
  const request = { method: 'DELETE', headers: { 'Idempotency-Key': actKey() } };
  return again(async () => {
    const r = await fetch(base + path, { ...request, signal: AbortSignal.timeout(15_000) });
    if (!r.ok) throw await failure(r);
    if (r.status !== 204) throw new NotTaken(r.statusText);
  });
}

const at = (id: string): string => encodeURIComponent(id);

export const api = {
  setup: () => get<Setup>('/setup'),
  session: () => get<Session>('/session'),
  alarms: async () => (await get<{ alarms: SOPAlarm[] }>('/alarms')).alarms,
  alerts: async () => (await get<{ alerts: Alert[] }>('/alerts')).alerts,
  messages: async () => (await get<{ messages: Delivery[] }>('/messages')).messages,
  acknowledge: (alert: string) => post<Alert>(`/alerts/${at(alert)}/acknowledge`, {}),
  signOut: async () => { await fetch('/signout', { method: 'POST' }); location.assign('/signin'); },
  units: async () => (await get<{ features: Unit[] }>('/units')).features,
  // incidents are the newest calls, and with no cursor all that are open.
  incidents: async (find: string, limit: number) => (await get<{ incidents: Incident[] }>(`/incidents?limit=${limit}&find=${at(find)}`)).incidents,
  links: async () => (await get<{ links: Link[] }>('/links')).links,
  devices: () => get<Devices>('/devices'),
  strangers: async () => (await get<{ devices: Stranger[] }>('/devices/unknown')).devices,
  places: async (q: string) => (await get<{ places: Place[] }>(`/places?q=${at(q)}`)).places,
  track: (unit: string) => get<Feature<LineString, { times: string[] }>>(`/units/${at(unit)}/track`),
  report: (id: string) => get<RawReport>(`/reports/${at(id)}`),
  open: (body: unknown) => post<Incident>('/incidents', body),
  dispatch: (id: string, units: string[]) => post<Incident>(`/incidents/${at(id)}/dispatch`, { units }),
  release: (id: string, units: string[], reason = '') => post<Incident>(`/incidents/${at(id)}/release`, { units, reason }),
  merge: (id: string, into: string, reason: string) => post<Incident>(`/incidents/${at(id)}/merge`, { into, reason }),
  review: (id: string) => post<Incident>(`/incidents/${at(id)}/review`, {}),
  note: (id: string, text: string) => post<Incident>(`/incidents/${at(id)}/notes`, { text }),
  correct: (id: string, body: Correction) => post<Incident>(`/incidents/${at(id)}/milestones`, body),
  relocate: (id: string, location: Point, reason: string) => post<Incident>(`/incidents/${at(id)}/relocate`, { location, reason }),
  close: (id: string, why: string) => post<Incident>(`/incidents/${at(id)}/close`, { reason: why }),
  cancel: (id: string, why: string) => post<Incident>(`/incidents/${at(id)}/cancel`, { reason: why }),
  erase: (id: string, why: string) => post<Incident>(`/incidents/${at(id)}/erase`, { reason: why }),
  reopen: (id: string, why: string) => post<Incident>(`/incidents/${at(id)}/reopen`, { reason: why }),
  makeUnit: (body: { call_sign: string; agency: string }) => post<{ id: string }>('/units', body),
  bind: (unit: string, body: { device: string } | { app: string }) => post<Enrolled>(`/units/${at(unit)}/devices`, body),
  unbind: (unit: string, device: string) => remove(`/units/${at(unit)}/devices/${at(device)}`),
  message: (unit: string, body: { text: string } | { poll: true }) => post<{ id: string; state: string; device: string; link: string }>(`/units/${at(unit)}/messages`, body),
};
