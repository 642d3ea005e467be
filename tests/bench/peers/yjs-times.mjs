// Times by the million, in buckets that are about 2 % wide.

const WIDTH = Math.log(1.02)

export class Times {
  constructor() {
    this.buckets = new Map()
  }

  add(ms) {
    const bucket = Math.round(Math.log(Math.max(ms, 0.001) * 1e3) / WIDTH)
    this.buckets.set(bucket, (this.buckets.get(bucket) ?? 0) + 1)
  }

  // Pairs of microseconds and how often.
  list() {
    return [...this.buckets].map(([bucket, count]) => [Math.round(Math.exp(bucket * WIDTH)), count])
  }
}
