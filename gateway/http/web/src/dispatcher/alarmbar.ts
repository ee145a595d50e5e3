import { api } from '../shared/api';
import { el, type Child } from '../shared/dom';
import type { Notices } from '../shared/notice';
import type { State } from '../shared/state';
import { duration } from '../shared/time';
import { both, current, say } from '../shared/words';
import { alarmsOf, type Acknowledged, type Alarm } from './alarms';
import { categoryName } from './board';
import { shapes } from './clockbar';
import type { Sound } from './sound';

// Alarms is what stands open at this desk, with its sound.
export class Alarms {
  open: Alarm[] = [];

  constructor(private readonly state: State, private readonly kept: Acknowledged, readonly sound: Sound, private readonly notices: Notices) {
    window.addEventListener('storage', () => { kept.reload(); state.changed(); });
  }

  // look finds what is open now and sounds it. While the page is behind it stays
  // silent: what it shows is old.
  look(): void {
    const { state } = this;
    this.open = this.kept.open(alarmsOf(state.incidents.values(), state.alerts.values(), (c) => state.stateOf(c)));
    if (!state.behind) this.sound.ring(this.open);
  }

  // seen takes an alarm as acknowledged without showing it.
  seen(key: string): void {
    this.kept.add(key);
  }

  // acknowledge takes the most pressing alarm and shows what it is about.
  acknowledge(alarm = this.open[0]): void {
    if (!alarm) return;
    void this.tell([alarm]);
    this.look();
    this.state.select(alarm.kind !== 'emergency' && alarm.incident ? { incident: alarm.incident } : { unit: alarm.unit });
  }

  // acknowledgeAll leaves emergencies: each of them is looked at by itself.
  acknowledgeAll(): void {
    void this.tell(this.open.filter((a) => a.kind !== 'emergency'));
    this.look();
    this.state.changed();
  }

  // tell lets the gateway know, so that every desk does: an alert is acknowledged,
  // looking at an incident's clocks is a review of it. Who may not act silences
  // this browser alone, and never an emergency.
  private async tell(alarms: Alarm[]): Promise<void> {
    const { state } = this;
    const emergencies = alarms.filter((a) => a.kind === 'emergency');
    this.kept.add(...alarms.filter((a) => a.kind !== 'emergency').map((a) => a.key));
    if (!state.may('act')) return;
    const reviewed = new Set(alarms.filter((a) => !a.alert && a.incident).map((a) => a.incident));
    for (const id of reviewed) await this.notices.act(() => api.review(id).then((i) => state.putIncident(i)));
    for (const a of alarms) {
      const { alert } = a;
      if (!alert) continue;
      await this.notices.act(() => api.acknowledge(alert.id).then(() => state.alerts.delete(alert.id)),
        emergencies.includes(a) ? { text: both(`Darurat ${state.callSign(a.unit)} ditanggapi`, `Emergency of ${state.callSign(a.unit)} acknowledged`) } : undefined);
    }
    state.changed();
  }

  private line(a: Alarm): string {
    const { state } = this;
    const i = state.incidents.get(a.incident);
    const what = i ? `${i.number.slice(-3)} ${categoryName(state, i.category)}` : '';
    const who = a.unit ? state.callSign(a.unit) : '';
    switch (a.kind) {
      case 'emergency': return `${say('emergency')} — ${who}${i ? ` (${what})` : ''}`;
      case 'new': return `${both('Insiden baru', 'New incident')}: ${what}`;
      case 'alert': return `${say(a.alert?.kind ?? '')} — ${who || what}${(a.alert?.count ?? 0) > 1 ? ` ×${a.alert!.count}` : ''}`;
      default: {
        if (!a.clock) return `${(current() === 'id' ? a.sop?.text : a.sop?.text_en) ?? ''} — ${what}`;
        const left = state.left(a.clock);
        const time = left < 0 ? both(`lewat ${duration(-left)}`, `${duration(-left)} over`) : both(`sisa ${duration(left)}`, `${duration(left)} left`);
        return `${say(a.clock.clock)}${who ? ` ${who}` : ''}: ${time} — ${what}`;
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
        el('strong', {}, `${this.open.length} ${both('menunggu', 'waiting')}`),
        el('button', { type: 'button', id: 'acknowledge', click: () => this.acknowledge() }, both('Tanggapi', 'Acknowledge'), el('kbd', {}, 'A')),
        this.open.filter((a) => a.kind !== 'emergency').length > 1 ? el('button', { type: 'button', title: both('Tanggapi semua', 'Acknowledge all'), click: () => this.acknowledgeAll() }, both('Semua', 'All'), el('kbd', {}, '⇧A')) : null) : null,
      ...shown.map((a) => el('button', { class: `alarm ${a.kind}`, type: 'button', 'data-key': a.key, title: `${this.line(a)} · ${both('klik menanggapi', 'click to acknowledge')}`, click: () => this.acknowledge(a) },
        el('span', { class: 'shape', 'aria-hidden': 'true' }, shapes[a.kind]!), el('span', {}, this.line(a)))),
      this.open.length > shown.length ? el('div', { class: 'dim more' }, both(`dan ${this.open.length - shown.length} lagi`, `and ${this.open.length - shown.length} more`)) : null,
    ];
  }
}
