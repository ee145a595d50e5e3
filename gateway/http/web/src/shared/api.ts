import type { Feature, LineString } from 'geojson';
import type { Alert, Delivery, Devices, Enrolled, Incident, Link, Place, Point, RawReport, Session, Setup, SOPAlarm, Stranger, Unit } from './types';

const base = '/api/v1';

// SignedOut is thrown when the gateway does not know this browser any more.
export class SignedOut extends Error {}

async function answer<T>(r: Response): Promise<T> {
  if (r.status === 401) throw new SignedOut(await reason(r));
  if (!r.ok) throw new Error(await reason(r));
  return (await r.json()) as T;
}

// reason is what the gateway says is wrong (RFC 9457).
async function reason(r: Response): Promise<string> {
  try {
    return ((await r.json()) as { detail?: string }).detail ?? r.statusText;
  } catch {
    return r.statusText;
  }
}

async function get<T>(path: string): Promise<T> {
  return answer<T>(await fetch(base + path, { headers: { Accept: 'application/json' }, signal: AbortSignal.timeout(15_000) }));
}

// A key for one act. crypto.randomUUID is missing where the page came without TLS.
function actKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, '0')).join('');
}

// post sends an act. Its key makes a repeated one the same act, so it is tried
// again once when the line broke and nobody knows whether it arrived.
async function post<T>(path: string, body: unknown): Promise<T> {
  const request = {
    method: 'POST', headers: { 'Content-Type': 'application/json', 'Idempotency-Key': actKey() }, body: JSON.stringify(body),
  };
  const send = (): Promise<Response> => fetch(base + path, { ...request, signal: AbortSignal.timeout(15_000) });
  return answer<T>(await send().catch(send));
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
  correct: (id: string, body: { milestone: string; unit: string; at: string; reason: string }) => post<Incident>(`/incidents/${at(id)}/milestones`, body),
  relocate: (id: string, location: Point, reason: string) => post<Incident>(`/incidents/${at(id)}/relocate`, { location, reason }),
  close: (id: string, why: string) => post<Incident>(`/incidents/${at(id)}/close`, { reason: why }),
  cancel: (id: string, why: string) => post<Incident>(`/incidents/${at(id)}/cancel`, { reason: why }),
  erase: (id: string, why: string) => post<Incident>(`/incidents/${at(id)}/erase`, { reason: why }),
  reopen: (id: string, why: string) => post<Incident>(`/incidents/${at(id)}/reopen`, { reason: why }),
  makeUnit: (body: { call_sign: string; agency: string }) => post<{ id: string }>('/units', body),
  bind: (unit: string, body: { device: string } | { app: string }) => post<Enrolled>(`/units/${at(unit)}/devices`, body),
  unbind: async (unit: string, device: string) => {
    const r = await fetch(`${base}/units/${at(unit)}/devices/${at(device)}`, { method: 'DELETE', signal: AbortSignal.timeout(15_000) });
    if (!r.ok) throw new Error(await reason(r));
  },
  message: (unit: string, body: { text: string } | { poll: true }) => post<{ id: string; state: string; device: string; link: string }>(`/units/${at(unit)}/messages`, body),
};
