/** Who wrote what stands in a field, and whether their clock can be believed. */
import type { Answer, Authorship, Value, Written } from './record';

const DAY_MS = 86_400_000;

/** A time that lies in the future by more than a day comes from a clock that is set wrong. */
export function clockIsOdd(at: number, now: number): boolean {
  return at > now + DAY_MS;
}

/** The latest of the answers at some paths. */
export function latest(authorship: Authorship, paths: readonly string[]): Written | null {
  return newest(paths.flatMap((path) => authorship[path] ?? []));
}

/** The latest of the answers under a prefix (`services/<id>/`). */
export function latestUnder(authorship: Authorship, prefix: string): Written | null {
  return newest(Object.keys(authorship).filter((path) => path.startsWith(prefix)).flatMap((path) => authorship[path] ?? []));
}

function newest(answers: Answer[]): Written | null {
  return answers.reduce<Answer | null>((last, answer) => (last === null || (answer.at ?? 0) > (last.at ?? 0) ? answer : last), null);
}

/** Each value of a conflict with who gave it; who is unknown until it was asked. The one shown now stays first. */
export function answersTo(values: readonly Value[], answers: readonly Answer[]): { value: Value; written: Written | null }[] {
  return values.map((value) => {
    const told = JSON.stringify(value);
    return { value, written: answers.find((answer) => JSON.stringify(answer.value) === told) ?? null };
  });
}
