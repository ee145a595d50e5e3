// Measuring on the map, and who is nearest to a place.
import type { Feature, FeatureCollection } from 'geojson';
import { el } from '../shared/dom';
import { candidates, distanceText, metres } from '../shared/geometry';
import { nearness } from '../shared/nearness';
import type { State } from '../shared/state';
import type { Point } from '../shared/types';
import { both } from '../shared/words';

export type Tool = '' | 'measure' | 'nearest';

export class Tools {
  tool: Tool = '';
  private points: Point[] = [];

  constructor(private readonly state: State, private readonly show: (f: FeatureCollection) => void, private readonly chose: (unit: string) => void) {}

  use(t: Tool): void {
    this.tool = this.tool === t ? '' : t;
    this.points = [];
    this.show(this.features());
  }

  click(p: Point): void {
    if (this.tool === 'nearest') this.points = [p];
    else this.points.push(p);
    this.show(this.features());
  }

  private nearest(): ReturnType<typeof candidates> {
    return this.points[0] ? candidates(this.state.units.values(), this.points[0]).filter((c) => c.free && c.metres !== null).slice(0, 5) : [];
  }

  features(): FeatureCollection {
    const at = (p: Point): [number, number] => [p.lon, p.lat];
    const features: Feature[] = this.points.map((p) => ({ type: 'Feature', properties: {}, geometry: { type: 'Point', coordinates: at(p) } }));
    const line = (coordinates: [number, number][]): void => { features.push({ type: 'Feature', properties: {}, geometry: { type: 'LineString', coordinates } }); };
    if (this.tool === 'measure' && this.points.length > 1) line(this.points.map(at));
    if (this.tool === 'nearest') for (const c of this.nearest()) line([at(this.points[0]!), c.unit.geometry!.coordinates]);
    return { type: 'FeatureCollection', features };
  }

  // box says what the tool has found, or what to do next.
  box(): HTMLElement | null {
    if (this.tool === 'measure') {
      let sum = 0;
      for (let i = 1; i < this.points.length; i++) sum += metres(this.points[i - 1]!, this.points[i]!);
      return el('div', { class: 'toolbox', role: 'status' }, el('b', {}, this.points.length < 2 ? both('Klik titik-titik di peta', 'Click points on the map') : distanceText(sum)),
        el('span', { class: 'dim' }, both(' garis lurus · Esc selesai', ' straight line · Esc ends')));
    }
    if (this.tool !== 'nearest') return null;
    if (!this.points[0]) return el('div', { class: 'toolbox', role: 'status' }, el('b', {}, both('Klik tempat: tim bebas terdekat', 'Click a place: nearest free units')));
    return el('div', { class: 'toolbox', role: 'status' }, el('b', {}, both('Tim bebas terdekat', 'Nearest free units')),
      el('span', { class: 'dim' }, both(' ≈ waktu perkiraan: 1,4 × garis lurus, 40 km/jam', ' ≈ estimated: 1.4 × straight line, 40 km/h')),
      ...this.nearest().map((c) => el('button', { type: 'button', 'data-key': c.unit.id, click: () => this.chose(c.unit.id) }, el('b', {}, c.unit.properties.call_sign), ` ${nearness(this.state, c)}`)));
  }
}
