import type { Feature, LineString } from 'geojson';
import type { Incident, Link, Place, Setup, Unit } from './types';

const base = '/api/v1';

async function get<T>(path: string): Promise<T> {
  const r = await fetch(base + path, { headers: { Accept: 'application/json' } });
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

// post sends an act. Its key makes a repeated click one act.
async function post<T>(path: string, body: unknown): Promise<T> {
  const r = await fetch(base + path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID() },
    body: JSON.stringify(body),
  });
  if (!r.ok) throw new Error(await reason(r));
  return (await r.json()) as T;
}

export const api = {
  setup: () => get<Setup>('/setup'),
  units: async () => (await get<{ features: Unit[] }>('/units')).features,
  incidents: async () => (await get<{ incidents: Incident[] }>('/incidents')).incidents,
  links: async () => (await get<{ links: Link[] }>('/links')).links,
  places: async (q: string) => (await get<{ places: Place[] }>(`/places?q=${encodeURIComponent(q)}`)).places,
  track: (unit: string) => get<Feature<LineString>>(`/units/${encodeURIComponent(unit)}/track`),
  open: (body: unknown) => post<Incident>('/incidents', body),
  dispatch: (id: string, units: string[]) => post<Incident>(`/incidents/${id}/dispatch`, { units }),
  review: (id: string) => post<Incident>(`/incidents/${id}/review`, {}),
  note: (id: string, text: string) => post<Incident>(`/incidents/${id}/notes`, { text }),
  close: (id: string) => post<Incident>(`/incidents/${id}/close`, {}),
};
