/** Splits "Cameras > Lenses" at ">", or "Cameras/Lenses" at "/" where there is no ">". Spaces around a name do not count. */
export function categoryPath(text: string): string[] {
  return text
    .split(text.includes('>') ? '>' : '/')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

/** Returns the test whether a category is `path` or lies below it. A bare name stands for a path of one. */
export function isUnder(path: string): (category: string) => boolean {
  const wanted = categoryPath(path);
  return (category) => {
    const own = categoryPath(category);
    return wanted.length > 0 && wanted.every((name, depth) => own[depth] === name);
  };
}
