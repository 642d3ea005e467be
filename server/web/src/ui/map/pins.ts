/** Structures on a map: a pin each, gathered into counts where they would hide one another. Loaded with the ground. */
import * as L from 'leaflet';
import Supercluster, { type AnyProps, type ClusterFeature, type PointFeature } from 'supercluster';
import type { Pin } from '../../domain/ground';
import type { Ground } from './ground';

interface Words {
  /** What the list under a pile of pins at one place is called. */
  together: (n: number) => string;
}

/** The hit area of a pin: what a finger needs, wider than what is drawn. */
const TARGET_PX = 48;
const LISTED_MAX = 40;

export class Pins {
  #index: Supercluster<{ pin: Pin }, AnyProps> | null = null;
  #pins: Pin[] = [];
  #selected: string | null = null;
  #markers = new Map<string, L.Marker>();

  constructor(
    private readonly ground: Ground,
    /** The picture of a family, to be copied. */
    private readonly picture: (family: string) => Node | null,
    private readonly select: (id: string) => void,
    private readonly words: Words,
  ) {
    ground.map.on('moveend', () => this.#place());
  }

  show(pins: Pin[], selected: string | null): void {
    const revealed = selected !== this.#selected;
    if (pins !== this.#pins || revealed) {
      this.#pins = pins;
      this.#selected = selected;
      // The selected one stands apart, or a count would hide it.
      const points = pins.filter(({ id }) => id !== selected).map((pin) => ({
        type: 'Feature' as const,
        geometry: { type: 'Point' as const, coordinates: [pin.longitude, pin.latitude] },
        properties: { pin },
      }));
      this.#index = new Supercluster<{ pin: Pin }, AnyProps>({ radius: TARGET_PX + 4, maxZoom: 17 }).load(points);
    }
    if (!this.ground.hasHome && pins.length > 0) {
      const around = L.latLngBounds(pins.map(({ latitude, longitude }) => L.latLng(latitude, longitude)));
      this.ground.home(around.pad(0.1));
    }
    const shown = revealed ? pins.find(({ id }) => id === selected) : undefined;
    if (shown !== undefined) this.ground.reveal(shown);
    this.#place();
  }

  #place(): void {
    if (this.#index === null) return;
    const { map } = this.ground;
    const bounds = map.getBounds().pad(0.2);
    const zoom = Math.round(map.getZoom());
    const found = this.#index.getClusters([bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()], zoom);
    const wanted = new Map<string, () => L.Marker>();
    for (const feature of found) {
      const { properties } = feature as ClusterFeature<AnyProps> | PointFeature<{ pin: Pin }>;
      const [longitude = 0, latitude = 0] = feature.geometry.coordinates;
      if ('cluster' in properties) {
        const { cluster_id: cluster, point_count: count } = properties as { cluster_id: number; point_count: number };
        wanted.set(`${longitude} ${latitude} ${count}`, () => this.#count(cluster, count, [latitude, longitude]));
      } else {
        const { pin } = properties as { pin: Pin };
        wanted.set(key(pin, false), () => this.#pin(pin, false));
      }
    }
    const selected = this.#pins.find(({ id }) => id === this.#selected);
    if (selected !== undefined) wanted.set(key(selected, true), () => this.#pin(selected, true));
    for (const [name, marker] of this.#markers) {
      // A count's number in the index changes with what is shown: it is made anew.
      if (wanted.has(name) && !name.includes(' ')) continue;
      marker.remove();
      this.#markers.delete(name);
    }
    for (const [name, make] of wanted) if (!this.#markers.has(name)) this.#markers.set(name, make().addTo(map));
  }

  #pin(pin: Pin, selected: boolean): L.Marker {
    const [family] = pin.families;
    const face = document.createElement('span');
    face.className = `map-pin ${family ?? 'none'}`;
    if (selected) face.classList.add('selected');
    const picture = this.picture(family ?? '');
    if (picture !== null) face.append(picture);
    if (pin.families.length > 1) {
      const more = document.createElement('span');
      more.className = 'map-more';
      more.textContent = `+${pin.families.length - 1}`;
      face.append(more);
    }
    const marker = this.#marker([pin.latitude, pin.longitude], face, selected ? 1000 : 0);
    marker.bindTooltip(named(pin.name), { direction: 'top', offset: [0, -18], className: 'map-tip' });
    marker.on('click', () => this.select(pin.id));
    return marker;
  }

  #count(cluster: number, count: number, at: L.LatLngTuple): L.Marker {
    const face = document.createElement('span');
    face.className = `map-count ${count >= 100 ? 'many' : count >= 10 ? 'some' : 'few'}`;
    face.textContent = String(count);
    const marker = this.#marker(at, face, 500);
    marker.on('click', () => this.#open(cluster, count, at));
    return marker;
  }

  #marker(at: L.LatLngTuple, face: HTMLElement, above: number): L.Marker {
    const icon = L.divIcon({ className: 'map-target', html: face, iconSize: [TARGET_PX, TARGET_PX] });
    // Keyboards have the list: hundreds of pins are not stops on the way to it.
    return L.marker(at, { icon, keyboard: false, zIndexOffset: above });
  }

  /** Goes nearer until the pile falls apart; places at one and the same address are told as a list. */
  #open(cluster: number, count: number, at: L.LatLngTuple): void {
    const { map } = this.ground;
    const near = this.#index?.getClusterExpansionZoom(cluster) ?? 0;
    if (near <= map.getMaxZoom() - 1) {
      map.setView(at, near, { animate: !matchMedia('(prefers-reduced-motion: reduce)').matches });
      return;
    }
    const leaves = this.#index?.getLeaves(cluster, LISTED_MAX) ?? [];
    const list = document.createElement('ul');
    list.className = 'map-list';
    for (const { properties } of leaves) {
      const item = document.createElement('li');
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = properties.pin.name;
      button.addEventListener('click', () => {
        map.closePopup();
        this.select(properties.pin.id);
      });
      item.append(button);
      list.append(item);
    }
    const title = document.createElement('p');
    title.textContent = this.words.together(count);
    const content = document.createElement('div');
    content.append(title, list);
    L.popup({ maxHeight: 260, className: 'map-popup', closeButton: false }).setLatLng(at).setContent(content).openOn(map);
    list.querySelector('button')?.focus({ preventScroll: true });
  }
}

function key(pin: Pin, selected: boolean): string {
  return [pin.id, selected ? 'selected' : 'pin', pin.latitude, pin.longitude, pin.families.join('+'), pin.name.replaceAll(' ', '_')].join('|');
}

/** A name is text, never markup. */
function named(name: string): HTMLElement {
  const text = document.createElement('span');
  text.textContent = name;
  return text;
}
