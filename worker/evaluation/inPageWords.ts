/** Spells options as the page's API does: "--test-days 3" -> "`testDays` 3". */
export function inPageWords(message: string): string {
  return message.replace(/--([a-z]+(?:-[a-z]+)*)/g, (_, name: string) => `\`${camelCase(name)}\``);
}

function camelCase(name: string): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
