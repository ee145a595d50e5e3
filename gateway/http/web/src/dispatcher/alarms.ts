// What a dispatcher must be told of, and what was acknowledged. What the gateway
// knows to be seen is seen at every desk; Acknowledged holds the rest for this
// browser.
import { hasEnded, type Alert, type Clock, type Incident, type SOPAlarm } from '../shared/types';

export type AlarmKind = 'emergency' | 'breached' | 'new' | 'warning' | 'alert';

export interface Alarm {
  key: string;
  kind: AlarmKind;
  incident: string;
  unit: string;
  at: number; // ms, when it began
  clock?: Clock;
  sop?: SOPAlarm; // the gateway's own, once it has raised it
  alert?: Alert;
}

// kinds, the most pressing first.
export const kinds: AlarmKind[] = ['emergency', 'breached', 'new', 'warning', 'alert'];

const kindOf = { breach: 'breached', warning: 'warning' } as const;

function keyOf(kind: AlarmKind, c: { clock: string; unit?: string | undefined; started_at: string }, incident: string): string {
  return `${kind} ${incident} ${c.clock} ${c.unit ?? ''} ${Date.parse(c.started_at)}`;
}

// clocksOf are an incident's alarms about the procedure's clocks: those that the
// gateway keeps until somebody looks, even when what was late has come, and those
// of clocks that ran out this very second.
function clocksOf(i: Incident, standing: (c: Clock) => Clock['state']): Alarm[] {
  const out: Alarm[] = [];
  const told = new Set<string>();
  for (const a of i.alarms ?? []) {
    const kind = kindOf[a.kind];
    const key = keyOf(kind, a, i.id);
    told.add(key);
    if (a.seen_at || a.state === 'breached' || a.state === 'withdrawn') continue;
    const clock = i.clocks.find((c) => keyOf(kind, c, i.id) === key);
    out.push({ key, kind, incident: i.id, unit: a.unit ?? '', at: Date.parse(a.due_at), sop: a, ...(clock && !clock.stopped_at ? { clock } : {}) });
  }
  for (const c of i.clocks) {
    const kind = c.stopped_at ? 'met' : standing(c);
    if (kind !== 'breached' && kind !== 'warning') continue;
    const key = keyOf(kind, c, i.id);
    if (!told.has(key)) out.push({ key, kind, incident: i.id, unit: c.unit ?? '', at: Date.parse(c.due_at), clock: c });
  }
  return out;
}

// alarmsOf lists what stands open, the most pressing first and of each kind the
// oldest first. An emergency stands until a person acknowledges it, whatever
// becomes of its incident. standing tells how a clock stands.
export function alarmsOf(incidents: Iterable<Incident>, alerts: Iterable<Alert>, standing: (c: Clock) => Clock['state']): Alarm[] {
  const out: Alarm[] = [];
  const open = new Set<string>();
  for (const i of incidents) {
    if (hasEnded(i.status)) continue;
    open.add(i.id);
    if (i.status === 'received' && !i.reviews?.length) out.push({ key: `new ${i.id}`, kind: 'new', incident: i.id, unit: '', at: Date.parse(i.received_at) });
    out.push(...clocksOf(i, standing));
  }
  for (const a of alerts) {
    if (a.acked_at || a.withdrawn) continue;
    const kind = a.kind === 'emergency' ? 'emergency' : 'alert';
    if (kind === 'alert' && a.incident && !open.has(a.incident)) continue;
    out.push({ key: `alert ${a.id}`, kind, incident: a.incident ?? '', unit: a.unit ?? '', at: Date.parse(a.at), alert: a });
  }
  return out.sort((a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind) || a.at - b.at);
}

const store = 'acknowledged';
const kept = 2000;

// Acknowledged remembers what was seen at this desk and the gateway does not yet,
// or may not, know of.
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
