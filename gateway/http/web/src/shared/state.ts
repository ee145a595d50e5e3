import { api, SignedOut } from './api';
import { Stream, type EventName } from './stream';
import { GatewayClock } from './time';
import { hasEnded, type Alert, type Clock, type Delivery, type Incident, type Link, type Session, type Setup, type Unit, type Update } from './types';

// Selection is what the dispatcher looks at.
export interface Selection { incident: string; unit: string }

const justNow = 3000; // ms for which what was fetched is called current without the stream

// State is the present as the gateway told it, and tells whoever wants to know of
// changes. What is older than what it has, it does not take.
export class State {
  readonly clock = new GatewayClock();
  readonly incidents = new Map<string, Incident>();
  readonly units = new Map<string, Unit>();
  readonly deliveries = new Map<string, Delivery>(); // by message and unit
  readonly alerts = new Map<string, Alert>(); // those that nobody has acknowledged
  links: Link[] = [];
  session: Session | null = null;
  setup: Setup | null = null;
  selected: Selection = { incident: '', unit: '' };
  // behind: the screen is not current; signedOut: and will not be without sign-in.
  behind = true;
  signedOut = false;
  private loading = false;
  private again = false;
  private loadedAt = 0;
  private generation = '';
  private readonly listeners: (() => void)[] = [];
  private readonly stream = new Stream((name, data) => this.take(name, data), () => this.fellBehind());

  onChange(f: () => void): void {
    this.listeners.push(f);
  }

  changed(): void {
    for (const f of this.listeners) f();
  }

  // heardAt is when the gateway was last heard, by this browser's clock.
  get heardAt(): number {
    return this.stream.heardAt;
  }

  start(): void {
    this.stream.start();
    void this.catchUp();
  }

  select(s: Partial<Selection>): void {
    this.selected = { incident: '', unit: '', ...s };
    this.changed();
  }

  private fellBehind(): void {
    if (this.behind) return;
    this.behind = true;
    this.changed();
  }

  private take(name: EventName, data: string): void {
    const parsed = JSON.parse(data) as unknown;
    switch (name) {
      case 'hello': {
        const hello = parsed as { now: string; speed: number; generation: string };
        this.clock.set(hello.now, hello.speed);
        if (hello.generation !== this.generation) this.forget();
        this.generation = hello.generation;
        // What happened meanwhile is in units and incidents, which are not sent again.
        this.again = true;
        if (Date.now() - this.loadedAt > justNow) this.behind = true;
        break;
      }
      case 'reset':
        this.behind = true;
        break;
      case 'heartbeat': {
        const beat = parsed as { now: string; speed: number };
        this.clock.set(beat.now, beat.speed);
        break;
      }
      case 'units': if (!this.moved((parsed as { features: Unit[] }).features)) return; break;
      case 'incident': this.putIncident(parsed as Incident); break;
      case 'links': this.links = (parsed as { links: Link[] }).links; break;
      case 'update': this.takeUpdate(parsed as Update); break;
    }
    if (this.behind || this.again) void this.catchUp();
    this.changed();
  }

  private takeUpdate(u: Update): void {
    if (u.delivery) this.putDelivery(u.delivery);
    if (u.kind === 'unit') this.behind = true; // the roster is another one
    if (u.kind === 'alert' || u.kind === 'alert_ack') this.askAlerts();
  }

  // putDelivery keeps the newest step of a message, and the text that an earlier one told.
  private putDelivery(d: Delivery): void {
    const key = `${d.message} ${d.unit ?? ''}`;
    const have = this.deliveries.get(key);
    if (!have || have.guess || Date.parse(have.at) <= Date.parse(d.at)) this.deliveries.set(key, have?.text && !d.text ? { ...d, text: have.text } : d);
  }

  private askingAlerts = false;

  // askAlerts fetches the open alerts anew, once for a burst of updates.
  private askAlerts(): void {
    if (this.askingAlerts) return;
    this.askingAlerts = true;
    setTimeout(() => {
      this.askingAlerts = false;
      void api.alerts().then((alerts) => { this.putAlerts(alerts); this.changed(); }, () => { this.behind = true; });
    }, 200);
  }

  private putAlerts(alerts: Alert[]): void {
    this.alerts.clear();
    for (const a of alerts) this.alerts.set(a.id, a);
  }

  // moved takes units and tells whether there is more to show at once than where they
  // are: places, ages and links are drawn anew every second anyway.
  private moved(units: Unit[]): boolean {
    let more = this.behind || this.again;
    for (const u of units) {
      const [was, is] = [this.units.get(u.id)?.properties, u.properties];
      more ||= !was || was.status !== is.status || was.incident !== is.incident || was.emergency !== is.emergency || was.stale !== is.stale;
      this.putUnit(u);
    }
    return more;
  }

  putUnit(u: Unit): void {
    const have = this.units.get(u.id);
    if (!have || have.properties.as_of <= u.properties.as_of) this.units.set(u.id, u);
  }

  // putIncident keeps an incident when it is not older than what is here, and gives it on.
  putIncident(i: Incident): Incident {
    const have = this.incidents.get(i.id);
    if (!have || have.as_of <= i.as_of) this.incidents.set(i.id, i);
    return i;
  }

  // forget drops everything: the gateway numbers its updates anew.
  private forget(): void {
    this.units.clear();
    this.incidents.clear();
    this.alerts.clear();
  }

  // catchUp fetches everything anew, and only when that is here is the screen
  // called current again.
  private async catchUp(): Promise<void> {
    if (this.loading) return;
    this.loading = true;
    this.again = false;
    try {
      const [setup, session, units, incidents, alerts, alarms, links, messages] = await Promise.all([api.setup(), api.session(), api.units(), api.incidents('', 200), api.alerts(), api.alarms(), api.links(), api.messages()]);
      this.setup = setup;
      this.session = session;
      this.putAlerts(alerts);
      for (const d of messages) this.putDelivery(d);
      this.clock.set(setup.clock.now, setup.clock.speed);
      for (const u of units) this.putUnit(u);
      for (const i of incidents) this.putIncident(i);
      // An alarm that was raised after the incidents were read.
      for (const a of alarms) {
        const i = this.incidents.get(a.incident);
        if (i && !i.alarms?.some((x) => x.id === a.id)) (i.alarms ??= []).push(a);
      }
      const there = new Set(units.map((u) => u.id));
      for (const id of this.units.keys()) if (!there.has(id)) this.units.delete(id);
      this.links = links;
      this.loadedAt = Date.now();
      this.behind = this.signedOut = false;
    } catch (e) {
      this.behind = true;
      this.signedOut = e instanceof SignedOut;
      if (this.signedOut && this.session?.can_sign_in) location.assign('/signin');
      setTimeout(() => void this.catchUp(), 2000);
    } finally {
      this.loading = false;
    }
    if (this.again) void this.catchUp(); // the stream began anew meanwhile
    this.changed();
  }

  // may tells whether the role of who is signed in has a right.
  may(right: string): boolean {
    return this.session?.rights.includes(right) ?? false;
  }

  // can tells whether the gateway knows an act on an incident and the role may do
  // it: the page offers no other.
  can(act: string): boolean {
    if (act !== 'record' && !this.may('act')) return false;
    return this.setup?.routes.some((r) => r.endsWith(`/incidents/{id}/${act}`)) ?? false;
  }

  callSign(unit: string): string {
    return this.units.get(unit)?.properties.call_sign ?? unit;
  }

  // staleS is the gateway's limit from which a place counts as old.
  get staleS(): number {
    return this.setup?.stale_after_s ?? 300;
  }

  // age is how many seconds ago something was, by the gateway's own time.
  age(at: string): number {
    return Math.max(0, (this.clock.ms() - Date.parse(at)) / 1000);
  }

  // left is how many seconds a clock has.
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

  // running are an incident's clocks that still run, what breaches next first.
  running(i: Incident): Clock[] {
    return i.clocks.filter((c) => !c.stopped_at).sort((a, b) => Date.parse(a.due_at) - Date.parse(b.due_at));
  }

  isOpen(i: Incident): boolean {
    return !hasEnded(i.status);
  }

  // board is the open incidents, what breaches next first. Where nobody was sent only the
  // whole flow's clock runs; the bar of alarms calls for those.
  board(): Incident[] {
    const next = (i: Incident): number => this.running(i)[0] ? Date.parse(this.running(i)[0]!.due_at) : Infinity;
    return [...this.incidents.values()].filter((i) => this.isOpen(i))
      .sort((a, b) => next(a) - next(b) || Date.parse(a.received_at) - Date.parse(b.received_at));
  }
}
