import * as maplibregl from 'maplibre-gl';
import 'maplibre-gl/dist/maplibre-gl.css';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import type { Feature, FeatureCollection } from 'geojson';
import { agencyColour } from '../shared/agency';
import { byId, draw, el } from '../shared/dom';
import { standing } from '../shared/standing';
import type { State } from '../shared/state';
import { duration } from '../shared/time';
import type { Incident, Link, Point, Unit } from '../shared/types';
import { both, say } from '../shared/words';
import { empty, loadBasemap, magnified, style, type Basemap } from './basemap';
import { incidentFeatures, radiusFeatures, stationFeatures, unitFeatures } from './features';
import { iconOf } from './icons';
import { Outside } from './outside';
import { Tools } from './tools';

maplibregl.setWorkerUrl(workerUrl);

// Scene is what the map shows: the present, or a moment of a replay.
export interface Scene { units: Iterable<Unit>; incidents: Incident[]; links: Link[]; nowMs: number; behind: boolean }

export interface MapEvents {
  // place takes a click on the ground; true when somebody wanted it.
  place: (p: Point) => boolean;
  openLinks: () => void;
  scene: () => Scene;
}

const hit = 6; // pixels around a click
const tracksAtMost = 100;
const redrawMs = 1000; // markers are drawn anew at most this often, but for a selection

export class CountyMap {
  readonly tools: Tools;
  follow = '';
  isTracks = false;
  private ready = false;
  private drawnAt = 0;
  private drawnFor = '';
  private focused = '';
  private chosen: maplibregl.Marker | null = null;
  private readonly tip = new maplibregl.Popup({ closeButton: false, closeOnClick: false, offset: 14, className: 'tip' });

  static async make(container: HTMLElement, state: State, events: MapEvents): Promise<CountyMap> {
    return new CountyMap(container, state, events, await loadBasemap());
  }

  private readonly map: maplibregl.Map;

  private constructor(private readonly container: HTMLElement, private readonly state: State, private readonly events: MapEvents, private readonly basemap: Basemap) {
    const map = this.map = new maplibregl.Map({
      container: byId('canvas'), style: style(basemap), bounds: basemap.bounds, fitBoundsOptions: { padding: 16 },
      attributionControl: { compact: true }, dragRotate: false, pitchWithRotate: false, touchPitch: false, fadeDuration: 0, maxZoom: 18, minZoom: 7,
    });
    map.touchZoomRotate.disableRotation();
    map.addControl(new maplibregl.NavigationControl({ showCompass: false }), 'bottom-right');
    map.addControl(new maplibregl.ScaleControl({}), 'bottom-left');
    this.tools = new Tools(state, (f) => this.set('tool', f), (unit) => state.select({ unit }));
    map.setMissingStyleImageResolver((id) => {
      const icon = iconOf(id, magnified() * devicePixelRatio);
      if (icon && !map.hasImage(id)) map.addImage(id, icon, { pixelRatio: devicePixelRatio });
      return Promise.resolve();
    });
    map.on('load', () => {
      this.ready = true;
      container.dataset['ready'] = 'yes';
      this.draw(true);
    });
    map.on('click', (e) => this.clicked(e));
    map.on('mousemove', (e) => this.pointed(e));
    map.on('mouseout', () => this.tip.remove());
    map.on('dragstart', () => { this.follow = ''; });
    this.droppable();
    let drawnAt = magnified();
    let settled = 0;
    map.on('resize', () => {
      clearTimeout(settled); // a window under somebody's hand passes many sizes
      settled = setTimeout(() => {
        if (magnified() === drawnAt) return;
        drawnAt = magnified();
        this.restyle();
      }, 300);
    });
  }

  // maps adds what the configuration names, once the gateway has told it: a map may be
  // ready before that.
  private hasOutside = false;
  private outside: Outside | null = null;

  private maps(): void {
    this.outside?.show();
    const { setup } = this.state;
    if (this.hasOutside || !setup) return;
    this.hasOutside = true;
    if (setup.map) (this.outside ??= new Outside(this.map, setup.map, this.container)).add();
  }

  private readonly given = new Map<string, string>();

  // set gives a source its data when that is not what it has: each gift makes the map
  // cut its tiles and draw anew.
  private set(source: string, data: FeatureCollection | Feature): void {
    if (!this.ready) return;
    // A thousand units that move are never the same twice, and comparing them costs.
    if (!('features' in data) || data.features.length < 200) {
      const text = JSON.stringify(data);
      if (this.given.get(source) === text) return;
      this.given.set(source, text);
    } else this.given.delete(source);
    void this.map.getSource<maplibregl.GeoJSONSource>(source)?.setData(data);
  }

  restyle(): void {
    this.ready = false;
    this.given.clear();
    // Asked for first: where the style only differs, it is loaded within the call.
    void this.map.once('style.load', () => {
      this.ready = true;
      this.hasOutside = false;
      this.draw(true);
      this.tracksShown = '';
      void this.showTracks();
    });
    this.map.setStyle(style(this.basemap));
  }

  private at(e: maplibregl.MapMouseEvent): maplibregl.MapGeoJSONFeature | undefined {
    const box: [maplibregl.PointLike, maplibregl.PointLike] = [[e.point.x - hit, e.point.y - hit], [e.point.x + hit, e.point.y + hit]];
    return this.ready ? this.map.queryRenderedFeatures(box, { layers: ['units', 'incidents', 'clusters', 'stations'] })[0] : undefined;
  }

  private clicked(e: maplibregl.MapMouseEvent): void {
    const p = { lat: e.lngLat.lat, lon: e.lngLat.lng };
    if (this.tools.tool) {
      this.tools.click(p);
      this.state.changed();
      return;
    }
    if (this.events.place(p)) return;
    const f = this.at(e);
    if (!f) return;
    const is = f.properties;
    if (is['unit']) this.state.select({ unit: String(is['unit']) });
    else if (is['incident']) this.state.select({ incident: String(is['incident']) });
    else if (is['link']) this.events.openLinks();
    else if (is['cluster_id'] !== undefined) this.map.easeTo({ center: (f.geometry as GeoJSON.Point).coordinates as [number, number], zoom: this.map.getZoom() + 2, duration: 400 });
  }

  private pointed(e: maplibregl.MapMouseEvent): void {
    const f = this.at(e);
    const busy = Boolean(this.tools.tool) || this.container.classList.contains('picking');
    this.map.getCanvas().style.cursor = busy ? 'crosshair' : f ? 'pointer' : '';
    const text = f && this.describe(f.properties as Record<string, unknown>);
    if (!text) {
      this.tip.remove();
      return;
    }
    this.tip.setLngLat((f.geometry as GeoJSON.Point).coordinates as [number, number]).setText(text).addTo(this.map);
  }

  private describe(p: Record<string, unknown>): string {
    const { state } = this;
    const u = state.units.get(String(p['unit'] ?? ''));
    if (u) {
      const q = u.properties;
      return [q.call_sign, q.agency, say(q.status), q.incident_number.slice(-3), q.speed_mps !== null ? `${Math.round(q.speed_mps * 3.6)} km/${both('j', 'h')}` : '',
        q.fix_at ? `${both('posisi', 'fix')} ${duration(state.age(q.fix_at))} ${both('lalu', 'ago')}` : '', q.link].filter(Boolean).join(' · ');
    }
    const l = state.links.find((x) => x.id === p['link']);
    return l ? `${l.id} · ${say(l.state)}${l.why ? ` · ${l.why}` : ''}` : '';
  }

  // A unit dragged from a list onto an incident is sent to it.
  private droppable(): void {
    this.container.addEventListener('dragover', (e) => e.preventDefault());
    this.container.addEventListener('drop', (e) => {
      const unit = e.dataTransfer?.getData('text/unit');
      if (!unit || !this.ready) return;
      e.preventDefault();
      const r = this.map.getCanvas().getBoundingClientRect();
      const [x, y] = [e.clientX - r.left, e.clientY - r.top];
      const f = this.map.queryRenderedFeatures([[x - 18, y - 18], [x + 18, y + 18]], { layers: ['incidents'] })[0];
      if (f) this.container.dispatchEvent(new CustomEvent('sendunit', { detail: { unit, incident: String(f.properties['incident']) } }));
    });
  }

  mark(p: Point | null): void {
    this.chosen?.remove();
    this.chosen = p ? new maplibregl.Marker({ element: el('div', { class: 'chosen' }, '✚') }).setLngLat([p.lon, p.lat]).addTo(this.map) : null;
  }

  home(): void {
    this.map.fitBounds(this.basemap.bounds, { padding: 16, duration: 500 });
  }

  show(p: Point, zoom = 12): void {
    this.map.easeTo({ center: [p.lon, p.lat], zoom: Math.max(this.map.getZoom(), zoom), duration: 500 });
  }

  private focus(): void {
    const s = this.state.selected;
    const id = s.incident || s.unit;
    if (id === this.focused) return;
    this.focused = id;
    const at = this.state.incidents.get(s.incident)?.location;
    const g = this.state.units.get(s.unit)?.geometry;
    if (at) this.show(at);
    else if (g) this.show({ lat: g.coordinates[1], lon: g.coordinates[0] });
  }

  draw(now = false): void {
    if (!this.ready) return;
    const { state } = this;
    const { selected } = state;
    const chosen = `${selected.incident} ${selected.unit} ${this.follow}`;
    if (!now && chosen === this.drawnFor && Date.now() - this.drawnAt < redrawMs) return;
    this.drawnAt = Date.now();
    this.drawnFor = chosen;
    this.maps();
    const scene = this.events.scene();
    this.set('units', unitFeatures(scene.units, { nowMs: scene.nowMs, behind: scene.behind, selected: selected.unit, staleS: state.staleS }));
    this.set('incidents', incidentFeatures(scene.incidents, (i) => standing(state, i), selected.incident));
    this.set('radius', radiusFeatures(scene.incidents));
    this.set('stations', stationFeatures(scene.links, scene.nowMs));
    if (this.tools.tool === 'nearest') this.set('tool', this.tools.features());
    this.focus();
    const g = state.units.get(this.follow)?.geometry;
    if (g) this.map.easeTo({ center: g.coordinates, duration: 800 });
    void this.showTracks();
  }

  drawBox(): void {
    const box = byId('toolbox');
    const shown = this.tools.box();
    draw(box, shown);
    box.hidden = !shown;
  }

  // tracks are the ways of the last hour: of the selected unit, of an incident's
  // units, or of all on the screen.
  private tracksShown = '';

  // trackMoment changes when tracks are to be drawn anew: every ten seconds.
  trackMoment: () => number = () => Math.floor(Date.now() / 10_000);

  tracksOf: (units: string[]) => Promise<Feature[]> = () => Promise.resolve([]);

  // inView are the units on the screen, those on an incident first, as many as the
  // gateway can be asked for every ten seconds.
  private inView(): string[] {
    const bounds = this.map.getBounds();
    return [...this.state.units.values()].filter((u) => u.geometry && bounds.contains(u.geometry.coordinates))
      .sort((a, b) => Number(b.properties.incident !== '') - Number(a.properties.incident !== '')).slice(0, tracksAtMost).map((u) => u.id);
  }

  private async showTracks(): Promise<void> {
    const { selected } = this.state;
    const wanted = this.isTracks ? this.inView() : selected.unit ? [selected.unit] : this.state.incidents.get(selected.incident)?.units ?? [];
    // Who is on the screen changes all the time, and is asked for only now and then.
    const key = `${this.isTracks ? 'all' : wanted.join()} ${this.trackMoment()}`;
    if (key === this.tracksShown) return;
    this.tracksShown = key;
    const lines = await this.tracksOf(wanted).catch((): Feature[] => []);
    const features = lines.map((f) => ({ ...f, properties: { late: f.properties?.['late'] === true, colour: agencyColour(this.state.units.get(String(f.id ?? f.properties?.['unit']))?.properties.agency ?? '') } }));
    const single = !this.isTracks && selected.unit !== '';
    this.set('tracks', single ? empty : { type: 'FeatureCollection', features });
    this.set('track', single ? { type: 'FeatureCollection', features } : empty);
  }
}
