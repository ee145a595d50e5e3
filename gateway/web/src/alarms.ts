// What a dispatcher must be told of, and what was acknowledged. Pure but for the
// list of acknowledged alarms, which this browser's tabs share.
import type { Clock, Incident, Unit } from './types';

export type AlarmKind = 'emergency' | 'breached' | 'new' | 'warning' | 'alert';

export interface Alarm {
  key: string;
  kind: AlarmKind;
  incident: string;
  unit: string;
  at: number; // ms, when it began
  clock?: Clock;
  text?: string;
}

// kinds, the most pressing first.
export const kinds: AlarmKind[] = ['emergency', 'breached', 'new', 'warning', 'alert'];

// alarmsOf lists what stands open, the most pressing first and of each kind the
// newest last. standing tells how a clock stands.
export function alarmsOf(incidents: Iterable<Incident>, units: Iterable<Unit>, standing: (c: Clock) => Clock['state']): Alarm[] {
  const out: Alarm[] = [];
  for (const u of units) {
    const p = u.properties;
    if (p.emergency) out.push({ key: `emergency ${u.id} ${p.status_at ?? ''}`, kind: 'emergency', incident: p.incident, unit: u.id, at: Date.parse(p.status_at ?? '') || 0 });
  }
  for (const i of incidents) {
    if (i.status === 'closed' || i.status === 'cancelled') continue;
    if (i.status === 'received') out.push({ key: `new ${i.id}`, kind: 'new', incident: i.id, unit: '', at: Date.parse(i.received_at) });
    for (const c of i.clocks) {
      const how = c.stopped_at ? 'met' : standing(c);
      if (how !== 'breached' && how !== 'warning') continue;
      out.push({ key: `${how} ${i.id} ${c.clock} ${c.unit ?? ''} ${c.started_at}`, kind: how, incident: i.id, unit: c.unit ?? '', at: Date.parse(c.due_at), clock: c });
    }
    for (const a of i.alerts ?? []) {
      if (a.kind === 'emergency') continue; // the unit itself says so
      out.push({ key: `alert ${i.id} ${a.kind} ${a.report}`, kind: 'alert', incident: i.id, unit: a.unit ?? '', at: Date.parse(a.at), text: a.kind });
    }
  }
  return out.sort((a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind) || a.at - b.at);
}

const store = 'acknowledged';
const kept = 2000;

// Acknowledged remembers what the dispatchers at this desk have seen.
export class Acknowledged {
  private keys: Set<string>;

  constructor(private readonly storage: Pick<Storage, 'getItem' | 'setItem'>) {
    this.keys = this.read();
  }

  private read(): Set<string> {
    try {
      return new Set(JSON.parse(this.storage.getItem(store) ?? '[]') as string[]);
    } catch {
      return new Set();
    }
  }

  // reload takes over what another tab acknowledged.
  reload(): void {
    this.keys = this.read();
  }

  add(...keys: string[]): void {
    for (const k of keys) this.keys.add(k);
    this.keys = new Set([...this.keys].slice(-kept));
    this.storage.setItem(store, JSON.stringify([...this.keys]));
  }

  open(alarms: Alarm[]): Alarm[] {
    return alarms.filter((a) => !this.keys.has(a.key));
  }
}
