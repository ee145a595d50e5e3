// A past period, moment by moment, as the gateway tells it (GET /replay). Pure: what
// stands at an instant is what the lines up to it say, and nothing of a later one.
import { hasEnded, type Incident, type Milestone, type Unit } from '../shared/types';

export interface PastFix {
  unit: string; time: string; known_at?: string; lat: number; lon: number; newest: boolean;
  speed_mps?: number; course_deg?: number; accuracy_m?: number;
}
export interface Line {
  kind: 'begin' | 'moment' | 'later' | 'end'; at: string; to?: string; step_s?: number;
  units?: Unit[]; incidents?: Incident[]; fixes?: PastFix[]; today?: Incident[];
  complete?: boolean; why?: string;
}

// lateS is from when a fix counts as told late, in seconds: it was not on the map
// when it was new.
export const lateS = 60;

export interface Way { points: [number, number][]; late: [number, number][] }
interface Seen { time: number; known: number; at: [number, number] }

// Mark is an instant at which something happened that one may want to jump to.
export interface Mark { at: number; kind: 'opened' | 'milestone' | 'alert' | 'ended'; incident: string }

// Later is what is known today of a moment that had passed and was not known then.
export interface Later { what: 'new' | 'moved' | 'withdrawn'; milestone: Milestone; was?: Milestone }

export class Past {
  readonly units = new Map<string, Unit>();
  readonly incidents = new Map<string, Incident>();
  readonly today = new Map<string, Incident>();
  readonly marks: Mark[] = [];
  from = 0;
  to = 0;
  // until is how far it was told; whole that all of it was.
  until = 0;
  whole = false;
  why = '';
  now = 0;
  private readonly lines: { ms: number; line: Line }[] = [];
  private next = 0;
  private readonly seen = new Map<string, Seen[]>(); // of each unit, by the fix's own time

  // take adds a line as it comes.
  take(line: Line): void {
    const ms = Date.parse(line.at);
    switch (line.kind) {
      case 'begin':
        this.from = this.now = this.until = ms;
        this.to = Date.parse(line.to ?? line.at);
        for (const i of line.today ?? []) this.today.set(i.id, i);
        break;
      case 'later':
        for (const f of line.fixes ?? []) this.note(f, Infinity);
        return;
      case 'end':
        this.whole = line.complete === true;
        this.why = line.why ?? '';
        if (this.whole) this.until = this.to;
        return;
    }
    for (const f of line.fixes ?? []) this.note(f, ms);
    if (line.kind === 'moment') this.mark(ms, line);
    this.until = Math.max(this.until, ms);
    this.lines.push({ ms, line });
    if (ms <= this.now) this.apply();
  }

  private note(f: PastFix, known: number): void {
    const own = this.seen.get(f.unit) ?? [];
    const seen = { time: Date.parse(f.time), known, at: [f.lon, f.lat] as [number, number] };
    let k = own.length;
    while (k > 0 && own[k - 1]!.time > seen.time) k--;
    own.splice(k, 0, seen);
    this.seen.set(f.unit, own);
  }

  private readonly stages = new Map<string, string>();

  private mark(ms: number, line: Line): void {
    for (const i of line.incidents ?? []) {
      const stage = `${i.status} ${i.milestones.length} ${i.alerts?.length ?? 0}`;
      const before = this.stages.get(i.id);
      this.stages.set(i.id, stage);
      if (before === stage) continue;
      const ended = hasEnded(i.status);
      const alerts = before !== undefined && Number(before.split(' ')[2]) < (i.alerts?.length ?? 0);
      this.marks.push({ at: ms, incident: i.id, kind: before === undefined && i.milestones.length < 2 ? 'opened' : ended ? 'ended' : alerts ? 'alert' : 'milestone' });
    }
  }

  // go brings everything to how it was known at an instant, in ms.
  go(ms: number): void {
    const to = Math.min(Math.max(ms, this.from), this.to);
    if (to < this.now) {
      this.next = 0;
      this.units.clear();
      this.incidents.clear();
    }
    this.now = to;
    this.apply();
  }

  private apply(): void {
    while (this.next < this.lines.length && this.lines[this.next]!.ms <= this.now) {
      const { line } = this.lines[this.next++]!;
      for (const u of line.units ?? []) this.units.set(u.id, u);
      for (const i of line.incidents ?? []) this.incidents.set(i.id, i);
      for (const f of line.fixes ?? []) if (f.newest) this.move(f);
    }
  }

  private move(f: PastFix): void {
    const u = this.units.get(f.unit);
    if (!u) return;
    this.units.set(f.unit, {
      ...u, geometry: { type: 'Point', coordinates: [f.lon, f.lat] },
      properties: { ...u.properties, fix_at: f.time, heard_at: f.known_at ?? u.properties.heard_at, speed_mps: f.speed_mps ?? null, course_deg: f.course_deg ?? null, accuracy_m: f.accuracy_m ?? null, silence: null },
    });
  }

  // way is where a unit had been for so long, apart what was known then and what came
  // only afterwards.
  way(unit: string, ms = 3_600_000): Way {
    const own = (this.seen.get(unit) ?? []).filter((s) => s.time <= this.now && s.time > this.now - ms);
    return { points: own.filter((s) => s.known <= this.now).map((s) => s.at), late: own.filter((s) => s.known > this.now && s.known > s.time + lateS * 1000).map((s) => s.at) };
  }

  // later is what had happened at an incident by this instant and was known only after it.
  later(id: string): Later[] {
    const today = this.today.get(id);
    const then = this.incidents.get(id);
    if (!today || !then) return [];
    const out: Later[] = [];
    const key = (m: Milestone): string => `${m.milestone} ${m.unit ?? ''} ${m.milestone === 'in_progress' ? m.report : ''}`;
    const had = new Map(then.milestones.map((m) => [key(m), m]));
    for (const m of today.milestones) {
      const was = had.get(key(m));
      had.delete(key(m));
      if (Date.parse(m.at) > this.now && !was) continue;
      if (!was) out.push({ what: 'new', milestone: m });
      else if (Math.abs(Date.parse(was.at) - Date.parse(m.at)) >= 1000) out.push({ what: 'moved', milestone: m, was });
    }
    for (const m of had.values()) out.push({ what: 'withdrawn', milestone: m });
    return out;
  }

  // beside is the next instant of interest after or before now; the ends when there is none.
  beside(by: 1 | -1): number {
    const at = this.marks.map((m) => m.at).filter((t) => (by > 0 ? t > this.now : t < this.now - 999));
    return at.length === 0 ? (by > 0 ? this.to : this.from) : by > 0 ? Math.min(...at) : Math.max(...at);
  }
}

// readLines hands over each line of an answer as it comes.
export async function readLines(body: ReadableStream<Uint8Array>, take: (l: Line) => void): Promise<void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    rest += decoder.decode(value, { stream: !done });
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    for (const l of lines) if (l) take(JSON.parse(l) as Line);
    if (done) break;
  }
}
