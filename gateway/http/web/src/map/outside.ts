// Maps that the configuration adds: a GeoJSON file of roads or boundaries, a
// PMTiles file, or a tile server. One that fails is told; the page's own basemap lies
// below and stays.
import type { LayerSpecification, Map as MapLibre } from 'maplibre-gl';
import { addProtocol } from 'maplibre-gl';
import type { Protocol } from 'pmtiles';
import { draw, el } from '../shared/dom';
import type { MapSetup } from '../shared/types';
import { both } from '../shared/words';
import { css } from './basemap';

const before = 'borders';
const againAfter = 60_000;
// forgivenFor is how long after a good tile a bad one is a hole and no failure, in ms.
const forgivenFor = 10_000;
let protocol: Protocol | null = null;

// Failure is what a source's request met: an answer's status, or none.
interface Failure { status?: number; name?: string }

// none: the server answers and has nothing.
const none: Failure = { status: 404 };

export class Outside {
  private readonly failures = new Map<string, Failure>();
  // cameAt is when something good came last since add, in ms, 0 for an error instead.
  private readonly cameAt = new Map<string, number>();
  private turn = 0; // counts what add began
  private readonly note = el('div', { id: 'mapnote', role: 'status' });

  constructor(private readonly map: MapLibre, private readonly setup: MapSetup, container: HTMLElement) {
    container.append(this.note);
    map.on('error', (e) => {
      const { sourceId } = e as { sourceId?: string };
      if (sourceId === 'tiles' || sourceId === 'own') this.failed(sourceId, e.error as Failure);
      else console.error(e.error);
    });
    map.on('sourcedata', (e) => {
      // Without its data an own file has tiles too, empty ones.
      if (e.sourceId === 'own' ? e.sourceDataType === 'content' : e.sourceId === 'tiles' && (e.tile as { hasData(): boolean } | undefined)?.hasData()) this.came(e.sourceId);
    });
    setInterval(() => { if (this.failures.size) this.add(); }, againAfter);
  }

  // add puts the configured maps on the map, anew where they are there.
  add(): void {
    for (const l of this.map.getStyle().layers) if ('source' in l && (l.source === 'tiles' || l.source === 'own')) this.map.removeLayer(l.id);
    for (const id of ['tiles', 'own']) if (this.map.getSource(id)) this.map.removeSource(id);
    this.cameAt.clear();
    const { tiles, pmtiles, geojson, attribution = '' } = this.setup;
    if (tiles) {
      this.map.addSource('tiles', { type: 'raster', tiles: [tiles], tileSize: 256, maxzoom: 19, attribution });
      this.map.addLayer({ id: 'tiles', type: 'raster', source: 'tiles', paint: rasterPaint() }, before);
    }
    const turn = ++this.turn;
    if (pmtiles) addPMTiles(this.map, new URL(pmtiles, location.href).href, attribution, () => turn === this.turn).catch((e: unknown) => this.failed('tiles', e as Failure));
    if (geojson) {
      this.map.addSource('own', { type: 'geojson', data: geojson, attribution });
      this.map.addLayer({ id: 'own-area', type: 'fill', source: 'own', filter: ['==', ['geometry-type'], 'Polygon'], paint: { 'fill-color': css('--map-outline'), 'fill-opacity': 0.06 } }, before);
      this.map.addLayer({ id: 'own-edge', type: 'line', source: 'own', paint: { 'line-color': css('--map-road'), 'line-width': 1.6 } }, before);
    }
  }

  private failed(id: string, f: Failure): void {
    if (Date.now() - (this.cameAt.get(id) ?? 0) < forgivenFor) return;
    this.cameAt.set(id, 0);
    this.failures.set(id, f);
    this.show();
  }

  private came(id: string): void {
    this.cameAt.set(id, Date.now());
    if (this.failures.delete(id)) this.show();
  }

  // show says which map fails, why, and what to do.
  show(): void {
    // A missing tile is no error to the map: one that is all holes shows nothing.
    if (!this.cameAt.has('tiles') && this.map.getSource('tiles')?.type === 'raster' && this.map.isSourceLoaded('tiles')) this.failures.set('tiles', none);
    draw(this.note, ...[...this.failures].map(([id, f]) => el('p', {}, this.told(id, f))),
      this.failures.size ? el('p', {}, both('Peta dasar sendiri tetap dipakai. ', 'The built-in basemap stays in use. '), el('button', { type: 'button', class: 'small', click: () => this.add() }, both('Coba lagi', 'Try again'))) : null);
  }

  private told(id: string, f: Failure): string {
    const why = f === none ? both('tidak punya ubin di sini', 'has no tiles here') : f.status ? `HTTP ${f.status}` : f.name === 'TypeError' ? both('tidak terjangkau', 'is not reached') : both('tidak terbaca', 'cannot be read');
    if (id === 'tiles' && this.setup.tiles) return `▲ ${both('Server ubin', 'Tile server')} ${new URL(this.setup.tiles).host}: ${why}. ${both('Periksa jaringan ke sana dan map.tiles.', 'Check the network to it and map.tiles.')}`;
    const setting = id === 'own' ? 'geojson_file' : 'pmtiles_file';
    return `▲ ${both('Berkas peta', 'Map file')} map.${setting}: ${why}. ${both('Periksa berkasnya di gateway.', 'Check the file on the gateway.')}`;
  }
}

function rasterPaint(): Extract<LayerSpecification, { type: 'raster' }>['paint'] {
  // A light map is dimmed under the dark theme, so that it stays calm.
  return document.documentElement.dataset['theme'] === 'dark' ? { 'raster-brightness-max': 0.55, 'raster-saturation': -0.6 } : { 'raster-saturation': -0.3 };
}

async function addPMTiles(map: MapLibre, url: string, attribution: string, wanted: () => boolean): Promise<void> {
  const { PMTiles, Protocol, TileType } = await import('pmtiles');
  if (!protocol) addProtocol('pmtiles', (protocol = new Protocol()).tile);
  const file = new PMTiles(url);
  protocol.add(file); // in place of one that may remember that the file could not be read
  const header = await file.getHeader();
  const ids = header.tileType === TileType.Mvt ? ((await file.getMetadata()) as { vector_layers?: { id: string }[] }).vector_layers?.map((l) => l.id) ?? [] : null;
  if (!wanted()) return; // begun anew meanwhile
  const under = map.getLayer('own-area') ? 'own-area' : before; // own lines came first and lie above
  if (!ids) {
    map.addSource('tiles', { type: 'raster', url: `pmtiles://${url}`, tileSize: 256, attribution });
    map.addLayer({ id: 'tiles', type: 'raster', source: 'tiles', paint: rasterPaint() }, under);
    return;
  }
  map.addSource('tiles', { type: 'vector', url: `pmtiles://${url}`, attribution });
  for (const layer of vectorLayers(ids)) map.addLayer(layer, under);
}

// vectorLayers draws the layers of a vector map by what their names say they are,
// as the schemas of OpenMapTiles and Protomaps name them.
export function vectorLayers(ids: string[]): LayerSpecification[] {
  const out: LayerSpecification[] = [];
  for (const id of ids) {
    const base = { source: 'tiles', 'source-layer': id };
    if (/water/.test(id) && !/name/.test(id)) out.push({ id: `t-${id}`, type: 'fill', ...base, filter: ['==', ['geometry-type'], 'Polygon'], paint: { 'fill-color': css('--map-water') } });
    else if (/land|park|earth/.test(id)) out.push({ id: `t-${id}`, type: 'fill', ...base, filter: ['==', ['geometry-type'], 'Polygon'], paint: { 'fill-color': css('--map-mid'), 'fill-opacity': 0.35 } });
    else if (/build/.test(id)) out.push({ id: `t-${id}`, type: 'fill', ...base, minzoom: 13, paint: { 'fill-color': css('--map-border'), 'fill-opacity': 0.5 } });
    else if (/road|transport(?!.*name)/.test(id)) out.push({ id: `t-${id}`, type: 'line', ...base, paint: { 'line-color': css('--map-road'), 'line-width': ['interpolate', ['linear'], ['zoom'], 8, 0.5, 14, 2.2] } });
    else if (/bound/.test(id)) out.push({ id: `t-${id}`, type: 'line', ...base, paint: { 'line-color': css('--map-outline'), 'line-width': 1 } });
    else if (/place/.test(id)) out.push({ id: `t-${id}`, type: 'symbol', ...base, layout: { 'text-field': ['get', 'name'], 'text-font': ['sans-serif'], 'text-size': 11 }, paint: { 'text-color': css('--map-district'), 'text-halo-color': css('--map-halo'), 'text-halo-width': 1.2 } });
  }
  return out;
}
