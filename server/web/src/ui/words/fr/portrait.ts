export const portrait = {} as const;
