/**
 * The history of the indicators as it is drawn: four measures of one help over the days, and the place of each point on
 * a plot. A figure that is missing leaves a gap in the line; it is never drawn at 0.
 */
import type { Family } from './generated/schema';
import type { Headlines, Point } from './generated/study';

/** What progress is told by; words under `progress.name_` in the catalogues. */
export const MEASURES = ['described', 'hours', 'reachable', 'gap'] as const;
export type Measure = (typeof MEASURES)[number];
/** Measures that are parts of a whole, from 0 to 1. */
export const isShare = (measure: Measure): boolean => measure === 'described' || measure === 'reachable';

/** The figure of a measure for a help; `null` is missing. */
export function measured(figures: Headlines, measure: Measure, family: Family): number | null {
  switch (measure) {
    case 'described':
      return figures.communes > 0 ? figures.described / figures.communes : null;
    case 'hours':
      return figures.families[family].weeklyHours;
    case 'reachable':
      return figures.families[family].reachable[0] ?? null;
    case 'gap':
      return figures.families[family].gap;
  }
}

/** Whether a figure is the least or the most that it can be, for want of hours that nobody gave. */
export function boundOf(figures: Headlines, measure: Measure, family: Family): 'exact' | 'least' | 'most' {
  if (figures.families[family].unknownCapacity === 0) return 'exact';
  if (measure === 'hours') return 'least';
  return measure === 'gap' && (figures.families[family].gap ?? 0) > 0 ? 'most' : 'exact';
}

/** A figure on a day. */
export interface Dated {
  /** Midnight of the day, in milliseconds. */
  day: number;
  value: number | null;
  name: string | null;
}

export const dayOf = ({ day }: Pick<Point, 'day'>): number => Date.parse(day);

export interface Plot {
  /** The line, a path for each stretch without a gap: a figure holds until the next point. */
  paths: string[];
  dots: { x: number; y: number; at: number }[];
  /** What the top of the plot stands for. */
  top: number;
}

/** Lays points out on a plot, the first at its left edge and the last at its right. */
export function plotOf(points: readonly Dated[], { width, height, top }: { width: number; height: number; top: number | null }): Plot {
  const values = points.flatMap(({ value }) => (value === null ? [] : [value]));
  const most = top ?? ceilingOf(Math.max(0, ...values));
  const [first, last] = [points[0]?.day ?? 0, points.at(-1)?.day ?? 0];
  const x = (day: number): number => tenth(last === first ? width : ((day - first) / (last - first)) * width);
  const y = (value: number): number => tenth(height - (most === 0 ? 0 : value / most) * height);
  const paths: string[] = [];
  const dots: Plot['dots'] = [];
  let path = '';
  for (const [at, { day, value }] of points.entries()) {
    const here = x(day);
    if (path !== '') path += `H${here}`;
    if (value === null) {
      if (path !== '') paths.push(path);
      path = '';
      continue;
    }
    path = path === '' ? `M${here} ${y(value)}` : `${path}V${y(value)}`;
    dots.push({ x: here, y: y(value), at });
  }
  if (path !== '') paths.push(path);
  return { paths, dots, top: most };
}

/** The next number that is pleasant to read: 1, 2 or 5 and noughts. */
export function ceilingOf(value: number): number {
  if (value <= 0) return 1;
  const ten = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5, 10].find((step) => step * ten >= value * (1 - 1e-9)) ?? 10) * ten;
}

const tenth = (pixels: number): number => Math.round(pixels * 10) / 10;
