/**
 * The ground that every map stands on: the communes' contours drawn on a canvas, their names where there is room, and
 * the view. Nothing is asked of another host. Loaded only when a map is shown; it alone knows Leaflet, with pins.ts.
 */
import * as L from 'leaflet';
import 'leaflet/dist/leaflet.css';
import './map.css';
import { middleOf, type Geometry, type Point } from '../../domain/ground';
import type { CommuneShapes } from '../../sync/api';

interface Area {
  name: string;
  geometry: Geometry;
  polygon: L.Polygon;
  label: L.Marker | null;
}

/** A letter's width on the map, more or less. */
const LETTER_PX = 7;
const calm = (): boolean => matchMedia('(prefers-reduced-motion: reduce)').matches;

/**
 * The canvas that contours are drawn on. Leaflet forgets a redraw that it asked for when the view moves before it came,
 * and cannot call it off any more when the map goes: it must do no harm then.
 */
const Sheet = L.Canvas.extend({
  _redraw(this: { _ctx?: CanvasRenderingContext2D }): void {
    if (this._ctx !== undefined) redraw.call(this);
  },
}) as unknown as new (options: L.RendererOptions) => L.Canvas;
const { _redraw: redraw } = L.Canvas.prototype as unknown as { _redraw: () => void };

export class Ground {
  readonly map: L.Map;
  #areas: Area[] = [];
  #home: L.LatLngBounds | null = null;
  #stop: (() => void)[] = [];

  constructor(element: HTMLElement, wheel: boolean) {
    const quiet = calm();
    this.map = L.map(element, {
      renderer: new Sheet({ padding: 0.5 }), zoomControl: false, attributionControl: false,
      zoomSnap: 0.25, keyboardPanDelta: 64, minZoom: 5, maxZoom: 18,
      zoomAnimation: !quiet, fadeAnimation: !quiet, markerZoomAnimation: !quiet, inertia: !quiet,
      scrollWheelZoom: wheel,
      // In the middle of a long page a finger scrolls the page, two fingers move the map.
      dragging: wheel || !matchMedia('(pointer: coarse)').matches,
      center: [46.6, 2.4], zoom: 6,
    });
    this.map.createPane('names').style.zIndex = '410';
    this.map.on('zoomend', () => this.#name());
    const dark = matchMedia('(prefers-color-scheme: dark)');
    const redraw = (): void => this.#dress();
    dark.addEventListener('change', redraw);
    const size = new ResizeObserver(() => this.#resize());
    size.observe(element);
    this.#stop.push(() => dark.removeEventListener('change', redraw), () => size.disconnect());
  }

  destroy(): void {
    for (const stop of this.#stop) stop();
    // A glide under way tells of its end after the map is gone: nobody listens any more.
    this.map.stop();
    this.map.off();
    this.map.remove();
  }

  /** Shows the communes, and fits the view to them the first time. */
  draw(shapes: CommuneShapes | null): void {
    for (const area of this.#areas) {
      area.polygon.remove();
      area.label?.remove();
    }
    this.#areas = (shapes?.features ?? []).flatMap(({ properties, geometry }) => {
      const shape = geometry as Geometry | null;
      return shape === null ? [] : [this.#area(properties.name, shape)];
    });
    this.#dress();
    const bounds = L.latLngBounds([]);
    for (const { polygon } of this.#areas) bounds.extend(polygon.getBounds());
    if (bounds.isValid()) this.home(bounds);
  }

  /** What the whole is: the view it begins with, and as far as one may go. */
  home(bounds: L.LatLngBounds): void {
    if (this.#home?.equals(bounds) === true) return;
    this.#home = bounds;
    // Bounds that are set first begin a glide into them, which would go on after the fit and leave the view beside it.
    this.map.setMaxBounds(undefined);
    this.fit(false);
    this.map.setMaxBounds(bounds.pad(1));
    this.map.setMinZoom(Math.max(3, this.map.getZoom() - 1));
    this.#name();
  }
  get hasHome(): boolean {
    return this.#home !== null;
  }

  fit(moving = true): void {
    if (this.#home !== null) this.map.fitBounds(this.#home, { padding: [16, 16], animate: moving && !calm() });
  }
  zoom(by: number): void {
    this.map.setZoom(this.map.getZoom() + by, { animate: !calm() });
  }
  /** Brings a point into view, by as little as possible. */
  reveal({ latitude, longitude }: Point): void {
    this.map.panInside([latitude, longitude], { padding: [72, 72], animate: !calm() });
  }

  #area(name: string, geometry: Geometry): Area {
    const rings = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates;
    const turned = rings.map((part) => part.map((ring) => ring.map(([x = 0, y = 0]) => L.latLng(y, x))));
    const polygon = L.polygon(turned, { smoothFactor: 0.5, interactive: false }).addTo(this.map);
    return { name, geometry, polygon, label: null };
  }

  /** Tokens are read anew, for they follow the theme. */
  #dress(): void {
    const style = getComputedStyle(this.map.getContainer());
    const token = (name: string): string => style.getPropertyValue(name).trim();
    for (const { polygon } of this.#areas) {
      polygon.setStyle({ fillColor: token('--surface'), fillOpacity: 1, color: token('--line'), opacity: 1, weight: 1.25 });
    }
  }

  /** Names stand where they have room. */
  #name(): void {
    if (this.#home === null) return;
    for (const area of this.#areas) {
      const bounds = area.polygon.getBounds();
      const width = this.map.latLngToLayerPoint(bounds.getSouthEast()).x - this.map.latLngToLayerPoint(bounds.getNorthWest()).x;
      const room = longest(area.name) * LETTER_PX + 16;
      const fits = width > room + 8;
      if (!fits) {
        area.label?.remove();
        area.label = null;
      } else if (area.label === null) {
        const at = middleOf(area.geometry);
        if (at === null) continue;
        const text = document.createElement('span');
        text.textContent = area.name;
        text.style.maxWidth = `${room}px`;
        const icon = L.divIcon({ className: 'map-name', html: text, iconSize: [0, 0] });
        area.label = L.marker([at.latitude, at.longitude], { icon, pane: 'names', interactive: false, keyboard: false }).addTo(this.map);
      }
    }
  }

  #resize(): void {
    const before = this.map.getSize();
    this.map.invalidateSize({ animate: false });
    // A map that was hidden had no size to fit to.
    if (before.x === 0 || before.y === 0) this.fit(false);
  }
}

/** A name is set on two lines at most: its longest half. */
function longest(name: string): number {
  return name.length <= 12 ? name.length : Math.max(12, Math.ceil(name.length / 2) + 2);
}
