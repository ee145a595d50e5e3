import { api } from './api';
import { GatewayClock } from './time';
import type { Clock, Incident, Link, Setup, Unit } from './types';

// The present state as the gateway told it, and whoever wants to know of changes.
export class State {
  readonly clock = new GatewayClock();
  readonly incidents = new Map<string, Incident>();
  readonly units = new Map<string, Unit>();
  links: Link[] = [];
  setup: Setup | null = null;
  selected = '';
  behind = false;
  private heard = Date.now();
  private readonly listeners: (() => void)[] = [];

  onChange(f: () => void): void {
    this.listeners.push(f);
  }

  changed(): void {
    for (const f of this.listeners) f();
  }

  // load fetches everything anew: at the start, and whenever the stream cannot say
  // what was missed.
  async load(): Promise<void> {
    const [setup, units, incidents, links] = await Promise.all([api.setup(), api.units(), api.incidents(), api.links()]);
    this.setup = setup;
    this.clock.set(setup.clock.now, setup.clock.speed);
    this.units.clear();
    for (const u of units) this.units.set(u.id, u);
    this.incidents.clear();
    for (const i of incidents) this.incidents.set(i.id, i);
    this.links = links;
    this.changed();
  }

  // follow keeps up by the event stream. The browser reconnects by itself and says
  // where it was; two missed heartbeats are told to the dispatcher.
  follow(): void {
    const stream = new EventSource('/api/v1/events');
    const on = <T>(name: string, take: (data: T) => void): void => {
      stream.addEventListener(name, (e) => {
        this.heard = Date.now();
        take(JSON.parse((e as MessageEvent<string>).data) as T);
      });
    };
    const time = (c: { now: string; speed: number }): void => this.clock.set(c.now, c.speed);
    let first = true;
    on<{ now: string; speed: number }>('hello', (c) => {
      time(c);
      // What happened while the page was away is in units and incidents, which the
      // stream does not replay.
      if (!first) void this.load();
      first = false;
    });
    on<{ now: string; speed: number }>('heartbeat', time);
    on<unknown>('reset', () => void this.load());
    on<Unit>('unit', (u) => { this.units.set(u.id, u); this.changed(); });
    on<Incident>('incident', (i) => { this.incidents.set(i.id, i); this.changed(); });
    on<{ links: Link[] }>('links', (l) => { this.links = l.links; this.changed(); });
    on<unknown>('update', () => undefined);
    setInterval(() => {
      const behind = Date.now() - this.heard > 10_000 || stream.readyState === EventSource.CLOSED;
      if (behind !== this.behind) {
        this.behind = behind;
        this.changed();
      }
      if (stream.readyState === EventSource.CLOSED) location.reload();
    }, 1000);
  }

  callSign(unit: string): string {
    return this.units.get(unit)?.properties.call_sign ?? unit;
  }

  // left is how many seconds a clock has, by the gateway's own time.
  left(c: Clock): number {
    return c.stopped_at ? c.remaining_s : (Date.parse(c.due_at) - this.clock.ms()) / 1000;
  }

  // stateOf is how a clock stands at this moment.
  stateOf(c: Clock): Clock['state'] {
    if (c.stopped_at) return c.state;
    const left = this.left(c);
    const limit = (Date.parse(c.due_at) - Date.parse(c.started_at)) / 1000;
    if (left < 0) return 'breached';
    return left <= limit * (1 - (this.setup?.warn_at ?? 0.8)) ? 'warning' : 'running';
  }

  isOpen(i: Incident): boolean {
    return i.status !== 'closed' && i.status !== 'cancelled';
  }

  // board is the open incidents, what breaches next first.
  board(): Incident[] {
    const next = (i: Incident): number => Math.min(...i.clocks.filter((c) => !c.stopped_at).map((c) => this.left(c)), 1e9);
    return [...this.incidents.values()].filter((i) => this.isOpen(i)).sort((a, b) => next(a) - next(b));
  }
}
