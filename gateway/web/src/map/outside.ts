// Maps that the configuration adds: a GeoJSON file of roads or boundaries, a
// PMTiles file, or a tile server.
import type { LayerSpecification, Map as MapLibre } from 'maplibre-gl';
import { addProtocol } from 'maplibre-gl';
import type { MapSetup } from '../types';
import { css } from './basemap';

const before = 'borders';
let hasProtocol = false;

export async function addOutside(map: MapLibre, setup: MapSetup): Promise<void> {
  if (setup.tiles) {
    map.addSource('tiles', { type: 'raster', tiles: [setup.tiles], tileSize: 256, maxzoom: 19, attribution: setup.attribution ?? '' });
    map.addLayer({ id: 'tiles', type: 'raster', source: 'tiles', paint: rasterPaint() }, before);
  }
  if (setup.pmtiles) await addPMTiles(map, new URL(setup.pmtiles, location.href).href, setup.attribution);
  if (setup.geojson) {
    map.addSource('own', { type: 'geojson', data: setup.geojson, attribution: setup.attribution ?? '' });
    map.addLayer({ id: 'own-area', type: 'fill', source: 'own', filter: ['==', ['geometry-type'], 'Polygon'], paint: { 'fill-color': css('--map-outline'), 'fill-opacity': 0.06 } }, before);
    map.addLayer({ id: 'own-edge', type: 'line', source: 'own', paint: { 'line-color': css('--map-road'), 'line-width': 1.6 } }, before);
  }
}

function rasterPaint(): Extract<LayerSpecification, { type: 'raster' }>['paint'] {
  // A light map is dimmed under the dark theme, so that it stays calm.
  return document.documentElement.dataset['theme'] === 'dark' ? { 'raster-brightness-max': 0.55, 'raster-saturation': -0.6 } : { 'raster-saturation': -0.3 };
}

async function addPMTiles(map: MapLibre, url: string, attribution = ''): Promise<void> {
  const { PMTiles, Protocol, TileType } = await import('pmtiles');
  if (!hasProtocol) addProtocol('pmtiles', new Protocol().tile);
  hasProtocol = true;
  const file = new PMTiles(url);
  const header = await file.getHeader();
  if (header.tileType !== TileType.Mvt) {
    map.addSource('tiles', { type: 'raster', url: `pmtiles://${url}`, tileSize: 256, attribution });
    map.addLayer({ id: 'tiles', type: 'raster', source: 'tiles', paint: rasterPaint() }, before);
    return;
  }
  map.addSource('tiles', { type: 'vector', url: `pmtiles://${url}`, attribution });
  const meta = (await file.getMetadata()) as { vector_layers?: { id: string }[] };
  for (const layer of vectorLayers((meta.vector_layers ?? []).map((l) => l.id))) map.addLayer(layer, before);
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
