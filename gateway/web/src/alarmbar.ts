import { shapes } from './clockbar';
import { el, type Child } from './dom';
import { alarmsOf, type Acknowledged, type Alarm } from './alarms';
import { categoryName } from './board';
import type { Sound } from './sound';
import type { State } from './state';
import { duration } from './time';
import { both, say } from './words';

// Alarms is what stands open at this desk, with its sound.
export class Alarms {
  open: Alarm[] = [];

  constructor(private readonly state: State, private readonly kept: Acknowledged, readonly sound: Sound) {
    window.addEventListener('storage', () => { kept.reload(); state.changed(); });
  }

  // look finds what is open now and sounds it. While the page is behind it stays
  // silent: what it shows is old.
  look(): void {
    const { state } = this;
    const units = state.units.values();
    this.open = this.kept.open(alarmsOf(state.incidents.values(), units, (c) => state.stateOf(c)));
    if (!state.behind) this.sound.ring(this.open);
  }

  // seen takes an alarm as acknowledged without showing it.
  seen(key: string): void {
    this.kept.add(key);
  }

  // acknowledge takes the most pressing alarm and shows what it is about.
  acknowledge(alarm = this.open[0]): void {
    if (!alarm) return;
    this.kept.add(alarm.key);
    this.look();
    this.state.select(alarm.incident ? { incident: alarm.incident } : { unit: alarm.unit });
  }

  acknowledgeAll(): void {
    this.kept.add(...this.open.map((a) => a.key));
    this.look();
    this.state.changed();
  }

  private line(a: Alarm): string {
    const { state } = this;
    const i = state.incidents.get(a.incident);
    const what = i ? `${i.number.slice(-3)} ${categoryName(state, i.category)}` : '';
    const who = a.unit ? state.callSign(a.unit) : '';
    switch (a.kind) {
      case 'emergency': return `${say('emergency')} — ${who}${i ? ` (${what})` : ''}`;
      case 'new': return `${both('Insiden baru', 'New incident')}: ${what}`;
      case 'alert': return `${say(a.text ?? '')} — ${who || what}`;
      default: {
        const left = a.clock ? state.left(a.clock) : 0;
        const time = left < 0 ? both(`lewat ${duration(-left)}`, `${duration(-left)} over`) : both(`sisa ${duration(left)}`, `${duration(left)} left`);
        return `${what} — ${say(a.clock?.clock ?? '')}${who ? ` ${who}` : ''}: ${time}`;
      }
    }
  }

  // rows is the list above the board.
  rows(): Child[] {
    const { sound } = this;
    const shown = this.open.slice(0, 3);
    return [
      sound.asks() ? el('div', { class: 'ask', role: 'alert' }, both('Bunyi masih dibisukan.', 'Sound is still muted.'),
        el('button', { type: 'button', click: () => { sound.mute(false); this.state.changed(); } }, both('Nyalakan', 'Turn on')),
        el('button', { type: 'button', click: () => { sound.mute(true); this.state.changed(); } }, both('Tetap bisu 10 menit', 'Mute 10 minutes more'))) : null,
      this.open.length ? el('div', { class: 'alarmhead' },
        el('strong', {}, `${this.open.length} ${both('belum ditanggapi', 'not acknowledged')}`),
        el('button', { type: 'button', id: 'acknowledge', click: () => this.acknowledge() }, both('Tanggapi', 'Acknowledge'), el('kbd', {}, 'A')),
        this.open.length > 1 ? el('button', { type: 'button', title: both('Tanggapi semua', 'Acknowledge all'), click: () => this.acknowledgeAll() }, both('Semua', 'All'), el('kbd', {}, '⇧A')) : null) : null,
      ...shown.map((a) => el('button', { class: `alarm ${a.kind}`, type: 'button', 'data-key': a.key, click: () => this.acknowledge(a) },
        el('span', { class: 'shape', 'aria-hidden': 'true' }, shapes[a.kind]!), el('span', {}, this.line(a)))),
      this.open.length > shown.length ? el('div', { class: 'dim more' }, both(`dan ${this.open.length - shown.length} lagi`, `and ${this.open.length - shown.length} more`)) : null,
    ];
  }
}
